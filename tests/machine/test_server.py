"""script/server: what it refuses in words, what it leaves behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from povertyaid import cluster, processes, server
from povertyaid.jobs import queue
from tests.factories import JobFactory


def test_a_busy_port_is_told_with_a_way_out(monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))

        with pytest.raises(server.ServerError, match=f"PORT={port + 1} script/server"):
            server.place()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("POVERTYAID_ADDRESS", "no.such.invalid"),
    ],
)
def test_a_place_that_is_none_is_named(monkeypatch, name, value):
    monkeypatch.setenv(name, value)

    with pytest.raises(server.ServerError, match=f"{name} is {value}"):
        server.place()


@pytest.mark.parametrize(
    ("chosen", "url", "wanted"),
    [
        ("", "", True),
        ("0", "", False),
        ("", "postgres://h/n", False),
        ("1", "postgres://h/n", True),
    ],
)
def test_a_countys_own_server_gets_no_invented_people_unasked(monkeypatch, chosen, url, wanted):
    monkeypatch.setenv("POVERTYAID_DEMO", chosen)
    monkeypatch.setenv("DATABASE_URL", url)

    assert server.wants_demonstration() is wanted


def test_an_unclear_wish_for_a_demonstration_is_refused(monkeypatch):
    monkeypatch.setenv("POVERTYAID_DEMO", "perhaps")

    with pytest.raises(server.ServerError, match="use 1 or 0"):
        server.wants_demonstration()


def test_a_database_that_does_not_answer_is_told_without_its_password(monkeypatch):
    place = cluster.parse_url("postgres://office:secret@127.0.0.1:9/n")

    with pytest.raises(server.ServerError, match="does not let us in") as refusal:
        server.try_database(place)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_stops_us_stops_what_we_started(number, tmp_path):
    mark = tmp_path / "grandchild"
    program = (
        "import sys; from povertyaid import processes; processes.stop_on_signals();"
        "processes.run('sh', '-c', sys.argv[1])"
    )
    child = f"sleep 60 & echo $! > {mark}.draft; mv {mark}.draft {mark}; wait"
    ours = subprocess.Popen([sys.executable, "-c", program, child])
    while not mark.exists():
        time.sleep(0.01)
    ours.send_signal(number)

    assert ours.wait(timeout=20) == 128 + number
    grandchild = int(mark.read_text())
    for _ in range(200):
        if not lives(grandchild):
            return
        time.sleep(0.01)
    pytest.fail("it lives on")


def lives(pid):
    try:
        with open(f"/proc/{pid}/stat") as told:  # noqa: PTH123 - a name that may vanish any moment
            return told.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_command_gives_its_status():
    assert processes.run("sh", "-c", "exit 3") == 3
    assert processes.run("sh", "-c", 'exit "$ASKED"', environment={"ASKED": "4"}) == 4
    assert "ASKED" not in os.environ


@pytest.mark.parametrize("written", ["many", "-1", "1.5"])
def test_a_number_of_workers_that_is_none_is_named(monkeypatch, written):
    monkeypatch.setenv("POVERTYAID_JOBS", written)

    with pytest.raises(server.ServerError, match=f"POVERTYAID_JOBS is {written}"):
        server.workers_wanted()


# --- the whole of it ------------------------------------------------------------------------------

SERVE = (
    "import sys; from povertyaid import processes, server; processes.stop_on_signals();"
    "sys.exit(server.serve('127.0.0.1', int(sys.argv[1])))"
)


@pytest.fixture
def serving():
    """The server on the tests' own database; its first line of output is read already."""
    place = connection.settings_dict
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    url = f"postgresql://{place['USER']}@/{place['NAME']}?host={place['HOST']}&port={place['PORT']}"
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(port)],
        env=os.environ | {"DATABASE_URL": url, "POVERTYAID_WORKERS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    for line in process.stdout:
        if "povertyaid" in line:
            break
    yield process
    process.terminate()
    process.wait()
    process.stdout.close()


def children(pid):
    """{process id: command line} of whatever a process has started."""
    told = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(one): Path(f"/proc/{one}/cmdline").read_text() for one in told}


def worker_of(server_pid, but=None):
    """The worker that the server has started, another one than `but`."""
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up:
        for pid, command in children(server_pid).items():
            if "procrastinate" in command and pid != but:
                return pid
        time.sleep(0.05)
    pytest.fail("there is no worker")


def carried_out():
    """Whether a worker takes up a job: of a kind that nobody knows, so that it ends at once."""
    job = JobFactory(kind="nobody.knows")
    queue.put(queue.CARRY_OUT, job_pk=job.pk)
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up:
        job.refresh_from_db()
        if job.is_ended:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.django_db(transaction=True)
def test_the_server_keeps_a_worker_and_leaves_none_behind(serving):
    first = worker_of(serving.pid)
    os.kill(first, signal.SIGKILL)
    second = worker_of(serving.pid, but=first)
    assert carried_out()

    serving.send_signal(signal.SIGTERM)

    said, _none = serving.communicate(timeout=20)
    assert serving.returncode == 128 + signal.SIGTERM
    assert not lives(second)
    assert said.count("has ended: what went wrong stands above") == 1
