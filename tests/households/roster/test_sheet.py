"""What a file is, is decided by its content: workbooks, CSV in two encodings, and what is none."""

import io
import struct
import zipfile

import msoffcrypto
import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl.styles import PatternFill

from households.roster.core import marks
from households.roster.core.reading import read_roster
from households.roster.core.sheet import Limits, Odd, Reason, UnreadableFileError, read_sheets
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

ROW = ["0001", "张三", number(1), "15400000001", "一组", 1, ""]
TEXT = "户编号,姓名,身份证号\n0001,张三," + number(1) + "\n"


def rows_of(data, **limits):
    return [list(sheet.rows) for sheet in read_sheets(data, Limits(**limits))]


def why_not(data, **limits):
    with pytest.raises(UnreadableFileError) as refusal:
        rows_of(data, **limits)
    return refusal.value.reason


# ---- encodings and delimiters


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gb18030"),
        TEXT.encode("utf-16"),
        TEXT.replace(",", "\t").encode("gb18030"),
        TEXT.replace(",", ";").encode(),
        TEXT.replace("\n", "\r\n").encode(),
    ],
    ids=["utf-8", "utf-8 with mark", "gb18030", "utf-16", "tabs", "semicolons", "crlf"],
)
def test_text_is_read_whatever_its_encoding(data):
    assert rows_of(data) == [[["户编号", "姓名", "身份证号"], ["0001", "张三", number(1)]]]


def test_a_cell_of_a_csv_may_hold_commas_quotes_and_line_breaks():
    data = '姓名,备注\n张三,"一,""二""\n三"\n'.encode()

    assert rows_of(data) == [[["姓名", "备注"], ["张三", '一,"二"\n三']]]


def test_a_cell_may_be_longer_than_the_csv_module_expects():
    assert rows_of(f"姓名,备注\n张三,{'长' * 200_000}\n".encode())[0][1][1] == "长" * 200_000


def test_a_comma_in_the_title_does_not_hide_the_tabs_below():
    text = "困难职工,2026年\n姓名\t住址\t备注\n张三\t一组\t甲,乙\n李四\t二组\t丙\n"

    assert rows_of(text.encode())[0][2] == ["张三", "一组", "甲,乙"]


@given(
    st.lists(
        st.lists(st.text("张三ab,\n\"' \t09无", max_size=6), min_size=2, max_size=4), max_size=6
    )
)
@settings(max_examples=50)
def test_any_table_survives_being_written_as_csv(table):
    import csv  # noqa: PLC0415 -- only here

    stream = io.StringIO()
    csv.writer(stream).writerows([["姓名", "备注"], *table])

    rows = rows_of(stream.getvalue().encode())[0]

    while table and not any(cell.strip() for cell in table[-1]):
        table.pop()
    assert [row or [""] * len(t) for row, t in zip(rows[1:], table, strict=True)] == [
        list(line) if any(cell.strip() for cell in line) else [""] * len(line) for line in table
    ]


# ---- what is no workbook


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"PK\x03\x04 and then nothing", Reason.CORRUPT),
        (workbook(HEADS, ROW)[:3000], Reason.CORRUPT),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), Reason.CORRUPT),
        (b"%PDF-1.7\n1 0 obj", Reason.NOT_A_WORKBOOK),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), Reason.NOT_A_WORKBOOK),
        (bytes(range(256)) * 20, Reason.NOT_A_WORKBOOK),
        (b"\xff\xd8\xff\xe0 jpeg", Reason.NOT_A_WORKBOOK),
    ],
    ids=["no bytes", "broken zip", "cut off", "broken xls", "pdf", "png", "noise", "jpeg"],
)
def test_what_cannot_be_opened_says_why(data, reason):
    assert why_not(data) == reason
    assert receipt_of_file(data, "花名册.xlsx") == {
        "format": 1,
        "file": "花名册.xlsx",
        "outcome": "unreadable",
        "sheets": [],
        "counts": dict.fromkeys(
            ("read", "created", "updated", "unchanged", "refused", "skipped"), 0
        ),
        "households": [],
        "refusals": [],
        "warnings": [],
    }


def archive(**parts):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


def test_a_text_document_is_no_workbook():
    assert why_not(archive(word__document_xml="<w/>")) == Reason.NOT_A_WORKBOOK


def test_a_changed_byte_is_found():
    data = bytearray((ROSTERS / "c_members.xlsx").read_bytes())
    data[3000] ^= 0xFF

    assert why_not(bytes(data)) == Reason.CORRUPT


def test_a_workbook_with_a_password_is_told_apart_from_a_broken_one():
    sealed = io.BytesIO()
    OOXMLFile(io.BytesIO(workbook(HEADS, ROW))).encrypt("secret", sealed)

    assert why_not(sealed.getvalue()) == Reason.PASSWORD
    assert msoffcrypto  # the library that tells


def test_the_name_of_a_file_does_not_matter():
    data = (ROSTERS / "f_damaged_ids.xls").read_bytes()

    assert receipt_of_file(data, "花名册.csv")["outcome"] == "roster"
    assert receipt_of_file(data, "花名册.et")["counts"]["created"] == 16


# ---- size


def test_a_file_above_the_limit_is_not_opened():
    assert why_not(workbook(HEADS, ROW), file_bytes=1000) == Reason.TOO_LARGE


def test_more_rows_than_allowed_are_refused():
    data = ("姓名,身份证号,电话\n" + "张三,,\n" * 3000).encode()

    assert why_not(data, rows=1000) == Reason.TOO_MANY_ROWS
    assert why_not(workbook(*[["张三"]] * 3000), rows=1000) == Reason.TOO_MANY_ROWS


def test_an_archive_that_swells_is_not_unpacked():
    assert why_not(archive(**{"xl__workbook.xml": "0" * 10_000_000}), unpacked=1_000_000) == (
        Reason.TOO_LARGE
    )


def test_a_stray_value_in_the_last_corner_does_not_fill_the_memory():
    book = make_workbook(HEADS, ROW)
    book.active["XFD1048576"] = "x"

    assert why_not(workbook_bytes(book)) == Reason.TOO_LARGE


def test_a_million_formatted_empty_rows_are_no_rows():
    book = make_workbook(HEADS, ROW)
    for row in (5000, 500_000, 1_048_576):
        book.active.cell(row, 16_384).fill = PatternFill("solid", fgColor="FF0000")

    receipt = receipt_of_file(workbook_bytes(book))

    assert receipt["counts"] == {
        "read": 2, "created": 1, "updated": 0, "unchanged": 0, "refused": 0, "skipped": 1,
    }  # fmt: skip


# ---- what the cells do not tell


def test_error_cells_and_formulas_without_a_value_are_seen():
    book = make_workbook(["姓名", "a", "b", "c"])
    sheet = book.active
    sheet["B2"] = "=1+1"
    sheet["C2"].value, sheet["C2"].data_type = "#REF!", "e"
    sheet["D7"] = "=SUM(A1:A9)"

    rows = rows_of(workbook_bytes(book))[0]

    assert rows[1] == ["", Odd.NO_STORED_VALUE, Odd.ERROR, ""]
    assert len(rows) == 7
    assert rows[6][3] is Odd.NO_STORED_VALUE


def test_a_formula_counts_by_its_stored_value():
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        sheet.write_formula("A1", "=1+1", value=7)

    assert rows_of(stream.getvalue()) == [[[7.0]]]


def test_a_shared_formula_with_its_value_is_no_empty_one():
    book = make_workbook(["姓名"])
    parts = workbook_bytes(book)
    cell = b'<row r="2"><c r="A2"><f t="shared" ref="A2:A3" si="0">1+1</f><v>2</v></c></row>'
    with zipfile.ZipFile(io.BytesIO(parts)) as old:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as new:
            for name in old.namelist():
                content = old.read(name)
                if name.endswith("sheet1.xml"):
                    content = content.replace(b"</sheetData>", cell + b"</sheetData>")
                new.writestr(name, content)

    assert rows_of(stream.getvalue())[0][1] == [2.0]


def test_hidden_rows_and_columns_are_read_and_told():
    book = make_workbook(HEADS, ROW, ["0002", "李四", number(3), "15400000002", "二组", 1, ""])
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["D"].hidden = True

    receipt = receipt_of_file(workbook_bytes(book))

    assert receipt["counts"]["created"] == 2
    assert codes(receipt["warnings"]) == [
        (None, None, "hidden_rows"),
        (None, None, "hidden_columns"),
    ]


def test_what_is_hidden_beyond_the_last_value_is_not_told():
    book = make_workbook(HEADS, ROW)
    book.active.row_dimensions[40].hidden = True
    book.active.column_dimensions["Z"].hidden = True

    assert receipt_of_file(workbook_bytes(book))["warnings"] == []


def test_a_hidden_sheet_is_told_and_not_imported():
    book = make_workbook(花名册=[HEADS, ROW], 旧=[HEADS, ROW], 更旧=[HEADS, ROW])
    book["旧"].sheet_state = "hidden"
    book["更旧"].sheet_state = "veryHidden"

    receipt = receipt_of_file(workbook_bytes(book))

    assert [(s["name"], s["state"], s["use"]) for s in receipt["sheets"]] == [
        ("花名册", "visible", "roster"),
        ("旧", "hidden", "hidden"),
        ("更旧", "veryHidden", "hidden"),
    ]
    assert receipt["counts"]["read"] == 2
    assert [(f["sheet"], f["code"]) for f in receipt["warnings"]] == [
        ("旧", "sheet_hidden"),
        ("更旧", "sheet_hidden"),
    ]


def test_a_chart_is_an_empty_sheet():
    book = openpyxl.Workbook()
    for line in (HEADS, ROW):
        book.active.append(line)
    book.create_chartsheet("图")

    assert [sheet["use"] for sheet in receipt_of_file(workbook_bytes(book))["sheets"]] == [
        "roster",
        "empty",
    ]


def test_an_empty_table_on_the_left_is_counted():
    book = make_workbook([])
    for place, cell in zip("CDE", ["姓名", "身份证号", "民族"], strict=True):
        book.active[f"{place}4"] = cell
    for place, cell in zip("CDE", ["张三", "无", "汉族"], strict=True):
        book.active[f"{place}5"] = cell

    receipt = receipt_of_file(workbook_bytes(book))

    assert receipt["sheets"][0]["header_rows"] == [4]
    assert codes(receipt["warnings"]) == [("D", 5, "id_missing")]


def test_reading_stops_at_no_bytes():
    for length in range(0, 400, 7):
        read_roster(workbook(HEADS, ROW)[:length])
        read_roster((ROSTERS / "f_damaged_ids.xls").read_bytes()[: length * 20])


@given(st.binary(max_size=300))
def test_no_bytes_stop_the_reading(data):
    assert read_roster(data).outcome in ("roster", "not_a_roster", "unreadable")


# ---- .ods and .xls


def ods(*rows, attributes="", columns=""):
    """The smallest .ods: one sheet, all cells text."""
    lines = "".join(
        f"<table:table-row {attributes if n else ''}>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for n, row in enumerate(rows)
    )
    names = {"office": "office", "table": "table", "text": "text"}
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in names.items()
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body>'
        f'<office:spreadsheet><table:table table:name="名册">{columns}{lines}'
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row></table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return archive(
        **{
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "META-INF__manifest.xml": "<manifest:manifest "
            'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        }
    )


def test_an_ods_is_read():
    receipt = receipt_of_file(ods(HEADS, map(str, ROW)))

    assert receipt["sheets"][0]["name"] == "名册"
    assert receipt["counts"]["read"] == 2
    assert receipt["households"][0]["head"] == "张三"


def test_a_hidden_sheet_has_rows_for_whoever_asks():
    book = make_workbook(花名册=[HEADS, ROW], 旧=[["字典"]])
    book["旧"].sheet_state = "hidden"
    data = workbook_bytes(book)

    asked = {sheet.name: list(sheet.rows) for sheet in read_sheets(data, hidden_too=True)}

    assert asked["旧"] == [["字典"]]
    assert [list(sheet.rows) for sheet in read_sheets(data)][1] == []


def test_sheets_of_our_own_workbooks_are_not_warned_of_and_a_roster_there_is_read():
    sheets = {"花名册": [HEADS, ROW], "填写说明": [["先填户主"]], "povertyaid": [["低保户"]]}
    book = make_workbook(**sheets)
    book["povertyaid"].sheet_state = "veryHidden"

    own = receipt_of_file(workbook_bytes(book))
    filled = receipt_of_file(workbook(填写说明=[HEADS, ROW]))

    assert [sheet["use"] for sheet in own["sheets"]] == ["roster", "no_header", "hidden"]
    assert (own["warnings"], own["counts"]["created"]) == ([], 1)
    assert filled["counts"]["created"] == 1


def test_hidden_rows_and_columns_of_an_ods_are_told():
    data = ods(
        HEADS,
        map(str, ROW),
        attributes='table:visibility="collapse"',
        columns='<table:table-column table:visibility="collapse"/>',
    )

    assert codes(receipt_of_file(data)["warnings"]) == [
        (None, None, "hidden_rows"),
        (None, None, "hidden_columns"),
    ]


def test_a_value_that_repeats_itself_without_end_does_not_fill_the_memory():
    data = ods(HEADS, map(str, ROW), attributes='table:number-rows-repeated="1000000"')

    assert why_not(data) == Reason.TOO_LARGE


def records(*parts):
    """BIFF8 records: kind, bytes."""
    return b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in parts)


def test_hidden_rows_columns_and_errors_of_an_xls_are_seen():
    sheet = records(
        (marks.BOF, bytes(16)),
        (marks.COLINFO, struct.pack("<HHHHHH", 2, 2, 0, 0, 1, 0)),
        (marks.COLINFO, struct.pack("<HHHHHH", 3, 3, 0, 0, 0, 0)),
        (marks.ROW, struct.pack("<HHHHHHHH", 4, 0, 1, 0, 0, 0, 0x20, 0)),
        (marks.ROW, struct.pack("<HHHHHHHH", 5, 0, 1, 0, 0, 0, 0, 0)),
        (marks.BOOLERR, struct.pack("<HHHBB", 6, 1, 0, 0x2A, 1)),
        (marks.BOOLERR, struct.pack("<HHHBB", 6, 2, 0, 1, 0)),
        (
            marks.FORMULA,
            struct.pack("<HHH", 7, 3, 0) + b"\x02\x00\x17\x00\x00\x00\xff\xff" + bytes(6),
        ),
        (marks.FORMULA, struct.pack("<HHHd", 8, 3, 0, 5.0) + bytes(6)),
        (marks.EOF, b""),
    )

    found = marks._binary_marks(sheet, 0)

    assert (found.hidden_rows, found.hidden_columns) == ({4}, {2})
    assert found.odd == {(6, 1): True, (7, 3): True}
