"""What the ledger and the list of funds can be narrowed to."""

import django_filters
from django.utils.translation import gettext_lazy as _

from disbursements.models import GIVEN, Disbursement, Form, Fund, words
from households.filters import ALL, named
from pairings.filters import ByProgrammeFilter, DayFilter, FilterForm, words_box
from povertyaid.programmes.models import SchemeItem

FORMS_GIVEN = "given"


class LedgerFilter(ByProgrammeFilter):
    q = words_box(_("family: name, pinyin or initials"))
    form_of = django_filters.ChoiceFilter(
        label=_("form"),
        choices=[(FORMS_GIVEN, _("all but loans and investments")), *Form.choices],
        empty_label=_("all forms"),
    )
    kind = django_filters.ChoiceFilter(label=_("kind of aid"), empty_label=_("all kinds of aid"))
    fund = django_filters.ModelChoiceFilter(
        label=_("fund"), queryset=Fund.objects.none(), empty_label=_("all funds")
    )
    first = DayFilter(label=_("from day"))
    last = DayFilter(label=_("to day"))
    named_or = django_filters.ChoiceFilter(
        label=_("named or counted"),
        choices=[("named", _("to a household")), ("counted", _("counted together"))],
        empty_label=_("both kinds"),
    )
    state = django_filters.ChoiceFilter(
        label=_("standing or voided"),
        choices=[("voided", _("voided")), (ALL, _("standing and voided"))],
        empty_label=_("standing rows"),
    )
    usual = ("q", "unit", "programme", "form_of", "first", "last")

    class Meta:
        model = Disbursement
        fields = []
        form = FilterForm

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        own = SchemeItem.objects.filter(
            programme__in=self.programmes, list_name=words.KINDS_LIST
        ).values_list("label", flat=True)
        kinds = {**words.AID_KINDS, **{label: label for label in own}}
        self.filters["kind"].extra["choices"] = list(kinds.items())
        self.filters["fund"].queryset = Fund.objects.visible_to(self.staff).order_by("name")

    def narrow(self, queryset, asked):
        match asked["state"]:
            case "voided":
                queryset = queryset.filter(voided_on__isnull=False)
            case "all":
                pass
            case _:
                queryset = queryset.counted()
        if asked["form_of"] == FORMS_GIVEN:
            queryset = queryset.filter(form__in=GIVEN)
        elif asked["form_of"]:
            queryset = queryset.filter(form=asked["form_of"])
        for name in ("kind", "fund"):
            if asked[name]:
                queryset = queryset.filter(**{name: asked[name]})
        if asked["first"]:
            queryset = queryset.filter(paid_on__gte=asked["first"])
        if asked["last"]:
            queryset = queryset.filter(paid_on__lte=asked["last"])
        if asked["named_or"]:
            queryset = queryset.filter(household__isnull=asked["named_or"] == "counted")
        return queryset.filter(household__in=named(asked["q"])) if asked["q"] else queryset
