import contextlib
import os
import pwd
import shutil
import tempfile
import traceback
from pathlib import Path

import pytest

from povertyaid import cluster

# An ordinary user cannot pretend to be root.
collect_ignore = [] if os.geteuid() == 0 else ["test_as_root.py"]


def new_folder():
    folder = Path(tempfile.mkdtemp(prefix="povertyaid-office-")).resolve()
    folder.chmod(0o711)  # root's PostgreSQL runs as somebody else, who must get through
    return folder


@pytest.fixture
def office(monkeypatch):
    """A data folder that is not there yet, whose database a test may make, break and forget."""
    folder = new_folder()
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("POVERTYAID_DURABLE", "0")
    monkeypatch.setenv("POVERTYAID_DATA", str(folder / "data"))
    yield folder / "data"
    cluster.discard()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def made_once():
    folder = new_folder()
    with office_in(folder):
        cluster.ensure_running()
    yield folder / "data"
    with office_in(folder):
        cluster.discard()
    shutil.rmtree(folder)


@contextlib.contextmanager
def office_in(folder):
    """For so long only: what other tests start would look for their database there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        patch.setenv("POVERTYAID_DURABLE", "0")
        patch.setenv("POVERTYAID_DATA", str(folder / "data"))
        yield


@pytest.fixture
def running(made_once, monkeypatch):
    """An office whose database runs. Shared, since making one takes a second: leave it whole."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("POVERTYAID_DURABLE", "0")
    monkeypatch.setenv("POVERTYAID_DATA", str(made_once))
    cluster.ensure_running()
    return made_once


@pytest.fixture
def as_somebody_else():
    """Run a function as another user, or as ourselves where we are not root; its exit status.

    A fork, not a command: nobody may not be able to run our Python.
    """

    def run(function, uid=None):
        child = os.fork()
        if child == 0:
            status = 70
            try:
                if os.geteuid() == 0:
                    os.setgroups([])
                    os.setgid(pwd.getpwnam("nobody").pw_gid)
                    os.setuid(uid or pwd.getpwnam("nobody").pw_uid)
                status = function()
            except BaseException:  # noqa: BLE001 - a child must never become a second pytest
                traceback.print_exc()
            finally:
                os._exit(status)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    return run
