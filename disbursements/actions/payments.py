"""The ledger: a row is recorded, changed, voided. Files first, help after (先建档、后帮扶)."""

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from disbursements.actions.refusals import RefusedError, check_version
from disbursements.models import Disbursement
from households.actions.files import lock as lock_file
from households.models import Enrolment, Household
from povertyaid.audit.history import acting
from povertyaid.audit.models import record

FIELDS = (
    "paid_on", "kind", "form", "amount", "fund_id", "budget_line", "member_id", "household_count",
    "headcount", "quantity", "quantity_unit", "visit_id", "activity_id", "helper_id", "note",
)  # fmt: skip


def lock(row, *, version=None):
    """The ledger's row, held until the transaction ends. Raises StaleError."""
    rows = Disbursement.objects.select_for_update(of=("self",))
    stored = rows.select_related("household", "unit", "programme", "fund").get(pk=row.pk)
    check_version(stored, version)
    return stored


def check(row):
    """Raises RefusedError (`no_file`, `file_closed`, `fund_closed`, `not_of_family`)."""
    if row.household_id:
        check_file(row.household, row.programme, row.paid_on)
    if row.member_id and row.member.household_id != row.household_id:
        raise RefusedError(_("This person is no member of the household."), "not_of_family")
    if row.fund_id and row.fund.closed_on and row.paid_on > row.fund.closed_on:
        raise RefusedError(
            _("This fund was closed on %(day)s. Please choose another."),
            "fund_closed",
            {"day": row.fund.closed_on.isoformat()},
        )


def check_file(household, programme, on):
    """A family gets help while its file is open, in a programme it is enrolled in."""
    enrolment = Enrolment.objects.counted().filter(household=household, programme=programme).first()
    if enrolment is None:
        raise RefusedError(
            _("The household is not in this programme. Please enrol it first, then help."),
            "no_file",
        )
    if household.opened_on and on < household.opened_on:
        raise RefusedError(
            _(
                "The household's file was opened on %(day)s. Nothing is given before; please check "
                "the day."
            ),
            "no_file",
            {"day": household.opened_on.isoformat()},
        )
    if household.closed_on and on > household.closed_on:
        raise RefusedError(
            _(
                "The household's file was closed on %(day)s. Please reopen it first, or check the "
                "day."
            ),
            "file_closed",
            {"day": household.closed_on.isoformat()},
        )


def _told(row):
    return {
        "programme": row.programme.code,
        "aid_kind": row.kind,
        "form": row.form,
        "amount": str(row.amount),
        "on": row.paid_on.isoformat(),
    }


@transaction.atomic
def pay(row, *, by, reason=""):
    """Record an unsaved row. Raises RefusedError of `check`, ValidationError of a constraint."""
    if row.household_id:
        row.household = lock_file(row.household, closed=True)
        row.unit = row.household.unit
    check(row)
    row.recorded_by = by
    row.validate_constraints()
    with acting(by, reason):
        row.save()
        record(row, "aid_recorded", by=by, reason=reason, **_told(row))
    return row


@transaction.atomic
def change(row, *, by, reason="", version=None):
    """Save what the desk changed of a row; to whom it went stays.

    Raises RefusedError (`voided` and those of `check`), StaleError, ValidationError of a constraint.
    """
    stored = lock(row, version=version)
    if not stored.stands:
        raise RefusedError(_("This row has been voided. Please record it anew."), "voided")
    changed = [name for name in FIELDS if getattr(stored, name) != getattr(row, name)]
    if not changed:
        return stored
    for name in changed:
        setattr(stored, name, getattr(row, name))
    check(stored)
    stored.validate_constraints()
    with acting(by, reason):
        stored.version += 1
        stored.save(update_fields=[*changed, "version"])
        told = [name.removesuffix("_id") for name in changed]
        record(stored, "aid_changed", by=by, reason=reason, fields=told, amount=str(stored.amount))
    return stored


@transaction.atomic
def void(row, *, on, by, reason, version=None):
    """The row no longer counts; it stays to be read. Raises RefusedError (`voided`), StaleError."""
    stored = lock(row, version=version)
    if not stored.stands:
        raise RefusedError(_("This row has been voided already."), "voided")
    with acting(by, reason):
        stored.voided_on, stored.void_reason = on, reason
        stored.version += 1
        stored.save(update_fields=["voided_on", "void_reason", "version"])
        record(stored, "aid_voided", by=by, reason=reason, **_told(stored))
    return stored


def go_along(households):
    """Rows follow their household: into another unit, and from a file merged into another.

    What both files say was given stays twice: whether it was one payment, a person has to say.
    """
    into = Household.objects.filter(pk=OuterRef("household")).values("merged_into")
    merged = Disbursement.objects.filter(household__merged_into__in=households)
    Disbursement.objects.filter(pk__in=merged.values("pk")).update(household=Subquery(into))
    unit = Household.objects.filter(pk=OuterRef("household")).values("unit")
    moved = Disbursement.objects.filter(household__in=households)
    moved = moved.exclude(unit=F("household__unit"))
    Disbursement.objects.filter(pk__in=moved.values("pk")).update(unit=Subquery(unit))
