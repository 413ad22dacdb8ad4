"""The ledger through its pages: files first, then help; named or counted; voided, never removed."""

import datetime
import io
import re
from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse

from disbursements.models import Disbursement
from households.actions import files
from povertyaid.audit.models import Entry
from tests import factories
from tests.pairings.page import send

LEDGER = reverse("disbursements:ledger")
DAY = datetime.date(2013, 1, 20)


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


@pytest.fixture
def enrolment(riverside, programme):
    return enrolled(riverside, programme)


def enrolled(unit, programme, name="王建国", **more):
    family = factories.HouseholdFactory(unit=unit, head_name=name, **more)
    factories.MemberFactory(household=family, name=name)
    return factories.EnrolmentFactory(household=family, programme=programme)


def recording(enrolment):
    return reverse("disbursements:create", args=[enrolment.pk])


def facts(**more):
    return {"kind": "consolation", "form": "cash", "amount": "800", "paid_on": "2013-01-20"} | more


def paid(enrolment, **more):
    return factories.DisbursementFactory(
        household=enrolment.household, programme=enrolment.programme, **more
    )


def said(page):
    """What a page that came back says is wrong."""
    form = page.context["form"]
    return [str(one) for errors in form.errors.values() for one in errors] + [
        one.message for one in form.warnings
    ]


# ---- recording


def test_aid_for_a_household_is_found_by_its_number_and_recorded(desk, clerk, enrolment):
    first = send(
        desk, reverse("disbursements:to-whom"),
        programme=enrolment.programme.pk, household=enrolment.household.code,
    )  # fmt: skip
    assert first["Location"] == recording(enrolment)

    answer = send(desk, recording(enrolment), **facts(note="春节慰问"))

    row = Disbursement.objects.get()
    assert answer["Location"] == row.get_absolute_url()
    assert (row.household, row.unit, row.programme) == (
        enrolment.household, enrolment.household.unit, enrolment.programme,
    )  # fmt: skip
    assert (row.amount, row.paid_on, row.recorded_by) == (Decimal("800.00"), DAY, clerk)
    entry = Entry.objects.get(deed="aid_recorded")
    assert (entry.target_code, entry.detail["amount"]) == (enrolment.household.code, "800.00")
    assert enrolment.household.head_name not in str(entry.detail)


def test_pressed_twice_it_is_recorded_once(desk, enrolment):
    page = desk.get(recording(enrolment)).content.decode()
    marks = dict(re.findall(r'name="(_draft|_submit)" value="([^"]*)"', page))
    for _press in range(2):
        desk.post(recording(enrolment), facts() | marks)

    assert Disbursement.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"amount": "0"}, "金额必须大于零"),
        ({"amount": "-5"}, "不能"),
        ({"amount": "很多"}, "金额"),
        ({"paid_on": "2099-01-01"}, "还没有到"),
        ({"paid_on": "2010-01-01"}, "此前不发放"),
        ({"kind": "外星补贴"}, ""),
        ({"quantity": "5"}, "数量"),
    ],
)
def test_what_cannot_be_is_refused_in_words(desk, enrolment, wrong, sentence):
    page = send(desk, recording(enrolment), **facts(**wrong))

    assert page.status_code == 200
    assert any(sentence in one for one in said(page)), said(page)
    assert not Disbursement.objects.exists()


def test_no_payment_without_a_file_in_the_programme(desk, riverside, programme, enrolment):
    other = factories.ProgrammeFactory(lead_unit=riverside)
    page = send(
        desk, reverse("disbursements:to-whom"),
        programme=other.pk, household=enrolment.household.code,
    )  # fmt: skip

    assert page.status_code == 200
    assert "没有这样的户" in page.content.decode()


def test_no_payment_after_the_file_was_closed(desk, enrolment):
    family = enrolment.household
    family.status, family.closed_on, family.close_reason = "closed", "2012-12-31", "moved_away"
    family.save()

    page = send(desk, recording(enrolment), **facts())
    assert any("销档" in one for one in said(page))
    assert send(desk, recording(enrolment), **facts(paid_on="2012-12-30")).status_code == 302


def test_ten_thousand_typed_for_ten_is_asked_about(desk, enrolment, riverside, programme):
    for nth in range(5):
        paid(enrolled(riverside, programme, f"邻居{nth}"), amount=800)
    page = send(desk, recording(enrolment), **facts(amount="8000000"))
    assert any("元还是万元" in one for one in said(page))
    assert Disbursement.objects.count() == 5

    doubt = page.context["form"].warnings[0]
    answered = {doubt.tick_name: doubt.tick_value, doubt.reason_name: "大病专项"}
    assert (
        send(desk, recording(enrolment), **facts(amount="8000000"), **answered).status_code == 302
    )


def test_the_same_kind_again_within_a_month_is_asked_about(desk, enrolment):
    paid(enrolment, paid_on=datetime.date(2013, 1, 5))
    page = send(desk, recording(enrolment), **facts())

    assert any("是否重复" in one for one in said(page))


def test_more_than_the_fund_holds_is_asked_about(desk, enrolment, riverside):
    fund = factories.FundFactory(unit=riverside)
    factories.FundInflowFactory(fund=fund, programme=enrolment.programme, amount=500)
    page = send(desk, recording(enrolment), **facts(fund=fund.pk))

    assert any("余额不足" in one for one in said(page))


def test_one_pays_from_a_fund_of_the_unit_above_and_not_of_the_next(
    desk, enrolment, bureau, hillside
):
    above, beside = factories.FundFactory(unit=bureau), factories.FundFactory(unit=hillside)

    assert send(desk, recording(enrolment), **facts(fund=beside.pk)).status_code == 200
    assert send(desk, recording(enrolment), **facts(fund=above.pk)).status_code == 302


def test_aid_is_counted_together(desk, riverside, programme):
    answer = send(
        desk, reverse("disbursements:create-counted"),
        **facts(unit=riverside.code, household_count="120", amount="9.6万"),
    )  # fmt: skip

    row = Disbursement.objects.get()
    assert answer.status_code == 302
    assert (row.household, row.household_count, row.amount, row.unit) == (
        None, 120, Decimal("96000.00"), riverside,
    )  # fmt: skip


# ---- changing, voiding


def test_a_row_is_changed_against_the_version_seen(desk, enrolment):
    row = paid(enrolment)
    address = reverse("disbursements:edit", args=[row.pk])
    page = send(desk, address, **facts(amount="900"), _version=7)
    assert "同事" in page.content.decode()

    assert send(desk, address, **facts(amount="900"), _version=1).status_code == 302
    row.refresh_from_db()
    assert (row.amount, row.version) == (Decimal(900), 2)
    assert Entry.objects.get(deed="aid_changed").detail["fields"] == ["paid_on", "amount"]


def test_a_voided_row_stays_to_be_read_and_no_longer_counts(desk, enrolment):
    row = paid(enrolment)
    address = reverse("disbursements:void", args=[row.pk])
    send(desk, address, on="2013-02-01", reason="重复录入", _version=1)

    row.refresh_from_db()
    assert (row.stands, row.void_reason) == (False, "重复录入")
    assert "重复录入" in desk.get(row.get_absolute_url()).content.decode()
    assert enrolment.household.head_name not in desk.get(LEDGER + "?programme=all").content.decode()
    page = send(desk, address, on="2013-02-01", reason="再作废", _version=2)
    assert any("已经作废" in one for one in said(page))
    edit = reverse("disbursements:edit", args=[row.pk])
    assert any("请重新登记" in one for one in said(send(desk, edit, **facts(), _version=2)))


# ---- finding


def test_each_form_has_its_own_sum(desk, enrolment):
    paid(enrolment, amount=800)
    paid(enrolment, amount=200, form="goods")
    paid(enrolment, amount=15000, form="loan", kind="microloan")
    paid(enrolment, amount=1, voided_on=DAY, void_reason="错")

    page = desk.get(LEDGER + "?programme=all")
    assert page.context["totals"] == [
        ("现金", "800.00 元"), ("实物", "200.00 元"), ("贷款", "15,000.00 元"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "amounts"),
    [
        ("form_of=given", [800]),
        ("form_of=loan", [15000]),
        ("kind=microloan", [15000]),
        ("first=2013-01-01&last=2013-12-31", [15000]),
        ("named_or=counted", [9]),
        ("state=voided", [7]),
        ("q=wjg", [15000, 800]),
        ("q=赵", []),
        ("first=假日", []),
    ],
)
def test_the_ledger_is_narrowed(desk, enrolment, riverside, query, amounts):
    paid(enrolment, amount=800, paid_on=datetime.date(2012, 5, 1))
    paid(enrolment, amount=15000, form="loan", kind="microloan", paid_on=DAY)
    paid(enrolment, amount=7, voided_on=DAY, void_reason="错")
    factories.DisbursementFactory(
        household=None, unit=riverside, programme=enrolment.programme, headcount=3, amount=9,
        form="invest", paid_on=datetime.date(2011, 5, 1),
    )  # fmt: skip

    rows = desk.get(f"{LEDGER}?programme=all&{query}").context["object_list"]
    assert [int(row.amount) for row in rows] == amounts


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_asks_as_much_for_three_rows_as_for_one(
    desk, riverside, programme, n, django_assert_num_queries
):
    for nth in range(n):
        paid(enrolled(riverside, programme, f"户{nth}"), fund=factories.FundFactory(unit=riverside))
    with django_assert_num_queries(LIST_QUERIES):
        desk.get(LEDGER + "?programme=all")


LIST_QUERIES = 11


def test_the_export_has_amounts_as_numbers(desk, enrolment):
    paid(enrolment, amount=Decimal("800.50"), note="=1+1")
    answer = desk.post(reverse("disbursements:export"), {"query": "programme=all"})
    page = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    (row,) = [row for row in page.iter_rows(values_only=True) if row[1] == "王建国"]

    assert row[8] == 800.5
    assert "=1+1" in row


# ---- on the household's file


def test_the_file_tells_what_the_family_got_loans_apart(desk, enrolment):
    paid(enrolment, amount=800)
    paid(enrolment, amount=200, form="goods", paid_on=DAY)
    paid(enrolment, amount=15000, form="loan", kind="microloan", paid_on=DAY)
    page = desk.get(reverse("disbursements:of_household", args=[enrolment.household.pk]))
    told = page.context["told"]

    assert (told["given"], told["lent"]) == (Decimal(1000), Decimal(15000))
    assert [(one.year, one.given) for one in told["years"]] == [(2013, 200), (2012, 800)]
    text = page.content.decode()
    assert "1,000.00" in text
    assert "16,000.00" not in text


def test_rows_follow_their_household_to_another_unit(desk, enrolment, bureau, supervisor):
    row = paid(enrolment)
    zone = factories.OrgUnitFactory(parent=enrolment.household.unit)
    send(
        desk, reverse("households:move", args=[enrolment.household.pk]),
        to=zone.code, reason="划归分场", _version=enrolment.household.version,
    )  # fmt: skip

    row.refresh_from_db()
    assert row.unit == zone


def test_rows_follow_into_the_file_that_stays(desk, enrolment, riverside, programme):
    other = enrolled(riverside, programme, "王建军")
    mine, theirs = paid(enrolment), paid(other, paid_on=DAY)
    files.merge(
        enrolment.household, other.household, on=DAY, by=factories.StaffFactory(unit=riverside),
        reason="重复建档",
    )  # fmt: skip

    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert theirs.household == mine.household == enrolment.household


def test_a_neighbour_sees_none_of_it(client, neighbour, enrolment):
    row = paid(enrolment)
    client.force_login(neighbour)

    assert client.get(row.get_absolute_url()).status_code == 404
    assert client.get(recording(enrolment)).status_code == 404
    assert list(client.get(LEDGER + "?programme=all").context["object_list"]) == []


def test_who_approves_reads_the_ledger_and_does_not_write_it(client, approver, enrolment):
    row = paid(enrolment)
    client.force_login(approver)

    assert client.get(row.get_absolute_url()).status_code == 200
    assert client.get(recording(enrolment)).status_code == 403
