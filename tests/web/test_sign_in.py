"""In and out: who may come in, how often one may try, what is written down."""

import datetime

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from povertyaid.audit.models import Entry
from tests.factories import PASSWORD, HouseholdFactory

SIGN_IN = reverse("sign-in")


def sign_in(client, username, password=PASSWORD, **more):
    return client.post(SIGN_IN, {"username": username, "password": password, **more})


def deeds():
    return list(Entry.objects.order_by("pk").values_list("deed", flat=True))


def test_the_sign_in_page_is_chinese_and_offers_no_account(client):
    page = client.get(SIGN_IN).content.decode()

    assert "<h1>登录</h1>" in page
    assert "连续 5 次" in page


def test_a_person_signs_in_and_is_written_down(client, clerk):
    response = sign_in(client, "clerk")

    assert response.url == reverse("home")
    entry = Entry.objects.get()
    assert (entry.deed, entry.by, entry.target_code) == ("signed_in", clerk, "clerk")
    assert entry.detail == {"address": "127.0.0.1"}


def test_every_page_asks_for_a_sign_in_and_comes_back(client, clerk):
    asked = client.get(reverse("profile"))
    assert asked.url == f"{SIGN_IN}?next={reverse('profile')}"

    assert sign_in(client, "clerk", next=reverse("profile")).url == reverse("profile")


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_sign_in_leads_nowhere_else(client, clerk, elsewhere):
    assert sign_in(client, "clerk", next=elsewhere).url == reverse("home")


@pytest.mark.parametrize(
    ("name", "password"),
    [("clerk", "wrong-password-1"), ("nobody", PASSWORD), ("former", PASSWORD)],
    ids=["wrong-password", "unknown-name", "switched-off"],
)
def test_every_failure_says_the_same(client, clerk, neighbour, name, password):
    neighbour.username, neighbour.is_active = "former", False
    neighbour.save()

    response = sign_in(client, name, password)

    assert response.context["form"].non_field_errors() == [
        "登录名或密码不正确。请检查大小写和输入法后重试。"
    ]
    assert not response.wsgi_request.user.is_authenticated


def test_a_failure_is_written_down_without_what_was_typed(client, clerk):
    sign_in(client, "clerk", "geheim-geheim-1")
    sign_in(client, "my-password-in-the-wrong-box")

    known, unknown = Entry.objects.order_by("pk")
    assert (known.deed, known.by, known.target_id) == ("sign_in_failed", None, clerk.pk)
    assert (unknown.target_code, unknown.target_id, unknown.unit_path) == ("", None, "/")
    assert "geheim" not in str(known.detail)


def test_nothing_is_written_for_an_empty_form(client):
    client.post(SIGN_IN, {"username": "", "password": ""})

    assert not Entry.objects.exists()


@pytest.mark.parametrize("name", ["clerk", "nobody"], ids=["known", "unknown"])
def test_five_failures_close_the_name_for_a_while(client, clerk, name):
    for _try in range(4):
        assert sign_in(client, name, "wrong-password-1").status_code == 200
    closed = sign_in(client, name, "wrong-password-1")

    assert closed.status_code == 429
    assert closed["Retry-After"] == "900"
    page = closed.content.decode()
    assert "连续 5 次" in page
    assert "15 分钟" in page
    assert "管理员" in page
    assert name not in page


def test_a_closed_account_stays_closed_to_the_right_password(client, clerk):
    for _try in range(5):
        sign_in(client, "clerk", "wrong-password-1")

    assert sign_in(client, "clerk").status_code == 429
    assert deeds() == ["sign_in_failed"] * 4 + ["locked_out"]


def test_another_name_is_not_closed_along(client, clerk, approver):
    for _try in range(5):
        sign_in(client, "clerk", "wrong-password-1")

    assert sign_in(client, "approver").url == reverse("home")


def test_the_account_opens_again_after_a_quarter_of_an_hour(client, clerk, time_machine):
    time_machine.move_to(datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC))
    for _try in range(5):
        sign_in(client, "clerk", "wrong-password-1")

    time_machine.move_to(datetime.datetime(2026, 3, 2, 9, 16, tzinfo=datetime.UTC))

    assert sign_in(client, "clerk").url == reverse("home")


def test_a_success_forgets_earlier_failures(client, clerk):
    for _try in range(4):
        sign_in(client, "clerk", "wrong-password-1")
    sign_in(client, "clerk")

    assert not AccessAttempt.objects.exists()


def test_axes_keeps_no_password(client, clerk):
    sign_in(client, "clerk", "geheim-geheim-1")

    assert "geheim" not in AccessAttempt.objects.get().post_data


# ---- a button pressed after the session has gone

EXPORT = "/households/export/"
HOUSEHOLDS = "/households/?state=helping"


def press(client, referer, address=EXPORT):
    headers = {"Referer": referer} if referer else {}
    return client.post(address, {"all": "1"}, headers=headers)


def test_a_button_pressed_in_vain_leads_back_to_its_page_and_says_so(client, clerk):
    lost = press(client, f"http://testserver{HOUSEHOLDS}")
    asked = client.get(lost.url)
    back = client.post(
        lost.url,
        {"username": "clerk", "password": PASSWORD, "next": asked.context["next"]},
        follow=True,
    )

    assert "您因长时间没有操作已退出登录。刚才的操作没有执行" in asked.content.decode()
    assert back.redirect_chain == [(HOUSEHOLDS, 302)]
    assert "刚才的操作没有执行：请在本页再按一次那个按钮。" in back.content.decode()


@pytest.mark.parametrize(
    "referer",
    [
        "",
        "https://evil.example/households/",
        "http://testserver.evil.example/",
        "http://testserver//evil.example/",
        "http://testserver@evil.example/",
        "javascript:alert(1)",
    ],
)
def test_a_button_pressed_in_vain_leads_nowhere_else(client, referer):
    assert press(client, referer).url == f"{SIGN_IN}?next=/&again=1"


def test_a_button_pressed_in_vain_without_its_mark_is_answered_alike(clerk):
    """A lost session often takes the mark against forgery along."""
    strict = Client(enforce_csrf_checks=True)

    answer = press(strict, f"http://testserver{HOUSEHOLDS}")

    assert answer.url == f"{SIGN_IN}?next=/households/%3Fstate%3Dhelping&again=1"
    assert press(strict, "", reverse("sign-out")).status_code == 403


def test_a_part_of_a_page_asked_in_vain_leads_the_whole_page_to_sign_in(client):
    answer = client.post(
        "/households/search/",
        headers={"Referer": f"http://testserver{HOUSEHOLDS}", "HX-Request": "true"},
    )

    assert answer.status_code == 204
    assert answer["HX-Redirect"] == f"{SIGN_IN}?next=/households/%3Fstate%3Dhelping&again=1"


@pytest.mark.parametrize(
    ("method", "address", "takes"),
    [("get", EXPORT, "POST"), ("post", "/", "GET"), ("post", "/households/", "GET, HEAD, OPTIONS")],
)
def test_an_address_of_a_button_is_no_blank_page(client, clerk, method, address, takes):
    client.force_login(clerk)

    answer = getattr(client, method)(address)

    assert (answer.status_code, answer["Allow"]) == (405, takes)
    page = answer.content.decode()
    assert "<h1>这个地址不是单独的页面</h1>" in page
    assert f'href="{reverse("home")}">返回首页</a>' in page


# ---- out


def test_a_person_signs_out(client, clerk):
    client.force_login(clerk)

    response = client.post(reverse("sign-out"), follow=True)

    assert "已退出登录" in response.content.decode()
    assert not response.wsgi_request.user.is_authenticated
    assert deeds() == ["signed_out"]


def test_signing_out_twice_does_no_harm(client):
    assert client.post(reverse("sign-out")).url == SIGN_IN
    assert not Entry.objects.exists()


def test_a_link_cannot_sign_anybody_out(client, clerk):
    client.force_login(clerk)

    assert client.get(reverse("sign-out")).status_code == 405


def test_an_unattended_desk_signs_itself_out(client, clerk, time_machine):
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    client.force_login(clerk)
    client.get(reverse("profile"))

    time_machine.move_to(start + datetime.timedelta(minutes=29), tick=False)
    assert client.get(reverse("profile")).status_code == 200
    time_machine.move_to(start + datetime.timedelta(minutes=60), tick=False)
    assert client.get(reverse("profile")).url.startswith(SIGN_IN)


def test_a_leavers_open_session_ends_with_the_next_page(client, clerk):
    client.force_login(clerk)
    clerk.is_active = False
    clerk.save()

    assert client.get(reverse("profile")).url.startswith(SIGN_IN)


def test_pages_of_a_signed_in_person_are_not_left_in_the_browser(client, clerk):
    client.force_login(clerk)

    assert "no-store" in client.get(reverse("profile"))["Cache-Control"]


def test_who_has_signed_in_is_not_asked_again(client, clerk):
    client.force_login(clerk)

    assert client.get(SIGN_IN).url == reverse("home")


# ---- the password


NEW = {"new_password1": "tiaoshan-shi-wo-jia", "new_password2": "tiaoshan-shi-wo-jia"}


def new_clerk(clerk):
    clerk.must_change_password = True
    clerk.save()
    return clerk


def test_a_password_given_by_somebody_else_is_changed_first(client, clerk):
    client.force_login(new_clerk(clerk))

    asked = client.get(reverse("profile"))
    assert asked.url == f"{reverse('change-password')}?next={reverse('profile')}"

    saved = client.post(reverse("change-password"), {**NEW, "next": reverse("profile")})
    assert saved.url == reverse("profile")
    assert client.get(reverse("profile")).status_code == 200
    assert deeds() == ["password_changed"]


def test_before_that_nothing_can_be_saved(client, clerk):
    client.force_login(new_clerk(clerk))

    assert client.post(reverse("profile"), {"phone": "13904510001"}).url == reverse(
        "change-password"
    )
    clerk.refresh_from_db()
    assert clerk.phone == ""


def test_a_fragment_leads_the_whole_page_to_the_new_password(client, clerk):
    client.force_login(new_clerk(clerk))

    response = client.get(reverse("profile"), headers={"HX-Request": "true"})

    assert response["HX-Redirect"] == reverse("change-password")


def test_before_that_one_may_sign_out(client, clerk):
    client.force_login(new_clerk(clerk))

    assert client.post(reverse("sign-out")).url == SIGN_IN


def test_a_password_grows_old(client, clerk):
    clerk.password_changed_at = timezone.now() - datetime.timedelta(days=settings.PASSWORD_DAYS + 1)
    clerk.save()
    client.force_login(clerk)

    assert client.get(reverse("profile")).url.startswith(reverse("change-password"))


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short-1", "10"),
        ("1234567890123", "数字"),
        ("password123", "常见"),
        ("linxiaohong1", "登录名"),
    ],
    ids=["short", "digits-only", "common", "like-the-name"],
)
def test_a_weak_password_is_refused_with_the_reason(client, clerk, password, why):
    clerk.username = "linxiaohong"
    client.force_login(new_clerk(clerk))

    response = client.post(
        reverse("change-password"), {"new_password1": password, "new_password2": password}
    )

    assert why in str(response.context["form"].errors)


def test_the_rules_stand_beside_the_field(client, clerk):
    client.force_login(new_clerk(clerk))

    page = client.get(reverse("change-password")).content.decode()

    assert "至少 10 个字符" in page
    assert "不能与当前密码相同" in page


def test_the_one_time_password_cannot_stay(client, clerk):
    client.force_login(new_clerk(clerk))

    response = client.post(
        reverse("change-password"), {"new_password1": PASSWORD, "new_password2": PASSWORD}
    )

    assert response.context["form"].errors["new_password1"] == ["这是当前密码。请另设一个。"]


def test_changing_ones_password_asks_for_the_present_one(client, clerk):
    client.force_login(clerk)

    refused = client.post(reverse("change-password"), {**NEW, "old_password": "wrong"})
    assert refused.context["form"].errors["old_password"] == ["当前密码不正确，请重新输入。"]

    saved = client.post(reverse("change-password"), {**NEW, "old_password": PASSWORD})
    assert saved.url == reverse("home")
    clerk.refresh_from_db()
    assert clerk.check_password(NEW["new_password1"])


def test_a_new_password_ends_sessions_elsewhere(client, clerk):
    client_elsewhere = Client()
    client.force_login(clerk)
    client_elsewhere.force_login(clerk)

    client.post(reverse("change-password"), {**NEW, "old_password": PASSWORD})

    assert client.get(reverse("profile")).status_code == 200
    assert client_elsewhere.get(reverse("profile")).url.startswith(SIGN_IN)


# ---- one's own particulars


def test_a_person_sees_the_own_sign_ins(client, clerk, approver):
    sign_in(client, "approver", "wrong-password-1")
    sign_in(client, "clerk", "wrong-password-1")
    sign_in(client, "clerk")

    response = client.get(reverse("profile"))

    assert [entry.deed for entry in response.context["sign_ins"]] == [
        "signed_in",
        "sign_in_failed",
    ]


def test_a_person_changes_the_own_phone_and_nothing_else(client, clerk):
    client.force_login(clerk)

    client.post(
        reverse("profile"), {"phone": "13904510001", "role": "administrator", "full_name": "某"}
    )

    clerk.refresh_from_db()
    assert (clerk.phone, clerk.role, clerk.full_name) == ("13904510001", "clerk", "录入员小林")


def test_the_own_phone_is_masked(client, clerk):
    clerk.phone = "13904510001"
    clerk.save()
    client.force_login(clerk)

    page = client.get(reverse("profile")).content.decode()

    assert "13904510001" not in page
    assert "139****0001" in page


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_language_is_chosen_before_signing_in(client, language):
    client.post(reverse("set_language"), {"language": language, "next": SIGN_IN})

    page = client.get(SIGN_IN).content.decode()

    assert f'lang="{language}"' in page
    assert ("登录名" in page) == (language == "zh-hans")


def test_no_household_is_shown_to_a_stranger(client, riverside):
    household = HouseholdFactory(unit=riverside)

    response = client.get(f"/households/{household.pk}/")

    assert response.status_code in {302, 404}


def test_a_wrong_name_costs_what_a_wrong_password_costs(client, clerk):
    """What one could measure from outside is the same: the hash, the queries, the entry."""
    asked = {}
    for name in ("clerk", "nobody"):
        with CaptureQueriesContext(connection) as queries:
            sign_in(client, name, "wrong-password-1")
        asked[name] = [query["sql"].split()[0] for query in queries]

    assert asked["clerk"] == asked["nobody"]
