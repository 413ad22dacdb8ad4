"""How every page of this room saves: once, against the version that was seen, with the refusal told."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from households.actions.refusals import PersonElsewhereError, StaleFileError
from households.forms import elsewhere
from povertyaid.web import drafts

VERSION = "_version"


class NotYetError(Exception):
    """There is something to put right or to answer before the form can be saved."""


def save_once(request, is_ready, save, message):
    """Save a form that is ready; answer where to go, or None if it is not ready.

    Whether this very form was saved before is asked first: a second press would otherwise
    find its own people on file, or its own change, and take them for somebody else's.
    Raises what the action refuses.
    """

    def once():
        if not is_ready():
            raise NotYetError
        return save().get_absolute_url()

    try:
        address, first = drafts.once(request, once)
    except NotYetError:
        return None
    if first:
        messages.success(request, message)
    return HttpResponseRedirect(address)


def seen_version(request):
    """The version of the file that the page showed; 0, which no file has, if it did not say."""
    text = request.POST.get(VERSION, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def data_of(request):
    """What a form is bound to: what was sent, or what was typed before a session was lost."""
    return request.POST if request.method == "POST" else drafts.typed_before(request)


def closed_file(request, household):
    """A closed file is not changed: back to it, with the way out."""
    messages.error(request, _("This file is closed. Please reopen it first, then make the change."))
    return redirect(household)


def deed_page(request, household, form, act, *, template, message, closed=False, **context):
    """A page with one form for one deed. `act(version)` does it and answers the row to go to.

    `closed` says that the deed is also possible on a closed file. The page carries the version it was made from: if the file has changed since, the page
    comes back as the file is now, and the deed waits for a second press.
    """
    if request.method != "POST":
        if not (household.is_open or closed):
            return closed_file(request, household)
    else:
        try:
            answered = save_once(
                request, form.is_valid, lambda: act(seen_version(request)), message
            )
        except PersonElsewhereError as refusal:
            form.add_error(None, elsewhere_lines(refusal, request.user))
        except ValidationError as refusal:
            form.add_error(None, refusal)
            if isinstance(refusal, StaleFileError):
                household = refusal.current
        else:
            if answered:
                return answered
    return render(request, template, {"form": form, "household": household, **context})


def elsewhere_lines(refusal, staff):
    """The refusal with, for each person, what this staff member may be told."""
    visible = elsewhere.visible_files(refusal.held.values(), staff)
    return [
        ValidationError(
            f"{member.name}: {elsewhere.sentence(visible.get(pk), staff)}", code=refusal.code
        )
        for member, pk in refusal.held.items()
    ]
