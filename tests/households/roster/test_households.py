"""Rows become households; what is wrong between rows is told where it stands."""

import pytest

from tests.households.roster.sheets import (
    HEADS,
    MEMBERS,
    codes,
    make_workbook,
    number,
    receipt_of,
    receipt_of_file,
    workbook_bytes,
)

ONE, TWO, THREE, FOUR = number(1), number(2), number(3), number(4)


def families(receipt):
    return [
        (household.get("code"), household["head"], [m["name"] for m in household["members"]])
        for household in receipt["households"]
    ]


# ---- where a household starts


def test_a_household_starts_where_the_code_changes_and_a_blank_continues_it():
    receipt = receipt_of(
        MEMBERS,
        ["1", "张三", "户主", ONE, "", ""],
        ["", "李梅", "配偶", TWO, "", ""],
        ["1", "张小", "之子", THREE, "", ""],
        ["2", "王五", "户主", FOUR, "", ""],
    )

    assert families(receipt) == [("1", "张三", ["张三", "李梅", "张小"]), ("2", "王五", ["王五"])]


def test_the_same_code_further_down_is_the_same_household():
    receipt = receipt_of(
        甲=[
            MEMBERS,
            ["1", "张三", "户主", ONE, "", ""],
            ["2", "王五", "户主", TWO, "", ""],
            ["1", "李梅", "配偶", FOUR, "", ""],
        ],
        乙=[MEMBERS, ["2", "王小", "之子", THREE, "", ""]],
    )

    assert families(receipt) == [("1", "张三", ["张三", "李梅"]), ("2", "王五", ["王五", "王小"])]


NO_CODE = ["序号", "姓名", "与户主关系", "身份证号"]


def test_without_a_code_the_running_number_starts_a_household():
    receipt = receipt_of(
        NO_CODE,
        [1, "张三", "户主", ONE],
        ["", "李梅", "配偶", TWO],
        [2, "王小", "之子", THREE],
        [2, "王五", "户主", FOUR],
    )

    assert families(receipt) == [(None, "张三", ["张三", "李梅"]), (None, "王五", ["王小", "王五"])]


def test_a_code_column_without_a_single_code_is_none():
    receipt = receipt_of(
        ["序号", *MEMBERS],
        [1, "", "张三", "户主", ONE, "", ""],
        ["", "", "李梅", "配偶", TWO, "", ""],
        [2, "", "王五", "户主", THREE, "", ""],
    )

    assert families(receipt) == [(None, "张三", ["张三", "李梅"]), (None, "王五", ["王五"])]


def test_without_a_code_the_name_of_the_head_starts_a_household():
    receipt = receipt_of(
        ["户主姓名", "姓名", "与户主关系", "身份证号"],
        ["张三", "张三", "户主", ONE],
        ["张三", "李梅", "配偶", TWO],
        ["王五", "王五", "户主", THREE],
        ["", "王小", "之子", FOUR],
    )

    assert families(receipt) == [(None, "张三", ["张三", "李梅"]), (None, "王五", ["王五", "王小"])]


def test_a_number_on_every_row_gives_way_to_the_name_of_the_head():
    receipt = receipt_of(
        ["序号", "户主姓名", "姓名", "与户主关系", "身份证号"],
        [1, "张三", "张三", "户主", ONE],
        [2, "张三", "李梅", "配偶", TWO],
        [3, "王五", "王五", "户主", THREE],
    )

    assert families(receipt) == [(None, "张三", ["张三", "李梅"]), (None, "王五", ["王五"])]


def test_a_number_that_counts_persons_leaves_the_head_to_start_a_household():
    receipt = receipt_of(
        NO_CODE,
        [1, "张三", "户主", ONE],
        [2, "李梅", "配偶", TWO],
        [3, "张小", "之子", THREE],
        [4, "王五", "户主", FOUR],
    )

    assert families(receipt) == [(None, "张三", ["张三", "李梅", "张小"]), (None, "王五", ["王五"])]


def test_where_only_relations_tell_the_head_starts_a_household():
    receipt = receipt_of(
        ["姓名", "与户主关系", "身份证号"],
        ["张三", "户主", ONE],
        ["李梅", "配偶", TWO],
        ["王五", "本人", THREE],
    )

    assert families(receipt) == [(None, "张三", ["张三", "李梅"]), (None, "王五", ["王五"])]


def test_merged_and_blank_filled_household_cells_are_the_same():
    book = make_workbook(
        [*MEMBERS, "家庭住址"],
        ["1", "张三", "户主", ONE, "", 2, "一组"],
        ["", "李梅", "配偶", TWO, "", "", ""],
        ["2", "王五", "户主", THREE, "", 1, "二组"],
    )
    for area in ("A2:A3", "F2:F3", "G2:G3"):
        book.active.merge_cells(area)

    receipt = receipt_of_file(workbook_bytes(book))

    assert [household["address"] for household in receipt["households"]] == ["一组", "二组"]
    assert receipt["warnings"] == []


# ---- household fields


def test_household_fields_come_from_the_first_row_that_has_them():
    receipt = receipt_of(
        [*MEMBERS, "家庭住址", "致贫原因"],
        ["1", "李梅", "配偶", TWO, "", "", "", "无"],
        ["", "张三", "户主", ONE, "", 2, "一组", "因病"],
    )

    household = receipt["households"][0]
    assert (household["row"], household["address"], household["causes"]) == (2, "一组", ["因病"])


def test_a_household_cell_that_differs_further_down_is_told_and_the_first_stays():
    receipt = receipt_of(
        [*MEMBERS, "家庭住址", "户联系电话"],
        ["1", "张三", "户主", ONE, "", 2, "一组", "15400000001"],
        ["1", "李梅", "配偶", TWO, "", 3, "一组", "15400000001.0"],
    )

    assert receipt["households"][0]["household_size"] == 2
    assert codes(receipt["warnings"]) == [("F", 3, "household_value_differs")]


def test_a_stated_size_that_is_not_the_number_of_rows_is_told_on_the_first_row():
    receipt = receipt_of(
        MEMBERS,
        ["1", "李梅", "配偶", TWO, "", "", ],
        ["", "张三", "户主", ONE, "", 3],
        ["", "张三", "户主", ONE, "", ""],
    )  # fmt: skip

    assert [f for f in codes(receipt["warnings"]) if f[2] != "duplicate_row"] == [
        ("F", 2, "household_size_differs")
    ]


def test_a_note_is_the_persons_in_a_roll_of_members_and_the_familys_in_a_list_of_heads():
    roll = receipt_of([*MEMBERS, "备注"], ["1", "张三", "户主", ONE, "", "", "独居"])
    heads = receipt_of(HEADS, ["1", "张三", ONE, "", "", "", "独居"])

    assert roll["households"][0]["members"][0]["note"] == "独居"
    assert heads["households"][0]["note"] == "独居"


# ---- heads


def test_in_a_list_of_heads_everybody_is_one():
    receipt = receipt_of(HEADS, ["1", "张三", ONE, "", "", "", ""])

    assert receipt["households"][0]["members"][0]["relation"] == "户主"


def test_two_heads_refuse_the_household():
    receipt = receipt_of(
        MEMBERS,
        ["1", "张三", "户主", ONE, "", ""],
        ["", "李梅", "本人", TWO, "", ""],
        ["", "张小", "之子", THREE, "", ""],
    )

    assert receipt["households"] == []
    assert codes(receipt["refusals"]) == [("C", row, "two_heads") for row in (2, 3, 4)]


def test_no_head_among_several_refuses_the_household():
    receipt = receipt_of(MEMBERS, ["1", "张三", "配偶", ONE, "", ""], ["", "李梅", "", TWO, "", ""])

    assert codes(receipt["refusals"]) == [("C", 2, "no_head"), ("C", 3, "no_head")]


def test_the_only_row_is_taken_as_the_head():
    receipt = receipt_of(MEMBERS, ["1", "张三", "配偶", ONE, "", ""])

    assert receipt["households"][0]["members"][0]["relation"] == "户主"
    assert codes(receipt["warnings"]) == [("C", 2, "head_assumed")]


def test_the_only_row_without_a_relation_is_told_twice():
    receipt = receipt_of(MEMBERS, ["1", "张三", "", ONE, "", ""])

    assert codes(receipt["warnings"]) == [("C", 2, "relation_missing"), ("C", 2, "head_assumed")]


def test_a_refused_head_refuses_everybody():
    receipt = receipt_of(
        MEMBERS,
        ["1", "李梅", "配偶", TWO, "", ""],
        ["", "张三", "户主", 5.1e17, "", ""],
        ["", "张小", "之子", THREE, "", ""],
        ["", "张小", "之子", THREE, "", ""],
    )

    assert receipt["counts"]["refused"] == 4
    assert sorted(codes(receipt["refusals"]), key=lambda f: f[1]) == [
        (None, 2, "head_refused"),
        ("D", 3, "id_damaged"),
        (None, 4, "head_refused"),
        (None, 5, "head_refused"),
    ]


def test_a_refused_member_leaves_the_others_in():
    receipt = receipt_of(
        MEMBERS, ["1", "张三", "户主", ONE, "", 2], ["", "李梅", "配偶", "12345", "", ""]
    )

    assert families(receipt) == [("1", "张三", ["张三"])]
    assert codes(receipt["refusals"]) == [("D", 3, "id_malformed")]
    assert receipt["warnings"] == []


# ---- the same number twice


def test_a_row_that_says_the_same_again_is_unchanged():
    receipt = receipt_of(
        MEMBERS,
        ["1", "张三", "户主", ONE, "男", 1],
        ["1", "张三", "户主", ONE, "男", 1],
        ["", "张三", "户主", ONE, "男", ""],
    )

    assert receipt["counts"] == {
        "read": 4, "created": 1, "updated": 0, "unchanged": 2, "refused": 0, "skipped": 1,
    }  # fmt: skip
    assert codes(receipt["warnings"]) == [(None, 3, "duplicate_row"), (None, 4, "duplicate_row")]


def test_a_number_again_with_other_values_is_refused():
    receipt = receipt_of(
        MEMBERS,
        ["1", "张三", "户主", ONE, "男", 1],
        ["1", "张山", "户主", ONE, "男", 1],
        ["1", "张三", "户主", ONE, "男", 2],
    )

    assert codes(receipt["refusals"]) == [
        ("D", 3, "duplicate_conflict"), ("D", 4, "duplicate_conflict"),
    ]  # fmt: skip
    assert families(receipt) == [("1", "张三", ["张三"])]


def test_a_person_of_another_household_of_the_file_is_refused():
    receipt = receipt_of(
        MEMBERS,
        ["1", "张三", "户主", ONE, "", ""],
        ["", "李梅", "配偶", TWO, "", ""],
        ["2", "王五", "户主", THREE, "", ""],
        ["", "李梅", "配偶", TWO, "", ""],
        ["3", "张三", "户主", ONE, "", ""],
    )

    assert codes(receipt["refusals"]) == [
        ("D", 5, "member_in_two_households"), ("D", 6, "member_in_two_households"),
    ]  # fmt: skip
    assert [family[0] for family in families(receipt)] == ["1", "2"]


def test_card_and_disability_certificate_are_one_person():
    receipt = receipt_of(
        MEMBERS, ["1", "张三", "户主", ONE, "", ""], ["2", "张三", "户主", ONE + "43", "", ""]
    )

    assert codes(receipt["refusals"]) == [("D", 3, "member_in_two_households")]


def test_in_a_list_of_heads_a_number_again_is_a_repeat_or_a_conflict():
    receipt = receipt_of(
        HEADS,
        ["1", "张三", ONE, "", "一组", 1, ""],
        ["1", "张三", ONE, "", "一组", 1, ""],
        ["2", "张三", ONE, "", "一组", 1, ""],
    )

    assert codes(receipt["warnings"]) == [(None, 3, "duplicate_row")]
    assert codes(receipt["refusals"]) == [("C", 4, "duplicate_conflict")]


def test_the_code_of_another_person_above_is_refused():
    receipt = receipt_of(
        HEADS, ["1", "张三", ONE, "", "", "", ""], ["1", "李四", TWO, "", "", "", ""]
    )

    assert codes(receipt["refusals"]) == [("A", 3, "code_repeated")]
    assert families(receipt) == [("1", "张三", ["张三"])]


def test_the_same_name_under_the_same_code_is_the_same_person():
    receipt = receipt_of(
        HEADS, ["1", "张三", "", "", "一组", "", ""], ["1", "张三", "", "", "一组", "", ""]
    )

    assert receipt["counts"]["unchanged"] == 1


def test_two_of_one_name_without_numbers_are_two_families():
    receipt = receipt_of(
        HEADS, ["", "张三", "", "", "一组", "", ""], ["", "张三", "", "", "二组", "", ""]
    )

    assert receipt["counts"]["created"] == 2


def test_in_another_sheet_the_same_person_stands_for_another_household():
    receipt = receipt_of(
        甲=[MEMBERS, ["1", "张三", "户主", ONE, "", ""]],
        乙=[HEADS, ["2", "张三", ONE, "", "", "", ""]],
    )

    assert [(f["sheet"], f["column"], f["code"]) for f in receipt["refusals"]] == [
        ("乙", "C", "member_in_two_households")
    ]


# ---- phones


def test_a_phone_of_another_household_is_told():
    receipt = receipt_of(
        [*MEMBERS, "手机号码"],
        ["1", "张三", "户主", ONE, "", "", "15400000001"],
        ["", "李梅", "配偶", TWO, "", "", "15400000001"],
        ["2", "王五", "户主", THREE, "", "", 15400000001.0],
        ["3", "赵六", "户主", FOUR, "", "", "0451-1234567"],
    )

    assert codes(receipt["warnings"]) == [("G", 4, "phone_shared"), ("G", 5, "phone_malformed")]


# ---- counts


@pytest.mark.parametrize("lines", [3, 7])
def test_counts_add_up(lines):
    rows = [
        ["1", "张三", "户主", ONE, "", ""],
        ["小计"],
        [],
        ["2", "", "户主", "12", "", ""],
    ] * lines

    counts = receipt_of(MEMBERS, *rows)["counts"]

    assert counts["read"] == 1 + 4 * lines
    assert counts["read"] == sum(n for name, n in counts.items() if name != "read")
