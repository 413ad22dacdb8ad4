"""The error workbook in the clerk's own file: what was there stays, what is wrong stands in its cell."""

import datetime
import io
import re
import zipfile

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from households.roster.core.sheet import Odd, read_sheets
from households.roster.marked_book import AUTHOR, Note, link_of, too_large, write
from tests.households.roster.sheets import (
    HEADS,
    ROSTERS,
    codes,
    make_workbook,
    number,
    receipt_of_file,
    workbook,
    workbook_bytes,
)

FILES = sorted(path for path in ROSTERS.iterdir() if path.suffix in {".xlsx", ".xls", ".csv"})
NAMES = [path.stem for path in FILES]
ROW = ["0001", "张三", number(1), "15400000001", "一组", 1, ""]
DAMAGED = 430524188001010000
WRONG = Note("C", "号码不对，请与证件核对。", refuses=True)


def marked(data, notes=(), **more):
    stream = io.BytesIO()
    write(stream, data, dict(notes), **more)
    return stream.getvalue()


def sheet_of(data, name="Sheet1"):
    return openpyxl.load_workbook(io.BytesIO(data))[name]


def rows_of(data):
    return {sheet.name: list(sheet.rows) for sheet in read_sheets(data, hidden_too=True)}


def notes_of(receipt):
    """What a receipt finds, as notes."""
    notes = {}
    for refuses, findings in ((True, receipt["refusals"]), (False, receipt["warnings"])):
        for finding in findings:
            if finding["row"]:
                note = Note(finding["column"], finding["code"], refuses)
                notes.setdefault(finding["sheet"], {}).setdefault(finding["row"], []).append(note)
    return notes


def rewritten(data, part, change):
    """The archive with one part changed, as another program might have written it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return stream.getvalue()


def that_openpyxl_refuses(data):
    """Its properties are cut off: calamine does not look at them."""
    return rewritten(data, "docProps/core.xml", lambda xml: xml[:50])


# ---- what comes back reads like what was brought


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_marked_sample_reads_like_the_sample(path):
    data = path.read_bytes()
    receipt = receipt_of_file(data)

    again = marked(data, notes_of(receipt), link="k7")

    assert rows_of(again) == rows_of(data)
    assert receipt_of_file(again) == receipt


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_only_what_was_corrected_differs(path):
    data = path.read_bytes()
    expected = rows_of(data)
    name, rows = next(iter(expected.items()))
    places = [(len(rows) // 2, 1), (len(rows) - 1, 3)]
    texts = ["=1+1", "0012 号"]
    width = max(map(len, rows))

    again = marked(data, corrections={name: dict(zip(places, texts, strict=True))})

    for (row, column), text in zip(places, texts, strict=True):
        rows[row] = [*rows[row], *[""] * (width - len(rows[row]))]
        rows[row][column] = text
    assert rows_of(again) == expected


def test_a_corrected_cell_is_text_whatever_it_begins_with():
    corrections = {"Sheet1": {(1, 2): "=1+1", (1, 3): "", (4, 8): "013800138000"}}

    sheet = sheet_of(marked(workbook(HEADS, ROW), corrections=corrections))

    assert [
        (sheet[at].value, sheet[at].data_type, sheet[at].number_format) for at in ("C2", "D2", "I5")
    ] == [("=1+1", "s", "@"), (None, "n", "@"), ("013800138000", "s", "@")]


def test_a_corrected_number_goes_in():
    data = workbook(HEADS, [*ROW[:2], DAMAGED, *ROW[3:]])

    again = marked(data, corrections={"Sheet1": {(1, 2): number(1)}})

    assert codes(receipt_of_file(data)["refusals"]) == [("C", 2, "id_damaged")]
    assert receipt_of_file(again)["counts"]["created"] == 1


def test_a_formula_leaves_its_value_and_text_like_one_stays_text():
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        page = book.add_worksheet("Sheet1")
        page.write_row(0, 0, HEADS)
        page.write_row(1, 0, ROW)
        page.write_formula(1, 5, "=1+2", None, 3)
        page.write_string(1, 6, "=1+2")

    cells = sheet_of(marked(stream.getvalue()))[2]

    assert [(cell.value, cell.data_type) for cell in cells[5:]] == [(3, "n"), ("=1+2", "s")]


# ---- what is said, and where


def test_a_bad_cell_is_coloured_and_says_why_refusals_first():
    notes = {
        "Sheet1": {
            2: [Note("C", "请核对。", refuses=False), WRONG, WRONG],
            3: [Note("D", "电话不全。", refuses=False)],
        }
    }

    sheet = sheet_of(marked(workbook(HEADS, ROW, ROW), notes))

    assert (sheet["C2"].comment.text, sheet["C2"].comment.author) == (
        "号码不对，请与证件核对。\n请核对。",
        AUTHOR,
    )
    assert [sheet[at].fill.fgColor.rgb for at in ("C2", "D3")] == ["FFFDECEA", "FFFFF4CE"]
    assert (sheet["C3"].comment, sheet["C3"].fill.fill_type) == (None, None)


def test_a_note_of_a_row_stands_on_its_first_filled_cell():
    notes = {"Sheet1": {3: [Note(None, "两个户主。", refuses=True)], 9: [WRONG]}}

    sheet = sheet_of(marked(workbook(HEADS, ROW, ["", " ", *ROW[2:]]), notes))

    assert sheet["C3"].comment.text == "本行：两个户主。"
    assert sheet["C9"].comment.text == WRONG.sentence


def test_of_merged_cells_the_first_is_marked():
    book = make_workbook(HEADS, ROW, ROW)
    book["Sheet1"].merge_cells("C2:D3")

    sheet = sheet_of(
        marked(workbook_bytes(book), {"Sheet1": {3: [Note("D", "不对", refuses=True)]}})
    )

    assert sheet["C2"].comment.text == "不对"
    assert [str(merged) for merged in sheet.merged_cells.ranges] == ["C2:D3"]


def test_a_damaged_number_stays_and_what_is_typed_next_is_text():
    data = workbook([*HEADS, "编码"], [*ROW[:2], DAMAGED, *ROW[3:], 5], [*ROW[:2], "", *ROW[3:], 5])
    notes = {"Sheet1": {2: [WRONG, Note("H", "?", refuses=False)], 3: [WRONG]}}

    sheet = sheet_of(marked(data, notes))

    assert sheet["C2"].value == pytest.approx(DAMAGED)
    assert [sheet[at].number_format for at in ("C2", "C3", "H2")] == ["@", "@", "General"]


@pytest.mark.parametrize(
    ("sheet", "row", "column"),
    [("Sheet1", 500, None), ("Sheet1", 2_000_000, "C"), ("Sheet1", 2, "ZZZ"), ("别的", 2, "C")],
    ids=["below the last row", "beyond any sheet", "beyond any column", "no such sheet"],
)
def test_a_note_outside_the_table_harms_nothing(sheet, row, column):
    data = workbook(HEADS, ROW)

    for file in (data, that_openpyxl_refuses(data)):
        again = marked(file, {sheet: {row: [Note(column, "不对", refuses=True)]}})

        assert rows_of(again) == rows_of(data)


# ---- what the clerk made stays


def test_the_looks_of_the_file_stay():
    book = make_workbook(["某县困难职工花名册"], HEADS, ROW, ROW)
    sheet = book["Sheet1"]
    sheet.merge_cells("A1:G1")
    sheet.column_dimensions["C"].width = 33
    sheet.column_dimensions["E"].hidden = True
    sheet.row_dimensions[4].hidden = True
    sheet.freeze_panes = "B3"
    sheet.print_title_rows = "1:2"
    sheet.page_setup.orientation = "landscape"
    sheet.protection.sheet = True
    sheet["B3"].font = Font(name="仿宋", bold=True)
    book.create_sheet("字典").sheet_state = "hidden"

    again = openpyxl.load_workbook(
        io.BytesIO(marked(workbook_bytes(book), {"Sheet1": {3: [WRONG]}}))
    )

    kept = again["Sheet1"]
    assert (kept.column_dimensions["C"].width, kept.freeze_panes) == (33, "B3")
    assert (kept.column_dimensions["E"].hidden, kept.row_dimensions[4].hidden) == (True, True)
    assert (kept.print_title_rows, kept.page_setup.orientation) == ("$1:$2", "landscape")
    assert (kept.protection.sheet, kept["B3"].font.name, kept["B3"].font.b) == (True, "仿宋", True)
    assert [(s.title, s.sheet_state) for s in again] == [("Sheet1", "visible"), ("字典", "hidden")]


def test_a_clerks_comment_is_kept_above_ours():
    book = make_workbook(HEADS, ROW)
    book["Sheet1"]["C2"].comment = Comment("已电话核实", "王芳")
    book["Sheet1"]["B2"].comment = Comment("曾用名张山", "王芳")

    sheet = sheet_of(marked(workbook_bytes(book), {"Sheet1": {2: [WRONG]}}))

    assert sheet["C2"].comment.text == f"已电话核实\n\n—— {AUTHOR} ——\n{WRONG.sentence}"
    assert sheet["C2"].comment.author == "王芳"
    assert sheet["B2"].comment.text == "曾用名张山"


def test_a_second_marking_says_only_what_is_wrong_now():
    book = make_workbook(HEADS, ROW, ROW)
    book["Sheet1"]["C3"].comment = Comment("已电话核实", "王芳")
    book["Sheet1"]["A2"].fill = PatternFill("solid", fgColor="FF00FF00")
    first = marked(workbook_bytes(book), {"Sheet1": {2: [WRONG], 3: [WRONG]}})

    sheet = sheet_of(marked(first, {"Sheet1": {2: [Note("D", "电话不全。", refuses=False)]}}))

    assert (sheet["C2"].comment, sheet["C2"].fill.fill_type) == (None, None)
    assert (sheet["C3"].comment.text, sheet["C3"].fill.fill_type) == ("已电话核实", None)
    assert sheet["D2"].comment.text == "电话不全。"
    assert sheet["A2"].fill.fgColor.rgb == "FF00FF00"


def test_comments_are_as_high_as_their_text():
    data = workbook(HEADS, ROW, ROW)
    notes = {"Sheet1": {2: [WRONG], 3: [Note("C", "长" * 100, refuses=True)]}}

    with zipfile.ZipFile(io.BytesIO(marked(data, notes))) as archive:
        drawing = archive.read("xl/drawings/commentsDrawing1.vml").decode()

    assert re.findall(r"width:(\d+)px;height:(\d+)px", drawing) == [("320", "34"), ("320", "106")]


# ---- values that openpyxl alone would lose


def test_a_value_below_a_merged_cell_stays():
    book = make_workbook(HEADS, ROW, ROW)
    data = rewritten(
        workbook_bytes(book),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(
            b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="E2:E3"/></mergeCells>'
        ),
    )

    again = marked(data, {"Sheet1": {3: [Note("E", "?", refuses=False)]}})

    assert rows_of(again)["Sheet1"][2][4] == "一组"
    assert sheet_of(again)["E2"].comment.text == "?"


def test_a_number_in_a_column_of_dates_stays_damaged():
    book = make_workbook(HEADS, [*ROW[:2], DAMAGED, *ROW[3:]])
    book["Sheet1"]["C2"].number_format = "yyyy-mm-dd"

    again = marked(workbook_bytes(book))

    assert codes(receipt_of_file(again)["refusals"]) == [("C", 2, "id_damaged")]


def test_what_openpyxl_would_write_otherwise_is_written_anew():
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        page = book.add_worksheet("Sheet1")
        page.write_row(0, 0, HEADS)
        page.write_row(1, 0, [*ROW[:4], "见_x0041_栏", 1, ""])

    again = marked(stream.getvalue(), {"Sheet1": {2: [WRONG]}})

    assert rows_of(again)["Sheet1"][1][4] == "见_x0041_栏"
    assert sheet_of(again)["C2"].comment.text == WRONG.sentence


def test_a_range_merged_to_the_end_of_the_sheet_holds_nothing_up():
    data = rewritten(
        workbook(HEADS, ROW),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(
            b"</sheetData>",
            b'</sheetData><mergeCells><mergeCell ref="A3:XFD1048576"/></mergeCells>',
        ),
    )

    again = marked(data, {"Sheet1": {2: [WRONG]}})

    assert rows_of(again) == rows_of(data)


# ---- written anew


def test_a_file_that_openpyxl_refuses_keeps_sheets_values_and_kinds():
    stream = io.BytesIO()
    moment = datetime.datetime(2026, 3, 1, 8, 30)  # noqa: DTZ001 -- a cell knows no zone
    with xlsxwriter.Workbook(stream, {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        page = book.add_worksheet("名单")
        page.write_row(0, 0, [*HEADS, "甲", "乙", "丙", "丁"])
        page.write_row(1, 0, [*ROW[:6], "=1+1", 0.5, True])
        page.write_string(1, 6, "=1+1")
        page.write_formula(1, 9, "=1/0", None, "#DIV/0!")
        page.write_datetime(1, 10, moment)
        page.merge_range("E2:E3", "一组")
        page.set_column("D:D", None, None, {"hidden": True})
        page.set_row(2, None, None, {"hidden": True})
        book.add_worksheet("字典").hide()
        book.get_worksheet_by_name("字典").write_row(0, 0, ["低保户", 3])
    data = that_openpyxl_refuses(stream.getvalue())

    again = marked(data, {"名单": {2: [WRONG]}}, choices={"名单": {"G": ["有", "无"]}}, link="k7")

    found = {sheet.name: sheet for sheet in read_sheets(again)}
    assert [(name, sheet.state) for name, sheet in found.items()] == [
        ("名单", "visible"), ("字典", "hidden"),
    ]  # fmt: skip
    assert (found["名单"].hidden_rows, found["名单"].hidden_columns) == ({2}, {3})
    assert found["名单"].merged == [(1, 4, 2, 4)]
    assert rows_of(again)["名单"][1] == [*ROW[:6], "=1+1", 0.5, True, Odd.ERROR, moment]
    assert rows_of(again)["字典"] == [["低保户", 3]]
    sheet = sheet_of(again, "名单")
    assert (sheet["C2"].comment.text, sheet["C2"].fill.fgColor.rgb) == (WRONG.sentence, "FFFDECEA")
    assert [rule.formula1 for rule in sheet.data_validations.dataValidation] == ['"有,无"']
    assert link_of(again) == "k7"


def test_a_csv_becomes_a_sheet_with_the_same_rows():
    data = "户编号,姓名,身份证号\n0001,张三,\n0002,=李四,999\n".encode("gb18030")

    again = marked(data, {"csv": {2: [WRONG], 3: [WRONG]}})

    sheet = sheet_of(again, "csv")
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["户编号", "姓名", "身份证号"], ["0001", "张三", None], ["0002", "=李四", "999"],
    ]  # fmt: skip
    assert [(sheet[at].data_type, sheet[at].number_format) for at in ("B3", "C2", "C3")] == [
        ("s", "@"), ("n", "@"), ("s", "@"),
    ]  # fmt: skip
    assert sheet["C2"].comment.author == AUTHOR


# ---- words to choose from


def rules_of(sheet):
    return {
        str(rule.sqref): (rule.formula1, rule.errorStyle)
        for rule in sheet.data_validations.dataValidation
    }


def test_a_column_with_a_list_offers_its_words_and_allows_others():
    data = workbook(["困难职工名单"], HEADS, ROW, ROW)

    sheet = sheet_of(marked(data, choices={"Sheet1": {"E": ["一组", "二组"], "F": []}}))

    assert rules_of(sheet) == {"E3:E4": ('"一组,二组"', "warning")}


@pytest.mark.parametrize(
    "words",
    [[f"第{n}村民小组" for n in range(60)], ["一组,二组", "三组"], ['"一"组']],
    ids=["too long for a rule", "a comma within", "a quotation mark within"],
)
def test_words_that_a_rule_cannot_hold_stand_on_a_hidden_sheet_nobody_is_warned_of(words):
    data = workbook(HEADS, ROW)

    for file in (data, that_openpyxl_refuses(data)):
        again = marked(file, choices={"Sheet1": {"E": words, "G": [*words, "无"]}})

        assert [formula for formula, _style in rules_of(sheet_of(again)).values()] == [
            f"povertyaid!$A$1:$A${len(words)}",
            f"povertyaid!$B$1:$B${len(words) + 1}",
        ]
        lists = sheet_of(again, "povertyaid")
        assert [cell.value for cell in lists["B"]] == [*words, "无"]
        assert lists.sheet_state == "veryHidden"
        assert receipt_of_file(again)["warnings"] == receipt_of_file(data)["warnings"]


def test_the_clerks_own_list_stays():
    book = make_workbook(HEADS, ROW)
    own = DataValidation(type="list", formula1='"甲,乙"')
    own.add("E2:E500")
    book["Sheet1"].add_data_validation(own)

    sheet = sheet_of(marked(workbook_bytes(book), choices={"Sheet1": {"E": ["一组"]}}))

    assert list(rules_of(sheet)) == ["E2:E500"]


# ---- known again


@pytest.mark.parametrize("name", ["a_clean.xlsx", "f_damaged_ids.xls", "g_gb18030.csv"])
def test_a_workbook_that_comes_back_is_known(name):
    data = (ROSTERS / name).read_bytes()

    first = marked(data, link="甲&7")
    second = marked(first, link="b8")

    assert [link_of(file) for file in (data, first, second)] == ["", "甲&7", "b8"]
    assert link_of(marked(second)) == ""


def test_the_link_survives_being_saved_as_an_ods():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(
            "meta.xml",
            '<office:meta><meta:user-defined meta:name="povertyaid-roster">k7</meta:user-defined>',
        )

    assert link_of(stream.getvalue()) == "k7"


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04 and then nothing", workbook(HEADS)[:2000], "姓名\n".encode()],
    ids=["no bytes", "broken", "cut off", "text"],
)
def test_a_damaged_file_has_no_link(data):
    assert link_of(data) == ""


# ---- how much


def test_a_file_too_large_to_be_marked_is_told_by_its_sizes():
    swelling = io.BytesIO()
    with zipfile.ZipFile(swelling, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (17 * 1024 * 1024))

    assert too_large(swelling.getvalue())
    assert too_large(b"a,b\n" * (1024 * 1024 + 1))
    assert not too_large(workbook(HEADS, ROW))
    assert not too_large(b"PK\x03\x04 and then nothing")


def test_it_is_written_to_a_path_too(tmp_path):
    target = tmp_path / "标注.xlsx"

    write(target, workbook(HEADS, ROW), {"Sheet1": {2: [WRONG]}})

    assert sheet_of(target.read_bytes())["C2"].comment.text == WRONG.sentence
