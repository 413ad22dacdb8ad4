import datetime
import json
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import Count, F, Max, Q, Sum

from households.models import Enrolment, Household, IncomeSnapshot, Member, StatusReview
from pairings.models import Helper, Pairing, PairingHelper
from povertyaid.audit.models import Entry
from povertyaid.lib import national_id
from povertyaid.lib.money import format_yuan
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.programmes.models import Programme, SchemeItem, Target, Threshold
from reports.demo import setup
from tests.factories import OrgUnitFactory, StaffFactory

FIGURES = Path(__file__).parents[3] / "fixtures" / "figures" / "S0.json"
YEAR_END_2011, YEAR_END_2013 = datetime.date(2011, 12, 31), datetime.date(2013, 12, 31)

FILES = (OrgUnit, Staff, Household, Member, Enrolment, StatusReview, Entry)


def seed(*arguments):
    out = StringIO()
    call_command("seed_demo", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def per_capita(category, stage):
    sums = IncomeSnapshot.objects.filter(
        enrolment__programme__code="S0", enrolment__category=category, stage=stage
    ).exclude(enrolment__status="removed")
    sums = sums.aggregate(net=Sum("net_income"), persons=Sum("persons"))
    return format_yuan(sums["net"] / sums["persons"])


def test_s0_gives_the_figures_that_were_printed():
    seed("--programme", "S0")

    programme = Programme.objects.get(code="S0")
    counted = Enrolment.objects.filter(programme=programme).counted()
    cohort = counted.due(YEAR_END_2011)
    assert counted.helpable().count() == 263
    assert counted.helpable().exited(by=YEAR_END_2013).count() == 263
    assert counted.helpable().filter(category="poor").count() == 132
    assert counted.helpable().filter(category="low_income").count() == 131
    assert cohort.count() == cohort.exited(by=YEAR_END_2011).count() == 134
    assert per_capita("poor", "before") == "3,591.00"
    assert per_capita("poor", "exit") == "15,000.00"
    assert per_capita("low_income", "before") == "6,478.00"
    assert per_capita("low_income", "exit") == "30,000.00"
    lines = Threshold.objects.filter(programme=programme)
    assert dict(lines.values_list("category", "value")) == {
        "poor": Decimal(30),
        "low_income": Decimal(50),
    }
    first, second = Target.objects.filter(programme=programme).order_by("code")
    assert first.achieved_on == cohort.aggregate(last=Max("exited_on"))["last"]
    assert (first.planned_years, first.due_on.year) == (3, 2011)
    assert second.achieved_on == counted.aggregate(last=Max("exited_on"))["last"]
    assert (second.planned_years, second.achieved_on.year) == (5, 2013)
    clears = SchemeItem.objects.filter(programme=programme, list_name="五清")
    assert clears.count() == 5
    # Who was not helpable or not poor is on file too, and in none of these figures.
    everyone = Enrolment.objects.filter(programme=programme)
    assert everyone.filter(helpable=False).count() == 7
    assert everyone.filter(status="removed").count() == 4


def test_the_command_that_checks_us_finds_them_too():
    seed("--programme", "S0")

    out = StringIO()
    call_command("figures", "--programme", "S0", "--json", stdout=out)
    figures = {figure["id"]: figure["ok"] for figure in json.loads(out.getvalue())}

    assert len(figures) == 45
    assert False not in figures.values()
    # What needs no table but households, helpers and programmes; the rest waits for its room.
    needed = [*range(1, 7), 19, *range(21, 30), *range(37, 45)]
    assert all(figures[f"S0-{number:03d}"] for number in needed)


def test_the_demonstration_is_plausible_to_a_clerk():
    seed("--programme", "S0")

    for member in Member.objects.select_related("household"):
        if member.id_number:
            number = national_id.parse(member.id_number)
            assert national_id.check_digit_fits(member.id_number)
            assert (number.sex, number.birth_date) == (member.sex, member.birth_date)
            assert number.area.startswith("2399")
    sizes = Household.objects.with_member_count().values_list("member_count", flat=True)
    assert set(sizes) == {1, 2, 3, 4, 5, 6}
    heads = Household.objects.annotate(heads=Count("members", filter=Q(members__relation="户主")))
    assert set(heads.values_list("heads", flat=True)) == {1}
    names = "".join(Member.objects.values_list("name", flat=True))
    assert {"㛃", "䶮", "𬭎"} <= set(names)
    exits = StatusReview.objects.filter(kind="exit", decision="approved")
    assert not exits.filter(snapshot=None).exists()
    assert not exits.filter(enrolment__programme__code="S0", line_value__isnull=False).exists()
    left = Enrolment.objects.exclude(exited_on=None)
    assert not left.exclude(reviews__kind="exit", reviews__decision="approved").exists()
    complete = Enrolment.objects.filter(programme__code="S0").counted().with_missing()
    assert set(complete.values_list("missing", flat=True)) == {0}


def test_every_household_has_had_a_helper_from_its_first_day():
    seed("--programme", "S0")

    programme = Programme.objects.get(code="S0")
    counted = Enrolment.objects.counted().filter(programme=programme, household__status="open")
    pairs = Pairing.objects.filter(programme=programme).with_mode()
    assert pairs.count() == counted.count()
    assert not counted.filter(pairings=None).exists()
    assert set(pairs.values_list("mode", flat=True)) == {"one", "two", "one_for_many"}
    assert not pairs.exclude(starts_on=F("enrolment__identified_on")).exists()
    assert not Pairing.objects.whose_helper_left().exists()
    staff = Staff.objects.get(username="s0-hq-helper")
    mine = Household.objects.visible_to(staff)
    assert mine.count() == 1
    assert all(one.unit.path.startswith("/S0/S0-HQ/") for one in mine.select_related("unit"))


def test_somebody_else_decides_what_a_clerk_proposes():
    seed("--programme", "S0")

    decided = StatusReview.objects.exclude(decision="pending")
    roles = set(decided.values_list("proposed_by__role", "decided_by__role"))
    assert roles == {("clerk", "approver")}
    farm = StatusReview.objects.filter(enrolment__household__unit__path__startswith="/S0/S0-HQ/")
    assert set(farm.values_list("proposed_by__username", flat=True)) == {"s0-hq-clerk"}


def test_work_waits_in_the_programme_of_today():
    seed("--programme", "S0")

    current = Enrolment.objects.filter(programme__code="HB2026")
    reviews = StatusReview.objects.filter(enrolment__in=current)
    assert set(reviews.pending().values_list("kind", flat=True)) == {"identify", "exit"}
    assert reviews.filter(kind="exit", decision="rejected").count() == 3
    assert current.with_missing().filter(missing__gt=0, status="helping").count() == 5
    met = reviews.filter(kind="exit").exclude(line_value=None).select_related("snapshot")
    assert all(review.snapshot.per_capita > review.line_value for review in met)
    approver = Staff.objects.get(username="s0-hq-approver")
    assert StatusReview.objects.decidable_by(approver).exists()


def test_running_again_changes_nothing():
    seed()
    Household.objects.filter(code="S0-HQ-2-000001").update(note="改过的备注")
    Programme.objects.filter(code="S0").update(name="改过的名称")
    farm = OrgUnit.objects.get(code="S0-HQ")
    OrgUnitFactory(code="S0-HQ-9", kind="zone", level="zone", parent=farm)
    before = [model.objects.count() for model in (*FILES, Helper, Pairing, PairingHelper)]

    said = seed()

    after = [model.objects.count() for model in (*FILES, Helper, Pairing, PairingHelper)]
    assert after == before
    assert Household.objects.get(code="S0-HQ-2-000001").note == "改过的备注"
    assert Programme.objects.get(code="S0").name == "改过的名称"
    assert "S0：家庭档案已存在，未作改动。" in said


@pytest.mark.parametrize("code", ["S0", "S1", "S2", "S3", "S4"])
def test_set_up_alone_makes_no_household(code):
    seed("--programme", code, "--setup-only")

    programme = Programme.objects.get(code=code)
    assert programme.lead_unit.code == code
    assert programme.scheme_items.exists()
    roles = set(Staff.objects.filter(unit__code=code).values_list("role", flat=True))
    assert roles == set(Staff.Role.values)
    assert not Household.objects.exists()


def test_what_is_not_there_yet_is_said_plainly():
    said = seed("--programme", "S3")

    assert "S3：目前只提供本工程的基础设置" in said
    assert not Household.objects.exists()


def test_real_staff_are_warned_of_public_passwords():
    StaffFactory(username="real")

    said = seed("--programme", "S1", "--setup-only")

    assert "本办公室已有正式账号" in said


def test_the_accounts_are_listed_with_unit_and_password():
    seed("--programme", "S1", "--setup-only")
    StaffFactory(username="real", full_name="正式人员")
    Staff.objects.filter(username="s1-auditor").update(is_active=False)
    changed = Staff.objects.get(username="s1-clerk")
    changed.set_password("another-password-1")
    changed.save()

    out = StringIO()
    call_command("demo_accounts", "--json", stdout=out)
    rows = {row["username"]: row for row in json.loads(out.getvalue())}

    assert rows["s1-approver"] == {
        "username": "s1-approver",
        "role": "审核员",
        "unit": "绥化市",
        "password": setup.password(),
    }
    assert rows["s1-clerk"]["password"] == "（密码已更改）"
    assert rows["s1-auditor"]["password"] == "（已停用）"
    assert "real" not in rows


def test_the_table_of_accounts_is_aligned():
    seed("--programme", "S4", "--setup-only")

    out = StringIO()
    call_command("demo_accounts", stdout=out)

    lines = out.getvalue().splitlines()
    assert len(lines) == 9
    assert lines[1].startswith("s4-clerk")


def test_an_office_without_demonstration_has_no_accounts_to_list():
    out = StringIO()
    call_command("demo_accounts", stdout=out)

    assert out.getvalue() == "没有演示账号。运行 seed_demo 可生成。\n"


def test_every_printed_figure_has_a_query_and_a_band():
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))

    assert len(figures) == 45
    for figure in figures:
        low, high = figure["accept"]
        assert low is None or high is None or low <= figure["printed"] <= high
        assert figure["reproduce"] in {"records", "config", "reported", "none"}
        assert (figure["indicator"] is None) == (figure["reproduce"] == "none")
    codes = {figure["params"]["hh"] for figure in figures if "hh" in figure["params"]}
    cases = {case["code"] for case in setup.description("S0")["cases"]}
    assert codes <= cases
