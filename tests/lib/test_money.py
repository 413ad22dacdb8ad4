from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from povertyaid.lib.money import (
    LARGEST,
    MoneyError,
    MoneyField,
    cents,
    format_wan,
    format_yuan,
    parse_money,
    split_evenly,
)

amounts = st.decimals(min_value=-LARGEST, max_value=LARGEST, places=2)


@pytest.mark.parametrize(
    ("text", "unit", "yuan"),
    [
        ("1200", "元", "1200.00"),
        ("1,200元", "元", "1200.00"),
        ("1，200.5", "元", "1200.50"),
        ("１２００", "元", "1200.00"),
        ("￥300", "元", "300.00"),
        ("¥ 300.4", "元", "300.40"),
        ("1.5万", "元", "15000.00"),
        ("1.5万元", "元", "15000.00"),
        ("1.5", "万元", "15000.00"),
        ("3500元", "万元", "3500.00"),
        ("0.35万", "千元", "3500.00"),
        ("1.2亿元", "元", "120000000.00"),
        ("5千元", "元", "5000.00"),
        ("0", "万元", "0.00"),
        ("-1", "元", "-1.00"),
        ("-￥5", "元", "-5.00"),
        ("-0", "元", "0.00"),
        (".5", "元", "0.50"),
        ("12.", "元", "12.00"),
        (" 12 000 元整", "元", "12000.00"),
        ("0.12345678", "万元", "1234.57"),
        ("0.005", "元", "0.01"),
    ],
)
def test_an_amount_is_read_as_offices_write_it(text, unit, yuan):
    assert str(parse_money(text, unit)) == yuan


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("无", "unreadable"),
        ("约300", "unreadable"),
        ("1,5", "unreadable"),
        ("12,34", "unreadable"),
        ("1.2.3", "unreadable"),
        ("1e5", "unreadable"),
        ("NaN", "unreadable"),
        ("Infinity", "unreadable"),
        ("--5", "unreadable"),
        ("-￥-5", "unreadable"),
        ("5美元", "unreadable"),
        ("٣٠٠", "unreadable"),
        ("1" * 41, "unreadable"),
        ("9" * 20, "too_large"),
        ("9999999亿", "too_large"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_reason(text, code):
    with pytest.raises(MoneyError) as refused:
        parse_money(text)

    assert refused.value.code == code


def test_the_refusal_does_not_repeat_what_was_typed():
    with pytest.raises(MoneyError) as refused:
        parse_money("440524188001010014号")

    assert "4405" not in str(refused.value) + repr(refused.value)


def test_an_unknown_unit_is_a_mistake_of_the_program():
    with pytest.raises(KeyError):
        parse_money("1", "美元")


@given(st.text())
def test_any_text_is_read_or_refused(text):
    try:
        amount = parse_money(text)
    except MoneyError:
        return
    assert amount == cents(amount)


@given(amounts)
def test_a_printed_amount_reads_back(amount):
    assert parse_money(format_yuan(amount)) == amount


@given(st.integers(min_value=-(10**10), max_value=10**10))
def test_a_printed_amount_in_wan_reads_back_to_the_yuan(yuan):
    written = format_wan(Decimal(yuan))

    assert parse_money(written, "万元") == yuan
    assert written == "0" or not written.endswith(("0", ".")) or "." not in written


@given(amounts, st.integers(min_value=1, max_value=200))
def test_shares_add_up_to_the_whole_and_differ_by_a_cent_at_most(total, n):
    shares = split_evenly(total, n)

    assert len(shares) == n
    assert sum(shares) == total
    assert max(shares) - min(shares) <= Decimal("0.01")


def test_nothing_cannot_be_split_among_nobody():
    with pytest.raises(ValueError, match="at least 1"):
        split_evenly(Decimal(1), 0)


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [("2.345", "2.35"), ("2.344999", "2.34"), ("-2.345", "-2.35"), ("7", "7.00")],
)
def test_half_a_cent_is_rounded_away_from_zero(exact, rounded):
    assert str(cents(Decimal(exact))) == rounded


@pytest.mark.parametrize(
    ("yuan", "wan"),
    [
        ("2185320", "218.532"),
        ("15000", "1.5"),
        ("10000", "1"),
        ("0", "0"),
        ("-0.4", "0"),
        ("78600000", "7,860"),
        ("1", "0.0001"),
    ],
)
def test_wan_has_no_trailing_zeros(yuan, wan):
    assert format_wan(Decimal(yuan)) == wan


def test_a_money_column_holds_yuan_with_two_places():
    field = MoneyField(null=True)

    assert (field.max_digits, field.decimal_places, field.null) == (14, 2, True)
