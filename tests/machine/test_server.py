"""script/server: what it refuses in words, what it leaves behind."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from povertyaid import cluster, processes, server


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
