"""The empty roster: every heading is known, and what is filled in as shown goes in without a word."""

import io
import warnings

import openpyxl
import pytest
from django.utils import translation

from households.models import words
from households.roster.core.sheet import read_sheets
from households.roster.template_book import write
from tests.households.roster.sheets import receipt_of_file, workbook_bytes

KINDS = pytest.mark.parametrize("of_members", [True, False], ids=["members", "households"])
UNITS = [f"石桥镇/第{n}村" for n in range(1, 81)]


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


def template(**more):
    stream = io.BytesIO()
    write(stream, **more)
    return stream.getvalue()


def opened(data):
    return openpyxl.load_workbook(io.BytesIO(data))


def lines_of(book, *, examples):
    """The lines of the instructions: the heading of a column, what is said of it, its examples."""
    rows = [[cell.value for cell in row] for row in book["填写说明"].iter_rows()]
    top = next(nth for nth, row in enumerate(rows) if row[0] == "栏目")
    assert len(rows[top]) == 3 + examples
    return {row[0]: row[1:] for row in rows[top + 1 :]}


def format_of(page, column):
    """What Excel gives to a cell that is typed into the column; like neighbours share one entry."""
    return next(
        found.number_format
        for found in page.column_dimensions.values()
        if found.min <= column <= found.max
    )


def filled(book, *families):
    """The template with families typed into it, each a list of {heading: text}."""
    page = book["花名册"]
    headings = {cell.value: cell.column for cell in page[1]}
    persons = [person for family in families for person in family]
    for row, person in enumerate(persons, start=2):
        for heading, text in person.items():
            cell = page.cell(row, headings[heading])
            cell.value = text if format_of(page, cell.column) == "@" else float(text)
    return workbook_bytes(book)


def example_family(book, *, persons):
    lines = lines_of(book, examples=persons)
    return [
        {heading: line[nth] for heading, line in lines.items() if line[nth]}
        for nth in range(2, 2 + persons)
    ]


def rules_of(page):
    return {
        page.cell(1, next(iter(rule.sqref.ranges)).min_col).value: rule
        for rule in page.data_validations.dataValidation
    }


@KINDS
def test_an_empty_template_is_a_roster_without_rows(of_members):
    receipt = receipt_of_file(template(of_members=of_members, units=UNITS))

    assert receipt["outcome"] == "roster"
    assert [(sheet["name"], sheet["use"]) for sheet in receipt["sheets"]] == [
        ("花名册", "roster"), ("填写说明", "no_header"), ("povertyaid", "hidden"),
    ]  # fmt: skip
    assert [(found["sheet"], found["code"]) for found in receipt["warnings"]] == [
        ("花名册", "no_rows")
    ]


@KINDS
def test_every_heading_is_known(of_members):
    data = template(of_members=of_members)

    roster, _instructions = receipt_of_file(data)["sheets"]
    headings = [cell.value for cell in opened(data)["花名册"][1]]

    assert roster["unmapped"] == []
    assert list(roster["mapping"]) == headings
    assert [heading for heading in headings if heading.startswith("*")] == [
        *(["*姓名", "*与户主关系"] if of_members else ["*户主姓名"]),
        "*身份证号",
        "*困难类别",
        "*致困原因",
    ]
    assert headings.count("工资性收入（元）") == 1


@KINDS
def test_the_example_goes_in_without_a_warning(of_members):
    book = opened(template(of_members=of_members, units=UNITS))
    family = example_family(book, persons=3 if of_members else 1)

    receipt = receipt_of_file(filled(book, family))

    assert (receipt["refusals"], receipt["warnings"]) == ([], [])
    assert receipt["counts"]["created"] == len(family)
    household = receipt["households"][0]
    assert (household["head"], household["unit"]) == ("王建国", "石桥镇/第1村")
    assert (household["income_wage"], household["income_property"]) == ("12000.00", "0.00")
    assert household["causes"] == ["大病", "慢性病"]
    assert household["bank_account"] == "6200000000000005"
    assert household["members"][0]["phone"] == "15400000001"


def test_families_follow_each_other_without_numbers_of_their_own():
    book = opened(template(of_members=True))
    first = example_family(book, persons=3)
    second = [
        {"*姓名": "赵守田", "*与户主关系": "户主", "*身份证号": "239999195503120037"},
        {"*姓名": "孙秀英", "*与户主关系": "配偶"},
    ]

    receipt = receipt_of_file(filled(book, first, second))

    assert receipt["refusals"] == []
    assert [(one["head"], len(one["members"])) for one in receipt["households"]] == [
        ("王建国", 3),
        ("赵守田", 2),
    ]


def test_what_a_number_would_damage_is_text():
    page = opened(template(of_members=True))["花名册"]

    formats = {cell.value: format_of(page, cell.column) for cell in page[1]}

    assert {heading for heading, kept in formats.items() if kept != "@"} == {
        "家庭人口", "工资性收入（元）", "生产经营性收入（元）", "财产性收入（元）", "转移性收入（元）", "生产经营性支出（元）",
        "人均纯收入（元）",
    }  # fmt: skip
    assert page.freeze_panes == "C2"


def test_every_column_says_how_it_is_filled_in_and_refuses_nothing():
    rules = rules_of(opened(template(of_members=True, units=UNITS))["花名册"])

    assert [heading for heading, rule in rules.items() if not rule.prompt] == []
    assert {rule.errorStyle for rule in rules.values()} == {"warning"}
    assert {heading: rule.formula1 for heading, rule in rules.items() if rule.type == "list"} == {
        "*与户主关系": f'"{",".join(words.RELATIONS)}"',
        "性别": '"男,女"',
        "民族": f'"{",".join(words.ETHNICITIES)}"',
        "健康状况": f'"{",".join(words.HEALTH)}"',
        "劳动技能": f'"{",".join(words.LABOUR)}"',
        "文化程度": f'"{",".join(words.EDUCATION)}"',
        "工作状态": f'"{",".join(words.WORK_STATUSES)}"',
        "所属单位": "povertyaid!$A$1:$A$80",
        "*困难类别": f'"{",".join(words.CATEGORIES.values())}"',
    }
    identity = rules["*身份证号"]
    assert (identity.type, identity.operator, identity.formula1) == ("textLength", "equal", "18")
    assert rules["*致困原因"].prompt.endswith("常用：大病、慢性病、残疾、意外、经营不善负债、缺资金、技术单一、"
        "年龄偏大、就业能力低、下岗、子女就学、住房、因病、因残、因学、因灾、缺土地、缺水、缺技术、缺劳动力、交通条件落后、"
        "自身发展动力不足、下岗失业。只填在户主行。")  # fmt: skip


def test_a_programmes_own_words_are_offered():
    rules = rules_of(
        opened(
            template(
                of_members=True, categories=["特困职工"], causes=["因病"], relations=["户主", "妻"]
            )
        )["花名册"]
    )

    assert rules["*困难类别"].formula1 == '"特困职工"'
    assert rules["*与户主关系"].formula1 == '"户主,妻"'
    assert "常用：因病。" in rules["*致困原因"].prompt


def test_the_instructions_name_the_programme_what_is_required_and_whose_row():
    book = opened(template(of_members=True, programme_name="金秋助学"))

    lines = lines_of(book, examples=3)

    assert book["填写说明"]["A1"].value == "金秋助学花名册填写说明"
    assert list(lines) == [cell.value for cell in book["花名册"][1]]
    assert [heading for heading, line in lines.items() if line[0] == "必填"] == [
        heading for heading in lines if heading.startswith("*")
    ]
    assert lines["家庭住址"][1].endswith("只填在户主行。")
    assert not lines["*姓名"][1].endswith("只填在户主行。")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@KINDS
def test_no_message_is_longer_than_a_cell_shows(of_members, language):
    causes = [f"原因之{n}" for n in range(100)]

    with translation.override(language), warnings.catch_warnings():
        warnings.simplefilter("error")  # XlsxWriter leaves out a rule that Excel would not take
        page = opened(template(of_members=of_members, causes=causes))["花名册"]

    assert len(rules_of(page)) == page.max_column


def test_it_is_written_to_a_path_too(tmp_path):
    target = tmp_path / "模板.xlsx"

    write(target, of_members=False)

    assert [sheet.name for sheet in read_sheets(target.read_bytes())] == ["花名册", "填写说明"]
