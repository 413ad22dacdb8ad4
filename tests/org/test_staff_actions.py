"""Accounts: one person, one name, a password that only the person knows."""

import datetime
import re

import pytest
from axes.models import AccessAttempt
from django.core.exceptions import ValidationError
from django.utils import timezone

from povertyaid.audit.models import Entry
from povertyaid.org import actions
from tests.factories import StaffFactory


def test_a_new_account_has_a_password_for_one_sign_in(administrator, riverside):
    staff, password = actions.add_staff(
        unit=riverside, username="lin", full_name="林晓", role="clerk", by=administrator
    )

    assert staff.check_password(password)
    assert staff.must_change_password
    assert re.fullmatch("[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", password)
    assert password not in str(Entry.objects.get().detail)


def test_no_two_one_time_passwords_are_alike():
    assert len({actions.one_time_password() for _ in range(50)}) == 50


@pytest.mark.parametrize("name", ["CLERK", "Clerk"], ids=["capitals", "one-capital"])
def test_names_that_differ_in_capitals_only_are_one_name(administrator, riverside, clerk, name):
    with pytest.raises(ValidationError) as refusal:
        actions.add_staff(
            unit=riverside, username=name, full_name="另一人", role="clerk", by=administrator
        )

    assert "username" in refusal.value.message_dict


@pytest.mark.parametrize("name", ["a", "two words", "x" * 61, "半角;", "line\n"])
def test_a_sign_in_name_is_one_word(administrator, riverside, name):
    with pytest.raises(ValidationError):
        actions.add_staff(
            unit=riverside, username=name, full_name="某人", role="clerk", by=administrator
        )


def test_a_change_of_role_is_written_down(administrator, clerk):
    actions.save_staff(clerk, by=administrator, role="approver")

    assert Entry.objects.get().detail == {"changed": {"role": ["clerk", "approver"]}}


def test_a_phone_number_is_not_written_into_the_trail(administrator, clerk):
    actions.save_staff(clerk, by=administrator, phone="13904510001")

    assert Entry.objects.get().detail == {"changed": {"phone": [None, None]}}


@pytest.mark.parametrize("fact", ["role", "unit"])
def test_nobody_changes_the_own_role_or_unit(administrator, riverside, fact):
    facts = {"role": {"role": "supervisor"}, "unit": {"unit": riverside}}[fact]

    with pytest.raises(ValidationError):
        actions.save_staff(administrator, by=administrator, **facts)


def test_the_own_name_may_be_saved_beside_an_unchanged_role(administrator):
    saved = actions.save_staff(
        administrator, by=administrator, full_name="邱管理", role=administrator.role
    )

    assert saved.full_name == "邱管理"


def test_a_leaver_is_switched_off_not_deleted(administrator, clerk):
    actions.switch_off(clerk, by=administrator, reason="调离")

    clerk.refresh_from_db()
    assert not clerk.is_active
    assert Entry.objects.get().reason == "调离"


def test_nobody_switches_off_the_own_account(administrator):
    with pytest.raises(ValidationError):
        actions.switch_off(administrator, by=administrator)


def test_an_account_of_a_closed_unit_stays_off(administrator, clerk, riverside):
    actions.switch_off(clerk, by=administrator)
    actions.close_unit(riverside, on=datetime.date(2013, 12, 10), by=administrator)

    with pytest.raises(ValidationError):
        actions.switch_on(clerk, by=administrator)


def test_an_account_is_switched_on_again(administrator):
    staff = StaffFactory(unit=administrator.unit, is_active=False)

    assert actions.switch_on(staff, by=administrator).is_active


def test_a_reset_gives_a_new_password_and_takes_the_lock_away(administrator, clerk):
    AccessAttempt.objects.create(
        username="clerk", failures_since_start=5, attempt_time=timezone.now(), ip_address="10.0.0.8"
    )

    password = actions.reset_password(clerk, by=administrator)

    clerk.refresh_from_db()
    assert clerk.check_password(password)
    assert clerk.must_change_password
    assert not AccessAttempt.objects.exists()


def test_unlocking_leaves_the_password(administrator, clerk):
    AccessAttempt.objects.create(
        username="clerk", failures_since_start=5, attempt_time=timezone.now(), ip_address="10.0.0.8"
    )
    before = clerk.password

    actions.unlock(clerk, by=administrator)

    clerk.refresh_from_db()
    assert clerk.password == before
    assert not AccessAttempt.objects.exists()
    assert Entry.objects.get().deed == "staff_unlocked"


def test_the_own_password_ends_the_obligation_to_choose_one(clerk):
    clerk.must_change_password = True
    clerk.save()

    actions.change_password(clerk, "a-long-new-phrase-7", by=clerk)

    clerk.refresh_from_db()
    assert not clerk.must_change_password
    assert clerk.password_changed_at is not None
