"""A visit at the family's table: written down without a signal, sent when there is one, kept once."""

import io
import os

import pytest
from django.urls import reverse
from PIL import Image

from pairings.actions import pairs
from pairings.models import Visit
from tests.browser.acts import fits, follow, sign_in
from tests.factories import (
    EnrolmentFactory,
    HelperFactory,
    HouseholdFactory,
    MemberFactory,
    StaffFactory,
)
from tests.pairings.page import DAY

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("transactional_db")]

PAGE = reverse("pairings:visit-phone")
BEGUN = "[data-visits][data-begun]"
CHOSEN = "[data-chosen-name]"


@pytest.fixture(autouse=True)
def _own_uploads(tmp_path, settings):
    settings.UPLOADS_DIR = tmp_path / "uploads"


@pytest.fixture
def family(riverside, programme, clerk, helper):
    """张三 and 李四, paired with 帮扶干部小于."""
    own = HelperFactory(programme=programme, unit=riverside, name="于海涛", staff=helper)
    for name in ("张三", "李四"):
        household = HouseholdFactory(unit=riverside, head_name=name)
        MemberFactory(household=household, name=name)
        enrolment = EnrolmentFactory(household=household, programme=programme)
        pairs.pair(enrolment, helper=own, scheme="one_to_one", on=DAY, by=clerk)
    return own


@pytest.fixture
def phone(browser, live_server):
    """A telephone; what its scripts stumble over fails the test."""
    context = browser.new_context(
        base_url=live_server.url, locale="zh-CN", viewport={"width": 390, "height": 844},
        has_touch=True,
    )  # fmt: skip
    context.set_default_timeout(15_000)
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def shot(page, name):
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}-390.png", full_page=True)


def picture():
    file = io.BytesIO()
    Image.new("RGB", (3000, 2000), "teal").save(file, "JPEG")
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def begin(page):
    page.goto(PAGE)
    page.wait_for_selector(BEGUN)


def cut(page):
    page.context.set_offline(True)
    page.wait_for_selector("[data-line].off")


def write(page, name):
    """Write a whole visit, with the finger at the end."""
    page.click(f"[data-families] button:has-text('{name}')")
    page.click(".choice:has-text('党员干部帮扶日')")
    page.click(".choice:has-text('送政策')")
    page.click("[data-service=policy] [data-more]")
    page.click(".choice:has-text('解决难事难题')")
    page.fill("[name=problem]", "屋顶漏雨")
    page.fill("[name=situation]", "身体尚好")
    page.set_input_files("[data-camera]", picture())
    page.wait_for_selector(".shots img")
    page.locator("[data-board]").scroll_into_view_if_needed()
    box = page.locator("[data-board]").bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 90, steps=5)
    page.mouse.up()


def kept_in_browser(page):
    """How much of what was written lies in the browser."""
    return page.evaluate(
        """async () => {
          const { drafts } = await import(document.querySelector("[data-visits]").dataset.pageOfDrafts);
          return (await drafts.all()).map((one) => [one.state, one.fields.situation, one.photos.length, Boolean(one.signature)]);
        }"""
    )


def until(page, true):
    """Wait for what the browser does beside the page."""
    for _nth in range(300):
        if true():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not come true")


def test_a_visit_without_a_signal_is_sent_once_when_it_is_back(phone, family):
    sign_in(phone, "helper")
    begin(phone)
    phone.wait_for_selector("[data-families] button")
    assert fits(phone)
    shot(phone, "phone-empty")
    cut(phone)
    write(phone, "张三")
    shot(phone, "phone-full")
    assert fits(phone)
    phone.click("[data-save]")
    phone.wait_for_selector("text=未发送（1）")
    shot(phone, "phone-waiting")
    assert fits(phone)
    assert not Visit.objects.exists()

    phone.context.set_offline(False)
    phone.wait_for_selector(".box-good:has-text('张三')")

    visit = Visit.objects.get()
    assert (visit.household.head_name, visit.helper, visit.situation, visit.signed_by) == (
        "张三", family, "身体尚好", "张三",
    )  # fmt: skip
    assert sorted(visit.items.values_list("kind", "times", "note")) == [
        ("policy", 2, ""), ("problem", 1, "屋顶漏雨"),
    ]  # fmt: skip
    assert max(visit.photos.get().width, visit.photos.get().height) == 1600
    assert kept_in_browser(phone) == []
    shot(phone, "phone-sent")
    phone.goto(f"{reverse('pairings:visit-list')}?programme=all")
    assert phone.locator("tbody tr").count() == 1
    assert fits(phone)
    shot(phone, "phone-list")
    phone.click("tbody a")
    phone.wait_for_selector("figure img")
    assert fits(phone)
    shot(phone, "phone-visit")


def test_what_was_typed_survives_a_reload_without_a_signal(phone, family):
    sign_in(phone, "helper")
    begin(phone)
    phone.wait_for_selector("[data-families] button")
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    cut(phone)
    write(phone, "李四")
    until(phone, lambda: kept_in_browser(phone)[0][-1])
    (worker,) = phone.context.service_workers
    assert worker.evaluate("fetch('/still-here/').then(() => 'on', () => 'off')") == "off"
    phone.reload()

    phone.wait_for_selector(BEGUN)
    phone.wait_for_selector(f"{CHOSEN}:has-text('李四')")
    assert phone.input_value("[name=situation]") == "身体尚好"
    assert phone.input_value("[name=problem]") == "屋顶漏雨"
    assert phone.inner_text("[data-service=policy] output") == "2"
    assert phone.locator(".shots img").count() == 1
    assert kept_in_browser(phone) == [["typing", "身体尚好", 1, True]]
    phone.click("[data-other]")
    assert phone.locator("[data-families] button").count() == 2  # the list lies here too
    phone.click("[data-families] button:has-text('李四')")
    phone.click("[data-save]")
    phone.wait_for_selector("text=未发送（1）")
    phone.context.set_offline(False)
    phone.wait_for_selector(".box-good:has-text('李四')")
    assert Visit.objects.get().signature_stored_as


def test_a_lost_session_sends_after_signing_in(phone, family, helper):
    sign_in(phone, "helper")
    begin(phone)
    phone.click("[data-families] button:has-text('张三')")
    phone.context.clear_cookies()
    phone.click("[data-save]")
    phone.wait_for_selector("a:has-text('请重新登录')")
    assert not Visit.objects.exists()

    phone.click("a:has-text('请重新登录')")
    phone.fill("[name=username]", "helper")
    phone.fill("[name=password]", "correct-horse-1978")
    phone.press("[name=password]", "Enter")
    phone.wait_for_selector(".box-good:has-text('张三')")

    assert Visit.objects.count() == 1


def test_another_person_on_the_telephone_sees_and_sends_nothing_of_it(phone, family, riverside):
    StaffFactory(username="other", role="helper", unit=riverside)
    sign_in(phone, "helper")
    begin(phone)
    phone.click("[data-families] button:has-text('张三')")
    phone.context.clear_cookies()
    phone.click("[data-save]")
    phone.wait_for_selector("a:has-text('请重新登录')")

    sign_in(phone, "other")
    begin(phone)
    phone.wait_for_selector("text=还有其他人的 1 次走访")

    assert "张三" not in phone.inner_text("body")
    assert not Visit.objects.exists()
    assert kept_in_browser(phone)[0][0] == "ready"


def test_signing_out_leaves_nothing_behind(phone, family):
    sign_in(phone, "helper")
    begin(phone)
    phone.wait_for_selector("[data-families] button")
    cut(phone)
    phone.click("[data-families] button:has-text('张三')")
    phone.click("[data-save]")
    phone.wait_for_selector("text=未发送（1）")
    phone.evaluate("window.stop()")
    phone.context.route("**/phone/send/", lambda route: route.abort())
    phone.context.set_offline(False)
    phone.goto(reverse("home"))
    phone.wait_for_selector(".unsent:has-text('1 次走访未发送')")
    shot(phone, "phone-home")
    asked = []
    phone.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))

    phone.click(".menu-right summary")
    with phone.expect_navigation():
        phone.click("form[data-sign-out] button")

    assert "1 次走访未发送" in asked[0]
    left = phone.evaluate(
        """async () => {
          const db = await new Promise((resolve) => { const asked = indexedDB.open("povertyaid-visits"); asked.onsuccess = () => resolve(asked.result); });
          const count = (name) => new Promise((resolve) => { const asked = db.transaction(name).objectStore(name).count(); asked.onsuccess = () => resolve(asked.result); });
          return [await count("drafts"), await count("facts"), (await caches.keys()).length, (await navigator.serviceWorker.getRegistrations()).length];
        }"""
    )
    assert left == [0, 0, 0, 0]


def test_the_desk_enters_a_list_changes_a_visit_and_sees_who_waits(page, family, programme):
    """At both widths: helping day, paper list, form, list; nothing sticks out."""

    def look(name):
        assert fits(page)
        if folder := os.environ.get("SHOTS"):
            width = page.viewport_size["width"]
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)

    programme.helping_day = 5
    programme.save()
    sign_in(page, "clerk")
    page.goto(f"{reverse('pairings:helping-day')}?programme=P1&month=2012-06")
    look("helping-day")
    follow(page, "a:has-text('按纸质名单录入')")
    look("paper-list")
    page.locator("[name=line]").first.check()
    follow(page, "button:has-text('录入勾选的走访')")
    assert "录入" in page.inner_text(".messages")
    look("visits")
    follow(page, "tbody a")
    follow(page, "main a:has-text('修改')")
    page.locator("[name=items-0-kind]").evaluate("box => { box.value = 'problem'; }")
    page.fill("[name=items-0-note]", "屋顶漏雨")
    look("visit-form")
    follow(page, ".form-foot .btn-primary")
    assert "屋顶漏雨" in page.inner_text("main")
    look("visit")
    page.goto(reverse("pairings:problem-list"))
    assert "屋顶漏雨" in page.inner_text("main")
    look("problems")
    follow(page, "a:has-text('登记解决')")
    look("solve")
    page.goto(f"{reverse('pairings:helping-day')}?programme=P1&month=2012-06")
    assert page.locator("section:has-text('尚未走访的户') tbody tr").count() == 1
    page.goto(reverse("pairings:visit-count"))
    look("count")
    page.goto(reverse("pairings:visit-choose"))
    look("choose")
    page.goto(Visit.objects.get().household.get_absolute_url())
    page.wait_for_selector("#visits td, #visits th")
    look("file")
