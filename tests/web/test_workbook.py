import datetime
import io
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote

import openpyxl
import pytest

from povertyaid.web import workbook
from povertyaid.web.workbook import Column, Sheet


@dataclass
class Unit:
    name: str


@dataclass
class Row:
    code: str = "000123"
    name: str = "王建国"
    unit: Unit | None = None
    members: int | None = 4
    income: Decimal | None = Decimal("15000.5")
    exited_on: datetime.date | None = datetime.date(2013, 12, 10)


COLUMNS = [
    Column("档案号", "code"),
    Column("户主", "name"),
    Column("单位", lambda row: row.unit and row.unit.name),
    Column("人口", "members", "whole", "人"),
    Column("年收入", "income", "money", "元"),
    Column("脱贫日期", "exited_on", "day"),
]


def written(*rows, columns=COLUMNS, **heading):
    file = io.BytesIO()
    workbook.write(file, Sheet("帮扶家庭", columns, rows, **heading))
    return openpyxl.load_workbook(file).active


def cells(sheet, row):
    return [cell.value for cell in sheet[row]]


def test_codes_stay_text_numbers_are_numbers_and_days_are_days():
    sheet = written(Row(unit=Unit("临江农场")))

    assert cells(sheet, 2) == ["档案号", "户主", "单位", "人口（人）", "年收入（元）", "脱贫日期"]
    assert cells(sheet, 3) == [
        "000123", "王建国", "临江农场", 4, 15000.5, datetime.datetime.fromisoformat("2013-12-10")
    ]  # fmt: skip
    assert [cell.number_format for cell in sheet[3]] == [
        "@",
        "@",
        "@",
        "#,##0",
        "#,##0.00",
        "yyyy-mm-dd",
    ]


def test_title_day_and_unit_of_amounts_stand_above():
    sheet = written(Row(), as_of=datetime.date(2013, 12, 10), unit="元", notes=["仅本单位"])

    assert sheet["A1"].value == "帮扶家庭"
    assert sheet["A2"].value == "截至 2013-12-10    金额单位：元"
    assert sheet["A3"].value == "仅本单位"
    assert sheet["A4"].value == "档案号"


@pytest.mark.parametrize(
    "text",
    ["=1+1", "=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(A1)", "http://example.org", "00012", "1e5",
     "51170219800101055X", "{=A1}", "=", "\t=1"],
)  # fmt: skip
def test_nothing_typed_runs_or_changes(text):
    cell = written(Row(name=text))["B3"]

    assert cell.value == text
    assert cell.data_type == "s"
    assert cell.hyperlink is None


def test_what_is_unknown_is_an_empty_cell_and_zero_is_zero():
    assert cells(written(Row(members=0, income=None, exited_on=None)), 3)[3:] == [0, None, None]


def test_what_is_not_of_its_kind_is_written_as_text():
    row = Row(members="4-5", income=Decimal(10) ** 17, exited_on=datetime.date(1899, 1, 1))

    assert cells(written(row), 3)[3:] == ["4-5", "100000000000000000", "1899-01-01"]


def test_widths_follow_the_content():
    sheet = written(Row(name="一个很长很长的名字写在这里"), Row(name="字" * 100))

    assert sheet.column_dimensions["A"].width < sheet.column_dimensions["B"].width
    assert sheet.column_dimensions["B"].width <= workbook.WIDEST + 1


def test_rows_are_read_once_and_beyond_those_looked_at():
    file = io.BytesIO()
    rows = (Row(code=f"{n:06}") for n in range(workbook.LOOKED_AT + 50))
    workbook.write(file, Sheet("帮扶家庭", COLUMNS[:1], rows))
    sheet = openpyxl.load_workbook(file).active

    assert sheet.max_row == 2 + workbook.LOOKED_AT + 50
    assert sheet.cell(sheet.max_row, 1).value == f"{workbook.LOOKED_AT + 49:06}"


def test_an_empty_list_is_still_a_sheet_with_heads():
    assert cells(written(), 2)[0] == "档案号"


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch):
    monkeypatch.setattr(workbook, "ROWS_AT_MOST", 4)

    with pytest.raises(ValueError, match="a sheet holds"):
        written(Row(), Row(), Row())


@pytest.mark.parametrize(
    ("title", "name"),
    [("甲:乙/丙", "甲_乙_丙"), ("长" * 40, "长" * 31), ("'甲'", "甲"), ("", "Sheet")],
)
def test_a_tab_bears_a_name_that_excel_takes(title, name):
    assert Sheet(title, COLUMNS, []).name == name


def test_several_sheets_are_one_workbook():
    file = io.BytesIO()
    workbook.write(file, Sheet("A", COLUMNS, [Row()]), Sheet("B", COLUMNS, []))

    assert openpyxl.load_workbook(file).sheetnames == ["A", "B"]


def test_the_download_bears_a_chinese_name():
    answer = workbook.response(Sheet("帮扶家庭", COLUMNS, [Row()]), name="帮扶家庭 2013-12-10")

    name = quote("帮扶家庭 2013-12-10.xlsx")
    assert answer.headers["Content-Disposition"] == f"attachment; filename*=utf-8''{name}"
    assert answer.headers["Content-Type"] == workbook.MIME
    assert answer.headers["Cache-Control"] == "no-store"
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    answer.close()
