"""A helper with a sign-in sees the own households, from the first day to the last, and no others."""

import pytest
from django.urls import reverse

from households.models import Enrolment, Household, IncomeSnapshot, Member, StatusReview
from pairings.actions import helpers, pairs
from pairings.evidence import tell_helpers
from pairings.models import Helper, Pairing
from tests.factories import EnrolmentFactory, IncomeSnapshotFactory, StatusReviewFactory
from tests.pairings.page import LATER, address, paired

HOME = reverse("home")


@pytest.fixture
def me(helper, helping):
    """帮扶干部小于 on the roster, with a sign-in."""
    return helping("于海涛", staff=helper)


@pytest.fixture
def pair(enrolled, me, clerk):
    return paired(enrolled("张三"), me, clerk)


def seen_by(staff):
    return [row.head_name for row in Household.objects.visible_to(staff)]


def test_a_helper_opens_the_own_household_and_no_other(client, helper, pair, enrolled):
    other = enrolled("李四").household
    client.force_login(helper)

    own = pair.enrolment.household
    assert client.get(own.get_absolute_url()).status_code == 200
    assert client.get(other.get_absolute_url()).status_code == 404
    assert client.get(address("of_household", own)).status_code == 200
    assert client.get(address("of_household", other)).status_code == 404
    page = client.get(reverse("households:list"), {"programme": "all"}).content.decode()
    assert "张三" in page
    assert "李四" not in page


def test_everything_of_the_own_household_and_nothing_of_the_others(helper, pair, enrolled, clerk):
    other = enrolled("李四")
    for enrolment in (pair.enrolment, other):
        income = IncomeSnapshotFactory(enrolment=enrolment)
        StatusReviewFactory(enrolment=enrolment, snapshot=income, proposed_by=clerk)

    for model, path in {
        Member: "household", Enrolment: "household", IncomeSnapshot: "enrolment__household",
        StatusReview: "enrolment__household",
    }.items():  # fmt: skip
        found = model.objects.visible_to(helper)
        assert list(found.values_list(path, flat=True)) == [pair.enrolment.household_id]


def test_it_takes_one_sub_query(helper, django_assert_num_queries, pair):
    with django_assert_num_queries(1):
        assert seen_by(helper) == ["张三"]


def test_a_household_in_another_unit_is_seen_too(helper, me, enrolled, hillside, supervisor):
    paired(enrolled("孟小山", unit=hillside), me, supervisor)

    assert seen_by(helper) == ["孟小山"]


def test_it_ends_with_the_pair(helper, pair, helping, clerk):
    pairs.hand_over(pair, helper=pair.lines.get().helper, to=helping("赵铁柱"), on=LATER, by=clerk)

    assert seen_by(helper) == []
    assert not Pairing.objects.visible_to(helper).exists()


def test_it_ends_with_the_helpers_leaving(helper, me, pair, clerk):
    helpers.leave(me, on=LATER, leave_reason="transferred", by=clerk)

    assert seen_by(helper) == []


def test_another_role_is_not_narrowed_by_a_helpers_entry(clerk, helping, enrolled):
    helping("林副主任", staff=clerk)
    enrolled("张三")

    assert seen_by(clerk) == ["张三"]


def test_colleagues_on_the_own_pair_are_seen_by_name_and_nobody_else(
    client, helper, me, pair, helping, clerk
):
    pairs.join(pair, helper=helping("赵铁柱", phone="13900000001"), on=LATER, by=clerk)
    helping("钱进")
    client.force_login(helper)

    page = client.get(pair.get_absolute_url()).content.decode()

    assert "赵铁柱" in page
    assert "13900000001" not in page
    assert sorted(one.name for one in Helper.objects.visible_to(helper)) == ["于海涛", "赵铁柱"]
    history = client.get(reverse("history", args=["pairing", pair.pk])).content.decode()
    assert "赵铁柱" in history


def test_helpers_of_a_pair_that_is_not_the_own_are_no_facts_of_the_file(
    helper, pair, helping, clerk, supervisor
):
    other = EnrolmentFactory(household=pair.enrolment.household)
    paired(other, helping("钱进", programme=other.programme), clerk)

    assert [one.text for one in tell_helpers(pair.enrolment, helper)] == ["于海涛 场工会"]
    assert tell_helpers(other, helper) == []
    assert [one.text for one in tell_helpers(other, supervisor)] == ["钱进 场工会"]


def test_my_households_stand_on_the_home_page(client, helper, pair, enrolled):
    enrolled("李四")
    client.force_login(helper)

    page = client.get(HOME).content.decode()

    assert "张三" in page
    assert "李四" not in page


@pytest.mark.parametrize("n", [1, 3])
def test_a_helpers_home_takes_the_same_number_of_queries(
    client, helper, me, enrolled, clerk, django_assert_num_queries, n
):
    for nth in range(n):
        paired(enrolled(f"户{nth}"), me, clerk)
    client.force_login(helper)

    with django_assert_num_queries(6):
        client.get(HOME)


def card(desk, name):
    return desk.get(reverse("home-card", args=[name]), headers={"HX-Request": "true"})


@pytest.mark.parametrize("n", [1, 3])
def test_the_clerk_is_told_who_waits_for_a_helper(desk, enrolled, django_assert_num_queries, n):
    for nth in range(n):
        enrolled(f"户{nth}")

    with django_assert_num_queries(7):
        page = card(desk, "unpaired").content.decode()

    assert "户0" in page


@pytest.mark.parametrize("n", [1, 3])
def test_the_clerk_is_told_whose_helper_left(
    desk, enrolled, helping, clerk, django_assert_num_queries, n
):
    leaver = helping("于海涛")
    for nth in range(n):
        paired(enrolled(f"户{nth}"), leaver, clerk)
    helpers.leave(leaver, on=LATER, leave_reason="retired", by=clerk)

    with django_assert_num_queries(7):
        page = card(desk, "helpers-left").content.decode()

    assert "于海涛" in page
    assert address("helper-hand-over", leaver) in page


@pytest.mark.parametrize("name", ["unpaired", "helpers-left"])
def test_where_nothing_waits_the_card_says_so(desk, name):
    assert "暂无内容" in card(desk, name).content.decode()
