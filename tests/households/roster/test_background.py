"""A roster too large to wait for: read, imported and undone by the worker; killed, called off, taken up again."""

import signal
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from households.models import Household, IdentityClaim, Member, RosterImport
from households.roster import files
from povertyaid.jobs.models import Job
from povertyaid.jobs.work import cancel, recover
from tests.households.roster.sheets import MEMBERS, number, workbook
from tests.households.roster.test_pages import page_of, send, verb

FAMILIES = [
    row
    for n in range(0, 40, 2)
    for row in (
        [f"X-{n}", f"户{n}", "户主", number(n), "女", 2],
        ["", f"户{n + 1}", "配偶", number(n + 1), "男", ""],
    )
]
STRANGE = ["编号", "当事人", "证件", "户籍地"]


@pytest.fixture(autouse=True)
def _nothing_is_small(settings):
    settings.ROSTER_AT_ONCE_BYTES = settings.ROSTER_UNDO_AT_ONCE = 0


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


@pytest.fixture
def asked_for(desk, riverside, programme):
    """A roster that waits to be read."""
    send(desk, riverside, programme, workbook(MEMBERS, *FAMILIES))
    return RosterImport.objects.get()


def state_of(roster):
    roster.refresh_from_db()
    return roster.state


def test_a_large_roster_is_read_imported_and_undone_by_the_worker(desk, asked_for, run_jobs):
    assert asked_for.state == "reading"
    assert "job-" in page_of(desk, asked_for)
    run_jobs()
    assert state_of(asked_for) == "previewed"
    verb(desk, asked_for, "commit")
    assert state_of(asked_for) == "writing"
    assert not Household.objects.exists()
    run_jobs()
    assert (state_of(asked_for), Member.objects.count()) == ("imported", 40)
    desk.post(reverse("households:roster-undo", args=[asked_for.pk]))
    assert state_of(asked_for) == "undoing"
    run_jobs()
    assert (state_of(asked_for), Member.objects.count()) == ("undone", 0)
    assert set(Job.objects.values_list("kind", "state")) == {
        ("roster.read", "done"), ("roster.import", "done"), ("roster.undo", "done"),
    }  # fmt: skip


def test_headings_are_asked_for_after_the_worker_has_read(desk, riverside, programme, run_jobs):
    rows = [[n, f"王{n}", number(n), "一组"] for n in range(5)]
    send(desk, riverside, programme, workbook(STRANGE, *rows))
    run_jobs()

    assert RosterImport.objects.get().state == "headings"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04" + workbook(MEMBERS)[4:-4000] + b"\0" * 22, "文件已损坏"),
        (workbook(["帮扶工作总结"], ["今年以来"]), "都没有花名册的表头"),
    ],
    ids=["broken inside", "prose"],
)
def test_what_turns_out_to_be_no_roster_is_told_and_can_be_put_away(
    desk, riverside, programme, run_jobs, content, sentence
):
    response = send(desk, riverside, programme, content)
    if response.status_code == 200:  # some is seen at the first look
        assert sentence in response.content.decode()
        return
    run_jobs()

    roster = RosterImport.objects.get()
    assert sentence in page_of(desk, roster)
    verb(desk, roster, "discard")
    assert state_of(roster) == "discarded"


def test_reading_called_off_can_be_begun_again(desk, clerk, asked_for, run_jobs):
    cancel(Job.objects.get(), by=clerk)

    assert "读取中断了" in page_of(desk, asked_for)
    verb(desk, asked_for, "again")
    run_jobs()

    assert state_of(asked_for) == "previewed"


def test_importing_called_off_leaves_the_preview(desk, clerk, asked_for, run_jobs):
    run_jobs()
    verb(desk, asked_for, "commit")
    cancel(Job.objects.get(kind="roster.import"), by=clerk)

    assert "导入 40 行" in page_of(desk, asked_for)
    assert not Household.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_file_changed_meanwhile_brings_a_new_preview(desk, asked_for, run_jobs):
    run_jobs()
    verb(desk, asked_for, "commit")
    files_on_file = Household.objects.create(
        unit=asked_for.unit, code="X-0", head_name="户0", opened_on="2020-01-01"
    )
    run_jobs()

    assert state_of(asked_for) == "previewed"
    assert "预览之后有人改动了其中的档案" in page_of(desk, asked_for)
    assert list(Household.objects.all()) == [files_on_file]


def test_old_files_go_at_night_and_what_they_did_stays_told(desk, asked_for, run_jobs, settings):
    run_jobs()
    verb(desk, asked_for, "commit")
    run_jobs()
    settings.ROSTER_KEEP_DAYS = 30
    RosterImport.objects.update(uploaded_at="2020-01-01T00:00:00+08:00")

    assert files.remove_old() == 1

    assert list(files.folder().iterdir()) == []
    assert (
        "这份花名册的文件已不在本机"
        in desk.get(
            reverse("households:roster-original", args=[asked_for.pk]), follow=True
        ).content.decode()
    )
    assert "回执" in page_of(desk, asked_for)


# ---- killed at any stage

CHILD = """
import sys, time
import django
django.setup()
from django.conf import settings
from django.db import connection
from households.roster import importing, lines, undoing, writing
from povertyaid.jobs.progress import Progress
from povertyaid.jobs.work import carry_out

job, settings.UPLOADS_DIR, where, connection.settings_dict["NAME"] = sys.argv[1:]

def halt(*args, **kwargs):
    print("at it", flush=True)
    time.sleep(60)

def after(function):
    def done(*args, **kwargs):
        answer = function(*args, **kwargs)
        halt()
        return answer
    return done

if where == "reading":
    Progress.stage = after(Progress.stage)
elif where == "lines":
    lines.write = after(lines.write)
elif where == "before writing":
    writing.write = halt
elif where == "written":
    writing.write = after(writing.write)
elif where == "told":
    importing._remember = after(importing._remember)
elif where == "undoing":
    undoing._restore = after(undoing._restore)
carry_out(int(job))
"""


def kill_at(where):
    """Let another process take the queued job up, and kill it where it has got to."""
    job = Job.objects.latest("pk")
    command = [sys.executable, "-c", CHILD, str(job.pk), str(settings.UPLOADS_DIR), where]
    child = subprocess.Popen(
        [*command, connection.settings_dict["NAME"]], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "at it\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    job.refresh_from_db()
    assert job.state == "running"


def adds_up():
    return (
        Household.objects.count(),
        Member.objects.count(),
        IdentityClaim.objects.count(),
        RosterImport.objects.get().lines.count(),
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["reading", "lines"])
def test_reading_killed_goes_on(asked_for, run_jobs, where):
    kill_at(where)
    recover()
    run_jobs()

    assert state_of(asked_for) == "previewed"
    assert adds_up() == (0, 0, 0, 40)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["reading", "before writing", "written", "told"])
def test_importing_killed_goes_on_and_enters_everybody_once(desk, asked_for, run_jobs, where):
    run_jobs()
    verb(desk, asked_for, "commit")

    kill_at(where)
    assert adds_up() == (0, 0, 0, 40)
    recover()
    run_jobs()

    assert state_of(asked_for) == "imported"
    assert adds_up() == (20, 40, 40, 40)
    assert asked_for.counts["created"] == 40


@pytest.mark.django_db(transaction=True)
def test_undoing_killed_goes_on(desk, asked_for, run_jobs):
    run_jobs()
    verb(desk, asked_for, "commit")
    run_jobs()
    desk.post(reverse("households:roster-undo", args=[asked_for.pk]))

    kill_at("undoing")
    assert adds_up() == (20, 40, 40, 40)
    recover()
    run_jobs()

    assert state_of(asked_for) == "undone"
    assert adds_up() == (0, 0, 0, 40)
