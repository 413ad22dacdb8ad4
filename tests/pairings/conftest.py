"""Families of Riverside in a programme, and helpers who could help them."""

import pytest

from tests.factories import (
    EnrolmentFactory,
    HelperFactory,
    HouseholdFactory,
    MemberFactory,
)


@pytest.fixture
def enrolled(riverside, programme):
    """Makes a family on file and in the programme, by its head's name."""

    def make(name="王建国", *, unit=riverside, code=None, number=None, **facts):
        household = HouseholdFactory(unit=unit, head_name=name, **({"code": code} if code else {}))
        more = {"id_number": number} if number else {}
        member = MemberFactory(household=household, name=name, **more)
        facts = {"programme": programme, "principal": member} | facts
        return EnrolmentFactory(household=household, **facts)

    return make


@pytest.fixture
def helping(riverside, programme):
    """Makes a helper on the roster of the programme, by name."""

    def make(name="于海涛", *, unit=riverside, **facts):
        return HelperFactory(**{"programme": programme} | facts, unit=unit, name=name)

    return make


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client
