"""HB2026: the programme that runs now, under the units of S0.

Small and unfinished on purpose: proposals wait for an approver, some came back, some files
lack what a report will ask for. It is where a roster is tried out and where the home pages
find their work.
"""

import datetime
from decimal import Decimal

from povertyaid.programmes.models import Programme
from reports.demo.hands import Hands
from reports.demo.people import Registry, grow, lot
from reports.demo.s0 import effects, family_at, workday
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
    cases = [
        _case(told, i, registry, hands, lines)
        for i, told in enumerate(description("HB2026")["cases"])
    ]
    return sum(write(theirs, programme, by=clerk) for clerk, theirs in hands.by_clerk(cases))


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
    assert case.identified_on is not None  # noqa: S101 -- set by _case
    proposed_on, case.identified_on = case.identified_on, None
    case.status = "identified"
    case.reviews.append(
        Review(
            "identify",
            proposed_on,
            hands.clerk(case.family.unit),
            snapshot=case.incomes[0],
            note="新申报，已入户核实，请审核。",
        )
    )


def _exit_proposal(case: Case, hands: Hands, line: Decimal, factor: str, day: int) -> Review:
    _identified(case, hands)
    size = case.incomes[0].persons
    at_exit = Income(
        "exit",
        2026,
        size,
        wages=int(line * size * Decimal(factor)),
        transfers=600 * size,
        source="工资单、入户核实",
    )
    case.incomes.append(at_exit)
    return Review(
        "exit",
        datetime.date(2026, 11, day),
        hands.clerk(case.family.unit),
        snapshot=at_exit,
        line_value=line,
        note="家庭人均收入已超过退出标准，本户同意退出。",
    )


def _to_exit(case: Case, hands: Hands, line: Decimal) -> None:
    """The income is above the line; the decision is still to be taken."""
    case.reviews.append(_exit_proposal(case, hands, line, "1.2", 16))


def _returned(case: Case, hands: Hands, line: Decimal) -> None:
    """The approver has sent the exit back with a reason."""
    review = _exit_proposal(case, hands, line, "1.05", 4)
    review.decision, review.decided_on = "rejected", datetime.date(2026, 11, 11)
    review.decided_by = hands.approver(case.family.unit)
    review.decision_note = "收入含一次性补贴，请补充近三个月工资单后重新提交。"
    case.reviews.append(review)


def _out(case: Case, hands: Hands, line: Decimal) -> None:
    review = _exit_proposal(case, hands, line, "1.4", 2)
    review.proposed_on = datetime.date(2026, 10, 12)
    review.decision, review.decided_on = "approved", datetime.date(2026, 10, 20)
    review.decided_by = hands.approver(case.family.unit)
    case.reviews.append(review)
    case.status, case.exited_on, case.exit_label = "exited", review.decided_on, "脱困"


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
    "to_exit": _to_exit,
    "returned": _returned,
    "out": _out,
    "incomplete": _incomplete,
}
