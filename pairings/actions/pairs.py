"""Pairs from the first day to the last: made, joined, handed over, released, ended, taken up again.

Each action locks the pair and counts its version up. Rows are locked in one order, helpers first,
then households, then pairs by key: two who hand over the same pairs wait for one another, and the
second is told what the first did.
"""

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from households.actions.files import lock as lock_file
from households.models import Enrolment, Household
from pairings.actions import helpers
from pairings.actions.refusals import RefusedError, StaleError, check_version
from pairings.models import Pairing, PairingHelper
from povertyaid.audit.history import acting
from povertyaid.audit.models import record

LEAD, MEMBER = PairingHelper.Role.LEAD, PairingHelper.Role.MEMBER


def lock(pairing, *, version=None):
    """The pair's row, held until the transaction ends. Raises StaleError."""
    stored = (
        Pairing.objects.select_for_update(of=("self",))
        .select_related("unit", "programme", "enrolment__household", "target_unit")
        .order_by()
        .get(pk=pairing.pk)
    )
    check_version(stored, version)
    return stored


def bump(stored, *columns):
    stored.version += 1
    stored.save(update_fields=[*columns, "version"])


# ---- what is refused


def check_helper(helper, on, programme):
    """Raises RefusedError (`has_left`, `other_programme`) where the helper cannot begin that day."""
    if helper.programme_id != programme.pk:
        raise RefusedError(
            _("This helper is on the roster of another programme. Please choose one of this."),
            "other_programme",
        )
    if helper.left_on is not None:
        raise RefusedError(
            _(
                "This helper has left, on %(day)s. Please choose another, or put the helper back "
                "on the roster."
            ),
            "has_left",
            {"day": helper.left_on.isoformat()},
        )


def check_day(enrolment, on):
    """Raises RefusedError (`before_enrolment`, `after_exit`, `removed`) for a day without help."""
    if enrolment.status == Enrolment.Status.REMOVED:
        raise RefusedError(
            _("The household was removed from the programme as not poor; it is not paired."),
            "removed",
        )
    if enrolment.identified_on and on < enrolment.identified_on:
        raise RefusedError(
            _("The household was identified on %(day)s. It cannot be paired before that day."),
            "before_enrolment",
            {"day": enrolment.identified_on.isoformat()},
        )
    if enrolment.exited_on and on > enrolment.exited_on:
        raise RefusedError(
            _("The household left poverty on %(day)s. It cannot be paired after that day."),
            "after_exit",
            {"day": enrolment.exited_on.isoformat()},
        )


def _check_stands(stored):
    if not stored.stands:
        raise RefusedError(
            _("This pair ended on %(day)s. Please take it up again first."),
            "ended",
            {"day": stored.ends_on.isoformat()},
        )


def _check_not_before(on, day):
    if on < day:
        raise RefusedError(
            _("This began on %(day)s; nothing of it ends or changes before that day."),
            "before_start",
            {"day": day.isoformat()},
        )


def _line_of(stored, helper):
    line = stored.lines.filter(helper=helper, ends_on=None).first()
    if line is None:
        raise RefusedError(_("This helper is not on the pair any more."), "not_on_pair")
    return line


def _check_free(stored, helper, on):
    """Nobody is on one pair twice at a time: neither now nor, where the day lies back, then."""
    overlapping = stored.lines.filter(helper=helper).exclude(ends_on__lte=on)
    if overlapping.exists():
        raise RefusedError(
            _("This helper is on the pair at that time already. Please choose another."),
            "already_on_pair",
        )


def _family_of(stored):
    return [stored.enrolment.household_id] if stored.enrolment_id else []


# ---- pairing


@transaction.atomic
def pair(enrolment, *, helper, scheme, on, by, area=None, note="", reason=""):
    """Pair a household of a programme with a helper, who leads the pair.

    Raises RefusedError (`has_left`, `other_programme`, `own_family`, `removed`,
    `before_enrolment`, `after_exit`, `already_paired`), ClosedFileError.
    """
    return pair_several(
        [enrolment], helper=helper, scheme=scheme, on=on, by=by, area=area, note=note, reason=reason
    )[0]


@transaction.atomic
def pair_several(enrolments, *, helper, scheme, on, by, area=None, note="", reason=""):
    """Pair several households with one helper: all of them, or none. Raises as `pair` does."""
    helper = helpers.lock(helper)
    made = []
    keys = {one.household_id: one.pk for one in enrolments}
    with acting(by, reason):
        for household_id in sorted(keys):
            household = lock_file(Household(pk=household_id))
            enrolment = Enrolment.objects.select_related("programme").get(pk=keys[household_id])
            enrolment.household = household
            check_helper(helper, on, enrolment.programme)
            check_day(enrolment, on)
            helpers.check_not_kin(helper, [household_id])
            stored = Pairing(
                programme=enrolment.programme, unit=household.unit, enrolment=enrolment,
                scheme=scheme, area=area, starts_on=on,
            )  # fmt: skip
            _check_unpaired(stored, Pairing.objects.filter(enrolment=enrolment))
            made.append(_begin(stored, helper, on, note, by, reason))
    return made


@transaction.atomic
def pair_unit(unit, *, helper, scheme, on, by, note="", reason=""):
    """Pair a unit in difficulty, or a village, with a helper.

    Raises RefusedError (`has_left`, `closed_unit`, `already_paired`).
    """
    helper = helpers.lock(helper)
    check_helper(helper, on, helper.programme)
    if not unit.is_open:
        raise RefusedError(_("This unit is closed. Please choose another."), "closed_unit")
    stored = Pairing(
        programme=helper.programme, unit=unit, target_unit=unit, scheme=scheme, starts_on=on
    )
    there = Pairing.objects.filter(programme=helper.programme, target_unit=unit)
    _check_unpaired(stored, there)
    with acting(by, reason):
        return _begin(stored, helper, on, note, by, reason)


def _check_unpaired(stored, others):
    """One pair of a scheme at a time: neither one that stands nor one that ends later."""
    there = others.filter(scheme=stored.scheme).exclude(ends_on__lte=stored.starts_on).first()
    if there is not None:
        raise RefusedError(
            _(
                "%(target)s has a pair of this scheme since %(day)s. Please let the helper join "
                "that pair, or end it first."
            ),
            "already_paired",
            {"target": stored.trail_code, "day": there.starts_on.isoformat()},
        )


def _begin(stored, helper, on, note, by, reason):
    stored.validate_constraints()
    stored.save()
    stored.lines.create(helper=helper, role=LEAD, starts_on=on, note=note)
    record(
        stored, "paired", by=by, reason=reason,
        programme=stored.programme.code, scheme=stored.scheme, helper=helper.trail_code,
        on=on.isoformat(),
    )  # fmt: skip
    return stored


# ---- who is on a pair


@transaction.atomic
def join(pairing, *, helper, on, by, role=MEMBER, note="", reason="", version=None):
    """Another helper joins a pair that stands.

    Raises RefusedError (`ended`, `before_start`, `has_left`, `own_family`, `already_on_pair`,
    `has_lead`), StaleError.
    """
    helper = helpers.lock(helper)
    stored = lock(pairing, version=version)
    _check_stands(stored)
    _check_not_before(on, stored.starts_on)
    check_helper(helper, on, stored.programme)
    helpers.check_not_kin(helper, _family_of(stored))
    _check_free(stored, helper, on)
    if role == LEAD and stored.lines.filter(role=LEAD).exclude(ends_on__lte=on).exists():
        raise RefusedError(
            _(
                "The pair has a lead at that time. Please add the helper as a member, or hand the "
                "pair over."
            ),
            "has_lead",
        )
    with acting(by, reason):
        stored.lines.create(helper=helper, role=role, starts_on=on, note=note)
        bump(stored)
        record(
            stored, "pair_joined", by=by, reason=reason,
            helper=helper.trail_code, part_in_pair=role, on=on.isoformat(),
        )  # fmt: skip
    return stored


@transaction.atomic
def release(pairing, *, helper, on, by, reason="", version=None):
    """One of several helpers leaves the pair on a day; the others stay.

    Raises RefusedError (`ended`, `not_on_pair`, `last_helper`, `before_start`), StaleError.
    """
    stored = lock(pairing, version=version)
    _check_stands(stored)
    line = _line_of(stored, helper)
    if stored.lines.filter(ends_on=None).count() == 1:
        raise RefusedError(
            _(
                "This is the only helper of the pair. Please hand the pair over to another, or "
                "end it."
            ),
            "last_helper",
        )
    _check_not_before(on, line.starts_on)
    with acting(by, reason):
        line.ends_on = on
        line.save(update_fields=["ends_on"])
        bump(stored)
        record(
            stored, "helper_released", by=by, reason=reason,
            helper=helper.trail_code, on=on.isoformat(),
        )  # fmt: skip
    return stored


@transaction.atomic
def hand_over(pairing, *, helper, to, on, by, note="", reason="", version=None):
    """Another takes the helper's place on a pair, in the same part, from that day on.

    Raises RefusedError (`ended`, `not_on_pair`, `before_start`, `has_left`, `own_family`,
    `already_on_pair`), StaleError.
    """
    to = helpers.lock(to)
    stored = lock(pairing, version=version)
    _check_stands(stored)
    line = _line_of(stored, helper)
    _check_not_before(on, line.starts_on)
    check_helper(to, on, stored.programme)
    helpers.check_not_kin(to, _family_of(stored))
    _check_free(stored, to, on)
    with acting(by, reason):
        line.ends_on = on
        line.save(update_fields=["ends_on"])
        stored.lines.create(helper=to, role=line.role, starts_on=on, note=note)
        bump(stored)
        record(
            stored, "pair_handed_over", by=by, reason=reason,
            helper=helper.trail_code, to=to.trail_code, on=on.isoformat(),
        )  # fmt: skip
    return stored


@transaction.atomic
def hand_over_all(helper, *, to, on, by, note="", reason="", version=None):
    """Another takes the helper's place on every pair that stands and `by` may see; answers how many.

    A number of statements that the number of pairs does not change. Raises RefusedError
    (`same_helper`, `no_pairs`, `before_start`, `has_left`, `own_family`, `already_on_pair`),
    StaleError where somebody has decided about the helper since `version`.
    """
    if helper.pk == to.pk:
        raise RefusedError(_("Please choose another helper than this one."), "same_helper")
    locked = {one.pk: one for one in map(helpers.lock, sorted([helper, to], key=lambda h: h.pk))}
    stored, to = locked[helper.pk], locked[to.pk]
    if version is not None and stored.version != version:
        raise StaleError(stored)
    lines = list(_standing_lines(stored, by))
    if not lines:
        raise RefusedError(_("This helper has no pair to hand over."), "no_pairs")
    keys = [line.pairing_id for line in lines]
    _check_not_before(on, max(line.starts_on for line in lines))
    check_helper(to, on, stored.programme)
    families = Pairing.objects.filter(pk__in=keys, enrolment__isnull=False)
    helpers.check_not_kin(to, list(families.values_list("enrolment__household_id", flat=True)))
    both = PairingHelper.objects.filter(pairing__in=keys, helper=to).exclude(ends_on__lte=on)
    if n := both.count():
        raise RefusedError(
            _(
                "The other helper is on %(n)s of these pairs already. Please release one of the "
                "two there first."
            ),
            "already_on_pair",
            {"n": n},
        )
    with acting(by, reason):
        PairingHelper.objects.filter(pk__in=[line.pk for line in lines]).update(ends_on=on)
        PairingHelper.objects.bulk_create(
            PairingHelper(
                pairing_id=line.pairing_id, helper=to, role=line.role, starts_on=on, note=note
            )
            for line in lines
        )
        Pairing.objects.filter(pk__in=keys).update(version=F("version") + 1)
        helpers.bump(stored)
        record(
            stored, "pairs_handed_over", by=by, reason=reason,
            to=to.trail_code, pairs=len(keys), on=on.isoformat(),
        )  # fmt: skip
    return len(keys)


def _standing_lines(helper, by):
    """The helper's lines that have no end, their pairs held until the transaction ends."""
    keys = helper.lines.filter(ends_on=None).values("pairing")
    held = Pairing.objects.visible_to(by).select_for_update(of=("self",)).filter(pk__in=keys)
    held = list(held.order_by("pk").values_list("pk", flat=True))
    return helper.lines.filter(ends_on=None, pairing__in=held).order_by("pairing_id")


# ---- ending


@transaction.atomic
def end(pairing, *, on, end_reason, by, reason="", version=None):
    """The pair ends on a day, and with it the time of everybody on it.

    Raises RefusedError (`ended`, `before_start`), StaleError.
    """
    stored = lock(pairing, version=version)
    _check_stands(stored)
    standing = stored.lines.filter(ends_on=None)
    latest = max([stored.starts_on, *standing.values_list("starts_on", flat=True)])
    _check_not_before(on, latest)
    with acting(by, reason):
        standing.update(ends_on=on)
        stored.ends_on, stored.end_reason = on, end_reason
        bump(stored, "ends_on", "end_reason")
        record(stored, "pair_ended", by=by, reason=reason, on=on.isoformat(), end_reason=end_reason)
    return stored


@transaction.atomic
def reopen(pairing, *, by, reason, version=None):
    """The end is taken back: the pair stands again with those who were on it at the end.

    Raises RefusedError (`stands`, `already_paired`), ClosedFileError, StaleError.
    """
    if pairing.enrolment_id:
        lock_file(pairing.enrolment.household)
    stored = lock(pairing, version=version)
    if stored.stands:
        raise RefusedError(_("This pair stands; it has not ended."), "stands")
    others = Pairing.objects.filter(
        enrolment=stored.enrolment_id,
        target_unit=stored.target_unit_id,
        programme=stored.programme_id,
        scheme=stored.scheme,
    )
    if others.exclude(pk=stored.pk).exclude(ends_on__lte=stored.ends_on).exists():
        raise RefusedError(
            _("There is another pair of this scheme since. This one stays ended."),
            "already_paired",
        )
    with acting(by, reason):
        stored.lines.filter(ends_on=stored.ends_on).update(ends_on=None)
        stored.ends_on, stored.end_reason = None, Pairing.EndReason.NONE
        bump(stored, "ends_on", "end_reason")
        record(stored, "pair_reopened", by=by, reason=reason)
    return stored


def go_along(households):
    """Pairs lie in the unit of their household, also after its file was moved."""
    unit = Household.objects.filter(enrolments=OuterRef("enrolment")).values("unit")
    moved = Pairing.objects.filter(enrolment__household__in=households)
    moved = moved.exclude(unit=F("enrolment__household__unit"))
    Pairing.objects.filter(pk__in=moved.values("pk")).update(unit=Subquery(unit))
