"""A roster of families that names who helps them: found or made, paired, told, and taken back."""

import datetime

import pytest
from django.utils import timezone

from households.models import Enrolment, Household, Member, RosterImport
from households.roster import importing, undoing
from pairings.actions import activities, helpers, pairs
from pairings.models import Helper, Pairing
from tests.factories import (
    ActivityFactory,
    AssignmentDraftFactory,
    AssignmentLineFactory,
    DisbursementFactory,
    EnrolmentFactory,
    HelperFactory,
)
from tests.households.roster.sheets import number, workbook
from tests.households.roster.test_pages import bring, page_of, verb
from tests.pairings.page import LATER, who
from tests.pairings.visiting import visited

HEADER = [
    "户编号", "姓名", "身份证号", "家庭住址", "识别时间",
    "帮扶责任人", "帮扶单位", "帮扶人职务", "帮扶人电话",
]  # fmt: skip
HELPER = ["刘建军", "场工会", "副主席", "13900000001"]


def row(n, name, *helper, code=None, identified="2012-05-01"):
    told = [*helper, *[""] * (4 - len(helper))]
    return [code or f"X-{n}", name, number(n), "一组", identified, *told]


@pytest.fixture
def imported(desk, riverside, programme):
    def bring_in(*rows):
        roster = bring(desk, riverside, programme, HEADER, *rows)
        verb(desk, roster, "commit")
        roster.refresh_from_db()
        return roster

    return bring_in


def test_a_row_makes_the_helper_and_the_pair(imported, riverside, programme, clerk):
    imported(row(1, "王五", *HELPER))

    helper, pair = Helper.objects.get(), Pairing.objects.get()
    assert (helper.name, helper.home, helper.rank, helper.phone) == tuple(HELPER)
    assert (helper.unit, helper.programme, helper.name_initials) == (riverside, programme, "ljj")
    assert (pair.enrolment.household.head_name, pair.unit) == ("王五", riverside)
    assert pair.starts_on == datetime.date(2012, 5, 1)
    assert (pair.lines.get().helper, pair.lines.get().role) == (helper, "lead")
    assert pair.events.get().acted_by == clerk.pk


def test_families_of_one_helper_find_the_same_entry(imported):
    imported(
        row(1, "王五", *HELPER),
        row(3, "赵六", "刘建军", "", "", "13900000001"),
        row(5, "孙七", "刘建军", "场工会"),
    )

    assert Helper.objects.count() == 1
    assert Pairing.objects.count() == 3


def test_a_namesake_of_another_house_is_another_helper(imported):
    imported(row(1, "王五", *HELPER), row(3, "赵六", "刘建军", "场医院"))

    assert sorted(Helper.objects.values_list("home", flat=True)) == ["场医院", "场工会"]


def test_whom_the_desk_entered_is_found_and_left_as_entered(imported, helping):
    entered = helping("刘建军", home="场工会", rank="主席", category="cadre")

    imported(row(1, "王五", *HELPER))

    entered.refresh_from_db()
    assert (entered.rank, entered.category, entered.version) == ("主席", "cadre", 1)
    assert Pairing.objects.get().lines.get().helper == entered


def test_a_neighbours_helper_is_not_taken(imported, programme, hillside):
    HelperFactory(programme=programme, unit=hillside, name="刘建军", home="场工会")

    imported(row(1, "王五", *HELPER))

    assert Helper.objects.count() == 2


def test_without_a_day_of_identification_the_pair_begins_today(imported):
    imported(row(1, "王五", *HELPER, identified=""))

    assert Pairing.objects.get().starts_on == timezone.localdate()


def test_two_names_in_one_cell_are_two_helpers(imported):
    imported(row(1, "王五", "刘建军、赵铁柱", "场工会"))

    pair = Pairing.objects.with_mode().get()
    assert who(pair) == ["刘建军", "赵铁柱"]
    assert (pair.mode, pair.lines.filter(role="lead").get().helper.name) == ("two", "刘建军")


def test_what_is_known_is_unchanged(desk, imported, riverside, programme):
    imported(row(1, "王五", *HELPER))

    again = imported(row(1, "王五", *HELPER))

    assert (again.rows_unchanged, again.rows_updated) == (1, 0)
    assert Pairing.objects.get().version == 1


def test_a_new_helper_is_previewed_and_joins(desk, imported, riverside, programme):
    imported(row(1, "王五", *HELPER))

    roster = bring(desk, riverside, programme, HEADER, row(1, "王五", "赵铁柱", "场医院"))
    page = page_of(desk, roster)
    verb(desk, roster, "commit")

    assert "<ins>赵铁柱</ins>" in page
    assert roster.rows_updated == 1
    pair = Pairing.objects.get()
    assert who(pair) == ["刘建军", "赵铁柱"]
    assert pair.lines.get(helper__name="赵铁柱").role == "member"
    assert pair.version == 2


def test_what_the_desk_handed_over_is_not_taken_back(imported, helping, clerk):
    imported(row(1, "王五", *HELPER))
    pair = Pairing.objects.get()
    pairs.hand_over(pair, helper=Helper.objects.get(), to=helping("赵铁柱"), on=LATER, by=clerk)

    again = imported(row(1, "王五", *HELPER))

    assert again.rows_unchanged == 1
    assert who(pair) == ["赵铁柱"]


def test_who_has_left_is_paired_with_nobody_and_the_preview_says_so(
    desk, riverside, programme, helping, clerk
):
    gone = helping("刘建军", home="场工会")
    helpers.leave(gone, on=LATER, leave_reason="retired", by=clerk)

    roster = bring(desk, riverside, programme, HEADER, row(1, "王五", *HELPER))
    preview = page_of(desk, roster)
    verb(desk, roster, "commit")

    assert "本行的帮扶人已离岗" in preview
    assert Household.objects.get().head_name == "王五"
    assert not Pairing.objects.exists()
    assert Helper.objects.get() == gone


def test_who_has_left_is_no_news_of_a_family_on_file(
    desk, imported, riverside, programme, helping, clerk
):
    imported(row(1, "王五"))
    helpers.leave(helping("刘建军", home="场工会"), on=LATER, leave_reason="retired", by=clerk)

    roster = bring(desk, riverside, programme, HEADER, row(1, "王五", *HELPER))

    page = page_of(desk, roster)
    assert "本行的帮扶人已离岗" in page
    assert "<ins>刘建军</ins>" not in page
    assert (roster.rows_unchanged, roster.rows_updated) == (1, 0)


def test_of_two_the_one_who_is_here_is_paired(imported, helping, clerk):
    helpers.leave(helping("刘建军", home="场工会"), on=LATER, leave_reason="retired", by=clerk)

    imported(row(1, "王五", "刘建军、赵铁柱", "场工会"))

    assert who(Pairing.objects.get()) == ["赵铁柱"]


@pytest.mark.parametrize("on_file", [False, True])
def test_nobody_is_paired_with_the_own_family_and_the_preview_says_so(
    desk, imported, riverside, programme, helping, on_file
):
    if on_file:
        imported(row(1, "王五"))
    kin = helping("刘建军", home="场工会")
    helpers.set_number(kin, number(1))
    kin.save()

    roster = bring(desk, riverside, programme, HEADER, row(1, "王五", *HELPER))
    preview = page_of(desk, roster)
    verb(desk, roster, "commit")

    assert "本行的帮扶人是该户家庭成员" in preview
    assert not Pairing.objects.exists()


@pytest.mark.parametrize("n", [2, 6])
def test_it_takes_the_same_number_of_statements(
    django_assert_max_num_queries, riverside, programme, clerk, n
):
    data = workbook(HEADER, *(row(2 * i + 1, f"户{i}", f"帮手{i}", "场工会") for i in range(n)))

    with django_assert_max_num_queries(120) as seen:
        importing.import_now(
            importing.readable(data), data, "x.xlsx", unit=riverside, programme=programme, by=clerk
        )

    of_ours = [q["sql"] for q in seen.captured_queries if "pairings_" in q["sql"]]
    assert len(of_ours) == 8
    assert Pairing.objects.count() == n


def test_the_receipt_still_names_the_helper(riverside, programme):
    data = workbook(HEADER, row(1, "王五", *HELPER))
    prepared = importing.prepare(
        importing.readable(data), "x.xlsx", unit=riverside, programme=programme, by=None
    )

    (family,) = prepared.receipt()["households"]
    assert [family[name] for name in ("helper_name", "helper_unit", "helper_title")] == HELPER[:3]


# ---- taking back


@pytest.mark.django_db(transaction=True)
def test_undoing_takes_pairs_and_their_helpers_away(imported, clerk):
    roster = imported(row(1, "王五", *HELPER))

    assert undoing.take_back(roster, by=clerk) == (1, 0)

    assert not Pairing.objects.exists()
    assert not Helper.objects.exists()
    assert not Household.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_helper_whom_the_desk_has_used_since_stays(imported, clerk, riverside, programme):
    roster = imported(row(1, "王五", *HELPER))
    helper = Helper.objects.get()
    other = EnrolmentFactory(
        programme=programme, household__unit=riverside, household__head_name="钱八"
    )
    pairs.pair(other, helper=helper, scheme="one_to_one", on=LATER, by=clerk)

    assert undoing.take_back(roster, by=clerk) == (1, 0)

    assert Helper.objects.get() == helper
    assert Pairing.objects.get().enrolment == other


@pytest.mark.django_db(transaction=True)
def test_a_family_whose_pair_the_desk_has_changed_stays(imported, clerk, helping):
    roster = imported(row(1, "王五", *HELPER), row(3, "赵六", *HELPER))
    pair = Pairing.objects.get(enrolment__household__head_name="王五")
    pairs.hand_over(pair, helper=Helper.objects.get(), to=helping("赵铁柱"), on=LATER, by=clerk)

    assert undoing.take_back(roster, by=clerk) == (1, 1)

    assert Household.objects.get().head_name == "王五"
    assert who(pair) == ["赵铁柱"]
    assert RosterImport.objects.get().state == "undone"


@pytest.mark.django_db(transaction=True)
def test_a_family_that_was_visited_since_stays_with_its_pair(imported, clerk):
    roster = imported(row(1, "王五", *HELPER), row(3, "赵六", *HELPER))
    pair = Pairing.objects.get(enrolment__household__head_name="王五")
    visited(pair.enrolment, Helper.objects.get(), by=clerk, on=timezone.localdate())

    assert undoing.take_back(roster, by=clerk) == (1, 1)

    assert Household.objects.get().head_name == "王五"
    assert who(pair) == ["刘建军"]


@pytest.mark.django_db(transaction=True)
def test_undoing_a_second_roster_leaves_the_first_ones_pair(imported, clerk):
    imported(row(1, "王五", *HELPER))
    second = imported(row(1, "王五", "赵铁柱", "场医院"))

    assert undoing.take_back(second, by=clerk) == (1, 0)

    assert who(Pairing.objects.get()) == ["刘建军"]
    assert [one.name for one in Helper.objects.all()] == ["刘建军"]


@pytest.mark.django_db(transaction=True)
def test_whom_an_activity_has_named_since_stays(imported, clerk, riverside, programme):
    roster = imported(row(1, "王五", *HELPER), row(3, "赵六", *HELPER))
    held = ActivityFactory(unit=riverside, programme=programme)
    there = Member.objects.get(name="王五")
    activities.attend(held, members=[there], helpers=[Helper.objects.get()], by=clerk)

    assert undoing.take_back(roster, by=clerk) == (1, 1)

    assert Household.objects.get().head_name == "王五"
    assert Helper.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_whom_a_later_roster_brought_to_a_family_stays_once_named(
    desk, clerk, riverside, programme
):
    header = ["户编号", "姓名", "与户主关系", "身份证号"]
    head, child = (
        ["X-1", "王五", "户主", number(1)],
        ["X-1", "王小", "之子", number(5, born="20010101")],
    )
    for rows in ([head], [head, child]):
        second = bring(desk, riverside, programme, header, *rows)
        verb(desk, second, "commit")
        second.refresh_from_db()
    held = ActivityFactory(unit=riverside, programme=programme)
    activities.attend(held, members=[Member.objects.get(name="王小")], by=clerk)

    assert undoing.take_back(second, by=clerk) == (0, 1)

    assert Member.objects.filter(name="王小").exists()


@pytest.mark.django_db(transaction=True)
def test_what_a_draft_may_still_pair_stays(imported, clerk, riverside, programme):
    roster = imported(row(1, "王五", *HELPER), row(3, "赵六", *HELPER))
    draft = AssignmentDraftFactory(unit=riverside, programme=programme)
    family = Enrolment.objects.get(household__head_name="王五")
    AssignmentLineFactory(draft=draft, enrolment=family, helper=None)
    AssignmentLineFactory(draft=draft, helper=Helper.objects.get(name=HELPER[0]))

    assert undoing.take_back(roster, by=clerk) == (1, 1)

    assert Enrolment.objects.filter(pk=family.pk).exists()
    assert not Household.objects.filter(head_name="赵六").exists()
    assert Helper.objects.filter(name=HELPER[0]).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", ["dropped", "accepted"])
def test_lines_of_a_settled_draft_go_with_whom_they_name(
    imported, clerk, riverside, programme, state
):
    roster = imported(row(1, "王五", *HELPER))
    draft = AssignmentDraftFactory(
        unit=riverside, programme=programme, state=state, settled_at=timezone.now(),
        settled_by=clerk,
    )  # fmt: skip
    AssignmentLineFactory(
        draft=draft, enrolment=Enrolment.objects.get(), helper=Helper.objects.get()
    )

    assert undoing.take_back(roster, by=clerk) == (1, 0)

    assert not draft.lines.exists()
    assert not Household.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_whom_the_ledger_names_since_stays(desk, imported, clerk, riverside, programme):
    imported(row(1, "王五", *HELPER))
    first = Household.objects.get()
    header = ["户编号", "姓名", "与户主关系", "身份证号"]
    second = bring(
        desk, riverside, programme, header, ["X-1", "王五", "户主", number(1)],
        ["X-1", "王小", "之子", number(5, born="20010101")],
    )  # fmt: skip
    verb(desk, second, "commit")
    second.refresh_from_db()
    child = Member.objects.get(name="王小")
    DisbursementFactory(household=first, member=child, programme=programme)

    assert undoing.take_back(second, by=clerk) == (0, 1)

    assert Member.objects.filter(pk=child.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_helper_whom_the_ledger_names_stays_alone(imported, clerk, riverside, programme):
    roster = imported(row(1, "王五", *HELPER))
    helper = Helper.objects.get()
    other = EnrolmentFactory(programme=programme, household__unit=riverside).household
    DisbursementFactory(household=other, programme=programme, helper=helper)

    assert undoing.take_back(roster, by=clerk) == (1, 0)

    assert Helper.objects.get() == helper
    assert Household.objects.get() == other
