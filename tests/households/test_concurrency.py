"""Two people at one file: the second is told, shown the difference, and asked; nothing is lost."""

import datetime
import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from households.models import Enrolment, Household, Member, StatusReview
from tests.factories import (
    EnrolmentFactory,
    HouseholdFactory,
    IncomeSnapshotFactory,
    MemberFactory,
    StaffFactory,
    StatusReviewFactory,
    id_number,
)
from tests.households.page import add_member, fields_of


@pytest.fixture
def household(riverside, programme):
    """王建国 and 李秀英 on file, with an enrolment."""
    household = HouseholdFactory(unit=riverside, address="第一居民组")
    MemberFactory(household=household, name="王建国", seq=1, health="健康")
    MemberFactory(
        household=household, name="李秀英", relation="配偶", sex="女", seq=2,
        id_number=id_number(7, male=False), phone="13900000001",
    )  # fmt: skip
    EnrolmentFactory(household=household, programme=programme)
    return household


@pytest.fixture
def colleague(riverside):
    """Another clerk of Riverside, at another desk."""
    return StaffFactory(unit=riverside, role="clerk", full_name="录入员老杜")


def desk_of(staff):
    client = Client()
    client.force_login(staff)
    return client


def edit_page(household):
    return reverse("households:edit", args=[household.pk])


def both_open(household, clerk, colleague):
    """Both open the file; answers two desks and what each would send."""
    mine, theirs = desk_of(clerk), desk_of(colleague)
    page = edit_page(household)
    return mine, fields_of(mine.get(page)), theirs, fields_of(theirs.get(page))


def cells_on(response):
    return {cell.key: cell for cell in response.context["cells"]}


def test_the_second_is_shown_what_it_was_what_the_first_wrote_and_what_oneself_typed(
    household, clerk, colleague
):
    mine, my_data, theirs, their_data = both_open(household, clerk, colleague)
    theirs.post(edit_page(household), their_data | {"household-address": "第二居民组"})

    answer = mine.post(edit_page(household), my_data | {"household-address": "第三居民组"})

    cell = cells_on(answer)["household-address"]
    assert (cell.was, cell.theirs, cell.mine, cell.by, cell.is_asked) == (
        "第一居民组",
        "第二居民组",
        "第三居民组",
        "录入员老杜",
        True,
    )
    assert "录入员老杜" in answer.content.decode()
    household.refresh_from_db()
    assert (household.address, household.version) == ("第二居民组", 2)


@pytest.mark.parametrize(
    ("choice", "address"),
    [("mine", "第三居民组"), ("theirs", "第二居民组")],
    ids=["keep mine", "take theirs"],
)
def test_the_second_chooses_field_by_field(household, clerk, colleague, choice, address):
    mine, my_data, theirs, their_data = both_open(household, clerk, colleague)
    theirs.post(edit_page(household), their_data | {"household-address": "第二居民组"})
    asked = mine.post(edit_page(household), my_data | {"household-address": "第三居民组"})

    mine.post(edit_page(household), fields_of(asked) | {"take-household-address": choice})

    household.refresh_from_db()
    assert household.address == address


def test_without_an_answer_nothing_is_saved_and_the_question_stands_again(
    household, clerk, colleague
):
    mine, my_data, theirs, their_data = both_open(household, clerk, colleague)
    theirs.post(edit_page(household), their_data | {"household-address": "第二居民组"})
    asked = mine.post(edit_page(household), my_data | {"household-address": "第三居民组"})

    again = mine.post(edit_page(household), fields_of(asked))

    assert cells_on(again)["household-address"].was == "第一居民组"
    assert "请选择其中一个" in again.content.decode()
    household.refresh_from_db()
    assert household.address == "第二居民组"


def test_what_only_one_of_them_changed_is_kept_from_both(household, clerk, colleague):
    mine, my_data, theirs, their_data = both_open(household, clerk, colleague)
    theirs.post(
        edit_page(household),
        their_data | {"members-0-health": "患有大病", "enrolment-causes": ["illness", "no_skill"]},
    )

    told = mine.post(edit_page(household), my_data | {"household-address": "第三居民组"})
    assert {cell.key: cell.is_asked for cell in told.context["cells"]} == {
        f"member{household.members.get(seq=1).pk}-health": False,
        "enrolment-causes": False,
    }
    mine.post(edit_page(household), fields_of(told))

    household.refresh_from_db()
    assert household.address == "第三居民组"
    assert household.members.get(seq=1).health == "患有大病"
    assert household.enrolments.get().causes == ["illness", "no_skill"]


def test_members_that_both_added_are_all_there_in_the_end(household, clerk, colleague):
    mine, my_data, theirs, their_data = both_open(household, clerk, colleague)
    add_member(their_data, name="王小明", relation="之子", id_number=id_number(21, born="20050101"))
    add_member(
        my_data,
        name="王小红",
        relation="之女",
        id_number=id_number(31, born="20060101", male=False),
    )
    theirs.post(edit_page(household), their_data)

    told = mine.post(edit_page(household), my_data)
    assert [cell.where for cell in told.context["cells"]] == ["王小明"]
    mine.post(edit_page(household), fields_of(told))

    names = household.members.order_by("seq").values_list("name", flat=True)
    assert list(names) == ["王建国", "李秀英", "王小明", "王小红"]


def test_a_member_whom_the_colleague_let_leave_stays_gone(household, clerk, colleague):
    mine, my_data, theirs, their_data = both_open(household, clerk, colleague)
    theirs.post(
        edit_page(household),
        their_data | {
            "members-1-DELETE": "on", "members-1-left_on": "2013-05-01",
            "members-1-leave_reason": "married_out",
        },
    )  # fmt: skip

    told = mine.post(edit_page(household), my_data | {"household-address": "第三居民组"})
    assert "2013-05-01" in cells_on(told)[f"member{household.members.get(seq=2).pk}-row"].theirs
    mine.post(edit_page(household), fields_of(told))

    assert household.members.get(seq=2).left_on == datetime.date(2013, 5, 1)
    household.refresh_from_db()
    assert household.address == "第三居民组"


def test_two_numbers_that_look_alike_when_masked_are_still_told_apart(household, clerk, colleague):
    first, second = "6222020200011112222", "6222020299911112222"
    mine, my_data, theirs, their_data = both_open(household, clerk, colleague)
    theirs.post(edit_page(household), their_data | {"household-bank_account": first})

    asked = mine.post(edit_page(household), my_data | {"household-bank_account": second})

    assert cells_on(asked)["household-bank_account"].is_asked
    assert [number for number in (first,) if number in asked.content.decode()] == []
    mine.post(edit_page(household), fields_of(asked) | {"take-household-bank_account": "theirs"})
    household.refresh_from_db()
    assert household.bank_account == first


def test_a_page_whose_seal_was_broken_asks_about_every_difference(household, clerk, colleague):
    mine, my_data, theirs, their_data = both_open(household, clerk, colleague)
    theirs.post(edit_page(household), their_data | {"household-address": "第二居民组"})

    asked = mine.post(edit_page(household), my_data | {"_base": "x"})

    assert [cell.key for cell in asked.context["cells"] if cell.is_asked] == ["household-address"]


def test_what_was_typed_before_a_lost_session_meets_what_a_colleague_saved_since(
    household, clerk, colleague
):
    mine, my_data, theirs, their_data = both_open(household, clerk, colleague)
    mine.logout()
    mine.post(edit_page(household), my_data | {"household-address": "第三居民组"})
    theirs.post(edit_page(household), their_data | {"household-address": "第二居民组"})

    mine.force_login(clerk)
    back = mine.get(edit_page(household))

    cell = cells_on(back)["household-address"]
    assert (cell.theirs, cell.mine) == ("第二居民组", "第三居民组")
    assert fields_of(back)["household-address"] == "第三居民组"


def test_the_same_correction_by_both_is_no_quarrel(household, clerk, colleague):
    mine, my_data, theirs, their_data = both_open(household, clerk, colleague)
    theirs.post(edit_page(household), their_data | {"household-address": "第二居民组"})

    answer = mine.post(edit_page(household), my_data | {"household-address": "第二居民组"})

    assert answer.status_code == 302


def test_pressing_save_twice_is_no_quarrel_with_oneself(household, clerk):
    mine = desk_of(clerk)
    data = fields_of(mine.get(edit_page(household)))
    add_member(data, name="王小明", relation="之子", id_number=id_number(21, born="20050101"))

    first = mine.post(edit_page(household), data)
    second = mine.post(edit_page(household), data)

    assert (first.status_code, second.status_code) == (302, 302)
    assert household.members.count() == 3


def test_a_deed_on_a_file_that_changed_meanwhile_waits_for_a_second_press(
    household, clerk, colleague
):
    mine, theirs = desk_of(clerk), desk_of(colleague)
    page = reverse("households:close", args=[household.pk])
    data = fields_of(mine.get(page)) | {"close_reason": "moved_away", "reason": "迁往外县"}
    theirs.post(
        edit_page(household),
        fields_of(theirs.get(edit_page(household))) | {"household-address": "第二居民组"},
    )

    told = mine.post(page, data)
    household.refresh_from_db()
    assert household.is_open
    assert "同事已改动过这份档案" in told.content.decode()

    mine.post(page, fields_of(told))
    household.refresh_from_db()
    assert not household.is_open


# ---- really at the same moment


def at_once(*deeds):
    """Run deeds in threads of their own, each with its own connection; answers what each gave."""
    start, answers = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(n, deed):
        try:
            start.wait()
            answers[n] = deed()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return answers


@pytest.mark.django_db(transaction=True)
def test_one_person_entered_at_two_desks_at_once_is_on_file_once(
    clerk, colleague, riverside, programme
):
    page, desks = reverse("households:create"), [desk_of(clerk), desk_of(colleague)]
    typed = [
        fields_of(desk.get(page)) | {
            "household-unit": riverside.code, "enrolment-programme": programme.pk,
            "members-0-name": "王建国", "members-0-relation": "户主",
            "members-0-id_number": id_number(1),
        }
        for desk in desks
    ]  # fmt: skip

    answers = at_once(
        *(lambda d=d, t=t: d.post(page, t) for d, t in zip(desks, typed, strict=True))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert Household.objects.count() == 1
    assert Member.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_files_opened_at_two_desks_at_once_get_two_numbers(clerk, colleague, riverside, programme):
    page, desks = reverse("households:create"), [desk_of(clerk), desk_of(colleague)]
    typed = [
        fields_of(desk.get(page)) | {
            "household-unit": riverside.code, "enrolment-programme": programme.pk,
            "members-0-name": "王建国", "members-0-relation": "户主",
            "members-0-id_number": id_number(n),
        }
        for n, desk in enumerate(desks, 1)
    ]  # fmt: skip

    answers = at_once(
        *(lambda d=d, t=t: d.post(page, t) for d, t in zip(desks, typed, strict=True))
    )

    assert [answer.status_code for answer in answers] == [302, 302]
    codes = Household.objects.order_by("code").values_list("code", flat=True)
    assert list(codes) == ["B-RIV-000001", "B-RIV-000002"]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_the_second_is_asked(household, clerk, colleague):
    mine, my_data, theirs, their_data = both_open(household, clerk, colleague)
    page = edit_page(household)

    answers = at_once(
        lambda: mine.post(page, my_data | {"household-address": "第三居民组"}),
        lambda: theirs.post(page, their_data | {"household-address": "第二居民组"}),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    household.refresh_from_db()
    assert household.version == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_approvers_at_once_the_second_is_told(household, clerk, approver, riverside):
    other = StaffFactory(unit=riverside, role="approver", full_name="审核员老白")
    enrolment = household.enrolments.get()
    income = IncomeSnapshotFactory(enrolment=enrolment, stage="exit", year=2013, wages=30000)
    review = StatusReviewFactory(enrolment=enrolment, snapshot=income, proposed_by=clerk)
    page = reverse("households:review-decide", args=[review.pk])
    desks = [desk_of(approver), desk_of(other)]
    typed = [fields_of(desk.get(page)) for desk in desks]

    answers = at_once(
        lambda: desks[0].post(page, typed[0] | {"decision": "approve"}),
        lambda: desks[1].post(page, typed[1] | {"decision": "reject", "note": "收入不实"}),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    told = next(answer for answer in answers if answer.status_code == 200)
    review.refresh_from_db()
    assert f"{review.decided_by.full_name} 已于" in told.content.decode()
    approved = review.decision == StatusReview.Decision.APPROVED
    expected = Enrolment.Status.EXITED if approved else Enrolment.Status.HELPING
    assert household.enrolments.get().status == expected
