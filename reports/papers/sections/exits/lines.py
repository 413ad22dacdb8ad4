"""Exits by category and income year against the exit line of that year (R-049, R-050)."""

from typing import Any

from django.db.models import Count, F
from django.utils.translation import gettext as _

from households.models import words
from povertyaid.programmes.models import Threshold
from reports.figures.catalogue import find
from reports.figures.incomes import MET, NOT_MET, UNKNOWN
from reports.figures.lines import wording
from reports.figures.numbers import written
from reports.figures.parameters import category_word
from reports.papers.paper import Cell, Column, Row, Table
from reports.papers.sections.exits.fetched import Exits, heading

COUNTS = ("exited", MET, NOT_MET, UNKNOWN)


def against_the_line(found: Exits) -> Table | None:
    """One statement. None where the programme sets no line and nobody has left."""
    counted = _counted(found)
    if not counted and not found.lines.thresholds:
        return None
    rows = [
        _row(found, category, year, counted[category, year])
        for category in found.categories
        for year in _years(counted, category)
    ]
    nobody_left = [one for one in found.lines.thresholds if not _years(counted, one)]
    rows += [_row(found, category, None, None) for category in nobody_left]
    total = Row(
        _("Total"),
        ("", "", "", "", *(found.whole[name] for name in COUNTS)),
        parts=tuple(range(1, len(rows) + 1)),
        is_total=True,
    )
    notes = (
        _(
            "Cannot be checked: there is no line, no income at exit, or the statistic that the "
            "line is a share of has not been entered for that year. Nothing is guessed."
        ),
    )
    return Table(
        key="lines",
        caption=_("Exits against the exit line"),
        unit=f"{found.counted_in}、元",
        columns=(
            Column("category", _("Category"), width=18.5, is_number=False),
            Column("rule", _("Exit line"), width=42.5, is_number=False),
            Column("year", _("Income year"), width=12, is_number=False),
            Column("reference", _("Statistic"), "元", width=19.5),
            Column("line", _("Line"), "元", width=19.5),
            *(
                Column(name, heading(name), found.counted_in, width=11, adds=True)
                for name in COUNTS
            ),
        ),
        rows=(total, *rows),
        notes=notes if found.whole["unknown"].value else (),
        balances=(("exited", (MET, NOT_MET, UNKNOWN)),),
    )


def _counted(found: Exits) -> dict[tuple[str, int | None], dict[str, Any]]:
    indicator = find("Q-56")
    grouped = (
        indicator.rows(found.cut, {})
        .order_by()
        .values(of_category=F("category"), of_year=F("exit_income__year"))
        .annotate(
            exited=Count("pk"),
            **{
                result: Count("pk", filter=indicator.condition(found.cut, {"result": result}))
                for result in (MET, NOT_MET, UNKNOWN)
            },
        )
    )
    counted: dict[tuple[str, int | None], dict[str, Any]] = {}
    for one in grouped:
        key = (words.code_of(words.CATEGORIES, one["of_category"]), one["of_year"])
        known = counted.get(key, dict.fromkeys(COUNTS, 0))
        counted[key] = {name: known[name] + one[name] for name in COUNTS}
    return counted


def _years(counted: dict[tuple[str, int | None], Any], category: str) -> list[int | None]:
    years = [year for of, year in counted if of == category]
    return sorted(years, key=lambda year: (year is None, year))


def _row(found: Exits, category: str, year: int | None, counts: dict[str, Any] | None) -> Row:
    threshold = found.lines.on(category, found.cut.as_of)
    reference, line = _line_of(found, threshold, year)
    shown_year = "" if counts is None else str(year or _("none"))
    figures = [_figure(found, category, year, name, counts) for name in COUNTS]
    return Row(category_word(category), (wording(threshold), shown_year, reference, line, *figures))


def _line_of(found: Exits, threshold: Threshold | None, year: int | None) -> tuple[Cell, Cell]:
    """The statistic a share is taken of, and the line in yuan; in words where one is missing."""
    if threshold is None or (year is None and threshold.basis == Threshold.Basis.SHARE):
        return None, None
    kind = found.whole["before"].kind
    value = found.lines.value(threshold, year or found.cut.as_of.year)
    line = written(value, kind) if value is not None else _("not known")
    if threshold.basis == Threshold.Basis.ABSOLUTE:
        return None, line
    known = found.lines.references.get((str(threshold.series), year or 0))
    return (written(known, kind) if known is not None else _("not entered")), line


def _figure(
    found: Exits, category: str, year: int | None, name: str, counts: dict[str, Any] | None
) -> Cell:
    if counts is None:
        return None
    params: dict[str, Any] = {"category": category, "year": year}
    if name != "exited":
        params["result"] = name
    return find("Q-56").figure_of(
        {"rows": counts[name], "counted": counts[name]},
        found.cut,
        params,
        code=f"C.line.{category or 'none'}.{year or 'none'}.{name}",
        label=f"{category_word(category)} · {year or _('no income at exit')} · {heading(name)}",
    )
