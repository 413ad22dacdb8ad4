"""Showing one personal value in clear: first the entry, then the value."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from households.actions.refusals import RefusedError
from povertyaid.audit.models import Entry, record

# What may be shown of a row, by the name its model has.
REVEALABLE = {
    "member": ["id_number", "former_id_number", "phone"],
    "household": ["bank_account", "phone"],
}


def reveal(row, field, *, reason, by):
    """The value of a member's or household's personal field, once who looks and why is kept.

    Raises RefusedError (`reason_needed`), KeyError or ValueError for a field that is not personal.
    """
    fields = REVEALABLE[row._meta.model_name]
    fields.index(field)
    if not reason.strip():
        raise RefusedError(
            _("Please say what the number is needed for; the reason is recorded."),
            "reason_needed",
        )
    # Not joined to a surrounding transaction that could be undone: a look cannot be.
    with transaction.atomic(durable=True):
        record(row, Entry.REVEALED, by=by, reason=reason, field=field)
    return getattr(row, field)
