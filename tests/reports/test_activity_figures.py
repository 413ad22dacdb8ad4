"""Figures of activities: sessions, attendance by name and counted, the year of the debriefs."""

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
    """A class by name and one counted, lectures of a school, meetings; one class taken back."""

    def activity(unit=riverside, **facts):
        return factories.ActivityFactory(programme=programme, unit=unit, **facts)

    listed = activity(sessions=2, title="烹饪班")
    family = factories.HouseholdFactory(unit=riverside)
    for nth in range(2):
        member = factories.MemberFactory(household=family, seq=nth + 1, relation="其他")
        factories.AttendanceFactory(activity=listed, member=member)
    factories.AttendanceFactory(
        activity=listed, member=factories.MemberFactory(household__unit=riverside)
    )
    teacher = factories.HelperFactory(programme=programme, unit=riverside)
    factories.AttendanceFactory(activity=listed, member=None, helper=teacher)
    activity(hillside, sessions=3, headcount=60, household_count=41, held_on=DAY(2013, 5, 8))
    activity(sessions=9, headcount=900, voided_on=DAY(2012, 4, 1), void_reason="重复登记")
    school = factories.OrgUnitFactory(name="民政技校", kind="school", level="", parent=hillside)
    activity(
        school, kind="vocational", sessions=4, headcount=300, beneficiary_group="disabled",
        held_on=DAY(2012, 9, 1),
    )  # fmt: skip
    activity(kind="meeting", topic="leading_group", held_on=DAY(2011, 2, 1))
    activity(kind="meeting", topic="推进会", held_on=DAY(2012, 2, 1))
    activity(kind="debrief", held_on=DAY(2011, 12, 20))
    activity(hillside, kind="debrief", held_on=DAY(2012, 12, 18))
    factories.ActivityFactory(unit=riverside, sessions=50)  # of another programme
    return cut_of(programme)


def test_sessions_are_counted_by_kind_topic_and_organiser(cut):
    assert value(cut, "Q-22") == 2 + 3 + 4 + 1 + 1 + 1 + 1
    assert value(cut, "Q-22", kinds="training") == 5
    assert value(cut, "Q-22", kinds="培训班,会议") == 7
    assert value(cut, "Q-22", kinds="meeting", topics="leading_group,large") == 1
    assert value(cut, "Q-22", topics="领导小组会议,推进会") == 2
    assert value(cut, "Q-22", org="民政技校") == 4
    assert value(cut, "Q-22", org="B-HIL") == 8
    assert value(cut, "Q-22", groups="disabled") == 4
    assert value(cut, "Q-22", kinds="training", year="2013") == 3
    assert value(cut_of(cut.programme, as_of=DAY(2012, 12, 31)), "Q-22", kinds="training") == 2


def test_a_session_is_called_as_its_kind_is(cut):
    def sign(**given):
        indicator = find("Q-22")
        return indicator.figure(cut, indicator.read_parameters(given)).measure

    assert [sign(kinds=kind) for kind in ("training", "meeting", "lecture")] == ["期", "次", "场次"]
    assert sign(kinds="training,meeting") == sign() == "场次"


def test_attendance_is_of_families_by_name_or_as_it_was_counted(cut):
    training = find("Q-23").read_parameters({"kinds": "training"})

    asked = find("Q-23").figure(cut, training)

    # The helper who taught is not one of those who were taught.
    assert (asked.value, asked.sums["named"], asked.sums["counted"]) == (63, 3, 60)
    assert asked.note == "其中记名 3，汇总登记 60。"
    assert value(cut, "Q-23", kinds="training", unit="household") == 2 + 41


def test_groups_outside_the_programme_are_told_apart(cut):
    everybody = find("Q-23").figure(cut, {})

    assert everybody.value == 363
    assert everybody.sums["outside"] == 300
    assert everybody.note.endswith("其中 300 属在册对象以外的人群（残疾人、巧媳妇、社会）。")
    assert value(cut, "Q-23", groups="enrolled") == 63
    assert value(cut, "Q-23", kinds="vocational", org="民政技校") == 300


def test_sessions_persons_and_households_are_never_added(cut):
    sessions = find("Q-22").figure(cut, {}).quantity
    persons = find("Q-23").figure(cut, {}).quantity
    households = find("Q-23").figure(cut, {"unit": "household"}).quantity

    assert [one.kind for one in (sessions, persons, households)] == [
        *(Kind.SESSIONS, Kind.PERSON_TIMES, Kind.HOUSEHOLDS)
    ]
    with pytest.raises(KindError):
        sessions + persons
    with pytest.raises(KindError):
        persons + households


def test_the_year_of_the_debriefs_is_that_of_the_latest(cut, riverside, hillside):
    assert value(cut, "Q-46") == 2012
    assert value(cut.at(riverside), "Q-46") == 2011
    assert value(cut_of(cut.programme, as_of=DAY(2012, 6, 1)), "Q-46") == 2011
    none = find("Q-46").figure(cut_of(cut.programme, as_of=DAY(2011, 6, 1)), {})
    assert (none.value, none.row_count, none.note) == (None, 0, "没有述职会记录。")


def test_an_organiser_that_nobody_knows_is_refused(cut, neighbour):
    indicator = find("Q-22")

    with pytest.raises(ParameterError, match="单位编号或名称"):
        indicator.check_parameters({"org": "别处"}, cut)
    # A unit that the reader does not see is one that does not exist.
    with pytest.raises(ParameterError, match="临江农场"):
        indicator.check_parameters({"org": "临江农场"}, cut_of(cut.programme, staff=neighbour))
    assert value(cut, "Q-22", org="别处") == 0


ASKED = [
    ("Q-22", {}), ("Q-22", {"kinds": "meeting"}), ("Q-22", {"org": "民政技校"}),
    ("Q-23", {}), ("Q-23", {"kinds": "training", "unit": "household"}),
]  # fmt: skip


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


@pytest.mark.parametrize("code", ["Q-22", "Q-23", "Q-46"])
def test_every_figure_leads_to_its_rows(client, cut, supervisor, code):
    figure = find(code).figure(cut_of(cut.programme, staff=supervisor), {})
    client.force_login(supervisor)

    text = client.get(figure.url).content.decode()

    assert ("述职会" if code == "Q-46" else "烹饪班") in text
    assert figure.rows().count() == figure.row_count
