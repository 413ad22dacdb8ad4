from decimal import Decimal

import pytest

from povertyaid.lib.quantities import Kind
from reports.figures.numbers import as_number, percentage, plain, rounded, written


@pytest.mark.parametrize(
    ("part", "whole", "share"),
    [
        pytest.param(263, 263, "100.00", id="all is a hundred"),
        pytest.param(0, 263, "0.00", id="none is nought"),
        pytest.param(1, 3, "33.33", id="in between it is rounded"),
        pytest.param(99_999, 100_000, "99.99", id="nearly all is not all"),
        pytest.param(1, 100_000, "0.01", id="nearly none is not none"),
        pytest.param(150, 100, "150.00", id="a target may be exceeded"),
    ],
)
def test_a_share_is_only_whole_when_everyone_is_in_it(part, whole, share):
    assert percentage(Decimal(part), Decimal(whole)) == Decimal(share)


def test_a_share_of_nobody_is_not_a_number():
    assert percentage(Decimal(0), Decimal(0)) is None


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        pytest.param("12155", Kind.HOUSEHOLDS, "12,155", id="households are whole"),
        pytest.param("3591", Kind.YUAN_PER_PERSON_YEAR, "3,591.00", id="yuan have cents"),
        pytest.param("97.41", Kind.PERCENT, "97.41", id="per cent has two places"),
        pytest.param("0.5000", Kind.ITEMS, "0.5", id="a statistic keeps its own places"),
        pytest.param("300000.0000", Kind.ITEMS, "300,000", id="but no empty ones"),
    ],
)
def test_a_figure_is_written_as_its_kind_asks(value, kind, text):
    assert written(Decimal(value), kind) == text


def test_what_is_not_known_is_a_dash():
    assert written(None, Kind.HOUSEHOLDS) == "—"
    assert as_number(None) is None


def test_halves_are_rounded_away_from_zero():
    assert rounded(Decimal("2.345"), Kind.YUAN) == Decimal("2.35")


@pytest.mark.parametrize(
    ("value", "text"),
    [("30.0000", "30"), ("6000", "6,000"), ("0.5000", "0.5"), ("100", "100")],
)
def test_a_rule_is_worded_as_short_as_it_can_be(value, text):
    assert plain(Decimal(value)) == text


@pytest.mark.parametrize(("value", "number"), [("263", 263), ("100.00", 100), ("4.47", 4.47)])
def test_other_programs_get_numbers(value, number):
    assert as_number(Decimal(value)) == number
    assert type(as_number(Decimal(value))) is type(number)
