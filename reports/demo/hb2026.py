"""HB2026: the programme that runs now, under the units of S0.

Small and unfinished on purpose: proposals wait for an approver, some came back, some files
lack what a report will ask for. It is where a roster is tried out and where the home pages
find their work.
"""

import datetime
from decimal import Decimal

from households.actions import reviews
from households.models import Enrolment
from povertyaid.programmes.models import Programme
from reports.demo.hands import Hands
from reports.demo.hb2026_help import pair_and_visit
from reports.demo.people import Registry, grow, lot, workday
from reports.demo.s0 import effects, family_at
from reports.demo.setup import description
from reports.demo.writing import Case, Income, Review, write

NEEDS = {
    "illness": ["medical", "fund"],
    "chronic": ["medical"],
    "disabled": ["service", "policy"],
    "laid_off": ["post", "technique"],
    "schooling": ["schooling"],
    "accident": ["fund"],
    "no_capital": ["贷款贴息", "project"],
}
WEEK = datetime.timedelta(days=7)


def build(programme: Programme) -> int:
    """Write the households that are not there yet; answers how many were written."""
    hands = Hands("S0")
    registry = Registry("239912", rare_names=False)
    lines = {line.category: line.value for line in programme.thresholds.filter(basis="absolute")}
    told = description("HB2026")["cases"]
    cases = [_case(one, i, registry, hands, lines) for i, one in enumerate(told)]
    stages = {case.family.code: one["stage"] for one, case in zip(told, cases, strict=True)}
    written = [
        case
        for clerk, theirs in hands.by_clerk(cases)
        for case in write(theirs, programme, by=clerk)
    ]
    for case in written:
        _propose(stages[case.family.code], _enrolment(case, programme), hands)
    pair_and_visit(programme, registry, hands)
    return len(written)


def _enrolment(case: Case, programme: Programme) -> Enrolment:
    return Enrolment.objects.select_related("household__unit", "programme").get(
        household__code=case.family.code, programme=programme
    )


def _propose(stage: str, enrolment: Enrolment, hands: Hands) -> None:
    """What waits, or came back, goes the way a clerk and an approver would send it today."""
    unit = enrolment.household.unit.code
    clerk, approver = hands.clerk(unit), hands.approver(unit)
    if stage == "to_identify":
        reviews.propose_identification(
            enrolment,
            on=datetime.date(2026, 11, 20),
            by=clerk,
            note="新申报，已入户核实，请审核。",
            snapshot=enrolment.incomes.get(stage="before"),
        )
    if stage in {"to_exit", "returned"}:
        review = reviews.propose_exit(
            enrolment,
            snapshot=enrolment.incomes.get(stage="exit"),
            on=datetime.date(2026, 11, 16),
            by=clerk,
            note="家庭人均收入已超过退出标准，本户同意退出。",
        )
        if stage == "returned":
            reviews.decide(
                review,
                approve=False,
                by=approver,
                note="收入含一次性补贴，请补充近三个月工资单后重新提交。",
            )


def _case(
    told: dict[str, str], i: int, registry: Registry, hands: Hands, lines: dict[str, Decimal]
) -> Case:
    unit, category, stage = told["unit"], told["category"], told["stage"]
    # From 501 on: the numbers of S0's households lie below.
    code = f"{unit}-{501 + i:06d}"
    rng = lot(code)
    identified_on = workday(rng, datetime.date(2026, 2, 9), datetime.date(2026, 6, 30))
    if stage == "to_identify":
        identified_on = workday(rng, datetime.date(2026, 11, 9), datetime.date(2026, 11, 20))
    size = int(told["size"])
    persons = grow(rng, registry, size=size, on=identified_on, employer=hands.farm_name(unit))
    causes = [told["cause"]]
    case = Case(
        family=family_at(code, unit, persons, identified_on - WEEK, rng, registry, hands),
        category=category,
        status="helping",
        identified_on=identified_on,
        causes=causes,
        needs=NEEDS.get(told["cause"], ["policy"]),
        attitude=rng.choice(
            ("愿意学技术再上岗", "家有病人，压力大", "盼孩子早日毕业", "愿意自己干，缺本钱")
        ),
        target_exit_on=datetime.date(2026, 12, 31),
        statuses=effects(rng, persons, causes, identified_on),
    )
    line = lines[category]
    before = Income(
        "before",
        2025,
        size,
        wages=int(line * size * Decimal(rng.uniform(0.35, 0.6))),
        transfers=int(line * size * Decimal(rng.uniform(0.15, 0.3))),
        unavoidable=rng.randint(10, 200) * 100,
        source="入户调查",
    )
    case.incomes.append(before)
    STAGES[stage](case, hands, line)
    return case


def _identified(case: Case, hands: Hands) -> None:
    assert case.identified_on is not None  # noqa: S101 -- set by _case
    case.reviews.append(
        Review(
            "identify",
            case.identified_on - WEEK,
            hands.clerk(case.family.unit),
            "approved",
            case.identified_on,
            hands.approver(case.family.unit),
            snapshot=case.incomes[0],
            note="入户核实，公示无异议。",
        )
    )


def _helping(case: Case, hands: Hands, line: Decimal) -> None:
    _identified(case, hands)


def _to_identify(case: Case, hands: Hands, line: Decimal) -> None:
    """Entered this month, waiting for the second pair of eyes."""
    case.status, case.identified_on = "identified", None


def _income_at_exit(case: Case, hands: Hands, line: Decimal) -> None:
    """The income of this year is above the line."""
    _identified(case, hands)
    size = case.incomes[0].persons
    factor = Decimal(lot(f"{case.family.code} exit").uniform(1.05, 1.5))
    case.incomes.append(
        Income(
            "exit",
            2026,
            size,
            wages=int(line * size * factor),
            transfers=600 * size,
            source="工资单、入户核实",
        )
    )


def _out(case: Case, hands: Hands, line: Decimal) -> None:
    """Decided in October."""
    _income_at_exit(case, hands, line)
    case.reviews.append(
        Review(
            "exit",
            datetime.date(2026, 10, 12),
            hands.clerk(case.family.unit),
            "approved",
            datetime.date(2026, 10, 20),
            hands.approver(case.family.unit),
            snapshot=case.incomes[-1],
            line_value=line,
            note="家庭人均收入已超过退出标准，本户同意退出。",
        )
    )
    case.status, case.exited_on, case.exit_label = "exited", datetime.date(2026, 10, 20), "脱困"


def _incomplete(case: Case, hands: Hands, line: Decimal) -> None:
    """Helped already, but the file lacks what the five clears ask for."""
    _identified(case, hands)
    rng = lot(f"{case.family.code} lacks")
    case.attitude = ""
    if rng.random() < 0.6:
        case.needs = []
    if rng.random() < 0.4:
        case.causes = []
    last = case.family.persons[-1]
    if rng.random() < 0.5 and last is not case.family.head:
        last.id_number = ""


STAGES = {
    "to_identify": _to_identify,
    "helping": _helping,
    "to_exit": _income_at_exit,
    "returned": _income_at_exit,
    "out": _out,
    "incomplete": _incomplete,
}
