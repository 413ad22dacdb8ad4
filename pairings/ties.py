"""What pairs and helpers hang on in the rooms below: units, and files that move between them."""

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from households.actions import following
from pairings.actions import pairs, visits
from pairings.models import Activity, Helper, Pairing
from povertyaid.lib.quantities import Kind
from povertyaid.org import ties


def helpers_of(unit):
    return Helper.objects.on_roster().within(unit).count()


def uses(unit):
    pairs = Pairing.objects.filter(
        Q(unit__path__startswith=unit.path) | Q(target_unit__path__startswith=unit.path)
    )
    held = Activity.objects.within(unit)
    return Helper.objects.within(unit).exists() or pairs.exists() or held.exists()


def list_of(unit):
    return f"{reverse('pairings:helper-list')}?{urlencode({'unit': unit.code})}"


def register():
    following.register("pairings", pairs.go_along)
    following.register("visits", visits.go_along)
    ties.register(
        ties.Tie(
            name="helpers",
            label=_("helpers on the roster"),
            kind=Kind.ITEMS,
            count=helpers_of,
            uses=uses,
            path=list_of,
            permission="pairings.view_helper",
        )
    )
