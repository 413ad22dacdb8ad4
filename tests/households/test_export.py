"""The list as a workbook: what is on the screen, and nobody's number."""

import datetime
import io
from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse

from households.views import household
from povertyaid.audit.models import Entry
from tests.factories import (
    EnrolmentFactory,
    HouseholdFactory,
    IncomeSnapshotFactory,
    MemberFactory,
    id_number,
)

LIST = reverse("households:list")
EXPORT = reverse("households:export")
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def three(riverside, programme):
    """李四, 王五 and 张三, each with something of their own to export."""
    households = []
    for nth, name in enumerate(["张三", "李四", "王五"], start=1):
        household = HouseholdFactory(
            unit=riverside, code=f"A-{nth}", head_name=name, phone="13900001234", stated_size=4
        )
        MemberFactory(household=household, name=name)
        enrolment = EnrolmentFactory(
            household=household,
            programme=programme,
            causes=["illness", "某种旧称"],
            needs=["fund", "post"],
        )
        IncomeSnapshotFactory(enrolment=enrolment, wages=Decimal(9000) * nth)
        households.append(household)
    return households


def opened(response):
    content = b"".join(response.streaming_content)
    return openpyxl.load_workbook(io.BytesIO(content)).active


def table(response):
    """Heads and rows below the lines of the title."""
    rows = list(opened(response).values)
    head = next(nth for nth, row in enumerate(rows) if row[0] == "户主")
    return rows[head], rows[head + 1 :]


def test_all_that_match_come_in_the_order_of_the_screen(client, clerk, three):
    client.force_login(clerk)

    _heads, rows = table(client.post(EXPORT, {"all": "1", "query": "sort=-name"}))

    assert [row[0] for row in rows] == ["张三", "王五", "李四"]


def test_all_means_all_pages_and_not_the_one_on_the_screen(client, clerk, riverside, programme):
    for nth in range(51):
        EnrolmentFactory(
            household=HouseholdFactory(unit=riverside, code=f"A-{nth:03}"), programme=programme
        )
    client.force_login(clerk)

    page = client.get(LIST, headers=FRAGMENT).context["object_list"]
    _heads, rows = table(client.post(EXPORT, {"all": "1", "query": ""}))

    assert (len(page), len(rows)) == (50, 51)


def test_ticked_rows_come_alone(client, clerk, three):
    client.force_login(clerk)

    _heads, rows = table(client.post(EXPORT, {"pk": [three[0].pk, three[2].pk], "query": ""}))

    assert [row[1] for row in rows] == ["A-1", "A-3"]


def test_the_filter_of_the_screen_is_the_filter_of_the_export(client, clerk, three):
    client.force_login(clerk)

    _heads, rows = table(client.post(EXPORT, {"all": "1", "query": "q=zs"}))

    assert [row[0] for row in rows] == ["张三"]


def test_the_columns_of_the_screen_are_the_columns_of_the_export(client, clerk, three):
    client.force_login(clerk)
    client.post(reverse("households:columns"), {"column": ["income", "address", "nonsense"]})

    screen = client.get(LIST, {"programme": "P1"}, headers=FRAGMENT).context["columns"]
    heads, _rows = table(client.post(EXPORT, {"all": "1", "query": "programme=P1"}))

    assert [str(column.label) for _code, column in screen] == ["户主", "最近人均收入", "住址"]
    assert list(heads) == ["户主", "最近人均收入（元）", "住址"]


def test_the_usual_columns_can_be_had_back(client, clerk, three):
    client.force_login(clerk)
    usual, _rows = table(client.post(EXPORT, {"all": "1", "query": ""}))
    client.post(reverse("households:columns"), {"column": ["address"]})
    client.post(reverse("households:columns"), {"column": ["address"], "reset": "1"})

    heads, _rows = table(client.post(EXPORT, {"all": "1", "query": ""}))

    assert heads == usual


def test_every_column_says_what_the_file_says(client, clerk, three):
    client.force_login(clerk)
    client.cookies["household_columns"] = ".".join(
        [
            "members",
            "stated_size",
            "causes",
            "needs",
            "state",
            "identified_on",
            "income_before",
            "exited_on",
        ]
    )

    _heads, rows = table(client.post(EXPORT, {"all": "1", "query": "q=张三&programme=P1"}))

    assert rows == [
        ("张三", 1, 4, "大病、某种旧称", "资金、岗位", "帮扶中", "2011-03-01", 3000, None)
    ]


def test_days_are_days_and_numbers_are_numbers(client, clerk, three):
    three[0].enrolments.update(
        status="exited", exited_on=datetime.date(2013, 12, 1), exit_label="脱困"
    )
    client.force_login(clerk)

    heads, rows = table(client.post(EXPORT, {"all": "1", "query": "q=张三"}))

    row = dict(zip(heads, rows[0], strict=True))
    assert row["退出时间"] == datetime.datetime(2013, 12, 1)  # noqa: DTZ001 -- as Excel keeps days
    assert row["最近人均收入（元）"] == 3000
    assert row["家庭人口"] == 1


def test_personal_numbers_have_their_middle_hidden(client, clerk, riverside, programme):
    number = id_number(3, born="19650505")
    household = HouseholdFactory(unit=riverside, phone="13912345678", bank_account="6228480000000")
    MemberFactory(household=household, id_number=number)
    EnrolmentFactory(household=household, programme=programme)
    client.force_login(clerk)
    client.cookies["household_columns"] = "phone.head_number"

    heads, rows = table(client.post(EXPORT, {"all": "1", "query": "programme=P1"}))

    assert heads == ("户主", "联系电话", "户主证件号码")
    assert rows == [("王建国", "139****5678", f"{number[:4]}**********{number[-4:]}")]


@pytest.mark.parametrize("name", ["=1+1", "+86", "-1", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_a_name_that_looks_like_a_formula_stays_text(client, clerk, riverside, programme, name):
    household = HouseholdFactory(unit=riverside, head_name=name)
    EnrolmentFactory(household=household, programme=programme)
    client.force_login(clerk)

    sheet = opened(client.post(EXPORT, {"all": "1", "query": ""}))

    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == name)
    assert cell.data_type == "s"


def test_an_export_is_written_down_without_what_was_searched(client, clerk, three, riverside):
    client.force_login(clerk)

    opened(client.post(EXPORT, {"all": "1", "query": "q=张三&state=helping"}))

    entry = Entry.objects.get(deed="exported")
    assert (entry.by, entry.unit_path, entry.target_code) == (clerk, riverside.path, riverside.code)
    assert entry.detail["households"] == 1
    assert entry.detail["filters"] == ["programme", "q", "state"]
    assert "张三" not in str(entry.detail)


def test_a_neighbours_household_cannot_be_ticked_in(client, clerk, three, hillside, programme):
    stranger = HouseholdFactory(unit=hillside, head_name="外场人")
    EnrolmentFactory(household=stranger, programme=programme)
    client.force_login(clerk)

    _heads, rows = table(client.post(EXPORT, {"pk": [three[0].pk, stranger.pk], "query": ""}))

    assert [row[0] for row in rows] == ["张三"]


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"query": ""}, "还没有选中家庭"),
        ({"query": "", "pk": "9999999999999999999999"}, "还没有选中家庭"),
        ({"query": "", "pk": "²"}, "还没有选中家庭"),
        ({"query": "state=rich", "all": "1"}, "还没有选中家庭"),
        ({"query": "unit=NOWHERE", "all": "1"}, "还没有选中家庭"),
    ],
    ids=["nothing", "an impossible key", "no digit", "a forged state", "a forged unit"],
)
def test_an_export_of_nothing_says_so_and_leaves_no_trace(client, clerk, three, sent, sentence):
    client.force_login(clerk)

    response = client.post(EXPORT, sent)

    assert response.status_code == 302
    assert sentence in str(next(iter(response.wsgi_request._messages)))
    assert not Entry.objects.filter(deed="exported").exists()


def test_more_than_a_workbook_holds_is_refused_with_a_way_out(client, clerk, three, monkeypatch):
    monkeypatch.setattr(household, "EXPORT_AT_MOST", 2)
    client.force_login(clerk)

    response = client.post(EXPORT, {"all": "1", "query": ""})

    assert response["Location"] == LIST
    said = str(next(iter(response.wsgi_request._messages)))
    assert "2\N{NO-BREAK SPACE}户" in said
    assert "分几次导出" in said


def test_who_may_not_export_is_refused(client, helper, auditor, three):
    for staff in (helper, auditor):
        client.force_login(staff)
        assert client.post(EXPORT, {"all": "1", "query": ""}).status_code == 403


def test_an_export_costs_as_many_queries_for_one_as_for_three(
    client, clerk, three, django_assert_num_queries
):
    client.force_login(clerk)
    for query in ("q=张三", ""):
        with django_assert_num_queries(13):
            response = client.post(EXPORT, {"all": "1", "query": query})
        assert opened(response).max_row > 1
