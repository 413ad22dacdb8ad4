"""S2: a company's union helps its workers in difficulty, with the figures printed about 2016.

218 families on 低保 and 51 workers in special difficulty of the city's list; 70 pairs hand in hand
(牵手), one of them with three units; six families of 低保 helped by five units at a fixed point
(定点帮扶); members of the branch committees look after the families of their area (委员包片).
Names, incomes and days are invented.
"""

import datetime
from random import Random
from typing import Any

from django.db import transaction

from households.models import Enrolment
from pairings.models import Helper, Occasion, ServiceKind
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme
from reports.demo import helping
from reports.demo.cases import Plan, Told, draw
from reports.demo.hands import Hands
from reports.demo.helping import Book
from reports.demo.people import Registry, child_aged, lot, workday
from reports.demo.setup import description
from reports.demo.writing import Case, Status, write

Day = datetime.date
COMPANY = "灌西投资公司"
IDENTIFIED = (Day(2016, 1, 6), Day(2016, 3, 18))
CAUSES = (
    *("illness", "illness", "chronic", "disabled", "laid_off", "laid_off", "no_skill"),
    *("schooling", "no_capital", "age", "accident"),
)
#: Who gets what: families, income per person before help.
PLANS = {
    "dibao": (218, Plan("dibao", IDENTIFIED, (3_600, 6_400), CAUSES)),
    "city_hardship": (51, Plan("city_hardship", IDENTIFIED, (5_200, 8_800), CAUSES)),
    "hardship_worker": (1, Plan("hardship_worker", IDENTIFIED, (5_200, 8_800), CAUSES)),
}
EXITED = (Day(2016, 10, 10), Day(2016, 12, 23))
AT_EXIT = (15_000, 24_000)
EVERY_NTH_OUT = 23

HAND_IN_HAND, FIXED_POINT, IN_AREAS = 70, 6, 48
TOGETHER = "S2-JG-000001"  # three units help this family
THREE_UNITS = ("实业公司", "宵洋物流公司", "明威农业公司")
FIVE_UNITS = ("西旺水产公司", "宵洋物流公司", "圩田养殖合作社", "东河商贸公司", "海堤水产公司")
LEADERS = ("党委书记", "总经理", "工会主席", "副总经理", "副总经理", "纪委书记", "总会计师")
REPRESENTATIVES = 66
COMMITTEE_OF_A_BRANCH = 4
PAIRED = (Day(2016, 3, 21), Day(2016, 4, 15))
SIX = (
    *(ServiceKind.CONFIDENCE, ServiceKind.POLICY, ServiceKind.PROJECT, ServiceKind.TECHNIQUE),
    *(ServiceKind.FUND, ServiceKind.POST),
)
ACTIVITIES: tuple[tuple[str, str, str, Day, dict[str, Any]], ...] = (
    ("S2-GH", "meeting", "扶贫帮困工作部署会", Day(2016, 1, 14), {"topic": "部署会", "headcount": 46}),
    ("S2-GH", "meeting", "扶贫帮困工作推进会", Day(2016, 7, 8), {"topic": "推进会", "headcount": 41}),
    ("S2-GH", "meeting", "扶贫帮困工作总结会", Day(2017, 1, 12), {"headcount": 52}),
    ("S2-GH", "fundraiser", "爱心捐助", Day(2016, 5, 18), {"headcount": 640, "beneficiary_group": "public"}),
    ("S2-YZ", "training", "水产养殖技术培训班", Day(2016, 4, 21), {"sessions": 2, "headcount": 63}),
    ("S2-XH", "training", "制盐技能培训班", Day(2016, 6, 15), {"sessions": 3, "headcount": 87}),
    ("S2-GH", "training", "下岗人员再就业培训班", Day(2016, 9, 7), {"sessions": 4, "headcount": 132}),
    ("S2-GH", "campaign", "春节送温暖", Day(2017, 1, 18), {"headcount": 269, "household_count": 269}),
)  # fmt: skip


def build(programme: Programme) -> int:
    """Write what is not there yet; answers how many households were written."""
    hands, registry = Hands("S2"), Registry("239941")
    cases = _cases(registry, hands)
    written = sum(
        len(write(theirs, programme, by=clerk)) for clerk, theirs in hands.by_clerk(cases)
    )
    if not helping.is_helped(programme):
        _help(programme, registry, hands)
    return written


# --- households -----------------------------------------------------------------------------------


def _cases(registry: Registry, hands: Hands) -> list[Case]:
    told = description("S2")["cases"]
    cases = [_told(one, registry, hands) for one in told]
    units = sorted(
        unit["code"]
        for unit in description("S2")["units"][0]["children"]
        if unit["kind"] in {"branch", "unit"}
    )
    numbers = {unit: sum(one["code"].startswith(f"{unit}-") for one in told) for unit in units}
    for category, (n, plan) in PLANS.items():
        already = sum(case.category == category for case in cases)
        for i in range(n - already):
            unit = lot(f"S2 unit {category} {i}").choice(units)
            numbers[unit] += 1
            code = f"{unit}-{numbers[unit]:06d}"
            leaves = i % EVERY_NTH_OUT == EVERY_NTH_OUT - 1
            cases.append(
                draw(
                    _leaving(plan) if leaves else plan, code, unit, registry, hands,
                    employer=COMPANY, address=hands.unit_name(unit),
                )
            )  # fmt: skip
    for case in cases:
        assert case.identified_on is not None  # noqa: S101 -- a drawn case has its day
        if case.category in {"dibao", "city_hardship"}:
            case.statuses.append(Status(case.category, case.identified_on))
    return cases


def _leaving(plan: Plan) -> Plan:
    return Plan(
        plan.category, plan.identified, plan.before, plan.causes, exited=EXITED, at_exit=AT_EXIT,
        exit_label="脱困", exit_note="家庭有稳定收入，经公司工会核实同意脱困。",
    )  # fmt: skip


def _told(one: dict[str, Any], registry: Registry, hands: Hands) -> Case:
    """A household of the report, under an invented name."""
    unit = one["code"].rsplit("-", 1)[0]
    plan = PLANS[one["category"]][1]
    case = draw(
        _leaving(plan) if one.get("exited") else plan, one["code"], unit, registry, hands,
        employer=COMPANY, address=hands.unit_name(unit),
        told=Told(
            shape=tuple(one["shape"]), head=one["head"], sex=one["sex"],
            born=Day.fromisoformat(one["born"]), causes=one["causes"], attitude=one["attitude"],
            note=one["note"],
        ),
    )  # fmt: skip
    if child := one.get("child"):
        person = child_aged(
            lot(one["code"]), registry, case.family.head, Day(2016, 12, 31), child["age"],
            child["sex"],
        )  # fmt: skip
        person.study_stage, person.study_year = child["stage"], child["year"]
        person.work_status, person.health = "学生", "患有大病"
        case.family.persons[-1] = person
    case.statuses = [
        Status(status["kind"], Day(2015, 9, 1), status["member"]) for status in one["statuses"]
    ]
    return case


# --- who helps ------------------------------------------------------------------------------------


@transaction.atomic
def _help(programme: Programme, registry: Registry, hands: Hands) -> None:
    clerk = hands.clerk("S2")
    families = {one.household.code: one for one in helping.enrolments_of(programme, members=True)}
    branches = list(OrgUnit.objects.within(programme.lead_unit).filter(kind="branch"))
    leaders = [
        helping.person_helper(
            programme, programme.lead_unit, registry, f"S2 leader {i}", rank=post, home=COMPANY,
            category=Helper.Category.LEADER_TEAM, in_post_local=True,
        )
        for i, post in enumerate(LEADERS)
    ]  # fmt: skip
    representatives = [
        _representative(programme, branches, i, registry) for i in range(REPRESENTATIVES)
    ]
    committee = [
        helping.person_helper(
            programme, branch, registry, f"S2 committee {branch.code} {i}", home=branch.name,
            category=Helper.Category.ZONE_COMMITTEE, rank="支委委员", in_post_local=True,
        )
        for branch in branches
        for i in range(COMMITTEE_OF_A_BRANCH)
    ]  # fmt: skip
    units = {
        name: helping.unit_helper(programme, programme.lead_unit, name)
        for name in dict.fromkeys((*THREE_UNITS, *FIVE_UNITS))
    }
    helping.give_sign_in(representatives[0], "s2-helper")
    helping.enter([*leaders, *representatives, *committee, *units.values()], clerk)

    book = Book(programme)
    _hand_in_hand(book, families, [*leaders, *representatives], units)
    _fixed_point(book, families, units)
    _in_areas(book, families, committee)
    _visit(book, hands)
    for unit, kind, title, day, facts in ACTIVITIES:
        book.activity(OrgUnit.objects.get(code=unit), kind, day, clerk, title=title, **facts)
    book.write(clerk)


def _representative(
    programme: Programme, branches: list[OrgUnit], i: int, registry: Registry
) -> Helper:
    """Representatives of the workers, of the company and of its branches."""
    unit = programme.lead_unit if i % 3 == 0 else branches[i % len(branches)]
    return helping.person_helper(
        programme, unit, registry, f"S2 representative {i}", home=unit.name, rank="职工代表",
        category=Helper.Category.WORKER_REP, in_post_local=True,
    )  # fmt: skip


def _paired_on(family: Enrolment) -> Day:
    return workday(lot(f"{family.household.code} paired"), *PAIRED)


def _hand_in_hand(
    book: Book, families: dict[str, Enrolment], who: list[Helper], units: dict[str, Helper]
) -> None:
    """Each leader and representative takes one family; one family is helped by three units."""
    chosen = [one for code, one in families.items() if code != TOGETHER][:: len(families) // 70]
    for nth, family in enumerate(chosen[: HAND_IN_HAND - 1]):
        lead = who[nth % len(who)]
        second = [who[(nth + 7) % len(who)]] if nth % 9 == 8 else []
        book.pair(family, "hand_in_hand", _paired_on(family), [lead, *second])
    together = families[TOGETHER]
    three = [units[name] for name in THREE_UNITS]
    book.pair(together, "hand_in_hand", _paired_on(together), three)


def _fixed_point(book: Book, families: dict[str, Enrolment], units: dict[str, Helper]) -> None:
    """Families that cannot start anything of their own, each with one of the five units."""
    cannot_start = [one for one in families.values() if one.category == "dibao"][40:200:27]
    for nth, family in enumerate(cannot_start[:FIXED_POINT]):
        helper = units[FIVE_UNITS[nth % len(FIVE_UNITS)]]
        book.pair(family, "fixed_point", _paired_on(family), [helper])


def _in_areas(book: Book, families: dict[str, Enrolment], committee: list[Helper]) -> None:
    """The members of a branch's committee look after some of the families of their area."""
    for branch in dict.fromkeys(helper.unit for helper in committee):
        members = [helper for helper in committee if helper.unit == branch]
        theirs = [one for one in families.values() if one.household.unit_id == branch.pk]
        n = IN_AREAS * len(members) // len(committee)
        for nth, family in enumerate(theirs[:n]):
            helper = members[nth % len(members)]
            book.pair(family, "area", _paired_on(family), [helper], area=branch)


def _visit(book: Book, hands: Hands) -> None:
    """Every quarter somebody of the pair goes, and before the Spring Festival with something."""
    leads = [(line.pairing, line.helper) for line in book.lines if line.role == "lead"]
    for pair, helper in leads:
        household = pair.enrolment.household
        rng = lot(f"{household.code} {pair.scheme} visits")
        clerk = hands.clerk(household.unit.code)
        for first, last in QUARTERS:
            if rng.random() < 0.1:
                continue
            visit = book.visit(
                workday(rng, first, last), Occasion.ROUTINE, clerk, household=household,
                helper=helper, situation=helping.situation(rng, household.members.all()),
            )  # fmt: skip
            _deliver(book, visit, rng)
        if pair.scheme == "hand_in_hand":
            book.visit(
                workday(rng, Day(2017, 1, 12), Day(2017, 1, 24)), Occasion.FESTIVAL, clerk,
                household=household, helper=helper, situation="春节前走访慰问，送去米面油。",
            )  # fmt: skip


def _deliver(book: Book, visit: Any, rng: Random) -> None:
    for kind in rng.sample(SIX, k=rng.choice((1, 1, 2))):
        book.done(visit, kind, 1, rng)
    if rng.random() < 0.2:
        book.done(visit, ServiceKind.PROBLEM, 1, rng)


QUARTERS = (
    (Day(2016, 4, 18), Day(2016, 6, 29)),
    (Day(2016, 7, 4), Day(2016, 9, 29)),
    (Day(2016, 10, 10), Day(2016, 12, 29)),
    (Day(2017, 1, 3), Day(2017, 1, 11)),
)
