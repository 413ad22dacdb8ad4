"""The file of one household on one page."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from households.models import Household, kept
from households.views.dossier import without_numbers
from tests.factories import (
    DesignationFactory,
    EnrolmentFactory,
    HouseholdFactory,
    IncomeSnapshotFactory,
    MemberFactory,
    ProgrammeFactory,
    StatusReviewFactory,
    ThresholdFactory,
    id_number,
)

NUMBER = id_number(5, born="19620304")


@pytest.fixture
def household(riverside, programme, clerk, approver):
    """张三's file with everything a file can have."""
    household = HouseholdFactory(
        unit=riverside,
        code="B-RIV-000001",
        head_name="张三",
        address="一委三组",
        phone="13912345678",
        bank_account="6228480000000001234",
        bank_name="邮储银行",
        stated_size=4,
    )
    head = MemberFactory(
        household=household,
        name="张三",
        id_number=NUMBER,
        birth_date=datetime.date(1962, 3, 4),
        phone="13700000002",
    )
    MemberFactory(
        household=household,
        name="李梅",
        relation="配偶",
        sex="女",
        seq=2,
        birth_date=datetime.date(1964, 1, 1),
        birth_precision="year",
        id_number="",
    )
    MemberFactory(
        household=household,
        name="张小红",
        relation="之女",
        sex="女",
        seq=3,
        left_on=datetime.date(2012, 5, 1),
        leave_reason="married_out",
    )
    ThresholdFactory(programme=programme, category="poor", value=Decimal(6000))
    enrolment = EnrolmentFactory(
        household=household,
        programme=programme,
        principal=head,
        identified_precision="month",
        kept={
            "household": {"helper_name": "刘建军"},
            "columns": kept.seal({str(head.pk): {"领取情况": "一卡通6228480000000001234"}}),
        },
    )
    before = IncomeSnapshotFactory(enrolment=enrolment, persons=2, wages=Decimal(7000))
    StatusReviewFactory(
        enrolment=enrolment,
        kind="identify",
        snapshot=before,
        proposed_by=clerk,
        decision="approved",
        decided_by=approver,
        decided_at=timezone.now(),
        decision_note="情况属实",
    )
    DesignationFactory(household=household, member=head, number="239901196203040011")
    return household


def page_of(client, staff, household):
    client.force_login(staff)
    return client.get(household.get_absolute_url()).content.decode()


def test_the_page_says_everything_the_file_holds(client, clerk, household):
    page = page_of(client, clerk, household)

    for text in (
        "张三", "B-RIV-000001", "临江农场", "困难户", "帮扶中", "一委三组", "邮储银行", "李梅", "配偶",
        "职工共同富裕行动", "大病", "2011-03", "3,500.00", "6,000.00", "录入员小林", "审核员老郑",
        "情况属实", "低保", "帮扶人", "刘建军",
    ):  # fmt: skip
        assert text in page


def test_personal_numbers_have_their_middle_hidden(client, clerk, household):
    page = page_of(client, clerk, household)

    for shown in (f"{NUMBER[:4]}**********{NUMBER[-4:]}", "139****5678", "137****0002"):
        assert shown in page
    for hidden in (
        NUMBER,
        "13912345678",
        "13700000002",
        "6228480000000001234",
        "239901196203040011",
    ):
        assert hidden not in page


@pytest.mark.parametrize(
    "text",
    [
        "239901197001010011", "23990119700101001x", "239901 19700101 0011", "239901-19700101-0011",
        "２３９９０１１９７００１０１００１１", "13900000001", "139 0000 0001", "139-0000-0001",
        "6228 4800 0000 0001 234", "6228480000000001234",
    ],
)  # fmt: skip
def test_a_roster_column_gives_no_number_away_however_written(text):
    shown = without_numbers(f"一卡通{text}，见村账")

    assert shown.startswith("一卡通*")
    assert shown.endswith("，见村账")
    assert sum(character.isdigit() for character in shown) <= 4


@pytest.mark.parametrize(
    "text", ["菌棚2座", "2011-03-01 至 2013-12-31", "2012年3月", "8,521.75", "0451-5551234"]
)
def test_a_roster_column_is_otherwise_shown_as_written(text):
    assert without_numbers(text) == text


def test_who_may_is_led_to_the_number_with_a_reason_and_nobody_else(
    client, clerk, auditor, household
):
    head = household.members.get(seq=1)
    way = reverse("households:reveal-member", args=[head.pk, "id_number"])

    assert way in page_of(client, clerk, household)
    assert way not in page_of(client, auditor, household)


def test_ages_are_those_of_today_and_a_year_alone_stays_a_year(
    client, clerk, household, time_machine
):
    time_machine.move_to("2013-03-03T04:00:00Z")
    client.force_login(clerk)

    members = client.get(household.get_absolute_url()).context["members"]

    assert [(m.name, m.age, m.born) for m in members] == [
        ("张三", 50, "1962-03-04"),
        ("李梅", 49, "1964"),
    ]


def test_who_left_stands_apart(client, clerk, household):
    client.force_login(clerk)

    context = client.get(household.get_absolute_url()).context

    assert [m.name for m in context["members"]] == ["张三", "李梅"]
    assert [m.name for m in context["former_members"]] == ["张小红"]


def test_marks_say_what_is_there_and_lead_to_what_mends_the_rest(client, clerk, household):
    client.force_login(clerk)

    marks = client.get(household.get_absolute_url()).context["marks"]

    edit = reverse("households:edit", args=[household.pk])
    assert [str(mark.label) for mark in marks if not mark.is_missing] == [
        "帮扶工程",
        "家庭成员",
        "致困原因",
    ]
    assert {str(mark.label): mark.mend for mark in marks if mark.is_missing} == {
        "与报称人口一致的成员": f"{edit}#members",
        "证件号码": f"{edit}#members",
        "帮扶需求": f"{edit}?programme=P1#enrolment",
        "思想状况": f"{edit}?programme=P1#enrolment",
        "帮扶目标": f"{edit}?programme=P1#enrolment",
    }


def test_a_missing_income_is_mended_where_incomes_are_entered(client, clerk, household):
    enrolment = household.enrolments.get()
    enrolment.reviews.all().delete()
    enrolment.incomes.all().delete()
    client.force_login(clerk)

    marks = client.get(household.get_absolute_url()).context["marks"]

    assert reverse("households:income-add", args=[enrolment.pk]) in [m.mend for m in marks]


def test_the_chart_has_the_line_of_the_category(client, clerk, household):
    client.force_login(clerk)

    (enrolment,) = client.get(household.get_absolute_url()).context["enrolments"]

    assert enrolment.chart.rows == (("2010 帮扶前", ("3,500.00",)),)
    assert [line.text for line in enrolment.chart.lines] == ["标准线 6,000.00"]


def test_a_loss_is_shown_in_the_table_and_not_as_a_bar(client, clerk, household):
    enrolment = household.enrolments.get()
    IncomeSnapshotFactory(
        enrolment=enrolment, stage="yearly", year=2012, wages=100, operating_costs=400, persons=2
    )

    page = page_of(client, clerk, household)

    assert "-150.00" in page


def test_a_household_in_two_programmes_shows_the_newer_first(client, clerk, household, bureau):
    older = ProgrammeFactory(lead_unit=bureau, starts_on=datetime.date(2003, 1, 1))
    EnrolmentFactory(household=household, programme=older)
    client.force_login(clerk)

    enrolments = client.get(household.get_absolute_url()).context["enrolments"]

    assert [one.programme.code for one in enrolments] == ["P1", older.code]


def closed(household, **facts):
    facts = {"closed_on": datetime.date(2013, 6, 1), "close_reason": "moved_away", **facts}
    Household.objects.filter(pk=household.pk).update(status="closed", **facts)


def test_a_closed_file_says_so_and_offers_no_change(client, clerk, household):
    closed(household)

    page = page_of(client, clerk, household)

    assert "本档案已于 2013-06-01 关闭，原因：迁出" in page
    assert reverse("households:edit", args=[household.pk]) not in page
    assert reverse("households:reopen", args=[household.pk]) in page


def test_a_merged_file_leads_to_the_one_it_went_into(client, clerk, household, riverside):
    stays = HouseholdFactory(unit=riverside, code="B-RIV-000002")
    closed(household, close_reason="merged", merged_into=stays)

    assert stays.get_absolute_url() in page_of(client, clerk, household)
    assert household.get_absolute_url() in page_of(client, clerk, stays)


def test_a_file_that_went_to_a_neighbour_does_not_name_the_neighbours_file(
    client, clerk, household, hillside
):
    stays = HouseholdFactory(unit=hillside, code="B-HIL-000777", head_name="外场人")
    closed(household, close_reason="merged", merged_into=stays)

    page = page_of(client, clerk, household)

    assert "已并入其他单位的档案" in page
    assert "B-HIL-000777" not in page
    assert "外场人" not in page


def test_split_files_name_one_another(client, clerk, household, riverside):
    young = HouseholdFactory(unit=riverside, code="B-RIV-000003", split_from=household)

    assert young.get_absolute_url() in page_of(client, clerk, household)
    assert household.get_absolute_url() in page_of(client, clerk, young)


@pytest.mark.parametrize(
    ("role", "offered"),
    [("clerk", True), ("approver", False), ("supervisor", False), ("auditor", False)],
)
def test_only_who_keeps_files_is_offered_to_change_them(client, request, household, role, offered):
    page = page_of(client, request.getfixturevalue(role), household)

    assert (reverse("households:edit", args=[household.pk]) in page) is offered
    assert (reverse("households:close", args=[household.pk]) in page) is offered


def test_a_waiting_review_leads_its_reader_to_the_decision(client, approver, auditor, household):
    review = StatusReviewFactory(enrolment=household.enrolments.get())
    way = reverse("households:review-decide", args=[review.pk])

    assert way in page_of(client, approver, household)
    assert way not in page_of(client, auditor, household)


def test_a_neighbours_file_does_not_exist(client, neighbour, household):
    client.force_login(neighbour)

    assert client.get(household.get_absolute_url()).status_code == 404


def test_an_empty_file_can_be_read(client, clerk, riverside):
    page = page_of(client, clerk, HouseholdFactory(unit=riverside))

    for gap in ("帮扶工程", "家庭成员", "致困原因", "帮扶需求", "思想状况"):
        assert f"缺：{gap}" in page
    assert "没有登记成员" in page
    assert "尚未列入任何帮扶工程" in page


def test_the_page_costs_as_many_queries_for_one_member_as_for_forty(
    client, clerk, household, django_assert_num_queries
):
    client.force_login(clerk)
    for nth in (4, 40):
        MemberFactory(household=household, seq=nth, relation="之子", name=f"成员{nth}")
        if nth == 40:
            for more in range(5, 40):
                MemberFactory(household=household, seq=more, relation="之子", name=f"成员{more}")
        with django_assert_num_queries(15):
            client.get(household.get_absolute_url())
