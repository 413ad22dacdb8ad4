"""The paper 脱贫退出汇总表: what stands in it, and that every number is its rows."""

import dataclasses
import datetime
import re
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection
from django.db.models import Count, Q

from reports.figures.catalogue import find
from reports.figures.cut import cut_of
from reports.figures.indicator import SumIndicator
from reports.figures.reader import snapshot
from reports.papers import footing
from reports.papers.exit import build
from reports.papers.paper import Balance, Chart, Facts, Paragraph, Table
from reports.papers.sections.targets import early_or_late
from tests import factories
from tests.reports.conftest import family, out

DAY = datetime.date


def figures(paper):
    return {figure.code: figure for figure in paper.figures()}


def table(paper, key):
    return next(one for one in paper.tables() if one.key == key)


def said(cells):
    return "".join(cell.text if hasattr(cell, "text") else str(cell) for cell in cells)


def test_the_totals_of_the_programme_are_printed(cut):
    found = figures(build(cut))

    assert {code: int(found[code].value) for code in (
        "C.enrolled.households", "C.helpable.households", "C.identified.households",
        "C.people.persons", "C.exited.households", "C.people_out.persons",
        "C.returned.households", "C.helped.households", "C.removed.households",
        "C.met.households", "C.not_met.households", "C.unknown.households",
    )} == {
        "C.enrolled.households": 5, "C.helpable.households": 4, "C.identified.households": 5,
        "C.people.persons": 12, "C.exited.households": 3, "C.people_out.persons": 7,
        "C.returned.households": 1, "C.helped.households": 1, "C.removed.households": 1,
        "C.met.households": 1, "C.not_met.households": 1, "C.unknown.households": 1,
    }  # fmt: skip
    assert found["C.rate.percent"].value == 60
    assert found["C.helpable_rate.percent"].value == 50
    assert found["C.before.yuan"].value == Decimal("2400.00")
    assert found["C.growth.times"].value == Decimal("3.17")


def test_nobody_fell_back_is_said_with_a_nought(programme, riverside):
    family(riverside, programme, name="户")

    assert figures(build(cut_of(programme)))["C.returned.households"].text == "0"


def test_each_category_has_a_line_with_what_leaving_it_is_called(cut):
    categories = table(build(cut), "categories")

    assert [row.label for row in categories.rows] == ["合计", "困难户（脱困）", "低收入户（脱低）"]
    assert categories.rows[0].parts == (1, 2)


def test_files_without_a_category_have_a_line_of_their_own(cut, work):
    work.helped.category = ""
    work.helped.save()

    paper = build(cut)

    assert table(paper, "categories").rows[-1].label == "未填类别"
    assert figures(paper)["C.enrolled.none.households"].rows().get() == work.helped


def test_a_category_spelt_as_its_word_stands_with_its_code(cut, work):
    work.helped.category = "困难户"
    work.helped.save()

    assert figures(build(cut))["C.enrolled.poor.households"].row_count == 4


def test_units_stand_in_the_order_of_the_tree_with_subtotals(cut, riverside):
    zone = factories.OrgUnitFactory(parent=riverside, code="B-RIV-1", name="临江农场第一管理区")
    family(zone, cut.programme, name="区里户")

    lines = table(build(cut), "by_unit").rows

    assert [(row.label, row.depth, row.parts) for row in lines] == [
        ("合计", 0, (1, 2)),
        ("靠山农场", 0, ()),
        ("临江农场", 0, (3, 4)),
        ("临江农场本级", 1, ()),
        ("第一管理区", 1, ()),
    ]
    assert [row.cells[0].text for row in lines] == ["6", "1", "5", "4", "1"]


def test_a_tree_too_long_for_paper_is_cut_off_and_says_so(cut, riverside, monkeypatch):
    for nth in range(3):
        zone = factories.OrgUnitFactory(parent=riverside)
        family(zone, cut.programme, name=f"户{nth}")
    monkeypatch.setattr("reports.papers.sections.exits.units.LONGEST", 4)

    by_unit = table(build(cut), "by_unit")

    assert [row.label for row in by_unit.rows] == ["合计", "靠山农场", "临江农场"]
    assert by_unit.notes == ("更下级单位已包含在所列各行中。",)
    assert by_unit.rows[2].cells[0].text == "7"


def test_exits_are_listed_by_category_and_income_year_with_their_line(cut, bureau):
    factories.ReferenceValueFactory(unit=bureau, year=2012, value=Decimal(20000))

    lines = table(build(cut), "lines")

    assert [
        (row.label, *(cell.text if hasattr(cell, "text") else cell for cell in row.cells))
        for row in lines.rows
    ] == [
        ("合计", "", "", "", "", "3", "2", "1", "0"),
        ("困难户", "达到6,000元", "2011", None, "6,000.00", "1", "1", "0", "0"),
        ("困难户", "达到6,000元", "2012", None, "6,000.00", "1", "0", "1", "0"),
        ("低收入户", "达到当年人均收入的50%", "2012", "20,000.00", "10,000.00", "1", "1", "0", "0"),
    ]


def test_a_line_that_rests_on_a_missing_statistic_is_not_guessed(cut):
    lines = table(build(cut), "lines")

    assert lines.rows[-1].cells[2:4] == ("未填报", "不详")
    assert lines.notes[0].startswith("无法核对：")


def test_targets_show_what_was_promised_and_what_the_records_say(cut):
    factories.TargetFactory(
        programme=cut.programme, code="T1", title="到2012年底全部脱困",
        params={"target_by": "2012-12-31", "by": "2012-12-31"}, due_on=DAY(2012, 12, 31),
        planned_years=3,
    )  # fmt: skip
    factories.TargetFactory(
        programme=cut.programme, code="T2", params={"target_by": "2012-12-31"},
        achieved_on=DAY(2013, 2, 12), planned_years=5,
    )  # fmt: skip

    paper = build(cut)

    results, times = table(paper, "targets"), table(paper, "lengths")
    assert results.rows[0].label == "T1　到2012年底全部脱困"
    assert said(results.rows[0].cells) == "2012-12-31100%50.0050.0021"
    assert [cell.text for cell in results.rows[1].cells[2:]] == ["100.00", "100.00", "2", "2"]
    assert times.rows[0].cells[2:] == (
        figures(paper)["B.T1.planned"], None, "尚未达到", "未确认", "已逾期344天",
    )  # fmt: skip
    assert times.rows[1].cells[2].text == "5"
    assert times.rows[1].cells[3].text == "3"
    assert times.rows[1].cells[4:] == (DAY(2013, 2, 10), DAY(2013, 2, 12), "提前322天")


def test_a_target_that_nobody_confirmed_stands_with_the_day_of_the_records(cut):
    factories.TargetFactory(programme=cut.programme, code="T1", params={}, value=60)

    times = table(build(cut), "lengths").rows[0].cells

    assert times[3].text == "3"
    assert times[4:] == (DAY(2013, 2, 10), "未确认", "提前324天")


@pytest.mark.parametrize(
    ("reached", "as_of", "text"),
    [
        pytest.param(DAY(2013, 12, 31), DAY(2014, 6, 1), "如期", id="on the day"),
        pytest.param(DAY(2013, 12, 30), DAY(2014, 6, 1), "提前1天", id="a day early"),
        pytest.param(DAY(2014, 1, 2), DAY(2014, 6, 1), "逾期2天", id="late"),
        pytest.param(None, DAY(2013, 12, 1), "距时限还有30天", id="still time"),
        pytest.param(None, DAY(2014, 1, 1), "已逾期1天", id="time is up"),
    ],
)
def test_early_and_late_are_told_in_days(reached, as_of, text):
    target = factories.TargetFactory.build(programme=None, due_on=DAY(2013, 12, 31))

    assert early_or_late(target, reached, as_of) == text


def test_a_farm_s_paper_shows_its_own_targets_and_shares_of_the_whole(cut, riverside, hillside):
    factories.TargetFactory(programme=cut.programme, code="T1", params={}, title="全部脱困")
    factories.TargetFactory(
        programme=cut.programme,
        code="T2",
        indicator="Q-51",
        value=3,
        measure="户",
        title="脱困三户",
    )
    factories.TargetFactory(programme=cut.programme, code="T3", unit=riverside, title="本场")
    factories.TargetFactory(programme=cut.programme, code="T4", unit=hillside, title="邻场")

    paper = build(cut.at(riverside))

    targets = table(paper, "targets")
    assert [row.label[:2] for row in targets.rows] == ["T1", "T3"]
    assert targets.rows[1].label == "T3　本场（临江农场）"
    assert targets.notes == ("T1 是全工程的目标，这里只按本单位名册计算。",)
    assert figures(paper)["B.T1.due"].value == 4


def test_a_target_that_nobody_can_compute_says_why(cut):
    factories.TargetFactory(programme=cut.programme, code="T1", indicator="Q-99")
    factories.TargetFactory(programme=cut.programme, code="T2", params={"colour": "red"})

    notes = table(build(cut), "targets").notes

    assert notes[0].startswith("T1 未计算：没有指标 Q-99。")
    assert notes[1].startswith("T2 未计算：没有参数 colour。")


def test_a_target_that_is_no_exit_rate_has_no_cohort(cut):
    factories.TargetFactory(
        programme=cut.programme, code="T1", indicator="Q-04", params={"stage": "monitor"}
    )

    targets = table(build(cut), "targets")

    assert targets.rows[0].cells[4:] == (None, None)
    assert targets.notes == ("T1：没有这个阶段的收入记录。",)


def test_a_target_of_a_farm_that_nobody_can_compute_is_left_out_of_another_s_paper(cut, riverside):
    factories.TargetFactory(programme=cut.programme, code="T1", indicator="Q-99")

    assert build(cut.at(riverside)).sections[1].blocks == (
        Paragraph(("本单位没有下达目标任务。",)),
    )


def test_a_programme_without_targets_says_so(cut):
    section = build(cut).sections[1]

    assert section.blocks == (Paragraph(("本单位没有下达目标任务。",)),)


def test_the_overview_names_lead_unit_lists_groups_and_statistics(cut, bureau):
    cut.programme.mode_label, cut.programme.helping_day, cut.programme.round_no = "一帮一", 5, 2
    cut.programme.consolidation_until = DAY(2014, 12, 31)
    factories.OrgUnitFactory(
        parent=bureau, kind="leading_group", level="", name="共富领导小组", head="贺书记"
    )
    factories.SchemeItemFactory(programme=cut.programme, list_name="六富", label="富民之路", seq=1)
    factories.SchemeItemFactory(
        programme=cut.programme, list_name="六富", label="富民之果", part="果", seq=2
    )
    factories.ReferenceValueFactory(unit=bureau, series="cultivated_land", value=Decimal(300000))

    facts = dict(next(b for b in build(cut).sections[0].blocks if isinstance(b, Facts)).items)

    assert said(facts["领导小组"]) == "共富领导小组（负责人：贺书记）"
    assert said(facts["六富"]) == "2项：富民之路；果：富民之果"
    assert said(facts["耕地面积（2013年）"]) == "300,000 亩"
    assert said(facts["组织体系"]) == "局级：管理局1个；场级：农场2个；未定级：领导小组1个；共4个"
    assert said(facts["帮扶日"]) == "每月5日"
    assert said(facts["轮次"]) == "第2轮"
    assert said(facts["起止时间"]) == "2011-01-01 — 未定"
    assert said(facts["工程简称"]) == "一帮一"


def test_the_programme_s_short_name_and_its_list_of_modes_are_two_things(cut):
    cut.programme.mode_label = "一帮一"
    for seq, label in enumerate(["一帮一", "多帮一"]):
        factories.SchemeItemFactory(
            programme=cut.programme, list_name="帮扶模式", label=label, seq=seq
        )

    items = next(b for b in build(cut).sections[0].blocks if isinstance(b, Facts)).items

    assert [said(cells) for label, cells in items if label == "帮扶模式"] == ["2项：一帮一；多帮一"]


def test_the_summary_is_one_sentence_made_of_figures(cut):
    summary = next(b for b in build(cut).sections[2].blocks if isinstance(b, Paragraph))

    assert said(summary.parts) == (
        "截至2013年12月10日，建档5户、家庭人口12人，其中可帮扶4户。已退出3户（家庭人口7人），返贫1户，在帮1户，"
        "清除非贫困对象1户。退出率60.00%，可帮扶对象退出率50.00%。"
        "人均纯收入帮扶前2,400.00元，退出时8,142.86元。同一批家庭退出时是帮扶前的3.17倍。"
    )


def test_the_chart_draws_the_printed_figures_and_the_known_line(cut):
    chart = next(b for b in build(cut).sections[2].blocks if isinstance(b, Chart))

    assert [(group.label, [bar.text for bar in group.bars]) for group in chart.drawing.groups] == [
        ("困难户", ["2,000.00", "7,000.00"]),
        ("低收入户", ["6,000.00", "15,000.00"]),
    ]
    assert [figure.text for figure in chart.figures] == [
        "2,000.00", "7,000.00", "6,000.00", "15,000.00",
    ]  # fmt: skip
    assert [mark.text for mark in chart.drawing.marks] == ["标准线 6,000.00"]
    assert chart.drawing.marks[0].x2 < chart.drawing.groups[1].bars[0].x


def test_a_programme_without_any_household_still_makes_a_paper(programme):
    paper = build(cut_of(programme))

    footing.check(paper)
    assert figures(paper)["C.enrolled.households"].text == "0"
    assert figures(paper)["C.rate.percent"].text == "—"
    assert build(cut_of(programme), names_at_most=10).annex is None


def test_a_programme_that_counts_persons_says_persons(cut):
    cut.programme.counting_unit = "person"

    found = figures(build(cut))

    assert found["C.enrolled.persons"].measure == "人"
    assert "C.enrolled.households" not in found
    assert "5 人中有记录的 4 人" in table(build(cut), "incomes").notes[0]


def test_households_that_left_are_named_in_the_annex(cut):
    names = build(cut, names_at_most=2).annex

    assert [row[1:5] for row in names.rows] == [
        ("早脱贫", "临江农场", "困难户", "2011-11-20"),
        ("晚脱贫", "临江农场", "困难户", "2013-02-10"),
    ]
    assert names.rows[1][5:] == ("2,000.00", "5,500.00")
    assert names.left_out == 1
    assert build(cut).annex is None


# --- every figure ---------------------------------------------------------------------------------


def from_its_rows(figure):
    """The figure once more, made of nothing but the rows that it leads to."""
    indicator, cut, params = figure.indicator, figure.cut, figure.params
    if not isinstance(indicator, SumIndicator):
        return indicator.figure(cut, params)
    parts = {part.name: part.total(Q()) for part in indicator.parts(cut, params)}
    return indicator.figure_of(figure.rows().aggregate(rows=Count("pk"), **parts), cut, params)


def check_every_figure(paper):
    for figure in paper.figures():
        again = from_its_rows(figure)
        assert (figure.value, figure.row_count) == (again.value, again.row_count), figure.code
        assert figure.label
        assert re.fullmatch(r"[^\s]+", figure.code)
    codes = [figure.code for figure in paper.figures()]
    assert len(codes) == len(set(codes))


def test_every_printed_figure_is_the_sum_of_its_rows(cut, riverside, bureau):
    zone = factories.OrgUnitFactory(parent=riverside)
    family(zone, cut.programme, name="区里户", category="五七工", after=1, **out(DAY(2012, 1, 1)))
    family(bureau, cut.programme, name="局直户", category="", after=None, **out(DAY(2012, 1, 1)))
    factories.TargetFactory(programme=cut.programme, code="T1", params={"helpable": 1})
    factories.SchemeItemFactory(programme=cut.programme)

    for day in (cut.as_of, DAY(2012, 3, 1)):
        check_every_figure(build(dataclasses.replace(cut, as_of=day)))


def test_a_supervisor_s_figures_are_those_of_the_office(at_desk, supervisor, programme, work):
    of_office = figures(build(cut_of(programme)))
    of_supervisor = figures(build(at_desk(supervisor)))

    assert {c: f.value for c, f in of_supervisor.items()} == {
        c: f.value for c, f in of_office.items()
    }


def test_a_clerk_s_paper_speaks_of_the_own_farm(at_desk, clerk, work):
    paper = build(at_desk(clerk), names_at_most=10)

    assert paper.cut.unit == clerk.unit
    assert figures(paper)["C.enrolled.households"].value == 4
    assert [row[1] for row in paper.annex.rows] == ["早脱贫", "晚脱贫"]


def test_a_paper_costs_the_same_with_more_units_and_households(
    cut, riverside, django_assert_num_queries
):
    factories.TargetFactory(programme=cut.programme, code="T1", params={})
    with django_assert_num_queries(21):
        build(dataclasses.replace(cut, known={}), names_at_most=10)
    for nth in range(3):
        zone = factories.OrgUnitFactory(parent=riverside)
        family(zone, cut.programme, name=f"户{nth}", category=f"类{nth}", **out(DAY(2012, 1, 1)))

    with django_assert_num_queries(21):
        build(dataclasses.replace(cut, known={}), names_at_most=10)


@pytest.mark.django_db(transaction=True)
def test_a_paper_is_read_as_of_one_moment_and_writes_nothing(django_db_serialized_rollback):
    with snapshot(), connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)
        with pytest.raises(DatabaseError, match="read-only"):
            cursor.execute("DELETE FROM households_household")


# --- the gate -------------------------------------------------------------------------------------


def spoilt(paper, key, place, column):
    """The paper with one number of a table changed, as a hand might."""
    old = table(paper, key)
    row = old.rows[place]
    at = [one.key for one in old.columns[1:]].index(column)
    wrong = dataclasses.replace(row.cells[at], value=row.cells[at].value + 1)
    cells = (*row.cells[:at], wrong, *row.cells[at + 1 :])
    rows = (*old.rows[:place], dataclasses.replace(row, cells=cells), *old.rows[place + 1 :])
    new = dataclasses.replace(old, rows=rows)
    sections = tuple(
        dataclasses.replace(
            section, blocks=tuple(new if block is old else block for block in section.blocks)
        )
        for section in paper.sections
    )
    return dataclasses.replace(paper, sections=sections)


@pytest.mark.parametrize(
    ("key", "place", "column"),
    [
        pytest.param("categories", 0, "enrolled", id="a total"),
        pytest.param("categories", 1, "people", id="a line under it"),
        pytest.param("by_unit", 2, "exited", id="a unit"),
        pytest.param("lines", 1, "met", id="a check against the line"),
        pytest.param("reviews", 0, "approved", id="a decision"),
    ],
)
def test_a_paper_whose_totals_do_not_foot_is_not_printed(cut, key, place, column):
    paper = build(cut)
    footing.check(paper)

    with pytest.raises(footing.FootingError) as refused:
        footing.check(spoilt(paper, key, place, column))

    assert str(refused.value).startswith("本表合计与分项不符，不予打印。")
    assert all(one.whole.url and one.parts for one in refused.value.mismatches)


def test_the_message_names_table_line_and_column(cut):
    paper = spoilt(build(cut), "categories", 0, "people")

    with pytest.raises(footing.FootingError) as refused:
        footing.check(paper)

    assert "表“按类别退出情况”“合计”行“家庭人口”列：分项之和为 12，合计为 13。" in str(
        refused.value
    )


def test_figures_of_two_tables_must_agree(cut):
    paper = build(cut)
    exited = figures(paper)["C.exited.households"]
    balance = Balance("退出", exited, (exited, exited))

    mismatch = list(footing.mismatches_of(dataclasses.replace(paper, balances=(balance,))))

    assert [str(one) for one in mismatch] == ["退出：分项之和为 6，合计为 3。"]


def test_two_figures_with_one_code_are_a_mistake_of_ours(cut):
    paper = build(cut)
    other = dataclasses.replace(paper.figures()[0], value=Decimal(99))
    section = dataclasses.replace(
        paper.sections[0], blocks=(*paper.sections[0].blocks, Paragraph((other,)))
    )

    with pytest.raises(ValueError, match="two figures are called"):
        dataclasses.replace(paper, sections=(section, *paper.sections[1:])).figures()


def test_shares_and_averages_are_left_out_of_the_gate():
    assert not find("Q-02").kind.adds_up
    assert not find("Q-04").kind.adds_up
    assert Table("k", "c", (), ()).balances == ()
