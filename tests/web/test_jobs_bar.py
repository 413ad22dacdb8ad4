"""The bar in a real browser: it asks by itself, its button stays in place, and it ends as the work ends."""

import pytest
from django.urls import reverse
from django.utils import timezone

from povertyaid.jobs.kinds import kinds
from povertyaid.jobs.models import Job
from povertyaid.jobs.work import kind, start

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("transactional_db")]


@pytest.fixture
def job(riverside, clerk):
    kind("test.work", label="试做", stages={"reading": "读取文件"})(lambda job, progress: None)
    yield start("test.work", title="花名册", unit=riverside, by=clerk, address=reverse("profile"))
    del kinds["test.work"]


@pytest.fixture
def page(page_for, clerk):
    return page_for(clerk)


def test_the_bar_moves_by_itself_and_ends_with_the_way_to_the_result(page, job, run_jobs):
    page.goto(job.get_absolute_url())
    button = page.locator(".work button").element_handle()
    Job.objects.update(
        state="running", started_at=timezone.now(), stage="reading", done=3, total=10
    )
    page.get_by_text("已完成 3 / 10").wait_for()

    assert page.locator(".work progress").get_attribute("value") == "3"
    assert button.evaluate("button => button.isConnected")

    Job.objects.update(state="waiting", started_at=None)
    run_jobs()

    page.get_by_role("link", name="查看结果").wait_for()
    assert page.locator(".work").count() == 1
    assert page.locator(".work progress, .work button").count() == 0
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(1000)
    assert asked == []


def test_whoever_waits_for_the_result_is_led_there(page, job, run_jobs, live_server):
    page.goto(f"{job.get_absolute_url()}?follow=1")
    run_jobs()

    page.wait_for_url(f"{live_server.url}{reverse('profile')}")


def test_work_is_called_off_in_its_place(page, job):
    page.goto(job.get_absolute_url())
    page.click("text=取消任务")

    page.locator(".work .tag", has_text="已取消").wait_for()
    assert page.locator(".work button").count() == 0
    assert Job.objects.get().state == "cancelled"
