"""一户一档: the file of a household on paper."""

import io
import sys

import pypdf
import pytest
from django.urls import reverse

from tests.factories import (
    DesignationFactory,
    EnrolmentFactory,
    HouseholdFactory,
    IncomeSnapshotFactory,
    MemberFactory,
    StatusReviewFactory,
    id_number,
)

NUMBER = id_number(5, born="19620304")


@pytest.fixture
def household(riverside, programme):
    """A family whose names need characters that few fonts have."""
    household = HouseholdFactory(
        unit=riverside,
        head_name="张䶮",
        phone="13912345678",
        bank_account="6228480000000001234",
        address="一委三组",
    )
    head = MemberFactory(household=household, name="张䶮", id_number=NUMBER)
    MemberFactory(household=household, name="李㛃𬭎", relation="配偶", seq=2)
    enrolment = EnrolmentFactory(
        household=household, programme=programme, kept={"household": {"helper_name": "刘建军"}}
    )
    before = IncomeSnapshotFactory(enrolment=enrolment)
    IncomeSnapshotFactory(enrolment=enrolment, stage="yearly", year=2012)
    StatusReviewFactory(enrolment=enrolment, snapshot=before, note="入户核实")
    DesignationFactory(household=household, member=head, number="239901196203040011")
    return household


def text_of(response):
    pages = pypdf.PdfReader(io.BytesIO(response.content)).pages
    return "".join(page.extract_text() for page in pages).replace("\n", "")


def test_the_paper_says_what_the_file_says_and_where_to_sign(client, clerk, household):
    client.force_login(clerk)

    response = client.get(reverse("households:print", args=[household.pk]))

    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    text = text_of(response)
    for said in (
        "帮扶家庭档案表", "填报单位（盖章）：临江农场", "填报时间", "单位负责人", "审核人", "填报人：录入员小林",
        household.code, "张䶮", "李㛃𬭎", "职工共同富裕行动", "困难户", "3,000.00", "入户核实", "低保",
        "刘建军",
    ):  # fmt: skip
        assert said in text


def test_the_paper_gives_no_personal_number_away(client, clerk, household):
    client.force_login(clerk)

    text = text_of(client.get(reverse("households:print", args=[household.pk])))

    assert f"{NUMBER[:4]}**********{NUMBER[-4:]}" in text
    for hidden in (NUMBER, "13912345678", "6228480000000001234", "239901196203040011"):
        assert hidden not in text


def test_a_file_without_anything_can_be_printed(client, clerk, riverside):
    client.force_login(clerk)

    response = client.get(reverse("households:print", args=[HouseholdFactory(unit=riverside).pk]))

    assert "帮扶家庭档案表" in text_of(response)


def test_a_neighbours_paper_does_not_exist(client, neighbour, household):
    client.force_login(neighbour)

    assert client.get(reverse("households:print", args=[household.pk])).status_code == 404


class WithoutPango:
    """A machine that lacks the text layout library: importing WeasyPrint fails as it does there."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")


def test_a_machine_that_cannot_print_says_what_to_do(client, clerk, household, monkeypatch):
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [WithoutPango, *sys.meta_path])
    client.force_login(clerk)

    response = client.get(reverse("households:print", args=[household.pk]), follow=True)

    assert response.redirect_chain == [(household.get_absolute_url(), 302)]
    assert "script/setup" in response.content.decode()
