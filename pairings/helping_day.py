"""The helping day of a month (每月5号): which pairs stood on it, which of their households were visited.

Counted in sets: two sums by unit, whatever the number of pairs, laid together in memory.
"""

import calendar
import datetime
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Prefetch
from django.utils.translation import gettext

from pairings.models import Occasion, Pairing, PairingHelper, Visit
from povertyaid.org.models import OrgUnit

THAT_OCCASION, ANY_VISIT = "day", "any"


@dataclass(frozen=True)
class Month:
    """A month of a programme with its helping day; in a short month the last day stands for it."""

    year: int
    month: int
    helping_day: int

    @property
    def first(self):
        return datetime.date(self.year, self.month, 1)

    @property
    def last(self):
        return self.first.replace(day=calendar.monthrange(self.year, self.month)[1])

    @property
    def day(self):
        return self.first.replace(day=min(self.helping_day, self.last.day))

    @property
    def text(self):
        return f"{self.year}-{self.month:02}"


@dataclass
class Line:
    """A unit with all below it: pairs that stood, pairs whose household was visited."""

    unit: OrgUnit
    kind: str = "branch"  # or "own": the unit without those below it, or "sum"
    expected: int = 0
    done: int = 0

    @property
    def name(self):
        if self.kind == "sum":
            return gettext("In all")
        if self.kind == "own":
            return gettext("%(name)s itself") % {"name": self.unit.name}
        return self.unit.name

    @property
    def missing(self):
        return self.expected - self.done

    @property
    def percent(self):
        return round(self.done * 100 / self.expected, 1) if self.expected else None


@dataclass
class Standing:
    """A unit's own line, those of the units right below it, and the sum of all."""

    sum: Line
    lines: list[Line] = field(default_factory=list)


def expected(programme, month, pairs):
    """Pairs of households that stand on the helping day and whose family's file was open."""
    return pairs.filter(programme=programme, enrolment__isnull=False).current(month.day)


def visits_of(programme, month, counting):
    """The visits that fulfil the helping day: with that occasion, or any named visit of the month."""
    visits = Visit.objects.counted().named().filter(programme=programme)
    visits = visits.between(month.first, month.last)
    return visits.filter(occasion=Occasion.HELPING_DAY) if counting == THAT_OCCASION else visits


def done(programme, month, pairs, counting):
    seen = visits_of(programme, month, counting).filter(household=OuterRef("enrolment__household"))
    return expected(programme, month, pairs).filter(Exists(seen))


def not_yet(programme, month, pairs, counting):
    """The pairs whose household nobody has visited, with who is on them, in order of the units."""
    seen = visits_of(programme, month, counting).filter(household=OuterRef("enrolment__household"))
    rows = expected(programme, month, pairs).filter(~Exists(seen))
    return rows.order_by("unit__path", "enrolment__household__code", "pk")


def shown(keys, month):
    """Pairs of a page, in the order of their keys, with the helpers of that day."""
    helpers = PairingHelper.objects.on_day(month.day).select_related("helper")
    rows = (
        Pairing.objects.filter(pk__in=keys)
        .select_related("unit", "enrolment__household", "programme")
        .defer("enrolment__kept", "enrolment__household__bank_account")
        .prefetch_related(
            Prefetch("lines", helpers.order_by("role", "starts_on", "pk"), to_attr="listed_lines")
        )
    )
    found = {row.pk: row for row in rows}
    return [found[key] for key in keys if key in found]


def by_unit(programme, month, unit, pairs, counting):
    """Expected against done: the units right below one, each with all that lies under it."""
    below = list(OrgUnit.objects.filter(parent=unit).order_by("path"))
    lines = {one.path: Line(one) for one in below}
    own, whole = Line(unit, "own"), Line(unit, "sum")
    sums = (
        ("expected", expected(programme, month, pairs)),
        ("done", done(programme, month, pairs, counting)),
    )
    depth = unit.path.count("/")
    for name, rows in sums:
        for path, n in rows.order_by().values_list("unit__path").annotate(n=Count("pk")):
            branch = "/".join(path.split("/")[: depth + 1]) + "/"
            line = lines.get(branch) if path != unit.path else own
            for one in (line, whole):
                if one is not None:
                    setattr(one, name, getattr(one, name) + n)
    told = [line for line in lines.values() if line.expected]
    return Standing(whole, [own, *told] if own.expected else told)
