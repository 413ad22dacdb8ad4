"""What becomes of work that somebody asked for."""

import datetime
import json

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from povertyaid.audit.models import Entry
from povertyaid.jobs import queue, tasks, work
from povertyaid.jobs.models import Job
from povertyaid.jobs.work import (
    EndedError,
    cancel,
    carry_out,
    nightly,
    recover,
)
from povertyaid.org.models import OrgUnit
from tests.factories import JobFactory, OrgUnitFactory

PERSONAL = "王建国 239901197001010003"


def now_of(job):
    job.refresh_from_db()
    return job


def begun(job, *, attempts=1):
    """As a worker leaves it that dies: under way, and nobody is at it."""
    Job.objects.filter(pk=job.pk).update(
        state="running", started_at=minutes_ago(9), attempts=attempts
    )
    return now_of(job)


def minutes_ago(n):
    return timezone.now() - datetime.timedelta(minutes=n)


def queued():
    rows = ProcrastinateJob.objects.filter(task_name=queue.CARRY_OUT, status="todo")
    return [row.args["job_pk"] for row in rows.order_by("pk")]


# ---- asked for


def test_work_is_done_and_says_how_far_it_came(ask, run_jobs):
    def count(job, progress):
        progress.stage("counting", total=job.arguments["rows"])
        for _row in progress.checked(range(3)):
            OrgUnitFactory(code=f"N{_row}")

    job = ask(count, rows=3)
    assert (job.state, queued()) == ("waiting", [job.pk])

    assert run_jobs() == 1

    assert (now_of(job).state, job.stage, job.done, job.total) == ("done", "counting", 3, 3)
    assert job.started_at <= job.finished_at
    assert (job.is_ended, job.is_done, job.is_running, job.attempts) == (True, True, False, 1)
    assert OrgUnit.objects.filter(code__startswith="N").count() == 3
    assert (queued(), run_jobs()) == ([], 0)


def test_what_is_asked_for_in_a_transaction_that_fails_was_never_asked_for(ask):
    with transaction.atomic():
        ask()
        transaction.set_rollback(True)

    assert (Job.objects.count(), queued()) == (0, [])


def test_the_result_may_turn_out_to_be_elsewhere(ask, run_jobs):
    def find(job, progress):
        job.address = "/reports/"

    job = ask(find)
    run_jobs()

    assert now_of(job).address == "/reports/"


def test_a_stage_that_the_kind_does_not_name_is_a_fault(ask, run_jobs):
    job = ask(lambda job, progress: progress.stage("dreaming"))
    run_jobs()

    assert now_of(job).state == "failed"


def test_a_miscount_does_not_lose_the_work(ask, run_jobs):
    def count(job, progress):
        progress.stage("counting")
        progress.to(7)
        progress.set_total(5)
        progress.step(2)

    job = ask(count)
    run_jobs()

    assert (now_of(job).state, job.done, job.total) == ("done", 5, 5)


# ---- refused, broken


def test_a_refusal_is_told_in_its_own_words_and_its_rows_are_taken_back(ask, run_jobs):
    def refuse(job, progress):
        OrgUnitFactory(code="HALF")
        raise ValidationError(["第 3 行没有姓名。", "第 5 行没有户号。"])

    job = ask(refuse)
    run_jobs()

    assert (now_of(job).state, job.sentence) == ("failed", "第 3 行没有姓名。 第 5 行没有户号。")
    assert not OrgUnit.objects.filter(code="HALF").exists()


def test_a_fault_is_told_in_general_words_and_logged_without_anybodys_data(ask, run_jobs, caplog):
    def fail(job, progress):
        raise ValueError(PERSONAL)

    job = ask(fail)
    run_jobs()

    assert (now_of(job).state, job.sentence) == (
        "failed",
        "程序遇到意外错误，任务未能完成。请告知管理员。",
    )
    said = caplog.text
    assert f"Job {job.pk} (test.work): builtins.ValueError at " in said
    assert "tests/jobs/test_work.py" in said
    assert "王建国" not in said
    assert "2399" not in said


def test_work_of_a_version_to_come_is_refused_in_words(run_jobs, ask):
    job = ask()
    work.kinds.pop("test.work")
    run_jobs()

    assert (now_of(job).state, job.sentence) == ("failed", "当前版本无法处理这类任务。")


def test_when_the_database_goes_away_it_is_begun_anew_as_often_as_the_kind_allows(ask, run_jobs):
    tried = []

    def stumble(job, progress):
        tried.append(job.attempts)
        progress.stage("counting", total=10)
        if job.attempts < 3:
            raise OperationalError("server closed the connection")

    job = ask(stumble)
    assert run_jobs() == 3

    assert (tried, now_of(job).state, job.attempts) == ([1, 2, 3], "done", 3)


def test_what_breaks_off_each_time_is_given_up(ask, run_jobs, caplog):
    def stumble(job, progress):
        raise OperationalError(PERSONAL)

    job = ask(stumble, attempts=2)
    assert run_jobs() == 2

    assert (now_of(job).state, job.sentence) == (
        "failed",
        "任务已尝试 2 次，每次都中断了。请告知管理员。",
    )
    assert PERSONAL not in caplog.text


def test_what_the_worker_lets_through_is_logged_without_its_text(caplog):
    def fail(**arguments):
        raise ValueError(PERSONAL)

    tasks.quietly("Job 1", fail)

    assert "Job 1: builtins.ValueError at " in caplog.text
    assert PERSONAL not in caplog.text


# ---- called off


def test_waiting_work_is_called_off_at_once(ask, run_jobs, clerk):
    job = ask(lambda job, progress: OrgUnitFactory(code="NEVER"))

    cancel(job, by=clerk)

    assert (now_of(job).state, job.cancel_asked_by) == ("cancelled", clerk)
    assert job.finished_at
    entry = Entry.objects.get(deed="job_cancelled")
    assert (entry.by, entry.target_code, entry.detail) == (
        clerk,
        f"J{job.pk}",
        {"kind": "test.work"},
    )
    run_jobs()
    assert not OrgUnit.objects.filter(code="NEVER").exists()


def test_work_under_way_is_asked_once_to_leave_off(ask, clerk, approver):
    job = begun(ask())

    cancel(job, by=approver)
    cancel(job, by=clerk)

    assert (now_of(job).state, job.is_running, job.cancel_asked_by) == ("running", True, approver)
    assert Entry.objects.filter(deed="job_cancelled").count() == 1


def test_work_that_has_ended_cannot_be_called_off(ask, run_jobs, clerk):
    job = ask()
    run_jobs()

    with pytest.raises(EndedError):
        cancel(job, by=clerk)
    assert now_of(job).state == "done"


def test_work_called_off_is_not_begun_anew(ask, clerk):
    job = begun(ask())
    queue.take(queue.CARRY_OUT)
    cancel(job, by=clerk)

    recover()

    assert (now_of(job).state, queued()) == ("cancelled", [])


# ---- the worker is stopped


def test_a_job_that_is_stopped_waits_again_and_the_attempt_does_not_count(ask, run_jobs):
    stops = iter([True, False, False])

    def count(job, progress):
        OrgUnitFactory(code="ONCE")
        progress.stage("counting", total=1)

    job = ask(count, attempts=1)
    carry_out(job.pk, should_stop=lambda: next(stops))

    assert (now_of(job).state, job.attempts, job.started_at) == ("waiting", 0, None)
    assert not OrgUnit.objects.filter(code="ONCE").exists()
    run_jobs()
    assert (now_of(job).state, OrgUnit.objects.filter(code="ONCE").count()) == ("done", 1)


def test_the_same_job_is_done_once_however_often_it_is_queued(ask, run_jobs):
    job = ask(lambda job, progress: OrgUnitFactory())
    queue.put(queue.CARRY_OUT, job_pk=job.pk)
    queue.put(queue.CARRY_OUT, job_pk=10**12)

    assert run_jobs() == 3

    assert now_of(job).attempts == 1


# ---- found again


def test_a_job_whose_worker_died_is_queued_anew(ask, run_jobs):
    job = begun(ask())
    row, _arguments = queue.take(queue.CARRY_OUT)

    recover()

    assert (now_of(job).state, queued()) == ("waiting", [job.pk])
    assert ProcrastinateJob.objects.get(pk=row).status == "failed"
    run_jobs()
    assert (now_of(job).state, job.attempts) == ("done", 2)


def test_a_job_that_kills_its_worker_each_time_is_given_up(ask):
    job = begun(ask(), attempts=3)

    recover()

    assert (now_of(job).state, job.attempts) == ("failed", 3)


def test_a_job_that_fell_out_of_the_queue_is_put_back_and_no_other(ask, clerk):
    lost, queued_one, fresh = ask(), ask(), ask()
    while queue.take(queue.CARRY_OUT):
        pass
    Job.objects.exclude(pk=fresh.pk).update(moved_at=minutes_ago(2))
    queue.put(queue.CARRY_OUT, job_pk=queued_one.pk)

    recover()
    recover()

    assert queued() == [queued_one.pk, lost.pk]


def test_a_row_of_a_living_worker_is_left_to_it(ask):
    ask()
    row, _arguments = queue.take(queue.CARRY_OUT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT worker_id FROM procrastinate_register_worker_v1()")
        worker = cursor.fetchone()
        cursor.execute("UPDATE procrastinate_jobs SET worker_id = %s WHERE id = %s", [*worker, row])

    recover()

    assert ProcrastinateJob.objects.get(pk=row).status == "doing"
    assert queue.somebody_works()


# ---- every night


def test_the_night_is_worked_once_whenever_the_machine_wakes():
    def nights():
        return ProcrastinateJob.objects.filter(task_name=queue.NIGHT).count()

    work.look_round()
    work.look_round()

    assert nights() == 1


def test_one_rooms_fault_does_not_keep_the_others_from_their_night(caplog):
    done = []

    @nightly
    def broken():
        raise ValueError(PERSONAL)

    @nightly
    def after():
        done.append(True)

    tasks.night.func()

    assert done == [True]
    assert "broken: builtins.ValueError" in caplog.text
    assert PERSONAL not in caplog.text


def test_old_jobs_and_old_rows_of_the_queue_go_away(ask, run_jobs):
    fresh = ask()
    run_jobs()
    day = datetime.timedelta(days=1)
    old = {"state": "done", "started_at": timezone.now() - 401 * day}
    JobFactory(**old, finished_at=timezone.now() - 401 * day)
    queue.put(queue.LOOK_ROUND)
    queue.put(queue.CARRY_OUT, job_pk=1)
    aged(queue.LOOK_ROUND, days=2)
    aged(queue.CARRY_OUT, days=31, job_pk=1)

    work.remove_old()

    assert list(Job.objects.all()) == [fresh]
    assert [row.args for row in ProcrastinateJob.objects.all()] == [{"job_pk": fresh.pk}]


def aged(task, *, days, **arguments):
    """A row of the queue that ended so long ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH ended AS (
                UPDATE procrastinate_jobs SET status = 'succeeded'
                 WHERE task_name = %s AND args = %s::jsonb RETURNING id)
            SELECT id FROM ended
            """,
            [task, json.dumps(arguments)],
        )
        (row,) = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_events SET at = now() - make_interval(days => %s) WHERE job_id = %s",
            [days, row],
        )
