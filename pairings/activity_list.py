"""The list of activities: what it can be narrowed to, what it adds up to, and its workbook."""

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pairings.filters import ByProgrammeFilter, DayFilter, FilterForm, words_box
from pairings.forms.activity import topic_words
from pairings.models import TOPICS, Activity, ActivityKind, BeneficiaryGroup
from povertyaid.lib.quantities import Kind
from povertyaid.web.templatetags.words import behind, counted
from povertyaid.web.workbook import Column


class ActivityFilter(ByProgrammeFilter):
    q = words_box(_("title, topic or place"))
    kind = django_filters.ChoiceFilter(
        label=_("kind of activity"), choices=ActivityKind.choices, empty_label=_("all kinds")
    )
    topic = django_filters.ChoiceFilter(label=_("topic"), empty_label=_("all topics"))
    group = django_filters.ChoiceFilter(
        label=_("for whom"), choices=BeneficiaryGroup.choices, empty_label=_("for whomever")
    )
    first = DayFilter(label=_("held from"))
    last = DayFilter(label=_("held until"))
    kept = django_filters.ChoiceFilter(
        label=_("how attendance is kept"),
        choices=[
            ("named", _("by name")),
            ("counted", _("a number only")),
            ("missing", _("not said yet")),
        ],
        empty_label=_("however it is kept"),
    )
    state = django_filters.ChoiceFilter(
        label=_("counts or taken back"),
        choices=[("taken_back", _("taken back"))],
        empty_label=_("those that count"),
    )
    usual = ("q", "unit", "programme", "kind")

    class Meta:
        model = Activity
        fields = []
        form = FilterForm

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        of = [self.programme_asked] if self.programme_asked else self.programmes
        words = topic_words(of, Activity.objects.visible_to(self.staff))
        codes = {word: code for code, word in TOPICS.items()}
        self.filters["topic"].extra["choices"] = [(codes.get(word, word), word) for word in words]

    def narrow(self, queryset, asked):
        taken_back = asked["state"] == "taken_back"
        queryset = queryset.taken_back() if taken_back else queryset.counted()
        for name, column in (("kind", "kind"), ("topic", "topic"), ("group", "beneficiary_group")):
            if asked[name]:
                queryset = queryset.filter(**{column: asked[name]})
        if asked["first"]:
            queryset = queryset.filter(held_on__gte=asked["first"])
        if asked["last"]:
            queryset = queryset.filter(held_on__lte=asked["last"])
        match asked["kept"]:
            case "named":
                queryset = queryset.named()
            case "counted":
                queryset = queryset.with_number()
            case "missing":
                queryset = queryset.without_attendance()
        return queryset.filter(about(asked["q"])) if asked["q"] else queryset


def about(text):
    """Activities whose title, topic or place says so."""
    codes = [code for code, word in TOPICS.items() if text in word]
    return (
        Q(title__icontains=text)
        | Q(place__icontains=text)
        | Q(topic__icontains=text)
        | Q(topic__in=codes)
    )


SESSION_WORDS = {
    "期": _("classes held"),
    "场次": _("lectures and publicity held"),
    "次": _("meetings and other events"),
}


def totals_of(activities):
    """(label, text) of sessions by their sign, then people and households of each group apart."""
    sums = activities.sums()
    told = [
        (SESSION_WORDS[sign], f"{n:,}{behind(sign)}") for sign, n in sums["sessions"].items() if n
    ]
    for group, numbers in sums["groups"].items():
        parts = [
            counted(numbers[name], kind)
            for name, kind in (("people", Kind.PERSON_TIMES), ("households", Kind.HOUSEHOLDS))
            if numbers[name]
        ]
        if parts:
            told.append((BeneficiaryGroup(group).label, " · ".join(parts)))
    return told


COLUMNS = [
    Column(_("held on"), "held_on", "day"),
    Column(_("kind of activity"), lambda row: row.get_kind_display()),
    Column(_("topic"), "topic_word"),
    Column(_("title"), "title"),
    Column(_("organiser"), "unit.name"),
    Column(_("programme"), "programme.name"),
    Column(_("place"), "place"),
    Column(_("sessions"), "sessions", "whole"),
    Column(_("counted in"), "session_sign"),
    Column(_("for whom"), lambda row: row.get_beneficiary_group_display()),
    Column(_("people who came"), "people", "whole", "人次"),
    Column(_("households reached"), "households", "whole", "户"),
    Column(_("people lifted through it"), "lifted_count", "whole", "人"),
    Column(_("helpers there"), "named_helpers", "whole", "人"),
    Column(
        _("kept by"),
        lambda row: _("name") if row.named_members else _("number") if row.is_counted else "",
    ),
    Column(_("note"), "note"),
    Column(_("why it was taken back"), "void_reason"),
]
