"""Visits: how many were visited, and what was done there; by name, or counted together."""

from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pairings.models import Occasion, ServiceKind, Visit, VisitItem
from povertyaid.lib.quantities import Kind
from reports.figures.cut import Cut
from reports.figures.families import Column, Family
from reports.figures.indicator import Part, SumIndicator, Sums
from reports.figures.numbers import written
from reports.figures.parameters import Choice, Flag, Params, Several, Year

OCCASIONS = Several("occasions", _("occasions"), dict(Occasion.choices))
SERVICE = Choice("kind", _("what was done"), dict(ServiceKind.choices))
YEAR = Year("year", _("year"))


class Visits(Family):
    """One row a visit by the day, or visits of a unit counted together; none that was taken back."""

    unit = "unit__path"
    ordering = ("visited_on", "pk")
    left_out = ("situation", "household__bank_account", "household__note")

    def base(self, cut: Cut) -> Any:
        visits = Visit.objects.counted().filter(programme=cut.programme)
        return cut.scoped(visits.filter(visited_on__lte=cut.as_of))

    def listed(self, rows: Any) -> Any:
        return super().listed(rows).select_related("unit", "household", "helper")

    def columns(self) -> list[Column]:
        return [
            Column(_("Visited"), lambda row, _cut: whom(row), css="name"),
            Column(_("Unit"), lambda row, _cut: row.unit.name, css="fact"),
            Column(_("Visited on"), lambda row, _cut: row.visited_on, css="fact"),
            Column(_("Occasion"), lambda row, _cut: row.get_occasion_display(), css="fact"),
            Column(_("Who visited"), lambda row, _cut: row.helper.name if row.helper else ""),
        ]


class VisitItems(Family):
    """One row a thing done on a visit by the day."""

    unit = "visit__unit__path"
    ordering = ("visit__visited_on", "pk")
    left_out = (
        *("visit__situation", "visit__household__bank_account"),
        *("visit__household__note",),
    )

    def base(self, cut: Cut) -> Any:
        items = VisitItem.objects.counted().filter(visit__programme=cut.programme)
        return cut.scoped(items.filter(visit__visited_on__lte=cut.as_of))

    def listed(self, rows: Any) -> Any:
        return super().listed(rows).select_related("visit__unit", "visit__household")

    def columns(self) -> list[Column]:
        return [
            Column(_("Visited"), lambda row, _cut: whom(row.visit), css="name"),
            Column(_("Unit"), lambda row, _cut: row.visit.unit.name, css="fact"),
            Column(_("Visited on"), lambda row, _cut: row.visit.visited_on, css="fact"),
            Column(_("What was done"), lambda row, _cut: row.get_kind_display(), css="fact"),
            Column(_("Particulars"), lambda row, _cut: row.note),
            Column(
                _("Solved on"),
                lambda row, cut: (
                    row.solved_on if row.solved_on and row.solved_on <= cut.as_of else None
                ),
            ),
        ]


def whom(visit: Visit) -> str:
    """The head of the household that was visited, or that several were counted together."""
    return visit.household.head_name if visit.household else gettext("counted together")


def in_words(sums: Sums, kind: Kind) -> str:
    """How much of a number is rows with a name, where not all of it is."""
    if not sums["counted"]:
        return ""
    said = gettext("Of these %(named)s by name, %(counted)s counted together.")
    return said % {"named": written(sums["named"], kind), "counted": written(sums["counted"], kind)}


class BatchIndicator(SumIndicator):
    """A number that is made of rows with a name and of rows that count several together."""

    def compute(self, sums: Sums) -> Decimal | None:
        return sums["named"] + sums["counted"]

    def note(self, cut: Cut, params: Params, sums: Sums) -> str:
        return in_words(sums, self.kind_in(cut, params))

    def working(self, figure: Any) -> str:
        named, counted = figure.sums["named"], figure.sums["counted"]
        if not (named and counted):
            return ""
        return f"{written(named, figure.kind)} + {written(counted, figure.kind)}"


class Visited(BatchIndicator):
    code = "Q-11"
    label = _("People visited")
    definition = _(
        "Person-times visited by the day: a visit to a household counts one, visits that a unit "
        "counted together count as many as it wrote. Visits taken back as entered by mistake are "
        "left out."
    )
    kind = Kind.PERSON_TIMES
    parameters = (OCCASIONS, YEAR)
    day = "visited_on"
    grows = ("named", "counted")

    def family(self, params: Params) -> Family:
        return Visits()

    def condition(self, cut: Cut, params: Params) -> Q:
        wanted = Q()
        if "occasions" in params:
            wanted &= Q(occasion__in=params["occasions"])
        if "year" in params:
            wanted &= Q(visited_on__year=params["year"])
        return wanted

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        is_counted = Q(household__isnull=True)
        return (
            Part("named", _("By name"), Kind.PERSON_TIMES, when=Q(household__isnull=False)),
            Part("counted", _("Counted together"), Kind.PERSON_TIMES, "headcount", is_counted),
        )


class ServiceItems(BatchIndicator):
    code = "Q-12"
    label = _("Things done on visits")
    definition = _(
        "What was done on visits by the day, in entries (件次): each counts as often as was written, "
        "on a visit to one household or on visits counted together. With “solved”, problems that "
        "were solved by the day, or were not."
    )
    kind = Kind.ENTRIES
    parameters = (SERVICE, Flag("solved", _("solved")), YEAR)
    day = "visit__visited_on"
    grows = ("named", "counted")

    def family(self, params: Params) -> Family:
        return VisitItems()

    def condition(self, cut: Cut, params: Params) -> Q:
        wanted = Q()
        if "kind" in params:
            wanted &= Q(kind=params["kind"])
        if "solved" in params:
            solved = Q(solved_on__isnull=False, solved_on__lte=cut.as_of)
            wanted &= Q(kind=ServiceKind.PROBLEM) & (solved if params["solved"] else ~solved)
        if "year" in params:
            wanted &= Q(visit__visited_on__year=params["year"])
        return wanted

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        to_one, together = (Q(visit__household__isnull=none) for none in (False, True))
        return (
            Part("named", _("By name"), Kind.ENTRIES, "times", to_one),
            Part("counted", _("Counted together"), Kind.ENTRIES, "times", together),
        )
