"""What a household had to live on, year by year, as evidence for reviews."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from households.actions.files import bump, lock
from households.actions.refusals import RefusedError
from households.models import IncomeSnapshot
from povertyaid.audit.history import acting
from povertyaid.audit.models import record

FIELDS = [
    "stage", "year", "persons", "wages", "business", "property", "transfers", "operating_costs",
    "unavoidable", "stated_net", "source",
]  # fmt: skip


@transaction.atomic
def add(enrolment, *, by, reason="", version=None, confirmed=(), **fields):
    """Add the income of a stage and year; `fields` are those of IncomeSnapshot, in 元 a year.

    Raises RefusedError (`income_once_per_stage_and_year`), ClosedFileError, StaleFileError.
    """
    household = lock(enrolment.household, version=version)
    snapshot = IncomeSnapshot(enrolment=enrolment, **fields)
    snapshot.validate_constraints()
    with acting(by, reason):
        snapshot.save()
        bump(household)
        record(
            household, "income_added", by=by, reason=reason, stage=snapshot.stage,
            year=snapshot.year, confirmed=sorted(confirmed),
        )  # fmt: skip
    return snapshot


@transaction.atomic
def change(snapshot, *, by, reason="", version=None, confirmed=(), **fields):
    """Change an income that no approved review rests on; answer it as it is now.

    Raises RefusedError (`evidence`), ClosedFileError, StaleFileError.
    """
    household = lock(snapshot.enrolment.household, version=version)
    stored = IncomeSnapshot.objects.get(pk=snapshot.pk)
    if is_evidence(stored):
        raise RefusedError(
            _(
                "An approved review rests on this income, so it stays as it was. "
                "Please enter the new figures as an income of another stage or year."
            ),
            "evidence",
        )
    changed = [name for name, value in fields.items() if getattr(stored, name) != value]
    for name in changed:
        setattr(stored, name, fields[name])
    if not changed:
        return stored
    stored.validate_constraints()
    with acting(by, reason):
        stored.save(update_fields=changed)
        bump(household)
        record(
            household, "income_changed", by=by, reason=reason, stage=stored.stage,
            year=stored.year, fields=changed, confirmed=sorted(confirmed),
        )  # fmt: skip
    return stored


def is_evidence(snapshot):
    """Whether an approved review rests on it."""
    return snapshot.reviews.approved().exists()
