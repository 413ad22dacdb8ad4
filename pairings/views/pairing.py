"""Pairs: found, read, made, joined, handed over, ended."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Prefetch
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from households.forms.lifecycle import ReasonForm
from households.models import Enrolment
from pairings import exports, filters
from pairings.actions import pairs
from pairings.forms.pair import (
    EndForm,
    HandOverForm,
    JoinForm,
    OnPairForm,
    PairForm,
    UnitPairForm,
)
from pairings.models import Pairing, PairingHelper
from pairings.views.deeds import data_of, deed_page
from pairings.views.numbers import NumbersStayOut
from pairings.views.sending import send_list
from pairings.views.states import states_of
from povertyaid.lib.quantities import Kind
from povertyaid.org.models import OrgUnit
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.web.context import say_place
from povertyaid.web.counting import BoundedPaginator
from povertyaid.web.views import DetailPage, ListPage

PAIRED_AT_ONCE = 200  # households in one form
MODES_COUNTED_AT_MOST = 1_000  # a mode is looked up pair by pair
TARGETS = Pairing.objects.select_related(
    "unit", "programme", "enrolment__household__unit", "target_unit"
).defer("enrolment__kept", "enrolment__household__bank_account", "enrolment__household__note")

change_pairs = permission_required("pairings.change_pairing", raise_exception=True)


def listed(keys, day):
    """What a list of pairs shows: the target, who is on it (on a day), the mode."""
    rows = TARGETS.filter(pk__in=keys).with_mode_of_each(day)
    lines = Prefetch("lines", exports.shown_lines(day), to_attr="listed_lines")
    return [as_shown(row, day) for row in rows.prefetch_related(lines)]


def as_shown(row, day):
    row.day = day
    row.mode_word = Pairing.Mode(row.mode).label if row.mode else ""
    row.helper_names = exports.names_of(row)
    return row


class PairingList(NumbersStayOut, ListPage):
    """Who is paired with whom, now or on a day."""

    title = gettext_lazy("Pairs")
    permission_required = "pairings.view_pairing"
    queryset = Pairing.objects.all()
    filterset_class = filters.PairingFilter
    ordering = ("-starts_on", "-pk")
    sorts = {"on": "starts_on", "unit": "unit__path", "ended": "ends_on"}
    counts = Kind.PAIRS
    paginator_class = BoundedPaginator

    def get_queryset(self):
        rows = super().get_queryset()
        say_place(self.request, programme=self.filterset.programme_asked)
        return rows

    def get_paginator(self, *args, **kwargs):
        paginator = super().get_paginator(*args, **kwargs)
        if self.filterset.data.get("mode"):
            paginator.counted_at_most = MODES_COUNTED_AT_MOST
        return paginator

    def paginate_queryset(self, queryset, page_size):
        """The keys of a page first: mode and helpers are looked up for these fifty alone."""
        keys = queryset.values_list("pk", flat=True)
        paginator, page, keys, is_paginated = super().paginate_queryset(keys, page_size)
        keys = list(keys)
        rows = {row.pk: row for row in listed(keys, self.filterset.day)}
        page.object_list = [rows[key] for key in keys if key in rows]
        return paginator, page, page.object_list, is_paginated

    def get_context_data(self, **kwargs):
        states = states_of(self.request, self.filterset)
        return super().get_context_data(states=states, **kwargs)


@require_POST
@permission_required(("pairings.view_pairing", "households.export_household"), raise_exception=True)
def export(request):
    """The list as a workbook: what the page shows, all of it."""

    def rows(found, filterset):
        keys = found.order_by("-starts_on", "-pk").values_list("pk", flat=True)
        return listed(list(keys), filterset.day)

    return send_list(
        request, filters.PairingFilter, Pairing.objects.all(), rows=rows,
        columns=exports.PAIRS, title=_("Pairs"), back="pairings:list", counts=Kind.PAIRS,
    )  # fmt: skip


class PairingDetail(DetailPage):
    """A pair with everybody who was on it, by dates."""

    permission_required = "pairings.view_pairing"
    queryset = TARGETS.select_related("area")

    def get_title(self):
        return self.object.target_name

    def get_context_data(self, **kwargs):
        (row,) = listed([self.object.pk], None)
        lines = self.object.lines.select_related("helper__unit").order_by("starts_on", "role", "pk")
        papers_of = [self.object.enrolment] if self.object.enrolment_id else []
        return super().get_context_data(
            mode_word=row.mode_word, lines=lines, papers_of=papers_of, **kwargs
        )


# ---- pairing


def chosen_enrolments(request):
    """The households that the address names, as far as the person may see them."""
    keys = [key for key in request.GET.getlist("enrolment") if key.isdecimal() and len(key) < 19]
    rows = Enrolment.objects.visible_to(request.user).filter(pk__in=keys[:PAIRED_AT_ONCE])
    rows = rows.select_related("household__unit", "programme").defer("kept")
    return list(rows.order_by("household__code"))


@change_pairs
def create(request):
    """Pair one household, or several of one programme, with one helper."""
    enrolments = chosen_enrolments(request)
    if not enrolments or len({one.programme_id for one in enrolments}) > 1:
        messages.error(
            request,
            _("Please choose households of one programme, then pair them.")
            if enrolments
            else _("Please choose the households that are to be paired."),
        )
        return redirect("pairings:unpaired")
    programme = enrolments[0].programme
    form = PairForm(data_of(request), staff=request.user, programme=programme)

    def act(_version):
        given = form.cleaned_data
        made = pairs.pair_several(
            enrolments, helper=given["helper"], scheme=given["scheme"], on=given["on"],
            area=given["area"], note=given["note"], by=request.user,
        )  # fmt: skip
        return made[0] if len(made) == 1 else given["helper"]

    return deed_page(
        request, None, form, act,
        message=_("The households are paired."), title=_("Pair with a helper"),
        verb=_("Pair"), enrolments=enrolments, about=programme.name,
        back=reverse("pairings:unpaired"),
    )  # fmt: skip


@change_pairs
def create_for_unit(request):
    """Pair a unit in difficulty, or a village, with a helper."""
    asked = OrgUnit.objects.visible_to(request.user).coded(request.GET.get("unit", "")).first()
    form = UnitPairForm(data_of(request), staff=request.user, initial={"unit": asked})

    def act(_version):
        given = form.cleaned_data
        return pairs.pair_unit(
            given["unit"], helper=given["helper"], scheme=given["scheme"], on=given["on"],
            note=given["note"], by=request.user,
        )  # fmt: skip

    return deed_page(
        request, None, form, act,
        message=_("The unit is paired."), title=_("Pair a unit or a village"), verb=_("Pair"),
        back=reverse("pairings:list"),
    )  # fmt: skip


# ---- a pair that stands


def own_pair(request, pk):
    return get_visible_or_404(TARGETS, request.user, pk=pk)


def pair_page(request, pairing, form, act, **words):
    standing = PairingHelper.objects.filter(pairing=pairing, ends_on=None)
    return deed_page(
        request, pairing, form, act,
        about=f"{pairing.target_name} · {pairing.trail_code} · {pairing.programme.name}",
        lines=standing.select_related("helper").order_by("role", "starts_on"), **words,
    )  # fmt: skip


@change_pairs
def join(request, pk):
    pairing = own_pair(request, pk)
    form = JoinForm(data_of(request), staff=request.user, pairing=pairing)

    def act(version):
        given = form.cleaned_data
        return pairs.join(
            pairing, helper=given["helper"], role=given["role"], on=given["on"],
            note=given["note"], by=request.user, version=version,
        )  # fmt: skip

    return pair_page(
        request, pairing, form, act,
        message=_("The helper has joined the pair."), title=_("Add a helper"),
        verb=_("Add the helper"),
    )  # fmt: skip


@change_pairs
def release(request, pk):
    pairing = own_pair(request, pk)
    form = OnPairForm(data_of(request), staff=request.user, pairing=pairing)

    def act(version):
        given = form.cleaned_data
        return pairs.release(
            pairing, helper=given["helper"], on=given["on"], by=request.user,
            reason=form.told(), version=version,
        )  # fmt: skip

    return pair_page(
        request, pairing, form, act,
        message=_("The helper is released."), title=_("Release a helper"),
        verb=_("Release the helper"), text=_("The others stay on the pair."),
    )  # fmt: skip


@change_pairs
def hand_over(request, pk):
    pairing = own_pair(request, pk)
    form = HandOverForm(data_of(request), staff=request.user, pairing=pairing)

    def act(version):
        given = form.cleaned_data
        return pairs.hand_over(
            pairing, helper=given["helper"], to=given["to"], on=given["on"],
            note=given["reason"], by=request.user, reason=form.told(), version=version,
        )  # fmt: skip

    return pair_page(
        request, pairing, form, act,
        message=_("The pair is handed over."), title=_("Hand the pair over"),
        verb=_("Hand the pair over"),
        text=_("The new helper takes the other's part from that day on; the past stays as it was."),
    )  # fmt: skip


@change_pairs
def end(request, pk):
    pairing = own_pair(request, pk)
    form = EndForm(data_of(request), staff=request.user)

    def act(version):
        given = form.cleaned_data
        return pairs.end(
            pairing, on=given["on"], end_reason=given["end_reason"], by=request.user,
            reason=form.told(), version=version,
        )  # fmt: skip

    return pair_page(
        request, pairing, form, act,
        message=_("The pair has ended."), title=_("End the pair"), verb=_("End the pair"),
        text=_("Everybody on the pair is released on that day."), danger=True,
    )  # fmt: skip


@change_pairs
def reopen(request, pk):
    pairing = own_pair(request, pk)
    form = ReasonForm(data_of(request), staff=request.user)

    def act(version):
        return pairs.reopen(pairing, by=request.user, reason=form.told(), version=version)

    return pair_page(
        request, pairing, form, act,
        message=_("The pair stands again."), title=_("Take the pair up again"),
        verb=_("Take the pair up again"),
        text=_("The end is taken back; those who were on the pair at its end are on it again."),
    )  # fmt: skip
