"""Incomes and official statuses: computed, not typed; evidence stays as it was."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from households.actions import designations, incomes
from households.actions.refusals import RefusedError
from households.models import Designation, IncomeSnapshot
from povertyaid.audit.models import Entry
from tests.factories import (
    DesignationFactory,
    EnrolmentFactory,
    HouseholdFactory,
    IncomeSnapshotFactory,
    MemberFactory,
    StatusReviewFactory,
    ThresholdFactory,
)
from tests.households.page import confirm, errors_on, fields_of, warnings_on


@pytest.fixture
def enrolment(riverside, programme):
    household = HouseholdFactory(unit=riverside)
    MemberFactory(household=household)
    return EnrolmentFactory(household=household, programme=programme)


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


def add_page(enrolment):
    return reverse("households:income-add", args=[enrolment.pk])


def change_page(income):
    return reverse("households:income-change", args=[income.pk])


def send(desk, page, **typed):
    return desk.post(page, fields_of(desk.get(page)) | typed)


def test_the_income_per_person_is_computed_from_the_parts(desk, enrolment):
    response = send(
        desk, add_page(enrolment),
        stage="before", year="2010", persons="3", wages="1.5万", transfers="3,000元",
        operating_costs="1500",
    )  # fmt: skip

    income = enrolment.incomes.get()
    assert response.url == enrolment.household.get_absolute_url()
    assert (income.gross_income, income.net_income, income.per_capita) == (18000, 16500, 5500)
    entry = Entry.objects.get(deed="income_added")
    assert (entry.detail["stage"], entry.detail["year"]) == ("before", 2010)
    enrolment.household.refresh_from_db()
    assert enrolment.household.version == 2


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"wages": "-1"}, {("form", "wages"): ["min_value"]}),
        ({"persons": "0"}, {("form", "persons"): ["no_persons"]}),
        ({"persons": ""}, {("form", "persons"): ["required"]}),
        ({"wages": "很多"}, {("form", "wages"): ["unreadable"]}),
        ({"wages": ""}, {("form", "wages"): ["nothing"]}),
        ({"stated_net": "5000"}, {("form", "stated_net"): ["both"]}),
        ({"year": "2100"}, {("form", "year"): ["year"]}),
        ({"stage": "sometime"}, {("form", "stage"): ["invalid_choice"]}),
    ],
    ids=[
        "minus one", "of nobody", "persons missing", "not an amount", "no amount",
        "parts and a stated sum", "a year to come", "a stage nobody knows",
    ],
)  # fmt: skip
def test_an_income_that_cannot_be_is_refused(desk, enrolment, typed, errors):
    given = {"stage": "before", "year": "2010", "persons": "3", "wages": "9000"} | typed

    response = send(desk, add_page(enrolment), **given)

    assert errors_on(response) == errors
    assert IncomeSnapshot.objects.count() == 0


def test_a_stage_and_year_has_one_income(desk, enrolment):
    IncomeSnapshotFactory(enrolment=enrolment, stage="before", year=2010)

    response = send(
        desk, add_page(enrolment), stage="before", year="2010", persons="3", wages="9000"
    )

    assert "这一阶段和年度已有收入记录" in response.content.decode()
    assert enrolment.incomes.count() == 1


def test_an_amount_in_the_wrong_unit_is_asked_about(desk, enrolment):
    ThresholdFactory(programme=enrolment.programme, category="poor", value=6000)
    page = add_page(enrolment)
    data = fields_of(desk.get(page)) | {
        "stage": "before", "year": "2010", "persons": "1", "wages": "15000万",
    }  # fmt: skip

    asked = desk.post(page, data)

    assert warnings_on(asked) == ["far_out"]
    desk.post(page, confirm(data, asked))
    assert Entry.objects.get(deed="income_added").detail["confirmed"] == ["far_out"]


def test_an_income_is_changed_and_the_old_one_stays_in_the_history(desk, enrolment, clerk):
    income = IncomeSnapshotFactory(enrolment=enrolment, wages=9000)

    send(desk, change_page(income), wages="12,000")

    income.refresh_from_db()
    assert income.per_capita == 4000
    before, after = income.events.order_by("pgh_id").values_list("wages", "acted_by")
    assert (before[0], after) == (Decimal(9000), (Decimal(12000), clerk.pk))


def test_an_income_that_an_approved_review_rests_on_stays_as_it_was(
    desk, enrolment, clerk, approver
):
    income = IncomeSnapshotFactory(enrolment=enrolment, stage="exit", year=2013)
    StatusReviewFactory(
        enrolment=enrolment, snapshot=income, proposed_by=clerk, decision="approved",
        decided_by=approver, decided_at=datetime.datetime(2013, 11, 5, tzinfo=datetime.UTC),
    )  # fmt: skip

    response = send(desk, change_page(income), wages="99,999")

    assert errors_on(response) == {("form", "__all__"): ["evidence"]}
    assert "请作为另一阶段或另一年度的收入录入" in response.content.decode()
    income.refresh_from_db()
    assert income.wages == 9000


def test_incomes_are_entered_by_who_keeps_the_file(client, enrolment, approver, neighbour):
    income = IncomeSnapshotFactory(enrolment=enrolment)
    answers = []
    for staff in (approver, neighbour):
        client.force_login(staff)
        answers += [
            client.post(add_page(enrolment)).status_code,
            client.post(change_page(income)).status_code,
        ]

    assert answers == [403, 403, 404, 404]


def test_changing_nothing_leaves_no_trace(enrolment, clerk):
    income = IncomeSnapshotFactory(enrolment=enrolment)

    incomes.change(income, by=clerk, wages=income.wages)

    assert Entry.objects.filter(deed="income_changed").count() == 0


# ---- official statuses


def test_a_status_is_given_to_a_member_from_a_day(desk, enrolment):
    member = enrolment.household.members.get()
    page = reverse("households:designation-add", args=[enrolment.household_id])

    send(desk, page, kind="disabled", member=str(member.pk), valid_from="2012.3.1", number="残2012")

    status = Designation.objects.get()
    assert (status.member, status.kind, status.valid_from) == (
        member,
        "disabled",
        datetime.date(2012, 3, 1),
    )
    assert Entry.objects.get(deed="status_added").detail == {"kind": "disabled"}


def test_a_status_of_a_strangers_member_is_refused(desk, enrolment, hillside):
    stranger = MemberFactory(household=HouseholdFactory(unit=hillside), name="赵大海")
    page = reverse("households:designation-add", args=[enrolment.household_id])

    response = send(desk, page, kind="disabled", member=str(stranger.pk), valid_from="2012-03-01")

    assert errors_on(response) == {("form", "member"): ["invalid_choice"]}


def test_a_status_cannot_end_before_it_starts(desk, enrolment):
    page = reverse("households:designation-add", args=[enrolment.household_id])

    response = send(desk, page, kind="dibao", valid_from="2012-03-01", valid_to="2011-01-01")

    assert errors_on(response) == {("form", "valid_to"): ["order"]}


def test_a_status_is_ended_once(desk, enrolment, clerk):
    status = DesignationFactory(household=enrolment.household)

    send(
        desk,
        reverse("households:designation-end", args=[status.pk]),
        on="2013-01-31",
        reason="低保取消",
    )

    status.refresh_from_db()
    assert status.valid_to == datetime.date(2013, 1, 31)
    assert Entry.objects.get(deed="status_ended").reason == "低保取消"
    for day, code in [("2013-02-01", "ended"), ("2011-01-01", "before_start")]:
        with pytest.raises(RefusedError) as refusal:
            designations.end(status, on=datetime.date.fromisoformat(day), by=clerk)
        assert refusal.value.code == code
