"""Accounts through their pages: nobody raises the own role, nobody reaches beyond the own subtree."""

import datetime
import re

import pytest
from axes.models import AccessAttempt
from django.urls import reverse
from django.utils import timezone

from povertyaid.audit.models import Entry
from povertyaid.org.models import Staff
from tests.factories import PASSWORD, OrgUnitFactory, StaffFactory

NEW = {"full_name": "林晓", "username": "lin.xiao", "unit": "B-RIV", "role": "clerk", "phone": ""}
LIST, CREATE = reverse("staff-list"), reverse("staff-create")


def text(response):
    return response.content.decode()


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def farm_admin(client, riverside):
    """An administrator one level further down: Riverside alone."""
    staff = StaffFactory(username="farm.admin", role="administrator", unit=riverside)
    client.force_login(staff)
    return client


def lock(username):
    AccessAttempt.objects.create(
        username=username,
        ip_address="10.0.0.8",
        failures_since_start=5,
        attempt_time=timezone.now(),
    )


# ---- finding


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_costs_the_same_however_many_people(
    admin, riverside, n, django_assert_num_queries
):
    for _person in range(n):
        StaffFactory(unit=riverside)

    with django_assert_num_queries(7):
        response = admin.get(LIST)

    assert len(response.context["object_list"]) == n + 1


@pytest.mark.parametrize("word", ["小林", "录入员小林", "luruyuan", "lryxl", "CLERK"])
def test_a_person_is_found_by_name_pinyin_or_sign_in_name(admin, clerk, approver, word):
    assert list(admin.get(LIST, {"q": word}).context["object_list"]) == [clerk]


def test_people_are_found_by_unit_role_and_account(admin, clerk, approver, neighbour, riverside):
    lock("clerk")
    approver.is_active = False
    approver.save()

    def found(**asked):
        return {one.username for one in admin.get(LIST, asked).context["object_list"]}

    assert found(unit="B-RIV 临江农场") == {"clerk", "approver"}
    assert found(role="clerk") == {"clerk", "neighbour"}
    assert found(account="locked") == {"clerk"}
    assert found(account="off") == {"approver"}


def test_a_condition_that_cannot_be_read_shows_nobody(admin, clerk):
    response = admin.get(LIST, {"unit": "不存在的单位"})

    assert not response.context["object_list"]
    assert "没有这个单位" in text(response)


def test_an_administrator_of_a_farm_sees_the_farm_alone(farm_admin, clerk, neighbour, supervisor):
    page = farm_admin.get(LIST)

    assert {one.username for one in page.context["object_list"]} == {"farm.admin", "clerk"}
    for stranger in (neighbour, supervisor):
        assert stranger.full_name not in text(page)
        assert farm_admin.get(reverse("staff-detail", args=[stranger.pk])).status_code == 404


@pytest.mark.parametrize(
    "name", ["staff-edit", "staff-switch-off", "staff-switch-on", "staff-unlock",
             "staff-reset-password"],
)  # fmt: skip
def test_nobody_beyond_the_own_subtree_can_be_changed(farm_admin, neighbour, name):
    address = reverse(name, args=[neighbour.pk])

    assert farm_admin.get(address).status_code == 404
    assert farm_admin.post(address, NEW | {"reason": "x"}).status_code == 404
    neighbour.refresh_from_db()
    assert neighbour.check_password(PASSWORD)


@pytest.mark.parametrize("who", ["clerk", "approver", "helper", "auditor", "supervisor"])
def test_only_administrators_add_people(client, request, who):
    client.force_login(request.getfixturevalue(who))

    assert client.get(CREATE).status_code == 403
    assert client.post(CREATE, NEW).status_code == 403


def test_the_phone_of_a_colleague_is_masked(admin, clerk):
    clerk.phone = "13904510001"
    clerk.save()

    assert "13904510001" not in text(admin.get(reverse("staff-detail", args=[clerk.pk])))
    assert "13904510001" not in text(admin.get(reverse("staff-edit", args=[clerk.pk])))


def test_saving_with_the_mask_keeps_the_number(admin, clerk):
    clerk.phone = "13904510001"
    clerk.save()

    admin.post(
        reverse("staff-edit", args=[clerk.pk]), NEW | {"phone": "139****0001", "full_name": "林晓"}
    )

    clerk.refresh_from_db()
    assert (clerk.phone, clerk.full_name) == ("13904510001", "林晓")


# ---- adding


def test_the_one_time_password_is_shown_once(admin, riverside):
    response = admin.post(CREATE, NEW)

    password = re.search(r'<div class="one-time">([^<]+)</div>', text(response)).group(1)
    staff = Staff.objects.get(username="lin.xiao")
    assert staff.check_password(password)
    assert (staff.unit, staff.must_change_password) == (riverside, True)
    assert "no-store" in response["Cache-Control"]
    assert password not in text(admin.get(staff.get_absolute_url()))
    assert password not in str(dict(admin.session))


def test_the_same_form_sent_twice_adds_one_person(admin, riverside):
    sent = NEW | {"_submit": "one-and-the-same"}
    admin.post(CREATE, sent)

    second = admin.post(CREATE, sent, follow=True)

    assert Staff.objects.filter(full_name="林晓").count() == 1
    assert 'class="one-time"' not in text(second)


def test_a_taken_name_is_refused_at_its_field(admin, clerk):
    response = admin.post(CREATE, NEW | {"username": "Clerk"})

    assert response.context["form"].errors["username"] == ["此登录名已被使用，请换一个。"]


@pytest.mark.parametrize("unit", ["B-HIL", "B", "靠山农场", "NOWHERE"])
def test_nobody_is_added_beyond_the_own_subtree(farm_admin, hillside, unit):
    response = farm_admin.post(CREATE, NEW | {"unit": unit})

    assert "没有这个单位" in str(response.context["form"].errors["unit"])
    assert not Staff.objects.filter(username="lin.xiao").exists()


def test_a_forged_role_is_refused(admin, riverside):
    response = admin.post(CREATE, NEW | {"role": "emperor"})

    assert "role" in response.context["form"].errors


def test_nobody_is_added_to_a_closed_unit(admin, bureau):
    OrgUnitFactory(code="OLD", parent=bureau, closed_on=datetime.date(2013, 1, 1))

    response = admin.post(CREATE, NEW | {"unit": "OLD"})

    assert "unit" in response.context["form"].errors


# ---- changing


def test_a_person_gets_another_role_and_unit(admin, clerk, hillside):
    admin.post(
        reverse("staff-edit", args=[clerk.pk]),
        {"full_name": "录入员小林", "unit": "B-HIL", "role": "approver", "phone": ""},
    )

    clerk.refresh_from_db()
    assert (clerk.unit, clerk.role, clerk.username) == (hillside, "approver", "clerk")


def test_nobody_raises_the_own_role_or_leaves_the_own_unit(farm_admin, bureau):
    me = Staff.objects.get(username="farm.admin")

    farm_admin.post(
        reverse("staff-edit", args=[me.pk]),
        {"full_name": "我", "unit": "B", "role": "supervisor", "phone": ""},
    )

    me.refresh_from_db()
    assert (me.full_name, me.role, me.unit.code) == ("我", "administrator", "B-RIV")


@pytest.mark.parametrize(
    "name", ["staff-switch-off", "staff-switch-on", "staff-unlock", "staff-reset-password"]
)
def test_nobody_does_this_to_the_own_account(admin, administrator, name):
    assert admin.post(reverse(name, args=[administrator.pk]), {"reason": "x"}).status_code == 403
    administrator.refresh_from_db()
    assert administrator.is_active


def test_a_leaver_is_switched_off_and_on_again(admin, clerk):
    admin.post(reverse("staff-switch-off", args=[clerk.pk]), {"reason": "调离"})
    clerk.refresh_from_db()
    assert not clerk.is_active

    admin.post(reverse("staff-switch-on", args=[clerk.pk]), {"reason": "调回"})
    clerk.refresh_from_db()
    assert clerk.is_active


def test_switching_off_asks_why(admin, clerk):
    admin.post(reverse("staff-switch-off", args=[clerk.pk]), {"reason": ""})

    clerk.refresh_from_db()
    assert clerk.is_active


def test_a_locked_account_is_seen_and_unlocked(admin, clerk):
    lock("clerk")
    page = text(admin.get(reverse("staff-detail", args=[clerk.pk])))
    assert "账号因多次登录失败已锁定" in page

    admin.post(reverse("staff-unlock", args=[clerk.pk]))

    assert not AccessAttempt.objects.exists()
    assert "已锁定" not in text(admin.get(reverse("staff-detail", args=[clerk.pk])))


def test_a_reset_shows_the_new_password_once(admin, clerk):
    response = admin.post(reverse("staff-reset-password", args=[clerk.pk]))

    password = re.search(r'<div class="one-time">([^<]+)</div>', text(response)).group(1)
    clerk.refresh_from_db()
    assert clerk.check_password(password)
    assert clerk.must_change_password
    assert Entry.objects.get().deed == "password_reset"


def test_looking_at_the_reset_page_resets_nothing(admin, clerk):
    admin.get(reverse("staff-reset-password", args=[clerk.pk]))

    clerk.refresh_from_db()
    assert clerk.check_password(PASSWORD)


def test_pressing_reset_twice_resets_once(admin, clerk):
    sent = {"_submit": "one-and-the-same"}
    admin.post(reverse("staff-reset-password", args=[clerk.pk]), sent)
    clerk.refresh_from_db()
    first = clerk.password

    second = admin.post(reverse("staff-reset-password", args=[clerk.pk]), sent, follow=True)

    clerk.refresh_from_db()
    assert clerk.password == first
    assert "密码刚才已经重置" in text(second)


def test_what_was_typed_comes_back_after_a_lost_session(client, administrator, riverside):
    """The form of a new person, sent after the idle time, is there again after sign-in."""
    client.force_login(administrator)
    form = client.get(CREATE)
    mark = re.search(r'name="_draft" value="([^"]+)"', form.content.decode()).group(1)
    client.logout()

    client.post(CREATE, NEW | {"_draft": mark})
    client.force_login(administrator)

    assert client.get(CREATE).context["form"]["full_name"].value() == "林晓"
    assert not Staff.objects.filter(username="lin.xiao").exists()
