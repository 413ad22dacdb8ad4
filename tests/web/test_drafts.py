import datetime
import re
import threading

import pytest
import time_machine
from django.db import connection
from django.test import Client

from povertyaid.programmes.models import Programme
from povertyaid.web.models import Draft, Submission
from tests import factories

pytestmark = pytest.mark.usefixtures("sample")

NEW = "/sample/new/"


def marks_of(page):
    """The hidden marks of the form on a page, as the browser sends them back."""
    found = re.findall(r'name="(_draft|_submit)" value="([^"]*)"', page.content.decode())
    assert len(found) == 2
    return dict(found)


def wish(unit, **changes):
    return {
        "code": "P9",
        "name": "新工程",
        "lead_unit": unit.pk,
        "starts_on": "2011-03-01",
    } | changes


@pytest.fixture
def opened(client, administrator):
    """The administrator has the form open; its hidden marks."""
    client.force_login(administrator)
    return marks_of(client.get(NEW))


# ---- a lost session loses no typing


def test_what_was_typed_before_the_session_was_lost_is_there_after_signing_in(
    client, administrator, bureau, opened
):
    client.logout()

    lost = client.post(NEW, wish(bureau, name="打了一半") | opened)
    assert lost.headers["Location"] == f"/sign-in/?next={NEW}"
    asked = client.get(lost.headers["Location"])
    assert "填写的内容已保留" in asked.content.decode()
    back = client.post(
        lost.headers["Location"],
        {"username": "administrator", "password": factories.PASSWORD, "next": NEW},
        follow=True,
    )

    page = back.content.decode()
    assert back.request["PATH_INFO"] == NEW
    assert "您填写的内容已找回" in page
    assert 'value="打了一半"' in page
    assert not Programme.objects.exists()


def test_once_saved_what_was_kept_is_gone(client, administrator, bureau, opened):
    client.logout()
    client.post(NEW, wish(bureau) | opened)
    client.force_login(administrator)

    client.post(NEW, wish(bureau) | marks_of(client.get(NEW)))

    assert Programme.objects.count() == 1
    assert not Draft.objects.exists()
    assert "已找回" not in client.get(NEW).content.decode()


def test_another_person_never_sees_what_was_kept(client, bureau, opened):
    other = factories.StaffFactory(role="administrator", unit=bureau)
    client.logout()
    client.post(NEW, wish(bureau, name="打了一半") | opened)
    client.force_login(other)

    assert "打了一半" not in client.get(NEW).content.decode()


def test_what_was_kept_belongs_to_its_page(client, administrator, bureau, opened):
    programme = factories.ProgrammeFactory(lead_unit=bureau, name="老工程")
    client.logout()
    client.post(NEW, wish(bureau, name="打了一半") | opened)
    client.force_login(administrator)

    assert "打了一半" not in client.get(f"/sample/{programme.pk}/edit/").content.decode()


def test_what_was_kept_can_be_thrown_away(client, administrator, bureau, opened):
    client.logout()
    client.post(NEW, wish(bureau) | opened)
    client.force_login(administrator)

    response = client.post("/drafts/discard/", {"path": NEW})

    assert response.headers["Location"] == NEW
    assert not Draft.objects.exists()


def test_throwing_away_leads_to_no_other_site(client, administrator):
    client.force_login(administrator)

    response = client.post("/drafts/discard/", {"path": "https://evil.example/"})

    assert response.headers["Location"] == "/"


def test_it_lies_encrypted(client, bureau, opened):
    client.logout()
    client.post(NEW, wish(bureau, name="张三 511702198001010558") | opened)

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM web_draft")
        [(body,)] = cursor.fetchall()
    assert b"511702198001010558" not in bytes(body)
    assert "511702198001010558" in Draft.objects.get().body


def test_passwords_are_not_kept(client, bureau, opened):
    client.logout()
    client.post(NEW, wish(bureau, new_password1="geheim-geheim") | opened)

    assert "geheim" not in Draft.objects.get().body


def test_typing_again_replaces_what_was_kept(client, bureau, opened):
    client.logout()
    client.post(NEW, wish(bureau, code="A") | opened)
    client.post(NEW, wish(bureau, code="B") | opened)

    assert "code=B" in Draft.objects.get().body


@pytest.mark.parametrize(
    "mark", ["", "nonsense", "WzEsICIvc2FtcGxlL25ldy8iXQ:1abcde:forged", "\x00", "Ww:1:1"]
)
def test_a_forged_mark_keeps_nothing(client, bureau, mark):
    response = client.post(NEW, wish(bureau) | {"_draft": mark})

    assert response.headers["Location"] == "/sign-in/?next=/&again=1"
    assert not Draft.objects.exists()


def test_the_mark_of_one_page_keeps_nothing_for_another(client, bureau, opened):
    client.logout()
    client.post("/sample/1/edit/", wish(bureau) | opened)

    assert not Draft.objects.exists()


def test_a_mark_older_than_a_week_keeps_nothing(client, bureau, opened):
    client.logout()
    with time_machine.travel(datetime.timedelta(days=8)):
        client.post(NEW, wish(bureau) | opened)

    assert not Draft.objects.exists()


def test_after_a_week_it_is_not_shown_and_with_the_next_save_it_is_gone(
    client, administrator, bureau, opened
):
    client.logout()
    with time_machine.travel(datetime.timedelta(days=-8)):
        client.force_login(administrator)
        marks = marks_of(client.get(NEW))
        client.logout()
        client.post(NEW, wish(bureau) | marks)
    assert Draft.objects.count() == 1
    client.force_login(administrator)

    page = client.get(NEW)
    assert "已找回" not in page.content.decode()
    programme = factories.ProgrammeFactory(lead_unit=bureau)
    edit = f"/sample/{programme.pk}/edit/"
    client.post(edit, wish(bureau) | marks_of(client.get(edit)))
    assert not Draft.objects.exists()


def test_more_than_a_family_can_fill_is_not_kept(client, bureau, opened):
    client.logout()
    client.post(NEW, wish(bureau, name="长" * 200_000) | opened)

    assert not Draft.objects.exists()


def test_someone_who_left_meanwhile_has_no_drawer(client, administrator, bureau, opened):
    client.logout()
    administrator.is_active = False
    administrator.save()

    client.post(NEW, wish(bureau) | opened)

    assert not Draft.objects.exists()


def test_a_form_opened_by_one_person_is_not_saved_in_the_name_of_the_next(
    client, administrator, bureau, opened
):
    other = factories.StaffFactory(role="administrator", unit=bureau)
    client.force_login(other)

    response = client.post(NEW, wish(bureau, name="打了一半") | opened, follow=True)

    assert not Programme.objects.exists()
    assert "由另一位同事打开" in response.content.decode()
    assert Draft.objects.get().kept_by == administrator


def test_it_works_when_the_cookies_are_gone_altogether(administrator, bureau):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(administrator)
    marks = marks_of(strict.get(NEW))
    strict.cookies.clear()

    response = strict.post(NEW, wish(bureau) | marks)

    assert response.headers["Location"] == f"/sign-in/?next={NEW}"
    assert Draft.objects.count() == 1


def test_signing_in_anew_in_another_window_loses_nothing(administrator, bureau):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(administrator)
    marks = marks_of(strict.get(NEW))

    response = strict.post(
        NEW, wish(bureau, name="打了一半") | marks | {"csrfmiddlewaretoken": "x" * 64}, follow=True
    )

    page = response.content.decode()
    assert not Programme.objects.exists()
    assert "没有保存" in page
    assert 'value="打了一半"' in page


def test_a_form_from_elsewhere_is_refused(administrator, bureau):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(administrator)

    response = strict.post(NEW, wish(bureau))

    assert response.status_code == 403
    assert "表单没有提交成功" in response.content.decode()
    assert not Draft.objects.exists()


def test_htmx_is_told_to_leave_the_page_when_the_session_is_gone(client):
    response = client.get(
        "/sample/?q=x",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/sample/?kind=farm"},
    )

    assert response.status_code == 204
    assert response.headers["HX-Redirect"] == "/sign-in/?next=/sample/%3Fkind%3Dfarm"


# ---- pressing twice


def test_pressing_save_twice_saves_once_and_leads_to_what_was_saved(client, bureau, opened):
    first = client.post(NEW, wish(bureau) | opened)
    second = client.post(NEW, wish(bureau) | opened)

    assert Programme.objects.count() == 1
    assert first.headers["Location"] == second.headers["Location"]


def test_the_same_form_with_other_text_is_another_wish(client, bureau, opened):
    # Back in the browser, another name typed, saved: the second programme must not vanish.
    client.post(NEW, wish(bureau) | opened)
    client.post(NEW, wish(bureau, code="P10", name="第二个") | opened)

    assert Programme.objects.count() == 2


def test_a_refused_form_may_be_sent_again(client, bureau, opened):
    refused = wish(bureau, code="TAKEN") | opened

    assert client.post(NEW, refused).status_code == 200
    assert client.post(NEW, refused).status_code == 200
    assert not Submission.objects.exists()


def test_what_was_saved_long_ago_is_forgotten(client, bureau, opened):
    with time_machine.travel(datetime.timedelta(days=-3)):
        client.force_login(factories.StaffFactory(role="administrator", unit=bureau))
        client.post(NEW, wish(bureau) | marks_of(client.get(NEW)))
    assert Submission.objects.count() == 1

    client.force_login(factories.StaffFactory(role="administrator", unit=bureau))
    client.post(NEW, wish(bureau, code="P10") | marks_of(client.get(NEW)))

    assert Submission.objects.count() == 1


def test_two_presses_at_the_same_moment_save_once(transactional_db, client, bureau, opened):
    body = wish(bureau) | opened
    answers = []
    start = threading.Barrier(2)
    cookies = client.cookies

    def press():
        other = Client()
        other.cookies = cookies
        start.wait()
        answers.append(other.post(NEW, body).headers["Location"])
        connection.close()

    presses = [threading.Thread(target=press) for _ in range(2)]
    for each in presses:
        each.start()
    for each in presses:
        each.join()

    assert Programme.objects.count() == 1
    assert len(set(answers)) == 1
