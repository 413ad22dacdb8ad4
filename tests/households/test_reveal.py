"""Looking at a number in clear: with a reason, recorded first, shown once, kept by no browser."""

import pytest
from django.urls import reverse

from households.actions.refusals import RefusedError
from households.actions.reveal import reveal
from povertyaid.audit.models import Entry
from tests.factories import HouseholdFactory, MemberFactory


@pytest.fixture
def household(riverside):
    return HouseholdFactory(unit=riverside, bank_account="6222020200011112222")


@pytest.fixture
def member(household):
    return MemberFactory(household=household)


def of_member(member, field="id_number"):
    return reverse("households:reveal-member", args=[member.pk, field])


def of_household(household, field="bank_account"):
    return reverse("households:reveal-household", args=[household.pk, field])


def test_a_number_is_shown_after_a_reason_and_the_look_is_recorded(client, clerk, member):
    client.force_login(clerk)

    response = client.post(of_member(member), {"reason": "核对医保关系"})

    assert member.id_number in response.content.decode()
    entry = Entry.objects.get()
    assert (entry.deed, entry.by, entry.reason, entry.detail) == (
        "revealed",
        clerk,
        "核对医保关系",
        {"field": "id_number"},
    )
    assert "no-store" in response["Cache-Control"]


def test_an_account_is_shown_the_same_way(client, clerk, household):
    client.force_login(clerk)

    response = client.post(of_household(household), {"reason": "核对发放账户"})

    assert household.bank_account in response.content.decode()
    assert Entry.objects.get().detail == {"field": "bank_account"}


def test_asking_alone_shows_only_the_mask(client, clerk, member):
    client.force_login(clerk)

    asked = client.get(of_member(member))
    silent = client.post(of_member(member), {"reason": " "})

    assert [r for r in (asked, silent) if member.id_number in r.content.decode()] == []
    assert Entry.objects.count() == 0


def test_every_look_is_recorded_anew(client, clerk, member):
    client.force_login(clerk)

    for reason in ("核对医保关系", "再次核对"):
        client.post(of_member(member), {"reason": reason})

    assert Entry.objects.reveals().count() == 2


def test_only_who_may_reveal_does_and_only_in_own_files(
    client, member, household, supervisor, helper, auditor, neighbour
):
    answers = {}
    for staff in (supervisor, helper, auditor, neighbour):
        client.force_login(staff)
        answers[staff.username] = (
            client.post(of_member(member), {"reason": "查"}).status_code,
            client.post(of_household(household), {"reason": "查"}).status_code,
        )

    assert answers == {
        "supervisor": (403, 403),
        "helper": (403, 403),
        "auditor": (403, 403),
        "neighbour": (404, 404),
    }
    assert Entry.objects.count() == 0


def test_only_personal_numbers_can_be_asked_for(client, clerk, member):
    client.force_login(clerk)

    assert client.post(of_member(member, "id_digest"), {"reason": "查"}).status_code == 404
    with pytest.raises(ValueError, match="id_digest"):
        reveal(member, "id_digest", reason="查", by=clerk)


def test_the_action_refuses_a_look_without_a_reason(clerk, member):
    with pytest.raises(RefusedError):
        reveal(member, "id_number", reason="", by=clerk)

    assert Entry.objects.count() == 0
