"""What this room says of one household: on its page, on its printed file."""

from django.db.models import Count, Prefetch
from django.utils.translation import gettext_lazy as _

from households import sections
from households.models import DossierItem
from pairings.models import Pairing, PairingHelper, Visit, VisitItem


def lines_of(household, staff):
    """Everybody who was ever on a pair of the household, who is on one now first."""
    lines = PairingHelper.objects.filter(
        pairing__in=Pairing.objects.visible_to(staff).of_household(household)
    ).select_related("helper", "pairing__programme")
    rows = list(lines.order_by("-pairing__starts_on", "pairing_id", "role", "starts_on", "pk"))
    return sorted(rows, key=lambda line: not line.stands)


def visits_of(household, staff):
    """Every visit that counts, with what was done on it."""
    items = Prefetch("items", VisitItem.objects.order_by("pk"))
    rows = Visit.objects.visible_to(staff).counted().of_household(household)
    return list(rows.select_related("helper").prefetch_related(items).order_by("visited_on", "pk"))


def papers_of(household, staff):
    """The papers that lie in the file, programme by programme."""
    rows = DossierItem.objects.visible_to(staff).counted().filter(household=household)
    rows = rows.select_related("programme").annotate(n_files=Count("files"))
    return list(rows.order_by("programme__starts_on", "kind", "pk"))


def register():
    sections.register(
        "pairings/_of_household_print.html",
        lambda household, staff: {"lines": lines_of(household, staff)},
        title=_("Helpers"),
    )
    sections.register(
        "pairings/papers/_visits.html",
        lambda household, staff: {"visits": visits_of(household, staff)},
        title=_("Visits"),
    )
    sections.register(
        "pairings/papers/_papers.html",
        lambda household, staff: {"papers": papers_of(household, staff)},
        title=_("Papers of the file"),
    )
