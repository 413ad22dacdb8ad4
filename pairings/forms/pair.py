"""Pairing, joining, handing over, ending: who, from when, and why."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.forms.lifecycle import DatedForm, ReasonForm
from pairings.forms.helper import offer_helpers
from pairings.forms.pick import HelperPick
from pairings.models import Helper, Pairing, PairingHelper
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme
from povertyaid.web.forms import DateField, StyledForm, dress
from povertyaid.web.unit_field import UnitInput, UnitPick

OF_UNITS = (Pairing.Scheme.ENTERPRISE, Pairing.Scheme.VILLAGE)


class FromDayForm(StyledForm, forms.Form):
    """From which day on: today or before."""

    lengths = {"note": 30, "helper": 30, "area": 20}

    on = DateField(label=_("from"), initial=timezone.localdate)
    note = forms.CharField(
        label=_("note"),
        required=False,
        max_length=200,
        help_text=_("Stands with the helper on the pair. Please write no identity number here."),
    )

    def clean_on(self):
        day = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise ValidationError(
                _("This day lies in the future. Please check the year."), code="future"
            )
        return day


class PairForm(FromDayForm):
    """Households of one programme with one helper."""

    helper = HelperPick()
    scheme = forms.ChoiceField(
        label=_("scheme"),
        error_messages={"required": _("Please choose a scheme from the list.")},
    )
    area = UnitPick(
        label=_("area"),
        required=False,
        widget=UnitInput({"data-show-when": f"scheme={Pairing.Scheme.AREA}"}),
        help_text=_("The area of the committee member, for 委员包片 only."),
    )

    def __init__(self, *args, programme, **kwargs):
        super().__init__(*args, **kwargs)
        offer_helpers(self.fields["helper"], self.staff, programme)
        self.fields["area"].units = OrgUnit.objects.visible_to(self.staff)
        self.fields["scheme"].choices = [
            choice for choice in Pairing.Scheme.choices if choice[0] not in OF_UNITS
        ]
        dress(self.fields["scheme"], 12)
        self.order_fields(["helper", "scheme", "area", "on", "note"])

    def clean(self):
        given = super().clean()
        if given.get("area") and given.get("scheme") != Pairing.Scheme.AREA:
            self.add_error(
                "area",
                ValidationError(_("Only a pair of 委员包片 has an area."), "area_without_scheme"),
            )
        return given


class UnitPairForm(FromDayForm):
    """A unit in difficulty, or a village, with a helper of a programme."""

    lengths = {"note": 30, "helper": 30, "unit": 20, "programme": 30}

    programme = forms.ModelChoiceField(
        Programme.objects.none(),
        label=_("programme"),
        error_messages={
            "invalid_choice": _("This programme is none of yours. Please choose another."),
        },
    )
    unit = UnitPick(label=_("unit that is helped"))
    helper = HelperPick()
    scheme = forms.ChoiceField(
        label=_("scheme"),
        choices=[choice for choice in Pairing.Scheme.choices if choice[0] in OF_UNITS],
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        mine = Programme.objects.visible_to(self.staff).order_by("-starts_on", "code")
        self.fields["programme"].queryset = mine
        self.fields["programme"].label_from_instance = lambda programme: programme.name
        self.fields["unit"].units = OrgUnit.objects.visible_to(self.staff).open()
        self.fields["helper"].offer(Helper.objects.visible_to(self.staff).on_roster())
        self.order_fields(["programme", "unit", "helper", "scheme", "on", "note"])

    def clean(self):
        given = super().clean()
        helper, programme = given.get("helper"), given.get("programme")
        if helper and programme and helper.programme_id != programme.pk:
            self.add_error(
                "helper",
                ValidationError(
                    _(
                        "This helper is on the roster of another programme. Please choose one of this."
                    ),
                    "other_programme",
                ),
            )
        return given


class JoinForm(FromDayForm):
    helper = HelperPick()
    role = forms.ChoiceField(
        label=_("part in the pair"),
        choices=PairingHelper.Role.choices,
        initial=PairingHelper.Role.MEMBER,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args, pairing, **kwargs):
        super().__init__(*args, **kwargs)
        offer_helpers(
            self.fields["helper"], self.staff, pairing.programme, but=standing_of(pairing)
        )
        self.order_fields(["helper", "role", "on", "note"])


def standing_of(pairing):
    return list(pairing.lines.filter(ends_on=None).values_list("helper", flat=True))


class OnPairForm(DatedForm):
    """About one of those who are on the pair now."""

    helper = forms.ModelChoiceField(
        Helper.objects.none(),
        label=_("helper on the pair"),
        error_messages={
            "required": _("Please choose the helper."),
            "invalid_choice": _("This helper is not on the pair any more."),
        },
    )

    def __init__(self, *args, pairing, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["helper"]
        field.queryset = Helper.objects.filter(pk__in=standing_of(pairing)).order_by("name_pinyin")
        field.label_from_instance = lambda helper: helper.name
        dress(field, 12)
        if field.queryset.count() == 1:
            self.initial.setdefault("helper", field.queryset.get())
        self.order_fields(["helper", "on", "reason"])


class HandOverForm(OnPairForm):
    """Who takes over. The reason is the note that stands with the new helper."""

    to = HelperPick(label=_("helper who takes over"))

    def __init__(self, *args, pairing, **kwargs):
        super().__init__(*args, pairing=pairing, **kwargs)
        offer_helpers(self.fields["to"], self.staff, pairing.programme, but=standing_of(pairing))
        self.order_fields(["helper", "to", "on", "reason"])


class EndForm(DatedForm):
    end_reason = forms.ChoiceField(
        label=_("reason for ending"),
        widget=forms.RadioSelect,
        choices=[choice for choice in Pairing.EndReason.choices if choice[0]],
        error_messages={"required": _("Please choose why the pair ends.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.order_fields(["end_reason", "on", "reason"])


__all__ = [
    "EndForm", "HandOverForm", "JoinForm", "OnPairForm", "PairForm", "ReasonForm", "UnitPairForm",
]  # fmt: skip
