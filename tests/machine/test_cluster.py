"""The private PostgreSQL: made, found, started and stopped by anybody, on any engine."""

import os
import signal
import stat
import subprocess
import sys
import time

import psycopg
import pytest

from povertyaid import cluster


def connect(user="povertyaid"):
    place = cluster.connection()
    return psycopg.connect(
        host=place["HOST"], port=place["PORT"], dbname=place["NAME"], user=user, autocommit=True
    )


def answers(question):
    with connect() as connection:
        return connection.execute(question).fetchone()[0]


@pytest.mark.parametrize("engine", list(cluster.candidate_folders()), ids=str)
def test_each_postgresql_on_this_machine_serves(engine, office, monkeypatch):
    monkeypatch.setenv("POVERTYAID_PG_BIN", str(engine))

    assert cluster.ensure_running() is True
    assert cluster.ensure_running() is False, "it runs already"
    assert answers("SHOW server_encoding") == "UTF8"
    assert answers("SHOW timezone") == "Asia/Shanghai"
    assert answers("SHOW jit") == "off"
    assert answers("SHOW listen_addresses") == ""
    with connect() as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE EXTENSION btree_gist")
    assert answers("SELECT similarity('临江农场三连', '临江农场五连') > 0.3"), "it sees Chinese"

    assert cluster.stop() is True
    assert cluster.stop() is False
    assert not cluster.is_running()
    assert cluster.ensure_running() is True, "what was stopped starts again"


def test_the_wheel_is_there_where_no_server_is_installed():
    assert list(cluster.candidate_folders())[-1] == cluster.wheel_folder()


def test_the_office_may_name_its_postgresql(monkeypatch, office):
    monkeypatch.setenv("POVERTYAID_PG_BIN", str(cluster.wheel_folder()))
    account = cluster.Cluster.of(office).account

    assert next(cluster.candidate_folders()) == cluster.wheel_folder()
    assert cluster.find_binaries(account).major == 18


def test_a_wrongly_named_postgresql_is_no_reason_to_take_another(monkeypatch, office):
    monkeypatch.setenv("POVERTYAID_PG_BIN", "/usr/share")

    with pytest.raises(cluster.ClusterError, match=r"POVERTYAID_PG_BIN is /usr/share"):
        cluster.ensure_running()


def test_only_its_owner_can_reach_it(running):
    home = cluster.Cluster.of(running).home

    for folder in (home, home / "socket", home / "data"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_ordinary_user_needs_no_rights(office, as_somebody_else, monkeypatch):
    nobody = cluster.Account.of(65534 if os.geteuid() == 0 else os.geteuid())
    monkeypatch.setenv("POVERTYAID_PG_BIN", str(cluster.find_binaries(nobody).folder))
    office.mkdir()
    os.chown(office, nobody.uid, nobody.gid)

    def work():
        cluster.ensure_running()
        with connect() as connection:
            connection.execute("CREATE TABLE t AS SELECT 1 AS kept")
        cluster.stop()
        cluster.ensure_running()
        return answers("SELECT kept FROM t") != 1

    assert as_somebody_else(work) == 0
    assert cluster.is_running(), "root may use an ordinary user's office too"
    assert answers("SELECT kept FROM t") == 1


def test_six_commands_at_once_after_an_interrupted_one_make_one_database(office):
    place = cluster.Cluster.of(office)
    office.mkdir()
    os.chown(office, place.account.uid, place.account.gid)
    place.account.run("mkdir", "-p", place.home / "data.new" / "base")

    starting = [
        subprocess.Popen(
            [sys.executable, "-m", "povertyaid.cluster", "start"],
            cwd=cluster.PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    said = [process.communicate(timeout=60) for process in starting]

    assert [process.returncode for process in starting] == [0] * 6, said
    assert (office / "cluster" / "log").read_text().count("starting PostgreSQL") == 1


def test_a_killed_server_loses_nothing_and_comes_back(running):
    with connect() as connection:
        connection.execute("SET synchronous_commit = on")  # as every office has it
        connection.execute("CREATE TABLE survivor AS SELECT 1 AS kept")
    os.kill(cluster.Cluster.of(running).server_pid(), signal.SIGKILL)
    while cluster.is_running():
        time.sleep(0.01)

    assert cluster.ensure_running() is True
    assert answers("SELECT kept FROM survivor") == 1


def test_a_pid_that_now_belongs_to_another_program_is_not_the_server(running):
    place = cluster.Cluster.of(running)
    left_behind = (place.data / "postmaster.pid").read_text().splitlines()
    cluster.stop()
    drop = {"user": place.account.uid, "group": place.account.gid, "extra_groups": []}
    stranger = subprocess.Popen(["sleep", "60"], cwd="/", **(drop if os.geteuid() == 0 else {}))
    left_behind[0] = str(stranger.pid)
    place.account.write(place.data / "postmaster.pid", "\n".join(left_behind) + "\n")

    try:
        assert cluster.stop() is False
        assert cluster.ensure_running() is True
        assert stranger.poll() is None, "and the other program is left alone"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_whose_socket_was_tidied_away_is_reached_again(running):
    cluster.Cluster.of(running).socket_file.unlink()

    assert cluster.ensure_running() is True
    assert answers("SELECT 1") == 1


def test_a_database_of_another_version_is_not_touched(running):
    cluster.stop()
    place = cluster.Cluster.of(running)
    version = place.made_by()
    place.account.write(place.data / "PG_VERSION", "14\n")
    try:
        with pytest.raises(cluster.ClusterError, match=r"PostgreSQL 14 is needed .* PostgreSQL 1"):
            cluster.ensure_running()
    finally:
        place.account.write(place.data / "PG_VERSION", f"{version}\n")


def test_personal_data_stays_out_of_the_server_log(running):
    with connect() as connection:
        connection.execute("CREATE TABLE person (name text UNIQUE)")
        connection.execute("INSERT INTO person VALUES ('张三丰')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES ('张三丰')")

    log = (running / "cluster" / "log").read_text()
    assert "person_name_key" in log
    assert "张三丰" not in log


def test_the_office_tunes_its_own_server(running):
    place = cluster.Cluster.of(running)
    place.account.write(place.data / "office.conf", "work_mem = '9MB'\n")
    cluster.stop()
    cluster.ensure_running()

    assert answers("SHOW work_mem") == "9MB"


def test_only_a_test_trades_safety_for_speed(running, monkeypatch):
    assert answers("SHOW fsync") == "off"
    cluster.stop()
    monkeypatch.delenv("POVERTYAID_DURABLE")
    cluster.ensure_running()
    assert answers("SHOW fsync") == "on"


def test_an_office_that_means_it_is_never_discarded(running):
    mark = running / "cluster" / "throw_away"
    mark.rename(mark.with_name("kept"))
    try:
        with pytest.raises(cluster.ClusterError, match="not deleted"):
            cluster.discard()
    finally:
        mark.with_name("kept").rename(mark)
    assert cluster.is_running()


def test_a_server_of_somebodys_own_is_neither_started_nor_stopped(office, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://db.example/n")

    assert cluster.ensure_running() is False
    assert cluster.stop() is False
    assert not office.exists()


def test_a_data_folder_that_cannot_be_made_is_named(monkeypatch):
    monkeypatch.setenv("POVERTYAID_DATA", "/dev/null/data")

    with pytest.raises(cluster.ClusterError, match=r"/dev/null/data: .*POVERTYAID_DATA"):
        cluster.ensure_running()


def test_a_database_error_is_one_sentence_at_the_prompt(office):
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate"],
        cwd=cluster.PROJECT,
        env=os.environ | {"POVERTYAID_PG_BIN": "/usr/share"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("POVERTYAID_PG_BIN is /usr/share")
    assert "Traceback" not in done.stderr
