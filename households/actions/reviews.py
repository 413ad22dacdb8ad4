"""Identification and exit: one person proposes with the evidence, another decides."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from households.actions.files import bump, lock
from households.actions.refusals import DecidedAlreadyError, RefusedError, StaleFileError
from households.models import Enrolment, Member, StatusReview
from povertyaid.audit.history import acting
from povertyaid.audit.models import record
from povertyaid.lib.money import cents, format_yuan
from povertyaid.programmes.models import ReferenceValue, Series, Threshold

# How many periods of a series make a year; other series are no income of a person.
PERIODS_A_YEAR = {Series.PER_CAPITA_INCOME: 1, Series.DIBAO_LINE: 12}

MAY_BE_IDENTIFIED = [Enrolment.Status.IDENTIFIED]
MAY_EXIT = [Enrolment.Status.HELPING, Enrolment.Status.RELAPSED]
# From which state a review of a kind leads on.
STATES = {StatusReview.Kind.IDENTIFY: MAY_BE_IDENTIFIED, StatusReview.Kind.EXIT: MAY_EXIT}


@dataclass(frozen=True, slots=True)
class ExitLine:
    """The line a household must reach: `value` in 元 per person and year, `why` says where it
    comes from or, with None, why there is none. Without a `threshold` the decision alone counts.
    """

    value: Decimal | None
    why: str
    threshold: Threshold | None = None

    @property
    def is_required(self):
        return self.threshold is not None

    @property
    def exit_label(self):
        return self.threshold.exit_label if self.threshold else Threshold.ExitLabel.TUOPIN

    def met_by(self, per_capita):
        """True, False, or None where it cannot be checked."""
        if self.value is None or per_capita is None:
            return None
        return per_capita > self.value if self.threshold.strict else per_capita >= self.value


def exit_line(enrolment, year, *, on=None):
    """The exit line of an enrolment for the income of a year, as valid on a day (today).

    An amount is the line itself; a share is that per cent of the lead unit's reference value
    of the income's year. What was not published is not guessed.
    """
    on = on or timezone.localdate()
    programme = enrolment.programme
    lines = [
        line
        for line in programme.thresholds.all()
        if line.category in {enrolment.category, enrolment.category_word}
        and (line.valid_from is None or line.valid_from <= on)
    ]
    if not lines:
        return ExitLine(None, now("This category has no exit line; the decision alone counts."))
    line = max(lines, key=lambda one: (one.valid_from is not None, one.valid_from))
    if line.basis == Threshold.Basis.ABSOLUTE:
        return ExitLine(cents(line.value), now("The programme's line."), line)
    share = {
        "year": year,
        "share": f"{line.value.normalize():f}",
        "series": line.get_series_display(),
    }
    value = ReferenceValue.objects.filter(
        unit=programme.lead_unit_id, series=line.series, year=year
    ).first()
    if value is None:
        return ExitLine(
            None, now("There is no reference value for %(year)s: %(series)s.") % share, line
        )
    if line.series not in PERIODS_A_YEAR:
        return ExitLine(
            None, now("The line rests on a series that is no income of a person."), line
        )
    amount = value.value * PERIODS_A_YEAR[line.series] * line.value / 100
    why = now("%(share)s %% of the reference value of %(year)s: %(series)s.") % share
    return ExitLine(cents(amount), why, line)


@transaction.atomic
def propose_identification(enrolment, *, on, by, note="", snapshot=None, version=None):
    """Propose that a household entered at a desk is helped from now on.

    Raises RefusedError (`wrong_state`, `already_pending`), ClosedFileError, StaleFileError.
    """
    return _propose(
        enrolment, StatusReview.Kind.IDENTIFY,
        on=on, by=by, note=note, snapshot=snapshot, version=version,
    )  # fmt: skip


@transaction.atomic
def propose_exit(enrolment, *, snapshot, on, by, note="", despite="", version=None):
    """Propose that a household has left poverty, resting on an income.

    The line of the day is frozen with the proposal. Where the income does not reach it,
    `despite` must say why the exit is proposed nevertheless; the approver reads it. Raises RefusedError (`wrong_state`,
    `already_pending`, `no_snapshot`, `line_not_met`), ClosedFileError, StaleFileError.
    """
    return _propose(
        enrolment, StatusReview.Kind.EXIT,
        on=on, by=by, note=note, snapshot=snapshot, despite=despite, version=version,
    )  # fmt: skip


def check_proposable(enrolment, kind):
    """Raises RefusedError (`wrong_state`, `already_pending`)."""
    if enrolment.status not in STATES[kind]:
        raise RefusedError(
            _("This cannot be proposed now: the household's state is “%(state)s”."),
            "wrong_state",
            {"state": enrolment.get_status_display()},
        )
    if enrolment.reviews.pending().filter(kind=kind).exists():
        raise RefusedError(
            _("A review of this kind is already waiting for a decision."), "already_pending"
        )


def _propose(given, kind, *, on, by, note, snapshot, version, despite=""):
    household = lock(given.household, version=version)
    enrolment = _locked(given.pk)
    check_proposable(enrolment, kind)
    if snapshot is not None and snapshot.enrolment_id != enrolment.pk:
        raise RefusedError(_("This income belongs to another file."), "no_snapshot")
    line = ExitLine(None, "")
    if kind == StatusReview.Kind.EXIT:
        line = _evidence(enrolment, snapshot, on, despite)
    with acting(by, despite):
        review = StatusReview.objects.create(
            enrolment=enrolment, kind=kind, reviewed_on=on, snapshot=snapshot,
            line_value=line.value, note="\n".join(filter(None, [note, despite])),
            proposed_by=by, proposed_at=timezone.now(),
        )  # fmt: skip
        bump(household)
        record(
            household, "review_proposed", by=by, reason=despite,
            kind=kind, programme=enrolment.programme.code,
        )  # fmt: skip
    return review


def _locked(pk):
    return (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("programme")
        .order_by()
        .get(pk=pk)
    )


def _evidence(enrolment, snapshot, on, despite):
    """The line the snapshot was held against. Refuses what cannot be proposed."""
    if snapshot is None:
        line = exit_line(enrolment, on.year, on=on)
        if line.is_required:
            raise RefusedError(
                _(
                    "This category has an exit line. Please enter the income of the year first, "
                    "then choose it here."
                ),
                "no_snapshot",
            )
        return line
    line = exit_line(enrolment, snapshot.year, on=on)
    if line.met_by(snapshot.per_capita) is False and not despite.strip():
        raise RefusedError(
            _(
                "The income of %(income)s yuan per person does not reach the line of %(line)s yuan. "
                "Please say why the exit is proposed nevertheless."
            ),
            "line_not_met",
            {"income": format_yuan(snapshot.per_capita), "line": format_yuan(line.value)},
        )
    return line


@transaction.atomic
def decide(review, *, approve, by, note="", version=None):
    """Approve or reject a proposal of somebody else; approval sets the household's state at once.

    Raises DecidedAlreadyError to the second of two approvers, RefusedError (`own_proposal`,
    `wrong_state`, `note_needed`), ClosedFileError, StaleFileError.
    """
    household = lock(review.enrolment.household)
    stored = (
        StatusReview.objects.select_for_update(of=("self",))
        .select_related("decided_by", "snapshot")
        .order_by()
        .get(pk=review.pk)
    )
    if stored.decision != StatusReview.Decision.PENDING:
        raise DecidedAlreadyError(stored)
    # After the question above: who comes second is told of the decision, not of a change.
    if version is not None and household.version != version:
        raise StaleFileError(household)
    if stored.proposed_by_id == by.pk:
        raise RefusedError(
            _("Who proposed the review cannot decide it; please ask a colleague."), "own_proposal"
        )
    if not approve and not note.strip():
        raise RefusedError(
            _("Please say why it is rejected, so that the proposer knows what to mend."),
            "note_needed",
        )
    decision = StatusReview.Decision.APPROVED if approve else StatusReview.Decision.REJECTED
    with acting(by, note):
        stored.decision, stored.decision_note = decision, note
        stored.decided_by, stored.decided_at = by, timezone.now()
        stored.save(update_fields=["decision", "decision_note", "decided_by", "decided_at"])
        enrolment = _locked(stored.enrolment_id)
        if approve:
            _apply(enrolment, stored)
        bump(household)
        record(
            household, f"review_{decision}", by=by, reason=note,
            kind=stored.kind, programme=enrolment.programme.code,
        )  # fmt: skip
    return stored


def _apply(enrolment, review):
    if enrolment.status not in STATES[review.kind]:
        raise RefusedError(
            _("The household's state has become “%(state)s” meanwhile; please reject the review."),
            "wrong_state",
            {"state": enrolment.get_status_display()},
        )
    if review.kind == StatusReview.Kind.IDENTIFY:
        enrolment.status = Enrolment.Status.HELPING
        if enrolment.identified_on is None:
            enrolment.identified_on = review.reviewed_on
            enrolment.identified_precision = Member.Precision.DAY
        enrolment.save(update_fields=["status", "identified_on", "identified_precision"])
        return
    line = exit_line(enrolment, review.reviewed_on.year, on=review.reviewed_on)
    enrolment.status = Enrolment.Status.EXITED
    enrolment.exited_on, enrolment.exit_label = review.reviewed_on, line.exit_label
    enrolment.save(update_fields=["status", "exited_on", "exit_label"])
