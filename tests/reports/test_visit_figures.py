"""Figures of visits and of what was done on them, by name and counted together."""

import datetime

import pytest

from povertyaid.lib.quantities import Kind, KindError
from reports.figures.catalogue import find
from reports.figures.cut import cut_of
from reports.figures.parameters import ParameterError
from reports.figures.sheet import Ask, Sheet, totals
from tests import factories
from tests.reports.test_indicators import value

DAY = datetime.date


@pytest.fixture
def cut(programme, riverside, hillside):
    """Riverside: two visits by name, forty counted, one taken back. Hillside: nine counted."""

    def visit(**facts):
        return factories.VisitFactory(programme=programme, **facts)

    family = factories.HouseholdFactory(unit=riverside, head_name="张三")
    named = visit(household=family, occasion="consolation")
    later = visit(household=family, visited_on=DAY(2013, 2, 5), occasion="helping_day")
    many = visit(household=None, unit=riverside, headcount=40, occasion="consolation")
    visit(household=None, unit=hillside, headcount=9, occasion="festival")
    wrong = visit(
        household=family, occasion="routine", voided_on=DAY(2012, 2, 1), void_reason="录错了"
    )
    visit(household=factories.HouseholdFactory(unit=riverside))  # of another programme
    factories.VisitFactory(household=family)

    factories.VisitItemFactory(visit=named, kind="problem", note="房屋漏雨")
    factories.VisitItemFactory(visit=later, kind="problem", times=2, solved_on=DAY(2013, 3, 1))
    factories.VisitItemFactory(visit=many, kind="policy", times=30)
    factories.VisitItemFactory(visit=wrong, kind="policy", times=500)
    return cut_of(programme)


def test_a_visit_by_name_counts_one_and_others_what_was_written(cut):
    assert value(cut, "Q-11") == 3 + 40 + 9
    assert value(cut, "Q-11", occasions="consolation") == 41
    assert value(cut, "Q-11", occasions="festival,helping_day") == 10
    assert value(cut, "Q-11", occasions="走访慰问") == 41
    assert value(cut, "Q-11", year="2013") == 1
    assert value(cut_of(cut.programme, as_of=DAY(2012, 12, 31)), "Q-11") == 51
    assert value(cut_of(cut.programme, as_of=DAY(2012, 1, 17)), "Q-11") == 0


def test_how_much_of_it_has_a_name_is_said(cut):
    asked = find("Q-11").figure(cut, {"occasions": ("consolation",)})

    assert (asked.sums["named"], asked.sums["counted"]) == (1, 40)
    assert asked.note == "其中记名 1，汇总登记 40。"
    assert find("Q-11").working(asked) == "1 + 40"
    all_named = find("Q-11").figure(cut, {"occasions": ("helping_day",)})
    assert (all_named.note, find("Q-11").working(all_named)) == ("", "")


def test_things_done_count_as_often_as_was_written(cut):
    assert value(cut, "Q-12") == 1 + 2 + 30
    assert value(cut, "Q-12", kind="problem") == 3
    assert value(cut, "Q-12", kind="送政策") == 30
    assert value(cut, "Q-12", year="2012") == 31
    assert find("Q-12").figure(cut, {}).note == "其中记名 3，汇总登记 30。"


def test_a_problem_is_solved_from_the_day_it_was(cut):
    assert value(cut, "Q-12", solved="1") == 2
    assert value(cut, "Q-12", solved="0") == 1
    assert value(cut_of(cut.programme, as_of=DAY(2013, 2, 28)), "Q-12", solved="0") == 3


def test_person_times_and_entries_are_never_added(cut):
    visited, done = find("Q-11").figure(cut, {}), find("Q-12").figure(cut, {})

    assert (visited.kind, done.kind) == (Kind.PERSON_TIMES, Kind.ENTRIES)
    with pytest.raises(KindError):
        visited.quantity + done.quantity


def test_an_occasion_that_nobody_knows_is_refused():
    with pytest.raises(ParameterError, match="occasions"):
        find("Q-11").read_parameters({"occasions": "beerfest"})


ASKED = [("Q-11", {}), ("Q-11", {"occasions": "consolation"}), ("Q-12", {}), ("Q-12", {"solved": "0"})]  # fmt: skip


@pytest.mark.parametrize(("code", "given"), ASKED)
def test_the_rows_of_a_figure_add_up_to_it(cut, code, given):
    indicator = find(code)
    params = indicator.read_parameters(given)

    figure, listed = indicator.figure(cut, params), list(indicator.listed(cut, params))

    assert len(listed) == figure.row_count > 0
    for part in indicator.parts(cut, params):
        assert sum(getattr(row, f"part_{part.name}") for row in listed) == figure.sums[part.name]


def test_units_add_up_and_everybody_sees_the_own(cut, riverside, hillside, clerk):
    asks = [
        Ask(f"a{nth}", find(code), find(code).read_parameters(given))
        for nth, (code, given) in enumerate(ASKED)
    ]

    sheet, sums = Sheet(cut, asks), totals(cut, asks)

    for ask in asks:
        whole = ask.indicator.figure(cut, ask.params)
        parts = [ask.indicator.figure(cut.at(unit), ask.params) for unit in (riverside, hillside)]
        assert sums[ask.name] == whole.sums
        assert sum(part.value for part in parts) == whole.value
        cells = [sheet.figure(ask.name, code="x", label="x", unit=u) for u in (riverside, hillside)]
        assert [cell.sums for cell in cells] == [part.sums for part in parts]
        seen = ask.indicator.figure(cut_of(cut.programme, staff=clerk), ask.params)
        assert seen.value == parts[0].value


def test_the_first_day_is_the_one_on_which_so_many_had_been_visited(cut):
    assert find("Q-11").first_reached(cut, {}, 50) == DAY(2012, 1, 18)
    assert find("Q-11").first_reached(cut, {}, 52) == DAY(2013, 2, 5)


@pytest.mark.parametrize(("code", "seen"), [("Q-11", "汇总登记"), ("Q-12", "房屋漏雨")])
def test_every_figure_leads_to_its_rows(client, cut, supervisor, code, seen):
    figure = find(code).figure(cut_of(cut.programme, staff=supervisor), {})
    client.force_login(supervisor)

    text = client.get(figure.url).content.decode()

    assert "张三" in text
    assert seen in text


def test_who_opens_no_file_reads_no_names_behind_a_figure(client, cut, administrator):
    client.force_login(administrator)

    assert client.get(find("Q-11").figure(cut, {}).url).status_code == 403
