"""Reviews by kind and decision (R-051)."""

from django.utils.translation import gettext as _

from households.models import StatusReview
from reports.papers.paper import Column, Row, Table
from reports.papers.sections.exits.fetched import Exits, decision_word

DECISIONS = ("all", "approved", "rejected", "pending")


def reviews(found: Exits) -> Table:
    rows = tuple(
        Row(
            str(StatusReview.Kind(kind).label),
            tuple(found.whole[f"reviews.{kind}.{decision}"] for decision in DECISIONS),
        )
        for kind in StatusReview.Kind.values
    )
    return Table(
        key="reviews",
        caption=_("Reviews and their decisions"),
        unit="件",
        columns=(
            Column("kind", _("Kind of review"), width=48, is_number=False),
            *(Column(one, decision_word(one), "件", width=27) for one in DECISIONS),
        ),
        rows=rows,
        balances=(("all", DECISIONS[1:]),),
    )
