import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from povertyaid.lib.national_id import age_on, check_digit_fits, parse
from reports.demo.people import Registry, family_name, grow, lot
from reports.demo.s0 import spread

ON = datetime.date(2012, 6, 1)


def a_family(seed, size):
    return grow(lot(seed), Registry("239900"), size=size, on=ON, employer="红旗农场")


def test_the_same_family_comes_out_on_every_machine():
    assert a_family("S0-HQ-1-000001", 5) == a_family("S0-HQ-1-000001", 5)
    assert a_family("S0-HQ-1-000001", 5) != a_family("S0-HQ-1-000002", 5)


@given(st.integers(1, 6), st.integers(0, 10**6))
def test_a_family_fits_together(size, seed):
    head, *others = persons = a_family(str(seed), size)

    assert len(persons) == size
    assert head.relation == "户主"
    assert len({person.name for person in persons}) == size
    assert len({person.id_number for person in persons}) == size
    for person in persons:
        assert check_digit_fits(person.id_number)
        assert parse(person.id_number).sex == person.sex
        assert 0 <= age_on(person.birth_date, ON) <= 94
    for person in others:
        years = person.birth_date.year - head.birth_date.year
        if person.relation == "配偶":
            assert person.sex != head.sex
            assert -4 <= years <= 3
        elif person.relation in {"之子", "之女"}:
            assert years >= 18
            assert (person.sex == "男") == (person.relation == "之子")
            assert age_on(person.birth_date, ON) < 26
        else:
            assert years <= -18
            assert (person.sex == "男") == (person.relation == "之父")
            if person.sex == "男":
                assert family_name(person.name) == family_name(head.name)


@given(
    st.integers(0, 10**8),
    st.lists(st.floats(0.5, 20), min_size=1, max_size=300),
)
def test_shares_add_up_to_the_yuan(total, weights):
    shares = spread(total, weights)

    assert sum(shares) == total
    assert min(shares) >= 0
    assert len(shares) == len(weights)


def test_an_area_has_six_digits():
    with pytest.raises(ValueError, match="six digits"):
        Registry("2399")


def test_phones_and_accounts_do_not_repeat():
    registry = Registry("239900")

    phones = {registry.phone() for _ in range(200)}
    accounts = {registry.account() for _ in range(200)}

    assert {len(phone) for phone in phones} == {11}
    assert {len(account) for account in accounts} == {19}
    assert len(phones) == len(accounts) == 200
    assert all(luhn(account) for account in accounts)


def luhn(number):
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[::2] + [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]) % 10 == 0
