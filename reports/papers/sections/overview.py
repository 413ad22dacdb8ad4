"""Section A, 工程概况: what the programme is, who leads it, how it is organised, its own lists."""

from collections import defaultdict
from itertools import groupby
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import ReferenceValue, SchemeItem
from povertyaid.web.templatetags.words import behind, measure
from reports.figures.catalogue import find
from reports.figures.cut import Cut
from reports.figures.families import Units
from reports.figures.lines import series_name
from reports.figures.reader import reader
from reports.papers.paper import Balance, Cell, Facts, Section, sentence

LEVEL_ORDER = [level for level, _label in OrgUnit.Level.choices if level] + [""]
KIND_ORDER = [kind for kind, _label in OrgUnit.Kind.choices]


Item = tuple[str, tuple[Cell, ...]]


def overview(cut: Cut) -> tuple[Section, tuple[Balance, ...]]:
    """Five statements, however large the programme; with the sum that must foot."""
    organisation, balance = _organisation(cut)
    items = [
        *_header(cut),
        *organisation,
        *_leading_groups(cut),
        *_statistics(cut),
        *_lists(cut),
    ]
    return Section("A", _("The programme"), (Facts(tuple(items)),)), (balance,)


def _header(cut: Cut) -> list[Item]:
    programme = cut.programme
    items: list[Item] = [(_("Programme"), (programme.name,))]
    if programme.mode_label:
        items.append((_("Slogan"), (programme.mode_label,)))
    items.append((_("Lead unit"), (programme.lead_unit.name,)))
    if cut.unit != programme.lead_unit:
        items.append((_("Unit of this paper"), (cut.unit.name,)))
    if programme.previous_id or programme.round_no > 1:
        items.append((_("Round"), (_("round %(n)s") % {"n": programme.round_no},)))
    until: list[Cell] = [programme.starts_on, " — "]
    until.append(programme.ends_on or _("open-ended"))
    items.append((_("Runs"), tuple(until)))
    if programme.consolidation_until:
        items.append((_("Consolidation until"), (programme.consolidation_until,)))
    counted = _("counted in %(what)s") % {"what": programme.get_counting_unit_display()}
    items.append((_("Counts"), (counted,)))
    if programme.helping_day:
        items.append(
            (_("Helping day"), (_("day %(n)s of every month") % {"n": programme.helping_day},))
        )
    items.append((_("As of"), (cut.as_of,)))
    return items


def _leading_groups(cut: Cut) -> list[Item]:
    """Leading groups and poverty offices with their heads (R-006, R-007)."""
    kinds = [OrgUnit.Kind.LEADING_GROUP, OrgUnit.Kind.POVERTY_OFFICE]
    units = Units().base(cut).filter(kind__in=kinds).order_by("path")
    said = [
        _("%(unit)s (head: %(head)s)") % {"unit": unit.name, "head": unit.head}
        if unit.head
        else unit.name
        for unit in units[:8]
    ]
    return [(_("Leading group"), ("；".join(said),))] if said else []


def _statistics(cut: Cut) -> list[Item]:
    """Context figures of the lead unit, the latest of each series (R-173)."""
    latest: dict[str, Any] = {}
    values = ReferenceValue.objects.using(reader()).filter(
        unit=cut.programme.lead_unit_id, year__lte=cut.as_of.year
    )
    for value in values.order_by("series", "-year"):
        latest.setdefault(value.series, value)
    statistic = find("Q-36")
    items: list[Item] = []
    for series, value in latest.items():
        name = series_name(series)
        figure = statistic.figure_of(
            [value], cut, {"series": series}, code=f"A.statistic.{series}", label=name
        )
        label = _("%(series)s, %(year)s") % {"series": name, "year": value.year}
        items.append((label, (figure, " ", measure(figure.measure))))
    return items


def _organisation(cut: Cut) -> tuple[list[Item], Balance]:
    """Units by level and kind, in one sentence (R-005 to R-009), and the sum they must make."""
    units = find("Q-24")
    counted = Units().base(cut).order_by().values("level", "kind").annotate(n=Count("pk"))
    in_order = sorted(
        counted, key=lambda one: (LEVEL_ORDER.index(one["level"]), KIND_ORDER.index(one["kind"]))
    )
    said: list[Cell] = []
    figures = []
    for level, of_level in groupby(in_order, key=lambda one: one["level"]):
        level_word = str(OrgUnit.Level(level).label) if level else _("no level")
        said.append(_("%(level)s: ") % {"level": level_word})
        for one in of_level:
            kind_word = str(OrgUnit.Kind(one["kind"]).label)
            figure = units.figure_of(
                {"rows": one["n"], "units": one["n"]},
                cut,
                {"levels": (level or "none",), "kinds": (one["kind"],)},
                code=f"A.units.{level or 'none'}.{one['kind']}",
                label=_("Units: %(level)s, %(kind)s") % {"level": level_word, "kind": kind_word},
            )
            figures.append(figure)
            said += sentence(
                _("{kind} {n}{unit}"), kind=kind_word, n=figure, unit=behind(figure.measure)
            )
            said.append(pgettext("between signs", ", "))
        said[-1] = pgettext("between parts", "; ")
    whole = units.figure(cut, {}, code="A.units.total", label=_("Number of units"))
    said += sentence(_("{n} in all"), n=whole)
    balance = Balance(_("Units by level and kind"), whole, tuple(figures))
    return [(_("Organisation"), tuple(said))], balance


def _lists(cut: Cut) -> list[Item]:
    """The programme's own named lists with their items, and how many (R-012)."""
    lists: dict[str, list[SchemeItem]] = defaultdict(list)
    for item in SchemeItem.objects.using(reader()).filter(programme=cut.programme):
        lists[item.list_name].append(item)
    items_of = find("Q-34")
    said: list[Item] = []
    for name, items in lists.items():
        label = _("Items of “%(list)s”") % {"list": name}
        count = items_of.figure_of(items, cut, {"list": name}, code=f"A.list.{name}", label=label)
        wording = "；".join(
            f"{item.part}：{item.label}" if item.part else item.label for item in items
        )
        said.append((name, sentence(_("{count} items: {wording}"), count=count, wording=wording)))
    return said
