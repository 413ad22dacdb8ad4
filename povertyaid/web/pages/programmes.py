"""Programmes and what hangs below them: lists, exit lines, reference values, targets.

Whoever works under a programme reads it; only the unit that leads it, or one above, changes it.
"""

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from povertyaid.org.scoping import get_visible_or_404
from povertyaid.programmes import actions, indicators, uses
from povertyaid.programmes.models import (
    Programme,
    ReferenceValue,
    SchemeItem,
    Series,
    Target,
    Threshold,
)
from povertyaid.web import drafts
from povertyaid.web.pages.programme_forms import (
    ItemForm,
    LineForm,
    ProgrammeForm,
    TargetForm,
    ValueForm,
)
from povertyaid.web.pages.verbs import act, crumbs_to, typed
from povertyaid.web.views import CreatePage, EditPage, ListPage, wants_fragment

VALUES_OF_OTHERS = 100


class ProgrammeList(ListPage):
    title = gettext_lazy("Programmes")
    permission_required = "programmes.view_programme"
    queryset = Programme.objects.select_related("lead_unit").annotate(
        lines=Count("thresholds", distinct=True), promised=Count("targets", distinct=True)
    )
    ordering = ("-starts_on", "code")
    sorts = {"name": "name", "code": "code", "start": "starts_on"}


def manages(staff, programme):
    """Whether the programme is led from the person's own unit or from one below it."""
    return programme.lead_unit.path.startswith(staff.unit.path)


# ---- reading


@require_GET
@permission_required("programmes.view_programme", raise_exception=True)
def programme_detail(request, pk):
    programme = get_visible_or_404(
        Programme.objects.select_related("lead_unit", "previous").prefetch_related(
            "thresholds", "scheme_items"
        ),
        request.user,
        pk=pk,
    )
    values = list(
        ReferenceValue.objects.filter(unit=programme.lead_unit_id).order_by("series", "year")
    )
    today = programme.as_of or timezone.localdate()
    missing = actions.missing_years(
        programme, until=today, values={(value.series, value.year) for value in values}
    )
    may_manage = manages(request.user, programme)
    others = (
        ReferenceValue.objects.visible_to(request.user)
        .filter(unit__path__startswith=programme.lead_unit.path)
        .exclude(unit=programme.lead_unit_id)
        .select_related("unit")
    )
    context = {
        "title": programme.name,
        "programme": programme,
        "breadcrumbs": crumbs_to(programme, request.user)[:-1],
        "may_change": may_manage and request.user.has_perm("programmes.change_programme"),
        "may_target": may_manage and request.user.has_perm("programmes.change_target"),
        "lists": lists_of(programme),
        "lines": lines_of(programme, today, values),
        "grid": value_grid(programme, values, missing),
        "missing": [
            (Series(name).label, "、".join(map(str, years))) for name, years in missing.items()
        ],
        "others": others[:VALUES_OF_OTHERS],
        "targets": targets_of(programme, request.user),
    }
    return render(request, "programmes/programme_detail.html", context)


def lists_of(programme):
    items = sorted(programme.scheme_items.all(), key=attrgetter("list_name", "seq", "pk"))
    return [(name, list(of)) for name, of in groupby(items, key=attrgetter("list_name"))]


@dataclass(frozen=True)
class LineRow:
    """An exit line as the page shows it. `amount`: 元 per person and year, None if unknown."""

    line: Threshold
    category: str
    until: object
    state: str  # now, past, coming
    amount: object


def lines_of(programme, today, values):
    """Lines of each category in the order of time; the one in force that day is marked."""
    rows = []
    lines = sorted(
        programme.thresholds.all(),
        key=lambda line: (
            line.category,
            line.valid_from is not None,
            line.valid_from or today,
            line.pk,
        ),
    )
    known = {(value.series, value.year): value.value for value in values}
    for category, of in groupby(lines, key=attrgetter("category")):
        of = list(of)
        for nth, line in enumerate(of):
            until = of[nth + 1].valid_from if nth + 1 < len(of) else None
            if line.valid_from and line.valid_from > today:
                state = "coming"
            else:
                state = "past" if until and until <= today else "now"
            rows.append(
                LineRow(
                    line,
                    uses.category_word(category),
                    until,
                    state,
                    amount_of(line, known, today.year),
                )
            )
    return rows


def amount_of(line, known, year):
    """元 per person and year of an income line; a share of anything else is no income."""
    if line.basis == Threshold.Basis.ABSOLUTE:
        return line.value
    per_year = {Series.PER_CAPITA_INCOME: 1, Series.DIBAO_LINE: 12}.get(line.series)
    value = known.get((line.series, year))
    return value * per_year * line.value / 100 if per_year and value is not None else None


@dataclass(frozen=True)
class GridRow:
    series: str
    label: str
    cells: list


def value_grid(programme, values, missing):
    """The lead unit's statistics, series by year; what a share line lacks stands out."""
    years = sorted(
        {value.year for value in values} | {year for of in missing.values() for year in of}
    )
    at = {(value.series, value.year): value for value in values}
    series = [
        one for one in Series if one in missing or any(value.series == one for value in values)
    ]
    rows = [
        GridRow(
            one,
            one.label,
            [(year, at.get((one, year)), year in missing.get(one, ())) for year in years],
        )
        for one in series
    ]
    return {"years": years, "rows": rows}


def targets_of(programme, staff):
    """Targets with their indicator in words and what it is asked.

    Those of the whole programme, of one's own unit and of units below it: what a neighbour has
    promised is the neighbour's.
    """
    own = Q(unit=None) | Q(unit__path__startswith=staff.unit.path)
    targets = list(programme.targets.filter(own).select_related("unit"))
    for target in targets:
        asked = indicators.indicator(target.indicator)
        target.indicator_words = f"{asked.code} {asked.label}" if asked else target.indicator
        target.asked = asked_in_words(asked, target.params, programme) if asked else []
    return targets


def asked_in_words(asked, params, programme):
    told = []
    for parameter in asked.parameters:
        value = params.get(parameter.name)
        if value in (None, "", []):
            continue
        words = dict(parameter.choices_for(programme))
        if parameter.kind == "yes_no":
            words = {True: _("yes"), False: _("no")}
            value = value in (True, 1, "1", "true")
        if parameter.kind == "choices" and isinstance(value, str):
            value = value.split(",")
        several = value if isinstance(value, list) else [value]
        told.append((parameter.label, "、".join(str(words.get(one, one)) for one in several)))
    return told


# ---- the programme itself


class ProgrammeCreate(CreatePage):
    permission_required = "programmes.add_programme"
    model = Programme
    form_class = ProgrammeForm
    title = gettext_lazy("Set up a programme")
    saved_message = gettext_lazy(
        "The programme is set up. Now its lists, lines and targets follow."
    )

    def get_initial(self):
        return {"lead_unit": self.request.user.unit, "round_no": 1}

    def get_context_data(self, **kwargs):
        crumb = {"title": _("Programmes"), "url": reverse("programme-list")}
        return super().get_context_data(breadcrumbs=[crumb], **kwargs)

    def save(self, form):
        return actions.add_programme(by=self.request.user, **form.cleaned_data)


class ProgrammeEdit(EditPage):
    permission_required = "programmes.change_programme"
    queryset = Programme.objects.select_related("lead_unit")
    form_class = ProgrammeForm

    def get_object(self, queryset=None):
        programme = super().get_object(queryset)
        if not manages(self.request.user, programme):
            raise PermissionDenied
        return programme

    def get_title(self):
        return _("Edit %(unit)s") % {"unit": self.object.name}

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            breadcrumbs=crumbs_to(self.object, self.request.user), **kwargs
        )

    def save(self, form):
        return actions.save_programme(self.object, by=self.request.user, **form.cleaned_data)


# ---- what hangs below it


def managed_or_refused(request, pk):
    """A visible programme that the person may change; one that is only read answers 403."""
    programme = get_visible_or_404(
        Programme.objects.select_related("lead_unit"), request.user, pk=pk
    )
    if not manages(request.user, programme):
        raise PermissionDenied
    return programme


def part_or_404(model, request, pk):
    """A row below a programme that the person leads; a stranger's does not exist."""
    row = get_visible_or_404(
        model.objects.select_related("programme__lead_unit"), request.user, pk=pk
    )
    return row, row.programme


def ask(
    request, programme, form, save, *, title, done, template="programmes/part_form.html", **more
):
    """A form below a programme: save it once, say so, go back to its section of the page."""
    back = f"{programme.get_absolute_url()}#{more.pop('section')}"
    if request.method == "POST" and form.is_valid():

        def write():
            save(**form.cleaned_data)
            return back

        try:
            address, first = drafts.once(request, write)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            if first:
                messages.success(request, done)
            return redirect(address)
    context = {
        "title": title,
        "form": form,
        "programme": programme,
        "object": programme,
        "back": back,
        "breadcrumbs": crumbs_to(programme, request.user),
        **more,
    }
    return render(request, template, context)


def is_key(text):
    return text.isdecimal() and len(text) < 19


# lists


@require_http_methods(["GET", "POST"])
@permission_required("programmes.change_programme", raise_exception=True)
def item_create(request, pk):
    programme = managed_or_refused(request, pk)
    form = ItemForm(
        typed(request),
        staff=request.user,
        programme=programme,
        initial={"list_name": request.GET.get("list", "")[:40]},
    )
    return ask(
        request,
        programme,
        form,
        lambda **facts: actions.add_item(programme, by=request.user, **facts),
        title=_("Add to a list"),
        done=_("The item stands at the end of its list."),
        template="programmes/item_form.html",
        section="lists",
    )


@require_http_methods(["GET", "POST"])
@permission_required("programmes.change_programme", raise_exception=True)
def item_edit(request, pk):
    item, programme = part_or_404(SchemeItem, request, pk)
    form = ItemForm(typed(request), staff=request.user, programme=programme, instance=item)
    return ask(
        request,
        programme,
        form,
        lambda **facts: actions.save_item(item, by=request.user, **facts),
        title=_("Edit an item of “%(list)s”") % {"list": item.list_name},
        done=_("Saved."),
        template="programmes/item_form.html",
        section="lists",
    )


@require_POST
@permission_required("programmes.change_programme", raise_exception=True)
def item_shift(request, pk, way):
    item, programme = part_or_404(SchemeItem, request, pk)
    actions.shift_item(item, up=way == "up", by=request.user)
    return redirect(f"{programme.get_absolute_url()}#lists")


@require_http_methods(["GET", "POST"])
@permission_required("programmes.change_programme", raise_exception=True)
def item_remove(request, pk):
    item, programme = part_or_404(SchemeItem, request, pk)
    return act(
        request,
        programme,
        lambda: actions.remove_item(item, by=request.user),
        title=_("Take “%(item)s” off its list") % {"item": item.label},
        text=_("The list “%(list)s” will no longer offer it.") % {"list": item.list_name},
        verb=_("Take it off"),
        done=_("The item is off the list."),
        back=f"{programme.get_absolute_url()}#lists",
        danger=True,
    )


# exit lines


@require_http_methods(["GET", "POST"])
@permission_required("programmes.change_programme", raise_exception=True)
def line_create(request, pk):
    programme = managed_or_refused(request, pk)
    after = request.GET.get("after", "")
    old = programme.thresholds.filter(pk=after).first() if is_key(after) else None
    initial = {"basis": Threshold.Basis.ABSOLUTE}
    if old:
        initial = {
            name: getattr(old, name)
            for name in ("category", "exit_label", "basis", "value", "series", "strict")
        }
        if used := actions.line_used_on(old):
            messages.info(
                request,
                _("Decisions up to %(day)s rest on the old line; the new one begins later.")
                % {"day": used.isoformat()},
            )
    form = LineForm(typed(request), staff=request.user, programme=programme, initial=initial)
    return ask(
        request,
        programme,
        form,
        lambda **facts: actions.add_line(programme, by=request.user, **facts),
        title=_("Add an exit line"),
        done=_("The exit line is added."),
        section="lines",
    )


@require_http_methods(["GET", "POST"])
@permission_required("programmes.change_programme", raise_exception=True)
def line_edit(request, pk):
    """Correct a line. One that a decision rests on can only be superseded."""
    line, programme = part_or_404(Threshold, request, pk)
    if used := actions.line_used_on(line):
        messages.warning(
            request,
            _(
                "A decision of %(day)s rests on this line, so it stays as it is. "
                "Please add a line that is valid from a later day."
            )
            % {"day": used.isoformat()},
        )
        return redirect(f"{reverse('line-create', args=[programme.pk])}?after={line.pk}")
    form = LineForm(typed(request), staff=request.user, programme=programme, instance=line)
    return ask(
        request,
        programme,
        form,
        lambda **facts: actions.save_line(line, by=request.user, **facts),
        title=_("Edit an exit line"),
        done=_("Saved."),
        section="lines",
    )


@require_http_methods(["GET", "POST"])
@permission_required("programmes.change_programme", raise_exception=True)
def line_remove(request, pk):
    line, programme = part_or_404(Threshold, request, pk)
    return act(
        request,
        programme,
        lambda: actions.remove_line(line, by=request.user),
        title=_("Take back an exit line"),
        text=_("%(category)s will be judged by the line that is left, or by the decision alone.")
        % {"category": uses.category_word(line.category)},
        verb=_("Take it back"),
        done=_("The exit line is taken back."),
        back=f"{programme.get_absolute_url()}#lines",
        danger=True,
    )


# reference values


@require_http_methods(["GET", "POST"])
@permission_required("programmes.change_programme", raise_exception=True)
def value_create(request, pk):
    programme = managed_or_refused(request, pk)
    series, year = request.GET.get("series", ""), request.GET.get("year", "")
    form = ValueForm(
        typed(request),
        staff=request.user,
        initial={
            "unit": programme.lead_unit,
            "series": series if series in Series.values else "",
            "year": year if year.isdecimal() and len(year) == 4 else "",
        },
    )
    return ask(
        request,
        programme,
        form,
        lambda **facts: actions.add_value(by=request.user, **facts),
        title=_("Enter a reference value"),
        done=_("The reference value is entered."),
        section="values",
    )


@require_http_methods(["GET", "POST"])
@permission_required("programmes.change_programme", raise_exception=True)
def value_edit(request, pk, value_pk):
    programme = managed_or_refused(request, pk)
    value = get_visible_or_404(
        ReferenceValue.objects.select_related("unit"), request.user, pk=value_pk
    )
    form = ValueForm(typed(request), staff=request.user, instance=value)
    return ask(
        request,
        programme,
        form,
        lambda **facts: actions.save_value(
            value, by=request.user, value=facts["value"], source=facts["source"]
        ),
        title=_("Correct a reference value"),
        done=_("Saved."),
        section="values",
    )


# targets


def target_page(request, programme, form, save, **words):
    if wants_fragment(request) and request.method == "GET":
        return render(
            request, "programmes/_target_params.html", {"form": form, "is_fragment": True}
        )
    return ask(
        request,
        programme,
        form,
        save,
        template="programmes/target_form.html",
        section="targets",
        **words,
    )


@require_http_methods(["GET", "POST"])
@permission_required("programmes.change_target", raise_exception=True)
def target_create(request, pk):
    programme = managed_or_refused(request, pk)
    form = TargetForm(
        typed(request),
        staff=request.user,
        programme=programme,
        chosen=request.GET.get("indicator", ""),
        initial={"starts_on": programme.starts_on},
    )
    return target_page(
        request,
        programme,
        form,
        lambda **facts: actions.add_target(programme, by=request.user, **facts),
        title=_("Add a target"),
        done=_("The target is added."),
    )


@require_http_methods(["GET", "POST"])
@permission_required("programmes.change_target", raise_exception=True)
def target_edit(request, pk):
    target, programme = part_or_404(Target, request, pk)
    form = TargetForm(
        typed(request),
        staff=request.user,
        programme=programme,
        instance=target,
        chosen=request.GET.get("indicator", ""),
    )
    return target_page(
        request,
        programme,
        form,
        lambda **facts: actions.save_target(target, by=request.user, **facts),
        title=_("Edit target %(code)s") % {"code": target.code},
        done=_("Saved."),
    )


@require_http_methods(["GET", "POST"])
@permission_required("programmes.change_target", raise_exception=True)
def target_remove(request, pk):
    target, programme = part_or_404(Target, request, pk)
    return act(
        request,
        programme,
        lambda: actions.remove_target(target, by=request.user),
        title=_("Take back target %(code)s") % {"code": target.code},
        text=target.title,
        verb=_("Take it back"),
        done=_("The target is taken back."),
        back=f"{programme.get_absolute_url()}#targets",
        danger=True,
    )
