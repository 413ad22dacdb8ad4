"""Another folder is another, empty office: its first command makes what it needs."""

import subprocess
import sys

import pytest

from povertyaid.cluster import PROJECT


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
