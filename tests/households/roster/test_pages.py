"""The clerk's way through the pages: bring a roster, see what would change, import it, read the receipt."""

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from msoffcrypto.format.ooxml import OOXMLFile

from households.models import Household, Member, RosterImport, RosterLine
from households.roster import files
from households.roster.sentences import DOUBTS
from povertyaid.audit.models import Entry
from tests.factories import HouseholdFactory, MemberFactory, RosterImportFactory
from tests.households.roster.sheets import HEADS, MEMBERS, ROSTERS, number, workbook

LIST = reverse("households:roster-list")
UPLOAD = reverse("households:roster-upload")
ONE, TWO, THREE = number(1), number(2), number(3)
FAMILY = [
    MEMBERS,
    ["X-1", "张三", "户主", ONE, "男", 2],
    ["", "李梅", "配偶", TWO, "女", ""],
]


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


def send(client, unit, programme, content, name="花名册.xlsx", **more):
    file = SimpleUploadedFile(name, content)
    return client.post(UPLOAD, {"unit": unit.code, "programme": programme.pk, "file": file, **more})


def bring(client, unit, programme, *rows):
    """Upload rows and answer the roster that waits."""
    response = send(client, unit, programme, workbook(*rows))
    assert response.status_code == 302, response.content.decode()
    return RosterImport.objects.get(pk=response["Location"].rstrip("/").rsplit("/", 1)[-1])


def verb(client, roster, name, **said):
    """Press a button. Whoever imports has looked at the warnings, unless the test says otherwise."""
    if name == "commit":
        said = {"confirmed": sorted(DOUBTS)} | said
    return client.post(reverse(f"households:roster-{name}", args=[roster.pk]), said, follow=True)


def page_of(client, roster, query=""):
    return client.get(roster.get_absolute_url() + query).content.decode()


# ---- preview


def test_a_roster_is_previewed_before_anything_is_written(desk, riverside, programme):
    content = (ROSTERS / "c_members.xlsx").read_bytes()

    response = send(desk, riverside, programme, content, "五月.xlsx")

    roster = RosterImport.objects.get()
    page = desk.get(response["Location"]).content.decode()
    assert not Household.objects.exists()
    assert roster.counts == {
        "read": 81, "created": 79, "updated": 0, "unchanged": 0, "refused": 0, "skipped": 2,
    }  # fmt: skip
    for said in ("五月.xlsx", "导入 79 行", "待导入", "身份证号末位校验不符", "表头在第 2 行"):
        assert said in page


def test_changes_are_shown_with_what_was_and_what_will_be(desk, riverside, programme):
    verb(
        desk,
        bring(desk, riverside, programme, [*FAMILY[0], "家庭住址"], [*FAMILY[1], "一组"]),
        "commit",
    )

    roster = bring(desk, riverside, programme, [*FAMILY[0], "家庭住址"], [*FAMILY[1], "二组"])

    page = page_of(desk, roster, "?show=updated")
    assert "<del>一组</del>" in page
    assert "<ins>二组</ins>" in page


def test_refusals_are_shown_with_their_place_and_what_to_do(desk, riverside, programme):
    roster = bring(
        desk, riverside, programme, *FAMILY, ["X-2", "王五", "户主", number(5)[:17], "", ""]
    )

    page = page_of(desk, roster, "?show=refused")
    assert "<b>D4</b>" in page
    assert "这不是身份证号" in page
    assert page.count('scope="row"') == 1


def test_rows_of_one_problem_can_be_chosen(desk, riverside, programme):
    roster = bring(desk, riverside, programme, *FAMILY, ["X-2", "王五", "户主", "", "男", ""])

    page = page_of(desk, roster, "?code=id_missing")
    assert page.count('scope="row"') == 1
    assert "王五" in page
    assert page_of(desk, roster, "?code=nonsense").count('scope="row"') == 3


def test_only_one_page_of_rows_is_drawn(desk, riverside, programme):
    heads = [[str(n), f"户{n}", number(n), "", "", "", ""] for n in range(120)]
    roster = bring(desk, riverside, programme, HEADS, *heads)

    assert page_of(desk, roster).count('scope="row"') == 50
    assert page_of(desk, roster, "?page=3").count('scope="row"') == 20
    fragment = desk.get(roster.get_absolute_url(), headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()


def test_numbers_accounts_and_phones_are_masked(desk, riverside, programme):
    header = [*MEMBERS, "手机号码", "银行卡号", "户联系电话", "帮扶人电话"]
    row = [*FAMILY[1], "15400000001", "6299905288743423302", "15400000002", "15400000003"]
    roster = bring(desk, riverside, programme, header, row)
    page = page_of(desk, roster)
    verb(desk, roster, "commit")
    header[3:4], row[3:4] = ["身份证号"], [THREE]
    page += page_of(desk, bring(desk, riverside, programme, header, [*row[:1], "李四", *row[2:]]))

    for secret in (ONE, THREE, "6299905288743423302", "15400000001", "15400000002", "15400000003"):
        assert secret not in page
    stored = str(list(RosterLine.objects.values_list("changes", flat=True)))
    assert not re.search(r"\d{11}", stored)


def test_a_preview_costs_the_same_queries_whatever_it_shows(
    desk, riverside, programme, django_assert_num_queries
):
    heads = [[str(n), f"户{n}", "", "", "", "", ""] for n in range(3)]
    one, three = (
        bring(desk, riverside, programme, HEADS, heads[0]),
        bring(desk, riverside, programme, HEADS, *heads),
    )
    desk.get(one.get_absolute_url())

    for roster in (one, three):
        with django_assert_num_queries(17):
            desk.get(roster.get_absolute_url())


# ---- import


def test_what_was_shown_goes_in_and_the_receipt_adds_up(desk, clerk, riverside, programme):
    roster = bring(desk, riverside, programme, *FAMILY, ["", "张小", "之子", "12", "男", ""])

    page = verb(desk, roster, "commit").content.decode()

    roster.refresh_from_db()
    assert (roster.state, roster.settled_by) == ("imported", clerk)
    assert set(Member.objects.values_list("name", flat=True)) == {"张三", "李梅"}
    assert "花名册已导入。以下是回执。" in page
    assert f"回执 R{roster.pk}" in page
    assert "导入 2 行" not in page
    assert roster.rows_read == 4
    assert list(Entry.objects.values_list("deed", flat=True).order_by("pk")) == [
        "roster_uploaded", "roster_warnings_seen", "roster_imported",
    ]  # fmt: skip
    seen = Entry.objects.get(deed="roster_warnings_seen").detail["seen"]
    assert seen == ["household_size_differs"]  # of all that were ticked, what the roster has


def test_sent_twice_it_goes_in_once(desk, riverside, programme):
    roster = bring(desk, riverside, programme, *FAMILY)
    verb(desk, roster, "commit")

    page = verb(desk, roster, "commit").content.decode()

    assert "已经导入或放弃过，没有重复处理" in page
    assert Household.objects.count() == 1
    assert Entry.objects.filter(deed="roster_imported").count() == 1


def test_an_upload_sent_twice_is_kept_once(desk, riverside, programme):
    content = workbook(*FAMILY)

    first = send(desk, riverside, programme, content, _submit="same-mark")
    second = send(desk, riverside, programme, content, _submit="same-mark")

    assert first["Location"] == second["Location"]
    assert RosterImport.objects.count() == 1


def test_a_file_changed_since_the_preview_brings_a_new_preview(desk, riverside, programme):
    verb(
        desk,
        bring(desk, riverside, programme, [*FAMILY[0], "家庭住址"], [*FAMILY[1], "一组"]),
        "commit",
    )
    roster = bring(desk, riverside, programme, [*FAMILY[0], "家庭住址"], [*FAMILY[1], "二组"])
    Household.objects.update(address="三组")

    page = verb(desk, roster, "commit").content.decode()

    roster.refresh_from_db()
    assert roster.is_preview
    assert Household.objects.get().address == "三组"
    assert "预览之后有人改动了其中的档案" in page
    assert "<del>三组</del>" in page
    verb(desk, roster, "commit")
    assert Household.objects.get().address == "二组"


def test_two_clerks_with_the_same_roster_enter_it_once(desk, riverside, programme):
    first, second = (bring(desk, riverside, programme, *FAMILY) for _ in range(2))
    verb(desk, first, "commit")

    page = verb(desk, second, "commit").content.decode()

    assert "预览之后有人改动了其中的档案" in page
    second.refresh_from_db()
    assert (second.rows_created, second.rows_unchanged) == (0, 2)
    assert "确认没有变化" in page


def test_a_roster_put_away_changes_nothing(desk, riverside, programme):
    roster = bring(desk, riverside, programme, *FAMILY)

    page = verb(desk, roster, "discard").content.decode()

    roster.refresh_from_db()
    assert roster.state == "discarded"
    assert "已放弃这份花名册" in page
    assert not Household.objects.exists()
    assert "已经导入或放弃过" in verb(desk, roster, "commit").content.decode()
    assert "已经导入或放弃过" in verb(desk, roster, "discard").content.decode()


def test_the_file_lies_encrypted_and_comes_back_whole(desk, riverside, programme):
    content = workbook(*FAMILY)
    send(desk, riverside, programme, content)

    roster = RosterImport.objects.get()
    lying = (files.folder() / roster.stored_as).read_bytes()
    assert b"PK\x03\x04" not in lying
    assert files.load_file(roster) == content
    assert (files.folder() / roster.stored_as).stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_gone_is_said_in_words(desk, riverside, programme):
    roster = bring(desk, riverside, programme, *FAMILY)
    (files.folder() / roster.stored_as).unlink()

    for answer in (
        verb(desk, roster, "commit"),
        desk.get(reverse("households:roster-errors", args=[roster.pk]), follow=True),
    ):
        assert "这份花名册的文件已不在本机" in answer.content.decode()
    assert not Household.objects.exists()


def test_numbers_in_remarks_are_masked_too(desk, riverside, programme):
    header = [*MEMBERS, "备注"]
    verb(desk, bring(desk, riverside, programme, header, [*FAMILY[1], "无卡"]), "commit")

    roster = bring(desk, riverside, programme, header, [*FAMILY[1], f"代领人{TWO}"])

    page = page_of(desk, roster)
    assert TWO not in page
    assert f"代领人**************{TWO[-4:]}" in page


# ---- the workbook of refused rows


def refused_rows(client, roster):
    response = client.get(reverse("households:roster-errors", args=[roster.pk]))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    return response, [list(row) for row in book.active.iter_rows(values_only=True)]


def test_refused_rows_come_back_with_their_family_and_reasons(desk, riverside, programme):
    roster = bring(
        desk, riverside, programme, ["花名册", "", "", "单位:元"],
        *FAMILY, ["", "张小", "之子", 5.1e17, "男", ""], ["X-2", "王五", "户主", number(9), "", ""],
    )  # fmt: skip

    response, rows = refused_rows(desk, roster)

    assert "filename*=utf-8''" in response["Content-Disposition"]
    assert rows[0][:4] == ["花名册", None, None, "单位:元"]
    assert rows[1][:6] == MEMBERS
    assert rows[1][6] == "错误说明"
    assert [row[0] for row in rows[2:]] == ["X-1", "X-1", "X-1"]
    assert [row[1] for row in rows[2:]] == ["张三", "李梅", "张小"]
    assert rows[2][6] == "本行没有问题，因同户有未收的行而列在此处。"
    assert rows[4][6].startswith("D 列：表格软件已把这个身份证号")


def test_the_corrected_workbook_takes_only_what_was_missing(desk, riverside, programme):
    roster = bring(desk, riverside, programme, *FAMILY, ["", "张小", "之子", "12", "男", ""])
    verb(desk, roster, "commit")
    rows = refused_rows(desk, roster)[1]
    rows[-1][3] = THREE

    corrected = bring(desk, riverside, programme, *rows)

    assert (corrected.rows_created, corrected.rows_unchanged, corrected.rows_refused) == (1, 2, 0)


def test_text_that_looks_like_a_formula_comes_back_as_text(desk, riverside, programme):
    roster = bring(
        desk, riverside, programme, MEMBERS, ["'=cmd|' /C calc'!A0", "=1+1", "户主", "12", "", ""]
    )

    rows = refused_rows(desk, roster)[1]

    assert "=cmd|' /C calc'!A0" in rows[1][0]


# ---- bad input


def wrong_of(response):
    assert response.status_code == 200
    assert not RosterImport.objects.exists()
    assert not files.folder().exists()
    return response.content.decode()


def sealed_workbook():
    stream = io.BytesIO()
    OOXMLFile(io.BytesIO(workbook(*FAMILY))).encrypt("secret", stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b"%PDF-1.7 not a workbook",
            "这不是表格文件。花名册须是 .xlsx、.xls、.et、.ods 或 .csv 文件。",
        ),
        (b"PK\x03\x04 broken", "文件已损坏，无法打开。"),
        (sealed_workbook(), "工作簿有密码保护。请取消密码、保存后再选一次。"),
        ("兰河县帮扶工作总结\n今年以来……".encode(), "文件的各张工作表中都没有花名册的表头。"),
        (b"", "文件没有内容。请重新保存后再选一次。"),
    ],
    ids=["a document", "broken", "a password", "prose", "empty"],
)
def test_a_wrong_file_is_answered_in_words(desk, riverside, programme, content, sentence):
    assert sentence in wrong_of(send(desk, riverside, programme, content))


def test_a_file_too_large_or_too_long_is_answered_in_words(desk, riverside, programme, settings):
    settings.ROSTER_MAX_BYTES = 1000
    assert "文件过大" in wrong_of(send(desk, riverside, programme, workbook(*FAMILY)))
    settings.ROSTER_MAX_BYTES, settings.ROSTER_MAX_ROWS = 10**7, 100
    content = ("姓名,身份证号,电话\n" + "张三,,\n" * 2000).encode()
    assert "花名册行数过多" in wrong_of(send(desk, riverside, programme, content))


def test_an_unknown_unit_or_programme_is_answered_in_words(desk, riverside, hillside, programme):
    page = wrong_of(send(desk, hillside, programme, workbook(*FAMILY)))
    assert "您的单位中没有这个单位" in page or "没有这个单位" in page
    file = SimpleUploadedFile("x.xlsx", workbook(*FAMILY))
    page = wrong_of(desk.post(UPLOAD, {"unit": "B-RIV", "programme": "999999", "file": file}))
    assert "没有这项工程" in page
    assert "请选择文件" in wrong_of(desk.post(UPLOAD, {"unit": "B-RIV", "programme": programme.pk}))


def test_what_is_wrong_in_a_cell_is_told_in_words(desk, riverside, programme):
    header = ["户编号", "姓名", "身份证号", "识别时间", "工资性收入(元)"]
    roster = bring(
        desk, riverside, programme, header,
        ["1", "张三", number(1)[:17], "2023-01-01", 1], ["2", "李四", number(3), "2023-02-30", -1],
    )  # fmt: skip

    page = page_of(desk, roster)

    for place, sentence in [
        ("C2", "这不是身份证号"), ("D3", "日期无法识别，未采用"), ("E3", "金额小于零，未采用"),
    ]:  # fmt: skip
        assert f"<b>{place}</b>" in page
        assert sentence in page


# ---- who may, and what one sees


def test_the_list_shows_the_rosters_of_ones_own_units(desk, riverside, hillside):
    ours = RosterImportFactory(unit=riverside, file_name="本场.xlsx")
    RosterImportFactory(unit=hillside, file_name="邻场.xlsx")

    page = desk.get(LIST).content.decode()

    assert ours.file_name in page
    assert "邻场" not in page


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_costs_the_same_queries_whatever_its_length(
    desk, clerk, riverside, programme, n, django_assert_num_queries
):
    RosterImportFactory.create_batch(n, unit=riverside, programme=programme, uploaded_by=clerk)
    desk.get(LIST)

    with django_assert_num_queries(7):
        desk.get(LIST)


def test_an_empty_list_says_what_to_do(desk):
    page = desk.get(LIST).content.decode()

    assert "还没有导入过花名册" in page
    assert UPLOAD in page


def test_a_neighbours_roster_does_not_exist(client, neighbour, clerk, riverside, programme):
    client.force_login(clerk)
    roster = bring(client, riverside, programme, *FAMILY)
    client.force_login(neighbour)

    for name in ("detail", "commit", "discard", "errors"):
        address = reverse(f"households:roster-{name}", args=[roster.pk])
        answers = {client.get(address).status_code, client.post(address).status_code}
        assert 404 in answers
        assert answers <= {404, 405}
    roster.refresh_from_db()
    assert roster.is_preview


@pytest.mark.parametrize("role", ["approver", "supervisor", "helper", "administrator", "auditor"])
def test_only_a_clerk_imports_rosters(client, request, role, riverside, programme):
    client.force_login(request.getfixturevalue(role))

    assert client.get(LIST).status_code == 403
    assert client.get(UPLOAD).status_code == 403
    assert send(client, riverside, programme, workbook(*FAMILY)).status_code == 403


def test_a_person_elsewhere_is_refused_and_the_other_file_stays_unnamed(
    desk, riverside, hillside, programme
):
    theirs = HouseholdFactory(unit=hillside, code="HIL-9", head_name="欧阳外场", address="外场九号")
    MemberFactory(household=theirs, name="欧阳外场", id_number=ONE)

    page = page_of(desk, bring(desk, riverside, programme, *FAMILY))

    assert "此人已在另一户中" in page
    for secret in ("欧阳", "HIL-9", "外场", "靠山农场"):
        assert secret not in page


def test_the_upload_page_knows_where_one_works(desk, riverside, programme):
    page = desk.get(UPLOAD).content.decode()

    assert 'value="B-RIV 临江农场"' in page
    assert f'<option value="{programme.pk}" selected' in page
    assert "不超过 30 MB、200,000 行" in page
