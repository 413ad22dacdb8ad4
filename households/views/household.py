"""Finding households, and reading one."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from households import exports, filters
from households.models import Household, Member
from povertyaid.audit.models import record
from povertyaid.lib.quantities import Kind
from povertyaid.programmes.models import Programme
from povertyaid.web import workbook
from povertyaid.web.context import choose_place, say_place
from povertyaid.web.templatetags import words
from povertyaid.web.templatetags.words import chips_of, counted
from povertyaid.web.views import ListPage, wants_fragment

WRITTEN = {"text": words.blank, "whole": words.grouped, "money": words.money, "day": words.day}
CLIPPED = {"unit", "programme", "category", "causes", "needs", "address"}
COLUMNS_COOKIE = "household_columns"
A_YEAR = 365 * 24 * 3600
EXPORT_AT_MOST = 100_000


def list_address(query):
    return (
        f"{reverse('households:list')}?{query.urlencode()}" if query else reverse("households:list")
    )


def chosen_columns(request, programme, rules):
    """The columns this browser has chosen; over all programmes each row names its own."""
    kept = request.COOKIES.get(COLUMNS_COOKIE)
    usual = [*exports.USUAL, exports.CLEARS] if rules else exports.USUAL
    codes = kept.split(".") if kept else usual
    return exports.columns_of(codes if programme else [*codes, "programme"])


@dataclass(slots=True)
class Cell:
    """One cell as it is written. Made here, not by the template: there are 450 of them on a page.

    `whole` is the text where the cell shows less of it: a row takes one line.
    """

    code: str
    text: str
    css: str
    label: str
    whole: str = ""
    unit: str = ""

    @classmethod
    def of(cls, code, column, row, said_already):
        text_css = "nowrap" if code == "code" else ""
        css = {"money": "num", "whole": "num", "day": "nowrap"}.get(column.kind, text_css)
        css = f"{css} fact" if column.fact else css
        text = WRITTEN[column.kind](column.read(row))
        if code not in CLIPPED:
            unit = column.unit if text != words.BLANK else ""
            return cls(code, text, css, column.label, unit=unit)
        short = text.removeprefix(said_already(code, row)) or text
        return cls(code, short, css, column.label, whole=text)


class HouseholdList(ListPage):
    """The files of the own units: one filter for the page, its totals and its export."""

    title = gettext_lazy("Households")
    permission_required = "households.view_household"
    queryset = Household.objects.all()
    filterset_class = filters.HouseholdFilter
    counts = Kind.HOUSEHOLDS

    def get(self, request, *args, **kwargs):
        asked = request.GET.get("q", "")
        if filters.is_number_of_a_person(asked, request.user):
            return redirect(search_address(request.GET, request.user))
        return super().get(request, *args, **kwargs)

    def get_queryset(self):
        rows = super().get_queryset()
        programme = self.filterset.programme_asked
        self.columns = chosen_columns(self.request, programme, self.filterset.rules)
        say_place(self.request, programme=programme)
        return filters.in_order(rows, self.request.GET.get("sort", ""), programme)

    def paginate_queryset(self, queryset, page_size):
        """The keys of a page first: what a row shows is looked up for these fifty alone.

        Asked together, the database works it out for every row that the page skips as well.
        """
        keys = self.keys_in_order(queryset)
        paginator, page, keys, is_paginated = super().paginate_queryset(keys, page_size)
        keys = list(keys)
        rows = Household.objects.filter(pk__in=keys)
        rows = exports.listed(rows, self.filterset.programme_asked, self.columns).in_bulk()
        if exports.CLEARS in self.columns:
            exports.count_clears(rows.values(), self.filterset.rules)
        page.object_list = [rows[key] for key in keys if key in rows]
        return paginator, page, page.object_list, is_paginated

    def keys_in_order(self, queryset):
        sort = self.request.GET.get("sort", "")
        if sort.removeprefix("-") == "income":
            programme, highest_first = self.filterset.programme_asked, sort.startswith("-")
            return filters.ByIncome(queryset, programme, highest_first=highest_first)
        keys = queryset.values_list("pk", flat=True)
        # What lacks something is looked for in every table: once, not once more for the number.
        return list(keys) if self.request.GET.get("missing") else keys

    def get_ordering(self):
        return None  # the filter knows the programme whose income or exit is sorted by

    def get_totals(self, rows):
        """Only where asked for: the page asks afterwards by itself (`total`), so nobody waits for it."""
        return [members_of(rows)] if "total" in self.request.GET else []

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        columns = [(code, exports.COLUMNS[code]) for code in self.columns]
        for row in context["object_list"]:
            row.cells = [Cell.of(code, column, row, self.said_already) for code, column in columns]
            row.enrolment = exports.enrolment_of(row)
        return context | {
            "columns": columns,
            "every_column": [
                (c, column, c in self.columns) for c, column in exports.COLUMNS.items()
            ],
            "chips": self.chips(),
            "chips_off": f"?{urlencode({'programme': filters.ALL})}",
            "query": self.query_as_shown(),
            "in_fragment": wants_fragment(self.request),
            "programme": self.filterset.programme_asked,
            "batch_actions": self.request.user.has_perm("households.export_household"),
            "is_empty_office": not context["object_list"] and not self.any_household(),
        }

    @cached_property
    def unit_asked(self):
        form = self.filterset.form
        return (form.is_valid() and form.cleaned_data["unit"]) or self.request.user.unit

    @cached_property
    def leaders(self):
        return {one.pk: one.lead_unit.name for one in self.filterset.programmes}

    def said_already(self, code, row):
        """The beginning of a name that says nothing here: whose list it is, who leads it."""
        if code == "unit":
            return self.unit_asked.name
        if code == "programme" and (enrolment := exports.enrolment_of(row)):
            return self.leaders.get(enrolment.programme_id, "")
        return ""

    def query_as_shown(self):
        """For the total and the export: what this page shows, whatever is chosen meanwhile."""
        query = self.request.GET.copy()
        programme = self.filterset.programme_asked
        query["programme"] = programme.code if programme else filters.ALL
        return query.urlencode()

    def any_household(self):
        return Household.objects.visible_to(self.request.user).exists()

    def chips(self):
        """What the list is narrowed to; the programme also where it comes from the top bar."""
        form, found = self.filterset.form, self.request.GET.get("found")
        silent = {form["programme"].label, form["found"].label}
        chips = [c for c in chips_of(self.filterset, self.request.GET) if c["label"] not in silent]
        if programme := self.filterset.programme_asked:
            everywhere = self.request.GET.copy()
            everywhere.pop("page", None)
            everywhere["programme"] = filters.ALL
            off = f"?{everywhere.urlencode()}"
            chips.append(
                {"label": form["programme"].label, "value": programme.name, "without": off}
            )
        if found and self.filterset.is_valid():
            n = counted(len(form.cleaned_data["found"]), Kind.HOUSEHOLDS)
            chips.append({"label": form["found"].label, "value": n, "without": "?"})
        return chips


def members_of(rows):
    """The label and the text of the total: persons in all households of the list."""
    members = Member.objects.present().filter(household__in=rows.order_by().values("pk"))
    return _("Members"), counted(members.count(), Kind.PERSONS)


@permission_required("households.view_household", raise_exception=True)
def total(request):
    """The persons behind the list, counted after the list itself is there.

    Over a whole bureau this count takes longer than the page. Without a script it is a link
    to the list with its total.
    """
    if not wants_fragment(request):
        asked = request.GET.copy()
        asked["total"] = "1"
        return redirect(list_address(asked))
    filterset = filters.HouseholdFilter(
        request.GET, queryset=Household.objects.visible_to(request.user), request=request
    )
    rows = filterset.qs if filterset.is_valid() else Household.objects.none()
    return render(request, "households/_household_total.html", {"total": members_of(rows)})


# ---- searching


@require_POST
@permission_required("households.view_household", raise_exception=True)
def search(request):
    """Turn the search form into an address.

    The form is posted, not put into an address as filters usually are: a clerk may type an
    identity number, and addresses end up in histories and logs. From here the browser goes
    to the list with what may stand in an address. A programme chosen here is chosen for the
    top bar too.
    """
    if code := request.POST.get("programme"):
        mine = Programme.objects.visible_to(request.user)
        choose_place(request, programme=mine.filter(code=code).first())
    return redirect(search_address(request.POST, request.user))


def search_address(asked, staff):
    text = asked.get("q", "").strip()
    query = QueryDict(mutable=True)
    if filters.is_number_of_a_person(text, staff):
        keys = filters.households_of_number(text, staff)
        query["found"] = ",".join(map(str, keys)) or filters.NOTHING
        return list_address(query)
    for name in filters.HouseholdFilter.base_filters:
        if name != "found" and asked.get(name, "").strip():
            query[name] = asked[name].strip()
    if asked.get("sort", "").removeprefix("-") in filters.SORTS:
        query["sort"] = asked["sort"]
    if "unit" in query:
        query["unit"] = filters.code_of_unit(query["unit"], staff)
    return list_address(query)


# ---- export


@require_POST
@permission_required("households.export_household", raise_exception=True)
def export(request):
    """The list as a workbook: same filter, same order, same columns; all that match, or the ticked."""
    asked = QueryDict(request.POST.get("query", ""))
    filterset = filters.HouseholdFilter(
        asked, queryset=Household.objects.visible_to(request.user), request=request
    )
    rows = filterset.qs if filterset.is_valid() else Household.objects.none()
    if request.POST.get("all") != "1":
        ticked = [pk for pk in request.POST.getlist("pk") if pk.isdecimal() and len(pk) < 19]
        rows = rows.filter(pk__in=ticked)
    programme, columns = (
        filterset.programme_asked,
        chosen_columns(request, filterset.programme_asked, filterset.rules),
    )
    n = rows.count()
    if not 0 < n <= EXPORT_AT_MOST:
        messages.error(request, too_few_or_many(n))
        return redirect(list_address(asked))
    rows = filters.in_order(rows, asked.get("sort", ""), programme)
    unit = filterset.form.cleaned_data["unit"] or request.user.unit
    title = _("Households") if programme is None else f"{programme.name} {_('Households')}"
    today = timezone.localdate()
    sheet = exports.sheet(
        exports.listed(rows, programme, columns),
        columns,
        filterset.rules,
        title=title,
        notes=[
            _("Unit: %(unit)s") % {"unit": unit.name},
            _("Exported on %(day)s by %(name)s, %(n)s")
            % {"day": today, "name": request.user.full_name, "n": counted(n, Kind.HOUSEHOLDS)},
        ],
    )
    answer = workbook.response(sheet, name=f"{_('Households')} {unit.name} {today}")
    record(
        unit,
        "exported",
        by=request.user,
        households=n,
        programme=programme.code if programme else "",
        columns=columns,
        # Which conditions were set, not what they said: a search may be somebody's name.
        filters=sorted(name for name in filterset.filters if filterset.data.get(name)),
    )
    return answer


@require_POST
@permission_required(
    ("households.export_household", "households.import_roster"), raise_exception=True
)
def export_editable(request):
    """The list as a roster to be edited in a spreadsheet and brought back; conflicts are told then."""
    asked = QueryDict(request.POST.get("query", ""))
    filterset = filters.HouseholdFilter(
        asked, queryset=Household.objects.visible_to(request.user), request=request
    )
    rows = filterset.qs if filterset.is_valid() else Household.objects.none()
    programme = filterset.programme_asked
    n = rows.count()
    if programme is None or not 0 < n <= EXPORT_AT_MOST:
        said = too_few_or_many(n)
        if programme is None:
            said = _("Please choose one programme first: a roster belongs to a programme.")
        messages.error(request, said)
        return redirect(list_address(asked))
    unit = filterset.form.cleaned_data["unit"] or request.user.unit
    today = timezone.localdate()
    sheet = exports.editable_sheet(
        filters.in_order(rows, asked.get("sort", ""), programme),
        programme,
        title=f"{programme.name} {_('Households')}",
        notes=[
            _(
                "Change what is wrong and bring the workbook back under Roster import. Leave the "
                "first two columns and the member's number as they are: they tell what a row is."
            ),
        ],
    )
    answer = workbook.response(sheet, name=f"{_('Households to be edited')} {unit.name} {today}")
    record(
        unit, "exported", by=request.user, households=n, programme=programme.code,
        columns=["editable"],
        filters=sorted(name for name in filterset.filters if filterset.data.get(name)),
    )  # fmt: skip
    return answer


def too_few_or_many(n):
    if n:
        most = counted(EXPORT_AT_MOST, Kind.HOUSEHOLDS)
        return _(
            "That is more than the %(most)s that fit into one workbook. "
            "Choose a unit or a state, and export the parts."
        ) % {"most": most}
    return _("No household is chosen. Tick some in the list, or choose all that match.")


@require_POST
@permission_required("households.view_household", raise_exception=True)
def columns(request):
    """Keep which columns this browser shows; nothing personal, so a cookie that outlives the day."""
    response = redirect(list_address(QueryDict(request.POST.get("query", ""))))
    chosen = exports.columns_of(request.POST.getlist("column"))
    if "reset" in request.POST or len(chosen) == 1:
        response.delete_cookie(COLUMNS_COOKIE)
    else:
        response.set_cookie(
            COLUMNS_COOKIE,
            ".".join(chosen),
            max_age=A_YEAR,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response
