"""What has been paid of a loan, what is owed, what is overdue and for how long.

A payment settles what fell due first; within an instalment the interest before the principal (先息后
本). What comes before its day settles the next instalments. Nothing is charged on what is late: an
office that lends to poor families takes no interest on interest.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from disbursements.lending.schedule import NOUGHT, Instalment, interest_between

#: Days overdue up to which an amount belongs to a class; beyond the last is the worst.
AGES = (30, 90, 180, 360)


@dataclass(frozen=True, slots=True)
class Payment:
    """A repayment by the borrower, 元, above zero."""

    paid_on: datetime.date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """An instalment and what has been paid of it."""

    instalment: Instalment
    paid_interest: Decimal = NOUGHT
    paid_principal: Decimal = NOUGHT
    settled_on: datetime.date | None = None

    @property
    def owed_interest(self) -> Decimal:
        return self.instalment.own_interest - self.paid_interest

    @property
    def owed_principal(self) -> Decimal:
        return self.instalment.principal - self.paid_principal

    @property
    def owed(self) -> Decimal:
        return self.owed_interest + self.owed_principal

    def days_late(self, on: datetime.date) -> int:
        """Days since it fell due while something of it is owed; 0 on the day itself, and before."""
        return max((on - self.instalment.due_on).days, 0) if self.owed else 0


@dataclass(frozen=True, slots=True)
class Account:
    """A loan as it stands on a day. `over` is what was paid beyond all that is ever owed."""

    on: datetime.date
    lines: tuple[Line, ...]
    over: Decimal = NOUGHT

    @property
    def outstanding(self) -> Decimal:
        """Principal that has not come back."""
        return sum((line.owed_principal for line in self.lines), NOUGHT)

    @property
    def paid(self) -> Decimal:
        paid = sum((line.paid_interest + line.paid_principal for line in self.lines), NOUGHT)
        return paid + self.over

    @property
    def late(self) -> tuple[Line, ...]:
        """Instalments that fell due before the day and are not settled."""
        return tuple(line for line in self.lines if line.days_late(self.on))

    @property
    def overdue_principal(self) -> Decimal:
        return sum((line.owed_principal for line in self.late), NOUGHT)

    @property
    def overdue_interest(self) -> Decimal:
        return sum((line.owed_interest for line in self.late), NOUGHT)

    @property
    def days_late(self) -> int:
        """How long the oldest instalment has been waiting."""
        return max((line.days_late(self.on) for line in self.late), default=0)

    @property
    def is_settled(self) -> bool:
        return all(not line.owed for line in self.lines)

    @property
    def owed_by_the_day(self) -> Decimal:
        """What has fallen due up to the day, this day included, and is not paid."""
        return sum((line.owed for line in self.lines if line.instalment.due_on <= self.on), NOUGHT)

    @property
    def owed_at_all(self) -> Decimal:
        """What the schedule still asks for to its end."""
        return sum((line.owed for line in self.lines), NOUGHT)


def stand(
    schedule: Sequence[Instalment], payments: Iterable[Payment], on: datetime.date
) -> Account:
    """The loan on a day: what was paid up to it, laid on the schedule in order."""
    coming = sorted((one for one in payments if one.paid_on <= on), key=lambda one: one.paid_on)
    lines = [Line(instalment) for instalment in schedule]
    nth, over = 0, NOUGHT
    for payment in coming:
        amount = payment.amount
        while nth < len(lines):
            amount, lines[nth] = _settle(lines[nth], amount, payment.paid_on)
            if lines[nth].owed:
                break
            nth += 1
        if nth == len(lines):
            over += amount
    return Account(on, tuple(lines), over)


def _settle(line: Line, amount: Decimal, on: datetime.date) -> tuple[Decimal, Line]:
    """Lay an amount on a line; answers what is left of it."""
    interest = min(amount, line.owed_interest)
    principal = min(amount - interest, line.owed_principal)
    rest = amount - interest - principal
    paid_interest = line.paid_interest + interest
    paid_principal = line.paid_principal + principal
    whole = line.instalment.borrower
    settled = on if paid_interest + paid_principal == whole else None
    return rest, Line(line.instalment, paid_interest, paid_principal, settled)


def by_age(accounts: Iterable[Account]) -> list[tuple[int, int, Decimal]]:
    """What is overdue, by how long: (days from, instalments, 元 of principal and interest).

    One class for each of AGES and one beyond, those with nothing in them too; an instalment
    belongs to the class of its own days.
    """
    starts = [1, *(age + 1 for age in AGES)]
    counts, sums = [0] * len(starts), [NOUGHT] * len(starts)
    for account in accounts:
        for line in account.late:
            days = line.days_late(account.on)
            nth = sum(days > age for age in AGES)
            counts[nth] += 1
            sums[nth] += line.owed
    return list(zip(starts, counts, sums, strict=True))


def at_risk(accounts: Iterable[Account], days: int = 30) -> Decimal:
    """The outstanding principal, all of it, of loans late by more than so many days."""
    return sum((one.outstanding for one in accounts if one.days_late > days), NOUGHT)


def to_settle(account: Account, annual_rate: Decimal, *, since: datetime.date) -> Decimal:
    """What closes the loan on the account's day: all that is overdue, the principal, and interest
    from the last day on which an instalment fell due (`since` where none has yet) up to the day.

    `annual_rate` is what the borrower bears, in per cent a year. Interest of days to come is not
    owed by who pays early. Raises ValueError where the day lies before `since`.
    """
    past = [line for line in account.lines if line.instalment.due_on <= account.on]
    ahead = [line for line in account.lines if line.instalment.due_on > account.on]
    overdue_interest = sum((line.owed_interest for line in past), NOUGHT)
    paid_ahead = sum((line.paid_interest for line in ahead), NOUGHT)
    running = sum((line.instalment.principal for line in ahead), NOUGHT)
    first = max((line.instalment.due_on for line in past), default=since)
    accrued = interest_between(running, annual_rate, first, account.on)
    return account.outstanding + overdue_interest + max(accrued - paid_ahead, NOUGHT)
