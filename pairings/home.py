"""What waits for me today: households without a helper, pairs whose helper left, my own households."""

from django.db.models import F, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from households.models import Enrolment
from pairings import helping_day
from pairings.models import Helper, Pairing, unpaired
from pairings.models.visit import last_visits
from pairings.own import lines_of
from povertyaid.org.models import Staff
from povertyaid.programmes.models import Programme
from povertyaid.web.home import register_card

SHOWN = 5
MINE_SHOWN = 20
COUNTED_AT_MOST = 20_000  # beyond, to count every one takes longer than anybody waits
Role = Staff.Role


def households_waiting(request):
    """How many households have nobody who helps, and those that have waited longest."""
    waiting = unpaired(Enrolment.objects.visible_to(request.user))
    n = waiting.order_by()[: COUNTED_AT_MOST + 1].count()
    if not n:
        return None
    longest = waiting.select_related("household__unit").defer("kept", "household__bank_account")
    return {
        "n": min(n, COUNTED_AT_MOST),
        "more": n > COUNTED_AT_MOST,
        "enrolments": longest.order_by("identified_on", "pk")[:SHOWN],
        "url": f"{reverse('pairings:unpaired')}?{urlencode({'programme': 'all'})}",
    }


def helpers_who_left(request):
    """Pairs that wait to be handed over, and the helpers who left them."""
    pairs = Pairing.objects.visible_to(request.user).whose_helper_left()
    n = pairs.order_by()[: COUNTED_AT_MOST + 1].count()
    if not n:
        return None
    gone = Helper.objects.visible_to(request.user).left().with_household_count()
    gone = gone.filter(household_count__gt=0).select_related("unit").defer("id_number")
    return {
        "n": min(n, COUNTED_AT_MOST),
        "helpers": gone.order_by("left_on", "pk")[:SHOWN],
        "url": f"{reverse('pairings:list')}?{urlencode({'programme': 'all', 'state': 'left'})}",
    }


def helpers_load(request):
    """Helpers on the roster without a household, and those with more than one can look after."""
    helpers = Helper.objects.visible_to(request.user).on_roster()
    told = []
    for state, label, rows in (
        ("idle", _("without a household"), helpers.idle()),
        ("overloaded", _("with too many households"), helpers.overloaded()),
    ):
        n = rows.order_by()[: COUNTED_AT_MOST + 1].count()
        query = urlencode({"programme": "all", "state": state})
        url = f"{reverse('pairings:helper-list')}?{query}"
        more = n > COUNTED_AT_MOST
        told.append({"label": label, "url": url, "n": min(n, COUNTED_AT_MOST), "more": more})
    return {"told": told} if any(one["n"] for one in told) else None


def my_households(request):
    """Whom I help, since when, and when each was last visited, who has waited longest first.

    Shown also when it is nobody: then the card says why it is empty.
    """
    lines = lines_of(request.user).filter(pairing__enrolment__isnull=False)
    last = last_visits(household=OuterRef("pairing__enrolment__household"))
    lines = lines.annotate(last_visited=Subquery(last))
    lines = lines.select_related("pairing__enrolment__household__unit", "pairing__programme")
    first = F("last_visited").asc(nulls_first=True)
    lines = list(lines.order_by(first, "starts_on", "pk")[:MINE_SHOWN])
    today = timezone.localdate()
    for line in lines:
        line.days_ago = (today - line.last_visited).days if line.last_visited else None
    return {"lines": lines}


def helping_days(request):
    """Running programmes with a helping day: how many pairs have not kept it this month."""
    today = timezone.localdate()
    programmes = Programme.objects.visible_to(request.user).running(today)
    programmes = programmes.exclude(helping_day=None).order_by("-starts_on", "code")[:SHOWN]
    pairs = Pairing.objects.visible_to(request.user)
    told = []
    for programme in programmes:
        month = helping_day.Month(today.year, today.month, programme.helping_day)
        asked = programme, month, pairs
        n = helping_day.expected(*asked).count()
        if n:
            done = helping_day.done(*asked, helping_day.THAT_OCCASION).count()
            told.append({"programme": programme, "day": month.day, "n": n, "done": done})
    return {"days": told, "today": today} if told else None


def register():
    register_card(
        "helping-day",
        _("Helping day of this month"),
        [Role.CLERK, Role.SUPERVISOR],
        "pairings/cards/helping_day.html",
        helping_days,
        order=26,
        later=True,
        wide=False,
    )
    register_card(
        "unpaired",
        _("Households without a helper"),
        [Role.CLERK],
        "pairings/cards/unpaired.html",
        households_waiting,
        order=22,
        later=True,
        wide=False,
    )
    register_card(
        "helpers-left",
        _("Pairs whose helper has left"),
        [Role.CLERK],
        "pairings/cards/helpers_left.html",
        helpers_who_left,
        order=24,
        later=True,
        wide=False,
    )
    register_card(
        "helpers-load",
        _("Helpers with none and with too many"),
        [Role.CLERK],
        "pairings/cards/helpers_load.html",
        helpers_load,
        order=26,
        later=True,
        wide=False,
    )
    register_card(
        "my-households",
        _("My households"),
        [Role.HELPER],
        "pairings/cards/my_households.html",
        my_households,
        order=10,
    )
