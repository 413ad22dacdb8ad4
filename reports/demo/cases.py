"""Families drawn by lot to a programme's plan: when identified, with what income, when out of it."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from reports.demo.hands import Hands
from reports.demo.people import Family, Person, Registry, grow, lot, workday
from reports.demo.s0 import ATTITUDES, NEEDS, effects
from reports.demo.writing import Case, Income, Review

WEEK = datetime.timedelta(days=7)
Span = tuple[datetime.date, datetime.date]

#: How many families of each size, of one hundred.
SIZES = {1: 14, 2: 28, 3: 34, 4: 15, 5: 6, 6: 3}


@dataclass(frozen=True)
class Plan:
    """What is common to the families of a programme."""

    category: str
    identified: Span
    before: tuple[int, int]  # income per person and year, 元
    causes: Sequence[str]
    exited: Span | None = None
    at_exit: tuple[int, int] = (0, 0)
    exit_label: str = "脱贫"
    status: str = "exited"  # of who has left
    line: Decimal | None = None  # where the programme has one that can be worked out
    exit_note: str = "入户核实收入。"
    wage_share: float = 0.4  # of the income at exit
    head_born: Span | None = None


@dataclass
class Told:
    """What is settled about one family beforehand; everything else is drawn."""

    size: int = 0
    shape: tuple[str, ...] = ()
    head: str = ""
    sex: str = ""
    born: datetime.date | None = None
    causes: list[str] = field(default_factory=list)
    attitude: str = ""
    note: str = ""


def draw(
    plan: Plan,
    code: str,
    unit: str,
    registry: Registry,
    hands: Hands,
    *,
    employer: str,
    address: str,
    told: Told | None = None,
) -> Case:
    """A family with its incomes and reviews; each has a lot of its own, named after its file."""
    told = told or Told()
    rng = lot(code)
    identified_on = workday(rng, *plan.identified)
    size = len(told.shape) or told.size or rng.choices(list(SIZES), list(SIZES.values()))[0]
    born = told.born
    if born is None and plan.head_born is not None:
        first, last = plan.head_born
        born = first + datetime.timedelta(days=rng.randint(0, (last - first).days))
    persons = grow(
        rng, registry, size=size, shape=told.shape, on=identified_on, employer=employer,
        head_name=told.head, head_sex=told.sex, head_born=born,
    )  # fmt: skip
    causes = told.causes or causes_of(rng, persons, plan.causes)
    statuses = effects(rng, persons, causes, identified_on)
    case = Case(
        family=_home(rng, code, unit, persons, identified_on, registry, address, told.note),
        category=plan.category,
        status="helping",
        identified_on=identified_on,
        causes=causes,
        needs=list(dict.fromkeys(need for cause in causes for need in NEEDS.get(cause, ["fund"]))),
        attitude=told.attitude or rng.choice(ATTITUDES),
        statuses=statuses,
    )
    case.incomes.append(_before(rng, case, plan))
    case.reviews.append(_identified(case, hands))
    if plan.exited is not None:
        _leave(rng, case, plan, hands)
    return case


def causes_of(rng: Random, persons: list[Person], causes: Sequence[str]) -> list[str]:
    """One or two causes that this family can have."""
    possible = set(causes)
    if not any(person.study_stage for person in persons):
        possible.discard("schooling")
    drawn = [cause for cause in rng.sample(causes, k=len(causes)) if cause in possible]
    return list(dict.fromkeys(drawn))[: 1 if rng.random() < 0.6 else 2]


def _home(
    rng: Random,
    code: str,
    unit: str,
    persons: list[Person],
    identified_on: datetime.date,
    registry: Registry,
    address: str,
    note: str,
) -> Family:
    family = Family(code, unit, identified_on - WEEK, persons, note=note)
    family.address = f"{address}{rng.randint(1, 12)}委{rng.randint(1, 90)}号"
    family.phone = family.head.phone
    if rng.random() < 0.6:
        family.bank_name = rng.choice(("中国农业银行", "农村信用社", "邮政储蓄银行"))
        family.bank_account = registry.account()
    return family


def _before(rng: Random, case: Case, plan: Plan) -> Income:
    assert case.identified_on is not None  # noqa: S101 -- a drawn case has its day
    size = len(case.family.persons)
    net = rng.randint(*plan.before) * size
    transfers = int(net * rng.uniform(0.1, 0.45))
    return Income(
        "before", case.identified_on.year - 1, size, wages=net - transfers, transfers=transfers,
        unavoidable=rng.randint(8, 60) * 100 if ILLNESS & set(case.causes) else 0,
        source="入户调查",
    )  # fmt: skip


ILLNESS = {"illness", "chronic", "disabled", "schooling", "by_illness", "by_disability"}


def _identified(case: Case, hands: Hands) -> Review:
    assert case.identified_on is not None  # noqa: S101 -- a drawn case has its day
    unit = case.family.unit
    return Review(
        "identify", case.identified_on - WEEK, hands.clerk(unit), "approved", case.identified_on,
        hands.approver(unit), snapshot=case.incomes[0], note="入户调查，评议公示无异议。",
    )  # fmt: skip


def _leave(rng: Random, case: Case, plan: Plan, hands: Hands) -> None:
    """The income that carries the family out, and the decision on it."""
    assert plan.exited is not None  # noqa: S101 -- asked of plans with an exit
    case.exited_on = workday(rng, *plan.exited)
    case.exit_label, case.status = plan.exit_label, plan.status
    size = len(case.family.persons)
    net = rng.randint(*plan.at_exit) * size
    wages = int(net * plan.wage_share)
    transfers = int(net * rng.uniform(0.02, 0.15))
    business = net - wages - transfers
    costs = int(business * rng.uniform(0.3, 0.7))
    case.incomes.append(
        Income(
            "exit",
            case.exited_on.year,
            size,
            wages=wages,
            business=business + costs,
            operating_costs=costs,
            transfers=transfers,
            source="入户核实",
        )
    )
    case.reviews.append(
        Review(
            "exit",
            case.exited_on - WEEK,
            hands.clerk(case.family.unit),
            "approved",
            case.exited_on,
            hands.bureau_approver,
            snapshot=case.incomes[-1],
            line_value=plan.line,
            note=plan.exit_note,
        )
    )
