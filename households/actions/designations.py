"""Official statuses and certificates of a family: given from a day, ended on a day."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from households.actions.files import bump, lock
from households.actions.refusals import RefusedError
from households.models import Designation
from povertyaid.audit.history import acting
from povertyaid.audit.models import record


@transaction.atomic
def add(household, *, kind, valid_from, by, reason="", member=None, version=None, **fields):
    """Give the household, or one member, a status. `fields`: number, issuer, valid_to.

    Raises RefusedError (`not_a_member`), ClosedFileError, StaleFileError.
    """
    stored = lock(household, version=version)
    if member is not None and member.household_id != stored.pk:
        raise RefusedError(_("This person is not a member of the family."), "not_a_member")
    designation = Designation(
        household=stored, member=member, kind=kind, valid_from=valid_from, **fields
    )
    designation.validate_constraints()
    with acting(by, reason):
        designation.save()
        bump(stored)
        record(stored, "status_added", by=by, reason=reason, kind=kind)
    return designation


@transaction.atomic
def end(designation, *, on, by, reason="", version=None):
    """The status holds no longer than a day.

    Raises RefusedError (`ended`, `before_start`), ClosedFileError, StaleFileError.
    """
    household = lock(designation.household, version=version)
    stored = Designation.objects.get(pk=designation.pk)
    if stored.valid_to is not None and stored.valid_to <= on:
        raise RefusedError(
            _("This status has already ended on %(day)s."),
            "ended",
            {"day": stored.valid_to.isoformat()},
        )
    if on < stored.valid_from:
        raise RefusedError(
            _("The last day must not lie before the first day, %(day)s."),
            "before_start",
            {"day": stored.valid_from.isoformat()},
        )
    with acting(by, reason):
        stored.valid_to = on
        stored.save(update_fields=["valid_to"])
        bump(household)
        record(household, "status_ended", by=by, reason=reason, kind=stored.kind)
    return stored
