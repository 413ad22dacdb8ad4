"""Who visited when: sections that the pages of a household, a helper and a pair fetch by themselves."""

from django.contrib.auth.decorators import permission_required
from django.db.models import OuterRef, Subquery
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from households.filters import named
from households.models import Enrolment, Household
from pairings.filters import ByProgrammeFilter, FilterForm
from pairings.models import Helper, Pairing, Visit
from pairings.models.visit import last_visits
from pairings.sections import VISITS_SHOWN, visits_of
from pairings.views.numbers import NumbersStayOut
from pairings.views.visit import list_of, listed
from povertyaid.lib.quantities import Kind
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.web.context import say_place
from povertyaid.web.views import ListPage, wants_fragment

sees_visits = permission_required("pairings.view_visit", raise_exception=True)


def section(request, visits, of, of_name, **context):
    """The latest visits, with how many there are; those taken back stand among them, marked."""
    visits = visits.visible_to(request.user)
    keys = visits.order_by("-visited_on", "-pk").values_list("pk", flat=True)
    keys = list(keys[: VISITS_SHOWN + 1])
    rows = listed(keys[:VISITS_SHOWN])
    part, page = "pairings/_visits_of.html", "pairings/visits_of.html"
    return render(
        request,
        part if wants_fragment(request) else page,
        {
            "title": _("Visits"),
            "of": of,
            "of_name": of_name,
            "rows": rows,
            "more": len(keys) > VISITS_SHOWN,
            "told": visits.counted().in_sum(),
            **context,
        },
    )


@require_GET
@sees_visits
def of_household(request, pk):
    """Also those of files that were merged into this one."""
    household = get_visible_or_404(Household, request.user, pk=pk)
    enrolments = []
    if request.user.has_perm("pairings.add_visit"):
        enrolments = Enrolment.objects.filter(household=household).exclude(status="removed")
        enrolments = enrolments.select_related("programme").defer("kept")
    return section(
        request, visits_of(household), household, household.head_name, enrolments=enrolments,
        with_helper=True, all_url=list_of(q=household.code),
    )  # fmt: skip


@require_GET
@sees_visits
def of_helper(request, pk):
    helper = get_visible_or_404(Helper.objects.defer("id_number"), request.user, pk=pk)
    visits = Visit.objects.filter(helper=helper)
    return section(request, visits, helper, helper.name, with_household=True)


@require_GET
@sees_visits
def of_pair(request, pk):
    """Visits to the household of a pair, in the pair's programme, by whoever was on it."""
    rows = Pairing.objects.select_related("enrolment__household", "target_unit")
    pairing = get_visible_or_404(rows, request.user, pk=pk)
    visits = Visit.objects.none()
    if pairing.enrolment_id:
        visits = Visit.objects.filter(
            household=pairing.enrolment.household_id, programme=pairing.programme_id,
            helper__in=pairing.lines.values("helper"),
        )  # fmt: skip
    return section(request, visits, pairing, pairing.target_name, with_helper=True)


# ---- whom one has visited


class ChooseFilter(ByProgrammeFilter):
    usual = ("q", "unit", "programme")

    class Meta:
        model = Enrolment
        fields = []
        form = FilterForm

    def narrow(self, queryset, asked):
        return queryset.filter(household__in=named(asked["q"])) if asked["q"] else queryset


class ChooseList(NumbersStayOut, ListPage):
    """The first step of a visit at the desk: the household, with the day it was last visited."""

    title = gettext_lazy("Whom was the visit to?")
    permission_required = "pairings.add_visit"
    filterset_class = ChooseFilter
    ordering = ("household__code", "pk")
    counts = Kind.HOUSEHOLDS
    queryset = (
        Enrolment.objects.filter(household__status=Household.Status.OPEN)
        .exclude(status=Enrolment.Status.REMOVED)
        .select_related("household__unit", "programme")
        .defer("kept", "household__bank_account", "household__note")
    )

    def get_queryset(self):
        rows = super().get_queryset()
        say_place(self.request, programme=self.filterset.programme_asked)
        last = last_visits(household=OuterRef("household"), programme=OuterRef("programme"))
        return rows.annotate(last_visited=Subquery(last))

    def template_for(self, shape):
        return {
            "{}_list.html": "pairings/visit_choose_list.html",
            "_{}_rows.html": "pairings/_visit_choose_rows.html",
        }[shape]
