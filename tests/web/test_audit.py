"""The trail: who did what, who looked at whom, and what became of one row."""

import datetime
import io

import openpyxl
import pytest
from django.db import transaction
from django.urls import reverse

from households.actions import files, reveal
from households.models import Household, Member
from povertyaid.audit.history import acting
from povertyaid.audit.models import Entry, record
from povertyaid.org import actions
from tests.factories import (
    EnrolmentFactory,
    EntryFactory,
    HouseholdFactory,
    IncomeSnapshotFactory,
    MemberFactory,
    OrgUnitFactory,
    StaffFactory,
    StatusReviewFactory,
)

LIST, EXPORT = reverse("audit-list"), reverse("audit-export")


def text(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def read(client, auditor):
    """The trail as the auditor of the bureau reads it."""
    client.force_login(auditor)
    return client


def history_of(row, kind="household"):
    return reverse("history", args=[kind, row.pk])


@pytest.fixture
def household(riverside):
    household = HouseholdFactory(unit=riverside, code="B-RIV-000001", head_name="骆长和")
    MemberFactory(household=household, name="骆长和", id_number="239901197808160017")
    return household


# ---- the list


@pytest.mark.parametrize("n", [1, 3])
def test_the_trail_costs_the_same_however_long_it_is(
    read, household, clerk, n, django_assert_num_queries
):
    for _deed in range(n):
        record(household, "changed", by=clerk, fields=["address"])

    with django_assert_num_queries(7):
        response = read.get(LIST)

    assert len(response.context["object_list"]) == n


def test_an_entry_says_who_did_what_to_which_record(read, household, clerk):
    record(household, "changed", by=clerk, reason="核对门牌", fields=["address"])

    page = text(read.get(LIST))

    assert "录入员小林" in page
    assert "B-RIV-000001" in page
    assert "原因：核对门牌" in page


def found(client, **asked):
    return [entry.deed for entry in client.get(LIST, asked).context["object_list"]]


def test_the_trail_is_cut_by_person_deed_day_and_record(read, household, clerk, approver):
    record(household, "changed", by=clerk)
    record(household, "review_approved", by=approver)
    old = EntryFactory(
        by=clerk, deed="opened", target_code="B-RIV-9",
        at=datetime.datetime(2013, 12, 10, 15, 59, tzinfo=datetime.UTC),
    )  # fmt: skip

    assert found(read, person="小林") == ["changed", "opened"]
    assert found(read, person="appr") == ["review_approved"]
    assert found(read, deed="review_approved") == ["review_approved"]
    assert found(read, until="2013.12.10") == [old.deed]
    assert found(read, until="2013-12-09") == []
    assert found(read, since="20131211") == ["review_approved", "changed"]
    assert found(read, code="b-riv-0") == ["review_approved", "changed"]


@pytest.mark.parametrize(
    "asked", [{"since": "2013-02-30"}, {"deed": "forged"}], ids=["day", "deed"]
)
def test_a_condition_that_cannot_be_read_shows_nothing(read, household, clerk, asked):
    record(household, "changed", by=clerk)

    response = read.get(LIST, asked)

    assert not response.context["object_list"]
    assert "需要更正" in text(response) or "更正" in text(response)


def test_looks_and_exports_are_found_together(read, household, clerk):
    record(household, "revealed", by=clerk, reason="核对", field="phone")
    record(household, "exported", by=clerk)
    record(household, "changed", by=clerk)

    assert found(read, deed="looks") == ["exported", "revealed"]


def test_the_auditor_sees_who_looked_whoever_it_was(read, household, supervisor, administrator):
    record(household, "revealed", by=supervisor, reason="督查", field="id_number")
    record(household, "revealed", by=administrator, reason="核对", field="id_number")

    assert found(read, deed="revealed") == ["revealed", "revealed"]


def test_an_auditor_of_one_farm_reads_that_farm_alone(
    client, riverside, hillside, clerk, neighbour
):
    ours = record(HouseholdFactory(unit=riverside), "changed", by=clerk)
    theirs = record(HouseholdFactory(unit=hillside, code="B-HIL-1"), "changed", by=neighbour)
    client.force_login(StaffFactory(role="auditor", unit=riverside))

    page = client.get(LIST)

    assert list(page.context["object_list"]) == [ours]
    assert "B-HIL-1" not in text(page)
    assert client.get(reverse("audit-row", args=[theirs.pk])).status_code == 404


def test_what_concerns_no_unit_is_read_at_the_root(client, auditor, riverside):
    EntryFactory(by=None, deed="sign_in_failed", target_kind="org.staff", unit_path="/")
    client.force_login(auditor)
    assert found(client) == ["sign_in_failed"]

    client.force_login(StaffFactory(role="auditor", unit=riverside))
    assert found(client) == []


@pytest.mark.parametrize("who", ["clerk", "helper"])
def test_not_everybody_reads_the_trail(client, request, who):
    client.force_login(request.getfixturevalue(who))

    assert client.get(LIST).status_code == 403
    assert client.post(EXPORT).status_code == 403


def test_an_entry_leads_to_the_history_of_its_record(read, household, clerk):
    entry = record(household.members.get(), "revealed", by=clerk, field="id_number")

    assert entry.target_code == "B-RIV-000001"
    assert read.get(reverse("audit-row", args=[entry.pk])).url == history_of(household)


def test_an_entry_about_nothing_that_has_a_page_leads_nowhere(read, bureau):
    failed = EntryFactory(
        by=None, deed="sign_in_failed", target_kind="org.staff", target_id=None, unit_path="/"
    )
    odd = EntryFactory(
        by=None, deed="changed", target_kind="sessions.session", unit_path=bureau.path
    )

    for entry in (failed, odd):
        assert read.get(reverse("audit-row", args=[entry.pk])).status_code == 404


def test_days_the_wrong_way_round_are_refused(read, household, clerk):
    record(household, "changed", by=clerk)

    response = read.get(LIST, {"since": "2014-01-02", "until": "2014-01-01"})

    assert "结束日期不能早于开始日期" in text(response)


def test_an_export_too_large_for_a_workbook_is_refused(read, household, clerk, monkeypatch):
    monkeypatch.setattr("povertyaid.web.pages.audit.EXPORT_AT_MOST", 1)
    for _deed in range(2):
        record(household, "changed", by=clerk)

    page = read.post(EXPORT, {"query": ""}, follow=True)

    assert "请缩短时间范围后再导出" in text(page)


def test_an_empty_trail_says_so(read):
    assert "您的单位范围内还没有操作记录" in text(read.get(LIST))


# ---- export


def test_the_export_holds_what_the_screen_shows(read, auditor, household, clerk, approver):
    record(household, "changed", by=clerk, reason="=1+1")
    record(household, "review_approved", by=approver)

    response = read.post(EXPORT, {"query": "person=clerk"})

    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "操作记录"
    told = [row for row in rows if row[1] == "录入员小林"]
    assert len(told) == 1
    assert told[0][3:6] == ["修改", "B-RIV-000001", "=1+1"]
    assert not any(row[1] == "审核员老郑" for row in rows)
    taken = Entry.objects.get(deed="exported")
    assert (taken.by, taken.detail["rows"], taken.detail["filters"]) == (auditor, 1, ["person"])


def test_there_is_nothing_to_export_says_so(read):
    response = read.post(EXPORT, {"query": ""}, follow=True)

    assert "没有可以导出的内容" in text(response)
    assert not Entry.objects.exists()


# ---- the history of one row


def change_address(household, by, address, reason="核对门牌"):
    with transaction.atomic(), acting(by, reason):
        Household.objects.filter(pk=household.pk).update(address=address)
        record(household, "changed", by=by, reason=reason, fields=["address"])


@pytest.mark.django_db(transaction=True)
def test_a_change_is_told_with_who_why_from_what_to_what(client, clerk, household):
    change_address(household, clerk, "一委二组")
    change_address(household, clerk, "一委三组")
    client.force_login(clerk)

    newest = client.get(history_of(household)).context["page_obj"].object_list[0]

    assert (newest.by, newest.reason) == (clerk, "核对门牌")
    assert [entry.deed for entry in newest.entries] == ["changed"]
    (change,) = newest.changes
    assert [(one.name, one.old, one.new) for one in change.fields] == [
        ("住址", "一委二组", "一委三组")
    ]


def test_personal_numbers_are_told_as_changed_only(client, clerk, household):
    member = household.members.get()
    with transaction.atomic(), acting(clerk, "补录"):
        member.phone, member.id_number = "13904510001", "239901197001010014"
        member.save()
        household.bank_account = "6222020000000000000"
        household.save()
    client.force_login(clerk)

    page = text(client.get(history_of(household)))

    for number in (
        "13904510001",
        "239901197001010014",
        "239901197808160017",
        "6222020000000000000",
    ):
        assert number not in page
        assert number[:6] not in page
    assert "个人信息不在此显示" in page


def test_saving_a_number_unchanged_is_no_change(client, clerk, household):
    """Each saving encrypts anew; what is told is the number, not its cipher."""
    with transaction.atomic(), acting(clerk, "未改"):
        household.members.get().save()
    client.force_login(clerk)

    told = client.get(history_of(household)).context["page_obj"].object_list

    assert not [moment for moment in told if moment.reason == "未改"]


def test_a_file_tells_of_members_enrolments_incomes_and_reviews(
    client, clerk, household, programme
):
    enrolment = EnrolmentFactory(household=household, programme=programme)
    income = IncomeSnapshotFactory(enrolment=enrolment)
    StatusReviewFactory(enrolment=enrolment, proposed_by=clerk, snapshot=income)
    client.force_login(clerk)

    page = text(client.get(history_of(household)))

    for told in ("骆长和", "职工共同富裕行动", "困难户", "9,000.00", "脱贫退出"):
        assert told in page


def test_a_household_opened_at_the_desk_is_one_moment(client, clerk, riverside, programme):
    household = files.open_file(
        Household(unit=riverside, opened_on=datetime.date(2013, 1, 5)),
        members=[Member(name="于占江", relation="户主")],
        by=clerk,
        reason="入户核实",
    )
    client.force_login(clerk)

    (moment,) = client.get(history_of(household)).context["page_obj"].object_list

    assert [entry.deed for entry in moment.entries] == ["opened"]
    assert {change.kind for change in moment.changes} == {"insert"}
    assert moment.by == clerk


def test_a_member_who_came_from_another_family_brings_no_foreign_past(
    client, clerk, household, hillside
):
    elsewhere = HouseholdFactory(unit=hillside, code="B-HIL-000009")
    member = MemberFactory(household=elsewhere, name="骆小雨", relation="之女", note="旧家的事")
    Member.objects.filter(pk=member.pk).update(household=household, note="")
    client.force_login(clerk)

    page = text(client.get(history_of(household)))

    assert "骆小雨" in page
    assert "B-HIL-000009" not in page
    assert "其他单位的记录" in page


def test_looks_are_told_to_readers_of_the_trail_only(client, clerk, auditor, household):
    record(household.members.get(), "revealed", by=clerk, reason="核对证件", field="id_number")

    client.force_login(clerk)
    assert "核对证件" not in text(client.get(history_of(household)))
    client.force_login(auditor)
    assert "核对证件" in text(client.get(history_of(household)))


@pytest.mark.django_db(transaction=True)
def test_a_reveal_stands_in_the_history(client, auditor, clerk, household):
    reveal.reveal(household.members.get(), "id_number", reason="发放慰问金核对", by=clerk)
    client.force_login(auditor)

    page = text(client.get(history_of(household)))

    assert "查看个人信息" in page
    assert "发放慰问金核对" in page
    assert "239901" not in page


def test_a_change_by_hand_has_no_person(client, clerk, household):
    Household.objects.filter(pk=household.pk).update(note="由服务器修正")
    client.force_login(clerk)

    assert "系统命令，无登录人员" in text(client.get(history_of(household)))


def test_a_strangers_row_has_no_history(client, neighbour, household):
    client.force_login(neighbour)

    assert client.get(history_of(household)).status_code == 404
    assert client.get(reverse("history", args=["household", 999_999])).status_code == 404
    assert client.get(reverse("history", args=["session", household.pk])).status_code == 404


def test_a_role_that_reads_no_files_reads_no_history_of_one(client, administrator, household):
    client.force_login(administrator)

    assert client.get(history_of(household)).status_code == 403


@pytest.mark.parametrize("n", [1, 3])
def test_a_history_costs_the_same_however_long_it_is(
    client, clerk, household, programme, n, django_assert_num_queries
):
    EnrolmentFactory(household=household, programme=programme)
    for i in range(n):
        MemberFactory(household=household, relation="之子", name=f"骆{i}")
        change_address(household, clerk, f"{i}组")
    client.force_login(clerk)

    with django_assert_num_queries(19):
        client.get(history_of(household))


def test_staff_and_units_have_a_history(read, administrator, clerk, riverside):
    actions.save_staff(clerk, by=administrator, role="approver")
    actions.move_unit(
        riverside, parent=OrgUnitFactory(parent=riverside.parent, code="B-X"), by=administrator
    )

    staff = text(read.get(history_of(clerk, "staff")))
    assert "<del>录入员</del>" in staff
    assert "<ins>审核员</ins>" in staff
    assert "B-X" in text(read.get(history_of(riverside, "unit")))


def test_a_row_without_a_past_says_so(read, riverside):
    assert "还没有变更记录" in text(read.get(history_of(riverside, "unit")))
