"""Exits and incomes by category, in words, in tables and as a chart."""

from decimal import Decimal

from django.utils.translation import gettext as _

from povertyaid.web import charts
from povertyaid.web.templatetags.words import behind, measure
from reports.figures.numbers import written
from reports.figures.parameters import category_word
from reports.papers.paper import Chart, Column, Paragraph, Row, Table, sentence
from reports.papers.sections.exits.fetched import Exits, heading

# Column → its width in millimetres.
COLUMNS = {
    "enrolled": 11,
    "helpable": 11.5,
    "identified": 11.5,
    "people": 11.5,
    "exited": 11.5,
    "people_out": 11.5,
    "rate": 13,
    "helpable_rate": 14,
    "returned": 9.5,
    "helped": 9.5,
    "removed": 9.5,
}
MOST_IN_A_CHART = 6  # categories; more cannot be told apart on paper


def summary(found: Exits) -> Paragraph:
    whole = found.whole
    day = found.cut.as_of
    parts = sentence(
        _(
            "By %(year)s-%(month)s-%(day)s, {enrolled}{sign} were on file with {people} family "
            "members, of whom {helpable}{sign} helpable. {exited}{sign} are out of poverty "
            "({people_out} persons), {back}{sign} fell back, {helped}{sign} are still being helped "
            "and {removed}{sign} were removed as not poor."
        )
        % {"year": day.year, "month": day.month, "day": day.day},
        sign=behind(found.counted_in),
        back=whole["returned"],
        **whole,
    )
    if whole["rate"].value is not None:
        parts += sentence(
            _(" The exit rate is {rate}%, that of the helpable {helpable_rate}%."), **whole
        )
    if whole["before"].value is not None and whole["exit"].value is not None:
        parts += sentence(
            _(" Net income per person was {before} yuan before help and {exit} yuan at exit."),
            **whole,
        )
    if whole["growth"].value is not None:
        parts += sentence(_(" Over the same households it is {growth} times what it was."), **whole)
    return Paragraph(parts)


def by_category(found: Exits) -> Table:
    rows = [
        Row(
            _category_and_label(found, category),
            tuple(found.of_category(name, category) for name in COLUMNS),
        )
        for category in found.categories
    ]
    total = Row(
        _("Total"),
        tuple(found.whole[name] for name in COLUMNS),
        parts=tuple(range(1, len(rows) + 1)),
        is_total=True,
    )
    return Table(
        key="categories",
        caption=_("Exits by category"),
        columns=(
            Column("category", _("Category"), width=32, is_number=False),
            *(
                Column(
                    name,
                    heading(name),
                    found.whole[name].measure,
                    width=width,
                    adds=found.whole[name].kind.adds_up,
                    share=("exited", "enrolled") if name == "rate" else None,
                )
                for name, width in COLUMNS.items()
            ),
        ),
        rows=(total, *rows),
        unit="、".join(dict.fromkeys([found.counted_in, "人", "%"])),
        balances=(("enrolled", ("exited", "returned", "helped")),),
    )


def _category_and_label(found: Exits, category: str) -> str:
    """The category with what leaving it is called: 困难户（脱困）."""
    several = found.lines.thresholds.get(category)
    word = category_word(category)
    return f"{word}（{several[0].exit_label}）" if several else word


def incomes(found: Exits) -> Table:
    names = ("before", "exit", "growth")
    rows = [
        Row(category_word(one), tuple(found.of_category(name, one) for name in names))
        for one in found.categories
        if found.of_category("before", one).row_count or found.of_category("exit", one).row_count
    ]
    total = Row(_("Total"), tuple(found.whole[name] for name in names), is_total=True)
    counts = {
        name: f"{found.whole[name].row_count:,}"
        for name in ("before", "enrolled", "exit", "exited", "growth")
    }
    notes = (
        _(
            "Per person: the sum of net incomes divided by the sum of persons. Before help: "
            "%(before)s of %(enrolled)s %(sign)s on file; at exit: %(exit)s of %(exited)s %(sign)s "
            "out of poverty; growth: the %(growth)s %(sign)s with both incomes."
        )
        % (counts | {"sign": measure(found.counted_in)}),
    )
    return Table(
        key="incomes",
        caption=_("Net income per person before help and at exit"),
        unit=_("yuan per person and year"),
        columns=(
            Column("category", _("Category"), width=48, is_number=False),
            Column("before", heading("before"), "元", width=36),
            Column("exit", heading("exit"), "元", width=36),
            Column("growth", heading("growth"), "倍", width=36),
        ),
        rows=(total, *rows),
        notes=notes,
    )


def chart(found: Exits) -> Chart | None:
    """Bars before and at exit for each category, with the exit line where it is known."""
    drawn = []
    for category in found.categories:
        before, after = (found.of_category(name, category) for name in ("before", "exit"))
        if before.value is not None or after.value is not None:
            drawn.append((category, before, after))
    if not drawn:
        return None
    largest = sorted(drawn, key=lambda one: one[1].row_count + one[2].row_count, reverse=True)
    shown = [one for one in drawn if one in largest[:MOST_IN_A_CHART]]
    marks = [
        (place, heading("line"), value)
        for place, (category, _before, _after) in enumerate(shown)
        if (value := _line_to_draw(found, category)) is not None
    ]
    kind = found.whole["before"].kind
    drawing = charts.bars(
        _("Net income per person before help and at exit"),
        [(category_word(one), [before.value, after.value]) for one, before, after in shown],
        series=[_("before help"), _("at exit")],
        unit=_("yuan per person and year"),
        marks=marks,
        show=lambda value: written(value, kind),
    )
    return Chart(drawing, tuple(figure for _one, *pair in shown for figure in pair))


def _line_to_draw(found: Exits, category: str) -> Decimal | None:
    """The line of the year of the paper, if that line can be known."""
    threshold = found.lines.on(category, found.cut.as_of)
    return found.lines.value(threshold, found.cut.as_of.year) if threshold else None
