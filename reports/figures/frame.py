"""The frame of a programme: its units, lists, lines, statistics, dates and targets."""

import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Max, Min, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from povertyaid.lib.quantities import Kind
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import (
    Programme,
    ReferenceValue,
    SchemeItem,
    Series,
    Target,
    Threshold,
)
from reports.figures.cut import Cut
from reports.figures.families import Column, Family, Units
from reports.figures.indicator import (
    Figure,
    Indicator,
    Part,
    ReadIndicator,
    SumIndicator,
    Sums,
)
from reports.figures.lines import spellings, wording
from reports.figures.numbers import percentage, plain
from reports.figures.parameters import (
    CATEGORY,
    Choice,
    Flag,
    ParameterError,
    Params,
    Several,
    UnitName,
    Word,
    category_word,
)
from reports.figures.reader import reader

KINDS = Several("kinds", _("kinds of unit"), dict(OrgUnit.Kind.choices))
LEVELS = Several(
    "levels", _("levels"), {code or "none": label for code, label in OrgUnit.Level.choices}
)
PARENT = UnitName("parent", _("parent unit"))


def chosen_units(params: Params) -> Q:
    wanted = Q()
    if "kinds" in params:
        wanted &= Q(kind__in=params["kinds"])
    if "levels" in params:
        wanted &= Q(level__in=["" if one == "none" else one for one in params["levels"]])
    return wanted


STAFF_FIELDS = {"min_staff": _("fewest full-time staff"), "max_staff": _("most full-time staff")}


class UnitCount(SumIndicator):
    code = "Q-24"
    label = _("Number of units")
    definition = _(
        "Units of the kinds and levels asked for, the unit itself and all below it, that existed "
        "on the day. With “distinct levels”, how many different levels they have; or how many "
        "full-time staff the smallest or the largest has, among those that have told."
    )
    kind = Kind.ITEMS
    parameters = (
        KINDS,
        LEVELS,
        Flag("model_worker_run", _("founded by a model worker")),
        PARENT,
        Choice("distinct", _("count"), {"level": _("distinct levels")}),
        Choice("field", _("what of it"), STAFF_FIELDS),
    )
    is_personal = False

    def kind_in(self, cut: Cut, params: Params) -> Kind:
        return Kind.PERSONS if "field" in params else Kind.ITEMS

    def measure_in(self, cut: Cut, params: Params) -> str:
        if "field" in params:
            return str(Kind.PERSONS.value)
        return "级" if "distinct" in params else "个"

    def family(self, params: Params) -> Family:
        return Units()

    def condition(self, cut: Cut, params: Params) -> Q:
        wanted = chosen_units(params)
        if "model_worker_run" in params:
            wanted &= Q(model_worker_run=params["model_worker_run"])
        if "parent" in params:
            wanted &= Q(parent__path__in=PARENT.paths(params["parent"], cut))
        if "field" in params:
            wanted &= Q(full_time_staff__isnull=False)
        return wanted & ~Q(level="") if "distinct" in params else wanted

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        if "field" in params:
            return (Part("staff", _("Full-time staff"), Kind.PERSONS, "full_time_staff"),)
        if "distinct" not in params:
            return (Part("units", _("Number of units"), Kind.ITEMS),)
        # One part a level: whether there is any is a question to its sum, so the figures of
        # several bureaus still add up without a distinct across them.
        return tuple(
            Part(f"level_{level}", label, Kind.ITEMS, when=Q(level=level))
            for level, label in OrgUnit.Level.choices
            if level
        )

    def aggregates(self, cut: Cut, params: Params) -> dict[str, Any]:
        """With a field, also the smallest or largest: no sum, so it is no part."""
        sums = super().aggregates(cut, params)
        if "field" in params:
            extreme = Min if params["field"] == "min_staff" else Max
            found = extreme("full_time_staff", filter=self.condition(cut, params))
            sums["extreme"] = Coalesce(found, Value(0))
        return sums

    def compute(self, sums: Sums) -> Decimal | None:
        if "units" in sums:
            return sums["units"]
        if "staff" in sums:
            return sums.get("extreme") if sums["rows"] else None
        return Decimal(sum(1 for name, n in sums.items() if name.startswith("level_") and n))


class ExitLine(ReadIndicator):
    code = "Q-05"
    label = _("Exit line")
    definition = _(
        "The exit line that the programme sets for the category, in force on the day: per cent of "
        "a published statistic, or yuan per person and year."
    )
    kind = Kind.YUAN_PER_PERSON_YEAR
    parameters = (CATEGORY,)
    required = ("category",)
    listing = (
        Column(_("Category"), lambda row, _cut: category_word(row.category), css="name"),
        Column(_("Exit line"), lambda row, _cut: wording(row), css="fact"),
        Column(_("Leaving is called"), lambda row, _cut: row.exit_label, css="fact"),
        Column(_("Valid from"), lambda row, _cut: row.valid_from),
    )

    def rows(self, cut: Cut, params: Params) -> Any:
        in_force = (
            Threshold.objects.filter(
                programme=cut.programme, category__in=spellings(params["category"])
            )
            .filter(Q(valid_from=None) | Q(valid_from__lte=cut.as_of))
            .order_by(F("valid_from").desc(nulls_last=True))
        )
        return Threshold.objects.using(reader()).filter(pk__in=in_force.values("pk")[:1])

    def kind_of(self, rows: list[Any], cut: Cut, params: Params) -> Kind:
        is_share = rows and rows[0].basis == Threshold.Basis.SHARE
        return Kind.PERCENT if is_share else self.kind

    def read(self, rows: list[Any], cut: Cut, params: Params) -> Decimal | None:
        return rows[0].value if rows else None

    def note(self, rows: list[Any], cut: Cut, params: Params) -> str:
        return "" if rows else gettext("The programme sets no line for this category.")


TARGET_FIELDS = {
    "due_year": _("year due"),
    "achieved_year": _("year achieved"),
    "planned_years": _("years first planned"),
    "committed_years": _("years committed"),
    "actual_years": _("years it took"),
    "consolidation_years": _("years left for consolidation"),
}


class TargetDates(ReadIndicator):
    code = "Q-32"
    label = _("Dates of a target")
    definition = _(
        "Dates and lengths of one target, in calendar years with both ends. The day of achievement "
        "is the one a person confirmed; where nobody has, the first day on which the records reach "
        "the target value."
    )
    kind = Kind.YEARS
    parameters = (
        Word("code", _("target code")),
        Choice("field", _("what of it"), TARGET_FIELDS),
    )
    required = ("code", "field")
    listing = (
        Column(_("Target"), lambda row, _cut: row.title, css="name"),
        Column(_("Target code"), lambda row, _cut: row.code),
        Column(_("From"), lambda row, _cut: row.starts_on, css="fact"),
        Column(_("Due on"), lambda row, _cut: row.due_on, css="fact"),
        Column(_("Confirmed as achieved on"), lambda row, cut: achieved_by(row, cut), css="fact"),
        Column(_("Years first planned"), lambda row, _cut: row.planned_years),
    )

    def rows(self, cut: Cut, params: Params) -> Any:
        return Target.objects.using(reader()).filter(programme=cut.programme, code=params["code"])

    def read(self, rows: list[Any], cut: Cut, params: Params) -> int | None:
        if not rows:
            return None
        target = rows[0]
        started, due = target.starts_on.year, target.due_on.year
        if params["field"] == "due_year":
            return due
        if params["field"] == "planned_years":
            return target.planned_years
        if params["field"] == "committed_years":
            return due - started + 1
        achieved = achieved_by(target, cut) or first_day_computed(target, cut)
        if achieved is None:
            return None
        if params["field"] == "achieved_year":
            return achieved.year
        actual = achieved.year - started + 1
        if params["field"] == "actual_years":
            return actual
        return None if target.planned_years is None else target.planned_years - actual

    def note(self, rows: list[Any], cut: Cut, params: Params) -> str:
        return "" if rows else gettext("The programme has no target with this code.")


def achieved_by(target: Target, cut: Cut) -> datetime.date | None:
    """The confirmed day of achievement, if it lies within the cut."""
    achieved = target.achieved_on
    return achieved if achieved and achieved <= cut.as_of else None


def first_day_computed(target: Target, cut: Cut) -> datetime.date | None:
    """The first day on which the records reach the target's value; None if they do not.

    Remembered with the target: a line of a paper asks for it several times.
    """
    known = target.__dict__.setdefault("first_days", {})
    if cut not in known:
        indicator, params = indicator_of(target)
        known[cut] = indicator.first_reached(cut, params, target.value)
    return known[cut]


def indicator_of(target: Target) -> tuple[SumIndicator, Params]:
    """What the target measures. Raises UnknownIndicatorError or ParameterError."""
    from reports.figures.catalogue import find  # noqa: PLC0415 -- the catalogue lists this module

    indicator = find(target.indicator)
    if not isinstance(indicator, SumIndicator):
        raise ParameterError(
            gettext("Indicator %(code)s is entered, not reached: no target can rest on it.")
            % {"code": target.indicator}
        )
    return indicator, indicator.read_parameters(target.params)


class Completion(Indicator):
    """The value of another indicator against its target: the same rows, seen as a share."""

    code = "Q-60"
    label = _("Completion of a target")
    definition = _(
        "The computed value of the target's indicator as a percentage of its target value."
    )
    kind = Kind.PERCENT
    parameters = (Word("code", _("target code")),)
    required = ("code",)
    is_personal = True

    def target(self, cut: Cut, params: Params) -> Target:
        found = Target.objects.using(reader()).filter(programme=cut.programme, code=params["code"])
        target = found.first()
        if target is None:
            raise ParameterError(
                gettext("The programme has no target %(code)s.") % {"code": params["code"]}
            )
        return target

    def rows(self, cut: Cut, params: Params) -> Any:
        indicator, asked = indicator_of(self.target(cut, params))
        return indicator.rows(cut, asked)

    def listed(self, cut: Cut, params: Params) -> Any:
        indicator, asked = indicator_of(self.target(cut, params))
        return indicator.listed(cut, asked)

    def columns(self, cut: Cut, params: Params) -> Any:
        indicator, asked = indicator_of(self.target(cut, params))
        return indicator.columns(cut, asked)

    def parts(self, cut: Cut, params: Params) -> Any:
        indicator, asked = indicator_of(self.target(cut, params))
        return indicator.parts(cut, asked)

    def figure(self, cut: Cut, params: Params, *, code: str = "", label: str = "") -> Figure:
        target = self.target(cut, params)
        indicator, asked = indicator_of(target)
        return self.figure_of(target, indicator.figure(cut, asked), code=code, label=label)

    def figure_of(
        self, target: Target, reached: Figure, *, code: str = "", label: str = ""
    ) -> Figure:
        """Of a value that was computed already."""
        value = None
        if reached.value is not None and target.value:
            value = percentage(reached.value, target.value)
        return Figure(
            code=code or self.code,
            label=label or str(self.label),
            value=value,
            kind=Kind.PERCENT,
            measure=str(Kind.PERCENT.value),
            row_count=reached.row_count,
            indicator=self,
            cut=reached.cut,
            params={"code": target.code},
            sums=dict(reached.sums) | ({"value": reached.value} if value is not None else {}),
            note=reached.note,
        )

    def working(self, figure: Figure) -> str:
        if figure.value is None:
            return ""
        target = self.target(figure.cut, figure.params)
        return f"{plain(figure.sums['value'])} ÷ {plain(target.value)} × 100"


class ListItems(ReadIndicator):
    code = "Q-34"
    label = _("Items of a list")
    definition = _("Items that the programme has entered under one of its own named lists.")
    kind = Kind.ITEMS
    parameters = (Word("list", _("list")), Word("part", _("part")))
    required = ("list",)
    listing = (
        Column(_("Item"), lambda row, _cut: row.label, css="name"),
        Column(_("Part"), lambda row, _cut: row.part, css="fact"),
        Column(_("List"), lambda row, _cut: row.list_name),
    )
    ordering = ("seq", "pk")

    def rows(self, cut: Cut, params: Params) -> Any:
        rows = SchemeItem.objects.using(reader()).filter(
            programme=cut.programme, list_name=params["list"]
        )
        return rows.filter(part=params["part"]) if "part" in params else rows

    def read(self, rows: list[Any], cut: Cut, params: Params) -> int:
        return len(rows)


#: What a published statistic is measured in, and whether that is one of the kinds.
SERIES_KINDS = {
    "per_capita_income": (Kind.YUAN_PER_PERSON_YEAR, ""),
    "dibao_line": (Kind.YUAN_PER_PERSON_YEAR, "元/人·月"),
    "gdp": (Kind.YUAN, ""),
    "self_run_output": (Kind.YUAN, ""),
    "cultivated_land": (Kind.ITEMS, "亩"),
}


class Statistic(ReadIndicator):
    code = "Q-36"
    label = _("Published statistic")
    definition = _("The latest value, up to the year of the day, of a statistic of the lead unit.")
    kind = Kind.ITEMS
    parameters = (Choice("series", _("series"), dict(Series.choices)),)
    required = ("series",)
    listing = (
        Column(_("Series"), lambda row, _cut: row.get_series_display(), css="name"),
        Column(_("Year"), lambda row, _cut: row.year, css="fact"),
        Column(_("Value"), lambda row, _cut: row.value.normalize(), Kind.ITEMS, css="fact"),
        Column(_("Source"), lambda row, _cut: row.source),
    )

    def kind_in(self, cut: Cut, params: Params) -> Kind:
        return SERIES_KINDS[params["series"]][0]

    def measure_in(self, cut: Cut, params: Params) -> str:
        kind, measure = SERIES_KINDS[params["series"]]
        return measure or str(kind.value)

    def rows(self, cut: Cut, params: Params) -> Any:
        published = ReferenceValue.objects.filter(
            unit=cut.programme.lead_unit_id, series=params["series"], year__lte=cut.as_of.year
        ).order_by("-year")
        return ReferenceValue.objects.using(reader()).filter(pk__in=published.values("pk")[:1])

    def read(self, rows: list[Any], cut: Cut, params: Params) -> Decimal | None:
        return rows[0].value if rows else None

    def note(self, rows: list[Any], cut: Cut, params: Params) -> str:
        return "" if rows else gettext("No value of this statistic has been entered.")


PROGRAMME_FIELDS = {
    "as_of": (_("year of the as-of day"), "年"),
    "years": (_("calendar years covered"), "年"),
    "start_year": (_("first year"), "年"),
    "start_month": (_("first month"), "月"),
    "round": (_("round"), "轮"),
    "prev_round": (_("round before"), "轮"),
    "helping_day": (_("helping day of the month"), "日"),
}


class ProgrammeHeader(ReadIndicator):
    code = "Q-37"
    label = _("Programme header")
    definition = _("Dates and numbers of the programme itself, as the administrator entered them.")
    kind = Kind.YEARS
    parameters = (
        Choice(
            "field", _("what of it"), {key: one for key, (one, _sign) in PROGRAMME_FIELDS.items()}
        ),
    )
    required = ("field",)
    listing = (
        Column(_("Programme"), lambda row, _cut: row.name, css="name"),
        Column(_("Programme code"), lambda row, _cut: row.code),
        Column(_("First day"), lambda row, _cut: row.starts_on, css="fact"),
        Column(_("As-of day"), lambda row, _cut: row.as_of, css="fact"),
        Column(_("Round"), lambda row, _cut: row.round_no),
        Column(_("Helping day of the month"), lambda row, _cut: row.helping_day),
    )

    def kind_in(self, cut: Cut, params: Params) -> Kind:
        return Kind.YEARS if PROGRAMME_FIELDS[params["field"]][1] == "年" else Kind.ITEMS

    def measure_in(self, cut: Cut, params: Params) -> str:
        return PROGRAMME_FIELDS[params["field"]][1]

    def rows(self, cut: Cut, params: Params) -> Any:
        return (
            Programme.objects.using(reader()).filter(pk=cut.programme.pk).select_related("previous")
        )

    def read(self, rows: list[Any], cut: Cut, params: Params) -> int | None:
        programme = rows[0]
        until = cut.as_of
        return {
            "as_of": until.year,
            "years": until.year - programme.starts_on.year + 1,
            "start_year": programme.starts_on.year,
            "start_month": programme.starts_on.month,
            "round": programme.round_no,
            "prev_round": programme.previous.round_no if programme.previous else None,
            "helping_day": programme.helping_day,
        }[params["field"]]
