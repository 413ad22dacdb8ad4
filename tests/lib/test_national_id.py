from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from povertyaid.lib.national_id import (
    NationalId,
    NationalIdError,
    age_on,
    check_character,
    check_digit_fits,
    clean,
    mask,
    mask_account,
    mask_phone,
    parse,
    upgrade,
)

seventeen = st.builds(
    lambda area, birth, sequence: f"{area:06d}{birth:%Y%m%d}{sequence:03d}",
    st.integers(110000, 999999),
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.integers(0, 999),
)


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_the_examples_of_the_standard_fit(number):
    assert check_digit_fits(number)


def test_a_number_tells_birth_date_sex_and_area():
    assert parse("11010519491231002X") == NationalId(
        "11010519491231002X", date(1949, 12, 31), "女", "110105"
    )


@pytest.mark.parametrize(
    "written",
    [
        "11010519491231002x",
        "'11010519491231002X",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "‘11010519491231002X",
    ],
)
def test_a_number_is_cleaned_before_it_is_read(written):
    assert clean(written) == "11010519491231002X"
    assert parse(written).sex == "女"


def test_a_number_of_fifteen_digits_is_upgraded():
    assert upgrade("340524800101001") == "34052419800101001X"
    assert parse("340524800101001").birth_date == date(1980, 1, 1)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "wrong_length"),
        ("1101051949123100", "wrong_length"),
        ("11010519491231002", "wrong_length"),
        ("1101051949123100200", "wrong_length"),
        ("11010519491231X02X", "wrong_characters"),
        ("11010519491231002Y", "wrong_characters"),
        ("34052480010100X", "wrong_characters"),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "wrong_characters"),
        ("110105202302300023", "impossible_birth_date"),
        ("110105000012310021", "impossible_birth_date"),
        ("110105179912310021", "impossible_birth_date"),
    ],
)
def test_what_is_no_identity_number_is_refused_with_its_reason(number, code):
    with pytest.raises(NationalIdError) as refused:
        parse(number)

    assert refused.value.code == code


def test_a_wrong_check_character_is_read_all_the_same():
    assert not check_digit_fits("110105194912310021")
    assert parse("110105194912310021").sex == "女"


@pytest.mark.parametrize("text", ["", "3405248001010", "abc", "11010519491231002"])
def test_what_is_no_number_does_not_fit(text):
    assert not check_digit_fits(text)


@pytest.mark.parametrize(
    ("first17", "code"), [("1", "wrong_length"), ("x" * 17, "wrong_characters")]
)
def test_a_check_character_needs_seventeen_digits(first17, code):
    with pytest.raises(NationalIdError) as refused:
        check_character(first17)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("number", "code"), [("1", "wrong_length"), ("x" * 15, "wrong_characters")]
)
def test_only_fifteen_digits_are_upgraded(number, code):
    with pytest.raises(NationalIdError) as refused:
        upgrade(number)

    assert refused.value.code == code


@given(seventeen)
def test_the_character_that_is_computed_fits(first17):
    number = first17 + check_character(first17)

    assert check_digit_fits(number)
    assert parse(number).number == number
    assert (parse(number).sex == "男") == (int(number[16]) % 2 == 1)


@given(seventeen, st.integers(0, 16), st.integers(1, 9))
def test_any_one_wrong_digit_is_noticed(first17, place, slip):
    number = first17 + check_character(first17)
    wrong = str((int(number[place]) + slip) % 10)

    assert not check_digit_fits(number[:place] + wrong + number[place + 1 :])


@given(seventeen, st.integers(0, 15))
def test_two_neighbours_swapped_are_noticed(first17, place):
    number = first17 + check_character(first17)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]

    assert check_digit_fits(swapped) == (number[place] == number[place + 1])


@given(st.text())
def test_any_text_is_read_or_refused(text):
    try:
        parsed = parse(text)
    except NationalIdError:
        return
    assert len(parsed.number) == 18


def test_a_number_is_masked_wherever_it_is_printed():
    number = parse("11010519491231002X")

    assert mask("511796197001010558") == "5117**********0558"
    assert str(number) == "1101**********002X"
    assert repr(number) == "NationalId(1101**********002X)"


def test_phone_and_account_are_masked():
    assert mask_phone("13812345678") == "138****5678"
    assert mask_account("6217000012345671234") == "***************1234"


@given(st.text(max_size=30), st.sampled_from([mask, mask_phone, mask_account]))
def test_a_mask_keeps_the_length_and_hides_at_least_four(text, hide):
    hidden = hide(text)

    assert len(hidden) == len(text)
    assert hidden.count("*") >= min(4, len(text))


@pytest.mark.parametrize(
    ("birth", "day", "years"),
    [
        (date(1964, 12, 10), date(2013, 12, 9), 48),
        (date(1964, 12, 10), date(2013, 12, 10), 49),
        (date(2000, 2, 29), date(2001, 2, 28), 0),
        (date(2000, 2, 29), date(2001, 3, 1), 1),
        (date(2000, 2, 29), date(2004, 2, 29), 4),
        (date(2010, 1, 1), date(2009, 12, 31), -1),
    ],
)
def test_age_counts_full_years(birth, day, years):
    assert age_on(birth, day) == years
