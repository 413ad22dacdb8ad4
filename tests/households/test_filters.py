"""What the list of households can be narrowed to."""

import datetime

import pytest
from django.urls import reverse

from households.models.gaps import GAPS
from tests.factories import (
    EnrolmentFactory,
    HouseholdFactory,
    IncomeSnapshotFactory,
    MemberFactory,
    OrgUnitFactory,
    ProgrammeFactory,
    SchemeItemFactory,
)

LIST = reverse("households:list")
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def listed(client, clerk):
    """The file numbers that the clerk's list shows under some conditions."""
    client.force_login(clerk)

    def ask(**conditions):
        response = client.get(LIST, conditions, headers=FRAGMENT)
        return [row.code for row in response.context["object_list"]]

    return ask


def enrolled(riverside, programme, code, **facts):
    return EnrolmentFactory(
        household=HouseholdFactory(unit=riverside, code=code), programme=programme, **facts
    )


def test_a_unit_means_everything_below_it(listed, riverside):
    zone, other = OrgUnitFactory(parent=riverside), OrgUnitFactory(parent=riverside)
    HouseholdFactory(unit=OrgUnitFactory(parent=zone), code="A-1")
    HouseholdFactory(unit=other, code="A-2")

    assert listed(unit=zone.code) == ["A-1"]


def test_a_neighbours_unit_is_refused_like_one_that_does_not_exist(
    client, clerk, riverside, hillside
):
    HouseholdFactory(unit=riverside)
    HouseholdFactory(unit=hillside)
    client.force_login(clerk)

    known = client.get(LIST, {"unit": hillside.code}, headers=FRAGMENT)
    unknown = client.get(LIST, {"unit": "NOWHERE"}, headers=FRAGMENT)

    assert list(known.context["object_list"]) == list(unknown.context["object_list"]) == []
    assert known.context["filter"].errors == unknown.context["filter"].errors
    assert hillside.name not in known.content.decode()


def test_without_a_programme_asked_all_are_meant(listed, riverside, bureau, programme):
    newer = ProgrammeFactory(lead_unit=bureau, starts_on=datetime.date(2016, 1, 1))
    enrolled(riverside, programme, "A-1")
    enrolled(riverside, newer, "A-2")

    assert listed() == ["A-1", "A-2"]
    assert listed(programme=programme.code) == ["A-1"]


def test_all_programmes_also_show_who_is_in_none(listed, riverside, programme):
    enrolled(riverside, programme, "A-1")
    HouseholdFactory(unit=riverside, code="A-2")

    assert listed(programme="all") == ["A-1", "A-2"]


def test_all_conditions_on_an_enrolment_speak_of_the_same_one(listed, riverside, bureau, programme):
    other = ProgrammeFactory(lead_unit=bureau, starts_on=datetime.date(2005, 1, 1))
    enrolment = enrolled(riverside, programme, "A-1", category="poor", status="helping")
    EnrolmentFactory(
        household=enrolment.household,
        programme=other,
        category="dibao",
        status="exited",
        exited_on=datetime.date(2008, 6, 1),
        exit_label="脱困",
    )

    assert listed(programme="all", category="poor", state="exited") == []
    assert listed(programme="all", category="dibao", state="exited", exit_year="2008") == ["A-1"]


@pytest.mark.parametrize(
    ("condition", "facts"),
    [
        ({"category": "low_income"}, {"category": "low_income"}),
        ({"category": "边远户"}, {"category": "边远户"}),
        ({"category": "unlisted"}, {"category": "某种旧称"}),
        ({"cause": "disabled"}, {"causes": ["schooling", "disabled"]}),
        ({"cause": "unlisted"}, {"causes": ["某种旧称"]}),
        ({"state": "identified"}, {"status": "identified"}),
        (
            {"exit_year": "2013"},
            {"status": "exited", "exited_on": datetime.date(2013, 12, 31), "exit_label": "脱困"},
        ),
        ({"helpable": "no"}, {"helpable": False}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_a_condition_finds_who_meets_it(listed, riverside, programme, condition, facts):
    SchemeItemFactory(programme=programme, list_name="困难类别", label="边远户")
    enrolled(riverside, programme, "A-1", **facts)
    enrolled(riverside, programme, "A-2")

    assert listed(**condition) == ["A-1"]


def test_a_file_is_open_or_closed(listed, riverside, programme):
    enrolled(riverside, programme, "A-1")
    closed = HouseholdFactory(
        unit=riverside,
        code="A-2",
        status="closed",
        closed_on=datetime.date(2013, 1, 1),
        close_reason="moved_away",
    )
    EnrolmentFactory(household=closed, programme=programme)

    assert listed() == ["A-1", "A-2"]
    assert listed(file="open") == ["A-1"]
    assert listed(file="closed") == ["A-2"]


def whole(riverside, programme, code):
    """A file that lacks nothing."""
    enrolment = enrolled(
        riverside,
        programme,
        code,
        needs=["fund"],
        attitude="愿意创业",
        target_income=6000,
        identified_on=datetime.date(2011, 3, 1),
    )
    household = enrolment.household
    household.address, household.phone = "一委三组", "13900000001"
    household.bank_account, household.stated_size = "6228480000000000001", 1
    household.save()
    MemberFactory(household=household)
    IncomeSnapshotFactory(enrolment=enrolment, stage="before")
    return enrolment


def lose_members(enrolment):
    enrolment.household.members.update(left_on=datetime.date(2012, 1, 1), leave_reason="moved_out")


LOSSES = {
    "enrolment": lambda e: (e.incomes.all().delete(), e.delete()),
    "members": lose_members,
    "size": lambda e: change(e.household, stated_size=4),
    "id_number": lambda e: change(e.household.members.get(), id_number="", id_kind=""),
    "birth_date": lambda e: change(e.household.members.get(), birth_date=None, birth_precision=""),
    "address": lambda e: change(e.household, address=""),
    "phone": lambda e: change(e.household, phone=""),
    "bank_account": lambda e: change(e.household, bank_account=""),
    "category": lambda e: change(e, category=""),
    "causes": lambda e: change(e, causes=[]),
    "needs": lambda e: change(e, needs=[]),
    "attitude": lambda e: change(e, attitude=""),
    "identified_on": lambda e: change(e, identified_on=None, identified_precision=""),
    "goal": lambda e: change(e, target_income=None),
    "income_before": lambda e: e.incomes.all().delete(),
    "income_exit": lambda e: change(
        e, status="exited", exited_on=datetime.date(2013, 1, 1), exit_label="脱困"
    ),
}


def change(row, **facts):
    for name, value in facts.items():
        setattr(row, name, value)
    row.save()


@pytest.mark.parametrize("gap", LOSSES)
def test_missing_data_finds_the_file_that_lacks_it_and_no_other(listed, riverside, programme, gap):
    whole(riverside, programme, "A-1")
    LOSSES[gap](whole(riverside, programme, "A-2"))

    assert listed(missing=gap, programme="all") == ["A-2"]
    assert listed(missing="any", programme="all") == ["A-2"]


def test_every_gap_has_its_case():
    assert {gap.code for gap in GAPS} == LOSSES.keys()


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ({"state": "rich"}, "所选内容不在可选范围内"),
        ({"unit": "NOWHERE"}, "您的单位里没有这个单位"),
        ({"unit": "B\x00RIV"}, "无法保存的字符"),
        ({"exit_year": "MMXIII"}, "所选内容不在可选范围内"),
        ({"found": "1;2"}, "请重新查找"),
        ({"q": "王\x00"}, "无法保存的字符"),
    ],
    ids=["state", "unit", "nul", "year", "found", "nul in a name"],
)
def test_a_forged_condition_shows_nothing_and_says_why(
    client, clerk, riverside, programme, condition, sentence
):
    enrolled(riverside, programme, "A-1")
    client.force_login(clerk)

    response = client.get(LIST, condition, headers=FRAGMENT)

    assert list(response.context["object_list"]) == []
    assert sentence in response.content.decode()
