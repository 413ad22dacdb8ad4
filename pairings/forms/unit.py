"""Units in difficulty: which, and when they left it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from households.forms.lifecycle import DatedForm, ReasonForm
from povertyaid.org.models import OrgUnit
from povertyaid.web.unit_field import UnitPick


class EnterDifficultyForm(ReasonForm):
    unit = UnitPick(label=_("unit"), error_messages={"required": _("Please choose the unit.")})
    lengths = {"unit": 20, "reason": 30}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].units = OrgUnit.objects.visible_to(self.staff).open()


class LeaveDifficultyForm(DatedForm):
    end_pairs = forms.BooleanField(
        label=_("end the pairs that help it, on the same day"), initial=True, required=False
    )

    def __init__(self, *args, has_pairs, **kwargs):
        super().__init__(*args, **kwargs)
        if not has_pairs:
            del self.fields["end_pairs"]
        self.order_fields(["on", "end_pairs", "reason"])
