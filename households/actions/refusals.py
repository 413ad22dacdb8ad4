"""What the office does not do, each with the sentence that says why and the way out."""

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

__all__ = [
    "ClosedFileError",
    "DecidedAlreadyError",
    "PersonElsewhereError",
    "RefusedError",
    "StaleFileError",
]


class RefusedError(ValidationError):
    """An action that is refused. `code` names the rule; the message is for the clerk."""

    def __init__(self, message, code, params=None):
        super().__init__(message, code=code, params=params)


class ClosedFileError(RefusedError):
    """A closed file is read, not changed."""

    def __init__(self):
        super().__init__(
            _("This file is closed. Please reopen it first, then make the change."), "closed"
        )


class StaleFileError(RefusedError):
    """Somebody saved the file after it was opened here. `current` is its version now."""

    def __init__(self, current):
        self.current = current
        super().__init__(
            _(
                "A colleague has changed this file since you opened it. Please look at the change "
                "and then decide again."
            ),
            "stale",
        )


class DecidedAlreadyError(RefusedError):
    """Of two approvers at one moment, this is the second."""

    def __init__(self, review):
        self.review = review
        super().__init__(
            _(
                "%(name)s has already decided this review on %(at)s: %(decision)s. "
                "Your decision was not saved."
            ),
            "decided",
            {
                "name": review.decided_by.full_name,
                "at": f"{timezone.localtime(review.decided_at):%Y-%m-%d %H:%M}",
                "decision": review.get_decision_display(),
            },
        )


class PersonElsewhereError(RefusedError):
    """A person is in an open household already. `held` is {member: household_id}.

    Names nobody: what may be told depends on who asks (`households/forms/elsewhere.py`).
    """

    def __init__(self, held):
        self.held = held
        super().__init__(
            _("A person of this family is already in another open file."), "person_elsewhere"
        )
