"""The roster of helpers: found, read, entered, changed, left, come back, relieved."""

from django.contrib.auth.decorators import permission_required
from django.http import JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from households.forms.lifecycle import ReasonForm
from pairings import exports, filters
from pairings.actions import helpers, pairs
from pairings.forms.helper import HandOverAllForm, HelperForm, LeaveForm
from pairings.forms.pick import written
from pairings.models import MOST_HOUSEHOLDS, Helper, Pairing, PairingHelper
from pairings.views.deeds import data_of, deed_page, seen_version
from pairings.views.numbers import NumbersStayOut
from pairings.views.sending import send_list
from pairings.views.states import states_of
from povertyaid.lib.quantities import Kind
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.programmes.models import Programme
from povertyaid.web.context import chosen_place, say_place
from povertyaid.web.counting import BoundedPaginator
from povertyaid.web.views import CreatePage, DetailPage, EditPage, ListPage

SUGGESTED_AT_MOST = 12
HELPERS = Helper.objects.select_related("unit", "programme").defer("id_number")

change_helpers = permission_required("pairings.change_helper", raise_exception=True)


class HelperList(NumbersStayOut, ListPage):
    """Who helps, and how many households each has."""

    title = gettext_lazy("Helpers")
    permission_required = "pairings.view_helper"
    queryset = HELPERS
    filterset_class = filters.HelperFilter
    ordering = ("name_pinyin", "pk")
    sorts = {"name": "name_pinyin", "unit": "unit__path", "left": "left_on"}
    counts = Kind.ITEMS
    paginator_class = BoundedPaginator

    def get_queryset(self):
        rows = super().get_queryset()
        say_place(self.request, programme=self.filterset.programme_asked)
        return rows

    def paginate_queryset(self, queryset, page_size):
        """The keys of a page first: the households of these fifty alone are counted."""
        keys = queryset.values_list("pk", flat=True)
        paginator, page, keys, is_paginated = super().paginate_queryset(keys, page_size)
        keys = list(keys)
        rows = HELPERS.with_household_count().in_bulk(keys)
        page.object_list = [rows[key] for key in keys if key in rows]
        return paginator, page, page.object_list, is_paginated

    def get_context_data(self, **kwargs):
        states = states_of(self.request, self.filterset)
        return super().get_context_data(most=MOST_HOUSEHOLDS, states=states, **kwargs)


@require_POST
@permission_required(("pairings.view_helper", "households.export_household"), raise_exception=True)
def export(request):
    """The list as a workbook: what the page shows, all of it."""
    return send_list(
        request, filters.HelperFilter, HELPERS,
        rows=lambda found, filterset: found.with_household_count().order_by("name_pinyin", "pk"),
        columns=exports.HELPERS, title=_("Helpers"), back="pairings:helper-list",
    )  # fmt: skip


@require_GET
@permission_required("pairings.change_pairing", raise_exception=True)
def suggest(request):
    """What the box of a helper suggests, in the form that the box of a unit reads."""
    found = Helper.objects.visible_to(request.user).on_roster()
    if code := request.GET.get("programme"):
        found = found.filter(programme__in=Programme.objects.visible_to(request.user).coded(code))
    if word := request.GET.get("q", "").strip()[:60]:
        found = found.called(word)
    found = found.select_related("unit").order_by("name_pinyin", "pk")[:SUGGESTED_AT_MOST]
    told = [{"text": written(one), "place": one.unit.name} for one in found]
    return JsonResponse({"units": told})


class HelperDetail(DetailPage):
    """A helper: who it is, whom it helps since when, whom it helped before."""

    permission_required = "pairings.view_helper"
    queryset = Helper.objects.select_related("unit", "programme", "staff").defer("id_number")

    def get_title(self):
        return self.object.name

    def get_context_data(self, **kwargs):
        lines = PairingHelper.objects.none()
        if self.request.user.has_perm("pairings.view_pairing"):
            lines = PairingHelper.objects.visible_to(self.request.user).filter(helper=self.object)
        lines = lines.select_related(
            "pairing__enrolment__household__unit", "pairing__target_unit"
        ).order_by("-starts_on", "-pk")
        lines = list(lines)
        standing = [line for line in lines if line.stands]
        return super().get_context_data(
            standing=standing, former=[line for line in lines if not line.stands], **kwargs
        )


class HelperPage:
    """What entering and changing have in common."""

    model = Helper
    form_class = HelperForm

    def get_context_data(self, **kwargs):
        crumb = {"url": reverse("pairings:helper-list"), "title": HelperList.title}
        return super().get_context_data(**kwargs, breadcrumbs=[crumb])


class HelperCreate(HelperPage, CreatePage):
    permission_required = "pairings.add_helper"
    title = gettext_lazy("Enter a helper")

    def get_initial(self):
        code = chosen_place(self.request).get("programme", {}).get("code")
        mine = Programme.objects.visible_to(self.request.user)
        asked = mine.filter(code=code) if code else mine.order_by("-starts_on", "code")
        return {"unit": self.request.user.unit, "programme": asked.first()}

    def save(self, form):
        return helpers.add(
            form.save(commit=False), by=self.request.user, reason=form.reasons_given()
        )


class HelperEdit(HelperPage, EditPage):
    permission_required = "pairings.change_helper"
    title = gettext_lazy("Change a helper")

    def save(self, form):
        return helpers.change(
            form.save(commit=False), by=self.request.user, reason=form.reasons_given(),
            version=seen_version(self.request),
        )  # fmt: skip


def own_helper(request, pk):
    return get_visible_or_404(HELPERS, request.user, pk=pk)


@change_helpers
def leave(request, pk):
    helper = own_helper(request, pk)
    form = LeaveForm(data_of(request), staff=request.user)

    def act(version):
        given = form.cleaned_data
        return helpers.leave(
            helper, on=given["on"], leave_reason=given["leave_reason"], by=request.user,
            reason=form.told(), version=version,
        )  # fmt: skip

    return deed_page(
        request, helper, form, act,
        message=_("The helper has left."), title=_("The helper leaves"),
        verb=_("The helper leaves"), about=helper.name, danger=True,
        text=_(
            "The households stay with the helper until they are handed over; until then they "
            "stand in the list of pairs whose helper has left."
        ),
    )  # fmt: skip


@change_helpers
def come_back(request, pk):
    helper = own_helper(request, pk)
    form = ReasonForm(data_of(request), staff=request.user)

    def act(version):
        return helpers.come_back(helper, by=request.user, reason=form.told(), version=version)

    return deed_page(
        request, helper, form, act,
        message=_("The helper is back on the roster."), title=_("Put back on the roster"),
        verb=_("Put back on the roster"), about=helper.name,
    )  # fmt: skip


@permission_required("pairings.change_pairing", raise_exception=True)
def hand_over(request, pk):
    """All pairs of a helper at once, to another."""
    helper = own_helper(request, pk)
    form = HandOverAllForm(data_of(request), staff=request.user, helper=helper)
    standing = Pairing.objects.visible_to(request.user).filter(
        lines__helper=helper, lines__ends_on=None
    )

    def act(version):
        given = form.cleaned_data
        pairs.hand_over_all(
            helper, to=given["to"], on=given["on"], note=given["reason"], by=request.user,
            reason=form.told(), version=version,
        )  # fmt: skip
        return given["to"]

    return deed_page(
        request, helper, form, act,
        message=_("The pairs are handed over."), title=_("Hand all pairs over"),
        verb=_("Hand all pairs over"), about=helper.name,
        pairs=standing.select_related("enrolment__household", "target_unit").order_by("pk"),
    )  # fmt: skip
