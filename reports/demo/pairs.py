"""Who helps the households of the demonstration: cadres and big growers of each farm, paired by lot.

Written with the days they belong to, like the files: a pair of 2011 began in 2011. The numbers are
those that were printed, 130余 helpers and three modes: 一帮一, 一帮多, 二帮一.
"""

import datetime
from collections import defaultdict

from django.db import transaction

from households.models import Enrolment
from pairings.models import Helper, Pairing, PairingHelper
from povertyaid.audit.history import acting
from povertyaid.audit.models import record
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.programmes.models import Programme
from reports.demo.hands import Hands
from reports.demo.helping import named
from reports.demo.people import FEMALE, MALE, Registry, lot

HELPERS = 136
GROWERS_OF_TEN = 4
EVERY_NTH_HAS_TWO = 12
LEFT_ON = datetime.date(2012, 7, 2)
POSTS = ("副场长", "工会主席", "科长", "副科长", "管理区主任", "党支部书记", "社区主任")


@transaction.atomic
def pair_up(programme: Programme, registry: Registry, hands: Hands) -> None:
    """Helpers and pairs of the households on file, farm by farm; nothing where there are any."""
    if Helper.objects.filter(programme=programme).exists():
        return
    by_farm: dict[str, list[Enrolment]] = defaultdict(list)
    enrolments = Enrolment.objects.counted().filter(
        programme=programme, household__status="open", identified_on__isnull=False
    )
    for enrolment in enrolments.select_related("household__unit").order_by("household__code"):
        by_farm[enrolment.household.unit.path.strip("/").split("/")[1]].append(enrolment)
    numbers = shared_out({farm: len(theirs) for farm, theirs in by_farm.items()}, HELPERS)
    for farm, theirs in sorted(by_farm.items()):
        clerk, unit = hands.clerk(farm), OrgUnit.objects.get(code=farm)
        with acting(clerk):
            _pair_farm(programme, unit, theirs, numbers[farm], registry)
            record(
                unit, "paired", by=clerk, programme=programme.code,
                scheme=Pairing.Scheme.ONE_TO_ONE, pairs=len(theirs),
            )  # fmt: skip


def shared_out(households: dict[str, int], helpers: int) -> dict[str, int]:
    """So many helpers over the farms in proportion to their households, to the last one."""
    whole = sum(households.values())
    shares = {farm: max(1, helpers * n // whole) for farm, n in households.items()}
    for farm in sorted(households, key=lambda one: (-households[one], one)):
        if sum(shares.values()) >= helpers:
            break
        shares[farm] += 1
    return shares


def _pair_farm(
    programme: Programme, farm: OrgUnit, theirs: list[Enrolment], n: int, registry: Registry
) -> None:
    signing_in = Staff.objects.filter(unit=farm, role=Staff.Role.HELPER).order_by("username")
    helpers = [_helper(programme, farm, i, registry) for i in range(n + 1)]
    leaver = helpers[-1]
    leaver.left_on, leaver.leave_reason = LEFT_ON, Helper.LeaveReason.TRANSFERRED
    if staff := signing_in.first():
        named(helpers[0], staff.full_name)
        helpers[0].staff, helpers[0].category = staff, Helper.Category.CADRE
    Helper.objects.bulk_create(helpers)
    pairs = Pairing.objects.bulk_create(
        Pairing(
            programme=programme, unit=enrolment.household.unit, enrolment=enrolment,
            scheme=Pairing.Scheme.ONE_TO_ONE, starts_on=enrolment.identified_on,
        )
        for enrolment in theirs
    )  # fmt: skip
    PairingHelper.objects.bulk_create(
        line for i, pair in enumerate(pairs) for line in _lines(i, pair, helpers[:-1], leaver)
    )


def _lines(i: int, pair: Pairing, helpers: list[Helper], leaver: Helper) -> list[PairingHelper]:
    """A third of the helpers has one household, the others share the rest; every twelfth has two."""
    single = len(helpers) // 3
    several = helpers[single:] or helpers
    lead = helpers[i] if i < single else several[(i - single) % len(several)]
    if i == single and pair.starts_on < LEFT_ON:
        return [
            PairingHelper(
                pairing=pair, helper=leaver, role="lead", starts_on=pair.starts_on, ends_on=LEFT_ON
            ),
            PairingHelper(
                pairing=pair, helper=lead, role="lead", starts_on=LEFT_ON,
                note="原帮扶人调离，移交接续",
            ),
        ]  # fmt: skip
    lines = [PairingHelper(pairing=pair, helper=lead, role="lead", starts_on=pair.starts_on)]
    if i % EVERY_NTH_HAS_TWO == EVERY_NTH_HAS_TWO - 1:
        second = several[(i - single + 1) % len(several)]
        if second is not lead:
            lines.append(
                PairingHelper(pairing=pair, helper=second, role="member", starts_on=pair.starts_on)
            )
    return lines


def _helper(programme: Programme, farm: OrgUnit, i: int, registry: Registry) -> Helper:
    rng = lot(f"helper {farm.code} {i}")
    grower = i % 10 >= 10 - GROWERS_OF_TEN
    sex = FEMALE if rng.random() < 0.25 else MALE
    helper = Helper(
        programme=programme,
        unit=farm,
        category=Helper.Category.BIG_GROWER if grower else Helper.Category.CADRE,
        home=farm.name if not grower else rng.choice(("水稻种植大户", "养殖大户", "家庭农场")),
        rank="" if grower else rng.choice(POSTS),
        phone=registry.phone(),
        in_post_local=not grower,
    )
    return named(helper, registry.name(rng, sex))
