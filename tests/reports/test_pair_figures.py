"""Figures of helpers and pairs, each with its rows; on a programme with every mode once."""

import datetime

import pytest

from pairings.actions import helpers, pairs
from povertyaid.lib.quantities import Kind
from reports.figures.catalogue import find
from reports.figures.cut import cut_of
from reports.figures.sheet import Ask, Sheet, totals
from tests import factories
from tests.reports.test_indicators import value

DAY = datetime.date(2012, 5, 1)
LATER = datetime.date(2013, 2, 1)


def family(unit, programme, name):
    household = factories.HouseholdFactory(unit=unit, head_name=name)
    return factories.EnrolmentFactory(household=household, programme=programme)


@pytest.fixture
def cut(programme, riverside, hillside, supervisor):
    """一帮一, 二帮一, 一帮多 (twice) and 单位帮一 at Riverside, 多帮一 at Hillside."""

    def helper(name, unit=riverside, **facts):
        return factories.HelperFactory(programme=programme, unit=unit, name=name, **facts)

    def pair(name, *who, unit=riverside, on=DAY, scheme="one_to_one"):
        first, *others = who
        made = pairs.pair(
            family(unit, programme, name), helper=first, scheme=scheme, on=on, by=supervisor
        )
        for other in others:
            pairs.join(made, helper=other, on=on, by=supervisor)
        return made

    grower = {"category": "big_grower"}
    pair("张三", helper("甲"))
    pair("李四", helper("乙"), helper("丙", **grower))
    busy = helper("丁", honour_level="national", category="model_worker", in_post_local=True)
    pair("王五", busy, scheme="hand_in_hand")
    pair("赵六", busy)
    pair("孙七", helper("戊厂", kind="unit", category="unit"))
    pair("周八", *(helper(name, hillside) for name in ("己", "庚", "辛")), unit=hillside)
    helper("闲人", **grower)
    over = pair("吴九", helper("壬"))
    pairs.end(over, on=LATER, end_reason="other", by=supervisor)
    gone = helper("癸")
    helpers.leave(gone, on=DAY, leave_reason="retired", by=supervisor)
    wrong = pair("郑十", helper("子"))
    pairs.end(wrong, on=DAY, end_reason="mistake", by=supervisor)
    return cut_of(programme)


def test_helpers_are_counted_by_kind_category_and_honour(cut):
    assert value(cut, "Q-06") == 11
    assert value(cut, "Q-06", kind="unit") == 1
    assert value(cut, "Q-06", categories="big_grower") == 2
    assert value(cut, "Q-06", categories="cadre,big_grower") == 9
    assert value(cut, "Q-06", honour_level="national") == 1
    assert value(cut, "Q-06", in_post_local="1") == 1
    assert value(cut_of(cut.programme, as_of=datetime.date(2012, 4, 30)), "Q-06") == 12


def test_persons_are_persons_and_units_are_not(cut):
    def kind(**given):
        indicator = find("Q-06")
        return indicator.figure(cut, indicator.read_parameters(given)).kind

    assert kind(categories="cadre,big_grower") is Kind.PERSONS
    assert kind() is Kind.ITEMS
    assert kind(kind="unit") is Kind.ITEMS


def test_a_pair_is_a_household_however_many_help_it(cut):
    assert value(cut, "Q-07") == 7
    assert value(cut, "Q-07", standing="1") == 6
    assert value(cut, "Q-07", scheme="hand_in_hand") == 1
    assert value(cut, "Q-07", category="poor") == 7
    assert value(cut_of(cut.programme, as_of=datetime.date(2012, 4, 30)), "Q-07") == 0


def test_modes_are_computed_and_never_asked_of_a_clerk(cut):
    assert value(cut, "Q-07b") == 5
    assert {
        mode: value(cut, "Q-07b", field="pairs", mode=mode)
        for mode in ("one", "two", "many", "one_for_many", "unit")
    } == {"one": 1, "two": 1, "many": 1, "one_for_many": 2, "unit": 1}
    assert value(cut, "Q-07b", field="helpers", mode="many") == 3
    assert value(cut, "Q-07b", field="helpers") == 1.5


def test_a_mode_is_that_of_the_day(cut):
    before = cut_of(cut.programme, as_of=datetime.date(2013, 1, 1))

    assert value(before, "Q-07b", field="pairs") == 7
    assert value(cut, "Q-07b", field="pairs") == 6


def test_a_helper_on_several_pairs_is_one_helper(cut, programme):
    code = programme.enrolments.get(household__head_name="周八").household.code

    assert value(cut, "Q-44") == 9
    assert value(cut, "Q-44", kind="unit") == 1
    assert value(cut, "Q-44", scheme="hand_in_hand") == 1
    assert value(cut, "Q-44", hh=code) == 3


@pytest.mark.parametrize("code", ["Q-06", "Q-07", "Q-07b", "Q-44"])
def test_units_add_up_and_everybody_sees_the_own(cut, riverside, hillside, clerk, code):
    params = {"field": "pairs"} if code == "Q-07b" else {}
    parts = [value(cut.at(unit), code, **params) for unit in (riverside, hillside)]

    assert sum(parts) == value(cut, code, **params)
    seen = cut_of(cut.programme, staff=clerk)
    assert value(seen, code, **params) == parts[0]


@pytest.mark.parametrize("code", ["Q-06", "Q-07", "Q-07b", "Q-44"])
def test_every_figure_leads_to_its_rows(client, cut, supervisor, code):
    indicator = find(code)
    figure = indicator.figure(cut_of(cut.programme, staff=supervisor), {})
    client.force_login(supervisor)

    page = client.get(figure.url)

    assert page.status_code == 200
    assert figure.rows().count() == figure.row_count
    text = page.content.decode()
    assert ("周八" if code.startswith("Q-07") else "己") in text
    assert "庚" in text


ASKED = [
    ("Q-06", {"categories": "big_grower"}),
    ("Q-07", {"standing": "1"}),
    ("Q-07b", {}),
    ("Q-07b", {"field": "helpers"}),
    ("Q-44", {"kind": "person"}),
]


@pytest.mark.parametrize(("code", "given"), ASKED)
def test_the_rows_of_a_figure_add_up_to_it(cut, code, given):
    indicator = find(code)
    params = indicator.read_parameters(given)

    figure, listed = indicator.figure(cut, params), list(indicator.listed(cut, params))

    assert len(listed) == figure.row_count > 0
    for part in indicator.parts(cut, params):
        assert sum(getattr(row, f"part_{part.name}") for row in listed) == figure.sums[part.name]


def test_a_sheet_agrees_with_each_figure_asked_alone(cut, riverside, hillside):
    asks = [
        Ask(f"a{nth}", find(code), find(code).read_parameters(given))
        for nth, (code, given) in enumerate(ASKED)
    ]

    sheet, sums = Sheet(cut, asks), totals(cut, asks)

    for ask in asks:
        assert sums[ask.name] == ask.indicator.figure(cut, ask.params).sums
        for unit in (riverside, hillside):
            alone = ask.indicator.figure(cut.at(unit), ask.params)
            assert sheet.figure(ask.name, code="x", label="x", unit=unit).value == alone.value
