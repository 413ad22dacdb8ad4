"""Units that are helped, helpers at work, growth from round to round, and single households."""

import datetime
from decimal import Decimal

import pytest

from pairings.actions import helpers, pairs
from povertyaid.lib.quantities import Kind
from reports.figures.catalogue import find
from reports.figures.cut import cut_of
from reports.figures.parameters import ParameterError
from tests import factories
from tests.reports.test_indicators import value

DAY = datetime.date
FIRST, LATER = DAY(2012, 5, 1), DAY(2013, 2, 1)


def family(unit, programme, name, **facts):
    household = factories.HouseholdFactory(unit=unit, head_name=name, code=f"户-{name}")
    return factories.EnrolmentFactory(household=household, programme=programme, **facts)


@pytest.fixture
def cut(programme, riverside, hillside, supervisor):
    """甲 leads two pairs, 乙 one at Hillside; of four model workers two take part."""

    def helper(name, unit=riverside, **facts):
        return factories.HelperFactory(programme=programme, unit=unit, name=name, **facts)

    def pair(name, who, unit=riverside, on=FIRST):
        enrolment = family(unit, programme, name)
        return pairs.pair(enrolment, helper=who, scheme="one_to_one", on=on, by=supervisor)

    lead, other = helper("甲"), helper("乙", hillside)
    pair("张三", lead)
    over = pair("李四", lead)
    pairs.end(over, on=LATER, end_reason="other", by=supervisor)
    pair("王五", other, hillside)
    pairs.join(pair("赵六", other, hillside, LATER), helper=lead, on=LATER, by=supervisor)
    worker = {"category": "model_worker", "in_post_local": True}
    pair("孙七", helper("劳模一", **worker))
    speaker = helper("劳模二", **worker)
    talk = factories.ActivityFactory(programme=programme, unit=riverside, held_on=FIRST)
    factories.AttendanceFactory(activity=talk, member=None, helper=speaker)
    helper("劳模三", hillside, **worker)
    helper("劳模四", hillside, **worker)
    helper("外地劳模", category="model_worker")
    wrong = factories.ActivityFactory(
        programme=programme, unit=hillside, voided_on=FIRST, void_reason="录错了"
    )
    factories.AttendanceFactory(activity=wrong, member=None, helper=other)
    return cut_of(programme)


def test_the_share_taking_part_is_of_model_workers_in_post_and_local(cut, hillside):
    asked = find("Q-09").figure(cut, {})

    assert (asked.value, asked.row_count) == (50, 4)
    assert find("Q-09").working(asked) == "2 ÷ 4 × 100"
    assert value(cut.at(hillside), "Q-09") == 0
    assert value(cut_of(cut.programme, as_of=DAY(2012, 4, 30)), "Q-09") == 0
    assert value(cut, "Q-09", categories="cadre", in_post_local="0") == 100
    assert value(cut, "Q-09", categories="unit") is None


def test_an_activity_taken_back_makes_nobody_take_part(cut, hillside):
    idle = cut.programme.helpers.get(name="劳模三")
    voided = factories.ActivityFactory(
        programme=cut.programme, unit=hillside, voided_on=FIRST, void_reason="录错了"
    )
    factories.AttendanceFactory(activity=voided, member=None, helper=idle)

    assert value(cut, "Q-09") == 50


def test_how_many_pairs_a_cadre_leads_is_asked_of_those_who_lead(cut, riverside, hillside):
    assert value(cut, "Q-41") == 2
    assert value(cut, "Q-41", standing="1") == 1.5
    assert value(cut.at(riverside), "Q-41", standing="1") == 1
    assert value(cut, "Q-41", categories="model_worker") == 1
    assert value(cut_of(cut.programme, as_of=DAY(2012, 4, 30)), "Q-41") is None
    asked = find("Q-41").figure(cut, {})
    assert (find("Q-41").working(asked), asked.measure) == ("4 ÷ 2", "户/人")


def test_a_helper_who_left_leads_nobody(cut, supervisor):
    leaver = cut.programme.helpers.get(name="乙")
    helpers.leave(leaver, on=LATER, leave_reason="retired", by=supervisor)

    assert find("Q-41").figure(cut, {}).row_count == 1


def test_growth_is_taken_over_the_round_before(cut, bureau, riverside):
    none = find("Q-10").figure(cut, {})
    assert (none.value, none.note) == (None, "没有上一轮的结对记录。")

    before = factories.ProgrammeFactory(code="P0", lead_unit=bureau)
    cut.programme.previous = before
    cut.programme.save()
    for name in ("周八", "吴九"):
        enrolment = family(riverside, before, name)
        factories.PairingFactory(enrolment=enrolment, starts_on=DAY(2009, 3, 1))

    asked = find("Q-10").figure(cut_of(cut.programme), {})

    assert (asked.value, asked.row_count) == (150, 7)
    assert find("Q-10").working(asked) == "5 ÷ 2 × 100 − 100"
    assert value(cut_of(cut.programme, as_of=DAY(2012, 12, 31)), "Q-10") == 100


def test_a_unit_in_difficulty_is_counted_once_however_many_help_it(cut, riverside, hillside):
    def unit(parent, **facts):
        return factories.OrgUnitFactory(kind="enterprise", level="", parent=parent, **facts)

    def helped(target, **facts):
        return factories.PairingFactory(
            enrolment=None, programme=cut.programme, unit=target.parent, target_unit=target,
            scheme="enterprise", **facts,
        )  # fmt: skip

    mill = unit(riverside, in_difficulty=True, name="面粉厂")
    helped(mill, ends_on=FIRST, end_reason="other")
    helped(mill, starts_on=LATER)
    helped(unit(hillside, in_difficulty=True, out_of_difficulty_on=LATER, closed_on=LATER))
    helped(unit(hillside))  # in no difficulty
    unit(hillside, in_difficulty=True)  # helped by nobody
    helped(unit(hillside, in_difficulty=True), ends_on=LATER, end_reason="mistake")

    asked = find("Q-08").figure(cut, {})

    assert (asked.value, asked.measure, asked.kind) == (2, "家", Kind.ITEMS)
    assert value(cut.at(riverside), "Q-08") == 1
    assert value(cut, "Q-08", kinds="village") == 0
    assert value(cut_of(cut.programme, as_of=DAY(2011, 3, 1)), "Q-08") == 0


def test_a_centre_s_staff_is_told_at_both_ends(cut, riverside, hillside):
    for staff in (3, 5, None):
        factories.OrgUnitFactory(
            kind="aid_centre", level="", parent=riverside, full_time_staff=staff
        )
    team = factories.OrgUnitFactory(
        kind="cooperative", level="", parent=hillside, model_worker_run=True
    )
    factories.OrgUnitFactory(kind="volunteer_team", level="", parent=team)

    centres = {"kinds": "aid_centre"}
    assert value(cut, "Q-24", **centres) == 3
    assert value(cut, "Q-24", field="min_staff", **centres) == 3
    assert value(cut, "Q-24", field="max_staff", **centres) == 5
    asked = find("Q-24").figure(cut, find("Q-24").read_parameters({"field": "min_staff"}))
    assert (asked.row_count, asked.sums["staff"], asked.measure) == (2, 8, "人")
    assert value(cut.at(hillside), "Q-24", field="max_staff") is None
    assert value(cut, "Q-24", model_worker_run="1") == 1
    assert value(cut, "Q-24", parent="靠山农场") == 1
    assert value(cut, "Q-24", parent="B", kinds="farm") == 2
    with pytest.raises(ParameterError):
        find("Q-24").check_parameters({"parent": "别处"}, cut)


def test_since_when_a_household_is_paired_is_read_from_its_pairs(cut, clerk, neighbour):
    assert value(cut, "Q-39", hh="户-张三") == 2
    assert value(cut, "Q-39", hh="户-张三", field="start_year") == 2012
    none = find("Q-39").figure(cut, {"hh": "户-没有"})
    assert (none.value, none.note) == (None, "没有该户的结对记录。")
    seen, unseen = (cut_of(cut.programme, staff=staff) for staff in (clerk, neighbour))
    assert value(seen, "Q-39", hh="户-张三") == 2
    assert value(unseen, "Q-39", hh="户-张三") is None


def test_ages_are_those_reached_in_the_year(cut, riverside):
    enrolment = family(riverside, cut.programme, "丁户")
    people = [("户主", 1960, None), ("之女", 1994, 2), ("之子", 1999, None), ("之母", 1930, None)]
    for seq, (relation, year, study) in enumerate(people, start=1):
        factories.MemberFactory(
            household=enrolment.household, seq=seq, relation=relation, study_year=study,
            birth_date=DAY(year, 12, 31), birth_precision="day",
        )  # fmt: skip

    code = enrolment.household.code
    assert value(cut, "Q-40", hh=code, field="age") == 53
    assert value(cut, "Q-40", hh=code, field="age", on="2012-01-01") == 52
    assert value(cut, "Q-40", hh=code, field="child_age") == 19
    assert value(cut, "Q-40", hh=code, field="study_year") == 2
    assert value(cut, "Q-40", hh="户-张三", field="study_year") is None
    asked = find("Q-40").figure(cut, {"hh": code, "field": "age"})
    assert (asked.measure, asked.row_count) == ("岁", 1)


def test_papers_are_shared_out_over_the_households_on_file(cut, riverside):
    def paper(head, title="家庭医生签约", **facts):
        enrolment = cut.programme.enrolments.get(household__head_name=head)
        factories.DossierItemFactory(
            household=enrolment.household, programme=cut.programme, title=title, **facts
        )

    paper("张三")
    paper("李四", issued_on=DAY(2013, 6, 1))
    paper("王五", title="一户一册")
    paper("王五", voided_on=FIRST, void_reason="放错了")
    family(riverside, cut.programme, "清除户", status="removed")

    asked = find("Q-45").figure(cut, {"title": "家庭医生签约"})

    assert (asked.value, asked.row_count) == (Decimal("0.4"), 5)
    assert find("Q-45").working(asked) == "2 ÷ 5"
    earlier = cut_of(cut.programme, as_of=DAY(2013, 5, 1))
    assert find("Q-45").working(find("Q-45").figure(earlier, asked.params)) == "1 ÷ 5"
    with pytest.raises(ParameterError):
        find("Q-45").read_parameters({})


ASKED = [
    ("Q-09", {}), ("Q-10", {}), ("Q-41", {}), ("Q-41", {"standing": "1"}),
    ("Q-45", {"title": "家庭医生签约"}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "given"), ASKED)
def test_the_rows_of_a_figure_add_up_to_it(cut, code, given):
    indicator = find(code)
    params = indicator.read_parameters(given)

    figure, listed = indicator.figure(cut, params), list(indicator.listed(cut, params))

    assert len(listed) == figure.row_count > 0
    for part in indicator.parts(cut, params):
        assert sum(getattr(row, f"part_{part.name}") for row in listed) == figure.sums[part.name]


@pytest.mark.parametrize(
    ("code", "given", "seen"),
    [
        ("Q-09", {}, "劳模一"), ("Q-10", {}, "张三"), ("Q-41", {}, "甲"),
        ("Q-39", {"hh": "户-张三"}, "张三"), ("Q-40", {"hh": "户-张三", "field": "age"}, "户-张三"),
        ("Q-45", {"title": "家庭医生签约"}, "张三"),
    ],
)  # fmt: skip
def test_every_figure_leads_to_its_rows(client, cut, supervisor, code, given, seen):
    indicator = find(code)
    figure = indicator.figure(
        cut_of(cut.programme, staff=supervisor), indicator.read_parameters(given)
    )
    client.force_login(supervisor)

    page = client.get(figure.url)

    assert page.status_code == 200
    assert seen in page.content.decode()
