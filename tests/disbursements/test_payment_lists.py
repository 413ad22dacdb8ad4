"""A list of payments from Excel: found families, doubts told, brought twice pays nobody twice."""

import io
from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse

from disbursements.models import Disbursement
from households.models import ListImport
from tests import factories
from tests.disbursements.test_ledger import enrolled

HEAD = [
    "序号",
    "户主姓名",
    "身份证号",
    "户编号",
    "帮扶类别",
    "发放金额",
    "发放日期",
    "资金来源",
    "备注",
]


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.UPLOADS_DIR = tmp_path


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


def brought(desk, unit, programme, *rows, head=HEAD):
    made = openpyxl.Workbook()
    page = made.active
    page.append(["春节慰问发放表"])
    page.append(head)
    for nth, row in enumerate(rows, start=1):
        page.append([nth, *row])
    page.append(["合计", None, None, None, None, 1600])
    file = io.BytesIO()
    made.save(file)
    file.seek(0)
    file.name = "发放表.xlsx"
    answer = desk.post(
        reverse("disbursements:import-new"),
        {"unit": unit.code, "programme": programme.pk, "file": file},
    )
    assert answer.status_code == 302, answer.context["form"].errors
    return ListImport.objects.latest("pk")


def commit(desk, one, *confirmed):
    address = reverse("disbursements:import-commit", args=[one.pk])
    one.refresh_from_db()
    given = {"confirmed": confirmed, "seen": one.fingerprint}
    return desk.post(address, given, follow=True).content.decode()


def codes(one):
    return [{found["code"] for found in line.findings} for line in one.lines.all()]


def test_families_are_found_by_number_code_and_name(desk, clerk, riverside, programme):
    families = [enrolled(riverside, programme, name) for name in ("王建国", "李秀兰", "赵春生")]
    number = families[0].household.members.get().id_number
    factories.FundFactory(unit=riverside, name="送温暖资金")
    one = brought(
        desk, riverside, programme,
        ["王建国", number, "", "慰问金", 800, "2013-01-20", "送温暖资金", ""],
        ["李秀兰", "", families[1].household.code, "慰问款物", "0.08万", "2013.1.20", "", "米面油"],
        ["赵春生", "", "", "慰问款物", 800, "2013年1月20日", "没有的资金", ""],
    )  # fmt: skip

    assert codes(one) == [set(), set(), {"family_by_name", "fund_unknown"}]
    assert "请逐条查看提醒" in commit(desk, one)
    commit(desk, one, "family_by_name")
    rows = Disbursement.objects.order_by("pk")
    assert [(row.household, row.amount, row.kind) for row in rows] == [
        (family.household, Decimal(800), "consolation") for family in families
    ]
    assert [row.fund.name if row.fund else "" for row in rows] == ["送温暖资金", "", ""]
    assert rows[0].member == families[0].household.members.get()
    assert {row.recorded_by for row in rows} == {clerk}


def test_brought_twice_it_pays_nobody_twice(desk, riverside, programme):
    family = enrolled(riverside, programme)
    row = ["王建国", "", family.household.code, "慰问款物", 800, "2013-01-20", "", ""]
    commit(desk, brought(desk, riverside, programme, row))
    one = brought(desk, riverside, programme, row)
    commit(desk, one)

    assert (one.rows_created, one.rows_unchanged) == (0, 1)
    assert Disbursement.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({0: "没有此人", 2: ""}, "family_unknown"),
        ({3: "外星补贴"}, "kind_unknown"),
        ({4: 0}, "amount_not_positive"),
        ({4: "很多"}, "amount_unreadable"),
        ({5: "2013"}, "day_incomplete"),
        ({5: "2099-01-01"}, "day_to_come"),
        ({5: "2010-01-01"}, "outside_the_file"),
    ],
)
def test_a_bad_row_is_refused_and_the_others_go_in(desk, riverside, programme, wrong, code):
    bad, good = enrolled(riverside, programme), enrolled(riverside, programme, "李秀兰")
    row = ["王建国", "", bad.household.code, "慰问款物", 800, "2013-01-20", "", ""]
    for place, value in wrong.items():
        row[place] = value
    one = brought(
        desk, riverside, programme, row,
        ["李秀兰", "", good.household.code, "慰问款物", 800, "2013-01-20", "", ""],
    )  # fmt: skip

    assert code in codes(one)[0]
    assert one.rows_refused == 1
    commit(desk, one)
    assert [paid.household for paid in Disbursement.objects.all()] == [good.household]


def test_doubts_are_told_before_anything_is_paid(desk, riverside, programme):
    family = enrolled(riverside, programme)
    for nth in range(5):
        factories.DisbursementFactory(
            household=family.household, programme=programme, paid_on=f"2012-0{nth + 1}-01"
        )
    row = ["王建国", "", family.household.code, "慰问款物", 80000, "2012-05-20", "", ""]
    one = brought(desk, riverside, programme, row, row)

    assert codes(one) == [{"again_soon", "unusual"}, {"payment_repeated"}]
    commit(desk, one, "again_soon")
    assert Disbursement.objects.count() == 5
    commit(desk, one, "again_soon", "unusual")
    assert Disbursement.objects.count() == 6


def test_two_heads_of_a_name_and_a_family_next_door(desk, riverside, hillside, programme):
    for _nth in range(2):
        enrolled(riverside, programme, "王建国")
    next_door = enrolled(hillside, programme, "李秀兰")
    one = brought(
        desk, riverside, programme,
        ["王建国", "", "", "慰问款物", 800, "2013-01-20", "", ""],
        ["李秀兰", "", next_door.household.code, "慰问款物", 800, "2013-01-20", "", ""],
    )  # fmt: skip

    assert codes(one) == [{"families_of_the_name"}, {"family_unknown"}]


def test_a_programmes_own_kind_is_known(desk, riverside, programme):
    factories.SchemeItemFactory(programme=programme, list_name="帮扶项目类别", label="爱心早餐")
    family = enrolled(riverside, programme)
    one = brought(
        desk, riverside, programme,
        ["王建国", "", family.household.code, "爱心早餐", 20, "2013-01-20", "", ""],
    )  # fmt: skip
    commit(desk, one)

    assert Disbursement.objects.get().kind_word == "爱心早餐"
