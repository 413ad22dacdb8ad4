"""Closing, reopening, moving, merging and splitting: nothing is lost, everything says why."""

import datetime

import pytest
from django.urls import reverse

from households.actions import files, identity
from households.actions.refusals import ClosedFileError, RefusedError
from households.models import Household, Member
from povertyaid.audit.models import Entry
from povertyaid.lib.secrets import digest
from tests.factories import (
    DesignationFactory,
    EnrolmentFactory,
    HouseholdFactory,
    IncomeSnapshotFactory,
    MemberFactory,
    OrgUnitFactory,
    ProgrammeFactory,
    StaffFactory,
    StatusReviewFactory,
    id_number,
)
from tests.households.page import confirm, fields_of, warnings_on

DAY = datetime.date(2013, 6, 1)
DEEDS = ["close", "reopen", "move", "merge", "split"]


@pytest.fixture
def household(riverside, programme):
    """王建国, 李秀英 and 王小明 on file, with an enrolment."""
    household = HouseholdFactory(unit=riverside, code="B-RIV-000001")
    MemberFactory(household=household, name="王建国", seq=1, id_number=id_number(1))
    MemberFactory(
        household=household, name="李秀英", relation="配偶", sex="女", seq=2,
        id_number=id_number(7, male=False),
    )  # fmt: skip
    MemberFactory(
        household=household, name="王小明", relation="之子", seq=3,
        id_number=id_number(11, born="19900101"),
    )  # fmt: skip
    EnrolmentFactory(household=household, programme=programme)
    return household


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


def page_of(deed, household, **query):
    return reverse(f"households:{deed}", args=[household.pk], query=query or None)


def errors_of(response):
    errors = response.context["form"].errors.as_data()
    return {field: [error.code for error in found] for field, found in errors.items()}


def send(desk, page, **typed):
    return desk.post(page, fields_of(desk.get(page)) | typed)


def deeds_on(household):
    entries = Entry.objects.filter(target_id=household.pk, target_kind="households.household")
    return list(entries.order_by("pk").values_list("deed", flat=True))


# ---- who may


@pytest.mark.parametrize("deed", DEEDS)
def test_only_who_keeps_files_may_do_it_and_only_to_own_files(
    client, deed, household, approver, supervisor, neighbour
):
    answers = []
    for staff in (approver, supervisor, neighbour):
        client.force_login(staff)
        answers.append(client.post(page_of(deed, household), {}).status_code)

    assert answers == [403, 403, 404]


# ---- closing and reopening


def test_a_file_is_closed_with_day_reason_and_hand(desk, household, clerk):
    response = send(
        desk, page_of("close", household),
        close_reason="moved_away", on="2013.6.1", reason="迁往外县",
    )  # fmt: skip

    household.refresh_from_db()
    assert response.url == household.get_absolute_url()
    assert (household.status, household.closed_on, household.close_reason) == (
        "closed",
        DAY,
        "moved_away",
    )
    event = household.events.order_by("-pgh_id").first()
    assert (event.acted_by, event.acted_reason) == (clerk.pk, "迁往外县")
    assert deeds_on(household) == ["closed"]


def test_members_of_a_closed_file_may_be_entered_elsewhere(desk, household):
    number = household.members.first().id_number

    send(desk, page_of("close", household), close_reason="moved_away", reason="迁往外县")

    assert identity.holders([digest(number)]) == {}


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ({"on": "2100-01-01"}, {"on": ["future"]}),
        ({"on": "2010-01-01"}, {"__all__": ["before_opening"]}),
        ({"reason": ""}, {"reason": ["required"]}),
        ({"close_reason": "merged"}, {"close_reason": ["invalid_choice"]}),
    ],
    ids=["in the future", "before the opening day", "without a reason", "merged by hand"],
)
def test_a_closing_that_cannot_be_is_refused(desk, household, typed, where):
    given = {"close_reason": "other", "on": "2013-06-01", "reason": "迁走"} | typed

    assert errors_of(send(desk, page_of("close", household), **given)) == where


def test_a_file_with_a_waiting_review_is_not_closed(desk, household, clerk):
    StatusReviewFactory(enrolment=household.enrolments.get(), proposed_by=clerk)

    response = send(desk, page_of("close", household), close_reason="other", reason="迁走")

    assert errors_of(response) == {"__all__": ["pending_review"]}


def test_a_closed_file_leads_back_with_the_way_out(desk, household, clerk):
    files.close(household, on=DAY, close_reason="other", by=clerk)

    answers = [
        desk.get(page_of(deed, household), follow=True)
        for deed in ("close", "move", "split", "edit")
    ]

    assert ["请先重新启用档案" in answer.content.decode() for answer in answers] == [True] * 4
    with pytest.raises(ClosedFileError):
        files.close(household, on=DAY, close_reason="other", by=clerk)


def test_pressing_close_twice_closes_once_and_says_no_error(desk, household):
    page = page_of("close", household)
    data = fields_of(desk.get(page)) | {"close_reason": "other", "reason": "迁走"}

    first, second = desk.post(page, data), desk.post(page, data)

    assert (first.url, second.url) == (household.get_absolute_url(),) * 2
    assert deeds_on(household) == ["closed"]


def test_a_reopened_file_has_its_members_back(desk, household, clerk):
    files.close(household, on=DAY, close_reason="other", by=clerk)

    send(desk, page_of("reopen", household), reason="又迁回来了")

    household.refresh_from_db()
    assert (household.is_open, household.close_reason) == (True, "")
    number = household.members.first().id_number
    assert identity.holders([digest(number)]) == {digest(number): household.pk}


def test_a_file_is_not_reopened_while_a_member_is_on_file_elsewhere(
    desk, household, clerk, hillside
):
    files.close(household, on=DAY, close_reason="other", by=clerk)
    stranger = HouseholdFactory(unit=hillside, code="B-HIL-000777")
    MemberFactory(household=stranger, name="王建国", id_number=id_number(1))

    response = send(desk, page_of("reopen", household), reason="又迁回来了")

    assert errors_of(response) == {"__all__": ["person_elsewhere"]}
    page = response.content.decode()
    assert "王建国" in page
    assert "B-HIL" not in page
    household.refresh_from_db()
    assert not household.is_open


# ---- moving


def test_the_bureau_moves_a_file_between_farms_and_the_number_stays(
    client, household, bureau, hillside
):
    client.force_login(StaffFactory(unit=bureau, role="clerk"))

    send(client, page_of("move", household), to=hillside.code, reason="职工调动")

    household.refresh_from_db()
    assert (household.unit, household.code) == (hillside, "B-RIV-000001")
    paths = Entry.objects.filter(target_id=household.pk).order_by("pk")
    assert list(paths.values_list("deed", "unit_path")) == [
        ("moved_out", "/B/B-RIV/"),
        ("moved_in", "/B/B-HIL/"),
    ]


def test_a_clerk_moves_within_what_one_sees_only(desk, household, riverside, hillside):
    zone = OrgUnitFactory(parent=riverside, name="第三管理区")

    away = send(desk, page_of("move", household), to=hillside.code, reason="职工调动")
    assert errors_of(away) == {"to": ["unknown"]}
    assert "靠山农场" not in away.content.decode()
    send(desk, page_of("move", household), to=zone.code, reason="归管理区管")

    household.refresh_from_db()
    assert household.unit == zone


def test_a_unit_that_keeps_no_files_gets_none(clerk, household, bureau):
    with pytest.raises(RefusedError) as refusal:
        files.move(household, to=bureau, by=clerk, reason="误操作")

    assert refusal.value.code == "keeps_no_files"


def test_moving_out_of_a_programmes_reach_is_asked_about(
    client, household, bureau, riverside, hillside
):
    farms_own = ProgrammeFactory(lead_unit=riverside, name="农场自办工程")
    EnrolmentFactory(household=household, programme=farms_own)
    client.force_login(StaffFactory(unit=bureau, role="clerk"))
    page = page_of("move", household)
    data = fields_of(client.get(page)) | {"to": hillside.code, "reason": "职工调动"}

    asked = client.post(page, data)

    assert warnings_on(asked) == ["out_of_programme"]
    client.post(page, confirm(data, asked))
    household.refresh_from_db()
    assert household.unit == hillside


# ---- merging


@pytest.fixture
def double(riverside, programme):
    """The same family filed twice: 王建国 without his number, and his mother."""
    double = HouseholdFactory(unit=riverside, code="B-RIV-000002", phone="13900000009")
    MemberFactory(household=double, name="王建国", id_number="", phone="13900000001", seq=1)
    MemberFactory(
        household=double, name="张桂兰", relation="之母", sex="女", seq=2,
        id_number=id_number(13, born="19400101", male=False),
    )  # fmt: skip
    return double


def merge(desk, household, double, stays, **typed):
    page = page_of("merge", household, other=double.code)
    return send(desk, page, stays=str(stays.pk), on="2013-06-01", reason="同一家庭", **typed)


def test_merging_takes_over_who_and_what_the_other_file_had(desk, household, double):
    second = ProgrammeFactory(code="P2", lead_unit=household.unit)
    moved = EnrolmentFactory(
        household=double, programme=second, principal=double.members.get(name="张桂兰")
    )
    IncomeSnapshotFactory(enrolment=moved)
    DesignationFactory(household=double, member=double.members.get(name="张桂兰"))

    response = merge(desk, household, double, stays=household)

    assert response.url == household.get_absolute_url()
    household.refresh_from_db()
    double.refresh_from_db()
    assert (double.status, double.close_reason, double.merged_into) == (
        "closed",
        "merged",
        household,
    )
    names = household.members.present().order_by("seq").values_list("name", flat=True)
    assert list(names) == ["王建国", "李秀英", "王小明", "张桂兰"]
    assert household.phone == "13900000009"
    assert household.members.get(name="王建国").phone == "13900000001"
    moved.refresh_from_db()
    assert (moved.household, moved.principal.household) == (household, household)
    assert household.designations.get().member.household == household
    assert {m.leave_reason for m in double.members.all()} == {"merged"}
    assert deeds_on(household) == ["merged"]
    assert deeds_on(double) == ["merged_away"]


def test_an_enrolment_that_both_have_stays_with_the_closed_file_and_is_not_counted(
    desk, household, double, programme
):
    kept = EnrolmentFactory(
        household=double, programme=programme, status="exited", exited_on=DAY, exit_label="脱困"
    )
    IncomeSnapshotFactory(enrolment=kept)

    merge(desk, household, double, stays=household)

    kept.refresh_from_db()
    assert (kept.household, kept.status, kept.incomes.count()) == (double, "removed", 1)
    assert programme.enrolments.counted().get().household == household


def test_the_file_that_stays_may_be_the_other_one(desk, household, double):
    merge(desk, household, double, stays=double)

    household.refresh_from_db()
    assert household.merged_into == double
    names = double.members.present().order_by("seq").values_list("name", "relation")
    assert list(names) == [("王建国", "户主"), ("张桂兰", "之母"), ("李秀英", ""), ("王小明", "")]
    assert double.members.get(name="王建国").id_number == id_number(1)
    claimed = identity.holders([digest(id_number(1))])
    assert claimed == {digest(id_number(1)): double.pk}


def test_the_status_of_somebody_who_had_left_before_stays_with_the_old_file(
    desk, household, double
):
    gone = MemberFactory(
        household=double, name="王老汉", relation="之父", left_on=DAY, leave_reason="deceased",
        id_number=id_number(17),
    )  # fmt: skip
    status = DesignationFactory(household=double, member=gone)

    merge(desk, household, double, stays=household)

    status.refresh_from_db()
    assert (status.household, status.member) == (double, gone)


def test_the_page_tells_before_merging_who_is_one_person(desk, household, double):
    page = desk.get(page_of("merge", household, other=double.code))

    assert [(a.name, b.name) for a, b in page.context["same_persons"]] == [("王建国", "王建国")]


@pytest.mark.parametrize(
    ("code", "error"),
    [("B-HIL-000777", "unknown"), ("nothing", "unknown"), ("B-RIV-000001", "same_file")],
    ids=["a stranger's file", "no file", "the file itself"],
)
def test_only_another_file_of_ones_own_can_be_merged(desk, household, hillside, code, error):
    HouseholdFactory(unit=hillside, code="B-HIL-000777")

    response = desk.get(page_of("merge", household, other=code))

    assert errors_of(response) == {"other": [error]}


def test_a_merged_file_is_not_reopened(desk, household, double):
    merge(desk, household, double, stays=household)

    response = send(desk, page_of("reopen", double), reason="弄错了")

    assert errors_of(response) == {"__all__": ["merged"]}
    assert household.code in response.content.decode()


# ---- splitting


def split(desk, household, *names, **typed):
    members = [str(household.members.get(name=name).pk) for name in names]
    given = {
        "members": members,
        "head": members[0] if members else "",
        "on": "2013-06-01",
        "reason": "成家另过",
    }
    return send(desk, page_of("split", household), **given | typed)


def test_a_son_gets_a_file_of_his_own(desk, household, programme):
    son = household.members.get(name="王小明")
    DesignationFactory(household=household, member=son)

    response = split(desk, household, "王小明", programmes=str(programme.pk))

    new = Household.objects.get(split_from=household)
    assert response.url == new.get_absolute_url()
    assert (new.code, new.unit, new.head_name) == ("B-RIV-000002", household.unit, "王小明")
    son.refresh_from_db()
    assert (son.left_on, son.leave_reason) == (DAY, Member.LeaveReason.SPLIT_OFF)
    own = new.members.get()
    assert (own.relation, own.id_number, own.joined_on) == ("户主", son.id_number, DAY)
    assert identity.holders([son.id_digest]) == {son.id_digest: new.pk}
    enrolment = new.enrolments.get()
    assert (enrolment.status, enrolment.identified_on, enrolment.category) == (
        "identified",
        DAY,
        "poor",
    )
    assert new.designations.get().member == own
    assert deeds_on(household) == ["split"]
    assert deeds_on(new) == ["split_off"]


def test_if_the_head_leaves_somebody_leads_the_old_family(desk, household):
    spouse = household.members.get(name="李秀英")

    nobody = split(desk, household, "王建国")
    assert errors_of(nobody) == {"__all__": ["no_heir"]}
    split(desk, household, "王建国", heir=str(spouse.pk))

    household.refresh_from_db()
    assert household.head_name == "李秀英"
    assert household.members.present().get(relation="户主") == spouse


@pytest.mark.parametrize(
    ("names", "typed", "errors"),
    [
        ([], {"head": ""}, {"members": ["required"], "head": ["required"]}),
        (["王建国", "李秀英", "王小明"], {}, {"__all__": ["nobody_stays"]}),
    ],
    ids=["nobody leaves", "nobody stays"],
)
def test_a_split_needs_somebody_on_either_side(desk, household, names, typed, errors):
    assert errors_of(split(desk, household, *names, **typed)) == errors


def test_a_principal_who_leaves_is_followed_by_the_head_of_those_who_stay(desk, household):
    enrolment = household.enrolments.get()
    enrolment.principal = household.members.get(name="王小明")
    enrolment.save()

    split(desk, household, "王小明")

    enrolment.refresh_from_db()
    assert enrolment.principal == household.members.get(name="王建国")


def test_the_new_head_must_be_among_those_who_leave(desk, household):
    stays = household.members.get(name="李秀英")

    response = split(desk, household, "王小明", head=str(stays.pk))

    assert errors_of(response) == {"__all__": ["no_head"]}
    assert Household.objects.count() == 1


def test_a_member_of_another_file_cannot_be_split_off(desk, household, hillside):
    stranger = MemberFactory(household=HouseholdFactory(unit=hillside), name="赵大海")

    response = send(
        desk, page_of("split", household),
        members=[str(stranger.pk)], head=str(stranger.pk), on="2013-06-01", reason="试",
    )  # fmt: skip

    assert errors_of(response) == {"members": ["invalid_choice"], "head": ["invalid_choice"]}
    assert "赵大海" not in response.content.decode()
