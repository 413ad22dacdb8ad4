"""A programme's lists, lines, values and targets: changed by a person, seen in one history."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from povertyaid.audit.models import Entry
from povertyaid.programmes import actions
from povertyaid.programmes.models import SchemeItem, Threshold
from tests.factories import (
    EnrolmentFactory,
    ReferenceValueFactory,
    SchemeItemFactory,
    StatusReviewFactory,
    TargetFactory,
    ThresholdFactory,
)

LINE = {
    "category": "poor",
    "exit_label": "脱困",
    "basis": "absolute",
    "value": Decimal(6000),
    "series": None,
    "strict": False,
    "valid_from": None,
}


def deeds():
    return list(Entry.objects.order_by("pk").values_list("deed", flat=True))


@pytest.fixture
def approved(approver):
    """A family that left poverty on a day, as somebody decided."""

    def leave(programme, on, category="poor"):
        return StatusReviewFactory(
            enrolment=EnrolmentFactory(programme=programme, category=category),
            reviewed_on=on,
            decision="approved",
            decided_by=approver,
            decided_at=timezone.now(),
        )

    return leave


# ---- the programme


def test_a_programme_is_set_up_and_changed(administrator, bureau):
    programme = actions.add_programme(
        code="P9",
        name="特困职工帮扶行动",
        lead_unit=bureau,
        starts_on=datetime.date(2012, 1, 1),
        by=administrator,
    )
    actions.save_programme(programme, name="困难职工帮扶行动", by=administrator)

    assert deeds() == ["programme_added", "programme_changed"]
    assert Entry.objects.first().detail == {
        "changed": {"name": ["特困职工帮扶行动", "困难职工帮扶行动"]}
    }


def test_a_programme_does_not_end_before_it_starts(administrator, programme):
    with pytest.raises(ValidationError):
        actions.save_programme(programme, ends_on=datetime.date(2010, 1, 1), by=administrator)


# ---- lists


def test_an_item_joins_its_list_at_the_end(administrator, programme):
    first = actions.add_item(programme, list_name="五清", label="家庭底数清", by=administrator)
    second = actions.add_item(programme, list_name="五清", label="致困原因清", by=administrator)
    other = actions.add_item(programme, list_name="6+1", label="资金", by=administrator)

    assert (first.seq, second.seq, other.seq) == (1, 2, 1)


def test_an_item_stands_once_in_its_list(administrator, programme):
    SchemeItemFactory(programme=programme, list_name="五清", label="家庭底数清")

    with pytest.raises(ValidationError):
        actions.add_item(programme, list_name="五清", label="家庭底数清", by=administrator)


@pytest.mark.parametrize(("up", "order"), [(True, ["乙", "甲", "丙"]), (False, ["甲", "丙", "乙"])])
def test_an_item_changes_places_with_its_neighbour(administrator, programme, up, order):
    for seq, label in enumerate(["甲", "乙", "丙"], start=5):
        SchemeItemFactory(programme=programme, list_name="五清", label=label, seq=seq)

    actions.shift_item(SchemeItem.objects.get(label="乙"), up=up, by=administrator)

    assert list(programme.scheme_items.values_list("label", flat=True)) == order


def test_the_first_item_goes_no_further_up(administrator, programme):
    item = SchemeItemFactory(programme=programme, label="甲")

    actions.shift_item(item, up=True, by=administrator)

    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("list_name", "facts"),
    [
        ("困难类别", {"category": "意外致困户"}),
        ("致困原因", {"causes": ["意外致困户"]}),
        ("帮扶需求", {"needs": ["意外致困户"]}),
    ],
)
def test_a_word_that_files_carry_stays_on_its_list(administrator, programme, list_name, facts):
    item = SchemeItemFactory(programme=programme, list_name=list_name, label="意外致困户")
    EnrolmentFactory(programme=programme, **facts)

    with pytest.raises(ValidationError, match="1 户档案"):
        actions.remove_item(item, by=administrator)
    with pytest.raises(ValidationError):
        actions.save_item(item, label="突发困难户", by=administrator)
    assert actions.save_item(item, part="户", by=administrator).part == "户"


def test_a_word_known_by_its_code_is_carried_too(administrator, programme):
    item = SchemeItemFactory(programme=programme, list_name="困难类别", label="低保户")
    EnrolmentFactory(programme=programme, category="dibao")

    with pytest.raises(ValidationError):
        actions.remove_item(item, by=administrator)


def test_an_item_nobody_carries_is_renamed_and_removed(administrator, programme):
    item = SchemeItemFactory(programme=programme, list_name="五清", label="家庭底子清")

    actions.save_item(item, label="家庭底数清", by=administrator)
    actions.remove_item(item, by=administrator)

    assert deeds() == ["item_changed", "item_removed"]
    assert not programme.scheme_items.exists()


# ---- exit lines


def test_a_line_nobody_was_judged_by_may_be_corrected(administrator, programme):
    line = actions.add_line(programme, **LINE, by=administrator)

    actions.save_line(line, value=Decimal(6500), by=administrator)

    assert Threshold.objects.get().value == 6500
    assert Entry.objects.first().detail["changed"] == {"value": ["6000", "6500"]}


def test_a_line_that_decisions_rest_on_stays_as_it_is(administrator, programme, approved):
    line = ThresholdFactory(programme=programme)
    approved(programme, datetime.date(2013, 11, 1))

    with pytest.raises(ValidationError, match="2013-11-01"):
        actions.save_line(line, value=Decimal(1), by=administrator)
    with pytest.raises(ValidationError, match="2013-11-01"):
        actions.remove_line(line, by=administrator)


def test_a_new_line_begins_after_the_last_decision(administrator, programme, approved):
    ThresholdFactory(programme=programme)
    approved(programme, datetime.date(2013, 11, 1))

    with pytest.raises(ValidationError) as refusal:
        actions.add_line(
            programme, **LINE | {"valid_from": datetime.date(2013, 11, 1)}, by=administrator
        )
    assert "valid_from" in refusal.value.message_dict

    later = actions.add_line(
        programme, **LINE | {"valid_from": datetime.date(2013, 11, 2)}, by=administrator
    )
    assert actions.line_used_on(later) is None


def test_a_superseded_line_stays_used_and_its_successor_is_free(administrator, programme, approved):
    old = ThresholdFactory(programme=programme)
    new = ThresholdFactory(programme=programme, valid_from=datetime.date(2014, 1, 1))
    approved(programme, datetime.date(2013, 11, 1))

    assert actions.line_ends(old) == datetime.date(2014, 1, 1)
    assert actions.line_used_on(old) == datetime.date(2013, 11, 1)
    assert actions.save_line(new, value=Decimal(7000), by=administrator).value == 7000
    with pytest.raises(ValidationError):
        actions.save_line(new, valid_from=datetime.date(2013, 1, 1), by=administrator)


def test_a_decision_about_another_category_binds_no_line(administrator, programme, approved):
    line = ThresholdFactory(programme=programme)
    approved(programme, datetime.date(2013, 11, 1), category="low_income")

    actions.remove_line(line, by=administrator)

    assert not Threshold.objects.exists()


def test_a_share_names_its_series(administrator, programme):
    with pytest.raises(ValidationError):
        actions.add_line(programme, **LINE | {"basis": "share"}, by=administrator)


def test_years_without_a_reference_value_are_named(programme, bureau):
    ThresholdFactory(
        programme=programme, basis="share", value=Decimal(30), series="per_capita_income"
    )
    ReferenceValueFactory(unit=bureau, year=2012)

    missing = actions.missing_years(programme, until=datetime.date(2013, 12, 10))

    assert missing == {"per_capita_income": [2011, 2013]}


def test_an_amount_needs_no_reference_value(programme):
    ThresholdFactory(programme=programme)

    assert actions.missing_years(programme, until=datetime.date(2013, 12, 10)) == {}


# ---- reference values and targets


def test_a_reference_value_is_entered_and_corrected(administrator, bureau):
    value = actions.add_value(
        unit=bureau,
        series="per_capita_income",
        year=2013,
        value=Decimal(20000),
        by=administrator,
    )
    actions.save_value(value, value=Decimal("20123.5"), source="统计公报", by=administrator)

    entry = Entry.objects.first()
    assert (entry.deed, entry.target_code) == ("reference_value_changed", "B")
    assert entry.detail["changed"] == {
        "value": ["20000", "20123.5"],
        "source": ["", "统计公报"],
    }


def test_a_value_is_entered_once_per_unit_and_year(administrator, bureau):
    ReferenceValueFactory(unit=bureau, year=2013)

    with pytest.raises(ValidationError):
        actions.add_value(
            unit=bureau,
            series="per_capita_income",
            year=2013,
            value=Decimal(1),
            by=administrator,
        )


def test_a_target_is_written_down_changed_and_taken_back(administrator, programme):
    target = actions.add_target(
        programme,
        code="T1",
        title="可帮扶户全部脱困",
        indicator="Q-02",
        params={"helpable": True},
        value=Decimal(100),
        measure="%",
        starts_on=datetime.date(2011, 1, 1),
        due_on=datetime.date(2013, 12, 31),
        by=administrator,
    )
    actions.save_target(target, params={}, value=Decimal(95), by=administrator)
    actions.remove_target(target, by=administrator)

    assert deeds() == ["target_added", "target_changed", "target_removed"]
    assert Entry.objects.all()[1].detail["changed"] == {
        "value": ["100", "95"],
        "params": [None, None],
    }


def test_a_target_is_due_after_it_starts(administrator, programme):
    target = TargetFactory(programme=programme)

    with pytest.raises(ValidationError):
        actions.save_target(target, due_on=datetime.date(2010, 1, 1), by=administrator)
