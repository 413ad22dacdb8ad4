"""One living person, one open file; and nobody learns more of a stranger's file than that it is there."""

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from households.actions import identity
from households.actions.refusals import PersonElsewhereError
from households.models import IdentityClaim
from povertyaid.lib.secrets import digest
from tests.factories import HouseholdFactory, MemberFactory, OrgUnitFactory, id_number
from tests.households.page import fields_of

CREATE = reverse("households:create")


def test_holders_are_found_for_many_at_once(django_assert_num_queries, riverside):
    household = HouseholdFactory(unit=riverside)
    members = [
        MemberFactory(
            household=household, relation="户主" if n == 1 else "之子", id_number=id_number(n)
        )
        for n in range(1, 4)
    ]

    with django_assert_num_queries(1):
        found = identity.holders([m.id_digest for m in members] + [digest(id_number(99)), ""])

    assert found == {member.id_digest: household.pk for member in members}


def test_many_are_claimed_in_as_many_statements_as_one(django_assert_num_queries, riverside):
    household = HouseholdFactory(unit=riverside)
    members = [
        MemberFactory(
            household=household, relation="户主" if n == 1 else "之子", id_number=id_number(n)
        )
        for n in range(1, 4)
    ]
    IdentityClaim.objects.all().delete()

    with django_assert_num_queries(2):
        identity.claim(members)

    assert IdentityClaim.objects.count() == 3


def test_a_claim_that_fails_names_who_is_held_where(riverside, hillside):
    here = MemberFactory(household=HouseholdFactory(unit=hillside), id_number=id_number(1))
    twin = MemberFactory.build(household=HouseholdFactory(unit=riverside), id_number=id_number(1))
    twin.save()

    with pytest.raises(PersonElsewhereError) as refusal:
        identity.claim([twin])

    assert refusal.value.held == {twin: here.household_id}


def test_a_member_without_a_number_or_gone_holds_no_place(riverside):
    member = MemberFactory(household=HouseholdFactory(unit=riverside))
    member.id_kind, member.id_number, member.id_digest = "", "", ""

    identity.claim([member])

    assert IdentityClaim.objects.count() == 0


def test_the_database_itself_holds_a_place_once(riverside):
    member = MemberFactory(household=HouseholdFactory(unit=riverside))

    with pytest.raises(IntegrityError):
        IdentityClaim.objects.create(digest=member.id_digest, member_id=member.pk + 1)


def test_every_strangers_file_is_refused_in_the_same_words_and_with_the_same_questions(
    client, clerk, riverside, hillside, programme
):
    """Whether the stranger is next door or a bureau away must not be heard from the answer."""
    for n, unit in [(1, hillside), (2, OrgUnitFactory())]:
        household = HouseholdFactory(unit=unit)
        MemberFactory(household=household, id_number=id_number(n), phone="13900000001")
    client.force_login(clerk)
    answers = []
    for n in (1, 2):
        data = fields_of(client.get(CREATE)) | {
            "household-unit": riverside.code,
            "members-0-name": "王建国",
            "members-0-relation": "户主",
            "members-0-id_number": id_number(n),
        }
        with CaptureQueriesContext(connection) as asked:
            response = client.post(CREATE, data)
        row = response.context["form"].members.forms[0]
        answers.append((list(row.errors["id_number"]), len(asked)))

    assert answers[0] == answers[1]
    assert "哈东管理局" in answers[0][0][0]
