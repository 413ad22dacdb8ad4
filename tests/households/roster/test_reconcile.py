"""A roll against what is on file: matched by code, else by head; persons by number, else by name."""

from households.roster.core.reconcile import Stored, StoredHousehold, reconcile
from tests.households.roster.sheets import (
    HEADS,
    MEMBERS,
    codes,
    number,
    plan_of,
    receipt_of,
    stored_after,
)

ONE, TWO, THREE, FOUR = number(1), number(2), number(3), number(4)
FAMILY = [
    MEMBERS,
    ["1", "张三", "户主", ONE, "男", 3],
    ["", "李梅", "配偶", TWO, "女", ""],
    ["", "张小", "之子", "", "男", ""],
]


def on_file(*rows, **named):
    return stored_after(plan_of(*rows, **named)[1])


def again(stored, *rows):
    receipt = receipt_of(*rows, stored=stored)
    return receipt, {name: n for name, n in receipt["counts"].items() if n and name != "skipped"}


def test_the_same_roll_again_is_unchanged():
    receipt, counts = again(on_file(*FAMILY), *FAMILY)

    assert counts == {"read": 4, "unchanged": 3}
    assert receipt["households"][0]["household_size"] == 3


def test_a_changed_person_and_a_changed_household_are_updated_rows():
    stored = on_file(
        [*FAMILY[0], "家庭住址"], [*FAMILY[1], "一组"], [*FAMILY[2], ""], [*FAMILY[3], ""]
    )

    _reading, plan = plan_of(
        [*FAMILY[0], "家庭住址", "健康状况"],
        [*FAMILY[1], "二组", ""],
        [*FAMILY[2], "", "残疾"],
        [*FAMILY[3], "", ""],
        stored=stored,
    )

    household = plan.households[0]
    assert [(c.field, c.old, c.new) for c in household.changes] == [("address", "一组", "二组")]
    assert [person.outcome for person in household.persons] == ["updated", "updated", "unchanged"]
    assert [(c.field, c.old, c.new) for c in household.persons[1].changes] == [
        ("health", None, "残疾")
    ]


def test_no_value_never_erases_nor_does_a_missing_column():
    stored = on_file(
        [*FAMILY[0], "民族"], [*FAMILY[1], "满族"], [*FAMILY[2], "汉族"], [*FAMILY[3], "汉族"]
    )

    receipt, counts = again(
        stored,
        ["户编号", "姓名", "与户主关系", "身份证号", "性别"],
        ["1", "张三", "户主", ONE, "无"],
        ["", "李梅", "配偶", "", ""],
        ["", "张小", "之子", "/", ""],
    )

    assert counts == {"read": 4, "unchanged": 3}
    head, wife, _son = receipt["households"][0]["members"]
    assert (head["ethnicity"], head["sex"], wife["id_number"]) == ("满族", "男", TWO)
    assert receipt["households"][0]["household_size"] == 3


def test_a_number_is_filled_in_by_name_within_the_household():
    receipt, counts = again(on_file(*FAMILY), *FAMILY[:3], ["", "张小", "之子", THREE, "男", ""])

    assert counts == {"read": 4, "updated": 1, "unchanged": 2}
    assert receipt["households"][0]["members"][2]["id_number"] == THREE


def test_two_numbers_are_two_persons_whatever_the_name():
    _receipt, counts = again(on_file(*FAMILY), *FAMILY[:2], ["", "李梅", "配偶", FOUR, "女", ""])

    assert counts == {"read": 3, "created": 1, "unchanged": 1}


def test_a_member_the_file_no_longer_names_is_told_and_stays():
    receipt, counts = again(on_file(*FAMILY), *FAMILY[:2])

    assert counts == {"read": 2, "unchanged": 1}
    assert codes(receipt["warnings"]) == [
        ("F", 2, "household_size_differs"), (None, 2, "member_absent"), (None, 2, "member_absent"),
    ]  # fmt: skip


def test_a_list_of_heads_loses_nobody():
    receipt, counts = again(on_file(*FAMILY), HEADS, ["1", "张三", ONE, "", "", 3, ""])

    assert counts == {"read": 2, "unchanged": 1}
    assert receipt["warnings"] == []


def test_another_head_takes_the_place_of_the_one_on_file():
    _reading, plan = plan_of(MEMBERS, ["1", "李梅", "户主", TWO, "", ""], stored=on_file(*FAMILY))

    household = plan.households[0]
    assert household.former_head.name == "张三"
    assert ("head", "张三", "李梅") in [(c.field, c.old, c.new) for c in household.changes]
    assert household.persons[0].outcome == "updated"


def test_without_a_code_a_household_is_found_by_its_head():
    stored = on_file(
        HEADS, ["", "张三", ONE, "", "一组", "", ""], ["", "王五", "", "", "二组", "", ""]
    )

    _receipt, counts = again(
        stored, HEADS, ["", "张三", ONE, "", "三组", "", ""], ["", "王五", "", "", "二组", "", ""]
    )

    assert counts == {"read": 3, "updated": 1, "unchanged": 1}


def test_of_two_heads_of_one_name_each_finds_its_own():
    rows = [HEADS, ["", "张三", "", "", "一组", "", ""], ["", "张三", "", "", "二组", "", ""]]
    stored = on_file(*rows)

    _receipt, counts = again(stored, HEADS, rows[2], rows[1])

    assert counts == {"read": 3, "unchanged": 2}


def test_a_number_of_the_head_is_filled_in_by_name():
    stored = on_file(HEADS, ["", "张三", "", "", "一组", "", ""])

    _receipt, counts = again(stored, HEADS, ["", "张三", ONE, "", "一组", "", ""])

    assert counts == {"read": 2, "updated": 1}


def test_a_family_without_a_code_takes_the_one_the_roster_brings():
    stored = on_file(HEADS, ["", "张三", ONE, "", "一组", "", ""])

    receipt, counts = again(stored, HEADS, ["7", "张三", ONE, "", "一组", "", ""])

    assert counts == {"read": 2, "updated": 1}
    assert receipt["households"][0]["code"] == "7"


def test_the_same_head_under_another_code_is_refused():
    stored = on_file(HEADS, ["1", "张三", ONE, "", "一组", "", ""])

    receipt, counts = again(stored, HEADS, ["2", "张三", ONE, "", "一组", "", ""])

    assert counts == {"read": 2, "refused": 1}
    assert codes(receipt["refusals"]) == [("C", 2, "member_in_two_households")]


def test_a_person_on_file_elsewhere_is_refused_and_the_others_go_in():
    stored = on_file(*FAMILY)

    receipt, counts = again(
        stored, MEMBERS, ["2", "王五", "户主", THREE, "", ""], ["", "李梅", "配偶", TWO, "", ""]
    )

    assert counts == {"read": 3, "created": 1, "refused": 1}
    assert codes(receipt["refusals"]) == [("D", 3, "member_in_two_households")]


def test_a_head_on_file_elsewhere_refuses_the_household():
    receipt, _counts = again(
        on_file(*FAMILY),
        MEMBERS,
        ["2", "李梅", "户主", TWO, "", ""],
        ["", "王小", "之子", FOUR, "", ""],
    )

    assert codes(receipt["refusals"]) == [
        ("D", 2, "member_in_two_households"), (None, 3, "head_refused"),
    ]  # fmt: skip


def test_a_file_that_takes_nobody_refuses_its_rows():
    stored = Stored(by_code={"1": StoredHousehold(1, "1", blocked_by="file_closed")})

    receipt, counts = again(stored, *FAMILY)

    assert counts == {"read": 4, "refused": 3}
    assert codes(receipt["refusals"]) == [(None, row, "file_closed") for row in (2, 3, 4)]


def test_entering_a_programme_is_a_change_of_the_household():
    stored = on_file(*FAMILY)
    outside = {
        code: StoredHousehold(h.key, h.code, h.values, h.members, is_enrolled=False)
        for code, h in stored.by_code.items()
    }

    _receipt, counts = again(Stored(outside, {}, {}, stored.holder), *FAMILY)

    assert counts == {"read": 4, "updated": 1, "unchanged": 2}


def test_a_refused_household_changes_nothing_on_file():
    _reading, plan = plan_of(
        MEMBERS, ["1", "张三", "户主", ONE, "女", 9], ["", "李梅", "户主", TWO, "", ""],
        stored=on_file(*FAMILY),
    )  # fmt: skip

    assert plan.accepted == []
    assert [finding.code for person in plan.rows for finding in person.row.refusals] == [
        "two_heads", "two_heads",
    ]  # fmt: skip


def test_a_plan_of_nothing_is_empty():
    assert reconcile(plan_of(HEADS)[0].roll).accepted == []
