"""The trail: who did what, who looked at whom; and the history of one row."""

import datetime

import django_filters
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from povertyaid.audit import deeds, timeline, trails
from povertyaid.audit.models import Entry, record
from povertyaid.lib.quantities import Kind
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.web import workbook
from povertyaid.web.forms import DateField, StyledForm
from povertyaid.web.views import ListPage

EXPORT_AT_MOST = 100_000
MOMENTS_A_PAGE = 30

GROUPS = {
    "looks": (_("every look and export"), ["revealed", "exported"]),
    "sign-ins": (
        _("everything about signing in"),
        ["signed_in", "signed_out", "sign_in_failed", "locked_out", "password_changed"],
    ),
}


# ---- the list


class DayFilter(django_filters.Filter):
    field_class = DateField


class EntryFilterForm(StyledForm, forms.Form):
    """The filter bar of the trail."""

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("since"), cleaned.get("until")
        if first and last and first > last:
            self.add_error("until", _("The last day must not lie before the first day."))
        return cleaned


class EntryFilter(django_filters.FilterSet):
    person = django_filters.CharFilter(label=_("person"), method="by_person")
    deed = django_filters.ChoiceFilter(
        label=_("deed"), empty_label=_("all deeds"), method="by_deed"
    )
    since = DayFilter(label=_("from day"), method="from_day", help_text="")
    until = DayFilter(label=_("to day"), method="to_day", help_text="")
    code = django_filters.CharFilter(label=_("record code"), method="by_code")
    usual = ("person", "deed", "since", "until", "code")

    class Meta:
        model = Entry
        fields = []
        form = EntryFilterForm

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        groups = [(name, words) for name, (words, _deeds) in GROUPS.items()]
        self.filters["deed"].extra["choices"] = [*groups, *deeds.DEEDS.items()]

    def by_person(self, queryset, name, value):
        value = value.replace("\x00", "").strip()
        return queryset.filter(
            Q(by__full_name__contains=value)
            | Q(by__username__istartswith=value)
            | Q(target_kind="org.staff", target_code__istartswith=value)
        )

    def by_deed(self, queryset, name, value):
        wanted = GROUPS[value][1] if value in GROUPS else [value]
        return queryset.filter(deed__in=wanted)

    def from_day(self, queryset, name, value):
        return queryset.filter(at__gte=midnight(value))

    def to_day(self, queryset, name, value):
        return queryset.filter(at__lt=midnight(value + datetime.timedelta(days=1)))

    def by_code(self, queryset, name, value):
        return queryset.filter(target_code__istartswith=value.replace("\x00", "").strip())


def midnight(day):
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))


class EntryList(ListPage):
    title = _("Audit trail")
    permission_required = "audit.view_entry"
    queryset = Entry.objects.select_related("by")
    ordering = ("-at", "-pk")
    counts = Kind.ENTRIES
    filterset_class = EntryFilter

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        for entry in context["object_list"]:
            entry.page = self.page_of(entry)
        return context

    def page_of(self, entry):
        """Where the history of what it is about is told; a part of a file is looked up on the way."""
        trail = trails.trail_of(entry.target_kind)
        if not (trail and entry.target_id and self.request.user.has_perm(trail.permission)):
            return ""
        if trail.target_kind == entry.target_kind:
            return reverse("history", args=[trail.kind, entry.target_id])
        return reverse("audit-row", args=[entry.pk])


@require_GET
@permission_required("audit.view_entry", raise_exception=True)
def entry_row(request, pk):
    """From an entry to the history of what it is about, if that may still be seen."""
    entry = get_visible_or_404(Entry, request.user, pk=pk)
    page = trails.page_of(entry.target_kind, entry.target_id) if entry.target_id else None
    if page is None:
        raise Http404
    return redirect("history", *page)


@require_POST
@permission_required("audit.view_entry", raise_exception=True)
def entry_export(request):
    """The list as it stands, as a workbook. That it was taken along is written down, too."""
    asked = QueryDict(request.POST.get("query", ""))
    rows = Entry.objects.visible_to(request.user).select_related("by").order_by("-at", "-pk")
    filterset = EntryFilter(asked, queryset=rows, request=request)
    rows = filterset.qs if filterset.is_valid() else rows.none()
    n = rows.count()
    if not 0 < n <= EXPORT_AT_MOST:
        messages.error(
            request,
            now("That is more than fits into one workbook. Choose a shorter time, then export.")
            if n
            else now("There is nothing to export."),
        )
        return redirect(f"{reverse('audit-list')}?{asked.urlencode()}")
    with transaction.atomic():
        answer = workbook.response(
            sheet(rows, request.user), name=f"{now('Audit trail')} {timezone.localdate()}"
        )
        record(
            request.user.unit,
            "exported",
            by=request.user,
            paper="audit",
            rows=n,
            filters=sorted(name for name in filterset.data if name in filterset.filters),
        )
    return answer


def sheet(rows, staff):
    return workbook.Sheet(
        title=now("Audit trail"),
        columns=[
            workbook.Column(now("time"), lambda e: f"{timezone.localtime(e.at):%Y-%m-%d %H:%M:%S}"),
            workbook.Column(now("person"), lambda e: e.by.full_name if e.by else ""),
            workbook.Column(now("sign-in name"), lambda e: e.by.username if e.by else ""),
            workbook.Column(now("deed"), lambda e: str(deeds.deed_word(e.deed))),
            workbook.Column(now("record"), "target_code"),
            workbook.Column(now("reason"), "reason"),
            workbook.Column(now("particulars"), told),
        ],
        rows=rows.iterator(chunk_size=2000),
        notes=[f"{staff.unit.name}  {staff.full_name}"],
    )


def told(entry):
    """The facts of an entry in one cell."""
    parts = [
        f"{name}:{new}" if old is None else f"{name}:{old} → {new}"
        for name, old, new in deeds.describe(entry)
    ]
    return ";".join(parts)


# ---- the history of one row


@require_GET
def history(request, kind, pk):
    """Everything that became of one row. A row that may not be seen has no history either."""
    trail = trails.trail(kind)
    if trail is None:
        raise Http404
    if not request.user.has_perm(trail.permission):
        raise PermissionDenied
    row = get_visible_or_404(trail.rows(), request.user, pk=pk)
    told_moments = timeline.moments(trail, row, reader=request.user)
    page = Paginator(told_moments, MOMENTS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "audit/history.html",
        {
            "title": now("History of %(what)s") % {"what": trail.title(row)},
            "row": row,
            "what": trail.title(row),
            "page_obj": page,
            "breadcrumbs": [{"title": trail.title(row), "url": row.get_absolute_url()}],
        },
    )
