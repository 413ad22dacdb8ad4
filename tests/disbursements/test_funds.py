"""Funds: what came in, what went out, what is left, on the day that is asked."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from disbursements.actions import funds
from disbursements.models import Fund, FundInflow
from povertyaid.audit.models import Entry
from tests import factories
from tests.pairings.page import send

LIST = reverse("disbursements:fund-list")


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


@pytest.fixture
def fund(riverside):
    return factories.FundFactory(unit=riverside, name="送温暖资金")


def balance(fund, on=None):
    return Fund.objects.with_balance(on).get(pk=fund.pk).balance


def test_a_fund_is_opened_once_by_its_name(desk, riverside):
    given = {"unit": riverside.code, "name": "送温暖资金", "kind": "union"}
    assert send(desk, reverse("disbursements:fund-create"), **given).status_code == 302

    page = send(desk, reverse("disbursements:fund-create"), **given)
    assert "已有同名的资金" in page.content.decode()
    assert Fund.objects.get().unit == riverside
    assert Entry.objects.get(deed="fund_opened").target_code == f"B-RIV/F{Fund.objects.get().pk}"


def test_the_balance_is_what_came_in_less_what_was_paid(fund, programme):
    factories.FundInflowFactory(fund=fund, programme=programme, amount=50000)
    factories.FundInflowFactory(fund=fund, programme=programme, amount=9999, kind="budget")
    factories.FundInflowFactory(fund=fund, programme=programme, amount=9999, kind="credit_line")
    factories.FundInflowFactory(
        fund=fund, programme=programme, amount=1, voided_on="2012-02-01", void_reason="错"
    )
    for form, amount in (("cash", 800), ("loan", 15000), ("waiver", 500), ("use", 0)):
        factories.DisbursementFactory(fund=fund, programme=programme, form=form, amount=amount)
    factories.DisbursementFactory(
        fund=fund, programme=programme, amount=77, voided_on="2012-02-01", void_reason="错"
    )

    assert balance(fund) == Decimal(50000 - 800 - 15000)


def test_the_balance_of_a_day_knows_nothing_of_later(fund, programme):
    factories.FundInflowFactory(fund=fund, programme=programme, amount=100)
    factories.FundInflowFactory(
        fund=fund, programme=programme, amount=900, received_on=datetime.date(2013, 1, 1)
    )
    factories.DisbursementFactory(fund=fund, programme=programme, amount=30)

    assert balance(fund, datetime.date(2012, 1, 10)) == 100
    assert balance(fund, datetime.date(2012, 6, 30)) == 70
    assert balance(fund) == 970


def test_a_fund_nobody_used_has_nothing(fund):
    assert balance(fund) == 0


def test_an_inflow_is_recorded_and_taken_back(desk, fund, programme, clerk):
    address = reverse("disbursements:receive", args=[fund.pk])
    given = {
        "programme": programme.pk, "kind": "donation", "form": "cash", "amount": "5.6万",
        "received_on": "2012-05-01",
    }  # fmt: skip
    assert send(desk, address, **given)["Location"] == fund.get_absolute_url()
    inflow = FundInflow.objects.get()
    assert (inflow.amount, inflow.recorded_by, balance(fund)) == (56000, clerk, 56000)

    send(desk, reverse("disbursements:take-back", args=[inflow.pk]), on="2012-06-01", reason="录重")
    inflow.refresh_from_db()
    assert (inflow.counts, balance(fund)) == (False, 0)
    assert "录重" in desk.get(fund.get_absolute_url()).content.decode()
    with pytest.raises(ValidationError, match="作废"):
        funds.take_back(inflow, on=datetime.date(2012, 6, 1), by=clerk, reason="再来")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"amount": "0"}, "大于零"),
        ({"received_on": "2099-01-01"}, "只有计划投入可以"),
        ({"amount": "300000万"}, "万元"),
    ],
)
def test_an_inflow_that_cannot_be_is_refused_in_words(desk, fund, programme, wrong, sentence):
    given = {
        "programme": programme.pk, "kind": "donation", "form": "cash", "amount": "800",
        "received_on": "2012-05-01",
    }  # fmt: skip
    page = send(desk, reverse("disbursements:receive", args=[fund.pk]), **(given | wrong))

    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert not FundInflow.objects.exists()


def test_nothing_is_paid_or_received_after_a_fund_was_closed(desk, fund, programme, clerk):
    factories.DisbursementFactory(
        fund=fund, programme=programme, paid_on=datetime.date(2012, 1, 18)
    )
    close = reverse("disbursements:fund-close", args=[fund.pk])
    page = send(desk, close, on="2012-01-01", reason="结束", _version=1)
    assert "不能早于这一天" in page.content.decode()
    assert send(desk, close, on="2012-12-31", reason="结束", _version=1).status_code == 302

    assert not Fund.objects.payable_by(clerk).filter(pk=fund.pk).exists()
    page = send(
        desk, reverse("disbursements:receive", args=[fund.pk]), programme=programme.pk,
        kind="donation", form="cash", amount="1", received_on="2013-01-01",
    )  # fmt: skip
    assert "已停用" in page.content.decode()
    send(desk, reverse("disbursements:fund-reopen", args=[fund.pk]), reason="续用", _version=2)
    fund.refresh_from_db()
    assert fund.is_open


def test_two_who_change_a_fund_at_once(desk, fund):
    address = reverse("disbursements:fund-edit", args=[fund.pk])
    assert send(desk, address, name="新名", kind="union", _version=1).status_code == 302

    page = send(desk, address, name="旧名", kind="union", _version=1)
    assert "同事" in page.content.decode()
    fund.refresh_from_db()
    assert fund.name == "新名"


@pytest.mark.parametrize("n", [1, 3])
def test_the_lists_ask_as_much_for_three_rows_as_for_one(
    desk, riverside, programme, n, django_assert_num_queries
):
    for _nth in range(n):
        fund = factories.FundFactory(unit=riverside)
        for _each in range(n):
            factories.FundInflowFactory(fund=fund, programme=programme)
    with django_assert_num_queries(LIST_QUERIES):
        desk.get(LIST)
    with django_assert_num_queries(DETAIL_QUERIES):
        desk.get(fund.get_absolute_url())


LIST_QUERIES = 7
DETAIL_QUERIES = 7


def test_a_neighbour_sees_no_fund_of_the_next_farm(client, neighbour, fund):
    client.force_login(neighbour)

    assert client.get(fund.get_absolute_url()).status_code == 404
    assert list(client.get(LIST).context["object_list"]) == []
