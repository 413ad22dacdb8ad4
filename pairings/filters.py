"""What lists of helpers, pairs and households without a helper can be narrowed to."""

import django_filters
from django import forms
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from households.filters import ALL, UnitFilter, named, unit_as_written
from households.models import Enrolment, words
from pairings.models import AssignmentLine, Helper, Pairing, PairingHelper
from pairings.models.pairing import TO_BE_PAIRED
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme
from povertyaid.web.context import chosen_place
from povertyaid.web.forms import DateField, StyledForm

NOT_SAID = "-"  # as a category: whose category nobody has filled in


class FilterForm(StyledForm, forms.Form):
    use_required_attribute = False


class DayFilter(django_filters.Filter):
    field_class = DateField


def words_box(label):
    """The box that is searched by words. No browser keeps what was typed there."""
    box = forms.TextInput({"type": "search", "autocomplete": "off"})
    return django_filters.CharFilter(label=label, widget=box, max_length=60)


class ByProgrammeFilter(django_filters.FilterSet):
    """One programme, one unit with all below it; without a programme that of the top bar is meant."""

    q = words_box(_("name, pinyin or initials"))
    unit = UnitFilter(label=_("unit"))
    programme = django_filters.ChoiceFilter(label=_("programme"), empty_label=None)

    def __init__(self, data=None, queryset=None, *, request, prefix=None):
        self.staff = request.user
        self.programmes = list(
            Programme.objects.visible_to(self.staff).order_by("-starts_on", "code")
        )
        asked = data.copy() if data is not None else None
        if asked is not None and not asked.get("programme"):
            chosen = chosen_place(request).get("programme", {}).get("code")
            known = {programme.code for programme in self.programmes}
            asked["programme"] = chosen if chosen in known else ALL
        if asked is not None and asked.get("unit"):
            asked["unit"] = unit_as_written(asked["unit"], self.staff)
        super().__init__(asked, queryset, request=request, prefix=prefix)
        self.filters["unit"].field.units = OrgUnit.objects.visible_to(self.staff)
        self.filters["programme"].extra["choices"] = [
            (ALL, _("all programmes")),
            *((programme.code, programme.name) for programme in self.programmes),
        ]

    @cached_property
    def programme_asked(self):
        """The programme the page is about; None when it is about all of them."""
        code = (self.data or {}).get("programme")
        return next((one for one in self.programmes if one.code == code), None)

    def filter_queryset(self, queryset):
        asked = self.form.cleaned_data
        if asked["unit"]:
            queryset = queryset.within(asked["unit"])
        if self.programme_asked:
            queryset = queryset.filter(programme=self.programme_asked)
        return self.narrow(queryset, asked)


class HelperFilter(ByProgrammeFilter):
    state = django_filters.ChoiceFilter(
        label=_("here or left"),
        choices=[
            ("idle", _("without a household")),
            ("overloaded", _("with too many households")),
            ("left", _("has left")),
            (ALL, _("whether here or left")),
        ],
        empty_label=_("on the roster"),
    )
    category = django_filters.ChoiceFilter(
        label=_("category of helper"),
        choices=[*(c for c in Helper.Category.choices if c[0]), (NOT_SAID, _("not said"))],
        empty_label=_("all categories"),
    )
    kind = django_filters.ChoiceFilter(
        label=_("kind"), choices=Helper.Kind.choices, empty_label=_("persons and units")
    )
    honour_level = django_filters.ChoiceFilter(
        label=_("level of the honour"),
        choices=[c for c in Helper.HonourLevel.choices if c[0]],
        empty_label=_("with and without"),
    )
    in_post = django_filters.ChoiceFilter(
        label=_("in post and local"),
        choices=[("yes", _("yes")), ("no", _("no"))],
        empty_label=_("both kinds"),
    )
    usual = ("q", "unit", "programme", "state")

    class Meta:
        model = Helper
        fields = []
        form = FilterForm

    def narrow(self, queryset, asked):
        queryset = {
            "idle": queryset.idle,
            "overloaded": queryset.overloaded,
            "left": queryset.left,
            ALL: queryset.all,
        }.get(asked["state"], queryset.on_roster)()
        if asked["category"]:
            wanted = "" if asked["category"] == NOT_SAID else asked["category"]
            queryset = queryset.filter(category=wanted)
        for name in ("kind", "honour_level"):
            if asked[name]:
                queryset = queryset.filter(**{name: asked[name]})
        if asked["in_post"]:
            queryset = queryset.filter(in_post_local=asked["in_post"] == "yes")
        return queryset.called(asked["q"]) if asked["q"] else queryset


class PairingFilter(ByProgrammeFilter):
    """Which pairs, as they stand now, or as they stood on a day."""

    q = words_box(_("family or helper: name, pinyin or initials"))
    on = DayFilter(label=_("as it stood on"))
    state = django_filters.ChoiceFilter(
        label=_("standing or ended"),
        choices=[
            ("left", _("whose helper has left")),
            ("ended", _("ended")),
            (ALL, _("standing and ended")),
        ],
        empty_label=_("standing"),
    )
    scheme = django_filters.ChoiceFilter(
        label=_("scheme"), choices=Pairing.Scheme.choices, empty_label=_("all schemes")
    )
    mode = django_filters.ChoiceFilter(
        label=_("mode"), choices=Pairing.Mode.choices, empty_label=_("all modes")
    )
    usual = ("q", "unit", "programme", "on")

    class Meta:
        model = Pairing
        fields = []
        form = FilterForm

    @property
    def day(self):
        """The day the page is about; None is now."""
        return self.form.cleaned_data["on"] if self.form.is_valid() else None

    def narrow(self, queryset, asked):
        day = asked["on"]
        match asked["state"]:
            case "left":
                queryset = queryset.whose_helper_left()
            case "ended":
                queryset = queryset.ended()
            case "all":
                queryset = queryset.on_day(day) if day else queryset
            case _:
                queryset = queryset.current(day)
        if asked["scheme"]:
            queryset = queryset.filter(scheme=asked["scheme"])
        if asked["mode"]:
            queryset = queryset.of_mode(asked["mode"], day)
        return queryset.filter(about(asked["q"])) if asked["q"] else queryset


def about(text):
    """Pairs of a family or unit, or with a helper, that is called so.

    A union, not an OR: each part then uses its own index, however many pairs there are.
    """
    helpers = Helper.objects.called(text).values("pk")
    of_helpers = PairingHelper.objects.filter(helper__in=helpers).order_by().values("pairing")
    of_families = Pairing.objects.filter(enrolment__household__in=named(text))
    of_units = Pairing.objects.filter(target_unit__name__contains=text)
    of_both = (rows.order_by().values("pk") for rows in (of_families, of_units))
    return Q(pk__in=of_helpers.union(*of_both))


class UnpairedFilter(ByProgrammeFilter):
    category = django_filters.ChoiceFilter(
        label=_("category"), choices=list(words.CATEGORIES.items()), empty_label=_("all categories")
    )
    state = django_filters.ChoiceFilter(label=_("state"), empty_label=_("all states"))
    usual = ("q", "unit", "programme", "category")

    class Meta:
        model = Enrolment
        fields = []
        form = FilterForm

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["state"].extra["choices"] = [(one.value, one.label) for one in TO_BE_PAIRED]

    def narrow(self, queryset, asked):
        for name, column in (("category", "category"), ("state", "status")):
            if asked[name]:
                queryset = queryset.filter(**{column: asked[name]})
        return queryset.filter(household__in=named(asked["q"])) if asked["q"] else queryset


class AssignmentLineFilter(django_filters.FilterSet):
    """Which lines of an assignment draft."""

    q = words_box(_("family or helper: name, pinyin or initials"))
    unit = UnitFilter(label=_("unit"))
    show = django_filters.ChoiceFilter(
        label=_("which lines"),
        choices=[
            ("problem", _("something stands against")),
            ("left", _("without a helper")),
            ("far", _("far away")),
            ("hand", _("chosen by hand")),
            ("out", _("taken out")),
            ("paired", _("paired")),
        ],
        empty_label=_("all lines"),
    )
    usual = ("q", "unit", "show")

    class Meta:
        model = AssignmentLine
        fields = []
        form = FilterForm

    def __init__(self, data=None, queryset=None, *, request, prefix=None):
        self.staff = request.user
        asked = data.copy() if data is not None else None
        if asked is not None and asked.get("unit"):
            asked["unit"] = unit_as_written(asked["unit"], self.staff)
        super().__init__(asked, queryset, request=request, prefix=prefix)
        self.filters["unit"].field.units = OrgUnit.objects.visible_to(self.staff)

    def filter_queryset(self, queryset):
        asked = self.form.cleaned_data
        if asked["unit"]:
            path = asked["unit"].path
            queryset = queryset.filter(enrolment__household__unit__path__startswith=path)
        match asked["show"]:
            case "problem":
                queryset = queryset.with_problem()
            case "left":
                queryset = queryset.without_helper()
            case "far":
                queryset = queryset.far()
            case "hand":
                queryset = queryset.filter(is_by_hand=True)
            case "out":
                queryset = queryset.out()
            case "paired":
                queryset = queryset.paired()
        if asked["q"]:
            # Whom the page does not name is not found by name either.
            helpers = Helper.objects.visible_to(self.staff).called(asked["q"]).values("pk")
            families = Enrolment.objects.visible_to(self.staff)
            families = families.filter(household__in=named(asked["q"])).values("pk")
            queryset = queryset.filter(Q(enrolment__in=families) | Q(helper__in=helpers))
        return queryset
