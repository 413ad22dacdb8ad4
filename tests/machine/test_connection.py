"""DATABASE_URL means what it means to every other PostgreSQL program."""

import os
from pathlib import Path

import pytest

from povertyaid import cluster

DATABASE = {"NAME": "n", "USER": "", "PASSWORD": "", "HOST": "", "PORT": "", "OPTIONS": {}}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgres://u:p@db.example:5433/n",
            {"USER": "u", "PASSWORD": "p", "HOST": "db.example", "PORT": "5433"},
        ),
        ("postgresql://u@localhost/n", {"USER": "u", "HOST": "localhost"}),
        ("postgres:///n", {}),
        ("postgres:///n?host=/run/postgresql", {"HOST": "/run/postgresql"}),
        ("postgres://%2Frun%2Fpostgresql/n", {"HOST": "/run/postgresql"}),
        ("postgres://u:p%40ss%3A%2F%25@h/n", {"USER": "u", "PASSWORD": "p@ss:/%", "HOST": "h"}),
        ("postgres://u:a@b@h/n", {"USER": "u", "PASSWORD": "a@b", "HOST": "h"}),
        ("postgres://[::1]:5433/n", {"HOST": "::1", "PORT": "5433"}),
        ("postgres://a:1,b:2/n", {"HOST": "a,b", "PORT": "1,2"}),
        ("postgres://a,b/n", {"HOST": "a,b"}),
        ("postgres://h/%E5%B8%AE%E6%89%B6", {"NAME": "帮扶", "HOST": "h"}),
        ("postgres://h?dbname=n&user=u&password=p", {"USER": "u", "PASSWORD": "p", "HOST": "h"}),
        (
            "postgres://h/n?sslmode=verify-full&options=-c%20search_path%3Da",
            {"HOST": "h", "OPTIONS": {"sslmode": "verify-full", "options": "-c search_path=a"}},
        ),
        (" postgres://h/n\n", {"HOST": "h"}),
    ],
)
def test_an_address_is_read_as_libpq_reads_it(url, expected, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", url)

    engine = {"ENGINE": "django.db.backends.postgresql"}
    assert cluster.connection() == engine | DATABASE | expected


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://u:secret@h/n", "mysql"),
        ("secret", "only PostgreSQL"),
        ("postgres://u:secret@h", "names no database"),
        ("postgres://u:secret@h:five/n", "port"),
        ("postgres://u:secret@[::1/n", "cannot be read"),
    ],
)
def test_a_wrong_address_is_refused_without_its_password(url, told):
    with pytest.raises(cluster.ClusterError, match=told) as refusal:
        cluster.parse_url(url)

    assert "secret" not in str(refusal.value).replace("“secret”", "")
    assert "postgresql://" in str(refusal.value)


def test_without_an_address_the_private_cluster_is_meant(office):
    first, second = cluster.connection(), cluster.connection()

    assert first == second
    assert first["NAME"] == first["USER"] == "povertyaid"
    assert first["HOST"] == str(office / "cluster" / "socket")
    assert not office.exists(), "asking makes nothing"


def test_another_data_folder_is_another_database(office, monkeypatch):
    here = cluster.connection()
    monkeypatch.setenv("POVERTYAID_DATA", f"{office}2")

    assert cluster.connection()["HOST"] != here["HOST"]


def test_a_socket_path_stays_short_enough_for_the_system(office, monkeypatch):
    monkeypatch.setenv("POVERTYAID_DATA", str(office / ("帮扶" * 20)))

    host = Path(cluster.connection()["HOST"])
    assert len(os.fsencode(host / ".s.PGSQL.5432")) < 104
    assert host.parent == Path("/tmp")  # noqa: S108 - the one short folder every system has


def test_a_relative_data_folder_counts_from_the_project(monkeypatch, tmp_path):
    monkeypatch.setenv("POVERTYAID_DATA", "other")
    monkeypatch.chdir(tmp_path)

    assert cluster.data_folder() == cluster.PROJECT / "other"
