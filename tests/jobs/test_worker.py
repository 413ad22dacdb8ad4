"""The worker itself: a process of its own that is killed, stopped and cut off from its database."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import connection

from tests.jobs.test_presence import kill_others

WORKER = """
import sys, time
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from povertyaid.jobs.work import kind

connection.settings_dict["NAME"] = sys.argv[1]

@kind("test.work", label="", stages={"counting": ""})
def work(job, progress):
    progress.stage("counting", total=job.arguments["rows"])
    for _row in progress.checked(range(job.arguments["rows"])):
        time.sleep(0.01)

call_command("procrastinate", "worker")
"""


@pytest.fixture
def worker():
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, connection.settings_dict["NAME"]],
        cwd=settings.BASE_DIR,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "povertyaid.settings"},
    )
    yield process
    process.kill()
    process.wait()
    process.stderr.close()


def until(job, *states):
    """Wait until a job is in one of these states."""
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up:
        job.refresh_from_db()
        if job.state in states:
            return job
        time.sleep(0.02)
    pytest.fail(f"it is still {job.state}")


def let_in(*, allowed):
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection._nodb_cursor() as cursor:  # nobody may shut the door behind oneself
        cursor.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}")


@pytest.fixture
def away():
    """The database throws everybody out and lets nobody in, as while it is started anew."""

    def be(*, is_away):
        let_in(allowed=not is_away)
        if is_away:
            kill_others()

    yield be
    let_in(allowed=True)


@pytest.mark.django_db(transaction=True)
def test_a_worker_outlives_its_database_and_lays_its_work_back_when_stopped(ask, worker, away):
    until(ask(rows=1), "done")
    away(is_away=True)
    assert any(line.startswith("The worker cannot reach its queue") for line in worker.stderr)
    away(is_away=False)
    until(ask(rows=1), "done")
    long = ask(rows=6000)
    until(long, "running")

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(timeout=10) == 0
    long.refresh_from_db()
    assert (long.state, long.attempts) == ("waiting", 0)
    assert worker.stderr.read() == ""
