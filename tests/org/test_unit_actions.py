"""The tree of units: opened below, moved whole, closed only when nothing hangs on it."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from povertyaid.audit.models import Entry
from povertyaid.org import actions, ties
from povertyaid.org.models import OrgUnit
from tests.factories import HouseholdFactory, OrgUnitFactory, StaffFactory

TODAY = datetime.date(2013, 12, 10)


def open_zone(parent, by, code="Z1"):
    return actions.open_unit(
        parent=parent, by=by, code=code, name="第一管理区", kind="zone", level="zone"
    )


def test_a_unit_is_opened_below_its_parent(administrator, riverside):
    zone = open_zone(riverside, administrator)

    assert zone.path == "/B/B-RIV/Z1/"
    entry = Entry.objects.get()
    assert (entry.deed, entry.by, entry.target_code) == ("unit_opened", administrator, "Z1")


def test_nothing_is_opened_below_a_closed_unit(administrator, riverside):
    actions.close_unit(riverside, on=TODAY, by=administrator)

    with pytest.raises(ValidationError, match="临江农场"):
        open_zone(riverside, administrator)


def test_a_unit_moves_with_everything_below_it_in_one_statement(administrator, riverside, hillside):
    zone = OrgUnitFactory(code="Z1", parent=riverside)
    OrgUnitFactory(code="Z1-1", parent=zone)
    OrgUnitFactory(code="Z1-2", parent=zone)

    with CaptureQueriesContext(connection) as asked:
        moved = actions.move_unit(zone, parent=hillside, by=administrator, reason="区划调整")

    assert len([q for q in asked if q["sql"].startswith("UPDATE")]) == 1
    assert moved.parent == hillside
    assert list(OrgUnit.objects.below(moved).values_list("path", flat=True)) == [
        "/B/B-HIL/Z1/",
        "/B/B-HIL/Z1/Z1-1/",
        "/B/B-HIL/Z1/Z1-2/",
    ]
    entry = Entry.objects.get()
    assert entry.detail == {"changed": {"parent": ["B-RIV", "B-HIL"]}, "units": 3}
    assert entry.reason == "区划调整"


def test_files_follow_their_unit_when_it_moves(administrator, riverside, hillside, neighbour):
    zone = OrgUnitFactory(code="Z1", parent=riverside)
    household = HouseholdFactory(unit=zone)

    actions.move_unit(zone, parent=hillside, by=administrator)

    assert list(type(household).objects.visible_to(neighbour)) == [household]


@pytest.mark.parametrize("where", ["itself", "below"])
def test_a_unit_is_not_moved_under_itself(administrator, riverside, where):
    zone = OrgUnitFactory(code="Z1", parent=riverside)

    with pytest.raises(ValidationError) as refusal:
        actions.move_unit(
            riverside, parent=riverside if where == "itself" else zone, by=administrator
        )

    assert refusal.value.code == "circle"
    riverside.refresh_from_db()
    assert riverside.path == "/B/B-RIV/"


def test_a_unit_is_not_moved_where_it_stands_already(administrator, riverside, bureau):
    with pytest.raises(ValidationError) as refusal:
        actions.move_unit(riverside, parent=bureau, by=administrator)

    assert refusal.value.code == "same_place"


def test_a_tree_may_not_grow_deeper_than_a_path_is_long(administrator, bureau, riverside):
    deep = OrgUnitFactory(code="D" * 40, parent=riverside)
    for n in range(8):
        deep = OrgUnitFactory(code=f"{n}" * 40, parent=deep)

    with pytest.raises(ValidationError) as refusal:
        open_zone(deep, administrator, code="Z" * 40)
    assert refusal.value.code == "too_deep"

    long = OrgUnitFactory(code="L" * 40, parent=bureau)
    with pytest.raises(ValidationError) as refusal:
        actions.move_unit(riverside, parent=long, by=administrator)
    assert refusal.value.code == "too_deep"


def test_a_unit_does_not_close_over_open_units_staff_or_files(administrator, riverside, clerk):
    OrgUnitFactory(parent=riverside)
    HouseholdFactory(unit=riverside)

    with pytest.raises(ValidationError) as refusal:
        actions.close_unit(riverside, on=TODAY, by=administrator)

    assert len(refusal.value.messages) == 3
    riverside.refresh_from_db()
    assert riverside.is_open


def test_an_empty_unit_closes_and_opens_again(administrator, riverside):
    closed = actions.close_unit(riverside, on=TODAY, by=administrator, reason="撤并")
    assert closed.closed_on == TODAY

    assert actions.reopen_unit(closed, by=administrator).is_open
    assert list(Entry.objects.order_by("pk").values_list("deed", flat=True)) == [
        "unit_closed",
        "unit_reopened",
    ]


def test_a_closed_unit_is_not_closed_twice(administrator, riverside):
    actions.close_unit(riverside, on=TODAY, by=administrator)

    with pytest.raises(ValidationError):
        actions.close_unit(riverside, on=TODAY, by=administrator)


def test_a_unit_opens_again_only_below_an_open_one(administrator, riverside):
    zone = OrgUnitFactory(parent=riverside)
    actions.close_unit(zone, on=TODAY, by=administrator)
    actions.close_unit(riverside, on=TODAY, by=administrator)

    with pytest.raises(ValidationError, match="临江农场"):
        actions.reopen_unit(zone, by=administrator)


def test_the_code_changes_while_nothing_goes_by_it(administrator, riverside):
    unit = actions.save_unit(riverside, by=administrator, code="B-RVS", name="临江农场")

    assert unit.path == "/B/B-RVS/"
    assert Entry.objects.get().detail == {"changed": {"code": ["B-RIV", "B-RVS"]}}


@pytest.mark.parametrize("what", ["child", "staff", "file"])
def test_the_code_stays_once_something_goes_by_it(administrator, riverside, what):
    {
        "child": lambda: OrgUnitFactory(parent=riverside),
        "staff": lambda: StaffFactory(unit=riverside),
        "file": lambda: HouseholdFactory(unit=riverside, status="closed",
                                         closed_on=datetime.date(2013, 1, 1), close_reason="other"),
    }[what]()  # fmt: skip

    with pytest.raises(ValidationError):
        actions.save_unit(riverside, by=administrator, code="B-RVS")


def test_saving_a_unit_unchanged_leaves_no_trace(administrator, riverside):
    actions.save_unit(riverside, by=administrator, name=riverside.name)

    assert not Entry.objects.exists()


def test_the_rooms_above_say_what_hangs_on_a_unit(riverside):
    HouseholdFactory(unit=OrgUnitFactory(parent=riverside))

    tie = next(tie for tie in ties.ties() if tie.name == "households")

    assert tie.count(riverside) == 1
    assert tie.uses(riverside)
