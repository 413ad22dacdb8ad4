"""From a household without a helper to a pair that is handed over, at a desk and on a phone."""

import os

import pytest
from django.urls import reverse

from tests.browser.acts import fits, follow, sign_in
from tests.factories import EnrolmentFactory, HelperFactory, HouseholdFactory, MemberFactory

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("transactional_db")]


@pytest.fixture
def families(riverside, programme, clerk):
    for name in ("张三", "李四"):
        household = HouseholdFactory(unit=riverside, head_name=name)
        MemberFactory(household=household, name=name)
        EnrolmentFactory(household=household, programme=programme)
    for name in ("于海涛", "赵铁柱"):
        HelperFactory(programme=programme, unit=riverside, name=name, phone="13900000001")


def test_households_are_paired_and_handed_over(page, families):
    def shot(name):
        if folder := os.environ.get("SHOTS"):
            page.screenshot(
                path=f"{folder}/{name}-{page.viewport_size['width']}.png", full_page=True
            )

    sign_in(page, "clerk")
    page.goto(reverse("pairings:unpaired"))
    assert fits(page)
    shot("unpaired")
    page.locator("tbody input[name=pk]").nth(0).check()
    page.locator("tbody input[name=pk]").nth(1).check()
    follow(page, ".batch button")
    assert fits(page)

    page.locator("[name=helper]").press_sequentially("yuhai")
    page.locator("[role=option]", has_text="于海涛").click()
    page.fill("[name=on]", "2012年5月1日")
    assert not page.locator("[name=area]").is_visible()
    shot("pair-form")
    follow(page, ".form-foot button")

    assert "已结对" in page.inner_text("main")
    assert "李四" in page.inner_text("main")
    assert fits(page)
    shot("helper")
    page.goto(reverse("pairings:list"))
    assert fits(page)
    shot("pairs")
    follow(page, "tbody a:has-text('张三')")
    assert fits(page)
    shot("pair")
    follow(page, "a:has-text('移交对子')")
    page.locator("[name=to]").press_sequentially("ztz")
    page.locator("[role=option]", has_text="赵铁柱").click()
    page.fill("[name=reason]", "于海涛调离")
    follow(page, ".form-foot button")
    assert "赵铁柱" in page.inner_text("main")

    follow(page, "main a:has-text('张三')")
    section = page.locator("#helpers tbody")
    section.wait_for()
    assert "赵铁柱" in section.inner_text()
    assert fits(page)
    shot("file")
    page.goto(reverse("pairings:helper-list"))
    assert fits(page)
    shot("helpers")
