"""What no person types and somebody sends nevertheless: told in words, never a failure."""

import re

import pytest
from django.urls import reverse

from households.models import Household
from tests.factories import HouseholdFactory, MemberFactory
from tests.households.page import fields_of

NUL = "12345678901\x00"


@pytest.fixture
def household(riverside):
    household = HouseholdFactory(unit=riverside)
    MemberFactory(household=household)
    return household


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("households:list", {"q": NUL}),
        ("households:create", {"programme": NUL}),
        ("households:edit", {"programme": NUL}),
        ("place", {"q": NUL}),
        ("place", {"part": "unit", "q": "\x00"}),
    ],
)
def test_a_nul_in_an_address_fails_no_page(client, clerk, household, name, query):
    client.force_login(clerk)
    keys = [household.pk] if name == "households:edit" else []

    assert client.get(reverse(name, args=keys), query).status_code in {200, 302}


def test_a_nul_in_the_unit_of_a_new_colleague_fails_no_page(client, administrator):
    client.force_login(administrator)

    assert client.get(reverse("staff-create"), {"unit": NUL}).status_code == 200


@pytest.mark.parametrize(
    ("name", "sent", "status"),
    [
        ("place", {"unit": NUL}, 404),
        ("place", {"programme": NUL}, 404),
        ("discard-draft", {"path": "/\x00"}, 302),
        ("households:search", {"q": NUL}, 302),
        ("households:edit", {"_programme": NUL}, 200),
    ],
)
def test_a_nul_in_a_form_fails_no_page(client, clerk, household, name, sent, status):
    client.force_login(clerk)
    keys = [household.pk] if name == "households:edit" else []

    assert client.post(reverse(name, args=keys), sent).status_code == status


@pytest.mark.parametrize(
    ("field", "sent", "said"),
    [
        (
            "members-0-name",
            "王\x00五",
            "姓名（第 1 行）：内容中含有无法保存的字符，请删去后重新填写。",
        ),
        ("members-0-name", "王" * 300, "最多 255 个字，现有 300 个字，请缩短。"),
        ("members-0-relation", "姑丈", "所选内容不在可选范围内，请重新选择。"),
        ("household-stated_size", "-3", "报称人口：一户至少有一人，不清楚请留空。"),
        ("household-stated_size", "99999999", "报称人口：应不大于 32767，请检查。"),
        ("household-stated_size", "三", "报称人口：请填写整数。"),
        ("members-TOTAL_FORMS", "", "页面内容没有完整提交，因此没有保存。请重新载入本页后再填写。"),
        ("members-TOTAL_FORMS", "2000", "一页最多填写 120 名成员。请先保存，再补充其余成员。"),
    ],
    ids=[
        *("nul", "long", "forged-word", "below-zero", "too-large", "no-number"),
        *("no-total", "forged-total"),
    ],
)
def test_odd_values_are_answered_as_an_office_would(client, clerk, programme, field, sent, said):
    client.force_login(clerk)
    create = reverse("households:create")

    response = client.post(create, fields_of(client.get(create)) | {field: sent})

    assert response.status_code == 200
    told = said_on(response)
    assert [text for text in told if text.endswith(said)] != [], told
    assert not Household.objects.exists()


def said_on(response):
    """What the box on top of the page says, line by line."""
    box = response.content.decode().split('class="box box-bad"')[1].split("</ul>")[0]
    return [re.sub("<[^>]*>", "", line).strip() for line in box.split("<li>")[1:]]


@pytest.mark.parametrize(
    "address", ["households", "-1", "?", "//elsewhere.example/", "[", "9" * 5000]
)
def test_the_way_back_is_a_path_of_ours_or_the_home_page(client, clerk, address):
    client.force_login(clerk)

    assert client.post(reverse("place"), {"next": address}).url == "/"
    assert client.post(reverse("discard-draft"), {"path": address}).url == "/"
