"""The demonstration as it stands: loaded once for all that only read it."""

import datetime
import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, Exists, F, Max, OuterRef, Q, Sum

from households.models import (
    DossierItem,
    Enrolment,
    Household,
    IncomeSnapshot,
    Member,
    StatusReview,
)
from pairings.models import (
    Activity,
    Attendance,
    Helper,
    Pairing,
    PairingHelper,
    Visit,
    VisitItem,
    unpaired,
)
from povertyaid.audit.models import Entry
from povertyaid.lib import national_id
from povertyaid.lib.money import format_yuan
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.programmes.models import Programme, SchemeItem, Target, Threshold
from reports.figures.cut import cut_of
from reports.papers import footing
from reports.papers.exit import build
from tests.reports.test_commands import run
from tests.reports.test_exit_paper import check_every_figure

YEAR_END_2011, YEAR_END_2013 = datetime.date(2011, 12, 31), datetime.date(2013, 12, 31)


PROGRAMMES = ("S0", "S2", "S3", "S4")


def seed():
    """All but S1, whose 7,800 families are drawn in a smaller number in test_s1."""
    call_command("seed_demo", "--programme", *PROGRAMMES, stdout=StringIO(), stderr=StringIO())


@pytest.fixture(scope="module", autouse=True)
def demonstration(django_db_setup, django_db_blocker):
    """Outside the transaction of a single test, so that the next finds it; taken away at the end."""
    with django_db_blocker.unblock():
        seed()
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


#: Figures that nothing can be said about yet: money, projects, jobs and inspections come with their
#: rooms; some are only reported, and some are wordings.
UNSAID = {
    "S0": "008 010 011 012 013 014 015 016 018 020 032 033 034 035 036 045",
    "S2": "006 007 008 013 014 016 019 020 021 022 023 024 025 026 027 028 029 030 031 032 033 034 "
    "035 036 037 038 041 042 043 044 045 046 047 048 051 052 053",
    "S3": "002 013 014 015 016 017 018 019 020 021 022 023 024 029 030 031 032 033 034 035 036 037 "
    "038 039 041 042 043 044 045 046 047 048 051 052 053 054 057 058 059 060 061 062 063 064 065 "
    "066 067 068 069 072 078 079 080 081 082 083 084 086 087 088 089 091 092 093",
    "S4": "015 017 018 019 021 022 024 025 026 027 028 029 030 031 032 034 035 038 044 045 046 047 "
    "048",
}


@pytest.mark.parametrize("code", PROGRAMMES)
def test_every_figure_that_can_be_counted_lies_in_its_band(code):
    answer = json.loads(run("figures", "--programme", code, "--json"))

    assert [one for one in answer if one["ok"] is False] == []
    unsaid = [one["id"].removeprefix(f"{code}-") for one in answer if one["ok"] is None]
    assert unsaid == UNSAID[code].split()


def test_running_again_changes_nothing():
    counted = (
        *(Household, Member, Enrolment, OrgUnit, Helper, Pairing, PairingHelper),
        *(Visit, VisitItem, Activity, Attendance, DossierItem, Entry),
    )
    before = [model.objects.count() for model in counted]

    seed()

    assert [model.objects.count() for model in counted] == before


def test_all_36_households_of_s3_have_several_helpers_on_any_day():
    pairs = Pairing.objects.filter(programme__code="S3", scheme="n_plus_one")

    assert pairs.count() == pairs.of_mode("many", datetime.date(2018, 12, 6)).count() == 36
    assert PairingHelper.objects.filter(pairing__in=pairs).count() == 110
    lines = {"poor": 0, "high": 0}
    for snapshot in IncomeSnapshot.objects.filter(enrolment__programme__code="S3", stage="exit"):
        lines["high" if snapshot.per_capita > 6_000 else "poor"] += 1
    assert lines == {"poor": 0, "high": 36}
    helped = Household.objects.visible_to(Staff.objects.get(username="s3-helper"))
    assert helped.count() == 1


def test_what_was_done_lies_within_the_days_of_its_pair_and_programme():
    named = Visit.objects.filter(household__isnull=False, helper__isnull=False)
    assert named.exists()
    lines = PairingHelper.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=OuterRef("visited_on")),
        helper=OuterRef("helper"), pairing__enrolment__household=OuterRef("household"),
        starts_on__lte=OuterRef("visited_on"),
    )  # fmt: skip
    assert not named.filter(~Exists(lines)).exists()
    for model, day in ((Visit, "visited_on"), (Activity, "held_on")):
        rows = model.objects.all()
        assert not rows.filter(**{f"{day}__lt": F("programme__starts_on")}).exists()
        assert not rows.filter(**{f"{day}__gt": F("programme__as_of")}).exists()
    assert not Activity.objects.filter(attendances__isnull=False, headcount__isnull=False).exists()


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
    assert mine.filter(enrolments__programme=programme).count() == 1
    assert mine.filter(enrolments__programme__code="HB2026").count() == 2
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


def test_this_month_not_everybody_has_been_and_some_problems_wait():
    """The programme of today has work on its pages: who has nobody, was not visited, waits."""
    current = Enrolment.objects.filter(programme__code="HB2026")
    helped = current.exclude(pairings=None)
    assert unpaired(current).count() > helped.count() / 10 > 0
    november = Visit.objects.filter(
        visited_on=datetime.date(2026, 11, 10), household=OuterRef("household")
    )
    assert 0 < helped.filter(Exists(november)).count() < helped.count()
    items = VisitItem.objects.filter(visit__programme__code="HB2026")
    assert items.unsolved().exists()
    assert items.filter(solved_on__isnull=False).exists()


def test_every_figure_is_the_sum_of_its_rows():
    for code in ("S0", "HB2026"):
        paper = build(cut_of(Programme.objects.get(code=code)))
        footing.check(paper)
        check_every_figure(paper)


def test_a_number_that_nobody_keeps_yet_is_said_not_guessed():
    answer = json.loads(run("figures", "--programme", "S0", "--json"))

    assert [list(one)[:5] for one in answer] == [
        ["id", "value", "accept", "ok", "reproduce"]
    ] * len(answer)
    not_kept = next(one for one in answer if one["id"] == "S0-008")
    assert (not_kept["value"], not_kept["ok"]) == (None, None)
    assert not_kept["note"] == "Q-13 所统计的记录尚未建立。"
    wording = json.loads(run("figures", "--programme", "S2", "--json"))[52]
    assert (wording["ok"], wording["note"]) == (None, "工程的设置或提法，没有可统计的记录。")
