"""A list of helpers as it comes from an office: brought, looked at, imported, brought again."""

import io

import openpyxl
import pytest
import time_machine
from django.urls import reverse

from households.models import ListImport
from households.roster.lists import steps
from pairings.models import Helper
from povertyaid.audit.models import Entry
from tests import factories

pytestmark = pytest.mark.django_db

HEAD = ["序号", "姓名", "人员类别", "工作单位", "职务", "手机号码", "身份证号", "备注"]
NUMBER = factories.id_number(3)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.UPLOADS_DIR = tmp_path


def book(*rows, head=HEAD, title="全场帮扶干部名册"):
    made = openpyxl.Workbook()
    page = made.active
    page.title = "干部"
    page.append([title])
    page.append(head)
    for row in rows:
        page.append(row)
    page.append(["合计", len(rows)])
    page.append(["填表人：某某"])
    made.create_sheet("说明").append(["请核对"])
    out = io.BytesIO()
    made.save(out)
    out.seek(0)
    out.name = "干部名册.xlsx"
    return out


def bring(client, unit, programme, file):
    return client.post(
        reverse("pairings:helper-import-new"),
        {"unit": unit.code, "programme": programme.pk, "file": file},
    )


def brought(client, unit, programme, *rows, **more):
    response = bring(client, unit, programme, book(*rows, **more))
    assert response.status_code == 302, response.context["form"].errors
    return ListImport.objects.latest("pk")


def at(word, one):
    return reverse(f"pairings:helper-import-{word}", args=[one.pk])


def commit(client, one, *confirmed):
    """What the page as it stands now would send."""
    one.refresh_from_db()
    given = {"confirmed": confirmed, "seen": one.fingerprint}
    return client.post(at("commit", one), given, follow=True)


def test_a_list_is_previewed_then_imported(client, clerk, riverside, programme):
    client.force_login(clerk)
    one = brought(
        client, riverside, programme,
        [1, "马 国强", "党员干部", "场工会", "科长", "13800000001", NUMBER, "老同志"],
        [2, "红星种业公司", "单位", "红星种业公司", "", "", "", ""],
    )  # fmt: skip

    assert Helper.objects.count() == 0
    page = client.get(at("detail", one)).content.decode()
    assert "马国强" in page
    assert NUMBER not in page
    assert "13800000001" not in page

    commit(client, one)
    person, unit = Helper.objects.defer(None).order_by("kind")
    assert (person.name, person.category, person.rank, person.phone, person.id_number) == (
        "马国强", "cadre", "科长", "13800000001", NUMBER,
    )  # fmt: skip
    assert (unit.kind, unit.category) == ("unit", "unit")
    assert person.unit == unit.unit == riverside
    assert Helper.objects.called("mgq").get() == person
    told = Entry.objects.get(deed="list_imported")
    assert (told.by, told.detail["created"]) == (clerk, 2)
    assert "马国强" not in str(told.detail)


def test_the_same_list_again_changes_nothing(client, clerk, riverside, programme):
    client.force_login(clerk)
    rows = [
        [1, "马国强", "干部", "场工会", "科长", "13800000001", NUMBER, ""],
        [2, "于海", "劳模", "一队", "", "", "", ""],
    ]
    commit(client, brought(client, riverside, programme, *rows))
    before = list(Helper.objects.order_by("pk").values())
    one = brought(client, riverside, programme, *rows)

    assert (one.rows_created, one.rows_updated, one.rows_unchanged) == (0, 0, 2)
    commit(client, one)
    assert list(Helper.objects.order_by("pk").values()) == before


def test_a_change_is_shown_and_a_blank_takes_nothing_away(client, clerk, riverside, programme):
    there = factories.HelperFactory(
        unit=riverside, programme=programme, name="马国强", home="场工会", rank="科员",
        phone="13800000001",
    )  # fmt: skip
    client.force_login(clerk)
    one = brought(client, riverside, programme, [1, "马国强", "", "场工会", "科长", "", "", ""])

    assert [line.changes for line in one.lines.all()] == [[["rank", "科员", "科长"]]]
    commit(client, one)
    there.refresh_from_db()
    assert (there.rank, there.phone, there.category, there.version) == (
        "科长", "13800000001", "cadre", 2,
    )  # fmt: skip


def test_a_helper_known_by_name_alone_waits_for_a_look(client, clerk, riverside, programme):
    there = factories.HelperFactory(unit=riverside, programme=programme, name="马国强", home="")
    client.force_login(clerk)
    one = brought(client, riverside, programme, [1, "马国强", "干部", "场工会", "", "", "", ""])

    said = commit(client, one).content.decode()
    assert "请逐条查看提醒" in said
    assert Helper.objects.get().home == ""
    commit(client, one, "by_name_alone")
    there.refresh_from_db()
    assert there.home == "场工会"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ([1, "", "干部", "场工会", "", "", "", ""], "name_missing"),
        ([1, "马国强", "外星人", "场工会", "", "", "", ""], "unknown_word"),
        ([1, "马国强", "干部", "场工会", "", "", 239901197001011234, ""], "id_damaged"),
        ([1, "马国强", "干部", "场工会", "", "", "12345", ""], "id_malformed"),
    ],
)
def test_a_bad_row_is_refused_and_the_others_go_in(client, clerk, riverside, programme, row, code):
    client.force_login(clerk)
    good = [2, "于海", "干部", "一队", "", "", "", ""]
    one = brought(client, riverside, programme, row, good)

    refused = one.lines.get(outcome="refused")
    assert code in {found["code"] for found in refused.findings}
    assert refused.row == 3
    commit(client, one)
    assert [helper.name for helper in Helper.objects.all()] == ["于海"]


def test_two_of_a_name_ask_for_more_and_one_who_left_for_coming_back(
    client, clerk, riverside, programme
):
    for home in ("一队", "二队"):
        factories.HelperFactory(unit=riverside, programme=programme, name="于海", home=home)
    factories.HelperFactory(
        unit=riverside, programme=programme, name="马国强", home="场工会",
        left_on="2012-01-01", leave_reason="retired",
    )  # fmt: skip
    client.force_login(clerk)
    one = brought(
        client, riverside, programme,
        [1, "于海", "干部", "", "", "", "", ""],
        [2, "马国强", "干部", "场工会", "", "", "", ""],
        [3, "于海", "干部", "一队", "", "", "", ""],
        [4, "于海", "干部", "一队", "", "", "", ""],
    )  # fmt: skip

    found = [{f["code"] for f in line.findings} for line in one.lines.all()]
    assert found == [{"several_of_the_name"}, {"helper_left"}, set(), {"helper_repeated"}]


def test_a_helper_of_ones_own_family_is_refused(client, clerk, riverside, programme):
    pair = factories.PairingFactory(
        enrolment__household__unit=riverside, enrolment__programme=programme
    )
    member = factories.MemberFactory(household=pair.enrolment.household)
    helper = factories.HelperFactory(unit=riverside, programme=programme, name="马国强")
    factories.PairingHelperFactory(pairing=pair, helper=helper)
    client.force_login(clerk)
    one = brought(
        client, riverside, programme,
        [1, "马国强", "", "场工会", "", "", member.id_number, ""],
    )  # fmt: skip

    assert {f["code"] for f in one.lines.get().findings} == {"helper_of_own_family"}


def test_the_refused_rows_come_as_a_workbook_and_go_in_corrected(
    client, clerk, riverside, programme
):
    client.force_login(clerk)
    one = brought(
        client, riverside, programme,
        [1, "马国强", "外星人", "场工会", "科长", "13800000001", "", "备注一"],
        [2, "于海", "干部", "一队", "", "", "", ""],
    )  # fmt: skip
    commit(client, one)
    answer = client.get(at("refused", one))
    assert Entry.objects.get(deed="exported").detail["rows"] == 1
    made = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    page = made.active
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert rows[-1][:3] == ["1", "马国强", "外星人"]
    assert "C3" in rows[-1][-1]
    page.cell(page.max_row, 3).value = "党员领导干部"
    out = io.BytesIO()
    made.save(out)
    out.seek(0)
    out.name = "更正.xlsx"
    bring(client, riverside, programme, out)
    commit(client, ListImport.objects.latest("pk"))

    assert sorted(Helper.objects.values_list("name", flat=True)) == sorted(["马国强", "于海"])


def test_the_clerk_says_what_a_column_means_and_next_month_it_is_known(
    client, clerk, riverside, programme
):
    client.force_login(clerk)
    head = ["帮扶人", "人员类别", "啥单位"]
    row = ["马国强", "干部", "场工会"]
    one = brought(client, riverside, programme, row, head=head)
    assert [name for name, *_rest in one.lines.get().changes] == ["name", "category"]
    client.post(at("columns", one), {"0-C": "home"})
    commit(client, one)

    assert Helper.objects.get().home == "场工会"
    again = brought(client, riverside, programme, row, head=head)
    assert again.rows_unchanged == 1


def test_a_needed_column_cannot_be_taken_away(client, clerk, riverside, programme):
    client.force_login(clerk)
    one = brought(client, riverside, programme, [1, "马国强", "干部", "", "", "", "", ""])

    said = client.post(at("columns", one), {"0-B": ""}, follow=True).content.decode()
    assert "没有一个工作表的表头" in said
    one.refresh_from_db()
    assert one.rows_created == 1


def test_what_changed_since_the_preview_is_shown_before_it_goes_in(
    client, clerk, riverside, programme
):
    client.force_login(clerk)
    one = brought(client, riverside, programme, [1, "马国强", "干部", "场工会", "", "", "", ""])
    factories.HelperFactory(
        unit=riverside, programme=programme, name="马国强", home="场工会", category="expert"
    )

    said = commit(client, one).content.decode()
    assert "在册信息有了变动" in said
    assert Helper.objects.get().category == "expert"
    one.refresh_from_db()
    assert (one.rows_created, one.rows_updated) == (0, 1)
    commit(client, one)
    assert Helper.objects.get().category == "cadre"


def test_a_preview_that_a_colleague_made_meanwhile_is_looked_at_first(
    client, clerk, riverside, programme
):
    client.force_login(clerk)
    head = ["帮扶人", "人员类别", "啥单位"]
    one = brought(client, riverside, programme, ["马国强", "干部", "场工会"], head=head)
    seen = one.fingerprint
    client.post(at("columns", one), {"0-C": "home"})

    said = client.post(at("commit", one), {"seen": seen}, follow=True).content.decode()
    assert "请再看一遍" in said
    assert not Helper.objects.exists()


def test_another_helper_that_fits_meanwhile_is_shown_first(client, clerk, riverside, programme):
    there = factories.HelperFactory(
        unit=riverside, programme=programme, name="马国强", home="场工会", rank="科员"
    )
    client.force_login(clerk)
    one = brought(client, riverside, programme, [1, "马国强", "", "场工会", "科长", "", "", ""])
    there.home = "一队"
    there.save()
    other = factories.HelperFactory(
        unit=riverside, programme=programme, name="马国强", home="场工会", rank="科员"
    )

    assert "在册信息有了变动" in commit(client, one).content.decode()
    other.refresh_from_db()
    assert other.rank == "科员"


def test_a_list_goes_in_once(client, clerk, riverside, programme):
    client.force_login(clerk)
    one = brought(client, riverside, programme, [1, "马国强", "干部", "场工会", "", "", "", ""])
    commit(client, one)

    assert "没有重复处理" in commit(client, one).content.decode()
    assert Helper.objects.count() == 1
    client.post(at("discard", one))
    one.refresh_from_db()
    assert one.state == "imported"


def test_a_list_put_away_changes_nothing(client, clerk, riverside, programme):
    client.force_login(clerk)
    one = brought(client, riverside, programme, [1, "马国强", "干部", "场工会", "", "", "", ""])
    client.post(at("discard", one))

    one.refresh_from_db()
    assert one.state == "discarded"
    commit(client, one)
    assert Helper.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 99, "不是"),
        ("户主,关系\n王建国,户主\n".encode(), "没有一个工作表的表头"),
    ],
)
def test_what_is_no_list_is_told_and_not_kept(client, clerk, riverside, programme, content, said):
    client.force_login(clerk)
    file = io.BytesIO(content)
    file.name = "名单.csv"
    page = bring(client, riverside, programme, file)

    assert page.status_code == 200
    assert said in page.content.decode()
    assert not ListImport.objects.exists()


def test_who_enters_no_helpers_imports_none(client, approver, riverside, programme):
    client.force_login(approver)

    assert client.get(reverse("pairings:helper-import-list")).status_code == 403
    assert bring(client, riverside, programme, book()).status_code == 403


def test_the_empty_list_is_one_that_can_be_read(client, clerk):
    client.force_login(clerk)
    answer = client.get(reverse("pairings:helper-import-template"))
    page = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active

    assert page["A1"].value == "*姓名"
    offered = {
        str(rule.sqref).split(":")[0]: rule.formula1
        for rule in page.data_validations.dataValidation
    }
    assert "党员领导干部" in offered["C2"]


@pytest.mark.parametrize("n", [1, 3])
def test_the_pages_ask_as_much_for_three_rows_as_for_one(
    client, clerk, riverside, programme, n, django_assert_num_queries
):
    client.force_login(clerk)
    rows = [[i, f"帮扶{i}", "外星人", "场工会", "", "", "", ""] for i in range(n)]
    for _nth in range(n):
        one = brought(client, riverside, programme, *rows)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(reverse("pairings:helper-import-list"))
    with django_assert_num_queries(DETAIL_QUERIES):
        client.get(at("detail", one))


LIST_QUERIES = 7
DETAIL_QUERIES = 9


def test_the_file_goes_when_its_time_is_over(client, clerk, riverside, programme, settings):
    client.force_login(clerk)
    one = brought(client, riverside, programme, [1, "马国强", "外星人", "", "", "", "", ""])
    settings.ROSTER_KEEP_DAYS = 30
    with time_machine.travel("2030-01-01 08:00", tick=False):
        assert steps.remove_old() == 1

    said = client.get(at("refused", one), follow=True).content.decode()
    assert "已不在本机" in said
