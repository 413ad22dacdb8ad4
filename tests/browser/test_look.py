"""What only a drawn page shows: lines that are there, rows of one height, cards that open."""

import io
from decimal import Decimal

import pytest
from django.conf import settings as django_settings
from PIL import Image

from tests.factories import (
    EnrolmentFactory,
    HouseholdFactory,
    IncomeSnapshotFactory,
    MemberFactory,
    OrgUnitFactory,
)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("transactional_db")]


@pytest.fixture
def household(riverside, programme):
    programme.name = "哈东管理局“一帮一”职工共同富裕行动第三轮"
    programme.save()
    unit = OrgUnitFactory(parent=riverside, name="临江农场第一管理区第二十三居民组")
    household = HouseholdFactory(unit=unit, head_name="张三")
    MemberFactory(
        household=household, name="张三", health="患有大病", work_status="务农",
        labour="普通劳动力", phone="13912345678",
    )  # fmt: skip
    enrolment = EnrolmentFactory(
        household=household, programme=programme, causes=["illness", "disability", "缺劳动力"]
    )
    IncomeSnapshotFactory(enrolment=enrolment, wages=Decimal(9000))
    return household


@pytest.fixture
def page_of(browser, live_server, client, supervisor):
    """A page of the signed-in supervisor at a width."""
    client.force_login(supervisor)
    contexts = []

    def opened(address, width):
        context = browser.new_context(
            base_url=live_server.url, locale="zh-CN", viewport={"width": width, "height": 900}
        )
        contexts.append(context)
        name = django_settings.SESSION_COOKIE_NAME
        context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
        )
        page = context.new_page()
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()


def test_the_list_over_all_programmes_is_calm_at_a_desk(page_of, household):
    page = page_of("/households/", 1440)

    assert 38 <= page.locator("#rows tbody tr").bounding_box()["height"] <= 52
    assert page.evaluate("document.documentElement.scrollWidth") == 1440
    # The line under the table is drawn, wherever between two pixels the table ends.
    sheet = page.locator(".table-sheet").bounding_box()
    picture = Image.open(io.BytesIO(page.screenshot())).convert("L")
    below = [
        picture.getpixel((sheet["x"] + 90, sheet["y"] + sheet["height"] + n))
        for n in (-2, -1, 0, 1)
    ]
    assert min(below) < 230


def test_chinese_is_drawn_with_the_fonts_we_bring(page_of, household):
    page = page_of("/", 1440)
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    root = devtools.send("DOM.getDocument")["root"]["nodeId"]
    title = devtools.send("DOM.querySelector", {"nodeId": root, "selector": "h1"})["nodeId"]

    fonts = devtools.send("CSS.getPlatformFontsForNode", {"nodeId": title})["fonts"]

    assert [font["familyName"] for font in fonts] == ["Noto Sans SC"]


def test_a_member_s_card_on_a_phone_has_what_one_calls_and_visits_for(page_of, household):
    page = page_of(household.get_absolute_url(), 390)
    card = page.locator("#members tbody tr").first

    assert all(text in card.inner_text() for text in ("患有大病", "务农", "139****5678"))
    assert "普通劳动力" not in card.inner_text()
    card.locator("summary").click()
    assert "普通劳动力" in card.inner_text()
    income = page.locator(".incomes tbody tr").first
    assert "9,000.00 元" not in income.inner_text()
    income.locator("summary").click()
    assert income.locator(".rest", has_text="9,000.00").is_visible()
