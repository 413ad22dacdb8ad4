"""One cell, one value: identity numbers, dates, money, phones in every state they arrive in."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from households.roster.core import values
from households.roster.core.fields import FIELDS
from households.roster.core.sheet import Odd
from povertyaid.lib import national_id
from tests.households.roster.sheets import number

GOOD = number(124)


def read(field, cell, unit="元"):
    return values.Reader(FIELDS[field], unit)(cell)


# ---- nothing


@pytest.mark.parametrize("cell", ["", "  ", "无", "/", "-", "－", "—", "——", " 无 ", "\u3000"])
def test_a_word_for_nothing_is_no_value(cell):
    assert read("address", cell) == (None, ())
    assert read("income_wage", cell) == (None, ())


@pytest.mark.parametrize("cell", ["0", 0, 0.0])
def test_nought_is_a_value(cell):
    assert read("income_wage", cell) == ("0.00", ())


# ---- identity numbers


@pytest.mark.parametrize(
    "written",
    [
        f" {GOOD} ",
        f"'{GOOD}",
        f"‘{GOOD}",
        f"{GOOD[:6]} {GOOD[6:14]} {GOOD[14:]}",
        f"身份证:{GOOD}",
        f"身份证号码：{GOOD}",
        f'="{GOOD}"',
        "".join(chr(ord(c) + 0xFEE0) for c in GOOD),
        GOOD.lower(),
        f"\t{GOOD}",
    ],
    ids=["spaces", "apostrophe", "quote", "gaps", "label", "full label", "csv", "wide", "x", "tab"],
)
def test_an_identity_number_is_cleaned(written):
    found = values.identity(written)

    assert (found.number, found.kind, found.codes, found.fits) == (GOOD, "national_id", (), True)


@pytest.mark.parametrize(
    "cell", [float(int(GOOD[:17])) * 10, 5.11799e17, 1e15, "5.11794E+17", "5.1E17"]
)
def test_a_number_that_a_spreadsheet_has_cut_is_damaged(cell):
    assert values.identity(cell).codes == ("id_damaged",)


@pytest.mark.parametrize(
    "cell",
    [GOOD[:17], GOOD + "1", "23999919700101124Y", "ABC", "2399-991970-0101", True, 12345.5, 123],
    ids=["17", "19", "letter", "word", "dashes", "bool", "fraction", "short number"],
)
def test_what_is_no_number_is_malformed(cell):
    assert values.identity(cell).codes == ("id_malformed",)


@pytest.mark.parametrize("cell", ["239999700101124", 239999700101124, 239999700101124.0])
def test_fifteen_digits_are_upgraded_and_kept(cell):
    found = values.identity(cell)

    assert found.number == national_id.upgrade("239999700101124")
    assert (found.former, found.codes) == ("239999700101124", ("id_15_digits",))


@pytest.mark.parametrize("end", ["43", "43B1"])
def test_a_disability_certificate_is_kept_whole(end):
    found = values.identity(GOOD + end)

    assert (found.number, found.kind) == (GOOD + end, "disability_certificate")


def test_a_certificate_whose_number_fails_its_check_is_told():
    wrong = GOOD[:17] + ("1" if GOOD[17] != "1" else "2")

    assert values.identity(wrong).codes == ("id_check_digit",)
    assert values.identity(wrong + "43").codes == ("id_check_digit",)


def test_a_placeholder_is_no_number():
    assert values.identity("999999198706225525") == values.Identity(codes=("id_placeholder",))


def test_an_error_cell_is_no_number():
    assert values.identity(Odd.ERROR).codes == ("cell_error",)
    assert values.identity("#REF!").codes == ("cell_error",)
    assert values.identity(Odd.NO_STORED_VALUE).codes == ("formula_no_value",)


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_has_a_code(text):
    found = values.identity(text)

    assert found.number or found.codes or values.clean_identity(values.tidy(text)) in values.NOTHING
    if found.number:
        assert len(found.number) in (18, 20, 22)
        assert values.EIGHTEEN.fullmatch(found.number[:18])


@given(st.integers(0, 998), st.dates(datetime.date(1900, 1, 1), datetime.date(2020, 1, 1)))
def test_a_right_number_tells_sex_and_birth_date(serial, born):
    written = number(serial, born=f"{born:%Y%m%d}")

    assert values.birth_date_of(written) == born.isoformat()
    assert values.sex_of(written) == ("男" if serial % 2 else "女")


# ---- dates


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2017.12", "2017-12"),
        ("2017年12月", "2017-12"),
        ("2018年3月5日", "2018-03-05"),
        ("2016", "2016"),
        ("2016年", "2016"),
        ("201711", "2017-11"),
        ("20190406", "2019-04-06"),
        ("19750325.0", "1975-03-25"),
        ("201806.0", "2018-06"),
        ("2017.0", "2017"),
        ("1975-6", "1975-06"),
        ("2018/7/9", "2018-07-09"),
        ("2017-12-19 00:00:00", "2017-12-19"),
        ("２０１８．０６", "2018-06"),
        ("2017.1", "2017-01"),
        ("2017.10", "2017-10"),
        ("43084", "2017-12-15"),
        (43084.0, "2017-12-15"),
        (20000, "1954-10-03"),
        (60000, "2064-04-08"),
        (2017.12, "2017-12"),
        (2018.03, "2018-03"),
        (2017.2, "2017-02"),
        (2017.0, "2017"),
        (201806.0, "2018-06"),
        (20180709.0, "2018-07-09"),
        (datetime.date(2020, 5, 6), "2020-05-06"),
        (datetime.datetime(2020, 5, 6, 10, 30), "2020-05-06"),  # noqa: DTZ001 -- as calamine gives it
    ],
    ids=str,
)
def test_a_date_is_read_as_exactly_as_it_is_known(cell, value):
    assert read("identified_on", cell) == (value, ())


def test_the_number_2017_1_is_only_the_year():
    assert read("identified_on", 2017.1) == ("2017", ("date_ambiguous",))
    assert read("birth_date", 1965.1) == ("1965", ("date_ambiguous",))


@pytest.mark.parametrize(
    "cell",
    [
        "不详", "2017.13", "2023-02-30", "75年6月", "12345678", "61000", 2017.13, 2017.123, 43084.5, 19999,
        60001, 1e300, float("inf"), -2017, True, datetime.time(10, 30), datetime.timedelta(days=3),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_date_is_left_out(cell):
    assert read("identified_on", cell) == (None, ("date_unreadable",))


@given(st.text(max_size=30))
def test_no_text_stops_the_reading_of_dates(text):
    value, codes = read("identified_on", text)

    assert value is None or (len(value) in (4, 7, 10) and "date_unreadable" not in codes)


@given(st.floats())
def test_no_number_stops_the_reading(cell):
    for field in (
        "identified_on",
        "income_wage",
        "household_size",
        "phone",
        "bank_account",
        "note",
    ):
        read(field, cell)
    values.identity(cell)


# ---- money


@pytest.mark.parametrize(
    ("cell", "unit", "value"),
    [
        (2.68, "万元", "26800.00"),
        (0.0005, "万元", "5.00"),
        ("0.35万", "元", "3500.00"),
        ("1200元", "万元", "1200.00"),
        ("2万元", "元", "20000.00"),
        ("1,200元", "万元", "1200.00"),
        ("￥500元", "万元", "500.00"),
        ("０．５", "万元", "5000.00"),
        (" 0.08 ", "万元", "800.00"),
        ("12,500", "元", "12500.00"),
        (0.1 + 0.2, "元", "0.30"),
        (2199.9999999998, "元", "2200.00"),
        (3, "千元", "3000.00"),
    ],
    ids=str,
)
def test_an_amount_is_yuan_with_two_decimals(cell, unit, value):
    assert read("aid_amount", cell, unit) == (value, ())


@pytest.mark.parametrize(
    "cell",
    ["三千左右", "约八千", "1.2.3", "元", 1e30, float("nan"), True, datetime.date(2020, 1, 1)],
    ids=str,
)
def test_what_is_no_amount_is_left_out(cell):
    assert read("aid_amount", cell) == (None, ("amount_unreadable",))


@pytest.mark.parametrize("cell", [-1, -1.0, "-1", "-1200元"])
def test_an_amount_below_zero_is_left_out_and_told(cell):
    assert read("income_wage", cell) == (None, ("amount_negative",))


@given(st.decimals(0, 10**9, places=2))
def test_an_amount_keeps_every_cent(amount):
    assert read("aid_amount", f"{amount:,}") == (str(amount), ())
    assert read("aid_amount", str(amount)) == (str(amount), ())
    assert Decimal(read("aid_amount", float(amount))[0]) == amount


@pytest.mark.parametrize(
    ("cell", "value"),
    [(5, 5), (5.0, 5), ("5", 5), ("5.0", 5), ("5人", 5), ("５", 5), ("0", 0)],
    ids=str,
)
def test_a_size_is_a_whole_number(cell, value):
    assert read("household_size", cell) == (value, ())


@pytest.mark.parametrize("cell", ["五口", 4.5, -3, 99999999], ids=str)
def test_what_is_no_whole_number_is_left_out(cell):
    assert read("household_size", cell) == (None, ("amount_unreadable",))


# ---- phones and accounts


@pytest.mark.parametrize(
    "cell",
    [
        15405163477.0,
        15405163477,
        "15405163477.0",
        " 154 0516 3477 ",
        "154-0516-3477",
        "+86 15405163477",
        "１５４０５１６３４７７",
    ],
    ids=str,
)
def test_a_phone_is_its_digits(cell):
    assert read("phone", cell) == ("15405163477", ())


def test_an_account_stored_as_a_number_keeps_its_digits_or_is_damaged():
    assert read("bank_account", 62284800.0) == ("62284800", ())
    assert read("bank_account", 6.299905e18) == (None, ("bank_account_damaged",))
    assert read("bank_account", "6.2299E+18") == (None, ("bank_account_damaged",))


def test_an_account_loses_its_spaces():
    assert read("bank_account", "6299 9052 8874 3423 302") == ("6299905288743423302", ())


@pytest.mark.parametrize(
    ("account", "is_told"),
    [
        ("6299905288743423302", False),
        ("6299905288743423303", True),
        ("6299905288743423", True),
        ("62284800", False),
        ("0299905288743423303", False),
    ],
    ids=["right", "wrong 19", "wrong 16", "a passbook", "no card"],
)
def test_only_a_card_number_is_checked(account, is_told):
    assert read("bank_account", account) == (account, ("bank_account_check",) if is_told else ())


# ---- words


def test_names_lose_spaces_and_have_one_kind_of_dot():
    assert read("name", "姚\u3000春")[0] == "姚春"
    assert read("name", "艾力•吐尔逊")[0] == read("name", "艾力．吐尔逊")[0] == "艾力·吐尔逊"


def test_causes_are_split_and_named_once():
    assert read("causes", "因病、因学，因病;缺资金；无")[0] == ("因病", "因学", "缺资金")


@pytest.mark.parametrize("cell", ["本人", "户主", "本人或户主"])
def test_the_head_has_one_word(cell):
    assert read("relation", cell) == ("户主", ())


def test_other_relations_stay_as_written():
    assert read("relation", " 之孙子 ") == ("之孙子", ())


@pytest.mark.parametrize(
    ("cell", "value"), [("1", "男"), (2.0, "女"), ("１", "男"), ("女", "女"), ("不详", "不详")]
)
def test_sex_may_be_a_number(cell, value):
    assert read("sex", cell) == (value, ())


def test_a_line_break_in_a_note_is_one_character():
    assert read("note", "两处住址:\r\n1.村里")[0] == "两处住址:\n1.村里"


def test_control_characters_are_dropped():
    assert read("note", "低\x07保\x00户\u200b")[0] == "低保户"


def test_a_number_in_a_text_column_is_written_as_a_person_would():
    assert read("note", 3.0)[0] == "3"
    assert read("note", 1.5)[0] == "1.5"
    assert read("code", 5117960280001.0)[0] == "5117960280001"
    assert read("note", datetime.date(2020, 5, 6))[0] == "2020-05-06"
    assert read("note", True)[0] == "TRUE"


# ---- length, errors, formulas


def test_more_than_255_characters_are_refused_but_in_a_note():
    assert read("address", "路" * 255) == ("路" * 255, ())
    assert read("address", "路" * 256) == (None, ("too_long",))
    assert read("note", "路" * 100_000) == ("路" * 100_000, ())
    assert values.identity("1" * 256).codes == ("too_long",)


@pytest.mark.parametrize("cell", ["#VALUE!", "#N/A", "#DIV/0!", Odd.ERROR])
def test_an_error_of_the_spreadsheet_is_no_value(cell):
    assert read("address", cell) == (None, ("cell_error",))


def test_a_formula_that_was_never_calculated_is_no_value():
    assert read("address", Odd.NO_STORED_VALUE) == (None, ("formula_no_value",))


@pytest.mark.parametrize("cell", ["=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "+加", "-见附件"])
def test_text_that_looks_like_a_formula_is_kept_and_told(cell):
    assert read("note", cell) == (cell, ("formula_like_text",))


@pytest.mark.parametrize(
    ("field", "cell"),
    [
        ("note", "-5"),
        ("note", "+8613800000000"),
        ("note", "-1,200.50"),
        ("phone", "+8613800000000"),
    ],
)
def test_a_number_or_phone_with_a_sign_is_no_formula(field, cell):
    assert read(field, cell)[1] == ()


@given(st.sampled_from(sorted(FIELDS)), st.text(max_size=300))
def test_no_text_stops_a_reader(field, text):
    first = read(field, text)
    reader = values.Reader(FIELDS[field])

    assert reader(text) == reader(text) == first


def test_a_remembered_number_is_no_truth_value():
    reader = values.Reader(FIELDS["household_size"])

    assert [reader(cell) for cell in (1.0, True, 1.0)] == [
        (1, ()),
        values.Reader(FIELDS["household_size"])(True),
        (1, ()),
    ]


def test_nought_is_read_alike_with_either_sign():
    assert read("income_wage", -0.0) == read("income_wage", 0.0) == ("0.00", ())


@pytest.mark.parametrize("text", ["2017-02-30", "2100-13-01"])
def test_a_plain_day_that_does_not_exist_is_unreadable(text):
    assert read("birth_date", text) == (None, ("date_unreadable",))
