"""Papers of one household, while one waits: handbook, contact card, whole file."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from households.forms.reveal import RevealForm
from households.models import Enrolment, Household
from pairings.actions import papers
from pairings.models import PaperKind
from pairings.papers import printing
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.web.pdf import PdfError

may_look = permission_required("households.view_household", raise_exception=True)
may_reveal = permission_required(
    ("households.view_household", "households.reveal_person"), raise_exception=True
)


def own_enrolment(request, pk):
    rows = Enrolment.objects.select_related("household__unit", "programme").defer("kept")
    return get_visible_or_404(rows, request.user, pk=pk)


def own_household(request, pk):
    return get_visible_or_404(Household.objects.select_related("unit"), request.user, pk=pk)


@require_GET
@may_look
def handbook(request, pk):
    """结对帮扶手册 of a household in a programme, its numbers with their middle hidden."""
    enrolment = own_enrolment(request, pk)
    return paper(request, enrolment.household, PaperKind.HANDBOOK, enrolment.pk)


@may_reveal
def handbook_in_full(request, pk):
    """The same with full numbers, after a reason."""
    enrolment = own_enrolment(request, pk)
    return in_full(
        request, enrolment.household, PaperKind.HANDBOOK, enrolment.pk, enrolment.programme.name
    )


@require_GET
@may_look
def card(request, pk):
    """对接卡 of a household: whom to call. The helper's phone stands on it in full."""
    enrolment = own_enrolment(request, pk)
    return paper(request, enrolment.household, PaperKind.CARD, enrolment.pk)


@require_GET
@may_look
def whole_file(request, pk):
    """一户一档 of a household, with a cover and a list of contents."""
    household = own_household(request, pk)
    return paper(request, household, PaperKind.FILE, household.pk)


@may_reveal
def whole_file_in_full(request, pk):
    """The same with full numbers, after a reason."""
    household = own_household(request, pk)
    return in_full(request, household, PaperKind.FILE, household.pk)


def in_full(request, household, kind, key, about=""):
    form = RevealForm(request.POST or None, staff=request.user)
    if request.method == "POST" and form.is_valid():
        response = paper(request, household, kind, key, reason=form.cleaned_data["reason"])
        # Not even for the Back button: who comes to the desk next must not find it.
        add_never_cache_headers(response)
        return response
    return render(
        request,
        "pairings/papers/in_full.html",
        {
            "form": form,
            "household": household,
            "about": about,
            "kind": PaperKind(kind),
            "title": _("Print with full numbers"),
        },
    )


def paper(request, household, kind, key, *, reason=""):
    terms = printing.Terms(request.user, bool(reason), request.build_absolute_uri("/"))
    try:
        press = printing.open_press(kind)
        made = [one.document for one in printing.lay_out(press, kind, [key], terms)]
        content = press.bind(made)
    except PdfError as error:
        messages.error(request, str(error))
        return redirect(household)
    papers.hand_out(household, kind, by=request.user, reason=reason)
    name = f"{PaperKind(kind).label} {household.code}.pdf"
    disposition = content_disposition_header(False, name)
    return HttpResponse(content, "application/pdf", headers={"Content-Disposition": disposition})
