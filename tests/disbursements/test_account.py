"""Repayments laid on a schedule: what is settled, owed, overdue, and what closes a loan early."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disbursements.lending.account import Payment, at_risk, by_age, stand, to_settle
from disbursements.lending.schedule import Method, Terms, make
from tests.disbursements.test_schedule import loans

FIRST = datetime.date(2016, 1, 15)
YEAR = make(Terms(Decimal(12000), FIRST, 12, Method.EQUAL_PRINCIPAL, Decimal(6)))


def day(month, at=15, year=2016):
    return datetime.date(year, month, at)


def paid(*payments):
    return [Payment(on, Decimal(amount)) for on, amount in payments]


def test_interest_is_settled_before_principal():
    account = stand(YEAR, paid((day(2), "100")), day(2))

    first = account.lines[0]
    assert (first.paid_interest, first.paid_principal) == (Decimal("60.00"), Decimal("40.00"))
    assert first.settled_on is None
    assert account.outstanding == Decimal(11960)


def test_what_fell_due_first_is_settled_first():
    account = stand(YEAR, paid((day(4), "1500")), day(4))

    assert [line.owed for line in account.lines[:3]] == [0, Decimal("615.00"), Decimal("1050.00")]
    assert account.lines[0].settled_on == day(4)


def test_a_payment_before_its_day_settles_what_comes():
    account = stand(YEAR, paid((day(1, 20), "2115")), day(1, 31))

    assert [line.owed for line in account.lines[:3]] == [0, 0, Decimal("1050.00")]
    assert not account.late


def test_an_instalment_is_late_from_the_day_after():
    assert stand(YEAR, [], day(2)).days_late == 0
    account = stand(YEAR, [], day(2, 16))
    assert (account.days_late, account.overdue_principal, account.overdue_interest) == (
        1, Decimal(1000), Decimal(60),
    )  # fmt: skip
    assert stand(YEAR, [], day(2)).owed_by_the_day == Decimal("1060.00")


def test_what_is_paid_later_does_not_count_yet():
    payments = paid((day(2), "1060"), (day(6), "9999"))

    assert stand(YEAR, payments, day(3, 1)).paid == Decimal(1060)


def test_what_is_overdue_by_age():
    account = stand(YEAR, paid((day(2), "1060")), day(12, 31))
    ages = by_age([account])

    assert [start for start, _n, _sum in ages] == [1, 31, 91, 181, 361]
    assert [n for _start, n, _sum in ages] == [1, 2, 3, 4, 0]
    assert sum(amount for _start, _n, amount in ages) == (
        account.overdue_principal + account.overdue_interest
    )


def test_a_loan_late_by_more_than_thirty_days_is_at_risk_as_a_whole():
    late = stand(YEAR, [], day(3, 20))
    fresh = stand(YEAR, [], day(2, 20))

    assert at_risk([late, fresh]) == late.outstanding == Decimal(12000)


def test_who_pays_early_owes_no_interest_of_days_to_come():
    account = stand(YEAR, paid((day(2), "1060")), day(2, 25))

    # 11,000 for ten days at 6 %: 18.33
    assert to_settle(account, Decimal(6), since=FIRST) == Decimal("11018.33")
    late = stand(YEAR, [], day(2, 25))
    assert to_settle(late, Decimal(6), since=FIRST) == Decimal("12078.33")


def test_an_interest_free_loan_is_closed_by_its_principal():
    schedule = make(Terms(Decimal(15000), FIRST, 12, Method.BULLET))
    account = stand(schedule, paid((day(5), "5000")), day(6))

    assert to_settle(account, Decimal(0), since=FIRST) == Decimal(10000)


def test_a_day_before_the_loan_closes_nothing():
    with pytest.raises(ValueError, match="last"):
        to_settle(stand(YEAR, [], day(1, 1)), Decimal(6), since=FIRST)


@st.composite
def lives(draw):
    """A loan and what was paid on it."""
    schedule = make(draw(loans()))
    last = schedule[-1].due_on
    some_day = st.dates(schedule[0].due_on - datetime.timedelta(days=400), last)
    amounts = st.decimals(Decimal("0.01"), 3_000_000, places=2)
    payments = draw(st.lists(st.builds(Payment, some_day, amounts), max_size=8))
    return schedule, payments, draw(some_day)


@given(lives())
def test_not_a_cent_is_lost_or_made(life):
    schedule, payments, on = life
    account = stand(schedule, payments, on)

    assert account.paid == sum(one.amount for one in payments if one.paid_on <= on)
    whole = sum(one.borrower for one in schedule)
    assert account.owed_at_all + account.paid - account.over == whole
    assert account.is_settled == (account.owed_at_all == 0)
    assert account.over == 0 or account.is_settled


@given(lives())
def test_nothing_is_overpaid_and_the_order_of_entry_does_not_matter(life):
    schedule, payments, on = life
    account = stand(schedule, payments, on)

    assert stand(schedule, list(reversed(payments)), on).lines == account.lines or len(
        {one.paid_on for one in payments}
    ) < len(payments)
    for line in account.lines:
        assert 0 <= line.owed_interest <= line.instalment.own_interest
        assert 0 <= line.owed_principal <= line.instalment.principal


@given(lives())
def test_what_is_overdue_is_the_sum_of_its_ages(life):
    schedule, payments, on = life
    account = stand(schedule, payments, on)

    assert sum(amount for _start, _n, amount in by_age([account])) == (
        account.overdue_principal + account.overdue_interest
    )
    assert account.overdue_principal <= account.outstanding
