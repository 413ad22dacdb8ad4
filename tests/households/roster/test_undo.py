"""Undoing a whole import: everything stands as before, but what somebody went on with stays."""

import pytest
from django.db import transaction
from django.db.models import F

from households.actions import files as file_actions
from households.models import (
    Enrolment,
    Household,
    IdentityClaim,
    IncomeSnapshot,
    Member,
    RosterImport,
)
from households.roster import importing, refusals, undoing
from povertyaid.audit.history import acting
from povertyaid.audit.models import Entry
from tests.factories import (
    DesignationFactory,
    DossierItemFactory,
    HouseholdFactory,
    MemberFactory,
    StatusReviewFactory,
)
from tests.households.roster.sheets import MEMBERS, number, workbook

pytestmark = pytest.mark.django_db(transaction=True)  # the history is dated by transactions

ONE, TWO, THREE, FOUR = number(1), number(2), number(3), number(4)
HEADER = [*MEMBERS, "家庭住址", "工资性收入(元)", "识别时间"]
WANG = ["X-1", "王五", "户主", ONE, "男", 2, "一组", 9000, "2017-12-19"]
LI = ["X-1", "李梅", "配偶", TWO, "女", "", "", "", ""]
ZHAO = ["X-2", "赵六", "户主", THREE, "男", 1, "二组", 8000, "2017-12-19"]


@pytest.fixture
def bring(riverside, programme, clerk):
    def bring(*rows):
        data = workbook(HEADER, *rows)
        importing.import_now(
            importing.readable(data), data, "x.xlsx", unit=riverside, programme=programme, by=clerk
        )
        return RosterImport.objects.latest("pk")

    return bring


def standing():
    """All that an import writes, without the counters of versions."""
    return {
        "households": list(
            Household.objects.order_by("pk").values("pk", "code", "head_name", "address")
        ),
        "members": [
            (member.pk, member.name, member.relation, member.id_number, member.phone)
            for member in Member.objects.order_by("pk")
        ],
        "enrolments": list(Enrolment.objects.order_by("pk").values("pk", "category", "kept")),
        "incomes": list(
            IncomeSnapshot.objects.order_by("pk").values("pk", "stage", "year", "wages")
        ),
        "claims": sorted(IdentityClaim.objects.values_list("digest", "member_id")),
    }


def test_an_import_of_new_families_leaves_nothing_but_its_history(bring, clerk):
    roster = bring(WANG, LI, ZHAO)

    assert undoing.take_back(roster, by=clerk) == (2, 0)

    assert all(rows == [] for rows in standing().values())
    roster.refresh_from_db()
    assert (roster.state, roster.undone_by) == ("undone", clerk)
    gone = Member.events.rel.related_model.objects.filter(pgh_label="delete")
    assert set(gone.values_list("name", "acted_by")) == {
        ("王五", clerk.pk), ("李梅", clerk.pk), ("赵六", clerk.pk),
    }  # fmt: skip
    told = Entry.objects.latest("pk")
    assert (told.deed, told.detail["rows"], told.detail["held_back"]) == ("roster_undone", 2, 0)


def test_a_second_import_is_undone_to_the_state_after_the_first(bring, clerk):
    bring(WANG, LI)
    before = standing()
    roster = bring(
        [*WANG[:6], "九组", 9500, ""], LI, ["X-1", "王小", "之子", FOUR, "男", "", "", "", ""], ZHAO
    )

    undoing.take_back(roster, by=clerk)

    assert standing() == before


def test_a_head_that_the_import_changed_is_the_head_again(bring, clerk):
    bring(WANG, LI)
    before = standing()
    roster = bring(
        ["X-1", "李梅", "户主", TWO, "女", 2, "", "", ""],
        ["X-1", "王五", "配偶", ONE, "男", "", "", "", ""],
    )
    assert Household.objects.get().head_name == "李梅"

    undoing.take_back(roster, by=clerk)

    assert standing() == before


def test_the_same_roster_goes_in_again_after_it_was_undone(bring, clerk):
    undoing.take_back(bring(WANG, LI), by=clerk)

    roster = bring(WANG, LI)

    assert roster.rows_created == 2
    assert Household.objects.get().code == "X-1"


def test_a_file_changed_since_stays_as_it_is(bring, clerk):
    roster = bring(WANG, LI, ZHAO)
    kept = Household.objects.get(code="X-1")
    file_actions.close(kept, on=kept.opened_on, close_reason="mistake", by=clerk)

    assert undoing.take_back(roster, by=clerk) == (1, 1)

    assert list(Household.objects.values_list("code", "status")) == [("X-1", "closed")]
    assert list(roster.files.held_back().values_list("household_id", flat=True)) == [kept.pk]


def test_a_family_with_a_review_or_a_status_since_stays(bring, clerk):
    roster = bring(WANG, LI, ZHAO)
    StatusReviewFactory(enrolment=Enrolment.objects.get(household__code="X-1"), proposed_by=clerk)
    DesignationFactory(household=Household.objects.get(code="X-2"))

    assert undoing.take_back(roster, by=clerk) == (0, 2)

    assert Household.objects.count() == 2


def test_a_family_on_file_that_got_a_paper_since_stays_in_the_programme(bring, clerk, riverside):
    old = HouseholdFactory(unit=riverside, code="X-1", head_name="王五")
    MemberFactory(household=old, name="王五", id_number=ONE)
    roster = bring(WANG)
    enrolment = Enrolment.objects.get()
    DossierItemFactory(household=old, programme=enrolment.programme)

    assert undoing.take_back(roster, by=clerk) == (0, 1)

    assert Enrolment.objects.get() == enrolment


def test_what_was_undone_is_not_undone_again(bring, clerk):
    roster = bring(WANG)
    undoing.take_back(roster, by=clerk)

    with pytest.raises(refusals.NotImportedError):
        undoing.take_back(roster, by=clerk)


def test_a_preview_cannot_be_undone(clerk, riverside, programme):
    data = workbook(HEADER, WANG)
    roster = importing.preview(
        importing.readable(data), data, "x.xlsx", unit=riverside, programme=programme, by=clerk
    )

    with pytest.raises(refusals.NotImportedError):
        undoing.take_back(roster, by=clerk)


def test_undone_newest_first_everything_goes(bring, clerk):
    first = bring(WANG, LI, ZHAO)
    second = bring([*WANG[:6], "九组", 9500, ""], LI, ZHAO)

    assert undoing.take_back(second, by=clerk) == (1, 0)
    assert undoing.take_back(first, by=clerk) == (2, 0)

    assert all(rows == [] for rows in standing().values())


def test_after_an_undo_a_roster_still_knows_what_the_desk_has_changed(
    bring, clerk, riverside, programme
):
    roster = bring(WANG, LI, ZHAO)
    with transaction.atomic(), acting(clerk, "改址"):
        Household.objects.filter(code="X-1").update(address="改过", version=F("version") + 1)
    assert undoing.take_back(roster, by=clerk) == (1, 1)

    again = bring(WANG, LI, ZHAO)

    assert Household.objects.get(code="X-1").address == "改过"
    assert (again.rows_created, again.rows_unchanged) == (1, 2)
    assert again.lines.get(row=2).kept == [["address", "改过", "一组", False]]


def test_a_file_restored_by_an_undo_counts_as_it_was_for_the_roster_before(bring, clerk):
    bring(WANG, LI)
    undoing.take_back(bring([*WANG[:6], "九组", 9500, ""], LI), by=clerk)

    third = bring([*WANG[:6], "八组", "", ""], LI)

    assert Household.objects.get().address == "八组"
    assert third.lines.get(row=2).kept == []
