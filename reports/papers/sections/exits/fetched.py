"""The figures of section C, fetched once for all its tables."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households.models import StatusReview, words
from povertyaid.org.models import OrgUnit
from reports.figures.catalogue import find
from reports.figures.cut import Cut
from reports.figures.incomes import MET, NOT_MET, UNKNOWN
from reports.figures.indicator import Figure
from reports.figures.lines import Lines
from reports.figures.parameters import category_word
from reports.figures.sheet import Ask, Sheet, totals

# What a column is called in the code of its figures → indicator and parameters.
ASKS = {
    "enrolled": ("Q-01", {}),
    "helpable": ("Q-01", {"helpable": True}),
    "identified": ("Q-01", {"identified": True}),
    "people": ("Q-03", {}),
    "exited": ("Q-51", {}),
    "people_out": ("Q-57", {}),
    "rate": ("Q-02", {}),
    "helpable_rate": ("Q-02", {"helpable": True}),
    "returned": ("Q-52", {}),
    "helped": ("Q-58", {}),
    "removed": ("Q-53", {}),
    "before": ("Q-04", {"stage": "before"}),
    "exit": ("Q-04", {"stage": "exit"}),
    "growth": ("Q-55", {}),
    "met": ("Q-56", {"result": MET}),
    "not_met": ("Q-56", {"result": NOT_MET}),
    "unknown": ("Q-56", {"result": UNKNOWN}),
    **{
        f"reviews.{kind}.{decision or 'all'}": (
            "Q-54",
            {"kind": kind} | ({"decision": decision} if decision else {}),
        )
        for kind in StatusReview.Kind.values
        for decision in ("", *StatusReview.Decision.values)
    },
}

# The last word of a figure's code: what it counts.
TAILS = {
    "户": "households",
    "人": "persons",
    "%": "percent",
    "倍": "times",
    "件次": "reviews",
    "元/人·年": "yuan",
}


@dataclass(frozen=True)
class Exits:
    cut: Cut
    lines: Lines
    sheet: Sheet  # every unit and category, from grouped statements
    whole: dict[str, Figure]  # the paper's unit, from statements of their own: what must foot
    categories: list[str]

    @classmethod
    def of(cls, cut: Cut) -> "Exits":
        """Eight statements, two for each family of rows, and two for the lines."""
        asks = [Ask(name, find(code), dict(params)) for name, (code, params) in ASKS.items()]
        lines = Lines.of(cut)
        sheet = Sheet(cut, asks)
        sums = totals(cut, asks)
        whole = {
            ask.name: ask.indicator.figure_of(
                sums[ask.name],
                cut,
                ask.params,
                code=f"C.{ask.name}.{_tail(ask, cut)}",
                label=heading(ask.name),
            )
            for ask in asks
        }
        return cls(cut, lines, sheet, whole, _in_order(sheet.categories, lines))

    @property
    def counted_in(self) -> str:
        """户, or 人 in a programme that counts persons."""
        return self.whole["enrolled"].measure

    def of_category(self, name: str, category: str) -> Figure:
        return self.sheet.figure(
            name,
            code=f"C.{name}.{category or 'none'}.{_tail(self.sheet.asks[name], self.cut)}",
            label=f"{category_word(category)} · {heading(name)}",
            category=category,
        )

    def of_unit(self, name: str, unit: OrgUnit, *, direct: bool = False) -> Figure:
        code = f"{unit.code}.direct" if direct else unit.code
        where = _("%(unit)s itself") % {"unit": unit.name} if direct else unit.name
        return self.sheet.figure(
            name,
            code=f"C.unit.{code}.{name}.{_tail(self.sheet.asks[name], self.cut)}",
            label=f"{where} · {heading(name)}",
            unit=unit,
            direct=direct,
        )


HEADINGS = {
    "enrolled": gettext_lazy("On file"),
    "helpable": gettext_lazy("Helpable"),
    "identified": gettext_lazy("Identified"),
    "people": gettext_lazy("Family members"),
    "exited": gettext_lazy("Out of poverty"),
    "people_out": gettext_lazy("Members out of poverty"),
    "rate": gettext_lazy("Exit rate"),
    "helpable_rate": gettext_lazy("Exit rate of the helpable"),
    "returned": gettext_lazy("Back in poverty"),
    "helped": gettext_lazy("Still being helped"),
    "removed": gettext_lazy("Removed as not poor"),
    "before": gettext_lazy("Income per person before help"),
    "exit": gettext_lazy("Income per person at exit"),
    "growth": gettext_lazy("Growth factor"),
    "met": gettext_lazy("Line met"),
    "not_met": gettext_lazy("Line not met"),
    "unknown": gettext_lazy("Cannot be checked"),
    "line": gettext_lazy("Line"),
}
DECISION_WORDS = {
    "all": gettext_lazy("reviewed in all"),
    "pending": gettext_lazy("waiting"),
    "approved": gettext_lazy("passed"),
    "rejected": gettext_lazy("sent back"),
}


def heading(name: str) -> str:
    """What a figure is called over its column and in lists of figures."""
    if name.startswith("reviews."):
        _reviews, kind, decision = name.split(".")
        return f"{StatusReview.Kind(kind).label} · {decision_word(decision)}"
    return str(HEADINGS[name])


def decision_word(decision: str) -> str:
    return str(DECISION_WORDS[decision])


def _tail(ask: Ask, cut: Cut) -> str:
    return TAILS[str(ask.indicator.kind_in(cut, ask.params).value)]


def _in_order(found: set[str], lines: Lines) -> list[str]:
    """Categories as the programme lists its lines, then the known ones, then others, then none."""
    known = list(words.CATEGORIES)
    with_line = [code for code in lines.thresholds if code in found]
    others = sorted(
        found - set(with_line),
        key=lambda code: (not code, known.index(code) if code in known else len(known), code),
    )
    return with_line + others
