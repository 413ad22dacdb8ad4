"""What an assignment draft is made of: read from what stands, worked out, written down in sets."""

from collections import Counter, defaultdict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from households.models import Enrolment, Household, Member
from pairings.assignment.proposing import propose
from pairings.assignment.tree import lineage
from pairings.assignment.wanted import Aim, Carer, Family
from pairings.models import AssignmentDraft, AssignmentLine, Helper, PairingHelper, unpaired
from pairings.models.pairing import TO_BE_PAIRED
from povertyaid.org.models import OrgUnit

#: Whose need cannot wait: they are given a helper first where there are too few.
FIRST = frozenset(
    [
        "deep_hardship", "hardship_worker", "city_hardship", "sudden_hardship",
        "accident_hardship", "dibao", "dibao_poor", "wubao", "wubao_poor",
    ]
)  # fmt: skip
BATCH = 2_000


def households_of(draft):
    """Enrolments that the draft is about: without a helper or, if so asked, with too few."""
    mine = Enrolment.objects.visible_to(draft.asked_by).within(draft.unit)
    mine = mine.filter(programme=draft.programme)
    if draft.of_households:
        mine = mine.filter(category__in=draft.of_households)
    return mine


def helpers_of(draft):
    """Helpers that the draft may name: of the unit, of those below, and of those above it."""
    here = Q(unit__path__startswith=draft.unit.path) | Q(unit__path__in=lineage(draft.unit.path))
    mine = Helper.objects.visible_to(draft.asked_by).on_roster().filter(here)
    mine = mine.filter(programme=draft.programme)
    return mine.filter(category__in=draft.of_helpers) if draft.of_helpers else mine


def loads_of(helpers):
    """{helper: on how many pairs now}."""
    lines = PairingHelper.objects.current().filter(helper__in=helpers)
    return dict(
        lines.order_by().values("helper").annotate(n=Count("pk")).values_list("helper", "n")
    )


def kin_of(helpers, households):
    """{household: helpers who belong, or belonged, to it}."""
    digests = defaultdict(list)
    for key, digest in helpers:
        if digest:
            digests[digest].append(key)
    found = defaultdict(set)
    if digests:
        members = Member.objects.filter(id_digest__in=digests, household__in=households)
        for household, digest in members.order_by().values_list("household", "id_digest"):
            found[household].update(digests[digest])
    return found


def read(draft):
    """(families, carers) as they stand now, and of each family whether it has a pair."""
    helpers = helpers_of(draft)
    told = list(helpers.order_by("pk").values_list("pk", "unit__path", "category", "id_digest"))
    loads = loads_of(helpers.values("pk"))
    carers = [
        Carer(key, path, category, loads.get(key, 0), draft.most_per_helper)
        for key, path, category, _digest in told
    ]
    mine = households_of(draft)
    columns = ("pk", "household", "household__unit__path", "category")
    rows = list(unpaired(mine).order_by("pk").values_list(*columns))
    having = _having_too_few(mine, draft) if draft.fills_up else {}
    if having:
        rows += mine.filter(pk__in=having).order_by("pk").values_list(*columns)
    households = Household.objects.filter(pk__in=[row[1] for row in rows])
    kin = kin_of([(key, digest) for key, _p, _c, digest in told], households.values("pk"))
    families = [
        Family(
            key, path, draft.per_household - len(having.get(key, ())),
            3 if category in FIRST else 1,
            frozenset(kin.get(household, ())) | frozenset(having.get(key, ())),
        )
        for key, household, path, category in rows
    ]  # fmt: skip
    return families, carers, having


def _having_too_few(enrolments, draft):
    """{enrolment: its helpers now} of those with a pair that stands and fewer helpers than asked for."""
    to_be_helped = enrolments.filter(
        status__in=TO_BE_PAIRED, household__status=Household.Status.OPEN
    )
    lines = PairingHelper.objects.filter(
        ends_on=None, pairing__ends_on=None, pairing__enrolment__in=to_be_helped.values("pk")
    )
    found = defaultdict(set)
    for key, helper in lines.order_by().values_list("pairing__enrolment", "helper"):
        found[key].add(helper)
    return {key: who for key, who in found.items() if len(who) < draft.per_household}


def make(draft, progress=None):
    """Work the draft out and write its lines. Made anew after a crash, it finds none of its own.

    Nobody waits for the working out: the draft is held only while its lines are written, and who
    has put it away meanwhile finds none in it.
    """
    draft = AssignmentDraft.objects.select_related("asked_by__unit", "unit").get(pk=draft.pk)
    if draft.state != AssignmentDraft.State.MAKING:
        return draft
    check_may(draft.asked_by)
    if progress:
        progress.stage("reading")
    families, carers, having = read(draft)
    if progress:
        progress.stage("working")
    proposal = propose(families, carers, aim=Aim(draft.aim))
    return _write(draft, families, carers, having, proposal, progress)


def check_may(staff):
    """The power is asked again when the draft is made: it may have been taken away since."""
    if not (staff.is_active and staff.has_perm("pairings.change_pairing")):
        raise ValidationError(_("You may not have assignments proposed any more."))


@transaction.atomic
def _write(draft, families, carers, having, proposal, progress):
    draft = AssignmentDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if draft.state != AssignmentDraft.State.MAKING:
        return draft
    if progress:
        progress.stage("writing", total=len(proposal.matches) + len(proposal.left))
    units = dict(
        OrgUnit.objects.filter(path__in={match.common for match in proposal.matches}).values_list(
            "path", "pk"
        )
    )
    loads = {carer.key: carer.load for carer in carers}
    lines = [
        AssignmentLine(
            draft=draft, enrolment_id=match.family, helper_id=match.helper,
            role="lead" if match.is_first and match.family not in having else "member",
            joins=match.family in having, reason=match.reason.value, steps=match.steps,
            common_id=units.get(match.common), load_before=loads[match.helper],
            load_after=match.load_after,
        )
        for match in proposal.matches
    ]  # fmt: skip
    lines += [
        AssignmentLine(
            draft=draft, enrolment_id=left.family, reason=left.lack.value, joins=left.family in having,
            role="lead" if left.missing == draft.per_household and not nth else "member",
        )
        for left in proposal.left
        for nth in range(left.missing)
    ]  # fmt: skip
    for start in range(0, len(lines), BATCH):
        AssignmentLine.objects.bulk_create(lines[start : start + BATCH])
        if progress:
            progress.to(min(start + BATCH, len(lines)))
    draft.household_count, draft.helper_count = len(families), len(carers)
    draft.loads = {str(load): n for load, n in Counter(one.load for one in carers).items()}
    draft.state = AssignmentDraft.State.READY
    draft.save(update_fields=["household_count", "helper_count", "loads", "state"])
    if progress:
        progress.finish()
    return draft
