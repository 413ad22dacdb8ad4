"""Who is at a job, what others see of it meanwhile, and what becomes of it when that one dies."""

import signal
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from povertyaid.jobs import presence
from povertyaid.jobs.models import Job
from povertyaid.jobs.work import cancel, carry_out, recover
from povertyaid.org.models import OrgUnit
from tests.factories import OrgUnitFactory

pytestmark = pytest.mark.django_db(transaction=True)


def elsewhere(deed):
    """What a deed gives on another connection, as another process would have it."""
    given = []

    def run():
        try:
            given.append(deed())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return given[0]


def seen(job):
    return Job.objects.values_list("state", "stage", "done", "total").get(pk=job.pk)


def test_progress_is_seen_while_the_works_own_transaction_is_open(ask):
    told = []

    @transaction.atomic
    def count(job, progress):
        OrgUnitFactory(code="NOT-YET")
        progress.stage("counting", total=5)
        progress.to(3)
        progress.stage("writing", total=9)
        told.append(elsewhere(lambda: seen(job)))
        told.append(elsewhere(OrgUnit.objects.filter(code="NOT-YET").exists))

    job = ask(count)
    carry_out(job.pk)

    assert told == [("running", "writing", 0, 9), False]
    assert seen(job) == ("done", "writing", 0, 9)


def test_progress_told_of_every_row_is_written_now_and_then(ask, django_assert_max_num_queries):
    def count(job, progress):
        progress.stage("counting", total=100_000)
        began = time.monotonic()
        for _row in progress.checked(range(100_000)):
            pass
        assert time.monotonic() - began < 3

    job = ask(count)
    with django_assert_max_num_queries(6):
        carry_out(job.pk)

    assert seen(job) == ("done", "counting", 100_000, 100_000)


def test_whoever_calls_work_off_takes_its_transaction_back(ask, clerk):
    @transaction.atomic
    def count(job, progress):
        OrgUnitFactory(code="HALF")
        progress.stage("counting", total=5)
        elsewhere(lambda: cancel(job, by=clerk))
        progress.stage("writing")
        OrgUnitFactory(code="WHOLE")

    job = ask(count)
    carry_out(job.pk)

    assert seen(job)[0] == "cancelled"
    assert not OrgUnit.objects.filter(code__in=["HALF", "WHOLE"]).exists()


def test_work_may_change_its_own_row_without_waiting_for_itself(ask):
    @transaction.atomic
    def move(job, progress):
        Job.objects.filter(pk=job.pk).update(title="另一份.xlsx")
        progress.stage("counting")

    job = ask(move)
    carry_out(job.pk)

    job.refresh_from_db()
    assert (job.state, job.title) == ("done", "另一份.xlsx")


def test_two_workers_at_one_job_do_it_once(ask):
    done = []

    def count(job, progress):
        done.append(True)
        elsewhere(lambda: carry_out(job.pk))
        elsewhere(recover)

    job = ask(count)
    carry_out(job.pk)
    carry_out(job.pk)

    assert (done, seen(job)[0]) == ([True], "done")


def test_the_place_is_free_again_after_whatever_end(ask):
    def fail(job, progress):
        raise ValueError

    job = ask(fail)
    carry_out(job.pk)

    assert elsewhere(lambda: try_lock(job)) is True


def try_lock(job):
    with transaction.atomic():
        return presence.try_lock(job.pk)


def test_that_it_is_done_is_kept_with_the_work_or_not_at_all(ask):
    def finish(job, progress):
        with transaction.atomic():
            OrgUnitFactory(code="KEPT")
            progress.finish()
            told.append(elsewhere(lambda: seen(job))[0])
        told.append(elsewhere(lambda: seen(job))[0])
        raise ValueError  # as if the machine died here

    def break_off(job, progress):
        with transaction.atomic():
            OrgUnitFactory(code="LOST")
            progress.finish()
            raise OperationalError

    told = []
    kept = ask(finish)
    carry_out(kept.pk)
    lost = ask(break_off, attempts=1)
    carry_out(lost.pk)

    assert told == ["running", "done"]
    assert (seen(kept)[0], OrgUnit.objects.filter(code="KEPT").exists()) == ("done", True)
    assert (seen(lost)[0], OrgUnit.objects.filter(code="LOST").exists()) == ("failed", False)


def test_work_whose_lock_is_lost_is_broken_off_and_begun_anew(ask):
    """The database was started anew, or an administrator ended the connection: nobody holds the place."""

    def count(job, progress):
        if job.attempts == 1:
            kill_others()
        progress.stage("counting")

    job = ask(count)
    carry_out(job.pk)
    assert seen(job)[0] == "waiting"
    carry_out(job.pk)

    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)


@pytest.mark.parametrize("notices", [True, False])
def test_whoever_lost_the_place_does_not_end_what_another_has_begun_anew(ask, notices):
    def count(job, progress):
        kill_others()
        elsewhere(recover)
        elsewhere(lambda: begun_by_another(job))
        if notices:
            progress.stage("counting")

    job = ask(count)
    carry_out(job.pk)

    job.refresh_from_db()
    assert (job.state, job.attempts) == ("running", 2)


def begun_by_another(job):
    found = Job.objects.waiting().filter(pk=job.pk)
    return found.update(state="running", attempts=2, started_at=job.started_at)


def test_the_place_is_given_back_also_where_connections_live_on_in_a_pool(ask, monkeypatch):
    pool = {"min_size": 1, "max_size": 2}
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "pool", pool)
    job = ask()
    carry_out(job.pk)

    free = try_lock(job)
    connection.close_pool()

    assert (free, seen(job)[0]) == (True, "done")


def kill_others():
    """End every other connection to this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            "   AND usename = current_user"
        )


CHILD = """
import sys, time
import django
django.setup()
from django.db import connection, transaction
from povertyaid.jobs.work import carry_out, kind
from povertyaid.org.models import OrgUnit

connection.settings_dict["NAME"] = sys.argv[2]

@kind("test.work", label="", stages={"counting": ""})
def work(job, progress):
    with transaction.atomic():
        OrgUnit.objects.filter(pk=job.unit_id).update(name="半途")
        progress.stage("counting", total=9)
        print("at it", flush=True)
        time.sleep(60)

carry_out(int(sys.argv[1]))
"""


def test_a_killed_workers_job_is_taken_up_by_the_next(ask, riverside):
    job = ask(lambda job, progress: None)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(job.pk), connection.settings_dict["NAME"]],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout.readline() == "at it\n"
        carry_out(job.pk)
        recover()
        assert seen(job) == ("running", "counting", 0, 9)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()

    give_up = time.monotonic() + 10
    while seen(job)[0] == "running" and time.monotonic() < give_up:
        recover()

    assert seen(job)[0] == "waiting"
    carry_out(job.pk)
    assert seen(job)[0] == "done"
    riverside.refresh_from_db()
    assert riverside.name == "临江农场"
