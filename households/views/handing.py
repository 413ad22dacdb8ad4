"""Papers of many households at once: handed out on one day, and scans brought by the names of files."""

from django.conf import settings
from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from households import filters
from households.actions import bringing, papers
from households.forms.paper import (
    HANDED_AT_ONCE,
    BringForm,
    IssueForm,
    ScansField,
    too_many_households,
)
from households.models import Household
from households.views.household import list_address
from households.views.papers import change_papers
from povertyaid.lib.quantities import Kind
from povertyaid.programmes.models import Programme
from povertyaid.web import drafts
from povertyaid.web.context import chosen_place
from povertyaid.web.templatetags.words import counted


def programmes_of(staff):
    return Programme.objects.visible_to(staff).order_by("-starts_on", "code")


def programme_to_start_with(request, code=""):
    code = code or chosen_place(request).get("programme", {}).get("code", "")
    visible = programmes_of(request.user)
    return visible.coded(code).first() or visible.first()


@require_http_methods(["GET", "POST"])
@change_papers
def issue(request):
    """A paper handed to the households that were ticked in the list, or to all that match.

    The list posts its ticks here; the form that answers carries them along, so that no address
    says whose they are.
    """
    if request.method == "POST" and drafts.SUBMIT not in request.POST:
        return _chosen(request)
    form = IssueForm(
        request.POST if request.method == "POST" else drafts.typed_before(request),
        staff=request.user, programmes=programmes_of(request.user),
    )  # fmt: skip
    if request.method == "GET" and not form.is_bound:
        messages.info(request, _("Please tick in the list whom the paper was handed to."))
        return redirect("households:list")
    return _asked(request, form)


def _chosen(request):
    """From the ticks of the list to the form."""
    asked = QueryDict(request.POST.get("query", ""))
    filterset = filters.HouseholdFilter(
        asked, queryset=Household.objects.visible_to(request.user), request=request
    )
    rows = filterset.qs if filterset.is_valid() else Household.objects.none()
    if request.POST.get("all") != "1":
        ticked = [pk for pk in request.POST.getlist("pk") if pk.isdecimal() and len(pk) < 19]
        rows = rows.filter(pk__in=ticked)
    keys = list(rows.order_by("code").values_list("pk", flat=True)[: HANDED_AT_ONCE + 1])
    if not 0 < len(keys) <= HANDED_AT_ONCE:
        said = _("No household is chosen. Tick some in the list, or choose all that match.")
        if keys:
            said = too_many_households()
        messages.error(request, said)
        return redirect(list_address(asked))
    programme = filterset.programme_asked or programme_to_start_with(request)
    form = IssueForm(
        staff=request.user, programmes=programmes_of(request.user),
        initial={
            "keys": ",".join(map(str, keys)), "programme": programme,
            "issued_on": timezone.localdate(),
        },
    )  # fmt: skip
    return _asked(request, form, keys)


def _asked(request, form, keys=()):
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        chosen = Household.objects.visible_to(request.user).filter(pk__in=given["keys"])

        def save():
            new, had = papers.issue(
                chosen, programme=given["programme"], kind=given["kind"], title=given["title"],
                on=given["issued_on"], by=request.user,
            )  # fmt: skip
            left = len(given["keys"]) - new - had
            messages.success(request, receipt(given["title"], new, had, left))
            return list_address(QueryDict(f"programme={given['programme'].code}"))

        if request.method == "POST":
            address, _first = drafts.once(request, save)
            return redirect(address)
    if form.is_bound:
        keys = [key for key in form.data.get("keys", "").split(",") if key.isdecimal()]
    context = {
        "title": _("Hand a paper to many households"),
        "form": form,
        "text": _("It is written down for %(n)s. Who has the paper with its day keeps it.")
        % {"n": counted(len(keys), Kind.HOUSEHOLDS)},
        "verb": _("Write it down"),
        "back": reverse("households:list"),
        "breadcrumbs": [{"title": _("Households"), "url": reverse("households:list")}],
    }
    return render(request, "households/paper_form.html", context)


def receipt(title, new, had, left):
    """What became of all that were chosen; the parts add up."""
    said = _("“%(title)s” is written down for %(n)s.") % {
        "title": title, "n": counted(new, Kind.HOUSEHOLDS),
    }  # fmt: skip
    if had:
        said += _(" %(n)s had it already.") % {"n": counted(had, Kind.HOUSEHOLDS)}
    if left:
        said += _(" %(n)s are not in the programme, or their file is closed.") % {
            "n": counted(left, Kind.HOUSEHOLDS)
        }
    return said


@require_http_methods(["GET", "POST"])
@change_papers
def bring(request):
    """Many scans at once, sorted to households by their names, each told of in a receipt."""
    form = BringForm(
        *((request.POST, request.FILES) if request.method == "POST" else ()),
        staff=request.user, programmes=programmes_of(request.user),
        initial={"programme": programme_to_start_with(request, request.GET.get("programme", ""))},
    )  # fmt: skip
    context = {
        "form": form,
        "title": _("Bring many scans at once"),
        "breadcrumbs": [{"title": _("Households"), "url": reverse("households:list")}],
        "megabytes": settings.DOSSIER_FILE_MAX_BYTES // 1024**2,
    }
    if request.method == "POST" and form.is_valid():
        told = bringing.bring(
            form.cleaned_data["scans"], programme=form.cleaned_data["programme"],
            title=form.cleaned_data["title"], read=ScansField.read, by=request.user,
        )  # fmt: skip
        context |= {
            "told": told,
            "taken": sum(one.is_taken for one in told),
            "refused": sum(not one.is_taken for one in told),
        }
    return render(request, "households/papers_bring.html", context)
