"""Papers of a file: put in with scans, looked at, checked, taken out, kept until their time is over."""

import datetime
import io
import os
import time
import zipfile

import pypdf
import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from households.actions import papers
from households.actions.papers import StalePaperError
from households.actions.refusals import ClosedFileError, RefusedError
from households.models import DossierFile, DossierItem
from povertyaid.audit.models import Entry
from povertyaid.lib import sealed_files
from povertyaid.lib.scans import read_scan
from tests.factories import (
    DossierItemFactory,
    EnrolmentFactory,
    HelperFactory,
    HouseholdFactory,
    MemberFactory,
    PairingFactory,
    PairingHelperFactory,
    SchemeItemFactory,
)
from tests.households.page import fields_of
from tests.households.papers import fake, messages_of, page_of, pdf, photo, send, told

DAY = datetime.date(2013, 5, 1)
STANDARD = "一册五卡四帐四档案"


@pytest.fixture(autouse=True)
def _own_uploads(tmp_path, settings):
    settings.UPLOADS_DIR = tmp_path / "uploads"


@pytest.fixture
def household(riverside, programme):
    """张三's family in the programme."""
    household = HouseholdFactory(unit=riverside, code="B-RIV-000001", head_name="张三")
    MemberFactory(household=household, name="张三")
    EnrolmentFactory(household=household, programme=programme)
    return household


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


@pytest.fixture
def paper(household, programme, clerk):
    """The family's contact card with one photograph on it."""
    return papers.add(
        household, programme=programme, kind="card", title="对接卡", by=clerk, issued_on=DAY,
        scans=[read_scan(photo().read())],
    )  # fmt: skip


def lying():
    """Names of the files on the disk."""
    folder = sealed_files.folder(papers.ROOM)
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


# ---- putting in


def test_a_paper_goes_in_with_its_scans_and_is_checked_at_once(desk, clerk, household, programme):
    send(
        desk, page_of("paper-add", household), title="对接卡", issued_on="2013.5.1",
        scans=[photo("一.jpg"), pdf()], complete="on",
    )  # fmt: skip

    paper = DossierItem.objects.get()
    assert (paper.title, paper.kind, paper.issued_on) == ("对接卡", "card", DAY)
    assert (paper.complete, paper.checked_by) == (True, clerk)
    assert sorted(paper.files.values_list("type", flat=True)) == ["jpeg", "pdf"]
    assert len(lying()) == 2
    assert {e.deed for e in Entry.objects.filter(by=clerk)} == {"paper_added", "paper_checked"}


def test_a_title_of_the_standard_answers_its_entry(desk, household, programme):
    entry = SchemeItemFactory(programme=programme, list_name=STANDARD, part="帐", label="收入登记")

    send(desk, page_of("paper-add", household, title="收入登记"))

    paper = DossierItem.objects.get()
    assert (paper.item, paper.kind) == (entry, "account")


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("结对帮扶手册", "handbook"), ("对接卡", "card"), ("健康档案", "health_file"),
        ("家庭医生签约", "agreement"), ("收入台帐", "account"), ("申请书", "file"),
    ],
)  # fmt: skip
def test_what_kind_a_paper_is_shows_in_its_title(desk, household, title, kind):
    send(desk, page_of("paper-add", household), title=title)

    assert DossierItem.objects.get().kind == kind


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (fake(), "对接卡.pdf：无论文件名如何，内容不是 PDF、JPEG 或 PNG。请扫描或拍照后上传。"),
        (fake("空.pdf", b""), "空.pdf：文件是空的。请重新扫描或拍照。"),
        (fake("断.pdf", b"%PDF-1.7 x"), "断.pdf：PDF 已损坏，无法打开。请重新扫描。"),
        (pdf(script=True), "申请书.pdf：PDF 含有脚本或表单程序。请打印成新的 PDF 后上传。"),
        (pdf(password="x"), "申请书.pdf：PDF 设有密码。请另存为不带密码的文件，或打印后扫描。"),
        (fake("断.jpg", b"\xff\xd8\xff x"), "断.jpg：图片已损坏，无法打开。请重新拍摄。"),
    ],
    ids=["program", "empty", "broken", "script", "password", "picture"],
)
def test_what_is_no_scan_is_refused_in_words_and_what_was_typed_stays(
    desk, household, file, sentence
):
    file.seek(0)
    page = page_of("paper-add", household)

    response = send(desk, page, title="明白卡", number="第7号", scans=[photo(), file])

    assert told(response) == [sentence]
    assert {"明白卡", "第7号"} <= set(fields_of(response).values())
    assert not DossierItem.objects.exists()
    assert lying() == []


def test_a_file_larger_than_allowed_is_not_even_read(desk, household, settings):
    settings.DOSSIER_FILE_MAX_BYTES = 100

    response = send(desk, page_of("paper-add", household), title="明白卡", scans=[photo()])

    assert told(response) == ["对接卡.jpg：文件过大。请降低分辨率重新扫描，或改为拍照。"]


def test_the_scans_of_a_paper_have_a_limit_together(desk, household, paper, settings):
    settings.DOSSIER_PAPER_MAX_BYTES = 700

    response = send(
        desk,
        page_of("paper-scans", paper),
        scans=[photo(colour=(1, 1, 1)), photo(colour=(9, 9, 9))],
    )

    assert "合计不得超过" in told(response)[0]
    assert len(lying()) == 1


def test_the_same_scan_goes_on_a_paper_once(desk, paper):
    response = send(desk, page_of("paper-scans", paper), scans=[photo("另一个名字.jpg")])

    assert told(response) == ["其中有文件已在这份材料上，或被重复选择。"]
    assert paper.files.count() == 1
    assert len(lying()) == 1


def test_a_photograph_taken_with_the_phone_goes_the_same_way(desk, paper):
    send(desk, page_of("paper-scans", paper), photo=photo(colour=(0, 0, 9)))

    assert paper.files.count() == 2


def test_without_a_file_there_is_nothing_to_add(desk, paper):
    assert told(send(desk, page_of("paper-scans", paper))) == ["请选择文件。"]


def test_where_a_family_lives_does_not_lie_in_its_photographs(desk, household):
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (45.0, 46.0, 12.0)

    send(desk, page_of("paper-add", household), title="对接卡", scans=photo(exif=exif))

    content = desk.get(page_of("scan", DossierFile.objects.get())).content
    assert not Image.open(io.BytesIO(content)).getexif()


def test_sent_twice_a_paper_goes_in_once(desk, household):
    page = page_of("paper-add", household)
    data = fields_of(desk.get(page)) | {"title": "对接卡"}

    for _nth in range(2):
        desk.post(page, data | {"scans": photo()})

    assert DossierItem.objects.count() == 1
    assert len(lying()) == 1


def test_other_files_under_the_same_form_are_not_taken_for_the_same(desk, household):
    """Who steps back and chooses another first file sends another form, though the last is the same."""
    page = page_of("paper-add", household)
    data = fields_of(desk.get(page)) | {"title": "对接卡"}

    for colour in ((1, 1, 1), (2, 2, 2)):
        desk.post(page, data | {"scans": [photo(colour=colour), photo("末页.jpg")]})

    assert DossierItem.objects.count() == 2


def test_a_household_outside_the_programme_gets_no_paper_of_it(household, clerk, hillside):
    other = SchemeItemFactory().programme

    with pytest.raises(RefusedError, match="不在这个帮扶工程") as refused:
        papers.add(household, programme=other, kind="card", title="对接卡", by=clerk)

    assert refused.value.code == "not_enrolled"


def test_a_closed_file_takes_no_paper(desk, household, programme, clerk):
    household.status, household.close_reason, household.closed_on = (
        "closed",
        "other",
        timezone.localdate(),
    )
    household.save()

    assert desk.get(page_of("paper-add", household)).status_code == 302
    with pytest.raises(ClosedFileError):
        papers.add(household, programme=programme, kind="card", title="对接卡", by=clerk)


# ---- looking


def test_a_scan_lies_sealed_and_comes_out_harmless(desk, clerk, paper):
    scan = paper.files.get()
    stored = sealed_files.folder(papers.ROOM) / scan.stored_as
    assert b"JFIF" not in stored.read_bytes()
    assert stored.stat().st_mode & 0o777 == 0o600

    answer = desk.get(page_of("scan", scan))

    assert Image.open(io.BytesIO(answer.content)).size == (60, 40)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"
    entry = Entry.objects.get(deed="paper_read")
    assert (entry.by, entry.target_code) == (clerk, "B-RIV-000001")


def test_a_pdf_is_never_drawn_in_the_office(desk, household, programme, clerk):
    paper = papers.add(
        household, programme=programme, kind="file", title="申请书", by=clerk,
        scans=[read_scan(pdf().read())],
    )  # fmt: skip

    answer = desk.get(page_of("scan", paper.files.get()))

    assert answer["Content-Disposition"].startswith("attachment")
    assert len(pypdf.PdfReader(io.BytesIO(answer.content)).pages) == 1


def test_a_scan_whose_file_is_gone_is_told_as_gone(desk, paper):
    scan = paper.files.get()
    sealed_files.remove(papers.ROOM, scan.stored_as)

    response = desk.get(page_of("scan", scan), follow=True)

    assert messages_of(response) == ["磁盘上找不到该扫描件，请联系管理员。"]


def test_the_neighbour_sees_neither_paper_nor_scan(client, neighbour, paper):
    client.force_login(neighbour)

    for name, row in (("paper", paper), ("scan", paper.files.get()), ("papers", paper.household)):
        assert client.get(page_of(name, row)).status_code == 404


@pytest.fixture
def own_helper(client, helper, household, programme, riverside):
    """The helper, paired with the family."""
    entry = HelperFactory(programme=programme, unit=riverside, staff=helper)
    pair = PairingFactory(enrolment=household.enrolments.get())
    PairingHelperFactory(pairing=pair, helper=entry)
    client.force_login(helper)
    return client


def test_a_helper_sees_the_own_households_papers(own_helper, paper, hillside, programme):
    elsewhere = DossierItemFactory(household=HouseholdFactory(unit=hillside), programme=programme)

    assert own_helper.get(page_of("scan", paper.files.get())).status_code == 200
    assert own_helper.get(page_of("paper", elsewhere)).status_code == 404
    page = own_helper.get(page_of("papers", paper.household)).content.decode()
    assert "对接卡" in page
    assert page_of("paper-add", paper.household) not in page


@pytest.mark.parametrize("role", ["own_helper", "supervisor", "auditor"])
def test_scans_of_a_health_file_are_shown_to_whom_they_are_work(
    request, client, role, household, programme, clerk
):
    paper = papers.add(
        household, programme=programme, kind="health_file", title="健康档案", by=clerk,
        scans=[read_scan(photo().read())],
    )  # fmt: skip
    person = request.getfixturevalue(role)
    if role != "own_helper":
        client.force_login(person)

    page = client.get(page_of("paper", paper)).content.decode()

    assert "健康档案的扫描件仅供录入员和审核员查看" in page
    assert page_of("scan", paper.files.get()) not in page
    assert client.get(page_of("scan", paper.files.get())).status_code == 404


# ---- checking, changing, taking out


def test_an_approver_checks_a_paper_and_who_and_when_is_told(client, approver, paper):
    client.force_login(approver)

    client.post(page_of("paper-check", paper), {"_version": paper.version})

    paper.refresh_from_db()
    assert (paper.complete, paper.checked_by) == (True, approver)
    assert "审核员老郑" in client.get(page_of("paper", paper)).content.decode()


def test_what_changes_is_to_be_checked_anew(desk, clerk, paper):
    papers.check(paper, by=clerk)

    send(desk, page_of("paper-scans", paper), scans=photo(colour=(0, 9, 0)))
    paper.refresh_from_db()
    assert (paper.complete, paper.checked_at) == (False, None)

    papers.check(paper, by=clerk)
    send(desk, page_of("paper-edit", paper), number="第9号")
    paper.refresh_from_db()
    assert (paper.number, paper.complete) == ("第9号", False)


def test_that_a_paper_is_complete_is_taken_back_with_a_reason(desk, clerk, paper):
    papers.check(paper, by=clerk)

    assert told(send(desk, page_of("paper-uncheck", paper))) != []
    send(desk, page_of("paper-uncheck", paper), reason="缺户主签字")

    paper.refresh_from_db()
    assert not paper.complete
    assert Entry.objects.get(deed="paper_unchecked").reason == "缺户主签字"


def test_a_paper_taken_out_counts_no_more_and_stays_to_be_read(desk, paper):
    send(desk, page_of("paper-take-out", paper), reason="放错了户")

    paper.refresh_from_db()
    assert (paper.voided_on, paper.void_reason) == (timezone.localdate(), "放错了户")
    assert "对接卡" not in desk.get(page_of("papers", paper.household)).content.decode()
    assert "放错了户" in desk.get(page_of("paper", paper)).content.decode()
    assert len(lying()) == 1
    with pytest.raises(RefusedError, match="已从档案中撤出"):
        papers.check(paper, by=paper.files.get().added_by)


def test_a_scan_taken_off_can_be_put_on_again(desk, paper):
    send(desk, page_of("scan-take-off", paper.files.get()), reason="拍糊了")
    assert paper.files.counted().count() == 0

    send(desk, page_of("paper-scans", paper), scans=photo())

    assert paper.files.counted().count() == 1
    with pytest.raises(RefusedError, match="已经撤下"):
        papers.take_off(paper.files.order_by("pk").first(), reason="再撤", by=None)


def test_who_comes_second_is_told_of_the_first(desk, clerk, paper):
    page = page_of("paper-take-out", paper)
    data = fields_of(desk.get(page)) | {"reason": "放错了户"}
    papers.check(paper, by=clerk)

    response = desk.post(page, data)

    assert "同事修改了这份材料" in told(response)[0]
    paper.refresh_from_db()
    assert paper.is_counted
    assert fields_of(response)["_version"] == str(paper.version)
    with pytest.raises(StalePaperError):
        papers.check(paper, by=clerk, version=1)


def test_a_second_look_that_is_out_of_date_is_not_taken_for_a_check(client, approver, paper):
    client.force_login(approver)

    response = client.post(page_of("paper-check", paper), {"_version": "99"}, follow=True)

    assert "同事修改了这份材料" in messages_of(response)[0]


def test_papers_go_along_when_files_are_merged(household, paper, clerk, riverside):
    from households.actions import files  # noqa: PLC0415 -- here alone

    stays = HouseholdFactory(unit=riverside)
    MemberFactory(household=stays, name="李四")

    files.merge(stays, household, on=timezone.localdate(), by=clerk, reason="同一家")

    paper.refresh_from_db()
    assert paper.household == stays
    assert Entry.objects.get(deed="merged").detail["papers"] == 1


# ---- the standard


def test_the_standard_is_told_entry_by_entry_and_issued_by_one_press(desk, household, programme):
    for part, label in (("卡", "对接卡"), ("帐", "收入台帐")):
        SchemeItemFactory(programme=programme, list_name=STANDARD, part=part, label=label)
    page = page_of("papers", household)
    assert "应有 2 项，在档 0 项，齐全 0 项" in desk.get(page).content.decode()
    item = programme.scheme_items.get(label="对接卡")

    for _nth in range(2):
        desk.post(page_of("paper-issued", household), {"item": item.pk})

    paper = DossierItem.objects.get()
    assert (paper.item, paper.kind, paper.issued_on) == (item, "card", timezone.localdate())
    assert "应有 2 项，在档 1 项，齐全 0 项" in desk.get(page).content.decode()


@pytest.mark.parametrize("item", ["", "x", "999999", "²"])
def test_an_entry_that_is_none_is_issued_to_nobody(desk, household, item):
    response = desk.post(page_of("paper-issued", household), {"item": item}, follow=True)

    assert messages_of(response) == ["该工程的名录中已没有这一项。"]
    assert not DossierItem.objects.exists()


@pytest.mark.parametrize("n", [1, 3])
def test_the_papers_cost_as_many_queries_with_one_as_with_three(
    desk, household, programme, n, django_assert_num_queries
):
    for nth in range(n):
        SchemeItemFactory(programme=programme, list_name=STANDARD, label=f"卡{nth}")
        DossierItemFactory(household=household, programme=programme, title=f"材料{nth}")

    with django_assert_num_queries(10):
        response = desk.get(page_of("papers", household))

    assert len(response.context["programmes"][0].others) == n


# ---- taken along


def names_in(answer):
    content = b"".join(answer.streaming_content)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return sorted(book.namelist()), book.read("目录.csv").decode("utf-8-sig")


def test_all_scans_of_a_file_leave_as_one_archive(desk, clerk, household, programme, paper):
    DossierItemFactory(household=household, programme=programme, title="=1+1", kind="account")

    names, listed = names_in(desk.post(page_of("papers-archive", household)))

    assert names == [f"P1/对接卡_{paper.pk}_1.jpg", "目录.csv"]
    assert "职工共同富裕行动,对接卡,卡,,2013-05-01,否,1" in listed
    assert "'=1+1" in listed
    assert Entry.objects.get(deed="papers_exported").detail == {"scans": 1}


def test_health_files_leave_only_with_whom_they_are_work(
    client, supervisor, desk, household, programme, clerk, paper
):
    papers.add(
        household, programme=programme, kind="health_file", title="健康档案", by=clerk,
        scans=[read_scan(photo().read())],
    )  # fmt: skip
    assert len(names_in(desk.post(page_of("papers-archive", household)))[0]) == 3
    client.force_login(supervisor)

    names, _listed = names_in(client.post(page_of("papers-archive", household)))

    assert len(names) == 2


def test_a_file_without_scans_has_nothing_to_take_along(desk, household):
    response = desk.post(page_of("papers-archive", household), follow=True)

    assert messages_of(response) == ["没有可下载的扫描件。"]


# ---- kept, and gone


def test_scans_go_from_the_disk_when_their_time_is_over(paper, clerk, settings):
    settings.DOSSIER_KEEP_DAYS = 30
    papers.take_out(paper, reason="放错了户", by=clerk)
    today = timezone.localdate()

    assert papers.remove_old(today + datetime.timedelta(days=30)) == 0
    assert len(lying()) == 1
    assert papers.remove_old(today + datetime.timedelta(days=31)) == 1

    assert lying() == []
    assert paper.files.get().gone_on == today + datetime.timedelta(days=31)


def test_scans_of_a_file_that_stands_are_kept_for_ever(paper, settings):
    settings.DOSSIER_KEEP_DAYS = 1

    assert papers.remove_old(timezone.localdate() + datetime.timedelta(days=9999)) == 0
    assert len(lying()) == 1


def test_a_closed_files_scans_go_ten_years_later(desk, paper, settings):
    household = paper.household
    household.status, household.close_reason, household.closed_on = (
        "closed",
        "other",
        timezone.localdate(),
    )
    household.save()
    late = timezone.localdate() + datetime.timedelta(days=settings.DOSSIER_KEEP_DAYS + 1)

    assert papers.remove_old(late) == 1

    assert "保存期满" in desk.get(page_of("paper", paper)).content.decode()
    response = desk.get(page_of("scan", paper.files.get()), follow=True)
    assert "保存期满" in messages_of(response)[0]


def test_a_file_that_no_row_knows_goes_at_night(paper):
    with sealed_files.sealed(papers.ROOM, b"x", context=papers.CONTEXT) as orphan:
        pass
    old = time.time() - 2 * sealed_files.ORPHAN_SECONDS
    for name in lying():
        os.utime(sealed_files.folder(papers.ROOM) / name, (old, old))

    assert papers.remove_old() == 1

    assert orphan not in lying()
    assert len(lying()) == 1


def test_the_night_looks_after_scans(paper):
    from povertyaid.jobs.kinds import nights  # noqa: PLC0415 -- here alone

    assert "households.papers_nightly.remove_old_scans" in nights
    assert reverse("households:papers", args=[paper.household_id])
