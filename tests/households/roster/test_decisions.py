"""What a clerk decides on a preview: headings, bad cells, warnings, which family, whose word counts."""

import io
from urllib.parse import urlencode

import openpyxl
import pytest
from django.urls import reverse

from households.models import (
    Household,
    Member,
    RosterCorrection,
    RosterHeading,
    RosterImport,
    RosterLayout,
)
from households.roster import importing, refusals
from povertyaid.audit.models import Entry
from povertyaid.web.models import Draft
from tests.factories import HouseholdFactory, MemberFactory, RosterHeadingFactory
from tests.households.roster.sheets import HEADS, MEMBERS, number, workbook
from tests.households.roster.test_pages import bring, page_of, send, verb
from tests.web.test_drafts import marks_of

ONE, TWO, THREE = number(1), number(2), number(3)
STRANGE = ["编号", "当事人", "证件", "户籍地", "喜好"]
ROWS = [
    [1, "王建国", ONE, "东岗乡一组", "下棋"],
    [2, "李秀英", TWO, "东岗乡二组", "听戏"],
    [3, "张伟", THREE, "东岗乡三组", "/"],
]


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


def headings_page(client, roster):
    return client.get(reverse("households:roster-headings", args=[roster.pk]))


def confirm(client, roster, **fields):
    said = {f"0-{letter}": name for letter, name in fields.items()} | {"0-use": "1"}
    return client.post(reverse("households:roster-headings", args=[roster.pk]), said, follow=True)


# ---- headings


def test_unknown_headings_are_asked_for_with_samples_and_proposals(desk, riverside, programme):
    roster = bring(desk, riverside, programme, STRANGE, *ROWS)

    assert roster.state == "headings"
    assert desk.get(roster.get_absolute_url())["Location"].endswith("/headings/")
    page = headings_page(desk, roster).content.decode()
    assert "建议：这一栏是证件号码" in page
    assert "建议：这一栏是人名" in page
    assert "东岗乡一组" in page
    assert ONE not in page
    assert f"{'*' * 14}{ONE[-4:]}" in page
    assert '<option value="id_number" selected>' in page


def test_confirmed_headings_are_remembered_for_the_next_roster(desk, clerk, riverside, programme):
    roster = bring(desk, riverside, programme, STRANGE, *ROWS)

    page = confirm(desk, roster, A="", B="name", C="id_number", D="address", E="").content.decode()

    assert "导入 3 行" in page
    layout = RosterLayout.objects.get()
    assert (layout.unit, layout.confirmed_by) == (riverside, clerk)
    assert layout.fields == {"A": "", "B": "name", "C": "id_number", "D": "address", "E": ""}
    again = bring(desk, riverside, programme, STRANGE, [4, "赵敏", number(4), "西岗", ""])
    assert (again.state, again.rows_created) == ("previewed", 1)
    verb(desk, again, "commit")
    assert Household.objects.get().address == "西岗"


def test_a_layout_of_a_neighbour_is_not_ours(
    client, desk, neighbour, riverside, hillside, programme
):
    confirm(
        desk,
        bring(desk, riverside, programme, STRANGE, *ROWS),
        B="name",
        C="id_number",
        D="address",
    )
    client.force_login(neighbour)

    theirs = bring(client, hillside, programme, STRANGE, *ROWS)

    assert theirs.state == "headings"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"B": "name"}, "请至少选定姓名一栏和另外两栏"),
        ({"B": "name", "C": "address", "D": "address", "E": "note"}, "不能有两栏都是“"),
        ({"B": "nonsense", "C": "id_number", "D": "address"}, "请至少选定姓名一栏和另外两栏"),
    ],
    ids=["too few", "one field twice", "a forged field"],
)
def test_headings_that_make_no_roster_are_answered_in_words(
    desk, riverside, programme, fields, sentence
):
    roster = bring(desk, riverside, programme, STRANGE, *ROWS)

    page = confirm(desk, roster, **fields).content.decode()

    assert sentence in page
    assert not RosterLayout.objects.exists()
    roster.refresh_from_db()
    assert roster.state == "headings"


def test_known_headings_are_not_asked_for(desk, riverside, programme):
    assert bring(desk, riverside, programme, HEADS, ["1", "张三", ONE, "", "", "", ""]).is_preview


def test_a_heading_of_the_office_is_known_from_then_on(desk, riverside, programme):
    RosterHeadingFactory(unit=riverside.parent, heading="当事人", field="name")
    RosterHeadingFactory(unit=riverside, heading="证件", field="id_number")
    RosterHeadingFactory(unit=riverside, heading="户籍地", field="address")

    roster = bring(desk, riverside, programme, STRANGE[:4], *[row[:4] for row in ROWS])

    assert (roster.state, roster.rows_created) == ("previewed", 3)


def test_headings_are_kept_by_whoever_keeps_rosters(client, administrator, riverside):
    client.force_login(administrator)
    address = reverse("households:heading-create")

    client.post(address, {"unit": riverside.code, "heading": " 当 事人* ", "field": "name"})

    heading = RosterHeading.objects.get()
    assert (heading.heading, heading.field, heading.added_by) == ("当事人", "name", administrator)
    page = client.get(reverse("households:heading-list")).content.decode()
    assert "当事人" in page
    assert "姓名" in page
    assert (
        "表中已有这个表头"
        in client.post(
            address, {"unit": riverside.code, "heading": "当事人", "field": "head"}
        ).content.decode()
    )
    client.post(reverse("households:heading-remove", args=[heading.pk]))
    assert not RosterHeading.objects.exists()


@pytest.mark.parametrize("n", [1, 3])
def test_the_table_of_headings_costs_the_same_queries(
    client, administrator, riverside, n, django_assert_num_queries
):
    RosterHeadingFactory.create_batch(n, unit=riverside, added_by=administrator)
    client.force_login(administrator)
    client.get(reverse("households:heading-list"))

    with django_assert_num_queries(7):
        client.get(reverse("households:heading-list"))


# ---- bad cells


def cell(roster, row, column):
    return f"cell-{roster.lines.get(row=row).position}-{column}"


def test_a_bad_cell_is_corrected_right_there(desk, clerk, riverside, programme):
    roster = bring(desk, riverside, programme, MEMBERS, ["X-1", "张三", "户主", ONE[:17], "男", 1])
    page = page_of(desk, roster, "?show=refused")
    assert f'name="{cell(roster, 2, "D")}"' in page
    assert ONE[:17] not in page

    page = verb(desk, roster, "correct", **{cell(roster, 2, "D"): f" {ONE} "}).content.decode()

    roster.refresh_from_db()
    assert (roster.rows_created, roster.rows_refused) == (1, 0)
    assert "已更正 1 个单元格" in page
    assert "已在此更正 1 个单元格" in page
    kept = RosterCorrection.objects.get()
    assert (kept.row, kept.column, kept.text, kept.corrected_by) == (2, 3, ONE, clerk)
    verb(desk, roster, "commit")
    assert Member.objects.get().id_number == ONE


def test_corrections_typed_before_the_session_was_lost_are_there_after_signing_in(
    desk, clerk, riverside, programme
):
    roster = bring(desk, riverside, programme, MEMBERS, ["X-1", "张三", "户主", ONE[:17], "男", 1])
    shown = roster.get_absolute_url() + "?show=refused"
    correct = reverse("households:roster-correct", args=[roster.pk])
    typed = {cell(roster, 2, "D"): ONE, "query": "show=refused"}
    marks = marks_of(desk.get(shown))
    desk.logout()

    lost = desk.post(correct, typed | marks)

    assert lost["Location"] == f"/sign-in/?{urlencode({'next': shown}, safe='/')}"
    assert not RosterCorrection.objects.exists()
    desk.force_login(clerk)
    back = desk.get(shown)
    page = back.content.decode()
    assert "您填写的内容已找回" in page
    assert f'name="{cell(roster, 2, "D")}" value="{ONE}"' in page
    desk.post(correct, typed | marks_of(back))
    assert RosterCorrection.objects.get().text == ONE
    assert not Draft.objects.exists()


def test_a_mark_for_corrections_opens_no_other_drawer(desk, clerk, riverside, programme):
    """The mark says to which address the form goes: sent anywhere else it is worth nothing."""
    roster = bring(desk, riverside, programme, MEMBERS, ["X-1", "张三", "户主", ONE[:17], "男", 1])
    marks = marks_of(desk.get(roster.get_absolute_url()))
    desk.logout()

    desk.post(reverse("households:roster-decide", args=[roster.pk]), {"file_wins": "phone"} | marks)

    assert not Draft.objects.exists()


def test_only_cells_that_are_wrong_can_be_corrected(desk, riverside, programme):
    roster = bring(
        desk, riverside, programme, MEMBERS, ["X-1", "张三", "户主", ONE[:17], "男", 1],
        ["X-2", "李四", "户主", TWO, "女", 1],
    )  # fmt: skip

    verb(
        desk, roster, "correct",
        **{cell(roster, 3, "B"): "黑客", "cell-99-D": "x", "cell-a-D": "x", "cell-1-": "x"},
    )  # fmt: skip

    assert not RosterCorrection.objects.exists()


def test_a_roster_with_cells_corrected_since_does_not_go_in(desk, clerk, riverside, programme):
    roster = bring(desk, riverside, programme, MEMBERS, ["X-1", "张三", "户主", ONE[:17], "男", 1])
    importing.correct(roster, sheet="Sheet1", row=2, column=3, text=ONE, by=clerk)

    page = verb(desk, roster, "commit").content.decode()

    assert "请先重新核对，再导入" in page
    assert not Household.objects.exists()
    assert "导入 1 行" in verb(desk, roster, "again").content.decode()


# ---- warnings


def test_doubts_are_ticked_before_a_roster_goes_in(desk, clerk, riverside, programme):
    doubtful = ONE[:17] + ("0" if ONE[17] != "0" else "1")
    roster = bring(desk, riverside, programme, MEMBERS, ["X-1", "张三", "户主", doubtful, "男", 1])

    page = verb(desk, roster, "commit", confirmed=[]).content.decode()
    assert "请先查看各项提醒并勾选" in page
    assert not Household.objects.exists()

    verb(desk, roster, "commit", confirmed=["id_check_digit", "nonsense"])
    assert Member.objects.get().id_number == doubtful
    roster.refresh_from_db()
    assert roster.confirmed == ["id_check_digit"]
    entry = Entry.objects.about(roster).get(deed="roster_warnings_seen")
    assert (entry.by, entry.detail["seen"]) == (clerk, ["id_check_digit"])
    page = desk.get(reverse("history", args=["roster", roster.pk])).content.decode()
    assert "查看并勾选了花名册的提醒" in page
    assert "身份证号末位校验不符" in page


def test_a_number_in_a_name_is_to_be_looked_at_and_is_corrected_right_there(
    desk, riverside, programme
):
    rows = [
        ["X-1", f"张三{ONE}", "户主", ONE, "男", 2],
        ["X-1", "李梅１５４００００１２３４", "配偶", TWO, "女", ""],
    ]
    roster = bring(desk, riverside, programme, MEMBERS, *rows)

    page = page_of(desk, roster)
    assert "姓名中写有号码。此处只填姓名" in page
    assert ONE not in page
    assert "１５４００００１２３４" not in page
    verb(desk, roster, "commit", confirmed=[])
    assert not Household.objects.exists()
    verb(desk, roster, "correct", **{cell(roster, 2, "B"): "张三"})
    verb(desk, roster, "commit", confirmed=["number_in_name"])

    assert set(Member.objects.values_list("name", flat=True)) == {
        "张三",
        "李梅１５４００００１２３４",
    }


def test_a_roster_may_go_in_as_a_whole_or_not_at_all(desk, riverside, programme):
    roster = bring(
        desk, riverside, programme, MEMBERS, ["X-1", "张三", "户主", ONE, "男", 1],
        ["X-2", "李四", "户主", "12", "女", 1],
    )  # fmt: skip

    page = verb(desk, roster, "commit", whole="1").content.decode()

    assert "有 1 行未收，不能整份导入" in page
    assert not Household.objects.exists()


# ---- which family


@pytest.fixture
def namesake(riverside, programme):
    """A family on file whose head has no number, and a roster that may mean it."""
    made = HouseholdFactory(unit=riverside, code="B-RIV-000007", head_name="王五", address="一组")
    MemberFactory(household=made, name="王五", id_number="")
    return made


ASKS = [["户主姓名", "家庭住址", "家庭人口"], ["王五", "九组", 3]]


def test_a_match_by_name_alone_is_asked(desk, riverside, programme, namesake):
    roster = bring(desk, riverside, programme, *ASKS)

    page = page_of(desk, roster)
    assert "有 1 户只凭户主姓名与档案对上" in page
    assert "只有姓名与档案 B-RIV-000007 相符" in page
    assert "有 1 户只凭姓名对上" in verb(desk, roster, "commit").content.decode()
    namesake.refresh_from_db()
    assert namesake.address == "一组"


def test_the_same_family_is_changed(desk, riverside, programme, namesake):
    roster = bring(desk, riverside, programme, *ASKS)

    verb(desk, roster, "families", all="1", are="same")
    verb(desk, roster, "commit")

    assert Household.objects.get().address == "九组"


def test_another_family_is_new(desk, riverside, programme, namesake):
    roster = bring(desk, riverside, programme, *ASKS)

    verb(desk, roster, "families", place=["Sheet1!2", "Sheet1!99"], are="other")

    roster.refresh_from_db()
    assert (roster.rows_created, roster.other_families) == (1, ["Sheet1!2"])
    verb(desk, roster, "commit")
    assert Household.objects.count() == 2


def history_of(client, roster):
    return client.get(reverse("history", args=["roster", roster.pk])).content.decode()


@pytest.mark.parametrize(
    ("said", "deed", "words"),
    [
        ("same", "roster_same_families", "确认花名册中的家庭就是档案中的家庭"),
        ("other", "roster_other_families", "认定花名册中的家庭与档案中的不是同一户"),
    ],
)
def test_who_said_which_family_it_is_stands_in_the_history(
    desk, clerk, riverside, programme, namesake, said, deed, words
):
    roster = bring(desk, riverside, programme, *ASKS)

    verb(desk, roster, "families", place="Sheet1!2", are=said)
    verb(desk, roster, "families", place="Sheet1!2", are=said)  # said again, it is no news

    entry = Entry.objects.about(roster).get(deed=deed)
    assert (entry.by, entry.target_code) == (clerk, roster.code)
    assert entry.detail == {"file": "花名册.xlsx", "families": 1, "sheet_row": [2]}
    assert reverse("history", args=["roster", roster.pk]) in page_of(desk, roster)
    assert words in history_of(desk, roster)


def test_an_answer_taken_back_is_told_too(desk, riverside, programme, namesake):
    roster = bring(desk, riverside, programme, *ASKS)
    verb(desk, roster, "families", place="Sheet1!2", are="other")

    verb(desk, roster, "families", place="Sheet1!2", are="same")

    told = Entry.objects.about(roster).filter(deed__endswith="_families").order_by("pk")
    assert [entry.deed for entry in told] == ["roster_other_families", "roster_same_families"]


# ---- who is missing, who is back


def test_families_missing_since_the_last_roster_and_such_as_come_back(desk, riverside, programme):
    three = [[str(n), f"户{n}", number(n), "", "", "", ""] for n in (1, 2, 3)]
    for rows in (three, three[:2]):
        verb(desk, bring(desk, riverside, programme, HEADS, *rows), "commit")

    roster = bring(desk, riverside, programme, HEADS, three[0], three[2])

    page = page_of(desk, roster)
    assert "上次列出、本次没有" in page
    missing = desk.get(reverse("households:roster-missing", args=[roster.pk])).content.decode()
    assert "户2" in missing
    assert "户3" not in missing
    returned = desk.get(reverse("households:roster-returned", args=[roster.pk])).content.decode()
    assert "户3" in returned


def test_a_list_of_other_families_misses_nobody(desk, riverside, programme):
    verb(
        desk, bring(desk, riverside, programme, HEADS, ["1", "户1", ONE, "", "", "", ""]), "commit"
    )
    verb(
        desk, bring(desk, riverside, programme, HEADS, ["2", "户2", TWO, "", "", "", ""]), "commit"
    )

    roster = bring(desk, riverside, programme, HEADS, ["2", "户2", TWO, "", "", "", ""])

    assert (roster.missing, roster.returned) == ([], [])


# ---- the clerk's own file, marked


def marked(client, roster):
    response = client.get(reverse("households:roster-marked", args=[roster.pk]))
    return openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))


def test_the_marked_file_comes_back_corrected(desk, riverside, programme):
    roster = bring(
        desk, riverside, programme, ["花名册", "", "", "", "", ""], MEMBERS,
        ["X-1", "张三", "户主", ONE, "男", 1], ["X-2", "李四", "户主", "12", "女", 1],
    )  # fmt: skip
    verb(desk, roster, "commit")
    book = marked(desk, roster)
    sheet = book.active
    assert "这不是身份证号" in sheet["D4"].comment.text
    assert sheet["D3"].comment is None
    sheet["D4"] = TWO
    stream = io.BytesIO()
    book.save(stream)

    response = send(desk, riverside, programme, stream.getvalue())

    corrected = RosterImport.objects.latest("pk")
    assert response["Location"] == corrected.get_absolute_url()
    assert corrected.follows == roster
    assert (corrected.rows_created, corrected.rows_unchanged, corrected.rows_refused) == (1, 1, 0)
    verb(desk, corrected, "commit")
    again = bring(
        desk, riverside, programme, *[[cell.value or "" for cell in row] for row in sheet]
    )
    assert (again.rows_created, again.rows_updated, again.rows_unchanged) == (0, 0, 2)


def test_a_corrected_file_takes_the_place_of_the_waiting_one(desk, riverside, programme):
    roster = bring(desk, riverside, programme, MEMBERS, ["X-2", "李四", "户主", "12", "女", 1])
    stream = io.BytesIO()
    marked(desk, roster).save(stream)

    send(desk, riverside, programme, stream.getvalue())

    roster.refresh_from_db()
    assert roster.state == "discarded"


def test_a_neighbours_link_leads_nowhere(client, neighbour, clerk, riverside, hillside, programme):
    client.force_login(clerk)
    roster = bring(client, riverside, programme, MEMBERS, ["X-2", "李四", "户主", "12", "女", 1])
    stream = io.BytesIO()
    marked(client, roster).save(stream)
    client.force_login(neighbour)

    send(client, hillside, programme, stream.getvalue())

    assert RosterImport.objects.latest("pk").follows is None
    roster.refresh_from_db()
    assert roster.is_preview


# ---- undoing through the pages


def test_an_import_is_undone_after_saying_what_that_means(desk, clerk, riverside, programme):
    roster = bring(desk, riverside, programme, MEMBERS, ["X-1", "张三", "户主", ONE, "男", 1])
    verb(desk, roster, "commit")
    address = reverse("households:roster-undo", args=[roster.pk])
    assert "恢复到导入之前" in desk.get(address).content.decode()

    page = desk.post(address, follow=True).content.decode()

    assert "导入已撤销，1 份档案恢复原样" in page
    assert not Household.objects.exists()
    assert "没有导入，或者已经撤销" in desk.post(address, follow=True).content.decode()


def test_the_file_comes_back_as_it_was_brought(desk, riverside, programme):
    content = workbook(MEMBERS, ["X-1", "张三", "户主", ONE, "男", 1])
    send(desk, riverside, programme, content, "五月.xlsx")
    roster = RosterImport.objects.get()

    answer = desk.get(reverse("households:roster-original", args=[roster.pk]))

    assert answer.content == content
    assert "filename*=utf-8''%E4%BA%94%E6%9C%88.xlsx" in answer["Content-Disposition"]


@pytest.mark.parametrize("rows", ["members", "households"])
def test_an_empty_roster_is_handed_out(desk, riverside, programme, rows):
    answer = desk.get(reverse("households:roster-template"), {"rows": rows})

    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    headings = [cell.value for cell in book.worksheets[0][1]]
    assert ("*与户主关系" in headings) == (rows == "members")


def test_a_step_that_is_under_way_is_not_begun_again(desk, clerk, riverside, programme):
    roster = bring(desk, riverside, programme, MEMBERS, ["X-1", "张三", "户主", ONE, "男", 1])
    importing.begin_writing(roster)

    with pytest.raises(refusals.BusyError):
        importing.discard(roster, by=clerk)


def test_what_the_columns_mean_can_be_changed_on_the_preview(desk, riverside, programme):
    roster = bring(
        desk, riverside, programme, HEADS, ["1", "张三", ONE, "15400000001", "一组", "", "二组"]
    )

    confirm(desk, roster, A="code", B="name", C="id_number", D="phone", E="note", F="", G="address")

    roster.refresh_from_db()
    assert roster.is_preview
    verb(desk, roster, "commit")
    assert Household.objects.get().address == "二组"


# ---- what a reviewer broke


def refused_book(client, roster):
    response = client.get(reverse("households:roster-errors", args=[roster.pk]))
    return b"".join(response.streaming_content)


def test_a_number_that_a_spreadsheet_has_cut_stays_refused_in_every_workbook(
    desk, riverside, programme
):
    roster = bring(
        desk, riverside, programme, MEMBERS, ["X-1", "张三", "户主", 2.39999e17, "男", 1]
    )

    for workbook_of in (refused_book, lambda client, one: saved(marked(client, one))):
        send(desk, riverside, programme, workbook_of(desk, roster))
        again = RosterImport.objects.latest("pk")
        assert (again.rows_refused, again.rows_created) == (1, 0)
        assert again.lines.get().refusals[0]["code"] == "id_damaged"


def saved(book):
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_both_workbooks_know_headings_that_the_clerk_confirmed(desk, riverside, programme):
    rows = [[1, "王建国", ONE[:17], "东岗乡一组", "下棋"], *ROWS[1:]]
    roster = bring(desk, riverside, programme, STRANGE, *rows)
    confirm(desk, roster, A="", B="name", C="id_number", D="address", E="")
    roster.refresh_from_db()

    assert refused_book(desk, roster).startswith(b"PK")
    cell = marked(desk, roster).active["C2"]
    assert "这不是身份证号" in cell.comment.text
    assert cell.number_format == "@"


def test_cells_corrected_in_the_page_stand_in_the_workbook_of_refused_rows(
    desk, riverside, programme
):
    roster = bring(
        desk, riverside, programme, MEMBERS,
        ["Y-1", "张三", "户主", ONE[:17], "男", 2], ["Y-1", "", "配偶", TWO[:17], "女", ""],
    )  # fmt: skip
    verb(desk, roster, "correct", **{cell(roster, 2, "D"): ONE})

    rows = list(openpyxl.load_workbook(io.BytesIO(refused_book(desk, roster))).active.values)

    assert [row[3] for row in rows[1:]] == [ONE, TWO[:17]]
    assert rows[1][6] == "本行没有问题，因同户有未收的行而列在此处。"


def test_the_refused_rows_alone_do_not_take_the_place_of_a_waiting_roster(
    desk, riverside, programme
):
    roster = bring(
        desk, riverside, programme, MEMBERS, ["X-1", "张三", "户主", ONE, "男", 1],
        ["X-2", "李四", "户主", "12", "女", 1],
    )  # fmt: skip

    send(desk, riverside, programme, refused_book(desk, roster))

    roster.refresh_from_db()
    assert roster.is_preview
    assert RosterImport.objects.latest("pk").follows == roster


@pytest.mark.parametrize(
    "written",
    ["2399 9919 7001 0100 18", "２３９９９９１９７００１０１００１８", "239999-1970-0101-0018", "154 0000 0041", "6228 4800 1234 5678 901"],
    ids=["groups", "full width", "hyphens", "a phone", "a card"],
)  # fmt: skip
def test_numbers_are_hidden_however_they_are_written(desk, riverside, programme, written):
    header = [*STRANGE, "与户主关系"]
    roster = bring(
        desk, riverside, programme, header, [1, "王建国", written, "一组", written, "户主"],
        [2, "李梅", ONE, "二组", "x", "户主"],
    )  # fmt: skip

    page = headings_page(desk, roster).content.decode()
    page += confirm(desk, roster, B="name", C="id_number", D="address", E="").content.decode()

    kept = str(list(RosterImport.objects.values_list("sheets", flat=True)))
    kept += str(list(roster.lines.values_list("refusals", "warnings", "changes")))
    assert written not in page
    assert written not in kept


def test_somebodys_number_is_no_household_code_and_no_file_name(desk, riverside, programme):
    header = ["户编号", "姓名", "与户主关系", "身份证号", "性别", "家庭人口"]
    content = workbook(
        header, [ONE, "张三", "户主", ONE, "男", 2], [ONE, "李梅", "配偶", TWO, "女", ""]
    )

    send(desk, riverside, programme, content, f"张三{ONE}.xlsx")

    roster = RosterImport.objects.get()
    verb(desk, roster, "commit")
    assert ONE not in roster.file_name
    assert Household.objects.get().code.startswith("B-RIV-")
    assert Member.objects.count() == 2
    assert ONE not in page_of(desk, roster)


def test_forged_names_of_cells_are_passed_over(desk, riverside, programme):
    roster = bring(desk, riverside, programme, MEMBERS, ["X-1", "张三", "户主", ONE[:17], "男", 1])

    page = verb(
        desk, roster, "correct", **{"cell-²-D": "x", f"cell-{'9' * 500}-D": "x", "cell-1-d": "x"}
    ).content.decode()

    assert "没有填写内容" in page
    assert not RosterCorrection.objects.exists()


def test_an_answer_about_a_family_can_be_taken_back(desk, riverside, programme, namesake):
    roster = bring(desk, riverside, programme, *ASKS)
    verb(desk, roster, "families", place="Sheet1!2", are="other")
    assert "已选“另一户”" in page_of(desk, roster)

    verb(desk, roster, "families", place="Sheet1!2", are="same")

    roster.refresh_from_db()
    assert (roster.rows_updated, roster.other_families) == (1, [])


def test_a_choice_without_any_sheet_is_answered_in_words(desk, riverside, programme):
    roster = bring(desk, riverside, programme, STRANGE, *ROWS)

    page = desk.post(reverse("households:roster-headings", args=[roster.pk]), {"0-B": "name"})

    assert "请至少选择一张要读取的工作表" in page.content.decode()
