"""What a supervisor sees first: how far each running programme is, and its paper."""

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from povertyaid.programmes.models import Programme
from povertyaid.web.home import register_card
from reports.figures.catalogue import find
from reports.figures.cut import cut_of
from reports.figures.sheet import Ask, totals

PROGRAMMES_SHOWN = 5


def progress(request):
    """One statement for each programme, five at most."""
    today = timezone.localdate()
    lines = []
    running = Programme.objects.visible_to(request.user).select_related("lead_unit").running(today)
    for programme in running[:PROGRAMMES_SHOWN]:
        cut = cut_of(programme, as_of=today, staff=request.user)
        asks = [
            Ask("enrolled", find("Q-01"), {}),
            Ask("exited", find("Q-51"), {}),
            Ask("rate", find("Q-02"), {}),
            Ask("returned", find("Q-52"), {}),
        ]
        sums = totals(cut, asks)
        figures = {
            ask.name: ask.indicator.figure_of(sums[ask.name], cut, ask.params) for ask in asks
        }
        query = urlencode(cut.query())
        lines.append(
            {
                "programme": programme,
                "figures": figures,
                "url": f"{reverse('reports:paper', args=['exit'])}?{query}",
            }
        )
    return {"lines": lines} if lines else None


def register():
    register_card(
        "progress",
        title=_("Exit from poverty so far"),
        roles=["supervisor"],
        template="reports/_progress_card.html",
        build=progress,
        order=20,
        later=True,
    )
