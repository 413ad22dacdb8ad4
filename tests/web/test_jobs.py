"""Work in the background as a clerk sees it: the list, the bar, calling it off."""

import datetime

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from povertyaid.jobs.kinds import kinds
from povertyaid.jobs.models import Job
from povertyaid.jobs.work import kind, start
from tests.factories import JobFactory, OrgUnitFactory

LIST = reverse("job-list")
ASKED = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _a_kind_of_work():
    kind("test.work", label="读取花名册", stages={"reading": "读取文件", "writing": "写入"})(
        lambda job, progress: OrgUnitFactory(code="DONE")
    )
    yield
    del kinds["test.work"]


@pytest.fixture
def job(riverside, clerk):
    """What the clerk has asked for; it waits."""
    return start("test.work", title="一分场.xlsx", unit=riverside, by=clerk, address="/households/")


def page_of(job):
    return reverse("job-detail", args=[job.pk])


def bar_of(job):
    return reverse("job-bar", args=[job.pk])


def cancel_of(job):
    return reverse("job-cancel", args=[job.pk])


def text(response):
    return " ".join(response.content.decode().replace("\N{NO-BREAK SPACE}", "").split())


def running(job, **facts):
    facts = {"started_at": timezone.now(), "moved_at": timezone.now()} | facts
    Job.objects.filter(pk=job.pk).update(state="running", **facts)
    return job


def listed(client, **asked):
    return {one.title for one in client.get(LIST, asked).context["object_list"]}


# ---- the list


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_costs_the_same_however_long_it_is(
    client, clerk, riverside, n, django_assert_num_queries
):
    for _job in range(n):
        JobFactory(unit=riverside, asked_by=clerk)
    client.force_login(clerk)

    with django_assert_num_queries(7):
        response = client.get(LIST)

    assert len(response.context["object_list"]) == n


def test_an_empty_list_says_what_would_stand_there(client, clerk):
    client.force_login(clerk)

    assert "还没有后台任务" in text(client.get(LIST))


def test_each_sees_the_work_of_the_own_units(
    client, job, hillside, clerk, neighbour, supervisor, auditor
):
    JobFactory(unit=hillside, title="邻场.xlsx")

    for person, expected in [
        (clerk, {"一分场.xlsx"}),
        (neighbour, {"邻场.xlsx"}),
        (supervisor, {"一分场.xlsx", "邻场.xlsx"}),
        (auditor, {"一分场.xlsx", "邻场.xlsx"}),
    ]:
        client.force_login(person)
        assert listed(client) == expected


def test_a_helper_has_no_such_page(client, helper, job):
    client.force_login(helper)

    assert client.get(LIST).status_code == 403
    assert client.get(page_of(job)).status_code == 403
    assert "后台任务" not in text(client.get("/"))


def test_the_list_is_cut_by_person_and_state(client, clerk, approver, riverside, job):
    JobFactory(unit=riverside, title="另一份.xlsx", asked_by=approver)
    running(job)
    client.force_login(clerk)

    assert listed(client, whose="mine") == {"一分场.xlsx"}
    assert listed(client, state="waiting") == {"另一份.xlsx"}
    assert listed(client, whose="mine", state="waiting") == set()


# ---- the bar


def test_the_bar_says_how_far_it_is_how_fast_it_goes_and_how_long_it_takes(client, clerk, job):
    moved = timezone.now()
    running(
        job, stage="reading", stage_at=moved - datetime.timedelta(seconds=10), moved_at=moved,
        done=12_000, total=60_000,
    )  # fmt: skip
    client.force_login(clerk)

    response = client.get(bar_of(job), headers=ASKED)

    said = text(response)
    assert response.status_code == 200
    assert "读取花名册 · 读取文件" in said
    assert "已完成 12,000 / 60,000" in said
    assert "每秒 1,200" in said
    assert "约剩 40秒" in said
    assert '<progress value="12000" max="60000"' in said
    assert 'hx-trigger="every 700ms"' in said
    assert "没有运行" not in said


@pytest.mark.parametrize(
    ("left", "said"), [(7, "7秒"), (41, "45秒"), (61, "2分钟"), (3599, "60分钟"), (3601, "2小时")]
)
def test_the_time_left_is_said_as_exactly_as_one_can_know(client, clerk, job, left, said):
    moved = timezone.now()
    running(
        job, stage="reading", stage_at=moved - datetime.timedelta(seconds=10), moved_at=moved,
        done=10, total=10 + left,
    )  # fmt: skip
    client.force_login(clerk)

    assert f"约剩 {said}" in text(client.get(bar_of(job)))


def test_of_work_whose_end_nobody_knows_it_says_how_much_is_done(client, clerk, job):
    running(job, stage="reading", stage_at=timezone.now(), done=1_234)
    client.force_login(clerk)

    said = text(client.get(bar_of(job)))

    assert "已完成 1,234" in said
    assert "约剩" not in said
    assert "<progress aria-label" in said


@pytest.mark.parametrize("begun", [False, True])
def test_whoever_waits_in_vain_is_told_to_see_the_administrator(client, clerk, job, begun):
    if begun:
        running(job)
    client.force_login(clerk)
    before = text(client.get(bar_of(job)))

    Job.objects.update(moved_at=timezone.now() - datetime.timedelta(seconds=21))

    assert "后台服务似乎没有运行，请告知管理员。" not in before
    assert "后台服务似乎没有运行，请告知管理员。" in text(client.get(bar_of(job)))


def test_the_end_of_the_work_ends_the_asking_and_shows_the_result(client, clerk, job, run_jobs):
    run_jobs()
    client.force_login(clerk)

    response = client.get(bar_of(job), headers=ASKED)

    assert response.status_code == 286
    assert (response["HX-Retarget"], response["HX-Reswap"]) == (f"#job-{job.pk}", "outerHTML")
    assert "HX-Redirect" not in response
    assert 'href="/households/">查看结果' in text(response)
    assert "every 700ms" not in text(response)


def test_whoever_follows_is_led_to_the_result(client, clerk, job, run_jobs):
    client.force_login(clerk)
    waiting = client.get(bar_of(job), {"follow": "1"}, headers=ASKED)
    run_jobs()

    response = client.get(bar_of(job), {"follow": "1"}, headers=ASKED)

    assert "HX-Redirect" not in waiting
    assert f'hx-get="{bar_of(job)}?follow=1"' in text(waiting)
    assert (response.status_code, response["HX-Redirect"]) == (286, "/households/")


def test_work_that_failed_says_why_and_leads_nowhere(client, clerk, job):
    running(job)
    Job.objects.update(state="failed", finished_at=timezone.now(), sentence="第 3 行没有姓名。")
    client.force_login(clerk)

    response = client.get(bar_of(job), {"follow": "1"}, headers=ASKED)

    assert (response.status_code, "HX-Redirect" in response) == (286, False)
    assert "第 3 行没有姓名。" in text(response)
    assert "查看结果" not in text(response)


def test_the_page_of_a_job_says_what_it_is_and_who_asked(client, approver, job):
    client.force_login(approver)

    said = text(client.get(page_of(job)))

    assert "读取花名册 · 临江农场" in said
    assert "录入员小林" in said
    assert "轮到时自动开始。" in said
    assert f'<noscript><a class="btn btn-quiet" href="{page_of(job)}">刷新</a></noscript>' in said


def test_a_bar_that_asks_by_itself_does_not_keep_an_unattended_desk_open(client, clerk, job):
    client.force_login(clerk)
    client.get(page_of(job))
    soon = timezone.now() + datetime.timedelta(minutes=5)
    Session.objects.update(expire_date=soon)

    client.get(bar_of(job), headers=ASKED)
    assert Session.objects.get().expire_date == soon

    client.get(page_of(job))
    left = Session.objects.get().expire_date - timezone.now()
    assert left.total_seconds() > settings.SESSION_COOKIE_AGE - 60


# ---- calling off


def test_waiting_work_is_called_off_from_its_page(client, clerk, job, run_jobs):
    client.force_login(clerk)

    response = client.post(cancel_of(job), follow=True)

    job.refresh_from_db()
    assert (job.state, job.cancel_asked_by) == ("cancelled", clerk)
    assert "任务已取消。" in text(response)
    assert "取消任务" not in text(response)


def test_work_under_way_is_called_off_in_its_place_on_the_page(client, approver, job):
    running(job)
    client.force_login(approver)

    response = client.post(cancel_of(job), headers=ASKED)

    job.refresh_from_db()
    assert (response.status_code, job.state, job.cancel_asked_by) == (200, "running", approver)
    assert "正在取消，即将停止。" in text(response)
    assert "取消任务" not in text(response)


def test_work_that_has_ended_meanwhile_is_shown_as_it_ended(client, clerk, job, run_jobs):
    run_jobs()
    client.force_login(clerk)

    part = client.post(cancel_of(job), headers=ASKED)
    page = client.post(cancel_of(job), follow=True)

    assert part.status_code == 286
    assert "任务已经结束，无须取消。" in text(page)
    assert Job.objects.get().state == "done"


def test_an_auditor_looks_and_calls_nothing_off(client, auditor, job):
    client.force_login(auditor)

    assert "取消任务" not in text(client.get(page_of(job)))
    assert client.post(cancel_of(job)).status_code == 403


def test_a_neighbour_cannot_call_off_what_does_not_exist_for_one(client, neighbour, job):
    client.force_login(neighbour)

    assert client.post(cancel_of(job)).status_code == 404
    assert Job.objects.get().state == "waiting"
