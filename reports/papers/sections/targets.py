"""Section B, 目标任务完成情况: what was promised, by when, and what the records say."""

import datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from povertyaid.lib.quantities import Kind
from povertyaid.programmes.models import Target
from povertyaid.web.templatetags.words import behind
from reports.figures.catalogue import UnknownIndicatorError, find
from reports.figures.cut import Cut
from reports.figures.frame import achieved_by, first_day_computed, indicator_of
from reports.figures.indicator import Figure
from reports.figures.numbers import plain
from reports.figures.parameters import ParameterError
from reports.figures.reader import reader
from reports.papers.paper import Cell, Column, Paragraph, Row, Section, Table


def targets(cut: Cut) -> Section:
    """One statement for the targets, and two for each of them: its value, its first day."""
    title = _("Completion of the targets")
    lines = [_line(target, _cut_of(target, cut)) for target in _targets(cut)]
    if not lines:
        return Section("B", title, (Paragraph((_("No target has been set for this unit."),)),))
    notes = tuple(note for line in lines for note in line.notes)
    return Section(
        "B",
        title,
        (
            Table(
                key="targets",
                caption=_("Targets and completion"),
                columns=(
                    Column("target", _("Target"), width=50, is_number=False),
                    Column("due", _("Due on"), width=23, is_number=False),
                    Column("goal", _("Target value"), width=16),
                    Column("value", _("Computed value"), width=18, is_mixed=True),
                    Column("completion", _("Completion"), "%", width=17),
                    Column("due_households", _("Due to leave"), width=16),
                    Column("exited", _("Have left"), width=16),
                ),
                rows=tuple(Row(line.label, line.results) for line in lines),
                notes=notes,
            ),
            Table(
                key="lengths",
                caption=_("Planned and actual time"),
                columns=(
                    Column("target", _("Code"), width=13, is_number=False),
                    Column("from", _("From"), width=23, is_number=False),
                    Column("due", _("Due on"), width=23, is_number=False),
                    Column("planned", _("Planned"), "年", width=13.5),
                    Column("actual", _("Actual"), "年", width=13.5),
                    Column("first", _("First reached (computed)"), width=23, is_number=False),
                    Column("achieved", _("Achieved (confirmed)"), width=23, is_number=False),
                    Column("early", _("Early or late"), width=24, is_number=False),
                ),
                rows=tuple(Row(line.code, line.times) for line in lines),
            ),
        ),
    )


class _Line:
    def __init__(self, target: Target, cut: Cut):
        self.code = target.code
        self.label = f"{target.code}　{target.title}"
        self.results: tuple[Cell, ...] = ()
        self.times: tuple[Cell, ...] = ()
        self.notes: list[str] = []


def _targets(cut: Cut) -> list[Target]:
    """Targets of the programme as a whole, of the paper's unit, and of the units below it.

    What a whole programme promised in households says nothing of one farm; what it promised as
    a share ("everyone") is a promise to each.
    """
    asked = Target.objects.using(reader()).filter(programme=cut.programme).select_related("unit")
    whole = cut.programme.lead_unit.path.startswith(cut.unit.path)
    below = Q(unit__path__startswith=cut.unit.path)
    found = asked.filter(below | Q(unit=None)).order_by("code")
    return [target for target in found if target.unit or whole or _is_share(target)]


def _is_share(target: Target) -> bool:
    try:
        return find(target.indicator).kind is Kind.PERCENT
    except UnknownIndicatorError:
        return False


def _cut_of(target: Target, cut: Cut) -> Cut:
    return cut.at(target.unit) if target.unit else cut


def _line(target: Target, cut: Cut) -> _Line:
    line = _Line(target, cut)
    if target.unit and target.unit != cut.programme.lead_unit:
        line.label += f"（{target.unit.name}）"
    goal = f"{plain(target.value)}{behind(target.measure)}"
    try:
        indicator, params = indicator_of(target)
    except (UnknownIndicatorError, ParameterError) as error:
        line.results = (target.due_on, goal, None, None, None, None)
        line.times = _times(target, cut, None, computable=False)
        line.notes.append(
            _("%(target)s is not computed: %(why)s") % {"target": target.code, "why": error}
        )
        return line
    code = f"B.{target.code}"
    value = indicator.figure(
        cut,
        params,
        code=f"{code}.value",
        label=_("%(target)s, computed value") % {"target": target.code},
    )
    completion = find("Q-60").figure_of(
        target,
        value,
        code=f"{code}.completion",
        label=_("%(target)s, completion") % {"target": target.code},
    )
    line.results = (target.due_on, goal, value, completion, *_cohort(target, cut, value, params))
    line.times = _times(target, cut, first_day_computed(target, cut), computable=True)
    if value.note:
        line.notes.append(f"{target.code}：{value.note}")
    if target.unit is None and not cut.programme.lead_unit.path.startswith(cut.unit.path):
        line.notes.append(
            _("%(target)s is a target of the whole programme, computed here for this unit alone.")
            % {"target": target.code}
        )
    return line


def _cohort(target: Target, cut: Cut, value: Figure, params: dict) -> tuple[Cell, Cell]:
    """Households due and households out: the two numbers that an exit rate is made of (R-016)."""
    if value.indicator.code != "Q-02":
        return None, None
    due = {name: one for name, one in params.items() if name != "by"}
    counted, exited = value.sums["counted"], value.sums["exited"]
    return (
        find("Q-01").figure_of(
            {"rows": counted, "counted": counted},
            cut,
            due,
            code=f"B.{target.code}.due",
            label=_("%(target)s, due to leave") % {"target": target.code},
        ),
        find("Q-51").figure_of(
            {"rows": exited, "counted": exited},
            cut,
            params,
            code=f"B.{target.code}.exited",
            label=_("%(target)s, have left") % {"target": target.code},
        ),
    )


def _times(
    target: Target, cut: Cut, first: datetime.date | None, *, computable: bool
) -> tuple[Cell, ...]:
    achieved = achieved_by(target, cut)
    dates = find("Q-32")

    def years(field: str, name: str) -> Cell:
        params = {"code": target.code, "field": field}
        label = {
            "planned_years": _("%(target)s, years first planned"),
            "actual_years": _("%(target)s, years it took"),
        }[field] % {"target": target.code}
        if field == "actual_years" and not (achieved or first):
            return None
        figure = dates.figure_of([target], cut, params, code=f"B.{target.code}.{name}", label=label)
        return figure if figure.value is not None else None

    return (
        target.starts_on,
        target.due_on,
        years("planned_years", "planned"),
        years("actual_years", "actual"),
        first or (_("not yet") if computable else None),
        achieved or _("not confirmed"),
        early_or_late(target, achieved or first, cut.as_of),
    )


def early_or_late(target: Target, reached: datetime.date | None, as_of: datetime.date) -> str:
    """In days against the due day; before that, how many are left or have passed."""
    days = (target.due_on - (reached or as_of)).days
    if reached is None:
        text = (
            ngettext("%(n)s day left", "%(n)s days left", abs(days))
            if days >= 0
            else ngettext("overdue by %(n)s day", "overdue by %(n)s days", abs(days))
        )
    elif days == 0:
        return _("on the day")
    elif days > 0:
        text = ngettext("early by %(n)s day", "early by %(n)s days", days)
    else:
        text = ngettext("late by %(n)s day", "late by %(n)s days", -days)
    return text % {"n": f"{abs(days):,}"}
