"""Asking to see one personal value in clear."""

from django import forms
from django.utils.translation import gettext_lazy as _

from povertyaid.web.forms import StyledForm


class RevealForm(StyledForm, forms.Form):
    lengths = {"reason": 30}

    reason = forms.CharField(
        label=_("what it is needed for"),
        max_length=200,
        help_text=_("Your name, the time and this reason are recorded and read by the auditors."),
        error_messages={
            "required": _("Please say what the number is needed for; the reason is recorded.")
        },
    )
