"""What falls due when: the schedule of a loan, exact to the 分.

Conventions, as Chinese lenders state them in their contracts (月利率 = 年利率 ÷ 12, 日利率 = 年利率 ÷
360; 对年对月对日计息): a whole month bears a twelfth of the year's rate, however many days it has; what
is left over bears a 360th a day. Interest is on the principal outstanding, never on interest. Every
amount is rounded to the 分, halves up; the last instalment takes what rounding left over, so the
principal of a schedule is the principal of the loan.
"""

import datetime
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from itertools import pairwise

from povertyaid.lib.money import cents

NOUGHT = Decimal("0.00")
MONTHS_A_YEAR = 12
DAYS_A_YEAR = 360
LONGEST = 600  # months


class Method(StrEnum):
    """How the principal comes back."""

    EQUAL_INSTALMENTS = "equal_instalments"  # 等额本息
    EQUAL_PRINCIPAL = "equal_principal"  # 等额本金
    INTEREST_FIRST = "interest_first"  # 按期付息，到期还本
    BULLET = "bullet"  # 到期一次还本付息


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed.

    `principal` in 元, above zero; `annual_rate` and `subsidised_rate` in per cent a year, 4.35 for
    4.35 %; of the rate the subsidised part is paid by somebody else (贴息). `months` is the term,
    `every` the months between two instalments; the term need not be a multiple of it. In the first
    `grace` months interest alone falls due (宽限期).

    Raises ValueError naming the field that makes no loan.
    """

    principal: Decimal
    starts_on: datetime.date
    months: int
    method: Method
    annual_rate: Decimal = NOUGHT
    every: int = 1
    grace: int = 0
    subsidised_rate: Decimal = NOUGHT

    def __post_init__(self) -> None:
        if self.principal <= 0 or self.principal != cents(self.principal):
            raise ValueError("principal")
        if not 0 <= self.annual_rate <= 100:
            raise ValueError("annual_rate")
        if not 0 <= self.subsidised_rate <= self.annual_rate:
            raise ValueError("subsidised_rate")
        if not 1 <= self.months <= LONGEST:
            raise ValueError("months")
        if not 1 <= self.every <= self.months:
            raise ValueError("every")
        if not 0 <= self.grace < self.months:
            raise ValueError("grace")


@dataclass(frozen=True, slots=True)
class Instalment:
    """What falls due on a day, in 元. `subsidy` is the part of `interest` that another pays."""

    seq: int
    due_on: datetime.date
    principal: Decimal
    interest: Decimal
    subsidy: Decimal

    @property
    def borrower(self) -> Decimal:
        """What the borrower pays."""
        return self.principal + self.interest - self.subsidy

    @property
    def own_interest(self) -> Decimal:
        """The interest that the borrower pays."""
        return self.interest - self.subsidy


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day so many months later, the month's last day where it has no such day."""
    whole = day.year * MONTHS_A_YEAR + day.month - 1 + months
    year, month = divmod(whole, MONTHS_A_YEAR)
    return datetime.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def interest_for(
    principal: Decimal, annual_rate: Decimal, *, months: int = 0, days: int = 0
) -> Decimal:
    """Interest on a principal for whole months and days beside them, to the 分."""
    yearly = principal * annual_rate / 100
    return cents(yearly * months / MONTHS_A_YEAR + yearly * days / DAYS_A_YEAR)


def interest_between(
    principal: Decimal, annual_rate: Decimal, first: datetime.date, last: datetime.date
) -> Decimal:
    """Interest from a day up to another, that day not included: whole months, then days.

    Raises ValueError where `last` lies before `first`.
    """
    if last < first:
        raise ValueError("last")
    months = (last.year - first.year) * MONTHS_A_YEAR + last.month - first.month
    while months_after(first, months) > last:
        months -= 1
    days = (last - months_after(first, months)).days
    return interest_for(principal, annual_rate, months=months, days=days)


def make(terms: Terms) -> list[Instalment]:
    """The schedule. Its principal adds up to that of the loan, and no part of it is below zero."""
    left = terms.principal
    made = []
    ends = _ends(terms)
    share = terms.subsidised_rate / terms.annual_rate if terms.annual_rate else NOUGHT
    for seq, ((before, after), principal) in enumerate(
        zip(pairwise([0, *ends]), _principals(terms, ends), strict=True), start=1
    ):
        interest = interest_for(left, terms.annual_rate, months=after - before)
        due_on = months_after(terms.starts_on, after)
        made.append(Instalment(seq, due_on, principal, interest, cents(interest * share)))
        left -= principal
    return made


def _ends(terms: Terms) -> list[int]:
    """Months after the first day at which something falls due."""
    if terms.method is Method.BULLET:
        return [terms.months]
    return [*range(terms.every, terms.months, terms.every), terms.months]


def _principals(terms: Terms, ends: list[int]) -> Iterator[Decimal]:
    """The principal of each instalment, the last taking the rest."""
    paying = [end for end in ends if end > terms.grace]
    idle = len(ends) - len(paying)
    yield from [NOUGHT] * idle
    left = terms.principal
    usual = _usual(terms, len(paying))
    for before, after in pairwise([ends[idle - 1] if idle else 0, *paying[:-1]]):
        interest = interest_for(left, terms.annual_rate, months=after - before)
        part = usual - interest if terms.method is Method.EQUAL_INSTALMENTS else usual
        part = min(max(part, NOUGHT), left)
        yield part
        left -= part
    yield left


def _usual(terms: Terms, n: int) -> Decimal:
    """What an ordinary instalment is: the whole of it, or its principal, as the method says."""
    if terms.method in (Method.BULLET, Method.INTEREST_FIRST):
        return NOUGHT
    rate = terms.annual_rate / 100 / MONTHS_A_YEAR * terms.every
    if terms.method is Method.EQUAL_INSTALMENTS and rate:
        return cents(terms.principal * rate / (1 - (1 + rate) ** -n))
    return (terms.principal / n).quantize(Decimal("0.01"), rounding=ROUND_DOWN)
