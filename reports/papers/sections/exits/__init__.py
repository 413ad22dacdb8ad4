"""Section C, 脱贫退出汇总: who was on file, who left, what incomes were, whether they met the line."""

from typing import Any

from django.utils.translation import gettext as _

from reports.figures.cut import Cut
from reports.figures.indicator import Figure
from reports.papers.paper import Balance, Section
from reports.papers.sections.exits.categories import by_category, chart, incomes, summary
from reports.papers.sections.exits.fetched import Exits
from reports.papers.sections.exits.lines import against_the_line
from reports.papers.sections.exits.reviews import reviews
from reports.papers.sections.exits.units import by_unit

HIGHLIGHTS = ("enrolled", "exited", "rate", "returned", "helped", "before", "exit")


def exits(cut: Cut) -> tuple[Section, tuple[Balance, ...], tuple[Figure, ...]]:
    """The section, the sums that must agree between its tables, and what is asked first."""
    found = Exits.of(cut)
    blocks: list[Any] = [
        summary(found),
        by_category(found),
        incomes(found),
        chart(found),
        against_the_line(found),
        reviews(found),
        by_unit(found),
    ]
    checked = tuple(found.whole[name] for name in ("met", "not_met", "unknown"))
    where = _("Exits, and exits by the result of the check against the line")
    return (
        Section("C", _("Exit from poverty"), tuple(block for block in blocks if block)),
        (Balance(where, found.whole["exited"], checked),),
        tuple(found.whole[name] for name in HIGHLIGHTS),
    )
