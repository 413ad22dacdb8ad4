"""What only root meets: PostgreSQL runs as somebody else, who may not enter every folder."""

import shutil
import stat
from pathlib import Path

import psycopg
import pytest

from povertyaid import cluster
from tests.machine.test_cluster import answers, connect


@pytest.fixture
def closed(office):
    """An office below a folder that only root may enter, as a checkout in /root is."""
    office.parent.chmod(0o700)
    return office


def test_root_keeps_the_database_of_a_closed_folder_outside(closed, monkeypatch):
    cluster.ensure_running()
    with connect() as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS kept")
    assert cluster.Cluster.of(closed).home.parent == Path("/var/lib/povertyaid")
    assert stat.S_IMODE(closed.parent.stat().st_mode) == 0o700, "no folder is opened for it"
    cluster.stop()

    # A copied office does not write into the first one.
    shutil.copytree(closed, closed.with_name("copy"))
    with monkeypatch.context() as there:
        there.setenv("POVERTYAID_DATA", str(closed.with_name("copy")))
        with pytest.raises(cluster.ClusterError, match="is a copy of"):
            cluster.ensure_running()

    # A moved one keeps its rows.
    closed.rename(closed.with_name("moved"))
    monkeypatch.setenv("POVERTYAID_DATA", str(closed.with_name("moved")))
    cluster.ensure_running()
    assert answers("SELECT kept FROM t") == 1


def test_an_office_begun_anew_does_not_find_the_old_rows(closed):
    cluster.ensure_running()
    with connect() as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS old")
    home = cluster.Cluster.of(closed).home
    cluster.stop()
    for path in closed.iterdir():
        path.unlink()

    cluster.ensure_running()
    kept = list(home.parent.glob(f"{home.name}.2*"))
    try:
        with pytest.raises(psycopg.errors.UndefinedTable):
            answers("SELECT old FROM t")
        assert len(kept) == 1, "but they are kept"
    finally:
        for folder in kept:
            shutil.rmtree(folder)


def test_binaries_that_only_root_can_reach_are_copied():
    before = set(cluster.SYSTEM_STATE.glob("*"))
    folder = cluster.copied_wheel(cluster.wheel_folder())

    done = cluster.Account.of(65534).run(folder / "postgres", "--version")
    assert done.returncode == 0, "the libraries came along"
    assert "PostgreSQL" in done.stdout
    for copy in set(cluster.SYSTEM_STATE.glob("*")) - before:
        shutil.rmtree(copy)


def test_another_user_of_the_machine_is_kept_out(running, as_somebody_else):
    place = cluster.connection()

    def try_it():
        try:
            psycopg.connect(
                host=place["HOST"], port=place["PORT"], dbname="povertyaid", user="povertyaid"
            )
        except psycopg.OperationalError:
            return 0
        return 1

    assert as_somebody_else(try_it, uid=54321) == 0
