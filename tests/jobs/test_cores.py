"""Work that is done by a process a core: the same answers, and an end when somebody calls it off."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from povertyaid.jobs.cores import on_all_cores


def square(n):
    return n * n


def square_unless_in_a_process(n):
    """Dies where memory would run out: in a process of its own."""
    if multiprocessing.parent_process():
        os.kill(os.getpid(), signal.SIGKILL)
    return n * n


def who_works():
    return os.getpid()


@pytest.fixture
def _two_cores(settings):
    settings.CORES = 2


def answers(function, tasks, watch=lambda: None):
    return sorted(on_all_cores(function, tasks, watch=watch))


def test_with_one_core_the_work_is_done_here(settings):
    settings.CORES = 1

    assert answers(who_works, [(), ()]) == [os.getpid()] * 2


@pytest.mark.usefixtures("_two_cores")
def test_with_two_cores_it_is_done_by_others(db):
    assert os.getpid() not in answers(who_works, [(), ()])


@pytest.mark.usefixtures("_two_cores")
def test_what_a_killed_process_leaves_is_done_here():
    assert answers(square_unless_in_a_process, [(1,), (2,), (3,)]) == [1, 4, 9]


@pytest.mark.usefixtures("_two_cores")
def test_what_the_watch_raises_ends_it():
    def watch():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        answers(square, [(n,) for n in range(50)], watch)


WORKER = """
import os, sys, time
import django
django.setup()
from django.conf import settings
from povertyaid.jobs.cores import on_all_cores
from tests.jobs import test_cores

if __name__ == "__main__":
    settings.CORES = 2
    for pid in on_all_cores(test_cores.who_works, [(), ()], watch=lambda: None):
        print(pid, flush=True)
        time.sleep(60)
"""


def is_alive(pid):
    """Whether a process runs; one that nobody has buried yet does not."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_processes_end_with_a_killed_worker(tmp_path):
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    environment = os.environ | {"PYTHONPATH": os.fspath(Path(__file__).parents[2])}
    worker = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment
    )
    pid = int(worker.stdout.readline())
    assert is_alive(pid)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()

    until = time.monotonic() + 20
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_alive(pid)
