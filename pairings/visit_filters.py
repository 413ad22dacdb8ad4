"""What a list of visits can be narrowed to."""

import django_filters
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from households.filters import ALL, named
from pairings.filters import ByProgrammeFilter, DayFilter, FilterForm, words_box
from pairings.models import Helper, Occasion, ServiceKind, Visit, VisitItem


class VisitFilter(ByProgrammeFilter):
    """Which visits; without more said, those that count."""

    q = words_box(_("family or helper: name, pinyin or initials"))
    first = DayFilter(label=_("from day"), help_text="")
    last = DayFilter(label=_("to day"), help_text="")
    occasion = django_filters.ChoiceFilter(
        label=_("occasion"), choices=Occasion.choices, empty_label=_("all occasions")
    )
    service = django_filters.ChoiceFilter(
        label=_("what was done"), choices=ServiceKind.choices, empty_label=_("whatever was done")
    )
    names = django_filters.ChoiceFilter(
        label=_("named or counted"),
        choices=[("named", _("one household each")), ("counted", _("counted together"))],
        empty_label=_("named and counted"),
    )
    state = django_filters.ChoiceFilter(
        label=_("problems and mistakes"),
        choices=[
            ("unsolved", _("with a problem not solved yet")),
            ("signed", _("signed by the household")),
            ("unsigned", _("not signed")),
            ("void", _("taken back")),
            (ALL, _("also those taken back")),
        ],
        empty_label=_("all that count"),
    )
    usual = ("q", "unit", "programme", "first", "last")

    class Meta:
        model = Visit
        fields = []
        form = FilterForm

    def narrow(self, queryset, asked):
        match asked["state"]:
            case "void":
                queryset = queryset.filter(voided_on__isnull=False)
            case "all":
                pass
            case "unsolved":
                queryset = queryset.counted().with_unsolved()
            case "signed":
                queryset = queryset.counted().exclude(signature_stored_as="")
            case "unsigned":
                queryset = queryset.counted().named().filter(signature_stored_as="")
            case _:
                queryset = queryset.counted()
        if asked["first"]:
            queryset = queryset.filter(visited_on__gte=asked["first"])
        if asked["last"]:
            queryset = queryset.filter(visited_on__lte=asked["last"])
        if asked["occasion"]:
            queryset = queryset.filter(occasion=asked["occasion"])
        if asked["service"]:
            done = VisitItem.objects.filter(visit=OuterRef("pk"), kind=asked["service"])
            queryset = queryset.filter(Exists(done))
        if asked["names"]:
            queryset = queryset.filter(household__isnull=asked["names"] == "counted")
        return queryset.filter(about(asked["q"])) if asked["q"] else queryset


def about(text):
    """Visits to a family, or by a helper, that is called so."""
    helpers = Helper.objects.called(text)
    return Q(household__in=named(text)) | Q(helper__in=helpers.values("pk"))
