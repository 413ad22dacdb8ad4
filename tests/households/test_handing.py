"""Papers of many households at once: handed out on one day, and scans told apart by their names."""

import datetime

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from households.actions import bringing, papers
from households.models import DossierItem
from povertyaid.audit.models import Entry
from tests.factories import (
    DossierItemFactory,
    EnrolmentFactory,
    HouseholdFactory,
    SchemeItemFactory,
)
from tests.households.page import fields_of
from tests.households.papers import fake, messages_of, pdf, photo, told

ISSUE = reverse("households:papers-issue")
BRING = reverse("households:papers-bring")
DAY = datetime.date(2013, 5, 1)


@pytest.fixture(autouse=True)
def _own_uploads(tmp_path, settings):
    settings.UPLOADS_DIR = tmp_path / "uploads"


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


@pytest.fixture
def family(riverside, programme):
    """Makes a household in the programme, by its file number."""

    def make(code, *, unit=riverside, **facts):
        household = HouseholdFactory(unit=unit, code=code, head_name=f"户{code[-1]}", **facts)
        EnrolmentFactory(household=household, programme=programme)
        return household

    return make


def hand(desk, rows, **typed):
    """From the ticks of the list to the form, and the form sent."""
    form = desk.post(ISSUE, {"pk": [row.pk for row in rows], "query": "programme=P1"})
    return desk.post(ISSUE, fields_of(form) | typed, follow=True)


# ---- handed out


def test_a_card_handed_to_many_on_one_day_is_written_down_at_once(desk, family, programme):
    entry = SchemeItemFactory(programme=programme, list_name="一册五卡四帐四档案", label="对接卡")
    rows = [family(f"HB00000{nth}") for nth in range(3)]

    response = hand(desk, rows, title="对接卡", issued_on="2013-05-01")

    assert messages_of(response) == ["已为 3 户登记“对接卡”。"]
    given = DossierItem.objects.all()
    assert {paper.household for paper in given} == set(rows)
    assert {(paper.kind, paper.issued_on, paper.item) for paper in given} == {("card", DAY, entry)}
    assert Entry.objects.get(deed="papers_issued").detail["households"] == 3


@pytest.mark.parametrize("n", [1, 3])
def test_to_hand_out_to_three_takes_as_many_statements_as_to_one(
    clerk, family, programme, n, django_assert_num_queries
):
    rows = [family(f"HB00000{nth}") for nth in range(n)]

    with django_assert_num_queries(10):
        papers.issue(rows, programme=programme, kind="card", title="对接卡", on=DAY, by=clerk)

    assert DossierItem.objects.count() == n


def test_the_receipt_of_handing_out_adds_up(desk, family, programme, riverside):
    had, undated, closed, new = (family(f"HB00000{nth}") for nth in range(4))
    outside = HouseholdFactory(unit=riverside, code="HB000009")
    EnrolmentFactory(household=outside)  # in another programme
    DossierItemFactory(household=had, programme=programme, issued_on=datetime.date(2012, 1, 1))
    DossierItemFactory(household=undated, programme=programme)
    closed.status, closed.close_reason, closed.closed_on = "closed", "other", DAY
    closed.save()
    form = desk.post(ISSUE, {"pk": [new.pk], "query": "programme=P1"})
    keys = ",".join(str(row.pk) for row in (had, undated, closed, new, outside))

    response = desk.post(
        ISSUE, fields_of(form) | {"title": "对接卡", "issued_on": "2013-05-01", "keys": keys},
        follow=True,
    )  # fmt: skip

    assert messages_of(response) == [
        "已为 2 户登记“对接卡”。另有 1 户此前已登记。2 户不在该工程中或档案已关闭，未登记。"
    ]
    assert had.dossier_items.get().issued_on == datetime.date(2012, 1, 1)
    assert undated.dossier_items.get().issued_on == DAY


def test_handed_out_twice_it_is_written_down_once(desk, family):
    rows = [family("HB000001")]

    for _nth in range(2):
        hand(desk, rows, title="对接卡", issued_on="2013-05-01")

    assert DossierItem.objects.count() == 1


def test_a_neighbours_household_gets_nothing(desk, family, hillside):
    ours, theirs = family("HB000001"), family("HB000002", unit=hillside)
    form = desk.post(ISSUE, {"pk": [ours.pk, theirs.pk], "query": "programme=P1"})
    assert "为 1 户登记" in form.content.decode().replace("\N{NO-BREAK SPACE}", " ")

    data = fields_of(form) | {"title": "对接卡", "keys": f"{ours.pk},{theirs.pk},x,²"}
    desk.post(ISSUE, data)

    assert [paper.household for paper in DossierItem.objects.all()] == [ours]


def test_nobody_ticked_is_told(desk, family):
    response = desk.post(ISSUE, {"query": "programme=P1"}, follow=True)

    assert messages_of(response) == ["还没有选中家庭。请在名单中勾选，或选中符合条件的全部家庭。"]


def test_a_title_is_needed(desk, family):
    row = family("HB000001")

    response = hand(desk, [row], title="")

    assert told(response) != []
    assert fields_of(response)["keys"] == str(row.pk)


# ---- brought


def bring(desk, *files, **typed):
    data = fields_of(desk.get(BRING)) | {"scans": list(files)} | typed
    return desk.post(BRING, data)


def receipt(response):
    return [
        (one.name, one.household.code if one.household else "", one.title, one.why)
        for one in response.context["told"]
    ]


def test_scans_find_their_households_by_the_names_of_their_files(desk, clerk, family):
    first, second = family("HB000001"), family("B-RIV-000002")

    response = bring(
        desk,
        photo("HB000001_对接卡.jpg"),
        photo("hb000001_对接卡_2.jpg", colour=(9, 9, 9)),
        pdf("B-RIV-000002-申请书.pdf"),
        fake("HB000001_明白卡.pdf"),
        photo("王建国的卡.jpg"),
        photo("HB000001.jpg", colour=(3, 3, 3)),
    )

    assert receipt(response) == [
        ("HB000001_对接卡.jpg", "HB000001", "对接卡", ""),
        ("hb000001_对接卡_2.jpg", "HB000001", "对接卡", ""),
        ("B-RIV-000002-申请书.pdf", "B-RIV-000002", "申请书", ""),
        ("HB000001_明白卡.pdf", "HB000001", "明白卡", "无论文件名如何，内容不是 PDF、JPEG 或 PNG。请扫描或拍照后上传。"),
        ("王建国的卡.jpg", "", "", "文件名开头不是本单位的户编号。"),
        ("HB000001.jpg", "HB000001", "", "文件名没有写明是哪种材料。"),
    ]  # fmt: skip
    assert (response.context["taken"], response.context["refused"]) == (3, 3)
    assert first.dossier_items.get().files.count() == 2
    assert second.dossier_items.get().kind == "file"
    entry = Entry.objects.get(deed="papers_brought")
    assert (entry.detail["scans"], entry.detail["refused"]) == (3, 3)


def test_a_title_can_be_said_for_names_that_say_none(desk, family):
    household = family("HB000001")

    bring(desk, photo("HB000001.jpg"), photo("HB000001_2.jpg", colour=(9, 9, 9)), title="对接卡")

    assert household.dossier_items.get().title == "对接卡"
    assert household.dossier_items.get().files.count() == 2


def test_the_same_files_brought_again_change_nothing(desk, family):
    household = family("HB000001")
    bring(desk, photo("HB000001_对接卡.jpg"))

    response = bring(desk, photo("HB000001_对接卡.jpg"))

    assert receipt(response)[0][3] == "其中有文件已在这份材料上，或被重复选择。"
    assert household.dossier_items.get().files.count() == 1


def test_a_neighbours_household_is_none_of_ours(desk, family, hillside):
    family("HB000001", unit=hillside)

    response = bring(desk, photo("HB000001_对接卡.jpg"))

    assert receipt(response) == [("HB000001_对接卡.jpg", "", "", "文件名开头不是本单位的户编号。")]


def test_a_closed_file_and_one_of_another_programme_are_told(desk, family, riverside):
    closed = family("HB000001")
    closed.status, closed.close_reason, closed.closed_on = "closed", "other", DAY
    closed.save()
    HouseholdFactory(unit=riverside, code="HB000002")

    response = bring(desk, photo("HB000001_卡.jpg"), photo("HB000002_卡.jpg"))

    assert [line[3] for line in receipt(response)] == [
        "该户档案已关闭。", "该户不在这个帮扶工程中。",
    ]  # fmt: skip


def test_without_files_and_with_too_many_the_form_comes_back(desk, programme, monkeypatch):
    from households.forms import paper  # noqa: PLC0415 -- here alone

    monkeypatch.setattr(paper, "FILES_AT_ONCE", 1)

    assert told(bring(desk)) == ["请选择文件。"]
    assert told(bring(desk, photo("a.jpg"), photo("b.jpg"))) == ["一次选择的文件过多，请分批上传。"]


@given(st.text(max_size=40))
def test_any_name_of_a_file_is_taken_apart(stem):
    for start, rest in bringing.beginnings(stem):
        assert start
        assert stem.startswith(start)
        assert len(bringing.title_of(rest)) <= bringing.LONGEST_NAME
