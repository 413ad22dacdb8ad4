"""What a 清 of the dossier asks for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from households import evidence
from povertyaid.web.forms import StyledForm


class RuleForm(StyledForm, forms.Form):
    all_of = forms.MultipleChoiceField(
        label=_("all of these must be there"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    one_of = forms.MultipleChoiceField(
        label=_("at least one of these must be there"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For what can be proved in several ways. Nothing ticked: not asked."),
    )

    def __init__(self, *args, item, **kwargs):
        super().__init__(*args, **kwargs)
        rule = getattr(item, "dossier_rule", None)
        known = {one.code: one.label for one in evidence.offered(item.programme)}
        for name in ("all_of", "one_of"):
            chosen = getattr(rule, name) if rule else []
            # What was chosen once stays to be seen, also where its room or its paper is gone.
            gone = {code: code for code in chosen if code not in known}
            self.fields[name].choices = list((known | gone).items())
            self.fields[name].initial = chosen
