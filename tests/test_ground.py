"""The ground: the cast exists, scope is a prefix, history knows who and why, the trail stays."""

import pytest
from django.db import ProgrammingError, connections, transaction

from households.models import Household
from povertyaid.audit.history import acting
from povertyaid.audit.models import Entry, record
from tests.factories import HouseholdFactory, OrgUnitFactory


def test_a_clerk_sees_the_own_farm_and_what_lies_below(clerk, riverside, hillside):
    zone = OrgUnitFactory(parent=riverside)
    ours, below = HouseholdFactory(unit=riverside), HouseholdFactory(unit=zone)
    HouseholdFactory(unit=hillside)

    assert set(Household.objects.visible_to(clerk)) == {ours, below}


def test_a_unit_whose_code_begins_alike_is_not_below(clerk, riverside, bureau):
    HouseholdFactory(unit=OrgUnitFactory(code="B-RIV2", parent=bureau))

    assert not Household.objects.visible_to(clerk).exists()


def test_a_helper_without_pairings_sees_no_household(helper, riverside):
    HouseholdFactory(unit=riverside)

    assert not Household.objects.visible_to(helper).exists()


def test_history_keeps_who_and_why_of_a_set_based_change(clerk, riverside):
    household = HouseholdFactory(unit=riverside)

    with transaction.atomic(), acting(clerk, "核对门牌"):
        Household.objects.filter(pk=household.pk).update(address="一委三组")

    event = household.events.order_by("pgh_id").last()
    assert (event.pgh_label, event.address) == ("update", "一委三组")
    assert (event.acted_by, event.acted_reason) == (clerk.pk, "核对门牌")


def test_the_acting_person_ends_with_acting(clerk, approver, riverside):
    household = HouseholdFactory(unit=riverside)

    with transaction.atomic():
        with acting(clerk, "外"):
            with acting(approver, "内"):
                Household.objects.filter(pk=household.pk).update(note="一")
            Household.objects.filter(pk=household.pk).update(note="二")
        Household.objects.filter(pk=household.pk).update(note="三")

    events = household.events.order_by("pgh_id")[1:]
    assert [event.acted_by for event in events] == [approver.pk, clerk.pk, None]


@pytest.mark.django_db(transaction=True)
def test_acting_outside_a_transaction_is_refused(clerk):
    with pytest.raises(transaction.TransactionManagementError), acting(clerk):
        pass


@pytest.mark.parametrize(
    "change",
    [lambda: Entry.objects.update(deed="closed"), lambda: Entry.objects.all().delete()],
    ids=["changed", "removed"],
)
def test_an_audit_entry_can_be_neither_changed_nor_removed(clerk, riverside, change):
    record(HouseholdFactory(unit=riverside), "opened", by=clerk)

    with pytest.raises(ProgrammingError), transaction.atomic():
        change()


def test_trigger_functions_are_bound_to_their_schema():
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_proc WHERE proname LIKE 'pgtrigger_%' AND proconfig IS NULL"
        )
        assert cursor.fetchone() == (0,)
