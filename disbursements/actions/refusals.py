"""What the office does not do with funds and the ledger, each with the sentence that says the way out."""

from django.utils.translation import gettext_lazy as _

from households.actions.refusals import RefusedError

__all__ = ["RefusedError", "StaleError", "check_version"]


class StaleError(RefusedError):
    """Somebody saved the row after it was opened here. `current` is the row now."""

    def __init__(self, current):
        self.current = current
        super().__init__(
            _(
                "A colleague has changed this since you opened it. Please look at how it stands "
                "now and then decide again."
            ),
            "stale",
        )


def check_version(row, version):
    """Raises StaleError if a version was seen and is no longer the current one."""
    if version is not None and row.version != version:
        raise StaleError(row)
