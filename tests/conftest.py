"""The cast. `clerk` works at Riverside farm, `neighbour` at Hillside next door; the bureau is above both."""

import datetime
import os
import shutil

import pytest

from povertyaid import cluster
from povertyaid.fonts import prepare_fonts
from povertyaid.jobs import work
from tests import factories

cluster.ensure_running()


@pytest.fixture(autouse=True)
def _database(db):
    """Every test may use the database: nearly all of them are about rows."""


@pytest.fixture
def bureau():
    return factories.OrgUnitFactory(
        code="B", name="哈东管理局", kind="bureau", level="bureau", keeps_files=False
    )


@pytest.fixture
def riverside(bureau):
    return factories.OrgUnitFactory(
        code="B-RIV", name="临江农场", kind="farm", level="farm", parent=bureau
    )


@pytest.fixture
def hillside(bureau):
    return factories.OrgUnitFactory(
        code="B-HIL", name="靠山农场", kind="farm", level="farm", parent=bureau
    )


@pytest.fixture
def clerk(riverside):
    """Enters and corrects the files of Riverside."""
    return factories.StaffFactory(
        username="clerk", full_name="录入员小林", role="clerk", unit=riverside
    )


@pytest.fixture
def approver(riverside):
    """Decides what the clerk proposes."""
    return factories.StaffFactory(
        username="approver", full_name="审核员老郑", role="approver", unit=riverside
    )


@pytest.fixture
def supervisor(bureau):
    """Reads both farms, prints and signs."""
    return factories.StaffFactory(
        username="supervisor", full_name="领导老贺", role="supervisor", unit=bureau
    )


@pytest.fixture
def helper(riverside):
    """Is paired with households, and sees no others."""
    return factories.StaffFactory(
        username="helper", full_name="帮扶干部小于", role="helper", unit=riverside
    )


@pytest.fixture
def administrator(bureau):
    """Keeps units, staff, programmes and lines; opens no file."""
    return factories.StaffFactory(
        username="administrator", full_name="管理员老邱", role="administrator", unit=bureau
    )


@pytest.fixture
def auditor(bureau):
    """Reads who did what and who looked at whom."""
    return factories.StaffFactory(
        username="auditor", full_name="督查员老薛", role="auditor", unit=bureau
    )


@pytest.fixture
def neighbour(hillside):
    """A clerk with the same powers, one farm further."""
    return factories.StaffFactory(
        username="neighbour", full_name="邻场录入员小孟", role="clerk", unit=hillside
    )


@pytest.fixture
def programme(bureau):
    return factories.ProgrammeFactory(
        code="P1",
        name="职工共同富裕行动",
        lead_unit=bureau,
        starts_on=datetime.date(2011, 1, 1),
        as_of=datetime.date(2013, 12, 10),
    )


@pytest.fixture
def run_jobs():
    """Carry out what is queued, as the worker would; answers how many jobs it was."""
    return work.run_waiting


@pytest.fixture(scope="module")
def browser():
    """Chromium as script/test found it. A machine without one fails: it is not left out.

    It draws with the fonts that papers are set in: a machine without a Chinese one has boxes.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- slow, and only here

    program = os.environ.get("POVERTYAID_CHROMIUM") or shutil.which("chromium")
    assert program, "The browser tests need Chromium; script/setup test installs it."
    prepare_fonts()
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        # Playwright keeps an event loop in this thread; our queries are not made from it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()
