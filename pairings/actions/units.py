"""A unit leaves difficulty, and with it, where the office says so, the pairs that helped it."""

from django.db import transaction

from pairings.actions import pairs
from pairings.models import Pairing
from povertyaid.org import difficulty


def standing(unit, staff):
    """Pairs that help the unit now, as far as the person may see them."""
    return Pairing.objects.visible_to(staff).filter(target_unit=unit, ends_on=None)


@transaction.atomic
def leave_difficulty(unit, *, on, end_pairs, by, reason=""):
    """The unit left difficulty on a day; its pairs end with it, or go on. Answers the unit.

    Raises ValidationError (`not_in_difficulty`), RefusedError (`before_start`) of a pair.
    """
    unit = difficulty.leave(unit, on=on, by=by, reason=reason)
    if end_pairs:
        for pair in standing(unit, by).order_by("pk"):
            pairs.end(
                pair, on=on, end_reason=Pairing.EndReason.OUT_OF_POVERTY, by=by, reason=reason
            )
    return unit
