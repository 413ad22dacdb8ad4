"""Showing an identity number, account or phone: asked with a reason, recorded, shown once."""

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households.actions.reveal import REVEALABLE
from households.actions.reveal import reveal as look
from households.forms.reveal import RevealForm
from households.models import Household, Member
from povertyaid.org.scoping import get_visible_or_404

LABELS = {
    "id_number": gettext_lazy("identity number"),
    "former_id_number": gettext_lazy("former identity number"),
    "bank_account": gettext_lazy("bank account"),
    "phone": gettext_lazy("phone"),
}
MASKS = {"bank_account": "account", "phone": "phone"}

may_reveal = permission_required("households.reveal_person", raise_exception=True)


@may_reveal
def member(request, pk, field):
    rows = Member.objects.select_related("household__unit")
    row = get_visible_or_404(rows, request.user, pk=pk)
    return _page(request, row, field, household=row.household, name=row.name)


@may_reveal
def household(request, pk, field):
    row = get_visible_or_404(Household.objects.select_related("unit"), request.user, pk=pk)
    return _page(request, row, field, household=row, name=row.head_name)


def _page(request, row, field, **context):
    if field not in REVEALABLE[row._meta.model_name]:
        raise Http404
    form = RevealForm(request.POST or None, staff=request.user)
    value = None
    if request.method == "POST" and form.is_valid():
        try:
            value = look(row, field, reason=form.cleaned_data["reason"], by=request.user)
        except ValidationError as refusal:
            form.add_error("reason", refusal)
    response = render(
        request,
        "households/reveal.html",
        {
            "form": form,
            "value": value,
            "stored": getattr(row, field),
            "mask": MASKS.get(field, "id"),
            "label": LABELS[field],
            "title": _("Show a number in clear"),
            **context,
        },
    )
    # Not even for the Back button: who comes to the desk next must not find it.
    add_never_cache_headers(response)
    return response
