"""Which files are not complete: the list a clerk works through, and the count of them by unit."""

from dataclasses import dataclass, field

import django_filters
from django import forms
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, Window
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from households import clears
from households.filters import LACKING, UnitFilter, by_clears, clear_choices, unit_as_written
from households.models import DossierRule, Enrolment, Household
from povertyaid.audit.models import record
from povertyaid.lib.quantities import Kind
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme
from povertyaid.web import workbook
from povertyaid.web.context import chosen_place, say_place
from povertyaid.web.forms import StyledForm
from povertyaid.web.views import ListPage

LINES_AT_MOST = 150


class ClearFilterForm(StyledForm, forms.Form):
    use_required_attribute = False


class ClearFilter(django_filters.FilterSet):
    """One programme that says what a complete file holds; one unit with all below it."""

    unit = UnitFilter(label=gettext_lazy("unit"))
    programme = django_filters.ChoiceFilter(label=gettext_lazy("programme"), empty_label=None)
    clears = django_filters.ChoiceFilter(
        label=gettext_lazy("dossier"), empty_label=gettext_lazy("something is missing")
    )
    usual = ("unit", "programme", "clears")

    class Meta:
        model = Enrolment
        fields = []
        form = ClearFilterForm

    def __init__(self, data=None, queryset=None, *, request, prefix=None):
        self.staff = request.user
        with_rules = DossierRule.objects.values("item__programme")
        self.programmes = list(
            Programme.objects.visible_to(self.staff)
            .filter(pk__in=with_rules)
            .select_related("lead_unit")
            .order_by("-starts_on", "code")
        )
        asked = data.copy() if data is not None else None
        if asked is not None and not asked.get("programme") and self.programmes:
            chosen = chosen_place(request).get("programme", {}).get("code")
            codes = [programme.code for programme in self.programmes]
            asked["programme"] = chosen if chosen in codes else codes[0]
        if asked is not None and asked.get("unit"):
            asked["unit"] = unit_as_written(asked["unit"], self.staff)
        super().__init__(asked, queryset, request=request, prefix=prefix)
        self.filters["unit"].field.units = OrgUnit.objects.visible_to(self.staff)
        self.filters["programme"].extra["choices"] = [
            (programme.code, programme.name) for programme in self.programmes
        ]
        self.filters["clears"].extra["choices"] = [
            (code, label) for code, label in clear_choices(self.rules) if code != LACKING
        ]

    @cached_property
    def programme_asked(self):
        code = (self.data or {}).get("programme")
        return next((one for one in self.programmes if one.code == code), None)

    @cached_property
    def rules(self):
        programme = self.programme_asked
        return clears.rules_of([programme]).get(programme.pk, []) if programme else []

    @property
    def unit_asked(self):
        return (self.form.is_valid() and self.form.cleaned_data["unit"]) or self.staff.unit

    def filter_queryset(self, queryset):
        asked = self.form.cleaned_data
        if not self.rules:
            return queryset.none()
        queryset = queryset.filter(programme=self.programme_asked)
        if asked["unit"]:
            queryset = queryset.within(asked["unit"])
        return queryset.filter(by_clears(asked["clears"] or LACKING, self.rules))


def measured():
    """The enrolments that are measured: counted ones of open files."""
    return Enrolment.objects.counted().filter(household__status=Household.Status.OPEN)


class OnePass(Paginator):
    """Counts the rows in the statement that fetches a page of keys: to measure every file twice, once
    to count and once to order them, would take twice as long.
    """

    def get_page(self, number):
        asked = int(number) if str(number).isdecimal() and len(str(number)) < 9 else 1
        first = (max(asked, 1) - 1) * self.per_page
        rows = self.object_list.annotate(n=Window(Count("pk"))).values_list("pk", "n")
        found = list(rows[first : first + self.per_page])
        if not found and first:  # beyond the end: the last page
            self.object_list = self.object_list.values_list("pk", flat=True)
            return super().get_page(number)
        self.count = found[0][1] if found else 0
        return Page([key for key, _n in found], max(asked, 1), self)


class ClearList(ListPage):
    """Files that lack something, those that lack most first."""

    title = gettext_lazy("Completeness of dossiers")
    permission_required = "households.view_dossieritem"
    queryset = measured()
    filterset_class = ClearFilter
    counts = Kind.HOUSEHOLDS
    names = {
        "{}_list.html": "households/clear_list.html",
        "_{}_rows.html": "households/_clear_rows.html",
    }

    def template_for(self, shape):
        return self.names[shape]

    def get_queryset(self):
        rows = super().get_queryset()
        say_place(self.request, programme=self.filterset.programme_asked)
        return rows

    def get_ordering(self):
        return None

    def paginate_queryset(self, queryset, page_size):
        """In order of what is missing; what a row shows is asked for the fifty of the page alone."""
        rules = self.filterset.rules
        if rules:
            first = [clears.count_of(rules).asc(), "household__code"]
            if self.request.GET.get("sort") == "unit":
                first = ["household__unit__path", *first]
            queryset = queryset.order_by(*first)
        else:
            queryset = queryset.order_by("pk")
        paginator = OnePass(queryset, page_size)
        page = paginator.get_page(self.request.GET.get("page"))
        keys = list(page.object_list)
        rows = Enrolment.objects.filter(pk__in=keys).select_related("household__unit")
        rows = rows.defer("kept", "household__bank_account", "household__note")
        rows = rows.in_bulk()
        self.there = clears.held(keys, rules) if keys else {}
        page.object_list = [rows[key] for key in keys if key in rows]
        return paginator, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        rules = self.filterset.rules
        for row in context["object_list"]:
            row.lacks = [
                rule.item.label for rule in rules if not clears.is_full(rule, self.there[row.pk])
            ]
            row.full = len(rules) - len(row.lacks)
        return context | {
            "rules": rules,
            "clear_name": clears.name_of(rules),
            "programme": self.filterset.programme_asked,
            "query": self.request.GET.urlencode(),
            "any_rules": bool(self.filterset.programmes),
        }


# ---- by unit


@dataclass
class UnitLine:
    """A unit with all below it: how many files, how many complete, how many of each 清."""

    unit: OrgUnit
    depth: int
    name: str
    files: int = 0
    complete: int = 0
    each: list = field(default_factory=list)
    is_itself: bool = False

    @property
    def rate(self):
        return f"{100 * self.complete / self.files:.2f}" if self.files else ""

    @property
    def indented(self):
        return "　" * self.depth + self.name

    def take(self, sums):
        files, complete, *each = sums
        self.files += files
        self.complete += complete
        self.each = [a + b for a, b in zip(self.each or [0] * len(each), each, strict=True)]


def by_unit(programme, rules, top, staff):
    """Lines down the tree from a unit, each the sum of those below it, in two statements."""
    flags = [clears.flag(rule) for rule in rules]
    asked = measured().visible_to(staff).filter(programme=programme).within(top).order_by()
    asked = clears.with_each(asked, rules).values("household__unit__path")
    counted = asked.annotate(
        files=Count("pk"),
        complete=Count("pk", filter=Q(**dict.fromkeys(flags, True))),
        **{f"n_{name}": Count("pk", filter=Q(**{name: True})) for name in flags},
    )
    sums = {
        row["household__unit__path"]: (
            row["files"], row["complete"], *(row[f"n_{name}"] for name in flags),
        )
        for row in counted
    }  # fmt: skip
    above = {}
    for path in sums:
        above |= {at: depth for depth, at in enumerate(on_the_way(top.path, path))}
    shown = max(above.values(), default=0)
    while shown > 1 and sum(depth <= shown for depth in above.values()) > LINES_AT_MOST:
        shown -= 1
    wanted = [path for path, depth in above.items() if depth <= shown]
    units = {unit.path: unit for unit in OrgUnit.objects.filter(path__in=[*wanted, top.path])}
    lines = {
        path: UnitLine(units[path], above[path], short_name(units[path], units))
        for path in sorted(wanted, key=lambda path: path.split("/"))
    }
    lines.setdefault(top.path, UnitLine(top, 0, top.name, each=[0] * len(rules)))
    for path, found in sums.items():
        for above_it in on_the_way(top.path, path):
            if above_it in lines:
                lines[above_it].take(found)
    return with_own(lines, sums), shown < max(above.values(), default=0)


def on_the_way(top, path):
    """Every path from that of the top down to one below it, both included."""
    at = top
    yield at
    for part in path[len(top) :].split("/")[:-1]:
        at = f"{at}{part}/"
        yield at


def short_name(unit, units):
    """第一管理区 under 红旗农场, not 红旗农场第一管理区 once more."""
    parent = units.get(unit.path[: -len(unit.code) - 1])
    return (unit.name.removeprefix(parent.name) or unit.name) if parent else unit.name


def with_own(lines, sums):
    """A unit that keeps files itself and has units below it gets a line for its own."""
    told = []
    for path, line in lines.items():
        told.append(line)
        has_below = any(other != path and other.startswith(path) for other in lines)
        if path in sums and has_below:
            own = UnitLine(
                line.unit,
                line.depth + 1,
                _("%(unit)s itself") % {"unit": line.name},
                is_itself=True,
            )
            own.take(sums[path])
            told.append(own)
    return told


@require_GET
@permission_required(("households.view_dossieritem", "reports.view_report"), raise_exception=True)
def units(request):
    """How complete the dossiers are, unit by unit; printed as it stands. A sum is a report."""
    filterset = ClearFilter(request.GET, queryset=measured().none(), request=request)
    programme, rules = filterset.programme_asked, filterset.rules
    say_place(request, programme=programme)
    lines, is_cut_off = (
        by_unit(programme, rules, filterset.unit_asked, request.user)
        if rules and filterset.is_valid()
        else ([], False)
    )
    context = {
        "title": _("Completeness of dossiers by unit"),
        "filter": filterset,
        "programme": programme,
        "rules": rules,
        "clear_name": clears.name_of(rules),
        "lines": lines,
        "is_cut_off": is_cut_off,
        "today": timezone.localdate(),
        "query": request.GET.urlencode(),
        "any_rules": bool(filterset.programmes),
    }
    return render(request, "households/clear_units.html", context)


@require_GET
@permission_required(
    ("households.view_dossieritem", "households.export_household"), raise_exception=True
)
def units_workbook(request):
    """The same table as a workbook."""
    filterset = ClearFilter(request.GET, queryset=measured().none(), request=request)
    programme, rules, unit = filterset.programme_asked, filterset.rules, filterset.unit_asked
    lines = (
        by_unit(programme, rules, unit, request.user)[0] if rules and filterset.is_valid() else []
    )
    columns = [
        workbook.Column(_("unit"), "indented"),
        workbook.Column(_("files"), "files", "whole", "户"),
        workbook.Column(_("complete files"), "complete", "whole", "户"),
        workbook.Column(_("completeness rate"), lambda line: line.rate, "text", "%"),
        *(
            workbook.Column(rule.item.label, lambda line, nth=nth: line.each[nth], "whole", "户")
            for nth, rule in enumerate(rules)
        ),
    ]
    title = _("Completeness of dossiers by unit")
    today = timezone.localdate()
    sheet = workbook.Sheet(
        f"{programme.name} {title}" if programme else title, columns, lines, as_of=today
    )
    answer = workbook.response(sheet, name=f"{title} {unit.name} {today}")
    record(
        unit, "exported", by=request.user, list="households:dossier-units", rows=len(lines),
        programme=programme.code if programme else "",
    )  # fmt: skip
    return answer
