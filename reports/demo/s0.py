"""S0: the bureau's action of 2011–2013, with the figures that were printed about it.

263 helpable households (132 poor, 131 of low income), 134 of them in the plan of 2011; all
have left by the end of 2013. Income per person rises from 3,591 to 15,000 元 and from 6,478
to 30,000 元, weighted by persons, exactly: single households differ, the sums do not.
The bureau's own income per person was not published, so no exit line can be worked out.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from povertyaid.programmes.models import Programme, Target
from reports.demo import s0_visits
from reports.demo.hands import Hands
from reports.demo.pairs import pair_up
from reports.demo.people import Family, Person, Registry, grow, lot, workday
from reports.demo.setup import description
from reports.demo.writing import Case, Income, Review, Status, write

YEAR_END_2011 = datetime.date(2011, 12, 31)
LAST_EXIT_OF_2011 = datetime.date(2011, 12, 20)
EXIT_LABELS = {"poor": "脱困", "low_income": "脱低"}
NOT_CHECKABLE = "入户核实收入。管理局当年人均收入未见公布，退出线无法折算，按评议意见办理。"

#: How many families of each size, of one hundred.
SIZES = {1: 17, 2: 30, 3: 31, 4: 13, 5: 6, 6: 3}

CAUSES = [
    "no_capital",
    "no_capital",
    "no_capital",
    "no_skill",
    "no_skill",
    "illness",
    "illness",
    "chronic",
    "disabled",
    "debt",
    "age",
    "low_employability",
    "laid_off",
    "laid_off",
    "schooling",
    "accident",
    "housing",
]
NEEDS = {
    "no_capital": ["fund", "project"],
    "no_skill": ["technique"],
    "illness": ["medical", "fund"],
    "chronic": ["medical"],
    "disabled": ["service", "policy"],
    "debt": ["fund", "confidence"],
    "age": ["policy", "service"],
    "low_employability": ["post", "technique"],
    "laid_off": ["post"],
    "schooling": ["schooling"],
    "accident": ["fund", "service"],
    "housing": ["housing"],
}
ATTITUDES = (
    "愿意自己干，缺门路",
    "信心不足，怕赔本",
    "要强，不愿伸手",
    "有等靠思想，需多引导",
    "愿意学技术",
    "愿意跟着大户干",
    "听得进劝，愿意试试",
)
ATTITUDE_OF = {
    "illness": "家有病人，心气不足",
    "chronic": "家有病人，心气不足",
    "schooling": "盼孩子学成就业",
    "age": "年纪大了，求安稳",
}


@dataclass(frozen=True)
class Group:
    """A category with the incomes that were printed, 元 per person and year."""

    category: str
    households: int
    in_plan_of_2011: int
    before: int
    at_exit: int


GROUPS = (
    Group("poor", 132, 70, 3_591, 15_000),
    Group("low_income", 131, 64, 6_478, 30_000),
)


def build(programme: Programme) -> int:
    """Write the households that are not there yet; answers how many were written."""
    hands = Hands("S0")
    registry = Registry("239911")
    # Of the fixture, not of the database: units that somebody adds must not move the lots.
    units = sorted(_keeping_files(description("S0")["units"]))
    numbers = dict.fromkeys(units, 0)
    cases: list[Case] = [_printed_case(one, registry, hands) for one in description("S0")["cases"]]
    for case in cases:
        numbers[case.family.unit] = 1
    for group in GROUPS:
        told = [case for case in cases if case.category == group.category]
        drawn = [
            _drawn_case(group, i, _next_code(group.category, i, units, numbers), registry, hands)
            for i in range(group.households - len(told))
        ]
        _pay(group, told, drawn)
        cases += drawn
    for case in cases:
        _add_reviews(case, hands)
    cases += _not_helpable(units, numbers, registry, hands)
    cases += _removed(units, numbers, registry, hands)
    written = sum(
        len(write(theirs, programme, by=clerk)) for clerk, theirs in hands.by_clerk(cases)
    )
    _confirm_targets(programme, cases)
    pair_up(programme, registry, hands)
    s0_visits.visit(programme, hands)
    return written


def _keeping_files(units: list[dict[str, Any]]) -> Iterator[str]:
    """Zones and communities, at whatever depth."""
    for unit in units:
        if unit["kind"] in {"zone", "community"}:
            yield unit["code"]
        yield from _keeping_files(unit.get("children", []))


def _next_code(salt: str, i: int, units: list[str], numbers: dict[str, int]) -> tuple[str, str]:
    """A unit by lot, and its next file number."""
    unit = lot(f"S0 unit {salt} {i}").choice(units)
    numbers[unit] += 1
    return unit, f"{unit}-{numbers[unit]:06d}"


def _first_visit(identified_on: datetime.date) -> datetime.date:
    """The file is opened and proposed a week before the decision."""
    return max(identified_on - datetime.timedelta(days=7), datetime.date(2011, 1, 6))


def _printed_case(told: dict[str, Any], registry: Registry, hands: Hands) -> Case:
    """A household of the report, under an invented name."""
    rng = lot(told["code"])
    identified_on = datetime.date.fromisoformat(told["identified_on"])
    exited_on = datetime.date.fromisoformat(told["exited_on"])
    unit = told["code"].rsplit("-", 1)[0]
    farm = hands.farm_name(unit)
    persons = grow(
        rng,
        registry,
        size=len(told["shape"]),
        shape=tuple(told["shape"]),
        on=identified_on,
        employer=farm,
        head_name=told["head"],
        head_sex=told["sex"],
        head_born=datetime.date.fromisoformat(told["born"]),
    )
    for status in told["statuses"]:
        if status.get("member") is not None:
            persons[status["member"]].health = (
                "残疾" if status["kind"] == "disabled" else "长期慢性病"
            )
    size = len(persons)
    return Case(
        family=family_at(
            told["code"], unit, persons, identified_on, rng, registry, hands, told["note"]
        ),
        category=told["category"],
        status="exited",
        identified_on=identified_on,
        causes=told["causes"],
        needs=told["needs"],
        attitude=told["attitude"],
        target_exit_on=datetime.date.fromisoformat(told["target_exit_on"]),
        exited_on=exited_on,
        exit_label=EXIT_LABELS[told["category"]],
        incomes=[
            Income("before", identified_on.year - 1, size, source="入户调查", **told["before"]),
            Income("exit", exited_on.year, size, source="入户核实", **told["exit"]),
        ],
        statuses=[
            Status(
                status["kind"],
                datetime.date.fromisoformat(status["valid_from"]),
                status.get("member"),
            )
            for status in told["statuses"]
        ],
    )


def family_at(
    code: str,
    unit: str,
    persons: list[Person],
    identified_on: datetime.date,
    rng: Random,
    registry: Registry,
    hands: Hands,
    note: str = "",
) -> Family:
    family = Family(code, unit, _first_visit(identified_on), persons, note=note)
    family.address = f"{hands.unit_name(unit)}{rng.randint(1, 9)}委{rng.randint(1, 60)}号"
    family.phone = family.head.phone
    if rng.random() < 0.6:
        family.bank_name = rng.choice(("中国农业银行", "哈尔滨银行", "邮政储蓄银行"))
        family.bank_branch = f"{hands.farm_name(unit)}支行"
        family.bank_account = registry.account()
    return family


def _drawn_case(
    group: Group, i: int, place: tuple[str, str], registry: Registry, hands: Hands
) -> Case:
    unit, code = place
    rng = lot(code)
    in_plan = i < group.in_plan_of_2011
    if in_plan:
        identified_on = workday(rng, datetime.date(2011, 1, 12), datetime.date(2011, 3, 31))
        target_exit_on = YEAR_END_2011
        # The last one of each group leaves on the day that completes the plan.
        exited_on = (
            LAST_EXIT_OF_2011
            if i == 0
            else workday(rng, datetime.date(2011, 9, 20), datetime.date(2011, 12, 16))
        )
    elif rng.random() < 0.55:
        identified_on = workday(rng, datetime.date(2011, 4, 6), datetime.date(2012, 3, 30))
        target_exit_on = datetime.date(2012, 12, 31)
        exited_on = workday(rng, datetime.date(2012, 9, 10), datetime.date(2012, 12, 21))
    else:
        identified_on = workday(rng, datetime.date(2012, 4, 5), datetime.date(2012, 11, 30))
        target_exit_on = datetime.date(2013, 12, 31)
        exited_on = workday(rng, datetime.date(2013, 5, 6), datetime.date(2013, 11, 22))
    size = rng.choices(list(SIZES), list(SIZES.values()))[0]
    persons = grow(rng, registry, size=size, on=identified_on, employer=hands.farm_name(unit))
    causes = _causes(rng, persons)
    statuses = effects(rng, persons, causes, identified_on)
    needs = list(dict.fromkeys(need for cause in causes for need in NEEDS[cause]))
    return Case(
        family=family_at(code, unit, persons, identified_on, rng, registry, hands),
        category=group.category,
        status="exited",
        identified_on=identified_on,
        causes=causes,
        needs=needs,
        attitude=ATTITUDE_OF.get(causes[0]) or rng.choice(ATTITUDES),
        target_income=group.at_exit if rng.random() < 0.7 else None,
        target_exit_on=target_exit_on,
        exited_on=exited_on,
        exit_label=EXIT_LABELS[group.category],
        statuses=statuses,
    )


def _causes(rng: Random, persons: list[Person]) -> list[str]:
    """One or two causes that this family can have."""
    possible = set(CAUSES)
    if not any(person.study_stage for person in persons):
        possible.discard("schooling")
    if persons[0].birth_date.year > 1956:
        possible.discard("age")
    drawn = [cause for cause in rng.sample(CAUSES, k=6) if cause in possible]
    return list(dict.fromkeys(drawn))[: 1 if rng.random() < 0.55 else 2]


def effects(
    rng: Random, persons: list[Person], causes: list[str], since: datetime.date
) -> list[Status]:
    """What the causes leave on the persons and their papers."""
    statuses = []
    grown = [
        i
        for i, person in enumerate(persons)
        if person.study_stage == "" and person.labour != "无劳动力"
    ]
    for cause, health, kind in (
        ("illness", "患有大病", "serious_illness"),
        ("chronic", "长期慢性病", "chronic_illness"),
        ("disabled", "残疾", "disabled"),
    ):
        if cause in causes and grown:
            member = grown.pop(rng.randrange(len(grown)))
            persons[member].health = health
            persons[member].labour = "弱劳动力或半劳动力"
            if persons[member].work_status == "在岗":
                persons[member].work_status = "病休"
            earlier = since - datetime.timedelta(days=rng.randint(200, 2_000))
            statuses.append(Status(kind, earlier, member))
    if "laid_off" in causes:
        persons[0].work_status, persons[0].employer = "下岗", ""
        statuses.append(
            Status("laid_off", since - datetime.timedelta(days=rng.randint(300, 3_000)), 0)
        )
    if rng.random() < 0.12:
        statuses.append(Status("dibao", since))
    return statuses


def _pay(group: Group, told: list[Case], drawn: list[Case]) -> None:
    """Incomes before help and at exit, so that the group's sums come out to the yuan."""
    sizes = [len(case.family.persons) for case in drawn]
    persons = sum(sizes) + sum(len(case.family.persons) for case in told)
    for stage, mean, low, high in (
        ("before", group.before, 0.55, 1.4),
        ("exit", group.at_exit, 0.8, 1.35),
    ):
        already = sum(
            income.net for case in told for income in case.incomes if income.stage == stage
        )
        weights = [
            size * lot(f"{case.family.code} {stage}").uniform(low, high)
            for case, size in zip(drawn, sizes, strict=True)
        ]
        for case, net in zip(drawn, spread(mean * persons - already, weights), strict=True):
            case.incomes.append(_income(case, stage, net))
    for case in [*told, *drawn]:
        _add_years_between(case)


def spread(total: int, weights: list[float]) -> list[int]:
    """Whole yuan in proportion to the weights that sum to the total exactly."""
    whole = sum(weights)
    shares = [int(total * weight / whole) for weight in weights]
    for i in range(total - sum(shares)):
        shares[i % len(shares)] += 1
    return shares


def _income(case: Case, stage: str, net: int) -> Income:
    """Parts that give this net: before help little business, at exit much of it."""
    rng = lot(f"{case.family.code} {stage} parts")
    assert case.identified_on is not None  # noqa: S101 -- a drawn case has its day
    year = case.identified_on.year - 1 if stage == "before" else _exit_year(case)
    size = len(case.family.persons)
    transfers = int(net * rng.uniform(0.04, 0.2 if stage == "before" else 0.05))
    business_share = rng.uniform(0.2, 0.5) if stage == "before" else rng.uniform(0.45, 0.8)
    business_net = int(net * business_share)
    gross = int(business_net / (1 - rng.uniform(0.3, 0.5)))
    property_income = int(net * 0.02) if rng.random() < 0.2 else 0
    ill = {"illness", "chronic", "disabled", "schooling"} & set(case.causes)
    return Income(
        stage,
        year,
        size,
        wages=net - transfers - business_net - property_income,
        business=gross,
        from_property=property_income,
        transfers=transfers,
        operating_costs=gross - business_net,
        unavoidable=rng.randint(8, 60) * 100 if ill else 0,
        source="入户调查" if stage == "before" else "入户核实",
    )


def _exit_year(case: Case) -> int:
    assert case.exited_on is not None  # noqa: S101 -- asked of cases that left
    return case.exited_on.year


def _add_years_between(case: Case) -> None:
    """The yearly incomes on the way, between before and exit."""
    before, at_exit = case.incomes[0], case.incomes[-1]
    years = range(before.year + 1, at_exit.year)
    for step, year in enumerate(years, start=1):
        part = step / (len(years) + 1)
        net = int(before.net + (at_exit.net - before.net) * part)
        wages = int(net * 0.35)
        costs = int(net * 0.3)
        case.incomes.append(
            Income(
                "yearly",
                year,
                before.persons,
                wages=wages,
                business=net - wages + costs,
                operating_costs=costs,
                source="年度走访",
            )
        )


def _add_reviews(case: Case, hands: Hands) -> None:
    """Identification and exit, proposed at the farm, decided by somebody else."""
    rng = lot(f"{case.family.code} reviews")
    clerk, farm_approver = hands.clerk(case.family.unit), hands.approver(case.family.unit)
    assert case.identified_on is not None  # noqa: S101 -- every case here was identified
    week = datetime.timedelta(days=7)
    case.reviews.append(
        Review(
            "identify",
            _first_visit(case.identified_on),
            clerk,
            "approved",
            case.identified_on,
            farm_approver,
            snapshot=case.incomes[0],
            note="入户调查，职工代表评议通过。",
        )
    )
    if case.exited_on is None:
        return
    at_exit = next(income for income in case.incomes if income.stage == "exit")
    if rng.random() < 0.04 and case.exited_on - case.identified_on > 12 * week:
        too_early = case.exited_on - 6 * week
        case.reviews.append(
            Review(
                "exit",
                too_early - week,
                clerk,
                "rejected",
                too_early,
                hands.bureau_approver,
                note="本户申请退出。",
                decision_note="收入尚不稳定，待秋收后再核实。",
            )
        )
    case.reviews.append(
        Review(
            "exit",
            case.exited_on - week,
            clerk,
            "approved",
            case.exited_on,
            hands.bureau_approver,
            snapshot=at_exit,
            note=NOT_CHECKABLE,
        )
    )


def _not_helpable(
    units: list[str], numbers: dict[str, int], registry: Registry, hands: Hands
) -> list[Case]:
    """兜底 households: no help can lift them, the state keeps them. They stay out of the 263."""
    cases = []
    for i in range(7):
        unit, code = _next_code("kept", i, units, numbers)
        rng = lot(code)
        identified_on = workday(rng, datetime.date(2011, 2, 9), datetime.date(2012, 5, 31))
        size = 1 if i < 5 else 2
        persons = grow(
            rng,
            registry,
            size=size,
            shape=("户主",) if size == 1 else ("户主", "老人"),
            on=identified_on,
            employer="",
            head_born=datetime.date(
                identified_on.year - rng.randint(63, 74), 4, rng.randint(1, 28)
            ),
        )
        persons[0].health, persons[0].labour = rng.choice(("残疾", "长期慢性病")), "丧失劳动力"
        case = Case(
            family=family_at(code, unit, persons, identified_on, rng, registry, hands),
            category="wubao" if size == 1 else "dibao",
            status="helping",
            helpable=False,
            identified_on=identified_on,
            causes=["age", "chronic"],
            needs=["medical", "service"],
            attitude="生活靠政策兜底",
            incomes=[
                Income(
                    "before",
                    identified_on.year - 1,
                    size,
                    transfers=rng.randint(21, 30) * 100 * size,
                    source="低保台账",
                )
            ],
            statuses=[Status("dibao", identified_on)],
        )
        _add_reviews(case, hands)
        cases.append(case)
    return cases


def _removed(
    units: list[str], numbers: dict[str, int], registry: Registry, hands: Hands
) -> list[Case]:
    """Found on checking never to have been poor; they leave every count."""
    cases = []
    for i in range(4):
        unit, code = _next_code("removed", i, units, numbers)
        rng = lot(code)
        identified_on = workday(rng, datetime.date(2011, 1, 20), datetime.date(2011, 3, 31))
        persons = grow(rng, registry, size=3, on=identified_on, employer=hands.farm_name(unit))
        case = Case(
            family=family_at(
                code,
                unit,
                persons,
                identified_on,
                rng,
                registry,
                hands,
                "复核发现家有商品房和营运车辆，不符合条件。",
            ),
            category=GROUPS[i % 2].category,
            status="removed",
            identified_on=identified_on,
            causes=["no_capital"],
            needs=["fund"],
            attitude="愿意自己干，缺门路",
            incomes=[
                Income("before", 2010, 3, wages=rng.randint(20, 40) * 1_000, source="本人申报")
            ],
        )
        _add_reviews(case, hands)
        if i < 2:
            case.family.closed_on = identified_on + datetime.timedelta(days=60)
            case.family.close_reason = "not_poor"
        cases.append(case)
    return cases


def _confirm_targets(programme: Programme, cases: list[Case]) -> None:
    """The first day on which everybody of the target had left, as a person would confirm it."""
    left = [case for case in cases if case.exited_on and case.helpable]
    cohort = [case.exited_on for case in left if case.target_exit_on == YEAR_END_2011]
    for code, days in (("T1", cohort), ("T2", [case.exited_on for case in left])):
        Target.objects.filter(programme=programme, code=code, achieved_on=None).update(
            achieved_on=max(day for day in days if day)
        )
