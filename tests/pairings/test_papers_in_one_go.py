"""Papers of many households: asked for on a list, made by the worker, fetched by whoever asked."""

import datetime
import io
import os
import signal
import subprocess
import sys
import time
import zipfile

import pypdf
import pytest
from django.conf import settings as office
from django.db import connection
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from pairings.actions import papers
from pairings.models import PrintOrder
from pairings.papers import making, printing, work
from povertyaid.audit.models import Entry
from povertyaid.jobs.models import Job
from povertyaid.jobs.work import cancel, recover
from povertyaid.lib import sealed_files
from tests.factories import (
    EnrolmentFactory,
    HouseholdFactory,
    OrgUnitFactory,
    ProgrammeFactory,
    VisitFactory,
    id_number,
)
from tests.households.page import fields_of
from tests.pairings.page import paired

NUMBER = id_number(7, born="19620304")


@pytest.fixture(autouse=True)
def _here_and_small(settings, tmp_path, monkeypatch):
    """Set in this process, two households a part, in a folder of their own."""
    settings.CORES = 1
    settings.UPLOADS_DIR = tmp_path / "uploads"
    monkeypatch.setattr(printing.Handbooks, "at_once", 2)


@pytest.fixture
def families(riverside, programme, enrolled):
    """Two families in each of two zones, and one that is in another programme only."""
    zones = [
        OrgUnitFactory(code=f"B-RIV-{n}", name=f"第{n}管理区", parent=riverside) for n in (2, 1)
    ]
    made = [
        enrolled(f"户{n}", unit=zones[n % 2], code=f"R-{n}", number=NUMBER if n == 0 else None)
        for n in range(4)
    ]
    EnrolmentFactory(household=HouseholdFactory(unit=riverside, head_name="另一工程户"))
    return made


def choose(desk, page="papers-of-households", *, query="programme=all", **sent):
    return desk.post(reverse(f"pairings:{page}"), {"query": query, "all": "1", **sent})


def ask(desk, page="papers-of-households", *, query="programme=all", typed=None, **sent):
    """Choose, answer the form, have them made; answers the order."""
    shown = choose(desk, page, query=query, **sent)
    answer = {"kind": "handbook", "programme": "P1", **(typed or {})}
    response = desk.post(reverse(f"pairings:{page}"), fields_of(shown) | answer)
    assert response.status_code == 302, response.context["form"].errors
    order = PrintOrder.objects.latest("pk")
    assert response["Location"] == order.get_absolute_url()
    return order


def fetched(desk, order, what):
    response = desk.get(reverse(f"pairings:papers-{what}", args=[order.pk]))
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def volume_of(desk, order):
    return pypdf.PdfReader(io.BytesIO(fetched(desk, order, "volume")))


def text_of(page):
    return page.extract_text().replace("\n", "")


def heads_of(pdf):
    """Whose booklets these are, by their covers."""
    covers = [text_of(page) for page in pdf.pages if "填发单位（盖章）" in text_of(page)]
    return [next(n for n in range(9) if f"户主 户{n}" in cover) for cover in covers]


def page_of(desk, order):
    return desk.get(order.get_absolute_url()).content.decode()


def made(desk, run_jobs, **asked):
    order = ask(desk, **asked)
    run_jobs()
    order.refresh_from_db()
    assert Job.objects.latest("pk").state == "done", Job.objects.latest("pk").sentence
    return order


def test_a_list_becomes_a_volume_with_contents_and_bookmarks(desk, clerk, families, run_jobs):
    order = made(desk, run_jobs)

    assert (order.printed, order.pages, order.left_out) == (4, 18, 0)
    pdf = volume_of(desk, order)
    assert len(pdf.pages) == 18
    contents = text_of(pdf.pages[0])
    assert [f"R-{n}" in contents for n in range(4)] == [True] * 4
    assert "371115" in contents  # the pages on which the booklets begin
    assert text_of(pdf.pages[1]) == ""  # so that they begin on the right
    assert heads_of(pdf) == [1, 3, 0, 2]  # by unit
    marks = [
        [(mark.title, pdf.get_destination_page_number(mark)) for mark in one]
        if isinstance(one, list)
        else one.title
        for one in pdf.outline
    ]
    assert marks == [
        "第1管理区", [("户1 R-1", 2), ("户3 R-3", 6)],
        "第2管理区", [("户0 R-0", 10), ("户2 R-2", 14)],
    ]  # fmt: skip


def test_the_zip_has_a_folder_for_each_unit(desk, families, run_jobs):
    order = made(desk, run_jobs)

    archive = zipfile.ZipFile(io.BytesIO(fetched(desk, order, "folders")))

    whose = {name: heads_of(pypdf.PdfReader(archive.open(name))) for name in archive.namelist()}
    assert whose == {
        "临江农场 B-RIV/第1管理区 B-RIV-1/结对帮扶手册.pdf": [1, 3],
        "临江农场 B-RIV/第2管理区 B-RIV-2/结对帮扶手册.pdf": [0, 2],
    }


def test_or_a_file_for_each_household(desk, families, run_jobs):
    order = made(desk, run_jobs, typed={"apart": "on"})

    archive = zipfile.ZipFile(io.BytesIO(fetched(desk, order, "folders")))

    whose = {name: heads_of(pypdf.PdfReader(archive.open(name))) for name in archive.namelist()}
    folders = {n: f"临江农场 B-RIV/第{n % 2 or 2}管理区 B-RIV-{n % 2 or 2}" for n in range(4)}
    assert whose == {f"{folder}/R-{n} 户{n}.pdf": [n] for n, folder in folders.items()}


def test_units_of_one_name_have_a_folder_each_and_none_begins_with_a_slash(riverside, hillside):
    units = [
        OrgUnitFactory(code=code, name=name, parent=parent)
        for code, name, parent in (
            ("Z-1", "一区", riverside), ("Z-2", "一区", riverside), ("Z-3", "..", riverside),
            ("Z-4", "一区. ", hillside),
        )
    ]  # fmt: skip
    order = PrintOrder(unit=riverside)

    folders = making.Units(order, [unit.pk for unit in units]).folder

    assert [folders[unit.pk] for unit in units] == [
        "临江农场 B-RIV/一区 Z-1", "临江农场 B-RIV/一区 Z-2", "临江农场 B-RIV/Z-3", "一区 Z-4",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "printed"),
    [
        ({"query": "programme=P1&unit=B-RIV-1"}, {1, 3}),
        ({"query": "programme=P1&q=户2"}, {2}),
        ({"all": "", "ticked": [0, 3]}, {0, 3}),
    ],
    ids=["of a unit", "of a search", "ticked"],
)
def test_what_the_list_shows_or_what_is_ticked_is_printed(desk, families, run_jobs, asked, printed):
    if ticked := asked.pop("ticked", None):
        asked["pk"] = [families[n].household_id for n in ticked]

    order = made(desk, run_jobs, **asked)

    assert set(heads_of(volume_of(desk, order))) == printed


def test_from_the_list_of_pairs(desk, clerk, families, helping, run_jobs):
    paired(families[2], helping(), clerk)

    order = made(desk, run_jobs, page="papers-of-pairs")

    assert heads_of(volume_of(desk, order)) == [2]


def test_every_paper_is_that_of_one_household_alone(desk, families, run_jobs, clerk):
    """The volume says of each what its own handbook says, page by page."""
    pdf = volume_of(desk, made(desk, run_jobs))

    at = 2
    for n in heads_of(pdf):
        one = desk.get(reverse("pairings:handbook", args=[families[n].pk]))
        alone = pypdf.PdfReader(io.BytesIO(one.content))
        assert [text_of(page) for page in pdf.pages[at : at + 4]] == list(map(text_of, alone.pages))
        at += 4


def test_a_booklet_of_five_pages_gets_a_white_one(desk, families, run_jobs):
    for n in range(14):
        VisitFactory(
            household=families[0].household, programme=families[0].programme,
            visited_on=datetime.date(2012, 1, 1) + datetime.timedelta(days=n),
        )  # fmt: skip

    order = made(desk, run_jobs)

    pdf = volume_of(desk, order)
    covers = [n for n, page in enumerate(pdf.pages) if "填发单位（盖章）" in text_of(page)]
    assert covers == [2, 6, 10, 16]
    assert text_of(pdf.pages[15]) == ""


def test_cards_lie_ten_to_a_sheet_and_each_unit_begins_one(
    desk, riverside, families, enrolled, run_jobs
):
    for n in range(9):
        enrolled(f"卡户{n}", unit=families[1].household.unit)

    order = made(desk, run_jobs, typed={"kind": "card"})

    pdf = volume_of(desk, order)
    cards = [text_of(page).count("对接卡") for page in pdf.pages]
    assert cards[1:] == [10, 1, 2]
    assert "卡户" not in text_of(pdf.pages[3])
    archive = zipfile.ZipFile(io.BytesIO(fetched(desk, order, "folders")))
    of_units = {
        name: [text_of(page).count("对接卡") for page in pypdf.PdfReader(archive.open(name)).pages]
        for name in archive.namelist()
    }
    assert of_units == {
        "临江农场 B-RIV/第1管理区 B-RIV-1/对接卡.pdf": [10, 1],
        "临江农场 B-RIV/第2管理区 B-RIV-2/对接卡.pdf": [2],
    }  # fmt: skip


def test_whole_files_are_of_every_household_in_whatever_programme(desk, families, run_jobs):
    order = made(desk, run_jobs, typed={"kind": "file", "programme": ""})

    assert (order.programme, order.printed) == (None, 5)
    pdf = volume_of(desk, order)
    covers = [page for page in pdf.pages if "一户一档户编号" in text_of(page).replace(" ", "")]
    assert len(covers) == 5
    assert "另一工程户" in text_of(pdf.pages[2])  # its unit comes before the zones


# ---- refused and left out


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"programme": ""}, "programme"),
        ({"in_full": "on"}, "reason"),
        ({"kind": "nonsense"}, "kind"),
        ({"programme": "P2"}, "__all__"),
    ],
)
def test_what_cannot_be_printed_is_said_in_words(desk, families, bureau, typed, field):
    ProgrammeFactory(code="P2", lead_unit=bureau)
    shown = choose(desk)
    answer = {"kind": "handbook", "programme": "P1", **typed}

    response = desk.post(reverse("pairings:papers-of-households"), fields_of(shown) | answer)

    assert list(response.context["form"].errors) == [field]
    assert not PrintOrder.objects.exists()


def test_who_was_found_never_to_be_poor_gets_no_handbook(desk, families, run_jobs):
    families[2].status = "removed"
    families[2].save()

    assert heads_of(volume_of(desk, made(desk, run_jobs))) == [1, 3, 0]


def test_nobody_chosen_leads_back_to_the_list(desk, families):
    response = choose(desk, all="")

    assert response["Location"] == f"{reverse('households:list')}?programme=all"


def test_more_than_fit_are_refused(desk, families, settings):
    settings.PAPERS_AT_MOST = 3
    shown = choose(desk)

    response = desk.post(
        reverse("pairings:papers-of-households"),
        fields_of(shown) | {"kind": "handbook", "programme": "P1"},
    )

    assert "请按单位分批打印" in response.content.decode()


def test_pressed_twice_they_are_made_once(desk, families):
    shown = fields_of(choose(desk)) | {"kind": "handbook", "programme": "P1"}
    for _press in range(2):
        response = desk.post(reverse("pairings:papers-of-households"), shown)

    assert response["Location"] == PrintOrder.objects.get().get_absolute_url()
    assert Job.objects.count() == 1


def test_who_may_not_export_prints_none_in_one_go(client, auditor, helper, families):
    for person in (auditor, helper):
        client.force_login(person)
        assert choose(client).status_code == 403


def test_what_the_person_may_see_is_asked_again_when_they_are_made(
    desk, clerk, hillside, families, run_jobs
):
    order = ask(desk)
    moved = families[0].household
    moved.unit = hillside
    moved.save()

    run_jobs()

    order.refresh_from_db()
    assert (order.printed, order.left_out) == (3, 1)
    assert 0 not in heads_of(volume_of(desk, order))
    assert "1 户未打印" in page_of(desk, order).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    "change",
    [{"role": "auditor"}, {"is_active": False}, {"unit": "hillside"}],
    ids=["another role", "switched off", "another farm"],
)
def test_who_lost_the_power_meanwhile_has_nothing_made(
    desk, clerk, hillside, families, run_jobs, change
):
    ask(desk)
    for name, value in change.items():
        setattr(clerk, name, hillside if value == "hillside" else value)
    clerk.save()

    run_jobs()

    job = Job.objects.get()
    assert job.state == "failed"
    assert job.sentence in {"您已没有生成这些材料的权限。", "所选家庭均已不在可打印范围内。"}
    assert not sealed_files.folder(making.PARTS_ROOM + f"/{job.arguments['order']}").exists()


# ---- numbers


def test_numbers_are_hidden_unless_a_reason_is_given(desk, families, run_jobs):
    pdf = volume_of(desk, made(desk, run_jobs))

    assert not any(NUMBER in text_of(page) for page in pdf.pages)
    assert not Entry.objects.reveals().exists()


def test_full_numbers_are_written_down_for_each_household_before_they_are_made(
    desk, clerk, families, run_jobs
):
    order = ask(desk, typed={"in_full": "on", "reason": "入户发放"})
    looks = Entry.objects.reveals()
    assert {(one.by, one.reason, one.target_code) for one in looks} == {
        (clerk, "入户发放", f"R-{n}") for n in range(4)
    }

    run_jobs()

    order.refresh_from_db()
    assert any(NUMBER in text_of(page) for page in volume_of(desk, order).pages)


def test_a_supervisor_is_not_even_offered_full_numbers(client, supervisor, families):
    client.force_login(supervisor)
    shown = choose(client)
    assert "in_full" not in shown.context["form"].fields

    order = ask(client, typed={"in_full": "on", "reason": "检查"})

    assert not order.in_full


# ---- fetched


def test_only_who_asked_fetches_them_and_that_is_written_down(
    client, desk, clerk, approver, supervisor, neighbour, families, run_jobs
):
    order = made(desk, run_jobs)
    fetched(desk, order, "volume")
    entry = Entry.objects.get(deed="papers_fetched")
    assert (entry.by, entry.detail["households"]) == (clerk, 4)
    assert "下载合订 PDF" in page_of(desk, order)

    for person in (approver, supervisor, neighbour):
        client.force_login(person)
        for what in ("volume", "folders"):
            where = reverse(f"pairings:papers-{what}", args=[order.pk])
            assert client.get(where).status_code == 404
        assert client.post(reverse("pairings:papers-remove", args=[order.pk])).status_code == 404
    client.force_login(supervisor)
    assert "仅申请人录入员小林可以下载" in page_of(client, order)
    assert "下载合订 PDF" not in page_of(client, order)


def test_nothing_personal_lies_open_on_the_disk(desk, families, run_jobs):
    order = ask(desk)
    run_jobs()
    order.refresh_from_db()

    assert order.volume_stored_as
    lying = [path for path in office.UPLOADS_DIR.rglob("*") if path.is_file()]
    assert {path.name for path in lying} == {order.volume_stored_as, order.folders_stored_as}
    assert all(path.stat().st_mode & 0o077 == 0 for path in lying)
    assert not any(
        b"%PDF" in path.read_bytes() or b"PK\x03\x04" in path.read_bytes()[:4] for path in lying
    )
    job = Job.objects.get()
    assert job.arguments == {"order": order.pk}
    assert not any(f"户{n}" in job.title for n in range(4))


def test_they_go_when_their_days_are_over(desk, families, run_jobs, settings):
    order = made(desk, run_jobs)
    settings.PAPERS_KEEP_DAYS = 3
    work.remove_old_papers()
    order.refresh_from_db()
    assert order.is_kept

    PrintOrder.objects.update(made_on=timezone.localdate() - datetime.timedelta(days=4))
    with_files = list(sealed_files.folder(papers.ROOM).iterdir())
    run_after_commit(work.remove_old_papers)

    order.refresh_from_db()
    assert (order.is_kept, len(with_files)) == (False, 2)
    assert list(sealed_files.folder(papers.ROOM).iterdir()) == []
    assert "文件已于" in page_of(desk, order)
    assert Entry.objects.get(deed="papers_removed").by is None


def run_after_commit(function):
    with TestCase.captureOnCommitCallbacks(execute=True):
        function()


def test_they_can_be_taken_away_at_once(desk, families, run_jobs):
    order = made(desk, run_jobs)

    run_after_commit(lambda: desk.post(reverse("pairings:papers-remove", args=[order.pk])))

    where = reverse("pairings:papers-volume", args=[order.pk])
    assert desk.get(where).status_code == 404
    assert list(sealed_files.folder(papers.ROOM).iterdir()) == []


def test_a_file_that_is_gone_is_told(desk, families, run_jobs):
    order = made(desk, run_jobs)
    sealed_files.remove(papers.ROOM, order.volume_stored_as)

    response = desk.get(reverse("pairings:papers-volume", args=[order.pk]), follow=True)

    assert "请重新生成" in response.content.decode()


# ---- called off, killed, taken up again


def test_called_off_while_it_waits_nothing_is_made(desk, clerk, families, run_jobs):
    order = ask(desk)
    cancel(Job.objects.get(), by=clerk)
    run_jobs()

    assert Job.objects.get().state == "cancelled"
    order.refresh_from_db()
    assert order.made_on is None


CHILD = """
import sys, time
import django
django.setup()
from django.conf import settings
from django.db import connection
from django.test import TestCase
from pairings.papers import making, printing
from povertyaid.jobs.work import carry_out

job, settings.UPLOADS_DIR, where, connection.settings_dict["NAME"] = sys.argv[1:]
settings.CORES = 1
printing.Handbooks.at_once = 2

def after(function):
    def done(*args, **kwargs):
        answer = function(*args, **kwargs)
        print("at it", flush=True)
        time.sleep(60)
        return answer
    return done

if where == "setting":
    making.set_part = after(making.set_part)
elif where == "binding":
    making.bind = after(making.bind)
elif where == "packing":
    making.pack = after(making.pack)
carry_out(int(job))
"""


def kill_at(where):
    """Let another process take the queued job up, and kill it where it has got to."""
    job = Job.objects.latest("pk")
    command = [sys.executable, "-c", CHILD, str(job.pk), str(office.UPLOADS_DIR), where]
    child = subprocess.Popen(
        [*command, connection.settings_dict["NAME"]], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "at it\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    job.refresh_from_db()
    assert job.state == "running"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("where", "set_anew"), [("setting", 1), ("binding", 0), ("packing", 0)])
def test_killed_it_goes_on_with_the_parts_that_are_set(
    desk, families, run_jobs, monkeypatch, where, set_anew
):
    order = ask(desk)
    kill_at(where)
    counted, set_part = [], making.set_part
    monkeypatch.setattr(making, "set_part", lambda *task: counted.append(task) or set_part(*task))

    recover()
    run_jobs()

    order.refresh_from_db()
    assert (order.printed, len(counted)) == (4, set_anew)
    assert heads_of(volume_of(desk, order)) == [1, 3, 0, 2]
    assert not sealed_files.folder(f"{making.PARTS_ROOM}/{order.pk}").exists()


@pytest.mark.django_db(transaction=True)
def test_two_cores_make_what_one_makes(desk, families, run_jobs, settings):
    alone = volume_of(desk, made(desk, run_jobs))
    settings.CORES = 2
    together = volume_of(desk, made(desk, run_jobs))

    assert list(map(text_of, together.pages)) == list(map(text_of, alone.pages))


def test_parts_of_work_that_broke_off_for_good_go_at_night(desk, clerk, families):
    order = ask(desk)
    making.set_part(order.pk, [families[0].pk])
    work.remove_old_papers()
    room = sealed_files.folder(f"{making.PARTS_ROOM}/{order.pk}")
    assert room.exists()  # it still waits its turn

    cancel(Job.objects.get(), by=clerk)
    work.remove_old_papers()
    assert room.exists()  # work that begins just now has such a folder too
    two_days_ago = time.time() - 2 * work.DAY
    os.utime(room, (two_days_ago, two_days_ago))
    work.remove_old_papers()

    assert not room.exists()
