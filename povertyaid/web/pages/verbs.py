"""A verb with a question of its own: asked on one page, done once, said so."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from povertyaid.org.models import OrgUnit, Staff
from povertyaid.web import drafts
from povertyaid.web.forms import StyledForm


class ReasonForm(StyledForm, forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=200)
    lengths = {"reason": "full"}


class NothingToAsk(StyledForm, forms.Form):
    """A verb that asks only whether one is sure."""


def posted(request):
    """What a form is bound to: also an empty answer is an answer."""
    return request.POST if request.method == "POST" else None


def typed(request):
    """The same for a form that is shown again after a lost session."""
    return request.POST if request.method == "POST" else drafts.typed_before(request)


def act(request, row, do, *, form_class=NothingToAsk, title, text, verb, done, back="", **more):
    """Ask, do it once, say so, go back to the row (or to `back`).

    `do(**answers)` is the action; what it refuses is shown above the form. `more` may hold
    `initial` for the form and `danger` for a red button.
    """
    back = back or row.get_absolute_url()
    form = form_class(posted(request), staff=request.user, initial=more.get("initial"))
    if request.method == "POST" and form.is_valid():

        def save():
            do(**form.cleaned_data)
            return back

        try:
            address, first = drafts.once(request, save)
        except ValidationError as refusal:
            form.add_error(None, ValidationError(refusal.messages))
        else:
            if first:
                messages.success(request, done)
            return redirect(address)
    return render(
        request,
        "web/action.html",
        {
            "title": title,
            "text": text,
            "verb": verb,
            "form": form,
            "back": back,
            "danger": more.get("danger", False),
            "breadcrumbs": crumbs_to(row, request.user),
        },
    )


# ---- the way back up


def crumbs(unit, staff):
    """The list of units, then the units above this one, as far as the person sees up."""
    above = OrgUnit.objects.visible_to(staff).line_above(unit)
    return [
        {"title": _("Units"), "url": reverse("unit-list")},
        *({"title": one.name, "url": one.get_absolute_url()} for one in above),
    ]


def crumbs_to(row, staff):
    """What stands above a page about a row: its list, and the row itself."""
    here = {"title": str(row), "url": row.get_absolute_url()}
    if isinstance(row, OrgUnit):
        return [*crumbs(row, staff), here]
    if isinstance(row, Staff):
        return [{"title": _("Staff"), "url": reverse("staff-list")}, here]
    return [{"title": _("Programmes"), "url": reverse("programme-list")}, here]
