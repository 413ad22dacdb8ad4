"""Rosters: bring one, see what it would change, import it or put it away; past ones with their receipts."""

import tempfile
from collections import Counter
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from households.forms.roster import RosterForm
from households.models import Member, RosterImport, RosterLine, kept
from households.roster import error_book, files, importing, refusals
from households.roster.core.headings import standard
from households.roster.sentences import FIELD_WORDS, SENTENCES
from povertyaid.audit.models import record
from povertyaid.org.models import OrgUnit
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.programmes.models import Programme
from povertyaid.web import drafts, workbook
from povertyaid.web.context import chosen_place
from povertyaid.web.views import DetailPage, ListPage, wants_fragment

IMPORTS = "households.import_roster"
LINES_A_PAGE = 50
WARNED = "warned"
Outcome = RosterLine.Outcome
VALUE_WORDS = {"per_capita_period": kept.PERIODS, "id_kind": dict(Member.IdKind.choices)}


class RosterList(ListPage):
    """Rosters of one's own units, newest first."""

    permission_required = IMPORTS
    queryset = RosterImport.objects.select_related("unit", "programme", "uploaded_by")
    ordering = ("-uploaded_at",)
    title = _("Roster import")


@permission_required(IMPORTS, raise_exception=True)
def upload(request):
    """Bring a roster and see what it would change. Sent twice, it is kept once."""
    if request.method == "POST":
        form = RosterForm(request.POST, request.FILES, staff=request.user)
        if form.is_valid():
            address, _first = drafts.once(request, lambda: _preview(form).get_absolute_url())
            return HttpResponseRedirect(address)
    else:
        form = RosterForm(staff=request.user, initial=_where_one_works(request))
    crumbs = [{"url": reverse("households:roster-list"), "title": RosterList.title}]
    context = {"form": form, "title": now("Import a roster"), "breadcrumbs": crumbs}
    return render(request, "households/roster_upload.html", context)


def _preview(form):
    return importing.preview(
        form.reading,
        form.content,
        form.cleaned_data["file"].name,
        unit=form.cleaned_data["unit"],
        programme=form.cleaned_data["programme"],
        by=form.staff,
    )


def _where_one_works(request):
    """The unit and programme chosen in the frame, else one's own unit and the only programme."""
    place = chosen_place(request)
    units = OrgUnit.objects.visible_to(request.user).open()
    programmes = Programme.objects.visible_to(request.user)
    unit = units.filter(code=place["unit"]["code"]).first() if "unit" in place else None
    if "programme" in place:
        programme = programmes.filter(code=place["programme"]["code"]).first()
    else:
        several = list(programmes[:2])
        programme = several[0] if len(several) == 1 else None
    return {"unit": unit or request.user.unit, "programme": programme}


# --- one roster -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problem:
    """One code that stands in a roster, with how many rows have it."""

    code: str
    sentence: str
    rows: int
    refuses: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as a page says it: where and what."""

    place: str
    sentence: str


class RosterDetail(DetailPage):
    """Before: what would change, and the button. After: the receipt. Only one page of rows is drawn."""

    permission_required = IMPORTS
    model = RosterImport
    queryset = RosterImport.objects.select_related("unit", "programme", "uploaded_by", "settled_by")

    def get_title(self):
        return self.object.file_name

    def get_template_names(self):
        if wants_fragment(self.request):
            return ["households/_roster_lines.html"]
        return ["households/rosterimport_detail.html"]

    def get_context_data(self, **kwargs):
        roster = self.object
        problems = problems_of(roster)
        shown = self.request.GET.get("show", "")
        code = self.request.GET.get("code", "")
        lines = lines_shown(roster, shown, code)
        page = Paginator(lines, LINES_A_PAGE).get_page(self.request.GET.get("page"))
        page.object_list = [spelled_out(line) for line in page.object_list]
        crumbs = [{"url": reverse("households:roster-list"), "title": RosterList.title}]
        return super().get_context_data(
            **kwargs,
            roster=roster,
            breadcrumbs=crumbs,
            kinds=kinds_of(roster, problems),
            problems=problems,
            sheet_notes=[sheet_note(found) for found in roster.warnings],
            sheets=[sheet_in_words(sheet) for sheet in roster.sheets],
            page_obj=page,
            shown=shown,
            code=code,
            goes_in=roster.rows_created + roster.rows_updated,
        )


def lines_shown(roster, shown, code):
    lines = RosterLine.objects.filter(roster=roster).order_by("position")
    if code in SENTENCES:
        return lines.saying(code)
    if shown in Outcome.values:
        return lines.filter(outcome=shown)
    return lines.with_warnings() if shown == WARNED else lines


def kinds_of(roster, problems):
    """The tabs: word after `?show=`, label, rows."""
    warned = RosterLine.objects.filter(roster=roster).with_warnings()
    counts = roster.counts
    return [
        ("", _("All data rows"), counts["read"] - counts["skipped"]),
        *((value, label, counts[value]) for value, label in Outcome.choices),
        (WARNED, _("To be checked"), warned.count() if any(not p.refuses for p in problems) else 0),
    ]


def problems_of(roster):
    """Every code of the roster's rows, refusals first, the commonest first."""
    counted = Counter(RosterLine.objects.code_counts(roster))
    found = [Problem(code, SENTENCES[code], n, refuses) for (code, refuses), n in counted.items()]
    return sorted(found, key=lambda problem: (not problem.refuses, -problem.rows, problem.code))


def sheet_note(found):
    place = f"{found['column']}{found['row']}" if found["row"] else ""
    return found["sheet"], Told(place, SENTENCES[found["code"]])


def sheet_in_words(sheet):
    """How a sheet was read, its columns by their words."""
    return sheet | {
        "mapping": [(heading, FIELD_WORDS[name]) for heading, name in sheet["mapping"]],
        "unmapped": [
            heading for heading in sheet["unmapped"] if not standard().is_running_number(heading)
        ],
    }


def spelled_out(line):
    """A line with its changes and findings in words."""
    line.told_changes = [
        (FIELD_WORDS[name], in_words(name, old), in_words(name, new))
        for name, old, new in line.changes
    ]
    line.told_refusals = [told(found, line.row) for found in line.refusals]
    line.told_warnings = [told(found, line.row) for found in line.warnings]
    return line


def told(found, row):
    place = f"{found['column']}{row}" if found["column"] else ""
    return Told(place, SENTENCES[found["code"]])


def in_words(name, value):
    return VALUE_WORDS.get(name, {}).get(value, value)


# --- what is done with it -------------------------------------------------------------------------


@require_POST
@permission_required(IMPORTS, raise_exception=True)
def commit(request, pk):
    """Import what the preview showed; if that is no longer true, show the preview anew."""
    roster = get_visible_or_404(RosterImport, request.user, pk=pk)
    try:
        went_in = importing.commit(roster, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(roster)
    if went_in:
        messages.success(request, now("The roster has been imported. This is the receipt."))
    else:
        messages.warning(
            request,
            now(
                "Somebody has changed some of these files since the preview, so nothing was "
                "imported. The preview below is new: please look at it and import again."
            ),
        )
    return redirect(roster)


@require_POST
@permission_required(IMPORTS, raise_exception=True)
def discard(request, pk):
    """Put a roster away without importing it."""
    roster = get_visible_or_404(RosterImport, request.user, pk=pk)
    try:
        importing.discard(roster, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(roster)
    messages.success(request, now("The roster was put away; nothing of it was imported."))
    return redirect("households:roster-list")


@permission_required(IMPORTS, raise_exception=True)
def errors(request, pk):
    """The refused rows with their reasons, as a workbook to correct and bring again.

    Numbers stand in it as they were brought, so that it was taken along is written down.
    """
    roster = get_visible_or_404(RosterImport, request.user, pk=pk)
    try:
        content = files.load_file(roster)
    except refusals.FileGoneError as gone:
        messages.error(request, gone.messages[0])
        return redirect(roster)
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 -- FileResponse closes it when sent
    error_book.write(file, content, error_book.wanted_of_lines(roster))
    file.seek(0)
    record(roster, "exported", by=request.user, file=roster.file_name, rows=roster.rows_refused)
    name = now("%(file)s refused rows") % {"file": roster.file_name.rsplit(".", 1)[0]}
    answer = FileResponse(
        file, as_attachment=True, filename=f"{name}.xlsx", content_type=workbook.MIME
    )
    answer["Cache-Control"] = "no-store"
    return answer
