"""How many rows a family has is a number that the browser sends, and so one that can be forged."""

import pytest
from django.urls import reverse

from households.forms.member import MOST_ROWS
from tests.factories import HouseholdFactory, MemberFactory


@pytest.fixture
def household(riverside):
    household = HouseholdFactory(unit=riverside)
    MemberFactory(household=household)
    return household


@pytest.mark.parametrize(
    ("page", "rows"), [("create", "2000"), ("edit", "9" * 25), ("create", "9" * 5000)]
)
def test_a_forged_number_of_rows_costs_no_minute(client, clerk, household, page, rows):
    client.force_login(clerk)
    sent = {"members-TOTAL_FORMS": rows, "members-INITIAL_FORMS": "0", "_version": "0"}
    keys = [household.pk] if page == "edit" else []

    response = client.post(reverse(f"households:{page}", args=keys), sent)

    assert response.status_code == 200
    assert len(response.context["form"].members.forms) <= MOST_ROWS
    household.refresh_from_db()
    assert household.version == 1
