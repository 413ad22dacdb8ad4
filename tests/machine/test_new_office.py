"""Another folder is another, empty office: its first command makes what it needs."""

import subprocess
import sys

import pytest

from povertyaid.cluster import PROJECT


def run(*words):
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.usefixtures("office")
def test_the_first_commands_of_a_new_office_find_their_tables():
    both = [
        subprocess.Popen(
            [sys.executable, "manage.py", "demo_accounts", "--json"],
            cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _nth in range(2)
    ]  # fmt: skip
    said = [process.communicate() for process in both]

    assert [process.returncode for process in both] == [0, 0], said
    assert [out.strip() for out, _err in said] == ["[]", "[]"]


@pytest.mark.usefixtures("office")
def test_who_asks_about_the_tables_finds_none_made_behind_the_back():
    shown = run("showmigrations", "households")

    assert "[ ] 0001_initial" in shown.stdout
