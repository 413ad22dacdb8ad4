"""Funds and what comes into them: opened, changed, closed; recorded, taken back."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from disbursements.actions.refusals import RefusedError, check_version
from disbursements.models import Fund, FundInflow
from povertyaid.audit.history import acting
from povertyaid.audit.models import record

FIELDS = ("name", "kind", "note")


def lock(fund, *, version=None):
    """The fund's row, held until the transaction ends. Raises StaleError."""
    stored = Fund.objects.select_for_update(of=("self",)).select_related("unit").get(pk=fund.pk)
    check_version(stored, version)
    return stored


@transaction.atomic
def open_fund(fund, *, by, reason=""):
    """Keep an unsaved fund. Raises ValidationError of a constraint."""
    fund.validate_constraints()
    with acting(by, reason):
        fund.save()
        record(fund, "fund_opened", by=by, reason=reason)
    return fund


@transaction.atomic
def change(fund, *, by, reason="", version=None):
    """Save what the desk changed of a fund. Raises StaleError, ValidationError of a constraint."""
    stored = lock(fund, version=version)
    changed = [name for name in FIELDS if getattr(stored, name) != getattr(fund, name)]
    if not changed:
        return stored
    for name in changed:
        setattr(stored, name, getattr(fund, name))
    stored.validate_constraints()
    with acting(by, reason):
        stored.version += 1
        stored.save(update_fields=[*changed, "version"])
        record(stored, "fund_changed", by=by, reason=reason, fields=changed)
    return stored


@transaction.atomic
def close(fund, *, on, by, reason, version=None):
    """Nothing is paid from the fund after that day. Raises RefusedError (`closed`), StaleError."""
    stored = lock(fund, version=version)
    if not stored.is_open:
        raise RefusedError(_("This fund is closed already."), "closed")
    later = stored.disbursements.counted().filter(paid_on__gt=on).order_by("-paid_on").first()
    if later is not None:
        raise RefusedError(
            _("Something was paid from this fund on %(day)s. It cannot be closed before that day."),
            "paid_later",
            {"day": later.paid_on.isoformat()},
        )
    with acting(by, reason):
        stored.closed_on = on
        stored.version += 1
        stored.save(update_fields=["closed_on", "version"])
        record(stored, "fund_closed", by=by, reason=reason, on=on.isoformat())
    return stored


@transaction.atomic
def reopen(fund, *, by, reason, version=None):
    """The closing is taken back. Raises RefusedError (`open`), StaleError."""
    stored = lock(fund, version=version)
    if stored.is_open:
        raise RefusedError(_("This fund is open."), "open")
    with acting(by, reason):
        stored.closed_on = None
        stored.version += 1
        stored.save(update_fields=["closed_on", "version"])
        record(stored, "fund_reopened", by=by, reason=reason)
    return stored


@transaction.atomic
def receive(inflow, *, by, reason=""):
    """Record an unsaved inflow. Raises RefusedError (`closed`), ValidationError of a constraint."""
    fund = lock(inflow.fund)
    if not fund.is_open:
        raise RefusedError(_("This fund is closed. Please reopen it or choose another."), "closed")
    inflow.recorded_by = by
    inflow.validate_constraints()
    with acting(by, reason):
        inflow.save()
        record(
            inflow, "inflow_recorded", by=by, reason=reason, programme=inflow.programme.code,
            inflow_kind=inflow.kind, amount=str(inflow.amount), on=inflow.received_on.isoformat(),
        )  # fmt: skip
    return inflow


@transaction.atomic
def take_back(inflow, *, on, by, reason):
    """The inflow was entered by mistake. Raises RefusedError (`voided`)."""
    rows = FundInflow.objects.select_for_update(of=("self",)).select_related("fund__unit")
    stored = rows.get(pk=inflow.pk)
    if not stored.counts:
        raise RefusedError(_("This inflow has been taken back already."), "voided")
    with acting(by, reason):
        stored.voided_on, stored.void_reason = on, reason
        stored.save(update_fields=["voided_on", "void_reason"])
        record(stored, "inflow_taken_back", by=by, reason=reason, amount=str(stored.amount))
    return stored.fund
