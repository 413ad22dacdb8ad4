"""Each indicator on a programme in which everything happened once; see conftest."""

import dataclasses
import datetime
from decimal import Decimal

import pytest

from povertyaid.lib.quantities import Kind, KindError
from reports.figures.catalogue import INDICATORS, find
from reports.figures.cut import CutError, cut_of
from reports.figures.parameters import ParameterError
from reports.figures.sheet import Ask, Sheet, totals
from tests import factories
from tests.reports.conftest import family, out

DAY = datetime.date


def value(cut, indicator_code, /, **given):
    indicator = find(indicator_code)
    return indicator.figure(cut, indicator.read_parameters(given)).value


def test_households_are_counted_by_what_happened_to_them(cut):
    # The removed one is in no other figure; the merged file is in none at all.
    assert value(cut, "Q-01") == 5
    assert value(cut, "Q-51") == 3
    assert value(cut, "Q-52") == 1
    assert value(cut, "Q-58") == 1
    assert value(cut, "Q-53") == 1
    assert value(cut, "Q-02") == 60


def test_a_category_and_the_helpable_can_be_counted_alone(cut):
    assert value(cut, "Q-01", category="poor") == 4
    assert value(cut, "Q-01", category="low_income") == 1
    assert value(cut, "Q-01", helpable="1") == 4
    assert value(cut, "Q-02", helpable="1") == 50


def test_a_cohort_is_those_planned_to_be_out_by_a_day(cut):
    assert value(cut, "Q-01", target_by="2012-12-31") == 2
    assert value(cut, "Q-02", target_by="2012-12-31") == 100
    # The second of the two left only in 2013.
    assert value(cut, "Q-02", target_by="2012-12-31", by="2012-12-31") == 50


def test_people_are_the_members_who_were_there_on_the_day(cut, work):
    assert value(cut, "Q-03") == 2 + 4 + 3 + 2 + 1
    assert value(cut, "Q-57") == 2 + 4 + 1

    leaver = work.late.household.members.last()
    leaver.left_on, leaver.leave_reason = DAY(2013, 5, 1), "married_out"
    leaver.save()
    child = factories.MemberFactory(
        household=work.late.household, seq=9, name="新生儿", relation="其他",
        joined_on=DAY(2012, 8, 1),
    )  # fmt: skip

    assert value(cut, "Q-57") == 2 + (4 - 1 + 1) + 1
    earlier = dataclasses.replace(cut, as_of=DAY(2012, 7, 1))
    assert value(earlier, "Q-03") == 2 + 4 + 3 + 2 + 1
    assert child.joined_on > earlier.as_of


def test_a_household_that_left_later_had_not_left(cut):
    on = dataclasses.replace(cut, as_of=DAY(2012, 6, 29))

    assert value(on, "Q-51") == 1
    assert value(on, "Q-58") == 3
    assert value(on, "Q-02") == 20


def test_a_household_is_on_file_from_the_day_it_was_identified(cut, work):
    work.helped.identified_on = DAY(2012, 3, 1)
    work.helped.save()

    assert value(dataclasses.replace(cut, as_of=DAY(2012, 2, 29)), "Q-01") == 4
    assert value(dataclasses.replace(cut, as_of=DAY(2012, 3, 1)), "Q-01") == 5


def test_without_a_day_of_identification_the_file_s_own_day_counts(cut, work):
    work.helped.identified_on, work.helped.identified_precision = None, ""
    work.helped.save()

    assert value(cut, "Q-01") == 5
    assert value(cut, "Q-01", identified="1") == 4
    assert value(dataclasses.replace(cut, as_of=DAY(2011, 2, 28)), "Q-01") == 0


def test_income_is_weighted_by_people(cut):
    # Two poor households left: 20000 of 2 persons and 22000 of 4.
    assert value(cut, "Q-04", stage="exit", category="poor") == 7000
    # Not the mean of 10000 and 5500.
    assert value(cut, "Q-04", stage="before", category="poor") == 2000


def test_income_at_exit_is_that_of_those_who_had_left(cut, work):
    on = dataclasses.replace(cut, as_of=DAY(2012, 12, 31))

    assert value(on, "Q-04", stage="exit", category="poor") == 10000


def test_of_several_incomes_of_a_stage_the_latest_counts(cut, work):
    factories.IncomeSnapshotFactory(
        enrolment=work.early, stage="exit", year=2013, persons=2, wages=Decimal(30000)
    )

    assert value(cut, "Q-04", stage="exit", category="poor") == Decimal("8666.67")
    on = dataclasses.replace(cut, as_of=DAY(2012, 12, 31))
    assert value(on, "Q-04", stage="exit", category="poor") == 10000


def test_the_income_of_one_year_can_be_asked_for(cut, work):
    for year, net in ((2011, 8000), (2012, 9000)):
        factories.IncomeSnapshotFactory(
            enrolment=work.helped, stage="yearly", year=year, persons=3, wages=Decimal(net)
        )

    assert value(cut, "Q-04", stage="yearly") == 3000
    assert value(cut, "Q-04", stage="yearly", year="2011") == Decimal("2666.67")
    assert value(cut, "Q-04", stage="yearly", year="2010") is None


def test_growth_is_taken_over_the_same_households(cut):
    # Before, those who left had 18000 of 7 persons; at exit 57000 of 7.
    assert value(cut, "Q-55") == Decimal("3.17")
    assert value(cut, "Q-55", category="low_income") == Decimal("2.50")


def test_exits_are_held_against_the_line_of_their_category(cut, work, bureau):
    # 10000 and 5500 against 6000; the low-income line rests on a statistic nobody entered.
    assert value(cut, "Q-56", result="met") == 1
    assert value(cut, "Q-56", result="not_met") == 1
    assert value(cut, "Q-56", result="unknown") == 1
    assert value(cut, "Q-05b") == 50
    assert find("Q-05b").figure(cut, {}).note == "1 次退出无法核对：缺少退出标准或退出时收入。"

    factories.ReferenceValueFactory(unit=bureau, year=2012, value=Decimal(30000))
    again = cut_of(cut.programme)

    assert value(again, "Q-56", result="met") == 2
    assert value(again, "Q-56", result="unknown") == 0


def test_an_exit_without_an_income_cannot_be_checked(cut, work):
    work.early.incomes.filter(stage="exit").delete()

    assert value(cut, "Q-56", result="unknown") == 2
    assert value(cut, "Q-56", result="unknown", year="-") == 1


def test_the_line_itself_is_a_figure_in_its_own_measure(cut):
    poor = find("Q-05").figure(cut, {"category": "poor"})
    low = find("Q-05").figure(cut, {"category": "low_income"})
    none = find("Q-05").figure(cut, {"category": "dibao"})

    assert (poor.value, poor.measure) == (6000, "元/人·年")
    assert (low.value, low.measure) == (50, "%")
    assert (none.value, none.row_count, none.note) == (
        None,
        0,
        "本工程没有为这个类别规定退出标准。",
    )


def test_reviews_are_counted_by_kind_and_decision(cut, work, clerk, approver):
    decided = {"decided_by": approver, "decided_at": "2013-11-02T08:00:00Z"}
    factories.StatusReviewFactory(enrolment=work.early, proposed_by=clerk)
    factories.StatusReviewFactory(
        enrolment=work.late, proposed_by=clerk, decision="approved", **decided
    )
    factories.StatusReviewFactory(
        enrolment=work.low, proposed_by=clerk, decision="rejected",
        reviewed_on=DAY(2014, 1, 1), **decided,
    )  # fmt: skip

    assert value(cut, "Q-54", kind="exit") == 2
    assert value(cut, "Q-54", kind="exit", decision="pending") == 1
    assert value(cut, "Q-54", decision="rejected") == 0
    assert value(cut, "Q-54", category="low_income") == 0
    assert find("Q-05b").working(find("Q-05b").figure(cut, {})) == "1 ÷ 2 × 100"


def test_units_are_counted_by_kind_and_their_levels_once_each(cut, riverside):
    factories.OrgUnitFactory(parent=riverside, kind="workshop", level="")
    factories.OrgUnitFactory(parent=riverside, closed_on=DAY(2012, 1, 1))

    assert value(cut, "Q-24", kinds="farm") == 2
    assert value(cut, "Q-24", levels="none") == 1
    assert value(cut, "Q-24", distinct="level") == 2
    earlier = dataclasses.replace(cut, as_of=DAY(2011, 12, 31))
    assert value(earlier, "Q-24", distinct="level") == 3


def test_dates_of_a_target_are_counted_in_calendar_years(cut):
    factories.TargetFactory(
        programme=cut.programme, code="T1", params={"target_by": "2012-12-31"}, planned_years=5
    )

    assert value(cut, "Q-32", code="T1", field="due_year") == 2013
    assert value(cut, "Q-32", code="T1", field="committed_years") == 3
    # Nobody confirmed it: the records say the second of two left on 2013-02-10.
    assert value(cut, "Q-32", code="T1", field="achieved_year") == 2013
    assert value(cut, "Q-32", code="T1", field="actual_years") == 3
    assert value(cut, "Q-32", code="T1", field="consolidation_years") == 2
    assert value(cut, "Q-32", code="T9", field="due_year") is None


def test_a_confirmed_day_goes_before_the_computed_one(cut):
    factories.TargetFactory(
        programme=cut.programme, code="T1", params={}, value=60, achieved_on=DAY(2012, 7, 1)
    )

    assert value(cut, "Q-32", code="T1", field="achieved_year") == 2012
    earlier = dataclasses.replace(cut, as_of=DAY(2012, 6, 1))
    assert value(earlier, "Q-32", code="T1", field="achieved_year") is None


def test_completion_is_the_value_over_the_target(cut):
    factories.TargetFactory(programme=cut.programme, code="T1", params={}, value=80)

    completion = find("Q-60").figure(cut, {"code": "T1"})

    assert completion.value == 75
    assert completion.row_count == completion.rows().count() == 5
    assert find("Q-60").working(completion) == "60 ÷ 80 × 100"


def test_completion_of_what_has_no_value_is_not_a_number(cut, work):
    work.helped.incomes.all().delete()
    params = {"stage": "monitor"}
    factories.TargetFactory(programme=cut.programme, code="T1", indicator="Q-04", params=params)

    completion = find("Q-60").figure(cut, {"code": "T1"})

    assert (completion.value, find("Q-60").working(completion)) == (None, "")
    assert completion.note == "没有这个阶段的收入记录。"


def test_a_target_that_rests_on_itself_is_refused(cut):
    factories.TargetFactory(
        programme=cut.programme, code="T1", indicator="Q-60", params={"code": "T1"}
    )

    with pytest.raises(ParameterError, match="指标 Q-60 由人登记"):
        find("Q-60").figure(cut, {"code": "T1"})


def test_lists_and_statistics_are_read_from_the_programme(cut, bureau):
    factories.SchemeItemFactory(programme=cut.programme, list_name="六富", part="线")
    factories.SchemeItemFactory(programme=cut.programme, list_name="六富")
    factories.ReferenceValueFactory(unit=bureau, series="cultivated_land", year=2012, value=300000)
    factories.ReferenceValueFactory(unit=bureau, series="cultivated_land", year=2014, value=1)

    assert value(cut, "Q-34", list="六富") == 2
    assert value(cut, "Q-34", list="六富", part="线") == 1
    assert value(cut, "Q-36", series="cultivated_land") == 300000
    assert value(cut, "Q-36", series="gdp") is None
    assert find("Q-36").figure(cut, {"series": "cultivated_land"}).measure == "亩"


def test_the_header_tells_years_rounds_and_days(cut):
    cut.programme.previous = factories.ProgrammeFactory(round_no=3)
    cut.programme.helping_day = 5
    cut.programme.save()

    said = {
        field: value(cut, "Q-37", field=field)
        for field in ("as_of", "years", "start_year", "start_month", "round", "prev_round", "helping_day")
    }  # fmt: skip

    assert list(said.values()) == [2013, 3, 2011, 1, 1, 3, 5]


def test_a_programme_that_counts_persons_counts_principals(cut):
    cut.programme.counting_unit = "person"

    enrolled = find("Q-01").figure(cut, {})

    assert (enrolled.value, enrolled.kind, enrolled.measure) == (5, Kind.PERSONS, "人")


def test_figures_of_different_kinds_refuse_to_be_added(cut):
    households, people = find("Q-01").figure(cut, {}), find("Q-03").figure(cut, {})

    with pytest.raises(KindError):
        households.quantity + people.quantity
    with pytest.raises(KindError):
        find("Q-02").figure(cut, {}).quantity + find("Q-02").figure(cut, {}).quantity


def test_the_first_day_is_the_one_on_which_the_value_was_reached(cut, work):
    rate, enrolled = find("Q-02"), find("Q-01")

    assert rate.first_reached(cut, {}, Decimal(20)) == DAY(2011, 11, 20)
    assert rate.first_reached(cut, {}, Decimal(60)) == DAY(2013, 2, 10)
    assert rate.first_reached(cut, {}, Decimal(61)) is None
    assert enrolled.first_reached(cut, {}, Decimal(5)) == DAY(2011, 3, 1)
    assert find("Q-52").first_reached(cut, {}, Decimal(1)) is None


# --- scope ----------------------------------------------------------------------------------------


def test_a_clerk_counts_the_own_farm_only(at_desk, clerk, neighbour, supervisor):
    assert value(at_desk(supervisor), "Q-01") == 5
    assert value(at_desk(clerk), "Q-01") == 4
    assert value(at_desk(neighbour), "Q-01") == 1
    assert value(at_desk(neighbour), "Q-03") == 1


def test_a_cut_of_a_stranger_s_farm_is_empty_whoever_made_it(at_desk, clerk, hillside):
    assert value(at_desk(clerk, unit=hillside), "Q-01") == 0
    assert value(at_desk(clerk, unit=hillside), "Q-24") == 0


def test_a_helper_counts_nobody_until_paired(at_desk, helper):
    assert value(at_desk(helper), "Q-01") == 0


def test_files_kept_at_the_farm_itself_can_be_told_from_those_below(cut, riverside):
    zone = factories.OrgUnitFactory(parent=riverside)
    family(zone, cut.programme, name="区里户")

    assert value(cut.at(riverside), "Q-01") == 5
    assert value(cut.at(riverside, direct=True), "Q-01") == 4


def test_a_unit_outside_the_programme_is_refused(programme, supervisor):
    elsewhere = factories.OrgUnitFactory(name="外单位")

    with pytest.raises(CutError, match="外单位不在本工程范围内"):
        cut_of(programme, unit=elsewhere)


# --- a figure keeps its rows ----------------------------------------------------------------------

EVERY_ASK = [
    ("Q-01", {}), ("Q-01", {"category": "poor"}), ("Q-01", {"identified": "1"}),
    ("Q-02", {}), ("Q-02", {"target_by": "2012-12-31", "by": "2012-12-31"}),
    ("Q-03", {}), ("Q-03", {"category": "low_income"}), ("Q-57", {}),
    ("Q-04", {"stage": "before"}), ("Q-04", {"stage": "exit", "category": "poor"}),
    ("Q-05b", {}), ("Q-55", {}),
    ("Q-56", {}), ("Q-56", {"result": "met"}), ("Q-56", {"result": "unknown"}),
    ("Q-51", {}), ("Q-52", {}), ("Q-53", {}), ("Q-54", {}), ("Q-58", {}),
    ("Q-06", {}), ("Q-07", {}), ("Q-07b", {}), ("Q-07b", {"field": "helpers"}), ("Q-44", {}),
    ("Q-08", {}), ("Q-09", {}), ("Q-10", {}), ("Q-41", {}), ("Q-45", {"title": "家庭医生签约"}),
    ("Q-11", {}), ("Q-12", {}), ("Q-22", {}), ("Q-23", {}), ("Q-23", {"unit": "household"}),
    ("Q-24", {}), ("Q-24", {"distinct": "level", "kinds": "bureau,farm"}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "given"), EVERY_ASK)
def test_the_rows_of_a_figure_add_up_to_it(cut, code, given):
    indicator = find(code)
    params = indicator.read_parameters(given)

    figure = indicator.figure(cut, params)
    listed = list(indicator.listed(cut, params))

    assert len(listed) == figure.row_count == figure.rows().count()
    for part in indicator.parts(cut, params):
        added = sum(getattr(row, f"part_{part.name}") for row in listed)
        assert added == figure.sums[part.name]
    assert indicator.figure_of(figure.sums, cut, params).value == figure.value


def test_every_summed_indicator_is_asked_above():
    summed = {code for code, one in INDICATORS.items() if hasattr(one, "family")}

    assert {code for code, _given in EVERY_ASK} == summed


def test_a_sheet_agrees_with_each_figure_asked_alone(cut, riverside, hillside):
    asks = [
        Ask(f"a{nth}", find(code), find(code).read_parameters(given))
        for nth, (code, given) in enumerate(EVERY_ASK)
        if code not in {"Q-24", "Q-54"}
    ]

    sheet, sums = Sheet(cut, asks), totals(cut, asks)

    for ask in asks:
        alone = ask.indicator.figure(cut, ask.params)
        assert sums[ask.name] == alone.sums
        assert sheet.figure(ask.name, code="x", label="x").value == alone.value
        for unit in (riverside, hillside):
            of_unit = ask.indicator.figure(cut.at(unit), ask.params)
            assert sheet.figure(ask.name, code="x", label="x", unit=unit).sums == of_unit.sums


def test_a_sheet_costs_no_more_statements_with_more_units(
    cut, riverside, django_assert_num_queries
):
    asks = [
        Ask("enrolled", find("Q-01"), {}),
        Ask("rate", find("Q-02"), {}),
        Ask("people", find("Q-03"), {}),
        Ask("before", find("Q-04"), {"stage": "before"}),
        Ask("growth", find("Q-55"), {}),
    ]
    with django_assert_num_queries(3):
        Sheet(cut, asks)
    for nth in range(3):
        zone = factories.OrgUnitFactory(parent=riverside)
        family(zone, cut.programme, name=f"户{nth}", category=f"类{nth}", **out(DAY(2012, 1, 1)))

    with django_assert_num_queries(3):
        Sheet(cut, asks)
