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
from households.models import Enrolment
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


@require_GET
@may_look
def handbook(request, pk):
    """结对帮扶手册 of a household in a programme, its numbers with their middle hidden."""
    return paper(request, own_enrolment(request, pk), PaperKind.HANDBOOK)


@may_reveal
def handbook_in_full(request, pk):
    """The same with full numbers, after a reason."""
    return in_full(request, own_enrolment(request, pk), PaperKind.HANDBOOK)


def in_full(request, enrolment, kind):
    form = RevealForm(request.POST or None, staff=request.user)
    if request.method == "POST" and form.is_valid():
        response = paper(request, enrolment, kind, reason=form.cleaned_data["reason"])
        # Not even for the Back button: who comes to the desk next must not find it.
        add_never_cache_headers(response)
        return response
    return render(
        request,
        "pairings/papers/in_full.html",
        {
            "form": form,
            "enrolment": enrolment,
            "household": enrolment.household,
            "kind": PaperKind(kind),
            "title": _("Print with full numbers"),
        },
    )


def paper(request, enrolment, kind, *, reason=""):
    household = enrolment.household
    terms = printing.Terms(request.user, bool(reason), request.build_absolute_uri("/"))
    try:
        press = printing.open_press(kind)
        made = [one.document for one in printing.lay_out(press, kind, [enrolment.pk], terms)]
        content = press.bind(made)
    except PdfError as error:
        messages.error(request, str(error))
        return redirect(household)
    papers.hand_out(household, kind, by=request.user, reason=reason)
    name = f"{PaperKind(kind).label} {household.code}.pdf"
    disposition = content_disposition_header(False, name)
    return HttpResponse(content, "application/pdf", headers={"Content-Disposition": disposition})
