"""What this room says of one household: on its page, on its printed file."""

from households import sections
from pairings.models import Pairing, PairingHelper


def lines_of(household, staff):
    """Everybody who was ever on a pair of the household, who is on one now first."""
    lines = PairingHelper.objects.filter(
        pairing__in=Pairing.objects.visible_to(staff).of_household(household)
    ).select_related("helper", "pairing__programme")
    rows = list(lines.order_by("-pairing__starts_on", "pairing_id", "role", "starts_on", "pk"))
    return sorted(rows, key=lambda line: not line.stands)


def register():
    sections.register(
        "pairings/_of_household_print.html",
        lambda household, staff: {"lines": lines_of(household, staff)},
    )
