"""The demonstration as it stands: loaded once for all that only read it."""

import datetime
import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, F, Max, Q, Sum

from households.models import Enrolment, Household, IncomeSnapshot, Member, StatusReview
from pairings.models import Pairing
from povertyaid.lib import national_id
from povertyaid.lib.money import format_yuan
from povertyaid.org.models import Staff
from povertyaid.programmes.models import Programme, SchemeItem, Target, Threshold
from reports.figures.cut import cut_of
from reports.papers import footing
from reports.papers.exit import build
from tests.reports.test_commands import run
from tests.reports.test_exit_paper import check_every_figure

YEAR_END_2011, YEAR_END_2013 = datetime.date(2011, 12, 31), datetime.date(2013, 12, 31)


@pytest.fixture(scope="module", autouse=True)
def demonstration(django_db_setup, django_db_blocker):
    """Outside the transaction of a single test, so that the next finds it; taken away at the end."""
    with django_db_blocker.unblock():
        call_command("seed_demo", "--programme", "S0", stdout=StringIO(), stderr=StringIO())
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # the planner has not yet seen what was just written
    yield
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)


def per_capita(category, stage):
    sums = IncomeSnapshot.objects.filter(
        enrolment__programme__code="S0", enrolment__category=category, stage=stage
    ).exclude(enrolment__status="removed")
    sums = sums.aggregate(net=Sum("net_income"), persons=Sum("persons"))
    return format_yuan(sums["net"] / sums["persons"])


def test_s0_gives_the_figures_that_were_printed():
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
    out = StringIO()
    call_command("figures", "--programme", "S0", "--json", stdout=out)
    figures = {figure["id"]: figure["ok"] for figure in json.loads(out.getvalue())}

    assert len(figures) == 45
    assert False not in figures.values()
    # What needs no table but households, helpers and programmes; the rest waits for its room.
    needed = [*range(1, 7), 19, *range(21, 30), *range(37, 45)]
    assert all(figures[f"S0-{number:03d}"] for number in needed)


def test_the_demonstration_is_plausible_to_a_clerk():
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
    decided = StatusReview.objects.exclude(decision="pending")
    roles = set(decided.values_list("proposed_by__role", "decided_by__role"))
    assert roles == {("clerk", "approver")}
    farm = StatusReview.objects.filter(enrolment__household__unit__path__startswith="/S0/S0-HQ/")
    assert set(farm.values_list("proposed_by__username", flat=True)) == {"s0-hq-clerk"}


def test_work_waits_in_the_programme_of_today():
    current = Enrolment.objects.filter(programme__code="HB2026")
    reviews = StatusReview.objects.filter(enrolment__in=current)
    assert set(reviews.pending().values_list("kind", flat=True)) == {"identify", "exit"}
    assert reviews.filter(kind="exit", decision="rejected").count() == 3
    assert current.with_missing().filter(missing__gt=0, status="helping").count() == 5
    met = reviews.filter(kind="exit").exclude(line_value=None).select_related("snapshot")
    assert all(review.snapshot.per_capita > review.line_value for review in met)
    approver = Staff.objects.get(username="s0-hq-approver")
    assert StatusReview.objects.decidable_by(approver).exists()


def test_every_figure_is_the_sum_of_its_rows():
    for code in ("S0", "HB2026"):
        paper = build(cut_of(Programme.objects.get(code=code)))
        footing.check(paper)
        check_every_figure(paper)


def test_the_figures_lie_in_their_bands():
    answer = json.loads(run("figures", "--programme", "S0", "--json"))

    assert [list(one)[:5] for one in answer] == [
        ["id", "value", "accept", "ok", "reproduce"]
    ] * len(answer)
    ok = {one["id"] for one in answer if one["ok"]}
    needed = {"S0-004", "S0-005", *(f"S0-{n:03d}" for n in (*range(22, 28), *range(37, 45)))}
    assert needed <= ok
    assert {"S0-001", "S0-002", "S0-003", "S0-007", "S0-019", "S0-021", "S0-028"} <= ok
    assert not [one for one in answer if one["ok"] is False]
    not_kept = next(one for one in answer if one["id"] == "S0-008")
    assert (not_kept["value"], not_kept["ok"]) == (None, None)
    assert not_kept["note"] == "Q-13 所统计的记录尚未建立。"
