"""The home page: what waits for me today, by role; the same number of queries however much waits."""

import datetime
import re

import pytest
from axes.models import AccessAttempt
from django.urls import reverse
from django.utils import timezone

from households.models import RosterImport
from povertyaid.audit.models import record
from povertyaid.web.home import cards_of
from tests.factories import (
    EnrolmentFactory,
    EntryFactory,
    HouseholdFactory,
    OrgUnitFactory,
    ProgrammeFactory,
    ReferenceValueFactory,
    StaffFactory,
    StatusReviewFactory,
    TargetFactory,
    ThresholdFactory,
)

HOME = reverse("home")


def text(response):
    return " ".join(response.content.decode().replace("\N{NO-BREAK SPACE}", "").split())


def card(client, name):
    return text(client.get(reverse("home-card", args=[name]), headers={"HX-Request": "true"}))


def review(unit, programme, clerk, **facts):
    household = HouseholdFactory(unit=unit, head_name="骆长和")
    enrolment = EnrolmentFactory(household=household, programme=programme)
    return StatusReviewFactory(enrolment=enrolment, proposed_by=clerk, **facts)


@pytest.mark.parametrize(
    "who", ["clerk", "approver", "supervisor", "helper", "administrator", "auditor"]
)
def test_every_role_has_a_home_with_something_on_it(client, request, who):
    client.force_login(request.getfixturevalue(who))

    page = text(client.get(HOME))

    assert "今日待办" in page
    assert 'class="panel' in page or "今天没有待办事项" in page


@pytest.mark.parametrize(
    ("who", "queries"),
    [("clerk", 9), ("approver", 7), ("supervisor", 6), ("helper", 6), ("auditor", 7)],
)
@pytest.mark.parametrize("n", [1, 3])
def test_home_costs_the_same_however_much_waits(
    client, request, riverside, programme, clerk, approver, who, queries, n,
    django_assert_num_queries,
):  # fmt: skip
    for _each in range(n):
        waiting = review(riverside, programme, clerk)
        review(
            riverside, programme, clerk, decision="rejected", decided_by=approver,
            decided_at=timezone.now(), decision_note="收入缺证明",
        )  # fmt: skip
        record(waiting.enrolment.household, "changed", by=clerk)
        record(waiting.enrolment.household, "revealed", by=clerk, reason="核对", field="phone")
        EntryFactory(by=None, deed="sign_in_failed", target_code=f"x{_each}", unit_path="/B/")
        TargetFactory(programme=programme)
    client.force_login(request.getfixturevalue(who))

    with django_assert_num_queries(queries):
        client.get(HOME)


@pytest.mark.parametrize("n", [1, 3])
def test_home_of_an_administrator_costs_the_same(
    client, administrator, bureau, n, django_assert_num_queries
):
    for i in range(n):
        unit = OrgUnitFactory(parent=bureau)
        programme = ProgrammeFactory(lead_unit=unit)
        ThresholdFactory(programme=programme, basis="share", series="gdp")
        ReferenceValueFactory(unit=unit, series="gdp", year=2011)
        StaffFactory(unit=unit, username=f"locked{i}")
        AccessAttempt.objects.create(
            username=f"locked{i}", ip_address="10.0.0.8", failures_since_start=5,
            attempt_time=timezone.now(),
        )  # fmt: skip
    client.force_login(administrator)

    with django_assert_num_queries(15):
        client.get(HOME)


# ---- clerk


def test_a_rejected_proposal_comes_back_with_its_reason(
    client, riverside, programme, clerk, approver
):
    sent_back = review(
        riverside, programme, clerk, decision="rejected", decided_by=approver,
        decided_at=timezone.now(), decision_note="收入缺证明",
    )  # fmt: skip
    client.force_login(clerk)
    assert "收入缺证明" in text(client.get(HOME))

    StatusReviewFactory(enrolment=sent_back.enrolment, proposed_by=clerk)
    assert "收入缺证明" not in text(client.get(HOME))


def test_what_files_lack_is_counted_and_leads_to_the_files(client, clerk, riverside, hillside):
    HouseholdFactory(unit=riverside)
    HouseholdFactory(unit=riverside, address="一委三组")
    HouseholdFactory(unit=hillside)
    client.force_login(clerk)

    told = card(client, "gaps")

    assert "missing=address" in told
    assert "住址 1户" in told
    assert "银行账号 2户" in told


def test_the_card_counts_what_the_list_shows(client, clerk, riverside, programme):
    lacking = HouseholdFactory(unit=riverside)
    EnrolmentFactory(household=lacking, programme=programme, causes=[])
    client.force_login(clerk)
    response = client.get(reverse("home-card", args=["gaps"]), headers={"HX-Request": "true"})

    for line in response.context["card"]["lacking"]:
        listed = client.get(line["url"])
        assert listed.context["page_obj"].paginator.count == line["n"], line["label"]


def test_a_clerk_finds_the_files_worked_on_last(client, clerk, approver, riverside, hillside):
    first, second = HouseholdFactory(unit=riverside), HouseholdFactory(unit=riverside)
    moved_away = HouseholdFactory(unit=hillside)
    for household in (first, moved_away, second, first):
        record(household, "changed", by=clerk)
    record(HouseholdFactory(unit=riverside), "changed", by=approver)
    client.force_login(clerk)

    page = client.get(HOME)

    cards = {one.name: context for one, context in page.context["cards"]}
    assert cards["mine"]["files"] == [first, second]


def test_an_office_without_files_is_told_how_to_begin(client, clerk):
    client.force_login(clerk)

    assert "Excel 花名册" in card(client, "gaps")


def test_more_files_than_can_be_counted_are_looked_for_in_the_list(
    client, clerk, riverside, monkeypatch
):
    monkeypatch.setattr("households.home.COUNTED_AT_MOST", 1)
    HouseholdFactory(unit=riverside)
    HouseholdFactory(unit=riverside)
    client.force_login(clerk)

    assert "请按单位查找有缺项的档案" in card(client, "gaps")


def test_a_roster_that_waits_stands_on_the_home_page(client, clerk, riverside, programme):
    RosterImport.objects.create(
        unit=riverside, programme=programme, file_name="花名册.xlsx", file_digest="d", stored_as="s",
        fingerprint="f", rows_read=3, rows_created=2, rows_refused=1, uploaded_at=timezone.now(),
        uploaded_by=clerk,
    )  # fmt: skip
    client.force_login(clerk)

    page = text(client.get(HOME))

    assert "花名册.xlsx" in page
    assert "未收 1 行" in page


# ---- approver


def test_an_approver_sees_what_others_proposed_oldest_first(
    client, approver, clerk, neighbour, riverside, hillside, programme
):
    late = review(riverside, programme, clerk, proposed_at=timezone.now())
    early = review(
        riverside, programme, clerk, proposed_at=timezone.now() - datetime.timedelta(days=9)
    )
    review(riverside, programme, approver)
    review(hillside, programme, neighbour)
    client.force_login(approver)

    (_card, context), *_others = client.get(HOME).context["cards"]

    assert list(context["reviews"]) == [early, late]
    assert context["n"] == 2


def test_nothing_to_decide_is_said(client, approver):
    client.force_login(approver)

    assert "没有等待您审定的事项" in text(client.get(HOME))


# ---- supervisor


def test_a_supervisor_sees_the_units_below_one_by_one(
    client, supervisor, riverside, hillside, programme
):
    zone = OrgUnitFactory(parent=riverside)
    for unit, exited in ((riverside, "2013-11-01"), (zone, None), (hillside, None)):
        EnrolmentFactory(
            household=HouseholdFactory(unit=unit), programme=programme,
            status="exited" if exited else "helping", exited_on=exited,
            exit_label="脱困" if exited else None,
        )  # fmt: skip
    client.force_login(supervisor)

    response = client.get(reverse("home-card", args=["by-unit"]))

    lines = {line["name"]: line for line in response.context["card"]["lines"]}
    assert {
        name: (line["enrolled"], line["exited"], line["rate"]) for name, line in lines.items()
    } == {
        "临江农场": (2, 1, "50.00"),
        "靠山农场": (1, 0, "0.00"),
    }


def test_two_cards_say_one_thing_in_one_word(client, supervisor, riverside, programme):
    EnrolmentFactory(household=HouseholdFactory(unit=riverside), programme=programme)
    client.force_login(supervisor)

    heads = [
        set(re.findall(r'<th scope="col"[^>]*>([^<]*)', client.get(address).content.decode()))
        for address in (
            reverse("home-card", args=["by-unit"]),
            reverse("home-card", args=["progress"]),
        )
    ]

    assert heads[0] - {"单位"} == heads[1] - {"工程", "返贫"} == {"建档", "已退出", "退出率"}


def test_files_of_the_own_unit_stand_first(client, supervisor, bureau, riverside, programme):
    for unit in (riverside, bureau):
        EnrolmentFactory(household=HouseholdFactory(unit=unit), programme=programme)
    client.force_login(supervisor)

    lines = client.get(reverse("home-card", args=["by-unit"])).context["card"]["lines"]

    assert [line["name"] for line in lines] == ["哈东管理局", "临江农场"]


def test_the_chosen_programme_is_the_one_that_is_shown(
    client, supervisor, bureau, riverside, programme
):
    later = ProgrammeFactory(lead_unit=bureau, starts_on=datetime.date(2020, 1, 1))
    for one in (programme, later):
        EnrolmentFactory(household=HouseholdFactory(unit=riverside), programme=one)
    client.force_login(supervisor)

    def shown():
        return client.get(reverse("home-card", args=["by-unit"])).context["card"]["programme"]

    assert shown() == later
    client.post(reverse("place"), {"programme": programme.code, "next": "/"})
    assert shown() == programme


def test_a_target_that_is_overdue_stands_out(client, supervisor, programme):
    TargetFactory(programme=programme, title="五年任务三年完成")
    TargetFactory(programme=programme, title="已完成", achieved_on=datetime.date(2013, 1, 1))
    client.force_login(supervisor)

    page = text(client.get(HOME))

    assert "五年任务三年完成" in page
    assert "已于 2013-12-31 到期" in page
    assert "已完成" not in page


# ---- helper, administrator, auditor


def test_a_helper_is_told_that_no_household_is_paired_yet(client, helper):
    client.force_login(helper)

    assert "还没有与您结对的家庭" in text(client.get(HOME))


def test_an_administrator_is_told_who_is_missing(client, administrator, riverside, hillside, clerk):
    OrgUnitFactory(parent=riverside, name="第一管理区")
    OrgUnitFactory(parent=hillside, name="第二管理区")
    client.force_login(administrator)

    cards = {one.name: context for one, context in client.get(HOME).context["cards"]}

    assert [unit["name"] for unit in cards["no-clerk"]["units"]] == ["靠山农场", "第二管理区"]


def test_an_administrator_is_told_which_lines_cannot_be_checked(client, administrator, bureau):
    programme = ProgrammeFactory(lead_unit=bureau, as_of=datetime.date(2012, 12, 31))
    ThresholdFactory(programme=programme, basis="share", series="per_capita_income")
    ReferenceValueFactory(unit=bureau, year=2011)
    client.force_login(administrator)

    assert "缺 2012 年" in text(client.get(HOME))


def test_an_administrator_is_told_who_is_locked_out(client, administrator, clerk, riverside):
    AccessAttempt.objects.create(
        username="clerk", ip_address="10.0.0.8", failures_since_start=5, attempt_time=timezone.now()
    )
    client.force_login(administrator)
    assert clerk.get_absolute_url() in text(client.get(HOME))

    AccessAttempt.objects.update(attempt_time=timezone.now() - datetime.timedelta(minutes=16))
    assert clerk.get_absolute_url() not in text(client.get(HOME))


def test_an_auditor_sees_the_last_looks(client, auditor, supervisor, riverside):
    household = HouseholdFactory(unit=riverside, code="B-RIV-000001")
    record(household, "revealed", by=supervisor, reason="督查核对", field="phone")
    client.force_login(auditor)

    page = text(client.get(HOME))

    assert "督查核对" in page
    assert "B-RIV-000001" in page


# ---- cards that come later


def test_a_card_of_another_role_does_not_exist(client, clerk):
    client.force_login(clerk)

    assert client.get(reverse("home-card", args=["by-unit"])).status_code == 404
    assert client.get(reverse("home-card", args=["nothing"])).status_code == 404


def test_a_later_card_is_a_page_of_its_own_without_javascript(client, clerk):
    client.force_login(clerk)

    assert "<html" in text(client.get(reverse("home-card", args=["gaps"])))


@pytest.mark.parametrize(
    "who", ["clerk", "approver", "supervisor", "helper", "administrator", "auditor"]
)
def test_every_card_can_be_shown_when_there_is_nothing(client, request, who):
    client.force_login(request.getfixturevalue(who))

    for one in cards_of(who):
        assert client.get(reverse("home-card", args=[one.name])).status_code == 200
