"""The papers of a file: what is there and what is missing, one paper with its scans, its deeds."""

from dataclasses import dataclass, field

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from households import clears
from households.actions import papers
from households.actions.papers import StalePaperError
from households.actions.refusals import RefusedError
from households.forms.paper import PaperForm, ReasonForm, ScansForm
from households.models import DossierFile, DossierItem, Household
from households.models.dossier import STANDARD
from households.views.saving import VERSION, closed_file, data_of, seen_version
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.programmes.models import Programme, SchemeItem
from povertyaid.web import drafts
from povertyaid.web.views import wants_fragment

view_papers = permission_required("households.view_dossieritem", raise_exception=True)
change_papers = permission_required("households.change_dossieritem", raise_exception=True)
check_papers = permission_required("households.check_dossieritem", raise_exception=True)


def own_file(request, pk):
    return get_visible_or_404(Household.objects.select_related("unit"), request.user, pk=pk)


def own_paper(request, pk):
    rows = DossierItem.objects.select_related("household__unit", "programme", "item", "checked_by")
    return get_visible_or_404(rows, request.user, pk=pk)


def may_open(staff, paper):
    """Whether somebody may see the scans: those of health files only who needs them for the work."""
    return not paper.is_of_health or staff.has_perm("households.view_health_file")


def crumbs_to(household):
    return [
        {"title": _("Households"), "url": reverse("households:list")},
        {"title": household.head_name or household.code, "url": household.get_absolute_url()},
        {
            "title": _("Papers of the file"),
            "url": reverse("households:papers", args=[household.pk]),
        },
    ]


# ---- all papers of a file


@dataclass
class Entry:
    """An entry of the dossier standard on one file, with the papers that answer it."""

    item: SchemeItem
    papers: list = field(default_factory=list)

    @property
    def is_complete(self):
        return any(paper.complete for paper in self.papers)


@dataclass
class OfProgramme:
    """What a file holds of one programme: its 清, the entries of its standard, other papers."""

    programme: Programme
    dossier: clears.Dossier | None
    entries: list[Entry]
    others: list

    @property
    def there(self):
        return sum(bool(entry.papers) for entry in self.entries)

    @property
    def complete(self):
        return sum(entry.is_complete for entry in self.entries)


def of_programmes(household, staff):
    """Programme by programme, in a number of queries that papers do not change."""
    enrolments = list(
        household.enrolments.select_related("programme", "household").order_by(
            "-programme__starts_on", "programme__code"
        )
    )
    dossiers = {
        told.enrolment.programme_id: told for told in clears.tell(household, enrolments, staff)
    }
    programmes = {enrolment.programme_id: enrolment.programme for enrolment in enrolments}
    found = household.dossier_items.counted().with_scan_count()
    found = list(found.select_related("programme", "checked_by").order_by("issued_on", "pk"))
    programmes |= {paper.programme_id: paper.programme for paper in found}
    items = SchemeItem.objects.filter(programme__in=programmes, list_name=STANDARD)
    entries = {item.pk: Entry(item) for item in items.order_by("seq", "pk")}
    others = {}
    for paper in found:
        if paper.item_id in entries:
            entries[paper.item_id].papers.append(paper)
        else:
            others.setdefault(paper.programme_id, []).append(paper)
    return [
        OfProgramme(
            programme,
            dossiers.get(key),
            [entry for entry in entries.values() if entry.item.programme_id == key],
            others.get(key, []),
        )
        for key, programme in programmes.items()
    ]


@require_GET
@view_papers
def of_household(request, pk):
    """The section for the file's page; who follows the link without a script gets it as a page."""
    household = own_file(request, pk)
    programmes = of_programmes(household, request.user)
    context = {
        "title": _("Papers of the file"),
        "household": household,
        "programmes": programmes,
        "any_scan": any(
            paper.scan_count
            for one in programmes
            for paper in (*one.others, *(p for entry in one.entries for p in entry.papers))
        ),
        "breadcrumbs": crumbs_to(household)[:-1],
        "may_change": household.is_open and request.user.has_perm("households.change_dossieritem"),
    }
    part, page = "households/_papers.html", "households/papers.html"
    return render(request, part if wants_fragment(request) else page, context)


# ---- a form and its deed


def deed(request, form, do, *, household, title, verb, done, back, paper=None, **more):
    """Ask, do it once, say so, go to the row that `do(version)` answers (or to `back`).

    The page carries the version of the paper it was made from: after somebody else's change the
    deed waits for a second press.
    """
    if request.method == "POST" and form.is_valid():

        def save():
            answered = do(seen_version(request))
            return back if more.get("to_back") else answered.get_absolute_url()

        try:
            address, first = drafts.once(request, save)
        except ValidationError as refusal:
            form.add_error(None, ValidationError(refusal.messages))
            if isinstance(refusal, StalePaperError):
                paper = refusal.current
        else:
            if first:
                messages.success(request, done)
            return redirect(address)
    elif request.method == "POST" and (address := drafts.sent_before(request)):
        return redirect(address)
    context = {
        "title": title,
        "form": form,
        "household": household,
        "paper": paper,
        "version_name": VERSION,
        "verb": verb,
        "back": back,
        "breadcrumbs": crumbs_to(household),
        **more,
    }
    return render(request, "households/paper_form.html", context)


def bound(request):
    """What was sent, text and files; or what was typed before a session was lost."""
    return data_of(request), request.FILES if request.method == "POST" else None


@require_http_methods(["GET", "POST"])
@change_papers
def add(request, pk):
    """A paper into the file, with its scans if there are some."""
    household = own_file(request, pk)
    if request.method == "GET" and not household.is_open:
        return closed_file(request, household)
    may_check = request.user.has_perm("households.check_dossieritem")
    form = PaperForm(
        *bound(request), staff=request.user, household=household, may_check=may_check,
        initial=to_start_with(request, household),
    )  # fmt: skip

    def do(_version):
        paper = papers.add(household, scans=form.all_scans(), by=request.user, **form.written())
        if form.cleaned_data.get("complete"):
            paper = papers.check(paper, by=request.user)
        return paper

    back = reverse("households:papers", args=[household.pk])
    return deed(
        request, form, do, household=household, title=_("Add a paper to the file"),
        verb=_("Put it into the file"), done=_("The paper is in the file."), back=back,
    )  # fmt: skip


def to_start_with(request, household):
    """What the link says that led here: programme, title or kind; today as the day it was issued."""
    asked = request.GET
    programmes = Programme.objects.filter(enrolments__household=household)
    programmes = programmes.order_by("-starts_on", "code")
    programme = programmes.coded(asked.get("programme", "")).first() or programmes.first()
    return {
        "programme": programme,
        "title": asked.get("title", "")[:120],
        "kind": asked.get("kind", ""),
        "issued_on": timezone.localdate(),
    }


@require_GET
@view_papers
def detail(request, pk):
    """One paper: what is written of it, its scans to be looked at, what may be done with it."""
    paper = own_paper(request, pk)
    is_ours = paper.is_counted and paper.household.is_open
    staff = request.user
    scans = list(paper.files.counted().select_related("added_by").order_by("pk"))
    context = {
        "title": paper.title,
        "paper": paper,
        "household": paper.household,
        "scans": scans,
        "may_open": may_open(staff, paper),
        "may_change": is_ours and staff.has_perm("households.change_dossieritem"),
        "may_check": is_ours and staff.has_perm("households.check_dossieritem"),
        "version_name": VERSION,
        "breadcrumbs": crumbs_to(paper.household),
    }
    return render(request, "households/paper.html", context)


@require_http_methods(["GET", "POST"])
@change_papers
def change(request, pk):
    paper = own_paper(request, pk)
    form = PaperForm(
        data_of(request), staff=request.user, household=paper.household, instance=paper
    )
    return deed(
        request, form,
        lambda seen: papers.change(paper, by=request.user, version=seen, **form.written()),
        household=paper.household, paper=paper,
        title=_("Correct what is written of a paper"), verb=_("Save"), done=_("Saved."),
        back=paper.get_absolute_url(),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@change_papers
def add_scans(request, pk):
    paper = own_paper(request, pk)
    form = ScansForm(*bound(request), staff=request.user)
    return deed(
        request, form,
        lambda seen: papers.add_scans(
            paper, form.all_scans(), by=request.user, version=seen
        ),
        household=paper.household, paper=paper, title=_("Add scans to “%(title)s”") % {"title": paper.title},
        verb=_("Add the scans"), done=_("The scans are on the paper."),
        back=paper.get_absolute_url(),
    )  # fmt: skip


@require_POST
@check_papers
def check(request, pk):
    """By one press on the paper's page: I have looked it through."""
    paper = own_paper(request, pk)
    try:
        papers.check(paper, by=request.user, version=seen_version(request))
    except RefusedError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _("Checked complete."))
    return redirect(paper)


@require_http_methods(["GET", "POST"])
@check_papers
def uncheck(request, pk):
    paper = own_paper(request, pk)
    form = ReasonForm(data_of(request), staff=request.user)
    return deed(
        request, form,
        lambda seen: papers.uncheck(
            paper, reason=form.cleaned_data["reason"], by=request.user, version=seen
        ),
        household=paper.household, paper=paper,
        title=_("Take back that “%(title)s” is complete") % {"title": paper.title},
        verb=_("It is not complete"), done=_("The paper is to be checked anew."),
        back=paper.get_absolute_url(),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@change_papers
def take_out(request, pk):
    paper = own_paper(request, pk)
    form = ReasonForm(data_of(request), staff=request.user)
    return deed(
        request, form,
        lambda seen: papers.take_out(
            paper, reason=form.cleaned_data["reason"], by=request.user, version=seen
        ),
        household=paper.household, paper=paper,
        title=_("Take “%(title)s” out of the file") % {"title": paper.title},
        text=_("The paper no longer counts. Its history stays, and its scans until their time is over."),
        verb=_("Take it out"), done=_("The paper is out of the file."), danger=True, to_back=True,
        back=reverse("households:papers", args=[paper.household_id]),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@change_papers
def take_off(request, pk):
    scan = own_scan(request, pk)
    paper = scan.item
    form = ReasonForm(data_of(request), staff=request.user)
    return deed(
        request, form,
        lambda seen: papers.take_off(
            scan, reason=form.cleaned_data["reason"], by=request.user, version=seen
        ),
        household=paper.household, paper=paper,
        title=_("Take a scan off “%(title)s”") % {"title": paper.title},
        verb=_("Take it off"), done=_("The scan is off the paper."), danger=True,
        back=paper.get_absolute_url(),
    )  # fmt: skip


def own_scan(request, pk):
    """A scan one may see; one of a health file does not exist for who may not open it."""
    rows = DossierFile.objects.select_related(
        "item__household__unit", "item__programme", "added_by"
    )
    scan = get_visible_or_404(rows, request.user, pk=pk)
    if not may_open(request.user, scan.item):
        raise Http404
    return scan


@require_POST
@change_papers
def issued_today(request, pk):
    """A paper without a scan, handed over today: one press beside the entry of the standard."""
    household = own_file(request, pk)
    key = request.POST.get("item", "")
    items = SchemeItem.objects.filter(
        programme__enrolments__household=household, list_name=STANDARD
    ).select_related("programme")
    item = items.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None
    back = f"{reverse('households:papers', args=[household.pk])}#standard"
    if item is None:
        messages.error(request, _("This entry is no longer in the list of the programme."))
        return redirect(back)
    given, _had = papers.issue(
        [household], programme=item.programme, kind=papers.kind_of_entry(item), title=item.label,
        on=timezone.localdate(), by=request.user,
    )  # fmt: skip
    if given:
        messages.success(
            request, _("“%(title)s” is written down as issued today.") % {"title": item.label}
        )
    else:
        messages.info(
            request,
            _("“%(title)s” was issued already, or the file is closed.") % {"title": item.label},
        )
    return redirect(back)
