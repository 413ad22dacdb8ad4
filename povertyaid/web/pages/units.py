"""The tree of units: found, opened, changed, moved, closed."""

from django import forms
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from povertyaid.org import actions, ties
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.programmes.models import Programme
from povertyaid.web.forms import DateField, StyledForm
from povertyaid.web.pages.verbs import ReasonForm, act, crumbs, crumbs_to
from povertyaid.web.unit_field import UnitPick, written
from povertyaid.web.views import CreatePage, EditPage, wants_fragment

FOUND_AT_MOST = 100
SUGGESTED_AT_MOST = 20
CHILDREN_AT_MOST = 500


# ---- finding


def with_counts(units):
    """Adds `open_children` and `people`: what a line of the tree says."""
    return units.annotate(
        open_children=_count(OrgUnit.objects.open().filter(parent=OuterRef("pk")), "parent"),
        people=_count(Staff.objects.active().filter(unit=OuterRef("pk")), "unit"),
    )


def _count(rows, by):
    """Counted apart for each unit: two joins at once would multiply children by people."""
    counted = rows.order_by().values(by).annotate(n=Count("*")).values("n")
    return Coalesce(Subquery(counted), 0)


@require_GET
@permission_required("org.view_orgunit", raise_exception=True)
def unit_list(request):
    """The tree, one level at a time; a word finds units anywhere below the own one."""
    word = request.GET.get("q", "").strip()[:60]
    closed_too = request.GET.get("closed") == "1"
    kind = request.GET.get("kind", "")
    kind = kind if kind in OrgUnit.Kind.values else ""
    units = OrgUnit.objects.visible_to(request.user)
    code = request.GET.get("within", "")
    within = units.coded(code).first() if code else None
    if not closed_too:
        units = units.open()
    context = {
        "title": _("Units"), "word": word, "closed_too": closed_too,
        "kind": kind, "kinds": OrgUnit.Kind.choices, "within": within,
    }  # fmt: skip
    if word or kind:
        units = units.called(word) if word else units
        units = units.filter(kind=kind) if kind else units
        units = units.below(within) if within else units
        found = list(with_counts(units).order_by("path")[: FOUND_AT_MOST + 1])
        context |= {
            "found": with_places(found[:FOUND_AT_MOST], request.user),
            "more": len(found) > FOUND_AT_MOST,
            "at_most": FOUND_AT_MOST,
        }
    else:
        root = with_counts(OrgUnit.objects.filter(pk=request.user.unit_id)).get()
        context |= {"root": root, **below(root, units)}
    page = "org/_orgunit_tree.html" if wants_fragment(request) else "org/orgunit_list.html"
    return render(request, page, context)


def below(unit, units):
    """The units right below one, in the order of their codes, as the office numbers them.

    A template's context: `nodes`, and whether there are `more` than a page is good for.
    """
    found = list(with_counts(units.filter(parent=unit)).order_by("path")[: CHILDREN_AT_MOST + 1])
    return {"nodes": found[:CHILDREN_AT_MOST], "more_nodes": len(found) > CHILDREN_AT_MOST}


def with_places(units, staff):
    """Give each found unit the names of the units above it, in one query."""
    wanted = set()
    for unit in units:
        parts = unit.path.split("/")[1:-2]
        unit.above = ["/" + "/".join(parts[: n + 1]) + "/" for n in range(len(parts))]
        wanted.update(unit.above)
    names = dict(
        OrgUnit.objects.visible_to(staff).filter(path__in=wanted).values_list("path", "name")
    )
    for unit in units:
        unit.place = [names[path] for path in unit.above if path in names]
    return units


@require_GET
@permission_required("org.view_orgunit", raise_exception=True)
def unit_children(request, pk):
    """One level of the tree, fetched when it is unfolded."""
    unit = get_visible_or_404(OrgUnit, request.user, pk=pk)
    units = OrgUnit.objects.visible_to(request.user)
    closed_too = request.GET.get("closed") == "1"
    context = below(unit, units if closed_too else units.open())
    return render(request, "org/_orgunit_nodes.html", context | {"closed_too": closed_too})


@require_GET
@permission_required("org.view_orgunit", raise_exception=True)
def unit_suggest(request):
    """What the box of a unit suggests: [{"text": "B-RIV 临江农场", "place": "哈东管理局"}]."""
    word = request.GET.get("q", "").strip()[:60]
    units = OrgUnit.objects.visible_to(request.user).open()
    found = (
        units.called(word)
        if word
        else units.filter(Q(pk=request.user.unit_id) | Q(parent=request.user.unit_id))
    )
    found = with_places(list(found.order_by("path")[:SUGGESTED_AT_MOST]), request.user)
    return JsonResponse(
        {"units": [{"text": written(unit), "place": " › ".join(unit.place)} for unit in found]}
    )


def facilities_below(unit):
    """Centres, bases, workshops and teams of a unit and below it: how many of each kind.

    `{kind, label, n, staff, by_model_workers}`; staff is that of help centres.
    """
    found = (
        OrgUnit.objects.open()
        .below(unit)
        .exclude(pk=unit.pk)
        .filter(kind__in=OrgUnit.FACILITIES)
        .order_by()
        .values("kind")
        .annotate(
            n=Count("pk"),
            staff=Sum("full_time_staff"),
            by_model_workers=Count("pk", filter=Q(model_worker_run=True)),
        )
    )
    found = {one["kind"]: one | {"label": OrgUnit.Kind(one["kind"]).label} for one in found}
    return [found[kind] for kind in OrgUnit.FACILITIES if kind in found]


@require_GET
@permission_required("org.view_orgunit", raise_exception=True)
def unit_detail(request, pk):
    unit = get_visible_or_404(OrgUnit.objects.select_related("parent"), request.user, pk=pk)
    may_see_staff = request.user.has_perm("org.view_staff")
    return render(
        request,
        "org/orgunit_detail.html",
        {
            "title": unit.name,
            "unit": unit,
            "breadcrumbs": crumbs(unit, request.user),
            **below(unit, OrgUnit.objects.visible_to(request.user)),
            "facilities": facilities_below(unit),
            "people": unit.staff.order_by("-is_active", "role", "name_pinyin")
            if may_see_staff
            else (),
            "programmes": Programme.objects.filter(lead_unit=unit),
            "hanging": [
                (tie, tie.count(unit), tie.path(unit))
                for tie in ties.ties()
                if request.user.has_perm(tie.permission)
            ],
            "is_own": unit.pk == request.user.unit_id,
        },
    )


# ---- changing


class UnitForm(StyledForm, forms.ModelForm):
    class Meta:
        model = OrgUnit
        fields = [
            "name", "code", "kind", "level", "keeps_files", "head", "phone", "honour",
            "full_time_staff", "model_worker_run", "in_difficulty",
        ]  # fmt: skip

    lengths = {"name": 30, "head": 20, "phone": 20, "code": 20, "honour": 30, "full_time_staff": 4}
    # Facts that some kinds have: asked for these alone, and let go where the kind is another.
    of_kinds = {
        "full_time_staff": OrgUnit.STAFFED_FULL_TIME,
        "model_worker_run": OrgUnit.CAN_BE_MODEL_WORKER_RUN,
        "in_difficulty": OrgUnit.CAN_BE_IN_DIFFICULTY,
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, kinds in self.of_kinds.items():
            self.fields[name].widget.attrs["data-show-when"] = f"kind={'|'.join(kinds)}"
        if self.instance.pk and actions.code_is_fixed(self.instance):
            self.fields["code"].disabled = True
            self.fields["code"].help_text = _(
                "Files, staff or units below go by this code; it stays as it is."
            )

    def clean(self):
        given = super().clean()
        kind = given.get("kind")
        if self.instance.in_difficulty and kind and kind not in OrgUnit.CAN_BE_IN_DIFFICULTY:
            self.add_error(
                "kind",
                ValidationError(
                    _(
                        "The unit is on the list of those in difficulty; only an enterprise, a "
                        "co-operative or a village can be."
                    ),
                    "in_difficulty",
                ),
            )
        for name, kinds in self.of_kinds.items():
            if kind and kind not in kinds:
                given[name] = None if name == "full_time_staff" else False
        if self.instance.out_of_difficulty_on and not given.get("in_difficulty"):
            self.add_error(
                "in_difficulty",
                ValidationError(
                    _("The unit left difficulty on %(day)s; that it was in it stays on file."),
                    "was_in_difficulty",
                    {"day": self.instance.out_of_difficulty_on.isoformat()},
                ),
            )
        return given


class UnitCreate(CreatePage):
    """A unit below another one: the address says below which."""

    permission_required = "org.add_orgunit"
    model = OrgUnit
    form_class = UnitForm
    saved_message = _("The unit is open.")

    def dispatch(self, request, *args, **kwargs):
        if not self.has_permission():
            return self.handle_no_permission()
        self.parent = get_visible_or_404(OrgUnit, request.user, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_object(self, queryset=None):
        return None

    def get_title(self):
        return _("Open a unit below %(unit)s") % {"unit": self.parent.name}

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            parent=self.parent,
            breadcrumbs=crumbs_to(self.parent, self.request.user),
            **kwargs,
        )

    def save(self, form):
        return actions.open_unit(parent=self.parent, by=self.request.user, **form.cleaned_data)


class UnitEdit(EditPage):
    permission_required = "org.change_orgunit"
    model = OrgUnit
    form_class = UnitForm

    def get_title(self):
        return _("Edit %(unit)s") % {"unit": self.object.name}

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            breadcrumbs=crumbs_to(self.object, self.request.user),
            **kwargs,
        )

    def save(self, form):
        return actions.save_unit(self.object, by=self.request.user, **form.cleaned_data)


class MoveForm(StyledForm, forms.Form):
    parent = UnitPick(label=_("new parent unit"))
    reason = forms.CharField(
        label=_("reason"), max_length=200, help_text=_("For example the document that orders it.")
    )
    lengths = {"reason": "full"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["parent"].units = OrgUnit.objects.visible_to(self.staff).open()


class CloseForm(StyledForm, forms.Form):
    on = DateField(label=_("closed on"))
    reason = forms.CharField(label=_("reason"), max_length=200)
    lengths = {"reason": "full"}

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise ValidationError(_("This day has not come yet. Please enter today or earlier."))
        return on


def changeable_unit(request, pk):
    """A visible unit below one's own: the own one is for those above to move, close or reopen."""
    unit = get_visible_or_404(OrgUnit.objects.select_related("parent"), request.user, pk=pk)
    if unit.pk == request.user.unit_id:
        raise PermissionDenied
    return unit


@require_http_methods(["GET", "POST"])
@permission_required("org.change_orgunit", raise_exception=True)
def unit_move(request, pk):
    unit = changeable_unit(request, pk)
    return act(
        request,
        unit,
        lambda **answers: actions.move_unit(unit, by=request.user, **answers),
        form_class=MoveForm,
        title=_("Move %(unit)s") % {"unit": unit.name},
        text=_(
            "%(unit)s stands below %(parent)s now. Everything below it moves along: units, staff and "
            "files. Who may see them changes at once."
        )
        % {"unit": unit.name, "parent": unit.parent.name},
        verb=_("Move the unit"),
        done=_("The unit has been moved."),
    )


@require_http_methods(["GET", "POST"])
@permission_required("org.change_orgunit", raise_exception=True)
def unit_close(request, pk):
    unit = changeable_unit(request, pk)
    return act(
        request,
        unit,
        lambda **answers: actions.close_unit(unit, by=request.user, **answers),
        form_class=CloseForm,
        title=_("Close %(unit)s") % {"unit": unit.name},
        text=_(
            "A closed unit keeps its history and its closed files; nothing new can be entered in it."
        ),
        verb=_("Close the unit"),
        done=_("The unit is closed."),
        initial={"on": timezone.localdate()},
        danger=True,
    )


@require_http_methods(["GET", "POST"])
@permission_required("org.change_orgunit", raise_exception=True)
def unit_reopen(request, pk):
    unit = changeable_unit(request, pk)
    return act(
        request,
        unit,
        lambda **answers: actions.reopen_unit(unit, by=request.user, **answers),
        form_class=ReasonForm,
        title=_("Reopen %(unit)s") % {"unit": unit.name},
        text=_("Files and staff can be entered in the unit again."),
        verb=_("Reopen the unit"),
        done=_("The unit is open again."),
    )
