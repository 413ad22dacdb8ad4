"""What the office does with an assignment draft: another helper, out, in again, accept, put away.

Each action locks the draft and counts its version up. Accepting locks helpers, then households, then
pairs, each by key, as every deed about pairs does, and looks again at every line: what changed
meanwhile stays in the draft with a sentence, the rest is paired.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.models import Enrolment, Household
from pairings.actions.drafting import helpers_of, kin_of, loads_of
from pairings.actions.refusals import RefusedError, check_version
from pairings.models import AssignmentDraft, AssignmentLine, Helper, Pairing, PairingHelper
from pairings.models.pairing import TO_BE_PAIRED
from povertyaid.audit.history import acting
from povertyaid.audit.models import record

State, Problem = AssignmentDraft.State, AssignmentLine.Problem
LEAD, MEMBER = PairingHelper.Role.LEAD, PairingHelper.Role.MEMBER
BATCH = 2_000


def lock(draft, *, version=None):
    """The draft's row, held until the transaction ends. Raises StaleError, RefusedError (`settled`)."""
    stored = (
        AssignmentDraft.objects.select_for_update(of=("self",))
        .select_related("unit", "programme", "asked_by__unit")
        .order_by()
        .get(pk=draft.pk)
    )
    check_version(stored, version)
    if not stored.is_open:
        raise RefusedError(
            _("This draft has been accepted or put away; it is not changed any more."), "settled"
        )
    return stored


def bump(stored, *columns):
    stored.version += 1
    stored.save(update_fields=[*columns, "version"])


def _line(stored, line):
    line = stored.lines.select_related("enrolment", "helper").get(pk=line.pk)
    if line.is_done:
        raise RefusedError(
            _("This line has become a pair. Please change the pair itself."), "paired"
        )
    return line


def proposed_of(draft):
    """{helper: lines of the draft that would pair it}."""
    found = Counter()
    found.update(draft.lines.waiting().order_by().values_list("helper", flat=True))
    return found


def full_helpers(draft):
    """Keys of helpers who have no room, with what the draft gives them already."""
    proposed = proposed_of(draft)
    loads = loads_of(helpers_of(draft).values("pk"))
    return {
        key
        for key in {*proposed, *loads}
        if loads.get(key, 0) + proposed[key] >= draft.most_per_helper
    }


@transaction.atomic
def choose(line, *, helper, by, version=None):
    """Another helper takes the place of a line, or the first one does.

    Raises RefusedError (`settled`, `paired`, `full`, `not_offered`, `own_family`, `already_there`),
    StaleError.
    """
    stored = lock(line.draft, version=version)
    line = _line(stored, line)
    if helper.pk == line.helper_id and not line.problem:
        return stored
    if not helpers_of(stored).filter(pk=helper.pk).exists():
        raise RefusedError(
            _("This helper is none of those the draft is about. Please choose another."),
            "not_offered",
        )
    others = stored.lines.filter(enrolment=line.enrolment).exclude(pk=line.pk)
    if others.filter(helper=helper).exists() or _is_on_pair(line.enrolment_id, helper):
        raise RefusedError(
            _("This helper helps the household already. Please choose another."), "already_there"
        )
    household = line.enrolment.household_id
    if helper.pk in kin_of([(helper.pk, helper.id_digest)], [household]).get(household, ()):
        raise RefusedError(
            _(
                "The helper is a member of this family, by the identity number. Nobody helps the "
                "own family; please choose another helper."
            ),
            "own_family",
        )
    load = loads_of([helper.pk]).get(helper.pk, 0)
    after = load + stored.lines.waiting().filter(helper=helper).exclude(pk=line.pk).count() + 1
    if after > stored.most_per_helper:
        raise RefusedError(
            _("This helper has no room: %(n)s households at most. Please choose another."),
            "full",
            {"n": stored.most_per_helper},
        )
    line.helper, line.reason, line.is_by_hand = helper, AssignmentLine.Reason.BY_HAND, True
    line.steps = line.common = None
    line.load_before, line.load_after = load, after
    line.is_out, line.problem = False, Problem.NONE
    line.save()
    bump(stored)
    record(stored, "assignment_changed", by=by, helper=helper.trail_code, household=_code(line))
    return stored


def _is_on_pair(enrolment, helper):
    return PairingHelper.objects.filter(
        pairing__enrolment=enrolment, pairing__ends_on=None, ends_on=None, helper=helper
    ).exists()


def _code(line):
    return line.enrolment.household.code


@transaction.atomic
def take_out(line, *, by, version=None):
    """The line pairs nobody. Raises RefusedError (`settled`, `paired`), StaleError."""
    stored = lock(line.draft, version=version)
    line = _line(stored, line)
    line.is_out = True
    line.save(update_fields=["is_out"])
    bump(stored)
    record(stored, "assignment_changed", by=by, out=True, household=_code(line))
    return stored


@transaction.atomic
def put_back(line, *, by, version=None):
    """The line counts again. Raises RefusedError (`settled`, `paired`, `full`), StaleError."""
    stored = lock(line.draft, version=version)
    line = _line(stored, line)
    if line.helper_id and line.is_out and line.helper_id in full_helpers(stored):
        raise RefusedError(
            _("The helper has been given another household meanwhile. Please choose a helper."),
            "full",
        )
    line.is_out = False
    line.save(update_fields=["is_out"])
    bump(stored)
    record(stored, "assignment_changed", by=by, out=False, household=_code(line))
    return stored


@transaction.atomic
def drop(draft, *, by, version=None):
    """Put the draft away; what it has paired already stays. Raises RefusedError, StaleError."""
    stored = lock(draft, version=version)
    _settle(stored, State.DROPPED, by)
    record(stored, "assignment_dropped", by=by)
    return stored


def _settle(stored, state, by):
    stored.state, stored.settled_at, stored.settled_by = state, timezone.now(), by
    bump(stored, "state", "settled_at", "settled_by")


# ---- accepting


@dataclass(slots=True)
class Standing:
    """What stands at the moment of accepting, for every line that would pair somebody."""

    helpers: dict = field(default_factory=dict)
    enrolments: dict = field(default_factory=dict)
    pairs: dict = field(default_factory=dict)  # enrolment → its pair that stands
    later: set = field(default_factory=set)  # enrolments with a pair of the scheme at that time
    on_pair: set = field(default_factory=set)  # (pair, helper), at that time
    led: set = field(default_factory=set)  # pairs with a lead at that time
    loads: dict = field(default_factory=dict)
    kin: dict = field(default_factory=dict)


def _standing(stored, lines):
    """Lock what the lines are about, helpers first, then households, then pairs; and read it."""
    helper_keys = {line.helper_id for line in lines}
    enrolment_keys = {line.enrolment_id for line in lines}
    found = Standing()
    helpers = Helper.objects.select_for_update(of=("self",)).filter(pk__in=helper_keys)
    found.helpers = {one.pk: one for one in helpers.defer("id_number").order_by("pk")}
    enrolments = Enrolment.objects.filter(pk__in=enrolment_keys)
    households = Household.objects.select_for_update(of=("self",)).order_by("pk").only("pk")
    list(households.filter(enrolments__in=enrolment_keys))
    found.enrolments = {
        one.pk: one
        for one in enrolments.select_related("household__unit").defer(
            "kept", "household__bank_account", "household__note"
        )
    }
    pairs = Pairing.objects.filter(enrolment__in=enrolment_keys)
    held = pairs.filter(ends_on=None).select_for_update(of=("self",)).order_by("-starts_on", "-pk")
    for pair in sorted(held, key=lambda one: (one.scheme != stored.scheme, one.pk)):
        found.pairs.setdefault(pair.enrolment_id, pair)
    found.later = set(
        pairs.filter(scheme=stored.scheme)
        .exclude(ends_on__lte=stored.starts_on)
        .values_list("enrolment", flat=True)
    )
    there = PairingHelper.objects.filter(pairing__in=[one.pk for one in found.pairs.values()])
    for pair, helper, role in there.exclude(ends_on__lte=stored.starts_on).values_list(
        "pairing", "helper", "role"
    ):
        found.on_pair.add((pair, helper))
        if role == LEAD:
            found.led.add(pair)
    found.loads = loads_of(helper_keys)
    found.kin = kin_of(
        [(one.pk, one.id_digest) for one in found.helpers.values()],
        [one.household_id for one in found.enrolments.values()],
    )
    return found


def _problem(line, stored, now, taken):
    """What stands against a line by now; empty where it may be paired."""
    helper, enrolment = now.helpers[line.helper_id], now.enrolments[line.enrolment_id]
    household = enrolment.household
    if not household.unit.path.startswith(stored.unit.path):
        return Problem.MOVED
    if household.status != Household.Status.OPEN or enrolment.status not in TO_BE_PAIRED:
        return Problem.NOT_HELPED
    if helper.left_on is not None:
        return Problem.HAS_LEFT
    if helper.pk in now.kin.get(household.pk, ()):
        return Problem.OWN_FAMILY
    pair = now.pairs.get(enrolment.pk)
    if line.joins:
        if pair is None or (pair.pk, helper.pk) in now.on_pair:
            return Problem.PAIRED
    elif pair is not None or enrolment.pk in now.later:
        return Problem.PAIRED
    if now.loads.get(helper.pk, 0) + taken[helper.pk] >= stored.most_per_helper:
        return Problem.FULL
    return Problem.NONE


@transaction.atomic
def accept(draft, *, by, version=None):
    """Pair what the draft says, in sets; answers (draft, pairs, lines that something stands against).

    Where something stands against a line the draft stays open, with what it is. Raises RefusedError
    (`settled`, `being_made`, `nothing`), StaleError.
    """
    stored = lock(draft, version=version)
    if stored.state != State.READY:
        raise RefusedError(_("The draft is still being made. Please wait a moment."), "being_made")
    lines = list(stored.lines.waiting().order_by("role", "pk"))  # leads before members
    if not lines:
        raise RefusedError(
            _("No line of this draft would pair anybody. Choose helpers, or put it away."),
            "nothing",
        )
    now = _standing(stored, lines)
    # Of a household whose first line this draft has paired before, the others join that pair.
    ours = set(stored.lines.paired().values_list("pairing", flat=True))
    for line in lines:
        pair = now.pairs.get(line.enrolment_id)
        line.joins = line.joins or (pair is not None and pair.pk in ours)
    taken, good, bad = Counter(), [], defaultdict(list)
    for line in lines:
        problem = _problem(line, stored, now, taken)
        if problem:
            bad[problem].append(line.pk)
        else:
            taken[line.helper_id] += 1
            good.append(line)
    with acting(by):
        made = _pair(stored, good, now)
    stored.lines.exclude(problem="").update(problem="")
    for problem, keys in bad.items():
        AssignmentLine.objects.filter(pk__in=keys).update(problem=problem)
    _set_down(good)
    refused = len(lines) - len(good)
    if refused:
        bump(stored)
    else:
        _settle(stored, State.ACCEPTED, by)
    record(
        stored, "assignment_accepted", by=by, programme=stored.programme.code,
        scheme=stored.scheme, on=stored.starts_on.isoformat(), pairs=made, lines=len(good),
        refused=refused,
    )  # fmt: skip
    return stored, made, refused


def _set_down(lines):
    """Which pair each line became, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pairings_assignmentline line SET pairing_id = made.pair"
            "  FROM unnest(%s::bigint[], %s::bigint[]) AS made (line, pair)"
            " WHERE line.id = made.line",
            [[line.pk for line in lines], [line.pairing_id for line in lines]],
        )


def _pair(stored, lines, now):
    """Begin or join the pairs of these lines; answers how many households have a new pair."""
    new, joined, places = {}, {}, []
    for line in lines:
        enrolment = now.enrolments[line.enrolment_id]
        # Nobody was helped before being on file.
        day = max(stored.starts_on, enrolment.identified_on or stored.starts_on)
        if line.joins:
            pair = joined[enrolment.pk] = now.pairs[enrolment.pk]
            day = max(day, pair.starts_on)
        elif enrolment.pk in new:
            pair = new[enrolment.pk]
        else:
            pair = new[enrolment.pk] = Pairing(
                programme_id=stored.programme_id, unit_id=enrolment.household.unit_id,
                enrolment=enrolment, scheme=stored.scheme, starts_on=day,
            )  # fmt: skip
        places.append((line, pair, day))
    Pairing.objects.bulk_create(new.values(), batch_size=BATCH)
    Pairing.objects.filter(pk__in=[one.pk for one in joined.values()]).update(
        version=F("version") + 1
    )
    led = set(now.led)
    made = []
    for line, pair, day in places:
        role = MEMBER if pair.pk in led else LEAD
        led.add(pair.pk)
        line.pairing = pair
        made.append(PairingHelper(pairing=pair, helper_id=line.helper_id, role=role, starts_on=day))
    PairingHelper.objects.bulk_create(made, batch_size=BATCH)
    return len(new)
