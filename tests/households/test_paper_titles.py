"""Titles of papers: no numbers of persons in them, none of them in the trail; locks in one order."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from households.actions import papers
from households.actions.refusals import RefusedError
from households.models import DossierItem
from povertyaid.audit.models import Entry
from tests.factories import EnrolmentFactory, HouseholdFactory, id_number
from tests.households.page import fields_of
from tests.households.papers import page_of, send

NUMBER = id_number(7)


@pytest.fixture
def enrolment(riverside, programme):
    return EnrolmentFactory(household=HouseholdFactory(unit=riverside), programme=programme)


@pytest.fixture
def paper(enrolment, clerk):
    return papers.add(
        enrolment.household, programme=enrolment.programme, kind="card", title="张三的卡", by=clerk
    )


@pytest.mark.parametrize("title", [f"身份证 {NUMBER}", "回访 139 0000 0001"])
def test_a_number_of_a_person_is_no_title(client, clerk, enrolment, paper, title):
    client.force_login(clerk)

    answer = send(client, page_of("paper-add", enrolment.household), title=title)
    handing = reverse("households:papers-issue")
    asked = client.post(handing, {"query": "programme=P1", "pk": str(enrolment.household_id)})
    issued = client.post(handing, fields_of(asked) | {"title": title})

    for one in (answer, issued):
        assert "标题中有" in " ".join(one.context["form"].errors["title"])
    with pytest.raises(RefusedError):
        papers.change(paper, title=title, by=clerk)
    assert DossierItem.objects.get().title == "张三的卡"


def test_what_was_typed_as_a_title_is_not_in_the_trail(clerk, enrolment, paper):
    papers.check(paper, by=clerk)
    papers.uncheck(paper, reason="缺页", by=clerk)
    papers.issue(
        [enrolment.household], programme=enrolment.programme, kind="card", title="李四的卡",
        on=enrolment.identified_on, by=clerk,
    )  # fmt: skip
    papers.take_out(paper, reason="重复", by=clerk)

    told = [entry.detail for entry in Entry.objects.order_by("pk")]
    assert len(told) == 5
    assert all(detail["kind"] == "card" for detail in told)
    assert "的卡" not in str(told)


def test_the_household_is_held_before_its_paper(clerk, paper):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        papers.check(paper, by=clerk)

    held = [one["sql"].split(" FROM ")[1] for one in seen if "FOR UPDATE" in one["sql"]]
    assert [
        sql.startswith(f'"households_{name}"')
        for sql, name in zip(held, ("household", "dossieritem"), strict=True)
    ] == [True, True]
