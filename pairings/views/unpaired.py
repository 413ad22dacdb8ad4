"""Households that nobody helps yet: the list from which they are paired."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from households.models import Enrolment
from pairings import filters
from pairings.models import unpaired
from pairings.views.numbers import NumbersStayOut
from pairings.views.pairing import PAIRED_AT_ONCE
from povertyaid.lib.quantities import Kind
from povertyaid.web.context import say_place
from povertyaid.web.counting import BoundedPaginator
from povertyaid.web.templatetags.words import counted
from povertyaid.web.views import ListPage

TEMPLATES = {
    "{}_list.html": "pairings/unpaired_list.html",
    "_{}_rows.html": "pairings/_unpaired_rows.html",
}


class UnpairedList(NumbersStayOut, ListPage):
    """Families on file, to be helped, without anybody who helps."""

    title = gettext_lazy("Households without a helper")
    permission_required = "pairings.change_pairing"
    filterset_class = filters.UnpairedFilter
    ordering = ("household__code", "pk")
    sorts = {
        "name": "household__head_pinyin",
        "unit": "household__unit__path",
        "since": "identified_on",
    }
    counts = Kind.HOUSEHOLDS
    paginator_class = BoundedPaginator
    queryset = (
        unpaired(Enrolment.objects.all())
        .select_related("household__unit", "programme")
        .defer("kept", "household__bank_account", "household__note")
    )

    def get_queryset(self):
        rows = super().get_queryset()
        say_place(self.request, programme=self.filterset.programme_asked)
        return rows

    def template_for(self, shape):
        return TEMPLATES[shape]

    def get_context_data(self, **kwargs):
        programme = self.filterset.programme_asked
        query = self.request.GET.copy()
        query["programme"] = programme.code if programme else filters.ALL
        return super().get_context_data(
            batch_actions=True, query=query.urlencode(), programme=programme, **kwargs
        )


@require_POST
@permission_required("pairings.change_pairing", raise_exception=True)
def choose(request):
    """From ticked rows, or all that match, to the form that pairs them."""
    asked = QueryDict(request.POST.get("query", ""))
    back = f"{reverse('pairings:unpaired')}?{asked.urlencode()}"
    rows = unpaired(Enrolment.objects.visible_to(request.user))
    filterset = filters.UnpairedFilter(asked, queryset=rows, request=request)
    rows = filterset.qs if filterset.is_valid() else rows.none()
    if request.POST.get("all") != "1":
        ticked = [pk for pk in request.POST.getlist("pk") if pk.isdecimal() and len(pk) < 19]
        rows = rows.filter(pk__in=ticked)
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[: PAIRED_AT_ONCE + 1])
    if not keys:
        messages.error(request, _("Please choose the households that are to be paired."))
        return redirect(back)
    if len(keys) > PAIRED_AT_ONCE:
        most = counted(PAIRED_AT_ONCE, Kind.HOUSEHOLDS)
        messages.error(
            request,
            _("One form pairs at most %(most)s. Please narrow the list or tick some of them.")
            % {"most": most},
        )
        return redirect(back)
    query = urlencode([("enrolment", key) for key in keys])
    return redirect(f"{reverse('pairings:create')}?{query}")
