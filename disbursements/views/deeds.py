"""A page with one form for one deed about a fund or a row of the ledger."""

from django.core.exceptions import ValidationError
from django.shortcuts import render

from disbursements.actions.refusals import StaleError
from households.views.saving import data_of, save_once, seen_version

__all__ = ["data_of", "deed_page", "seen_version"]


def deed_page(request, row, form, act, *, message, **context):
    """`act(version)` does it and answers the row to go to; a refusal is told above the form.

    The page carries the version it was made from: where somebody has changed the row since, the
    page comes back with how it stands now, and the deed waits for a second press.
    """
    if request.method == "POST":
        try:
            answered = save_once(
                request, form.is_valid, lambda: act(seen_version(request)), message
            )
        except ValidationError as refusal:
            form.add_error(None, ValidationError(refusal.messages))
            if isinstance(refusal, StaleError):
                row = refusal.current
        else:
            if answered:
                return answered
    context = {"form": form, "row": row, "back": row.get_absolute_url() if row else "", **context}
    return render(request, "disbursements/deed_form.html", context)
