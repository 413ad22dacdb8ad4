"""The paper `exit`: 脱贫退出汇总, with the completion of the targets."""

from django.utils import timezone
from django.utils.translation import gettext as _

from reports.figures.catalogue import find
from reports.figures.cut import Cut
from reports.figures.numbers import written
from reports.figures.parameters import category_word
from reports.figures.reader import snapshot
from reports.papers.paper import Column, NameList, Paper
from reports.papers.sections.exits import exits
from reports.papers.sections.overview import overview
from reports.papers.sections.targets import targets

CODE = "exit"


def build(cut: Cut, *, issued_by: str = "", names_at_most: int = 0) -> Paper:
    """The paper as of one moment.

    `names_at_most`: how many households the annex names; 0 leaves it away. The number of
    statements depends on the number of targets, not on that of units or households.
    """
    with snapshot():
        section_a, balances_of_a = overview(cut)
        section_c, balances_of_c, highlights = exits(cut)
        return Paper(
            code=CODE,
            title=_("Summary of exits from poverty"),
            cut=cut,
            sections=(section_a, targets(cut), section_c),
            balances=balances_of_a + balances_of_c,
            highlights=highlights,
            annex=names_of_exited(cut, names_at_most) if names_at_most else None,
            issued_on=timezone.localdate(),
            issued_by=issued_by,
        )


def names_of_exited(cut: Cut, at_most: int) -> NameList | None:
    """Who left, by name, with the incomes that the exit rests on."""
    indicator = find("Q-56")
    rows = indicator.listed(cut, {})
    shown = list(rows[: at_most + 1])
    if not shown:
        return None
    left_out = rows.count() - at_most if len(shown) > at_most else 0
    kind = find("Q-04").kind
    return NameList(
        title=_("Households out of poverty"),
        columns=(
            Column("nth", _("No."), width=12),
            Column("head", _("Head of household"), width=20, is_number=False),
            Column("unit", _("Unit"), width=38, is_number=False),
            Column("category", _("Category"), width=22, is_number=False),
            Column("exited_on", _("Left poverty on"), width=22, is_number=False),
            Column("before", _("Before help"), "元", width=20),
            Column("exit", _("At exit"), "元", width=22),
        ),
        rows=tuple(
            (
                str(nth),
                row.household.head_name,
                row.household.unit.name,
                category_word(row.category),
                row.exited_on.isoformat(),
                written(row.before_per_capita, kind),
                written(row.exit_per_capita, kind),
            )
            for nth, row in enumerate(shown[:at_most], start=1)
        ),
        left_out=left_out,
    )
