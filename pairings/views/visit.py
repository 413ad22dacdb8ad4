"""Visits: found, read, written down at the desk, changed, taken back; problems solved; photographs."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, IntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from households.filters import ALL
from households.models import Enrolment
from pairings import visit_exports
from pairings.actions import visits
from pairings.forms.visit import (
    AddPhotosForm,
    CountedVisitForm,
    SignForm,
    SolveForm,
    TakeBackForm,
    VisitForm,
)
from pairings.models import Occasion, Visit, VisitItem, VisitPhoto
from pairings.views.deeds import data_of, deed_page
from pairings.views.numbers import NumbersStayOut
from pairings.views.sending import send_list
from pairings.visit_filters import VisitFilter
from povertyaid.lib.quantities import Kind
from povertyaid.lib.sealed_files import FileGoneError
from povertyaid.lib.secrets import DecryptionError
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.programmes.models import Programme
from povertyaid.web.context import chosen_place, say_place
from povertyaid.web.templatetags.words import counted
from povertyaid.web.views import DetailPage, ListPage, wants_fragment

ADDS, CHANGES = "pairings.add_visit", "pairings.change_visit"
SHOWN = Visit.objects.select_related("programme", "unit", "household__unit", "helper").defer(
    "household__bank_account", "household__note", "helper__id_number"
)


def listed(keys):
    """What lists, sections and workbooks show of some visits."""
    photos = VisitPhoto.objects.filter(visit=OuterRef("pk")).order_by().values("visit")
    n = Subquery(photos.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    rows = SHOWN.filter(pk__in=keys).annotate(photo_count=Coalesce(n, 0))
    rows = list(rows.prefetch_related("items").order_by("-visited_on", "-pk"))
    for row in rows:
        row.done_words = visit_exports.done_words(row)
    return rows


# ---- finding


class VisitList(NumbersStayOut, ListPage):
    """Who was visited when, by whom, and what was done."""

    title = gettext_lazy("Visits")
    permission_required = "pairings.view_visit"
    queryset = Visit.objects.all()
    filterset_class = VisitFilter
    ordering = ("-visited_on", "-pk")
    sorts = {"on": "visited_on", "unit": "unit__path"}

    def get_queryset(self):
        rows = super().get_queryset()
        say_place(self.request, programme=self.filterset.programme_asked)
        return rows

    def paginate_queryset(self, queryset, page_size):
        """The keys of a page first: what a row shows is looked up for these fifty alone."""
        keys = queryset.values_list("pk", flat=True)
        paginator, page, keys, is_paginated = super().paginate_queryset(keys, page_size)
        keys = list(keys)
        rows = {row.pk: row for row in listed(keys)}
        page.object_list = [rows[key] for key in keys if key in rows]
        return paginator, page, page.object_list, is_paginated

    def get_totals(self, rows):
        """Only where asked for: the page asks afterwards by itself (`total`), so nobody waits."""
        return sums_of(rows) if "total" in self.request.GET else []

    def get_context_data(self, **kwargs):
        query = self.request.GET.copy()
        programme = self.filterset.programme_asked
        query["programme"] = programme.code if programme else ALL
        return super().get_context_data(query=query.urlencode(), **kwargs)


def sums_of(rows):
    """Person-times, households and things done, each by itself: they are never added together."""
    told = rows.in_sum()
    done = VisitItem.objects.filter(visit__in=rows.order_by().values("pk"))
    return [
        (_("Visited"), counted(told["person_times"], Kind.PERSON_TIMES)),
        (_("Households"), counted(told["households"], Kind.HOUSEHOLDS)),
        (_("Things done"), counted(done.aggregate(n=Sum("times"))["n"] or 0, Kind.ENTRIES)),
    ]


@permission_required("pairings.view_visit", raise_exception=True)
def total(request):
    """The sums of the list, counted after the list itself is there; without a script a page."""
    if not wants_fragment(request):
        asked = request.GET.copy()
        asked["total"] = "1"
        return redirect(f"{reverse('pairings:visit-list')}?{asked.urlencode()}")
    rows = Visit.objects.visible_to(request.user)
    filterset = VisitFilter(request.GET, queryset=rows, request=request)
    rows = filterset.qs if filterset.is_valid() else rows.none()
    return render(request, "pairings/_visit_totals.html", {"totals": sums_of(rows)})


@require_POST
@permission_required(("pairings.view_visit", "households.export_household"), raise_exception=True)
def export(request):
    """The list as a workbook: what the page shows, all of it."""

    def rows(found, filterset):
        return listed(found.order_by().values("pk"))

    return send_list(
        request, VisitFilter, Visit.objects.all(), rows=rows, columns=visit_exports.VISITS,
        title=_("Visits"), back="pairings:visit-list",
    )  # fmt: skip


class ProblemList(ListPage):
    """Problems that families raised on visits and that nobody has solved yet, the oldest first."""

    title = gettext_lazy("Problems not solved")
    permission_required = "pairings.view_visit"
    queryset = (
        VisitItem.objects.unsolved()
        .counted()
        .select_related("visit__household", "visit__unit", "visit__programme", "visit__helper")
        .defer("visit__household__bank_account", "visit__helper__id_number")
    )
    ordering = ("visit__visited_on", "pk")

    def template_for(self, shape):
        return {
            "{}_list.html": "pairings/problem_list.html",
            "_{}_rows.html": "pairings/_problem_rows.html",
        }[shape]

    def get_queryset(self):
        rows = super().get_queryset()
        place = chosen_place(self.request)
        if programme := place.get("programme"):
            rows = rows.filter(visit__programme__code=programme["code"])
        return rows


class VisitDetail(DetailPage):
    """One visit with everything done on it."""

    permission_required = "pairings.view_visit"
    queryset = SHOWN.select_related("recorded_by")

    def get_title(self):
        return self.object.target_name

    def get_context_data(self, **kwargs):
        visit = self.object
        return super().get_context_data(
            items=visit.items.all(), photos=visit.photos.all(),
            may_change=visit.counts and visits.is_of(visit, self.request.user), **kwargs,
        )  # fmt: skip


# ---- writing down


def own_enrolment(request):
    """The household in a programme that the address names, as far as the person may see it."""
    key = request.GET.get("enrolment", "")
    if not (key.isdecimal() and len(key) < 19):
        return None
    rows = Enrolment.objects.select_related("household__unit", "programme").defer("kept")
    return get_visible_or_404(rows, request.user, pk=key)


def place_of(enrolment):
    """`张三 · HH000001 · 职工共同富裕行动`: whom a form is about."""
    household = enrolment.household
    return f"{household.head_name} · {household.code} · {enrolment.programme.name}"


def new_visit(enrolment, **facts):
    household = enrolment.household
    return Visit(
        programme=enrolment.programme, household=household, unit=household.unit, **facts
    )  # fmt: skip


def visit_form(request, visit, *, own=None, initial=None, data=None, files=None):
    return VisitForm(
        data, files, staff=request.user, instance=visit, own=own, initial=initial or {}
    )


@permission_required(ADDS, raise_exception=True)
def create(request):
    """Write down a visit to one household, at the desk or without a script on a telephone."""
    enrolment = own_enrolment(request)
    if enrolment is None:
        return redirect("pairings:visit-choose")
    own = None
    if visits.is_own_sign_in(request.user):
        own = visits.helper_of(request.user, enrolment.programme)
        if own is None:
            messages.error(request, _("You are not on the roster of helpers of this programme."))
            return redirect(enrolment.household)
    form = visit_form(
        request, new_visit(enrolment), own=own, data=data_of(request),
        files=request.FILES or None, initial=first_guess(request, enrolment),
    )  # fmt: skip
    return deed_page(
        request, None, form, lambda _version: form.keep(by=request.user),
        template="pairings/visit_form.html", message=_("The visit is kept."),
        title=_("Record a visit"), verb=_("Keep the visit"), about=place_of(enrolment),
        back=enrolment.household.get_absolute_url(), closed_on=enrolment.household.closed_on,
    )  # fmt: skip


def first_guess(request, enrolment):
    """Who comes to this household, for what: the lead of its pair, and the occasion of the address."""
    line = visits.lead_of(enrolment)
    guess = {"helper": line.helper_id} if line else {}
    if (occasion := request.GET.get("occasion")) in Occasion.values:
        guess["occasion"] = occasion
    return guess


@permission_required("pairings.count_visit", raise_exception=True)
def count(request):
    """Write down visits of a unit that were counted together."""
    code = chosen_place(request).get("programme", {}).get("code")
    mine = Programme.objects.visible_to(request.user).order_by("-starts_on", "code")
    programme = mine.coded(code).first() if code else mine.first()
    form = CountedVisitForm(
        data_of(request), staff=request.user, instance=Visit(),
        initial={"programme": programme, "unit": request.user.unit},
    )  # fmt: skip
    return deed_page(
        request, None, form, lambda _version: form.keep(by=request.user),
        template="pairings/visit_form.html", message=_("The visits are kept."),
        title=_("Enter visits counted together"), verb=_("Keep the visits"),
        back=reverse("pairings:visit-list"),
    )  # fmt: skip


def own_visit(request, pk):
    return get_visible_or_404(SHOWN, request.user, pk=pk)


def about(visit):
    told = [visit.target_name, visit.trail_code, visit.programme.name]
    return " · ".join([*told, visit.visited_on.isoformat()])


def read_only(request, visit):
    """Back to a visit that this person does not change, with the reason; None where it may be."""
    if visit.counts and visits.is_of(visit, request.user):
        return None
    messages.error(
        request,
        _("Another helper made this visit. Only that helper or the office changes it.")
        if visit.counts
        else _("This visit was taken back. It is read, not changed."),
    )
    return redirect(visit)


@permission_required(CHANGES, raise_exception=True)
def edit(request, pk):
    visit = own_visit(request, pk)
    if request.method == "GET" and (answer := read_only(request, visit)):
        return answer
    if visit.household_id:
        own = visit.helper if visits.is_own_sign_in(request.user) else None
        form = visit_form(request, visit, own=own, data=data_of(request))
    else:
        form = CountedVisitForm(data_of(request), staff=request.user, instance=visit)

    def act(version):
        return visits.change_visit(
            form.instance, items=form.rows(), by=request.user, reason=form.reasons_given(),
            version=version, confirmed=form.confirmed(),
        )  # fmt: skip

    return deed_page(
        request, visit, form, act,
        template="pairings/visit_form.html", message=_("Saved."), title=_("Change a visit"),
        verb=_("Save"), about=about(visit),
    )  # fmt: skip


@permission_required(CHANGES, raise_exception=True)
def take_back(request, pk):
    visit = own_visit(request, pk)
    if request.method == "GET" and (answer := read_only(request, visit)):
        return answer
    form = TakeBackForm(data_of(request), staff=request.user)

    def act(version):
        return visits.take_back(visit, by=request.user, reason=form.told(), version=version)

    return deed_page(
        request, visit, form, act,
        message=_("The visit is taken back."), title=_("Take the visit back"),
        verb=_("Take the visit back"), about=about(visit), danger=True,
        text=_("It stays readable with the reason, and is counted no more."),
    )  # fmt: skip


@permission_required(CHANGES, raise_exception=True)
def solve(request, pk):
    items = VisitItem.objects.select_related(
        "visit__household__unit", "visit__unit", "visit__programme", "visit__helper"
    )
    item = get_visible_or_404(items, request.user, pk=pk)
    if request.method == "GET" and (answer := read_only(request, item.visit)):
        return answer
    form = SolveForm(data_of(request), staff=request.user)

    def act(version):
        given = form.cleaned_data
        return visits.solve_problem(
            item, on=given["on"], solution=given["solution"], by=request.user, version=version
        )

    return deed_page(
        request, item.visit, form, act,
        message=_("The problem is solved."), title=_("Solve a problem"),
        verb=_("The problem is solved"), about=about(item.visit), text=item.note,
    )  # fmt: skip


# ---- photographs and signatures


@permission_required(CHANGES, raise_exception=True)
def add_photos(request, pk):
    visit = own_visit(request, pk)
    if request.method == "GET" and (answer := read_only(request, visit)):
        return answer
    form = AddPhotosForm(data_of(request), request.FILES or None, staff=request.user, visit=visit)

    def act(version):
        given = form.cleaned_data
        return visits.add_photos(
            visit, given["photos"], caption=given["caption"], by=request.user, version=version
        )

    return deed_page(
        request, visit, form, act,
        message=_("The photographs are kept."), title=_("Add photographs"),
        verb=_("Keep the photographs"), about=about(visit),
    )  # fmt: skip


@permission_required(CHANGES, raise_exception=True)
def remove_photo(request, pk):
    rows = VisitPhoto.objects.select_related(
        "visit__household__unit", "visit__unit", "visit__programme", "visit__helper"
    )
    row = get_visible_or_404(rows, request.user, pk=pk)
    if request.method == "GET" and (answer := read_only(request, row.visit)):
        return answer
    form = TakeBackForm(data_of(request), staff=request.user)

    def act(version):
        return visits.remove_photo(row, by=request.user, reason=form.told(), version=version)

    return deed_page(
        request, row.visit, form, act,
        message=_("The photograph is removed."), title=_("Remove a photograph"),
        verb=_("Remove the photograph"), about=about(row.visit), danger=True,
        text=_("The picture itself goes away for ever; that it was removed stays in the history."),
    )  # fmt: skip


@permission_required(CHANGES, raise_exception=True)
def sign(request, pk):
    """The household signs, with the finger or on paper."""
    visit = own_visit(request, pk)
    if request.method == "GET" and (answer := read_only(request, visit)):
        return answer
    initial = {"signed_by": visit.household.head_name} if visit.household_id else {}
    form = SignForm(data_of(request), request.FILES or None, staff=request.user, initial=initial)

    def act(version):
        given = form.cleaned_data
        return visits.sign(
            visit, given["signature"], signed_by=given["signed_by"], by=request.user,
            version=version,
        )  # fmt: skip

    return deed_page(
        request, visit, form, act,
        template="pairings/visit_sign.html", message=_("The signature is kept."),
        title=_("Signature of the household"), verb=_("Keep the signature"), about=about(visit),
    )  # fmt: skip


def picture(read, kind, name):
    """A picture as an answer: for this person and this moment only, and as nothing but a picture."""
    try:
        data = read()
    except (FileGoneError, DecryptionError):
        raise Http404 from None
    response = HttpResponse(data, content_type=f"image/{kind}")
    response["Content-Disposition"] = f'inline; filename="{name}.{kind}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
@permission_required("pairings.view_visit", raise_exception=True)
def photo(request, pk):
    row = get_visible_or_404(VisitPhoto.objects.select_related("visit"), request.user, pk=pk)
    return picture(lambda: visits.photo_of(row), "jpeg", f"visit-{row.visit_id}-{row.pk}")


@require_GET
@permission_required("pairings.view_visit", raise_exception=True)
def signature(request, pk):
    visit = get_visible_or_404(Visit.objects.exclude(signature_stored_as=""), request.user, pk=pk)
    return picture(lambda: visits.signature_of(visit), "png", f"visit-{visit.pk}-signature")


def list_of(**query):
    return f"{reverse('pairings:visit-list')}?{urlencode({'programme': ALL, **query})}"
