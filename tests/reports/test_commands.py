"""`report` and `figures`: how an office automates and how others check us."""

import io
import json
import sys

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from reports.figures import acceptance
from reports.papers import footing
from tests import factories


def run(*arguments):
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def refusal(*arguments):
    with pytest.raises(CommandError) as refused:
        run(*arguments)
    return str(refused.value)


# --- report ---------------------------------------------------------------------------------------


def test_report_answers_with_json(work):
    answer = json.loads(run("report", "exit", "--programme", "P1", "--format", "json"))

    assert (answer["paper"], answer["unit"], answer["as_of"]) == ("exit", "B", "2013-12-10")
    values = {figure["code"]: figure["value"] for figure in answer["figures"]}
    assert values["C.exited.households"] == 3


def test_report_cuts_to_a_unit_and_a_day(work):
    answer = json.loads(
        run("report", "exit", "--programme", "P1", "--unit", "B-RIV", "--as-of", "2012-12-31")
    )

    values = {figure["code"]: figure["value"] for figure in answer["figures"]}
    assert (answer["unit"], answer["as_of"]) == ("B-RIV", "2012-12-31")
    assert values["C.exited.households"] == 1


@pytest.mark.parametrize(
    ("file_format", "begins"),
    [("json", b"{"), ("html", b"<!doctype html>"), ("pdf", b"%PDF-"), ("xlsx", b"PK")],
)
def test_report_writes_a_file(work, tmp_path, file_format, begins):
    path = tmp_path / f"paper.{file_format}"

    said = run(
        "report", "exit", "--programme", "P1", "--format", file_format, "--output", str(path)
    )

    assert said == ""
    assert path.read_bytes().startswith(begins)


def test_report_names_who_left_in_the_workbook(work, tmp_path):
    path = tmp_path / "paper.xlsx"
    run("report", "exit", "--programme", "P1", "--format", "xlsx", "--output", str(path))

    names = openpyxl.load_workbook(path)["退出户名册"]

    assert [row[1] for row in names.iter_rows(min_row=5, values_only=True)] == [
        "早脱贫", "晚脱贫", "低收入",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(
            ["nothing", "--programme", "P1"], "没有报表 nothing。现有：exit。", id="paper"
        ),
        pytest.param(["exit", "--programme", "S9"], "没有工程 S9。现有：P1。", id="programme"),
        pytest.param(["exit", "--programme", "P1", "--unit", "X"], "没有单位 X。请对照", id="unit"),
        pytest.param(
            ["exit", "--programme", "P1", "--as-of", "2023-02-30"],
            "--as-of 2023-02-30: 没有这一天",
            id="day",
        ),
        pytest.param(
            ["exit", "--programme", "P1", "--as-of", "2093-02-20"],
            "2093-02-20 还没有到。报表最晚截至今天",
            id="day to come",
        ),
        pytest.param(
            ["exit", "--programme", "P1", "--format", "csv"],
            "没有格式 csv。可用的有：json, html, pdf, xlsx。",
            id="format",
        ),
        pytest.param(
            ["exit", "--programme", "P1", "--output", "/nowhere/x.json"],
            "无法写入 /nowhere/x.json",
            id="folder",
        ),
    ],
)
def test_report_says_in_a_sentence_what_is_not_known(work, arguments, said):
    assert refusal("report", *arguments).startswith(said)


def test_a_unit_that_takes_no_part_is_refused(work):
    factories.OrgUnitFactory(code="ELSE", name="外单位")

    assert "外单位不在本工程范围内" in refusal(
        "report", "exit", "--programme", "P1", "--unit", "ELSE"
    )


def test_report_makes_no_paper_whose_totals_do_not_foot(work, monkeypatch):
    def refuse(paper):
        raise footing.FootingError(list(footing.mismatches_of(paper)))

    monkeypatch.setattr(footing, "check", refuse)

    assert refusal("report", "exit", "--programme", "P1").startswith(
        "本表合计与分项不符，不予打印。"
    )


def test_report_writes_no_picture_into_a_terminal(work, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    with pytest.raises(CommandError, match="终端无法显示这种格式"):
        call_command("report", "exit", programme="P1", format="pdf", stdout=Terminal())


def test_report_writes_a_pdf_into_a_pipe(work, capfdbinary):
    with pytest.MonkeyPatch.context() as patch:
        piped = io.TextIOWrapper(io.BytesIO())
        patch.setattr(sys, "stdout", piped)
        call_command("report", "exit", programme="P1", format="xlsx", stdout=io.StringIO())

    assert piped.buffer.getvalue().startswith(b"PK")


# --- figures --------------------------------------------------------------------------------------


def test_figures_answers_one_indicator(work):
    answer = json.loads(
        run("figures", "--programme", "P1", "--indicator", "Q-04", "--param", "stage=exit",
            "--param", "category=困难户", "--json")
    )  # fmt: skip

    assert answer == {
        "indicator": "Q-04",
        "label": "人均纯收入",
        "programme": "P1",
        "unit": "B",
        "as_of": "2013-12-10",
        "params": {"stage": "exit", "category": "poor"},
        "value": 7000,
        "measure": "元/人·年",
        "rows": 2,
        "note": "",
    }


def test_figures_answers_in_words_too(work):
    said = run("figures", "--programme", "P1", "--indicator", "Q-01", "--unit", "B-RIV")

    assert said == "建档  4 户\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["--indicator", "Q-99"], "没有指标 Q-99。", id="indicator"),
        pytest.param(["--indicator", "Q-04"], "缺少参数 stage", id="missing parameter"),
        pytest.param(["--indicator", "Q-01", "--param", "x"], "“x”不是参数。", id="no equals sign"),
        pytest.param(["--indicator", "Q-01", "--param", "x=1"], "没有参数 x。", id="parameter"),
        pytest.param(["--param", "category=poor"], "--param 是指标的参数", id="no indicator"),
        pytest.param([], "没有登记工程 P1 的已发布数字。", id="nothing printed"),
    ],
)
def test_figures_says_in_a_sentence_what_is_not_known(work, arguments, said):
    assert refusal("figures", "--programme", "P1", *arguments).startswith(said)


def test_emptying_a_table_makes_its_figures_fail(settings, tmp_path, work):
    folder = tmp_path / "fixtures" / "figures"
    folder.mkdir(parents=True)
    settings.BASE_DIR = tmp_path
    printed = [
        {"id": "X-1", "indicator": "Q-01", "params": {}, "accept": [5, 5], "reproduce": "records"},
        {"id": "X-2", "indicator": "Q-01", "params": {}, "accept": [None, 4], "reproduce": "records"},
        {"id": "X-3", "indicator": "Q-34", "params": {"list": "六富"}, "accept": [6, 6], "reproduce": "reported"},
        {"id": "X-4", "indicator": "Q-04", "params": {}, "accept": [1, 1], "reproduce": "records"},
        {"id": "X-5", "indicator": None, "params": {}, "accept": [2, 2], "reproduce": "none"},
    ]  # fmt: skip
    (folder / "P1.json").write_text(json.dumps(printed), encoding="utf-8")

    answer = json.loads(run("figures", "--programme", "P1", "--json"))

    assert [(one["value"], one["ok"]) for one in answer] == [
        (5, True), (5, False), (0, None), (None, None), (None, None),
    ]  # fmt: skip
    assert answer[2]["note"].startswith("只按上报数列示")
    assert answer[3]["note"].startswith("缺少参数 stage")
    lines = run("figures", "--programme", "P1").splitlines()
    assert lines[0] == "X-1  5  [5, 5]  相符"
    assert lines[1] == "X-2  5  [None, 4]  不符"
    assert lines[4].startswith("X-5  —  [2, 2]  不明")


@pytest.mark.parametrize(
    ("value", "band", "inside"),
    [(5, [5, 5], True), (5, [None, None], True), (5, [6, None], False), (5, [None, 4.5], False)],
)
def test_an_end_of_a_band_that_is_null_is_open(value, band, inside):
    assert acceptance.within(value, band) is inside
