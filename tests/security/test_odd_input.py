"""What no person types and somebody sends nevertheless: told in words, never a failure."""

import pytest
from django.urls import reverse

from tests.factories import HouseholdFactory, MemberFactory

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
    "address", ["households", "-1", "?", "//elsewhere.example/", "[", "9" * 5000]
)
def test_the_way_back_is_a_path_of_ours_or_the_home_page(client, clerk, address):
    client.force_login(clerk)

    assert client.post(reverse("place"), {"next": address}).url == "/"
    assert client.post(reverse("discard-draft"), {"path": address}).url == "/"
