"""Units that are helped themselves: who helps which since when, and when they left difficulty."""

from django.contrib.auth.decorators import permission_required
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from households.forms.lifecycle import ReasonForm
from pairings import unit_list
from pairings.actions import units
from pairings.forms.unit import EnterDifficultyForm, LeaveDifficultyForm
from pairings.models import Pairing, PairingHelper
from pairings.views.deeds import data_of, deed_page
from pairings.views.numbers import NumbersStayOut
from pairings.views.sending import send_list
from povertyaid.lib.quantities import Kind
from povertyaid.org import difficulty
from povertyaid.org.models import OrgUnit
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.web.views import ListPage, wants_fragment

UNITS = OrgUnit.objects.ever_in_difficulty()
TEMPLATES = {
    "{}_list.html": "pairings/difficulty_list.html",
    "_{}_rows.html": "pairings/_difficulty_rows.html",
}

change_pairs = permission_required("pairings.change_pairing", raise_exception=True)


class UnitsInDifficulty(NumbersStayOut, ListPage):
    """Enterprises and villages that are helped, with whom, and which have left difficulty."""

    title = gettext_lazy("Units in difficulty")
    permission_required = "org.view_orgunit"
    queryset = UNITS
    filterset_class = unit_list.DifficultyFilter
    ordering = ("path",)
    sorts = {"name": "name_pinyin", "unit": "path", "left": "out_of_difficulty_on"}
    counts = Kind.ITEMS

    def paginate_queryset(self, queryset, page_size):
        rows = unit_list.with_pairs(queryset, self.request.user)
        paginator, page, rows, is_paginated = super().paginate_queryset(rows, page_size)
        page.object_list = [unit_list.shown(unit) for unit in rows]
        return paginator, page, page.object_list, is_paginated

    def get_totals(self, rows):
        return unit_list.totals_of(rows)

    def template_for(self, shape):
        return TEMPLATES[shape]


@require_POST
@permission_required(("org.view_orgunit", "households.export_household"), raise_exception=True)
def export(request):
    """The list as a workbook: what the page shows, all of it."""

    def rows(found, filterset):
        found = unit_list.with_pairs(found.order_by("path"), request.user)
        return [unit_list.shown(unit) for unit in found]

    return send_list(
        request, unit_list.DifficultyFilter, UNITS, rows=rows, columns=unit_list.COLUMNS,
        title=_("Units in difficulty"), back="pairings:difficulty-list",
    )  # fmt: skip


@change_pairs
def enter(request):
    """Put a unit on the list."""
    form = EnterDifficultyForm(data_of(request), staff=request.user)

    def act(_version):
        given = form.cleaned_data
        return difficulty.enter(given["unit"], by=request.user, reason=form.told())

    return deed_page(
        request, None, form, act,
        message=_("The unit is on the list; it can be paired now."),
        title=_("Put a unit on the list"), verb=_("Put on the list"),
        back=reverse("pairings:difficulty-list"),
        text=_("An enterprise in difficulty or a poor village, which can itself be helped."),
    )  # fmt: skip


def own_unit(request, pk):
    return get_visible_or_404(OrgUnit, request.user, pk=pk)


@change_pairs
def leave(request, pk):
    unit = own_unit(request, pk)
    standing = list(units.standing(unit, request.user).select_related("target_unit"))
    form = LeaveDifficultyForm(data_of(request), staff=request.user, has_pairs=bool(standing))

    def act(_version):
        given = form.cleaned_data
        return units.leave_difficulty(
            unit, on=given["on"], end_pairs=given.get("end_pairs", False), by=request.user,
            reason=form.told(),
        )  # fmt: skip

    return deed_page(
        request, None, form, act,
        message=_("The unit has left difficulty."), title=_("The unit leaves difficulty"),
        verb=_("Left difficulty"), about=unit.name, back=unit.get_absolute_url(),
        lines=PairingHelper.objects.filter(pairing__in=standing, ends_on=None)
        .select_related("helper").order_by("role", "starts_on"),
    )  # fmt: skip


@change_pairs
def come_back(request, pk):
    unit = own_unit(request, pk)
    form = ReasonForm(data_of(request), staff=request.user)

    def act(_version):
        return difficulty.come_back(unit, by=request.user, reason=form.told())

    return deed_page(
        request, None, form, act,
        message=_("The unit is in difficulty again."), title=_("Back in difficulty"),
        verb=_("Back in difficulty"), about=unit.name, back=unit.get_absolute_url(),
        text=_("The day on which it left is taken back; pairs that ended stay ended."),
    )  # fmt: skip


@require_GET
@permission_required(("org.view_orgunit", "pairings.view_pairing"), raise_exception=True)
def of_unit(request, pk):
    """Who helps a unit and who did; its page fetches it by itself."""
    unit = own_unit(request, pk)
    lines = PairingHelper.objects.filter(
        pairing__in=Pairing.objects.visible_to(request.user).filter(target_unit=unit)
    ).select_related("helper", "pairing__programme")
    lines = list(lines.order_by("-pairing__starts_on", "pairing_id", "role", "starts_on", "pk"))
    lines.sort(key=lambda line: not line.stands)
    part, page = "pairings/_of_unit.html", "pairings/of_unit.html"
    return render(
        request,
        part if wants_fragment(request) else page,
        {"title": _("Who helps the unit"), "unit": unit, "lines": lines},
    )
