"""Schedules of loans: against published examples, and what holds for every loan there is."""

import datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disbursements.lending.schedule import (
    Method,
    Terms,
    interest_between,
    make,
    months_after,
)

DAY = datetime.date(2016, 1, 31)


def terms(principal, months, rate="0", method=Method.EQUAL_INSTALMENTS, **more):
    return Terms(
        Decimal(principal), more.pop("starts_on", DAY), months, method, Decimal(rate), **more
    )


def parts(schedule):
    return [(str(one.principal), str(one.interest)) for one in schedule]


# ---- published examples


def test_six_months_at_two_per_cent_a_month():
    """A worked example of a reducing balance: 1,000 at 2 % a month, six instalments of 178.53."""
    schedule = make(terms("1000", 6, "24"))

    assert [one.borrower for one in schedule[:-1]] == [Decimal("178.53")] * 5
    assert parts(schedule[:2]) == [("158.53", "20.00"), ("161.70", "16.83")]
    assert abs(sum(one.interest for one in schedule) - Decimal("71.15")) <= Decimal("0.02")


@pytest.mark.parametrize(
    ("principal", "rate", "months", "instalment"),
    [
        ("10000", "12", 12, "888.49"),
        ("200000", "6.5", 360, "1264.14"),
        ("100000", "6", 360, "599.55"),
    ],
)
def test_instalments_that_every_textbook_prints(principal, rate, months, instalment):
    schedule = make(terms(principal, months, rate))

    assert {one.borrower for one in schedule[:-1]} == {Decimal(instalment)}


def test_equal_principal_pays_less_each_month():
    schedule = make(terms("12000", 12, "6", Method.EQUAL_PRINCIPAL))

    assert parts(schedule)[:3] == [("1000.00", "60.00"), ("1000.00", "55.00"), ("1000.00", "50.00")]
    assert sum(one.interest for one in schedule) == Decimal("390.00")


def test_the_loan_of_the_mushroom_sheds_bears_no_interest():
    """红卫农场: 15,000 元 a household, interest-free, paid back at the end."""
    schedule = make(terms("15000", 12, method=Method.BULLET))

    assert [(one.due_on, one.borrower) for one in schedule] == [
        (datetime.date(2017, 1, 31), Decimal("15000.00"))
    ]


def test_interest_by_quarters_and_the_principal_at_the_end():
    schedule = make(terms("20000", 12, "4.35", Method.INTEREST_FIRST, every=3))

    assert parts(schedule) == [("0.00", "217.50")] * 3 + [("20000.00", "217.50")]


def test_of_the_interest_a_part_is_paid_by_the_union():
    """贴息: the borrower bears 2.15 % and the union the rest."""
    schedule = make(terms("50000", 12, "4.35", Method.BULLET, subsidised_rate=Decimal("2.20")))

    assert (schedule[0].interest, schedule[0].subsidy, schedule[0].own_interest) == (
        Decimal("2175.00"), Decimal("1100.00"), Decimal("1075.00"),
    )  # fmt: skip


def test_in_the_grace_time_interest_alone_falls_due():
    schedule = make(terms("9000", 12, "12", Method.EQUAL_PRINCIPAL, grace=3))

    assert parts(schedule)[:4] == [("0.00", "90.00")] * 3 + [("1000.00", "90.00")]


def test_the_last_instalment_takes_what_is_left_over():
    schedule = make(terms("1000", 3))

    assert [one.principal for one in schedule] == [
        Decimal("333.33"), Decimal("333.33"), Decimal("333.34"),
    ]  # fmt: skip


def test_a_term_that_is_no_multiple_ends_with_a_shorter_time():
    schedule = make(terms("12000", 8, "6", Method.INTEREST_FIRST, every=3))

    assert [one.due_on for one in schedule] == [
        datetime.date(2016, 4, 30), datetime.date(2016, 7, 31), datetime.date(2016, 9, 30),
    ]  # fmt: skip
    assert [one.interest for one in schedule] == [Decimal(180), Decimal(180), Decimal(120)]


# ---- days


@pytest.mark.parametrize(
    ("months", "day"),
    [
        (1, datetime.date(2016, 2, 29)),
        (2, datetime.date(2016, 3, 31)),
        (13, datetime.date(2017, 2, 28)),
    ],
)
def test_the_last_of_a_month_stays_the_last(months, day):
    assert months_after(DAY, months) == day


def test_days_beside_whole_months_bear_a_360th():
    first, last = datetime.date(2016, 1, 10), datetime.date(2016, 3, 25)

    assert interest_between(Decimal(36000), Decimal(6), first, last) == Decimal("450.00")
    assert interest_between(Decimal(36000), Decimal(6), first, first) == 0


def test_no_interest_runs_backwards():
    with pytest.raises(ValueError, match="last"):
        interest_between(Decimal(1), Decimal(1), DAY, DAY - datetime.timedelta(days=1))


# ---- what makes no loan


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("principal", {"principal": Decimal(0)}),
        ("principal", {"principal": Decimal("-5")}),
        ("principal", {"principal": Decimal("0.001")}),
        ("annual_rate", {"annual_rate": Decimal("-1")}),
        ("annual_rate", {"annual_rate": Decimal(101)}),
        ("subsidised_rate", {"subsidised_rate": Decimal(5)}),
        ("months", {"months": 0}),
        ("months", {"months": 601}),
        ("every", {"every": 13}),
        ("every", {"every": 0}),
        ("grace", {"grace": 12}),
    ],
)
def test_what_makes_no_loan_is_named(field, wrong):
    good = {
        "principal": Decimal(1000), "starts_on": DAY, "months": 12,
        "method": Method.EQUAL_PRINCIPAL, "annual_rate": Decimal(4),
    }  # fmt: skip
    with pytest.raises(ValueError, match=field):
        Terms(**(good | wrong))


# ---- what holds for every loan


@st.composite
def loans(draw):
    months = draw(st.integers(1, 120))
    rate = draw(st.decimals(0, 36, places=4))
    return Terms(
        principal=draw(st.decimals(Decimal("0.01"), 2_000_000, places=2)),
        starts_on=draw(st.dates(datetime.date(2000, 1, 1), datetime.date(2060, 12, 31))),
        months=months,
        method=draw(st.sampled_from(Method)),
        annual_rate=rate,
        every=draw(st.integers(1, months)),
        grace=draw(st.integers(0, months - 1)),
        subsidised_rate=draw(st.decimals(0, rate, places=4)),
    )


@given(loans())
def test_the_principal_comes_back_to_the_last_cent(loan):
    schedule = make(loan)

    assert sum(one.principal for one in schedule) == loan.principal
    assert all(one.principal >= 0 for one in schedule)
    assert [one.seq for one in schedule] == list(range(1, len(schedule) + 1))


@given(loans())
def test_amounts_are_whole_cents_and_the_subsidy_is_part_of_the_interest(loan):
    for one in make(loan):
        assert one.interest == one.interest.quantize(Decimal("0.01"))
        assert 0 <= one.subsidy <= one.interest
        assert one.borrower >= one.principal


@given(loans())
def test_days_rise_and_the_last_is_that_of_the_term(loan):
    days = [one.due_on for one in make(loan)]

    assert all(first < second for first, second in pairwise(days))
    assert days[-1] == months_after(loan.starts_on, loan.months)


@given(loans())
def test_interest_is_on_what_is_outstanding_and_nothing_else(loan):
    left, before = loan.principal, loan.starts_on
    for one in make(loan):
        months = (one.due_on.year - before.year) * 12 + one.due_on.month - before.month
        exact = left * loan.annual_rate / 1200 * months
        assert abs(one.interest - exact) <= Decimal("0.005")
        left -= one.principal
        before = one.due_on
