"""Who helps a household: a section that its file fetches by itself."""

from django.contrib.auth.decorators import permission_required
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from households.models import Enrolment, Household
from pairings.models import unpaired
from pairings.sections import lines_of
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.web.views import wants_fragment


@require_GET
@permission_required("pairings.view_pairing", raise_exception=True)
def of_household(request, pk):
    """The section for the file's page; who follows the link without a script gets it as a page."""
    household = get_visible_or_404(Household, request.user, pk=pk)
    waiting = []
    if request.user.has_perm("pairings.change_pairing"):
        waiting = unpaired(Enrolment.objects.filter(household=household))
        waiting = waiting.select_related("programme").defer("kept")
    part, page = "pairings/_of_household.html", "pairings/of_household.html"
    return render(
        request,
        part if wants_fragment(request) else page,
        {
            "title": _("Helpers of the household"),
            "household": household,
            "lines": lines_of(household, request.user),
            "waiting": waiting,
        },
    )
