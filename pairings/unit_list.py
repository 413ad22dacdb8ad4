"""The list of units in difficulty: what it can be narrowed to, and its workbook."""

import django_filters
from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.utils.translation import gettext_lazy as _

from households.filters import UnitFilter, unit_as_written
from pairings.exports import JOIN
from pairings.filters import FilterForm, words_box
from pairings.models import Pairing, PairingHelper
from povertyaid.org.models import OrgUnit
from povertyaid.web.templatetags.words import behind
from povertyaid.web.workbook import Column

ALL = "all"


class DifficultyFilter(django_filters.FilterSet):
    """Units that are in difficulty, or were."""

    q = words_box(_("name, pinyin, initials or code"))
    unit = UnitFilter(label=_("within the unit"))
    state = django_filters.ChoiceFilter(
        label=_("in difficulty or out of it"),
        choices=[("left", _("has left difficulty")), (ALL, _("in it and out of it"))],
        empty_label=_("still in difficulty"),
    )
    helped = django_filters.ChoiceFilter(
        label=_("paired or not"),
        choices=[("yes", _("somebody helps it")), ("no", _("nobody helps it"))],
        empty_label=_("whether paired or not"),
    )
    kind = django_filters.ChoiceFilter(label=_("kind of unit"), empty_label=_("all kinds"))
    usual = ("q", "unit", "state", "helped")
    programme_asked = None  # a unit is in difficulty whatever programme helps it

    class Meta:
        model = OrgUnit
        fields = []
        form = FilterForm

    def __init__(self, data=None, queryset=None, *, request, prefix=None):
        self.staff = request.user
        asked = data.copy() if data is not None else None
        if asked is not None and asked.get("unit"):
            asked["unit"] = unit_as_written(asked["unit"], self.staff)
        super().__init__(asked, queryset, request=request, prefix=prefix)
        self.filters["unit"].field.units = OrgUnit.objects.visible_to(self.staff)
        self.filters["kind"].extra["choices"] = [
            choice for choice in OrgUnit.Kind.choices if choice[0] in OrgUnit.CAN_BE_IN_DIFFICULTY
        ]

    def filter_queryset(self, queryset):
        asked = self.form.cleaned_data
        if asked["unit"]:
            queryset = queryset.within(asked["unit"])
        if asked["kind"]:
            queryset = queryset.filter(kind=asked["kind"])
        if asked["state"] == "left":
            queryset = queryset.out_of_difficulty()
        elif asked["state"] != ALL:
            queryset = queryset.in_difficulty()
        if asked["helped"]:
            helped = Exists(Pairing.objects.filter(target_unit=OuterRef("pk"), ends_on=None))
            queryset = queryset.filter(helped if asked["helped"] == "yes" else ~helped)
        return queryset.called(asked["q"]) if asked["q"] else queryset


def with_pairs(units, staff):
    """Units with the pairs that help them, `pairs_there`: of one that left, also those that ended.

    Each pair has its `lines`; what the person may not see is not among them.
    """
    lines = PairingHelper.objects.select_related("helper").order_by("role", "starts_on", "pk")
    pairs = Pairing.objects.visible_to(staff).select_related("programme")
    pairs = pairs.order_by("-starts_on", "-pk").prefetch_related(
        Prefetch("lines", lines, to_attr="listed_lines")
    )
    return units.prefetch_related(Prefetch("helped_by", pairs, to_attr="pairs_there"))


def shown(unit):
    """The pairs a line of the list names: those that stand, else those that stood at the end."""
    standing = [pair for pair in unit.pairs_there if pair.stands]
    pairs = standing or unit.pairs_there[:1]
    for pair in pairs:
        last = [line for line in pair.listed_lines if line.ends_on in {None, pair.ends_on}]
        pair.helper_names = [line.helper.name for line in last]
    unit.shown_pairs = pairs
    return unit


def totals_of(units):
    """(label, text) of how many are in difficulty and how many have left it."""
    sums = units.order_by().aggregate(
        now=Count("pk", filter=Q(out_of_difficulty_on=None)),
        left=Count("pk", filter=Q(out_of_difficulty_on__isnull=False)),
    )
    told = [(_("still in difficulty"), sums["now"]), (_("has left difficulty"), sums["left"])]
    return [(label, f"{n:,}{behind('个')}") for label, n in told]


def _pairs(value):
    return lambda unit: JOIN.join(filter(None, (value(pair) for pair in unit.shown_pairs)))


COLUMNS = [
    Column(_("unit name"), "name"),
    Column(_("unit code"), "code"),
    Column(_("kind of unit"), lambda row: row.get_kind_display()),
    Column(_("helped by"), _pairs(lambda pair: JOIN.join(pair.helper_names))),
    Column(_("scheme"), _pairs(lambda pair: pair.get_scheme_display())),
    Column(_("paired on"), _pairs(lambda pair: pair.starts_on.isoformat())),
    Column(_("ended on"), _pairs(lambda pair: pair.ends_on.isoformat() if pair.ends_on else "")),
    Column(_("left difficulty on"), "out_of_difficulty_on", "day"),
]
