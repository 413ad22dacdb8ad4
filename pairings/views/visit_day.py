"""A paper list of one day: many households of a helper or a unit are ticked and entered at once."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from pairings.actions import visits
from pairings.forms.visit import DayForm
from pairings.models import Pairing, PairingHelper, Visit
from pairings.views.visit import list_of
from povertyaid.lib.quantities import Kind
from povertyaid.web import drafts
from povertyaid.web.context import chosen_place
from povertyaid.web.templatetags.words import counted

LISTED_AT_MOST = 500  # households of one paper list


def where_one_works(request):
    """What the list is about at first: the chosen programme and unit."""
    place = chosen_place(request)
    return {
        name: code
        for name in ("programme", "unit")
        if (
            code := place.get(name, {}).get(
                "code", request.user.unit.code if name == "unit" else ""
            )
        )
    }


def lines_on(given, staff):
    """Who stood on which pair that day: of the helper, or of the unit whoever led each pair."""
    lines = PairingHelper.objects.current(given["on"])
    pairs = Pairing.objects.visible_to(staff).on_day(given["on"])
    pairs = pairs.filter(programme=given["programme"], enrolment__isnull=False)
    if given["unit"]:
        pairs = pairs.within(given["unit"])
    lines = lines.filter(pairing__in=pairs)
    if given["helper"]:
        lines = lines.filter(helper=given["helper"])
    else:
        first = lines.order_by("pairing__enrolment_id", "role", "starts_on", "pk")
        lines = lines.filter(pk__in=first.distinct("pairing__enrolment_id").values("pk"))
    return lines.select_related(
        "helper", "pairing__enrolment__household", "pairing__unit"
    ).order_by("pairing__unit__path", "pairing__enrolment__household__code", "pk")


def with_visits(lines, given):
    """Each with what was recorded of that day already."""
    there = Visit.objects.counted().filter(
        programme=given["programme"], visited_on=given["on"], occasion=given["occasion"],
        household__in=[line.pairing.enrolment.household_id for line in lines],
    )  # fmt: skip
    known = set(there.values_list("household_id", "helper_id"))
    for line in lines:
        line.household = line.pairing.enrolment.household
        line.is_there = (line.household.pk, line.helper_id) in known
    return lines


@permission_required("pairings.count_visit", raise_exception=True)
def day(request):
    """First which list, then the households of it, ticked; one deed for all of them."""
    asked = request.GET if "on" in request.GET else None
    form = DayForm(asked, staff=request.user, initial=where_one_works(request))
    context = {"title": _("Enter a paper list"), "form": form, "most": LISTED_AT_MOST}
    if asked is None or not form.is_valid():
        return render(request, "pairings/visit_day.html", context)
    given = form.cleaned_data
    lines = list(lines_on(given, request.user)[: LISTED_AT_MOST + 1])
    context |= {"too_many": len(lines) > LISTED_AT_MOST, "given": given}
    lines = context["lines"] = with_visits(lines[:LISTED_AT_MOST], given)
    everybody = request.GET.copy()
    everybody["ticked"] = "all"
    context["tick_all"] = f"?{everybody.urlencode()}"
    ticked = set(request.POST.getlist("line"))
    for line in lines:
        everyone = request.method == "GET" and request.GET.get("ticked") == "all"
        line.is_ticked = everyone or str(line.pk) in ticked
    if request.method == "POST":
        chosen = [line for line in lines if line.is_ticked]
        try:
            address, first = drafts.once(request, lambda: keep(request, given, chosen))
        except ValidationError as refusal:
            context["refused"] = refusal.messages
        else:
            if first:
                messages.success(request, request.told)
            return HttpResponseRedirect(address)
    return render(request, "pairings/visit_day.html", context)


def keep(request, given, lines):
    """Enter them; answer where one sees what was entered."""
    places = [(line.pairing.enrolment, line.helper) for line in lines]
    unit = given["unit"] or given["helper"].unit
    n, there = visits.record_day(
        places, programme=given["programme"], unit=unit, on=given["on"],
        occasion=given["occasion"], by=request.user,
    )  # fmt: skip
    request.told = _("Entered: %(n)s. On file before: %(there)s.") % {
        "n": counted(n, Kind.PERSON_TIMES),
        "there": counted(there, Kind.PERSON_TIMES),
    }
    query = {"first": given["on"], "last": given["on"], "occasion": given["occasion"]}
    return list_of(**query | {"programme": given["programme"].code, "unit": unit.code})
