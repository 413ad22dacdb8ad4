"""Where a table begins, what its columns mean, which rows are data and which are not."""

import pytest

from households.roster.core.headings import standard
from households.roster.core.tables import relation_sex
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

ROW = ["0001", "张三", number(1), "15400000001", "一组", 1, ""]
NEXT = ["0002", "李四", number(3), "15400000002", "二组", 2, ""]


def sheet_of(*rows):
    return receipt_of(*rows)["sheets"][0]


# ---- headings


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("身份证号", "id_number"),
        (" 身 份\n证号 ", "id_number"),
        ("*身份证号(必填)", "id_number"),
        ("人均纯收入（元）", "per_capita_income"),
        ("县（市、区、旗）", "unit"),
        ("乡(镇)", "unit"),
        ("帮扶责任人/姓名", "helper_name"),
        ("帮扶人/姓名", "helper_name"),
        ("帮扶干部/联系电话", "helper_phone"),
        ("帮扶责任人/性别", None),
        ("帮扶责任人/身份证号", None),
        ("户主基本情况/姓名", "name"),
        ("家庭情况/人口", "household_size"),
        ("帮扶情况/金额", "aid_amount"),
        ("救助情况/时间", "aid_date"),
        ("帮扶情况/备注", "note"),
        ("开户信息/账号", "bank_account"),
        ("开户信息/户名", None),
        ("序号", None),
        ("人编号", None),
        ("账号", None),
        ("政治面貌", None),
    ],
)
def test_a_heading_means_a_field(heading, field):
    assert standard().meaning(heading) == field


def test_every_heading_of_the_table_means_its_own_field():
    synonyms = standard()

    assert all(synonyms.meaning(heading) == field for heading, field in synonyms.field_of.items())
    assert not any(synonyms.is_running_number(heading) for heading in synonyms.field_of)


def test_in_the_receipt_a_heading_stands_as_written_without_white_space():
    mapping = sheet_of(
        ["户 编号", "姓\n名", "身份证号 (必填)", "*民族"], ["1", "张三", number(1), "汉"]
    )["mapping"]

    assert mapping == {
        "户编号": "code", "姓名": "name", "身份证号(必填)": "id_number", "*民族": "ethnicity",
    }  # fmt: skip


def test_for_a_field_with_one_value_the_first_column_wins():
    receipt = receipt_of(
        ["姓名", "身份证号", "联系电话", "手机号码"],
        ["张三", number(1), "15400000001", "15400000002"],
    )

    assert receipt["sheets"][0]["unmapped"] == ["手机号码"]
    assert receipt["households"][0]["members"][0]["phone"] == "15400000001"


def test_units_are_joined_and_causes_collected_from_all_their_columns():
    receipt = receipt_of(
        ["姓名", "身份证号", "乡镇", "行政村", "致贫原因1", "致贫原因2"],
        ["张三", number(1), "石桥镇", "团结村", "因病", "因学、因病"],
        ["李四", number(3), "无", "团结村", "/", "缺技术"],
    )

    first, second = receipt["households"]
    assert (first["unit"], first["causes"]) == ("石桥镇/团结村", ["因病", "因学"])
    assert (second["unit"], second["causes"]) == ("团结村", ["缺技术"])


def test_income_per_head_is_of_a_month_if_the_heading_says_so():
    for heading, period in [
        ("家庭月人均收入(元)", "month"), ("人均纯收入(元/月)", "month"), ("人均纯收入(元)", "year"),
        ("人均纯收入(2023年5月,元)", "year"),
    ]:  # fmt: skip
        household = receipt_of(["姓名", "身份证号", heading], ["张三", number(1), 500])[
            "households"
        ][0]
        assert household["per_capita_period"] == period, heading
    assert (
        "per_capita_period"
        not in receipt_of(["姓名", "身份证号", "人均纯收入(元)"], ["张三", number(1), "无"])[
            "households"
        ][0]
    )


# ---- the header


def test_a_header_names_a_person_and_two_other_fields():
    assert receipt_of(["姓名", "身份证号"], ["张三", number(1)])["outcome"] == "not_a_roster"
    assert (
        receipt_of(["民族", "身份证号", "性别"], ["汉", number(1), "男"])["outcome"]
        == "not_a_roster"
    )
    assert (
        receipt_of(["户主", "身份证号", "民族"], ["张三", number(1), "汉"])["outcome"] == "roster"
    )


def test_title_and_unit_lines_above_the_header_are_skipped():
    found = sheet_of(
        ["兰河县困难职工花名册"],
        ["填报单位:兰河县总工会", "", "填报时间:2023年6月", "", "单位:万元"],
        [],
        HEADS,
        ROW,
    )

    assert found["header_rows"] == [4]
    assert found["counts"] == {
        "read": 5, "created": 1, "updated": 0, "unchanged": 0, "refused": 0, "skipped": 4,
    }  # fmt: skip


def test_a_line_of_several_words_above_is_no_parent():
    found = sheet_of(["兰河县总工会", "", "2023年6月", "", "联系人 张科"], HEADS, ROW)

    assert found["header_rows"] == [2]


def two_rows(parents, children, *rows, merged=()):
    book = make_workbook(parents, children, *rows)
    for area in merged:
        book.active.merge_cells(area)
    return receipt_of_file(workbook_bytes(book))


def test_a_header_of_two_rows_is_joined():
    receipt = two_rows(
        ["序号", "户主", "", "帮扶责任人", "", "备注"],
        ["", "姓名", "身份证号", "姓名", "电话", ""],
        [1, "张三", number(1), "刘建军", "15400000009", "独居"],
        merged=["B1:C1", "D1:E1", "A1:A2", "F1:F2"],
    )

    assert receipt["sheets"][0]["header_rows"] == [1, 2]
    assert receipt["sheets"][0]["mapping"] == {
        "户主/姓名": "name", "户主/身份证号": "id_number", "帮扶责任人/姓名": "helper_name",
        "帮扶责任人/电话": "helper_phone", "备注": "note",
    }  # fmt: skip
    assert receipt["households"][0]["helper_phone"] == "15400000009"


def test_a_header_of_two_rows_needs_no_merged_cells():
    mapping = sheet_of(
        ["序号", "基本情况", "", "", "帮扶责任人", ""],
        ["", "姓名", "身份证号", "民族", "姓名", "单位"],
        [1, "张三", number(1), "汉族", "刘建军", "县医院"],
    )["mapping"]

    assert mapping["帮扶责任人/单位"] == "helper_unit"
    assert mapping["基本情况/民族"] == "ethnicity"


def test_incomes_in_a_second_row_belong_to_the_header():
    receipt = two_rows(
        ["户主姓名", "身份证号", "家庭收入", "", "备注"],
        ["", "", "工资性收入(元)", "转移性收入(万元)", ""],
        ["张三", number(1), 100, 0.5, ""],
        merged=["C1:D1", "A1:A2", "B1:B2", "E1:E2"],
    )

    assert receipt["sheets"][0]["header_rows"] == [1, 2]
    household = receipt["households"][0]
    assert (household["income_wage"], household["income_transfer"]) == ("100.00", "5000.00")


def test_a_data_row_of_text_is_not_taken_for_children():
    found = sheet_of(
        ["姓名", "与户主关系", "身份证号", "民族"], ["张三", "户主", number(1), "汉族"]
    )

    assert found["header_rows"] == [1]
    assert found["counts"]["created"] == 1


def test_a_repeated_header_is_skipped():
    two = [
        ["户", "", "帮扶人", "", "家庭", "", "备注"],
        ["户编号", "姓名", "姓名", "电话", "住址", "人口", "备注"],
    ]
    for header in ([HEADS], two):
        found = sheet_of(*header, ROW, *header, NEXT)
        assert found["header_rows"] == list(range(1, len(header) + 1))
        assert found["counts"]["created"] == 2
        assert found["counts"]["skipped"] == found["counts"]["read"] - 2


# ---- rows that are no data


@pytest.mark.parametrize(
    "line",
    [
        [],
        ["", "", "", "", "", "", ""],
        ["（二）双山乡"],
        ["", "双山乡"],
        ["说明:1.截至6月30日", "", "", "", "", "", "二"],
        ["注：含慰问金", "", "x"],
        ["填表人:", "", "", "审核人:"],
        ["制表日期", "2023"],
        ["单位负责人:", "", "填表人:"],
        ["负责人签字", "张科"],
        ["审核：", "李科"],
        ["填报时间", "2023"],
        ["小计", "", "", "", "", 1],
        ["合 计", "", "", "", "", 1],
        ["", "总计:", "", "", "", 1],
        ["柳林镇小计", "", "", "", "", 1],
        ["无", "/", "—", "", "-"],
    ],
    ids=str,
)
def test_a_line_that_is_no_data_is_skipped(line):
    receipt = receipt_of(HEADS, ROW, line, NEXT)

    assert receipt["counts"]["created"] == 2
    assert receipt["counts"]["skipped"] == receipt["counts"]["read"] - 2
    assert receipt["refusals"] == []


def test_a_row_with_only_a_running_number_is_blank():
    receipt = receipt_of(["序号", *HEADS], [1, *ROW], [2], [3, *NEXT])

    assert receipt["counts"]["created"] == 2


def test_a_total_with_an_identity_number_is_a_person():
    receipt = receipt_of(
        ["姓名", "身份证号", "家庭人口", "民族", "性别"], ["王合计", number(1), 1, "汉", "男"]
    )

    assert receipt["households"][0]["head"] == "王合计"


def test_in_a_narrow_table_a_row_with_one_cell_is_data():
    receipt = receipt_of(["姓名", "身份证号", "民族", "性别"], ["张三"])

    assert receipt["counts"]["created"] == 1
    assert codes(receipt["warnings"]) == [("B", 2, "id_missing")]


# ---- money


def test_the_unit_of_money_comes_from_the_cell_then_the_heading_then_the_line():
    receipt = receipt_of(
        ["花名册(金额单位:万元)"],
        ["姓名", "身份证号", "工资性收入", "帮扶金额(元)"],
        ["张三", number(1), 1.5, 800],
        ["李四", number(3), "900元", "0.2万"],
    )

    first, second = receipt["households"]
    assert (first["income_wage"], first["aid_amount"]) == ("15000.00", "800.00")
    assert (second["income_wage"], second["aid_amount"]) == ("900.00", "2000.00")
    assert receipt["sheets"][0]["money_unit"] == "万元"
    assert receipt["warnings"] == []


@pytest.mark.parametrize(
    ("line", "unit"),
    [
        ("单位:元", "元"), ("单位：万元", "万元"), ("单 位 万元", "万元"), ("单位:户、人、万元", "万元"), ("(万元)", "万元"),
        ("填报单位:元宝镇", None), ("填报单位:万元村", None), ("人均收入低于5000元的家庭", None),
    ],
)  # fmt: skip
def test_a_line_says_what_money_is_counted_in(line, unit):
    found = sheet_of(["花名册"], [line], ["姓名", "身份证号", "帮扶金额"], ["张三", number(1), 1])

    assert found["money_unit"] == unit


def test_without_a_unit_anywhere_money_is_yuan_and_that_is_told_once():
    receipt = receipt_of(
        ["姓名", "身份证号", "工资性收入", "帮扶金额"], ["张三", number(1), 1500, 800]
    )

    assert receipt["households"][0]["income_wage"] == "1500.00"
    assert codes(receipt["warnings"]) == [(None, None, "money_unit_assumed")]


def test_amounts_that_all_name_their_unit_need_no_other():
    receipt = receipt_of(["姓名", "身份证号", "帮扶金额"], ["张三", number(1), "800元"])

    assert receipt["warnings"] == []


def test_a_wrong_total_is_told_at_its_cell():
    header = ["姓名", "身份证号", "家庭人口", "工资性收入(元)", "人均纯收入(元)"]
    receipt = receipt_of(
        header,
        ["张三", number(1), 2, 100, 50],
        ["李四", number(3), 3, 200, 60],
        ["小计", "", 5, 300, 999],
        ["王五", number(5), 1, 50.5, 70],
        ["", number(7), 4, 1, 70],
        ["小计", "", 5, 50.5, ""],
        ["合计", "", 9, 351.5, ""],
    )

    assert codes(receipt["refusals"]) == [("A", 6, "name_missing")]
    assert codes(receipt["warnings"]) == [("D", 7, "total_differs"), ("C", 8, "total_differs")]


def test_a_total_above_the_rows_is_of_the_whole_sheet():
    receipt = receipt_of(HEADS, ["合计", "", "", "", "", 9], ROW, NEXT)

    assert codes(receipt["warnings"]) == [("F", 2, "total_differs")]


def test_no_rows_under_the_header_is_told():
    receipt = receipt_of(HEADS)

    assert receipt["outcome"] == "roster"
    assert codes(receipt["warnings"]) == [(None, None, "no_rows")]


# ---- merged words


def test_a_merged_word_holds_for_all_the_rows_it_covers():
    book = make_workbook(
        ["姓名", "身份证号", "乡镇", "工资性收入(元)"],
        ["张三", number(1), "石桥镇", 100],
        ["李四", number(3), "", ""],
        ["王五", number(5), "", ""],
    )
    book.active.merge_cells("C2:C3")
    book.active.merge_cells("D2:D3")

    households = receipt_of_file(workbook_bytes(book))["households"]

    assert [household.get("unit") for household in households] == ["石桥镇", "石桥镇", None]
    assert [household.get("income_wage") for household in households] == ["100.00", None, None]


# ---- several sheets


def test_each_sheet_is_used_for_what_it_is():
    receipt = receipt_of(
        一=[HEADS, ROW],
        空=[],
        文=[["兰河县帮扶工作总结"], ["今年以来……"]],
        数=[[1, 2], [3, 4]],
        二=[["标题"], HEADS, NEXT],
    )

    assert [(s["name"], s["use"], s["counts"]["read"]) for s in receipt["sheets"]] == [
        ("一", "roster", 2), ("空", "empty", 0), ("文", "no_header", 0), ("数", "no_header", 0), ("二", "roster", 3),
    ]  # fmt: skip
    assert [(f["sheet"], f["code"]) for f in receipt["warnings"]] == [
        ("文", "sheet_without_header")
    ]
    assert receipt["counts"]["created"] == 2


@pytest.mark.parametrize(
    "rows",
    [[], [["兰河县帮扶工作总结"], ["今年以来,全县……"]], [["年度", "户数"], [2022, 35], [2023, 40]]],
    ids=["empty", "prose", "statistics"],
)
def test_a_workbook_without_a_roster_is_told_so(rows):
    receipt = receipt_of(Sheet1=rows)

    assert receipt["outcome"] == "not_a_roster"
    assert (receipt["households"], receipt["refusals"], receipt["warnings"]) == ([], [], [])
    assert set(receipt["counts"].values()) == {0}
    assert receipt["sheets"][0]["use"] == ("no_header" if rows else "empty")


# ---- what a row says of itself


def test_sex_and_birth_date_come_from_the_number_where_nothing_is_written():
    member = receipt_of(HEADS, ROW)["households"][0]["members"][0]

    assert member["sex"] == "男"
    assert member["birth_date"] == {"date": "1970-01-01", "precision": "day"}


def test_what_is_written_stays_and_a_difference_is_told():
    receipt = receipt_of(
        ["姓名", "身份证号", "性别", "出生年月"],
        ["张三", number(1), "女", "1970.1"],
        ["李四", number(3), "男", "1971"],
    )

    assert [h["members"][0]["sex"] for h in receipt["households"]] == ["女", "男"]
    assert receipt["households"][0]["members"][0]["birth_date"] == {
        "date": "1970-01", "precision": "month",
    }  # fmt: skip
    assert codes(receipt["warnings"]) == [
        ("C", 2, "sex_differs_from_id"),
        ("D", 3, "birth_date_differs_from_id"),
    ]


def test_a_number_that_fails_its_check_says_nothing_of_its_holder():
    wrong = number(1)[:17] + ("1" if number(1)[17] != "1" else "2")

    receipt = receipt_of(["姓名", "身份证号", "性别"], ["张三", wrong, "女"])

    assert codes(receipt["warnings"]) == [("B", 2, "id_check_digit")]
    assert "birth_date" not in receipt["households"][0]["members"][0]


def test_a_day_inside_a_number_that_does_not_exist_is_not_taken():
    receipt = receipt_of(HEADS, ["1", "张三", number(1, born="19701345"), "", "", "", ""])

    assert "birth_date" not in receipt["households"][0]["members"][0]


@pytest.mark.parametrize(
    ("relation", "sex"),
    [
        ("之子", "男"), ("之女", "女"), ("之女婿", "男"), ("之儿媳", "女"), ("之父", "男"), ("之外祖母", "女"),
        ("之孙子", "男"), ("之外孙女", "女"), ("长女", "女"), ("配偶", ""), ("之兄弟姐妹", ""), ("户主", ""), ("其他", ""),
        ("父母", ""), ("子女", ""),
    ],
)  # fmt: skip
def test_a_relation_implies_a_sex_or_none(relation, sex):
    assert relation_sex(relation) == sex


def test_a_relation_that_does_not_fit_the_sex_is_told():
    receipt = receipt_of(
        MEMBERS,
        ["1", "张三", "户主", number(1), "男", 2],
        ["", "张小", "之子", number(2), "女", ""],
    )

    assert codes(receipt["warnings"]) == [("E", 3, "relation_sex_differs")]


def test_a_missing_column_of_numbers_is_told_on_every_row():
    receipt = receipt_of(["姓名", "家庭住址", "民族"], ["张三", "一组", "汉族"])

    assert codes(receipt["warnings"]) == [(None, 2, "id_missing")]


def test_every_reason_of_a_refused_row_is_told():
    receipt = receipt_of(HEADS, ["1", "", 5.1e17, "", "长" * 256, "", ""])

    assert codes(receipt["refusals"]) == [
        ("B", 2, "name_missing"), ("C", 2, "id_damaged"), ("E", 2, "too_long"),
    ]  # fmt: skip


def test_an_error_in_name_or_number_refuses_and_elsewhere_warns():
    receipt = receipt_of(
        HEADS,
        ["1", "#REF!", number(1), "", "", "", ""],
        ["2", "李四", "#N/A", "", "", "", ""],
        ["3", "王五", number(5), "#N/A", "#VALUE!", "", ""],
    )

    assert codes(receipt["refusals"]) == [("B", 2, "cell_error"), ("C", 3, "cell_error")]
    assert [f for f in codes(receipt["warnings"]) if f[1] == 4] == [
        ("D", 4, "cell_error"), ("E", 4, "cell_error"),
    ]  # fmt: skip


def test_a_formula_without_a_value_in_a_data_row_is_told():
    book = make_workbook(HEADS, ["1", "张三", number(1), "", "=A1", "=1+1", ""])

    receipt = receipt_of_file(workbook_bytes(book))

    assert codes(receipt["warnings"]) == [
        ("E", 2, "formula_no_value"),
        ("F", 2, "formula_no_value"),
    ]


def test_what_is_wrong_in_a_merged_cell_is_told_once():
    book = make_workbook(
        [*MEMBERS, "发放时间"],
        ["1", "张三", "户主", number(1), "男", 2, "不详"],
        ["", "李梅", "配偶", number(2), "女", "", ""],
    )
    book.active.merge_cells("G2:G3")

    assert codes(receipt_of_file(workbook_bytes(book))["warnings"]) == [("G", 2, "date_unreadable")]


# ---- a household on every row


FAMILY = ["户编号", "姓名", "与户主关系", "身份证号", "家庭人口", "帮扶人电话", "手机号码"]


def test_what_is_wrong_with_the_cells_of_a_household_is_told_on_every_row():
    told = receipt_of(
        FAMILY,
        ["0001", "张三", "户主", number(1), "两三人", "=1+1", "15400000001"],
        ["0001", "李四", "配偶", number(2), "两三人", "=1+1", "15400000002"],
        ["0001", "张五", "之子", number(3), "两三人", "=1+1", "15400000003"],
    )

    found = [(one["row"], one["column"]) for one in told["warnings"] if one["column"] in {"E", "F"}]
    assert sorted(set(found)) == [(row, column) for row in (2, 3, 4) for column in "EF"]


def test_a_cell_of_the_household_that_only_looks_the_same_is_read():
    told = receipt_of(
        FAMILY,
        ["0001", "张三", "户主", number(1), 1, "15400000009", "15400000001"],
        ["0001", "李四", "配偶", number(2), True, "15400000009", "15400000002"],
    )

    assert told["households"][0]["household_size"] == 1
    assert (3, "E", "amount_unreadable") in [
        (one["row"], one["column"], one["code"]) for one in told["warnings"]
    ]
