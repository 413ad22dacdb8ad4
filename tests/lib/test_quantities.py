from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from povertyaid.lib.quantities import Kind, KindError, Quantity, total

numbers = st.integers(0, 10**9)
countable = st.sampled_from([kind for kind in Kind if kind.adds_up])


@given(numbers, numbers, countable)
def test_like_adds_to_like(a, b, kind):
    assert Quantity(a, kind) + Quantity(b, kind) == Quantity(a + b, kind)
    assert Quantity(a, kind) - Quantity(b, kind) == Quantity(a - b, kind)


@given(countable, countable)
def test_unlike_kinds_refuse_to_be_added(one, other):
    if one is other:
        return
    with pytest.raises(KindError):
        Quantity(1, one) + Quantity(1, other)


@pytest.mark.parametrize("kind", [Kind.PERCENT, Kind.TIMES, Kind.YUAN_PER_PERSON_YEAR])
def test_averages_and_shares_have_no_sum(kind):
    with pytest.raises(KindError):
        Quantity(1, kind) + Quantity(1, kind)


def test_a_bare_number_is_of_no_kind():
    with pytest.raises(KindError):
        Quantity(1, Kind.HOUSEHOLDS) + 1
    with pytest.raises(TypeError):
        sum([Quantity(1, Kind.HOUSEHOLDS)])


def test_a_total_is_of_the_kind_that_was_asked_for():
    assert total(
        [Quantity(132, Kind.HOUSEHOLDS), Quantity(131, Kind.HOUSEHOLDS)], Kind.HOUSEHOLDS
    ) == (Quantity(263, Kind.HOUSEHOLDS))
    assert total([], Kind.PERSONS) == Quantity(0, Kind.PERSONS)
    with pytest.raises(KindError):
        total([Quantity(1, Kind.PERSONS)], Kind.HOUSEHOLDS)


def test_only_like_is_compared_with_like():
    one, two = Quantity(1, Kind.PAIRS), Quantity(2, Kind.PAIRS)

    assert one < two
    assert one <= two
    assert two > one
    assert two >= one
    with pytest.raises(KindError):
        assert one < Quantity(2, Kind.PERSONS)


def test_a_share_needs_a_whole():
    assert Quantity(134, Kind.HOUSEHOLDS).share_of(Quantity(268, Kind.HOUSEHOLDS)) == (
        Quantity(50, Kind.PERCENT)
    )
    assert Quantity(0, Kind.HOUSEHOLDS).share_of(Quantity(0, Kind.HOUSEHOLDS)) is None
    with pytest.raises(KindError):
        Quantity(1, Kind.PERSONS).share_of(Quantity(2, Kind.HOUSEHOLDS))


def test_a_quantity_is_written_with_its_sign():
    assert str(Quantity(1263, Kind.HOUSEHOLDS)) == "1,263户"
    assert str(Quantity(Decimal("0.50"), Kind.PERCENT)) == "0.50%"
