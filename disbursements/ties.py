"""What the ledger hangs on in the rooms below: units, and files that move between them."""

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from disbursements.actions.payments import go_along
from disbursements.models import Disbursement, Fund
from households.actions import following
from povertyaid.lib.quantities import Kind
from povertyaid.org import ties


def funds_of(unit):
    return Fund.objects.open().within(unit).count()


def uses(unit):
    return Fund.objects.within(unit).exists() or Disbursement.objects.within(unit).exists()


def list_of(unit):
    return f"{reverse('disbursements:fund-list')}?{urlencode({'unit': unit.code})}"


def register():
    following.register("disbursements", go_along)
    ties.register(
        ties.Tie(
            name="funds",
            label=_("open funds"),
            kind=Kind.ITEMS,
            count=funds_of,
            uses=uses,
            path=list_of,
            permission="disbursements.view_fund",
        )
    )
