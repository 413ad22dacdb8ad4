"""Why a step of an import cannot be taken: each a sentence for the clerk."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from households.roster.sentences import refusal_of


class NotARosterError(ValidationError):
    """The file is none that can be imported. `reading` says why."""

    def __init__(self, reading):
        self.reading = reading
        super().__init__(refusal_of(reading), code=reading.outcome)


class SettledError(ValidationError):
    """The roster was imported or discarded already."""

    def __init__(self, roster):
        self.roster = roster
        super().__init__(
            _("This roster has already been imported or discarded; nothing was done again."),
            code="settled",
        )


class BusyError(ValidationError):
    """Something is being done with the roster right now."""

    def __init__(self):
        super().__init__(
            _("This roster is being worked on. Please wait until that has ended."), code="busy"
        )


class FileGoneError(ValidationError):
    """The kept file is no longer in the data folder."""

    def __init__(self):
        super().__init__(
            _("The file of this roster is no longer kept here. Please bring the roster again."),
            code="file_gone",
        )


class OvertakenError(ValidationError):
    """Somebody changed the same files at the same moment; nothing was written."""

    def __init__(self):
        super().__init__(
            _(
                "A colleague changed some of these files at the same moment, so nothing was "
                "imported. Please try again."
            ),
            code="overtaken",
        )


class UndecidedError(ValidationError):
    """Something has to be looked at before the roster can go in."""


class HeadingsError(ValidationError):
    """The columns as chosen make no roster."""


class NotImportedError(ValidationError):
    """Only what was imported can be undone."""

    def __init__(self):
        super().__init__(
            _("This roster was not imported, or has been undone already."), code="not_imported"
        )
