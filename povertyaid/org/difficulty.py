"""Enterprises in difficulty and poor villages: put on the list, out of it on a day, back on it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from povertyaid.org.actions import lock_tree
from povertyaid.org.journal import differences, record
from povertyaid.org.models import OrgUnit


@transaction.atomic
def enter(unit, *, by, reason=""):
    """The unit is in difficulty and may itself be helped.

    Raises ValidationError (`closed`, `kind`, `in_difficulty`, `was_in_difficulty`).
    """
    (unit,) = lock_tree(unit)
    if not unit.is_open:
        raise ValidationError(_("This unit is closed. Please choose another."), code="closed")
    if unit.kind not in OrgUnit.CAN_BE_IN_DIFFICULTY:
        raise ValidationError(
            _("Only an enterprise, a co-operative or a village is helped as a unit."), code="kind"
        )
    if unit.in_difficulty and unit.out_of_difficulty_on is None:
        raise ValidationError(_("This unit is on the list already."), code="in_difficulty")
    if unit.in_difficulty:
        raise ValidationError(
            _("This unit left difficulty on %(day)s. Please take that back on its page.")
            % {"day": unit.out_of_difficulty_on},
            code="was_in_difficulty",
        )
    return _save(unit, "difficulty_entered", by, reason, in_difficulty=True)


@transaction.atomic
def leave(unit, *, on, by, reason=""):
    """The unit left difficulty on a day (脱困, 摘帽). Raises ValidationError (`not_in_difficulty`)."""
    (unit,) = lock_tree(unit)
    if not unit.is_in_difficulty:
        raise ValidationError(
            _("This unit is not in difficulty, or has left it already."), code="not_in_difficulty"
        )
    return _save(unit, "difficulty_left", by, reason, out_of_difficulty_on=on)


@transaction.atomic
def come_back(unit, *, by, reason):
    """It did not leave, or is in difficulty again. Raises ValidationError (`in_difficulty`)."""
    (unit,) = lock_tree(unit)
    if unit.out_of_difficulty_on is None:
        raise ValidationError(_("This unit has not left difficulty."), code="in_difficulty")
    return _save(unit, "difficulty_returned", by, reason, out_of_difficulty_on=None)


def _save(unit, deed, by, reason, **facts):
    before = {name: getattr(unit, name) for name in facts}
    for name, value in facts.items():
        setattr(unit, name, value)
    unit.save(update_fields=list(facts))
    record(unit, deed, by=by, reason=reason, changed=differences(before, facts))
    return unit
