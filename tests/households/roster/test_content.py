"""What a column seems to hold, and where the header of a sheet nobody knows may stand."""

import datetime

import pytest

from households.roster.core import layout
from households.roster.core.content import Hints, propose, samples
from households.roster.core.header import Column, Header, guess_header
from households.roster.core.headings import standard
from households.roster.core.reading import Knowledge, of_sheets
from tests.households.roster.sheets import number, sheets

HINTS = Hints(units={"石桥镇", "第一机床厂工会"}, categories={"深度困难"}, causes={"因病", "因学"})


def proposed(*cells, hints=HINTS):
    """(field, what spoke for it) of a column without a known heading, or None."""
    header = Header((1,), (Column(0, "某栏", None),))
    found = propose(header, [[cell] for cell in cells], hints).get(0)
    return found and (found.field, found.because)


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ([number(1), f"'{number(2)}", f"身份证:{number(3)}"], "id_number"),
        ([number(1)[:6] + "700101001", 239999700101002, number(1)], None),
        (["15400000001", 15400000002, "154 0000 0003"], "phone"),
        (["6299905288743423302", "6299 9052 8874 3423"], "bank_account"),
        (["男", "女", "", "男"], "sex"),
        (["户主", "配偶", "长子", "之女"], "relation"),
        (["汉族", "鄂伦春族"], "ethnicity"),
        (["王建国", "艾力·吐尔逊", "李 梅"], "name"),
        (["石桥镇", "第一机床厂工会"], "unit"),
        (["团结村", "三连"], "unit"),
        (["深度困难", "深度困难"], "category"),
        (["因病、因学", "因病"], "causes"),
        (["1970-01-01", "1982.3", datetime.date(1990, 5, 1)], "birth_date"),
        (["2025-01-01", "2024年3月", datetime.date(2023, 5, 1)], "identified_on"),
        (["1,200.00", 800, "0.35万"], None),
        (["下棋", "听戏", "种花"], None),
        (["男"], None),
        (["男", "汉族", "下棋", number(1)], None),
        ([], None),
    ],
)  # fmt: skip
def test_a_column_is_proposed_by_what_it_holds(cells, field):
    found = proposed(*cells)

    assert (found and found[0]) == field


def test_a_field_that_is_known_is_not_proposed_again():
    header = Header((1,), (Column(0, "姓名", "name"), Column(1, "某栏", None)))

    assert propose(header, [["王建国", "李梅"], ["赵敏", "陈刚"]]) == {}


def test_a_field_is_proposed_once_for_the_column_that_holds_most_of_it():
    header = Header((1,), (Column(0, "甲", None), Column(1, "乙", None)))
    rows = [["15400000001", "15400000002"], ["15400000003", "15400000004"], ["/", "15400000005"]]

    assert {index: found.field for index, found in propose(header, rows).items()} == {1: "phone"}


def test_samples_are_the_first_different_values_shortened():
    column = Column(0, "备注", None)
    rows = [["/"], ["甲"], ["甲"], ["乙" * 50], [""], ["丙"], ["丁"]]

    assert samples(column, rows) == ["甲", "乙" * 40 + "…", "丙"]


def test_the_header_nobody_knows_is_the_row_of_words_above_the_data():
    top = [["困难职工名单", "", ""], ["当事人", "证件", "户籍地"], ["王建国", number(1), "一组"]]

    header = guess_header(top, (), standard())

    assert header.rows == (2,)
    assert [column.heading for column in header.columns] == ["当事人", "证件", "户籍地"]


def test_a_two_row_header_nobody_knows_joins_parent_and_child():
    top = [
        ["当事人情况", "", "", "走访情况", ""],
        ["称呼", "证件", "户籍地", "哪天", "谁去"],
        ["王建国", number(1), "一组", "2026-01-01", "李梅"],
    ]

    header = guess_header(top, [(0, 0, 0, 2), (0, 3, 0, 4)], standard())

    assert header.rows == (1, 2)
    assert header.columns[1].heading == "当事人情况/证件"


@pytest.mark.parametrize(
    "top",
    [
        [["帮扶工作总结"], ["今年以来，各级工会……"]],
        [["单位", "户数"], ["石桥镇", 12]],
        [[1, 2, 3], [4, 5, 6]],
        [],
    ],
    ids=["prose", "narrow", "figures", "nothing"],
)
def test_no_header_is_guessed_where_there_is_none(top):
    assert guess_header(top, (), standard()) is None


def test_what_was_confirmed_for_a_layout_comes_before_every_rule():
    rows = [["户主姓名", "证件", "户籍地"], ["王建国", number(1), "一组"]]
    asked = of_sheets(sheets(*rows)).sheets[0]
    known = Knowledge(
        layouts={asked.layout.fingerprint: {"A": "name", "B": "id_number", "C": "address"}}
    )

    reading = of_sheets(sheets(*rows), known)

    assert asked.use == "no_header"
    assert reading.tables[0].mapping == {
        "户主姓名": "name",
        "证件": "id_number",
        "户籍地": "address",
    }
    assert reading.sheets[0].layout.is_confirmed
    assert reading.sheets[0].samples.proposals == {}


def test_another_order_of_columns_is_another_layout():
    one, other = (
        layout.fingerprint(enumerate(words)) for words in (["姓名", "住址"], ["住址", "姓名"])
    )

    assert one != other


def test_an_amount_keeps_the_unit_of_its_heading_however_it_was_chosen():
    headings = [("A", "当事人"), ("B", "证件"), ("C", "给了多少（万元）")]

    header = layout.chosen_header(headings, {"A": "name", "B": "id_number", "C": "aid_amount"})

    assert (header.columns[2].field, header.columns[2].unit) == ("aid_amount", "万元")
    assert header.is_enough


def test_fields_that_two_columns_may_share_are_not_doubled():
    headings = [("A", "因"), ("B", "由"), ("C", "称呼"), ("D", "名字")]
    header = layout.chosen_header(
        headings, {"A": "causes", "B": "causes", "C": "name", "D": "name"}
    )

    assert layout.doubled(header.columns) == {"name"}
