"""The telephone page: whose households it offers, and what becomes of a visit that it sends."""

import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from pairings.actions import pairs
from pairings.models import Visit
from tests.households.test_concurrency import at_once
from tests.pairings.page import LATER, paired
from tests.pairings.visiting import ON, drawn, jpeg, visited

PAGE = reverse("pairings:visit-phone")
WORKER = reverse("pairings:visit-phone-worker")
READY = reverse("pairings:visit-phone-ready")
HOUSEHOLDS = reverse("pairings:visit-phone-households")
SEND = reverse("pairings:visit-phone-send")


@pytest.fixture(autouse=True)
def _own_uploads(tmp_path, settings):
    settings.UPLOADS_DIR = tmp_path / "uploads"


@pytest.fixture
def own(helping, helper):
    return helping("于海涛", staff=helper)


@pytest.fixture
def zhang(enrolled, own, clerk):
    enrolment = enrolled("张三")
    paired(enrolment, own, clerk)
    return enrolment


@pytest.fixture
def phone(client, helper, zhang):
    client.force_login(helper)
    return client


def typed(enrolment, *items, key=None, **more):
    """What the page sends."""
    data = {
        "key": str(key or uuid.uuid4()), "enrolment": enrolment.pk, "visited_on": "2012-06-05",
        "occasion": "helping_day", "items-TOTAL_FORMS": len(items), "items-INITIAL_FORMS": 0,
    }  # fmt: skip
    for nth, item in enumerate(items):
        data |= {f"items-{nth}-{name}": value for name, value in item.items()}
    return data | more


def sent(phone, data):
    return json.loads(phone.post(SEND, data).content)


# ---- the shell


def test_the_shell_holds_nobodys_data(phone, helper, zhang):
    page = phone.get(PAGE).content.decode()

    assert "保存走访" in page
    for told in (helper.full_name, helper.unit.name, "张三", zhang.household.code, "csrf"):
        assert told not in page


def test_the_worker_keeps_that_page_and_its_files_and_no_other(phone):
    answer = phone.get(WORKER)

    assert answer["Content-Type"] == "text/javascript"
    kept = json.loads(answer.content.decode().split("self.KEPT = ")[1].split(";\n")[0])
    assert kept[0] == PAGE
    assert all(address.startswith("/static/") for address in kept[1:])
    assert WORKER.startswith(PAGE)  # so that its scope is the page


def test_own_households_only_by_name_and_number(phone, zhang, enrolled, helping, own, clerk):
    enrolled("李四")
    visited(zhang, own, by=clerk)

    told = phone.get(HOUSEHOLDS).json()

    assert told["own"] is True
    assert told["households"] == [
        {
            "enrolment": zhang.pk, "name": "张三", "code": zhang.household.code,
            "programme": "职工共同富裕行动", "last": "2012-06-05",
        }
    ]  # fmt: skip
    assert told["owner"] == phone.get(READY).json()["owner"]


def test_an_office_looks_for_a_household(desk, zhang, enrolled, hillside):
    enrolled("李四")
    enrolled("孟小山", unit=hillside)

    def names(**query):
        return [one["name"] for one in desk.get(HOUSEHOLDS, query).json()["households"]]

    assert names() == ["张三", "李四"]
    assert names(q="lisi") == ["李四"]
    assert names(q="239901197001010037") == []


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_takes_the_same_number_of_queries(
    client, helper, own, enrolled, clerk, django_assert_num_queries, n
):
    for nth in range(n):
        paired(enrolled(f"户{nth}"), own, clerk)
    client.force_login(helper)

    with django_assert_num_queries(6):
        assert len(client.get(HOUSEHOLDS).json()["households"]) == n


# ---- what arrives


def test_a_visit_arrives_with_everything(phone, helper, own, zhang):
    data = typed(
        zhang, {"kind": "problem", "times": 1, "note": "屋顶漏雨"}, {"kind": "policy", "times": 2},
        situation="身体尚好", signed_by="张三",
        photos=[SimpleUploadedFile("photo-1.jpg", jpeg(), "image/jpeg")],
        signature=SimpleUploadedFile("signature.png", drawn(), "image/png"),
    )  # fmt: skip

    told = sent(phone, data)

    visit = Visit.objects.get()
    assert told == {"state": "kept", "address": visit.get_absolute_url()}
    assert (visit.helper, visit.recorded_by, visit.visited_on) == (own, helper, ON)
    assert str(visit.key) == data["key"]
    assert list(visit.items.values_list("kind", "times")) == [("problem", 1), ("policy", 2)]
    assert (visit.photos.count(), visit.signed_by) == (1, "张三")


def test_sent_again_it_is_kept_once(phone, zhang):
    data = typed(zhang)

    first, second = sent(phone, data), sent(phone, data | {"situation": "改过"})

    assert second == first | {"again": True}
    assert Visit.objects.count() == 1


def test_after_the_pair_has_ended_it_is_still_known(phone, helper, own, zhang, helping, clerk):
    data = typed(zhang)
    sent(phone, data)
    other = helping("赵铁柱")
    pairs.hand_over(zhang.pairings.get(), helper=own, to=other, on=LATER, by=clerk)

    assert sent(phone, data) == {"state": "kept", "address": "", "again": True}
    told = sent(phone, typed(zhang))
    assert told["state"] == "refused"
    assert "结对户" in told["sentences"][0]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"visited_on": "2099-01-01"}, "今天之后"),
        ({"visited_on": "2012-04-01"}, "没有与该户结对"),
        ({"key": "nonsense"}, "标识无效"),
        ({"enrolment": "9" * 30}, "结对户"),
        ({"photos": [SimpleUploadedFile("a.jpg", b"MZ\x90\x00\x03")]}, "不是能识别的照片"),
        ({"signature": [SimpleUploadedFile("a.png", drawn())], "signed_by": ""}, "签字人"),
    ],
    ids=["tomorrow", "before the pair", "no key", "no household", "a program", "nobody signed"],
)
def test_what_is_refused_is_said_in_words(phone, zhang, more, words):
    told = sent(phone, typed(zhang) | more)

    assert told["state"] == "refused"
    assert words in told["sentences"][0]
    assert not Visit.objects.exists()


def test_another_household_is_refused_like_one_that_does_not_exist(phone, enrolled, zhang):
    other = enrolled("李四")

    theirs, nobodys = typed(other), typed(zhang) | {"enrolment": 10**12}

    assert sent(phone, theirs) == sent(phone, nobodys)


def test_what_is_odd_is_asked_and_then_kept(phone, zhang, helping, clerk):
    visited(zhang, helping("赵铁柱"), by=clerk)
    data = typed(zhang)

    told = sent(phone, data)
    (doubt,) = told["doubts"]
    data |= {doubt["tick"]: doubt["value"], doubt["reason"]: "各去各的"}

    assert told["state"] == "asked"
    assert "赵铁柱" not in doubt["sentence"]
    assert sent(phone, data)["state"] == "kept"


def test_a_clerk_sends_for_who_leads_the_pair(desk, zhang, own, clerk):
    assert sent(desk, typed(zhang))["state"] == "kept"

    visit = Visit.objects.get()
    assert (visit.helper, visit.recorded_by) == (own, clerk)


def test_without_the_mark_of_the_page_nothing_is_taken(helper, zhang):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(helper)

    assert strict.post(SEND, typed(zhang)).status_code == 403
    token = strict.get(READY).json()["token"]
    answer = strict.post(SEND, typed(zhang), headers={"X-CSRFToken": token})

    assert json.loads(answer.content)["state"] == "kept"


def test_signed_out_nothing_is_taken(client, zhang):
    answer = client.post(SEND, typed(zhang))

    assert answer.status_code == 302
    assert not Visit.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_one_moment_it_is_kept_once(helper, zhang):
    desks = [Client(), Client()]
    for one in desks:
        one.force_login(helper)
    data = typed(zhang)

    answers = at_once(*(lambda one=one: sent(one, data) for one in desks))

    assert [answer["state"] for answer in answers] == ["kept", "kept"]
    assert Visit.objects.count() == 1


def test_the_own_households_say_when_they_were_last_visited(phone, zhang, own, clerk):
    before = phone.get(reverse("home")).content.decode()
    visited(zhang, own, by=clerk)
    after = phone.get(reverse("home")).content.decode()

    assert PAGE in before
    assert "尚未走访" in before
    assert "天前走访" in after
