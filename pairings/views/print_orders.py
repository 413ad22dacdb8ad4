"""Papers of many households in one go: chosen on a list, made in the background, fetched within days."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import Http404, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from households.filters import HouseholdFilter
from households.models import Household
from pairings.actions import papers
from pairings.filters import PairingFilter
from pairings.forms.papers import PapersForm
from pairings.models import Pairing, PrintOrder
from pairings.papers import making
from povertyaid.audit.models import record
from povertyaid.jobs.models import Job
from povertyaid.lib import sealed_files
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.web import drafts
from povertyaid.web.views import DetailPage

may_order = permission_required(
    ("households.view_household", "households.export_household"), raise_exception=True
)


# ---- choosing


@require_POST
@may_order
def of_households(request):
    """Papers of the households ticked in their list, or of all that match its filter."""
    asked = QueryDict(request.POST.get("query", ""))
    rows = Household.objects.visible_to(request.user)
    filterset = HouseholdFilter(asked, queryset=rows, request=request)
    found = filterset.qs if filterset.is_valid() else rows.none()
    if request.POST.get("all") != "1":
        found = found.filter(pk__in=ticked(request))
    return choose(request, found, filterset, "households:list")


@require_POST
@permission_required(
    ("pairings.view_pairing", "households.view_household", "households.export_household"),
    raise_exception=True,
)
def of_pairs(request):
    """Papers of the households in the pairs that a list shows."""
    asked = QueryDict(request.POST.get("query", ""))
    pairs = Pairing.objects.visible_to(request.user)
    filterset = PairingFilter(asked, queryset=pairs, request=request)
    pairs = filterset.qs if filterset.is_valid() else pairs.none()
    keys = pairs.filter(enrolment__isnull=False).order_by().values("enrolment__household")
    found = Household.objects.visible_to(request.user).filter(pk__in=keys)
    return choose(request, found, filterset, "pairings:list")


def ticked(request):
    return [pk for pk in request.POST.getlist("pk") if pk.isdecimal() and len(pk) < 19]


def choose(request, households, filterset, back):
    """Which papers, and how; sent a second time with the answers, it has them made."""
    query = request.POST.get("query", "")
    back = f"{reverse(back)}?{query}" if query else reverse(back)
    n = households.count()
    if not n:
        messages.error(
            request,
            _("No household is chosen. Tick some in the list, or choose all that match."),
        )
        return redirect(back)
    sent = "kind" in request.POST
    form = PapersForm(
        request.POST if sent else None,
        staff=request.user,
        initial={"kind": "handbook", "programme": filterset.programme_asked},
    )
    if sent and form.is_valid():

        def save():
            return papers.ask(
                households, by=request.user, base=request.build_absolute_uri("/"),
                **form.cleaned_data,
            ).get_absolute_url()  # fmt: skip

        try:
            address, _first = drafts.once(request, save)
        except ValidationError as refusal:
            form.add_error(None, ValidationError(refusal.messages))
        else:
            return redirect(address)
    return render(
        request,
        "pairings/papers/choose.html",
        {
            "title": _("Print papers"),
            "form": form,
            "households": n,
            "back": back,
            "query": query,
            "all": request.POST.get("all", ""),
            "keys": ticked(request),
        },
    )


# ---- fetching


class PapersDetail(DetailPage):
    """How far the papers are, and where they can be fetched; nothing on it is personal."""

    permission_required = "jobs.view_job"
    queryset = PrintOrder.objects.select_related("unit", "programme", "asked_by")
    template_name = "pairings/papers/order.html"

    def get_title(self):
        return self.object.get_kind_display()

    def get_context_data(self, **kwargs):
        jobs = Job.objects.visible_to(self.request.user).filter(
            kind=papers.MAKE, arguments__order=self.object.pk
        )
        return super().get_context_data(
            order=self.object,
            job=jobs.newest_first().first(),
            is_own=self.object.asked_by_id == self.request.user.pk,
            **kwargs,
        )


def own_order(request, pk):
    """An order of one's own whose files are there; nobody else's exists here."""
    order = get_visible_or_404(PrintOrder.objects.of(request.user).kept(), request.user, pk=pk)
    if order.in_full and not request.user.has_perm("households.reveal_person"):
        raise Http404
    return order


@require_GET
@may_order
def volume(request, pk):
    """Everything as one PDF, with a list of contents."""
    order = own_order(request, pk)
    return send(request, order, order.volume_stored_as, "pdf", "application/pdf")


@require_GET
@may_order
def folders(request, pk):
    """The same as a zip with a folder for each unit."""
    order = own_order(request, pk)
    return send(request, order, order.folders_stored_as, "zip", "application/zip")


def send(request, order, stored_as, ending, content_type):
    try:
        pieces = sealed_files.unsealed(papers.ROOM, stored_as, context=making.CONTEXT)
    except sealed_files.FileGoneError:
        messages.error(
            request, _("These papers are not there any more. Please have them made anew.")
        )
        return redirect(order)
    record(
        order, "papers_fetched", by=request.user, paper=order.kind, households=order.printed,
        format=ending,
    )  # fmt: skip
    name = f"{order.get_kind_display()} {order.unit.name} {order.made_on}.{ending}"
    response = StreamingHttpResponse(pieces, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@may_order
def remove(request, pk):
    """Take the files away before their days are over."""
    order = own_order(request, pk)
    try:
        papers.take_away(order, by=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("The files are taken away."))
    return redirect(order)
