"""Meetings, classes, lectures, publicity and volunteer service: how often, and for how many."""

from decimal import Decimal
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pairings.models import TOPICS, Activity, ActivityKind, Attendance, BeneficiaryGroup
from povertyaid.lib.quantities import Kind
from reports.figures.cut import Cut
from reports.figures.families import Column, Family
from reports.figures.indicator import Part, ReadIndicator, SumIndicator, Sums
from reports.figures.numbers import written
from reports.figures.parameters import Choice, Params, Several, UnitName, Words
from reports.figures.visits import YEAR, BatchIndicator, in_words

KINDS = Several("kinds", _("kinds of activity"), dict(ActivityKind.choices))
TOPIC_WORDS = Words("topics", _("topics"), TOPICS)
ORGANISER = UnitName("org", _("organiser"))
GROUPS = Several("groups", _("for whom"), dict(BeneficiaryGroup.choices))

#: What a session of an activity is called where it is not simply one more time.
SIGNS = {
    ActivityKind.MEETING: "次",
    ActivityKind.TRAINING: "期",
    ActivityKind.LECTURE: "场次",
    ActivityKind.VOCATIONAL: "期",
    ActivityKind.PUBLICITY: "场次",
    ActivityKind.TALK_TOUR: "场次",
    ActivityKind.REPORT_TOUR: "场次",
    ActivityKind.FUNDRAISER: "场次",
}


class Activities(Family):
    """One row an activity that was held by the day; none that was taken back."""

    unit = "unit__path"
    ordering = ("held_on", "pk")

    def base(self, cut: Cut) -> Any:
        held = Activity.objects.counted().filter(programme=cut.programme)
        return cut.scoped(held.filter(held_on__lte=cut.as_of))

    def listed(self, rows: Any) -> Any:
        return super().listed(rows).select_related("unit")

    def columns(self) -> list[Column]:
        return LISTING


LISTING = [
    Column(_("Activity"), lambda row, _cut: row.title or row.get_kind_display(), css="name"),
    Column(_("Kind of activity"), lambda row, _cut: row.get_kind_display(), css="fact"),
    Column(_("Topic"), lambda row, _cut: row.topic_word),
    Column(_("Organiser"), lambda row, _cut: row.unit.name, css="fact"),
    Column(_("Held on"), lambda row, _cut: row.held_on, css="fact"),
]


class Attended(Activities):
    """The same rows with the families that came by name beside them (`members`, `families`)."""

    def base(self, cut: Cut) -> Any:
        came = Attendance.objects.filter(activity=OuterRef("pk"), member__isnull=False)
        came = came.order_by().values("activity")
        members = came.annotate(n=Count("pk")).values("n")
        families = came.annotate(n=Count("member__household", distinct=True)).values("n")
        return (
            super()
            .base(cut)
            .annotate(
                members=Subquery(members, output_field=IntegerField()),
                families=Subquery(families, output_field=IntegerField()),
            )
        )

    def columns(self) -> list[Column]:
        return [
            *super().columns(),
            Column(_("For whom"), lambda row, _cut: row.get_beneficiary_group_display()),
        ]


class ActivityIndicator(SumIndicator):
    """Counts something of the activities that the parameters choose."""

    is_personal = False
    day = "held_on"

    def condition(self, cut: Cut, params: Params) -> Q:
        wanted = Q()
        if "kinds" in params:
            wanted &= Q(kind__in=params["kinds"])
        if "topics" in params:
            wanted &= Q(topic__in=params["topics"])
        if "groups" in params:
            wanted &= Q(beneficiary_group__in=params["groups"])
        if "org" in params:
            wanted &= ORGANISER.within(params["org"], cut, "unit")
        if "year" in params:
            wanted &= Q(held_on__year=params["year"])
        return wanted


class Sessions(ActivityIndicator):
    code = "Q-22"
    label = _("Sessions held")
    definition = _(
        "Sessions of meetings, classes, lectures and other activities held by the day, of the "
        "kinds, topics and organisers asked for. Activities taken back as entered by mistake are "
        "left out."
    )
    kind = Kind.SESSIONS
    parameters = (KINDS, TOPIC_WORDS, ORGANISER, GROUPS, YEAR)
    grows = ("sessions",)

    def measure_in(self, cut: Cut, params: Params) -> str:
        signs = {SIGNS.get(ActivityKind(kind), "次") for kind in params.get("kinds", ())}
        return signs.pop() if len(signs) == 1 else str(Kind.SESSIONS.value)

    def family(self, params: Params) -> Family:
        return Activities()

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        return (Part("sessions", _("Sessions"), Kind.SESSIONS, "sessions"),)

    def compute(self, sums: Sums) -> Decimal | None:
        return sums["sessions"]


class AttendanceCount(ActivityIndicator, BatchIndicator):
    code = "Q-23"
    label = _("Attendance")
    definition = _(
        "Who came to activities held by the day, in person-times, or in households reached: people "
        "of the families by name where the list was kept, else the number that was counted. Groups "
        "outside the programme are told apart."
    )
    kind = Kind.PERSON_TIMES
    parameters = (
        *(KINDS, TOPIC_WORDS, ORGANISER, GROUPS, YEAR),
        Choice("unit", _("counted in"), {"household": _("households reached")}),
    )
    grows = ("named", "counted", "outside")

    def kind_in(self, cut: Cut, params: Params) -> Kind:
        return Kind.HOUSEHOLDS if "unit" in params else Kind.PERSON_TIMES

    def family(self, params: Params) -> Family:
        return Attended()

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        kind = self.kind_in(cut, params)
        in_households = kind is Kind.HOUSEHOLDS
        counted = "household_count" if in_households else "headcount"
        listed = "families" if in_households else "members"
        without_a_number = Q(**{f"{counted}__isnull": True})
        return (
            Part("named", _("By name"), kind, listed, without_a_number),
            Part("counted", _("Counted together"), kind, counted),
            Part("outside", _("of these outside the programme"), kind, counted, OUTSIDE),
        )

    def note(self, cut: Cut, params: Params, sums: Sums) -> str:
        kind = self.kind_in(cut, params)
        said = [in_words(sums, kind)]
        if sums["outside"]:
            n = written(sums["outside"], kind)
            said.append(
                gettext("%(n)s are of groups outside the programme (%(groups)s).")
                % {"n": n, "groups": "、".join(str(one.label) for one in OUTSIDERS)}
            )
        return "".join(said)


OUTSIDERS = [group for group in BeneficiaryGroup if group != BeneficiaryGroup.ENROLLED]
OUTSIDE = ~Q(beneficiary_group=BeneficiaryGroup.ENROLLED)


class DebriefYear(ReadIndicator):
    code = "Q-46"
    label = _("Year of the debriefs")
    definition = _(
        "The year of the latest meeting, by the day, at which helpers reported to the workers on "
        "their work."
    )
    kind = Kind.YEARS
    listing = tuple(LISTING)
    ordering = ("-held_on", "-pk")

    def rows(self, cut: Cut, params: Params) -> Any:
        latest = Activities().base(cut).filter(kind=ActivityKind.DEBRIEF).order_by(*self.ordering)
        return latest.filter(held_on=Subquery(latest.values("held_on")[:1]))

    def listed(self, cut: Cut, params: Params) -> Any:
        return Activities().listed(self.rows(cut, params))

    def read(self, rows: list[Any], cut: Cut, params: Params) -> int | None:
        return rows[0].held_on.year if rows else None

    def note(self, rows: list[Any], cut: Cut, params: Params) -> str:
        return "" if rows else gettext("No debrief has been recorded.")
