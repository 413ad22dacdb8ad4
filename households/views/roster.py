"""Rosters: bring one, say what its columns mean, see what it would change, correct it, import it, undo it."""

import re
import tempfile
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from households.forms.roster import RosterForm, field_choices
from households.models import (
    Household,
    Member,
    RosterCorrection,
    RosterImport,
    RosterLine,
    kept,
    words,
)
from households.roster import (
    error_book,
    files,
    importing,
    knowledge,
    marked_book,
    marking,
    template_book,
    undoing,
    work,
)
from households.roster.core.fields import FIELDS, Kind
from households.roster.core.headings import standard
from households.roster.core.marks import column_index
from households.roster.refusals import FileGoneError
from households.roster.sentences import DOUBTS, FIELD_WORDS, SENTENCES, SHAPES, reason_in_words
from povertyaid.audit.models import record
from povertyaid.lib.money import format_yuan
from povertyaid.org.models import OrgUnit
from povertyaid.org.models.unit import paths_above
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.programmes.models import Programme
from povertyaid.web import drafts, workbook
from povertyaid.web.context import chosen_place
from povertyaid.web.views import DetailPage, ListPage, wants_fragment

IMPORTS = "households.import_roster"
LINES_A_PAGE = 50
UNITS_OFFERED = 2000  # in a drop-down of the template
LINK = re.compile(r"R[0-9]{1,18}")
CELL = re.compile(r"cell-([0-9]{1,9})-([A-Z]{1,3})")
COLUMNS_ASKED = 200  # of a wider sheet the rest stay as they are known
WARNED, QUESTIONS, DESK = "warned", "questions", "desk"
Outcome = RosterLine.Outcome
State = RosterImport.State
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
            address, _first = drafts.once(request, lambda: _bring(form))
            return HttpResponseRedirect(address)
    else:
        form = RosterForm(staff=request.user, initial=_where_one_works(request))
    context = {"form": form, "title": now("Import a roster"), "breadcrumbs": crumbs()}
    return render(request, "households/roster_upload.html", context)


def _bring(form):
    """Keep the file and have it read; answer the page where one sees what comes of it.

    A workbook of errors that comes back corrected follows the roster it was made of.
    """
    follows, is_whole = followed_by(form.content, form.cleaned_data, form.staff)
    with importing.brought(
        form.content,
        form.cleaned_data["file"].name,
        unit=form.cleaned_data["unit"],
        programme=form.cleaned_data["programme"],
        by=form.staff,
        follows=follows,
    ) as roster:
        if is_whole and follows.state in {State.PREVIEWED, State.HEADINGS}:
            importing.discard(follows, by=form.staff)  # this one is the same, corrected
        importing.tell_brought(roster, by=form.staff, data=form.content)
        work.read(roster, by=form.staff, reading=form.reading)
    return roster.get_absolute_url()


PART = "/refused"  # behind the code in a workbook of refused rows alone


def followed_by(content, told, staff):
    """The roster that the workbook says it corrects, if it is one of ours, and whether as a whole."""
    link = marked_book.link_of(content)
    code = link.removesuffix(PART)
    if not LINK.fullmatch(code):
        return None, False
    rosters = RosterImport.objects.visible_to(staff).filter(
        unit=told["unit"], programme=told["programme"]
    )
    found = rosters.filter(pk=int(code[1:])).first()
    return found, bool(found) and code == link


def crumbs(roster=None):
    said = [{"url": reverse("households:roster-list"), "title": RosterList.title}]
    if roster:
        said.append({"url": roster.get_absolute_url(), "title": roster.file_name})
    return said


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
    is_doubt: bool
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as a page says it: where and what, and by which name the cell can be corrected."""

    place: str
    sentence: str
    said: str = ""
    cell: str = ""
    typed: str = ""  # before a session was lost


class RosterDetail(DetailPage):
    """Before: what would change, and the button. After: the receipt. Only one page of rows is drawn."""

    permission_required = IMPORTS
    model = RosterImport
    queryset = RosterImport.objects.select_related(
        "unit", "programme", "uploaded_by", "settled_by", "undone_by", "follows"
    )

    def get_object(self, queryset=None):
        return work.settle(super().get_object(queryset))

    def get(self, request, *args, **kwargs):
        roster = self.object = self.get_object()
        if roster.state == State.HEADINGS and not wants_fragment(request):
            return redirect("households:roster-headings", roster.pk)
        return self.render_to_response(self.get_context_data(object=roster))

    def get_title(self):
        return self.object.file_name

    def get_template_names(self):
        if self.object.is_working or self.object.state == State.FAILED:
            return ["households/roster_waiting.html"]
        if wants_fragment(self.request):
            return ["households/_roster_lines.html"]
        return ["households/rosterimport_detail.html"]

    def get_context_data(self, **kwargs):
        roster = self.object
        job = work.job_of(roster)
        common = {"roster": roster, "breadcrumbs": crumbs(), "job": job}
        if roster.is_working or roster.state == State.FAILED:
            return super().get_context_data(
                **kwargs, **common, reason=reason_in_words(roster.reason)
            )
        problems = problems_of(roster)
        shown = self.request.GET.get("show", "")
        code = self.request.GET.get("code", "")
        lines = lines_shown(roster, shown, code)
        page = Paginator(lines, LINES_A_PAGE).get_page(self.request.GET.get("page"))
        typed = (drafts.typed_before(self.request) if roster.is_preview else None) or {}
        page.object_list = spelled_out(roster, list(page.object_list), typed)
        failed = job.sentence if job and roster.is_preview else ""
        return super().get_context_data(
            **kwargs,
            **common,
            kinds=kinds_of(roster, problems),
            problems=problems,
            doubts=[problem for problem in problems if problem.is_doubt],
            conflicts=conflicts_of(roster) if roster.is_preview else [],
            questions=importing.open_questions(roster) if roster.is_preview else [],
            corrections=roster.corrections.count() if roster.is_preview else 0,
            sheet_notes=[sheet_note(found) for found in roster.warnings],
            sheets=[sheet_in_words(sheet) for sheet in roster.sheets],
            page_obj=page,
            can_correct=any(
                found.cell
                for line in page.object_list
                for found in (*line.told_refusals, *line.told_warnings)
            ),
            **_undone(roster),
            shown=shown,
            code=code,
            failed=failed,
            goes_in=roster.rows_created + roster.rows_updated,
        )


def _undone(roster):
    """How many files undoing has restored, and how many it left alone."""
    if roster.state != State.UNDONE:
        return {}
    held_back = roster.files.held_back().count()
    return {"held_back": held_back, "restored": roster.files.count() - held_back}


def lines_shown(roster, shown, code):
    lines = RosterLine.objects.filter(roster=roster).order_by("position")
    if code in SENTENCES:
        return lines.saying(code)
    if shown in Outcome.values:
        return lines.filter(outcome=shown)
    special = {
        WARNED: lines.with_warnings,
        QUESTIONS: lines.questions,
        DESK: lines.with_desk_words,
    }
    return special[shown]() if shown in special else lines


def kinds_of(roster, problems):
    """The tabs: word after `?show=`, label, rows. Rare kinds only where there are some."""
    lines = RosterLine.objects.filter(roster=roster)
    counts = roster.counts
    warned = lines.with_warnings().count() if any(not p.refuses for p in problems) else 0
    rare = lines.rare_counts()
    return [
        ("", _("All data rows"), counts["read"] - counts["skipped"]),
        *((value, label, counts[value]) for value, label in Outcome.choices),
        (WARNED, _("To be checked"), warned),
        *((QUESTIONS, _("The same family?"), n) for n in [rare["questions"]] if n),
        *((DESK, _("The file's word stays"), n) for n in [rare["desk"]] if n),
    ]


def problems_of(roster):
    """Every code of the roster's rows, refusals first, the commonest first."""
    counted = Counter(RosterLine.objects.code_counts(roster))
    found = [
        Problem(
            code,
            SENTENCES[code],
            n,
            refuses,
            is_doubt=not refuses and code in DOUBTS,
            is_confirmed=code in roster.confirmed,
        )
        for (code, refuses), n in counted.items()
    ]
    return sorted(found, key=lambda problem: (not problem.refuses, -problem.rows, problem.code))


def conflicts_of(roster):
    """(field, its word, rows, whether the file wins) where desk and file both changed."""
    counted = RosterLine.objects.conflict_counts(roster)
    fields = {**dict.fromkeys(roster.file_wins, 0), **counted}
    return [
        (name, FIELD_WORDS[name], n, name in roster.file_wins)
        for name, n in sorted(fields.items(), key=lambda pair: -pair[1])
    ]


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


def spelled_out(roster, lines, typed):
    """Lines with their changes and findings in words; one query for the corrected cells.

    `typed` are the corrections that were typed before a session was lost.
    """
    rows = {(line.sheet, line.row) for line in lines}
    corrected = {}
    if roster.is_preview and rows:
        cells = RosterCorrection.objects.filter(
            roster=roster, row__in={row for _sheet, row in rows}
        ).values_list("sheet", "row", "column")
        for sheet, row, column in cells:
            corrected.setdefault((sheet, row), []).append(column)
    answered, others = set(roster.same_families), set(roster.other_families)
    family = None
    for line in lines:
        # A roll of members is shown as a tree: the family, and below it its persons.
        line.starts_family = (line.sheet, line.code, line.head) != family
        family = (line.sheet, line.code, line.head)
        line.is_below = bool(line.relation) and line.relation != words.HEAD
        line.told_changes = [
            (FIELD_WORDS[name], in_words(name, old), in_words(name, new))
            for name, old, new in line.changes
        ]
        line.told_kept = [
            (
                now("the person has been taken out of the file")
                if name == "left"
                else FIELD_WORDS[name],
                in_words(name, desk),
                in_words(name, said),
                is_conflict,
            )
            for name, desk, said, is_conflict in line.kept
        ]
        line.told_refusals = [told(line, one, roster.is_preview, typed) for one in line.refusals]
        line.told_warnings = [told(line, one, roster.is_preview, typed) for one in line.warnings]
        line.is_corrected = (line.sheet, line.row) in corrected
        line.place = f"{line.sheet}!{line.row}"
        line.is_answered = line.place in answered
        line.is_another = line.place in others
    return lines


def told(line, found, may_correct, typed):
    column = found["column"]
    if not column:
        return Told("", SENTENCES[found["code"]])
    cell = f"cell-{line.position}-{column}" if may_correct else ""
    return Told(
        f"{column}{line.row}",
        SENTENCES[found["code"]],
        found.get("said", ""),
        cell,
        typed.get(cell, ""),
    )


def in_words(name, value):
    if name in FIELDS and FIELDS[name].kind is Kind.MONEY and value is not None:
        return format_yuan(Decimal(value))
    return VALUE_WORDS.get(name, {}).get(value, value)


# --- what the columns mean ------------------------------------------------------------------------


@permission_required(IMPORTS, raise_exception=True)
def headings(request, pk):
    """Say what the columns mean: proposals with sample values, one select a column."""
    roster = work.settle(get_visible_or_404(RosterImport, request.user, pk=pk))
    if roster.state not in {State.HEADINGS, State.PREVIEWED}:
        return redirect(roster)
    sheets = [sheet for sheet in roster.sheets if sheet.get("columns")]
    said = request.POST or drafts.typed_before(request)  # what was chosen before a session was lost
    error = ""
    if request.method == "POST":
        chosen = {
            sheet["name"]: {
                column["letter"]: request.POST.get(f"{nth}-{column['letter']}", "")
                for column in sheet["columns"][:COLUMNS_ASKED]
            }
            for nth, sheet in enumerate(sheets)
            if sheet["use"] == "roster" or request.POST.get(f"{nth}-use")
        }
        try:
            with transaction.atomic():
                roster = importing.confirm_headings(roster, chosen, by=request.user)
                work.read(roster, by=request.user)
        except ValidationError as refusal:
            error = refusal.messages[0]
        else:
            return redirect(roster)
    context = {
        "roster": roster,
        "title": now("What the columns mean"),
        "breadcrumbs": crumbs(roster),
        "sheets": [sheet_to_confirm(nth, sheet, said or {}) for nth, sheet in enumerate(sheets)],
        "choices": field_choices(),
        "error": error,
    }
    return render(request, "households/roster_headings.html", context)


def sheet_to_confirm(nth, sheet, posted):
    """A sheet with its columns: the field chosen, else known, else proposed."""
    columns = []
    for column in sheet["columns"][:COLUMNS_ASKED]:
        name = f"{nth}-{column['letter']}"
        chosen = posted.get(name, column["field"] or column["proposal"])
        why = SHAPES[column["because"]] if column["proposal"] and not column["field"] else ""
        columns.append(column | {"name": name, "chosen": chosen, "why": why})
    return sheet | {"columns": columns, "use_name": f"{nth}-use"}


# --- what is corrected and decided ----------------------------------------------------------------


def _back(request, roster):
    """The same page of the same rows."""
    query = request.POST.get("query", "")
    return redirect(f"{roster.get_absolute_url()}?{query}#rows" if query else roster)


@require_POST
@permission_required(IMPORTS, raise_exception=True)
def correct(request, pk):
    """Take what was typed for bad cells, and read the roster again."""
    roster = get_visible_or_404(RosterImport, request.user, pk=pk)
    cells = {
        (int(match[1]), match[2]): text.strip()
        for name, text in request.POST.items()
        if text.strip() and (match := CELL.fullmatch(name))
    }
    lines = {
        line.position: line for line in roster.lines.filter(position__in={p for p, _c in cells})
    }
    corrected = 0
    try:
        with transaction.atomic():
            for (position, column), text in cells.items():
                line = lines.get(position)
                found = (*line.refusals, *line.warnings) if line else ()
                if any(one["column"] == column for one in found):
                    importing.correct(
                        roster, sheet=line.sheet, row=line.row, column=column_index(column),
                        text=text, by=request.user,
                    )  # fmt: skip
                    corrected += 1
            if corrected:
                work.check_again(roster, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        drafts.discard_of(request)
        _tell_corrected(request, corrected, len(cells))
    return _back(request, roster)


def _tell_corrected(request, corrected, typed):
    if corrected:
        said = now("%(n)s cells corrected; the roster was checked again.") % {"n": corrected}
        messages.success(request, said)
    elif not typed:
        messages.warning(request, now("Nothing was typed, so nothing was corrected."))
    if corrected < typed:
        said = now("%(n)s cells are no longer found fault with, so they were left as they are.")
        messages.warning(request, said % {"n": typed - corrected})


@require_POST
@permission_required(IMPORTS, raise_exception=True)
def check_again(request, pk):
    """Have the roster read and compared once more."""
    roster = get_visible_or_404(RosterImport, request.user, pk=pk)
    try:
        work.check_again(roster, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return _back(request, roster)


@require_POST
@permission_required(IMPORTS, raise_exception=True)
def same_families(request, pk):
    """Say of families that only a name matched whether they are the same as those on file."""
    roster = get_visible_or_404(RosterImport, request.user, pk=pk)
    asked = {f"{line.sheet}!{line.row}" for line in roster.lines.questions()}
    asked |= set(roster.other_families)  # an answer may be taken back
    places = asked if request.POST.get("all") else asked & set(request.POST.getlist("place"))
    try:
        with transaction.atomic():
            same = request.POST.get("are") == "same"
            roster = importing.answer(roster, places, same=same, by=request.user)
            if roster.is_stale:
                work.check_again(roster, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return _back(request, roster)


@require_POST
@permission_required(IMPORTS, raise_exception=True)
def decide(request, pk):
    """Say in which fields the roster wins where the desk changed them too."""
    roster = get_visible_or_404(RosterImport, request.user, pk=pk)
    try:
        with transaction.atomic():
            roster = importing.decide(
                roster,
                confirmed=roster.confirmed,
                file_wins=request.POST.getlist("file_wins"),
                by=request.user,
            )
            if roster.is_stale:
                work.check_again(roster, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return _back(request, roster)


# --- what is done with it -------------------------------------------------------------------------


@require_POST
@permission_required(IMPORTS, raise_exception=True)
def commit(request, pk):
    """Import what the preview showed; if that is no longer true, show the preview anew."""
    roster = get_visible_or_404(RosterImport, request.user, pk=pk)
    try:
        confirmed = request.POST.getlist("confirmed")
        roster = importing.decide(roster, confirmed=confirmed, by=request.user)
        went_in = work.take_in(roster, by=request.user, whole=bool(request.POST.get("whole")))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(roster)
    if went_in:
        messages.success(request, now("The roster has been imported. This is the receipt."))
    elif went_in is False:
        messages.warning(request, work.CHANGED_SINCE)
    return redirect(roster)


@require_POST
@permission_required(IMPORTS, raise_exception=True)
def discard(request, pk):
    """Put a roster away without importing it."""
    roster = get_visible_or_404(RosterImport, request.user, pk=pk)
    try:
        importing.discard(work.settle(roster), by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(roster)
    messages.success(request, now("The roster was put away; nothing of it was imported."))
    return redirect("households:roster-list")


@permission_required(IMPORTS, raise_exception=True)
def undo(request, pk):
    """Take a whole import back, after saying what that means."""
    roster = work.settle(get_visible_or_404(RosterImport, request.user, pk=pk))
    if request.method == "POST":
        try:
            done = work.take_back(roster, by=request.user)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            if done:
                messages.success(request, work.undone_words(*done))
        return redirect(roster)
    if roster.state != State.IMPORTED:
        return redirect(roster)
    opened = roster.files.filter(is_new=True).count()
    context = {
        "roster": roster,
        "title": now("Undo the import"),
        "breadcrumbs": crumbs(roster),
        "opened": opened,
        "changed": roster.files.count() - opened,
        "held_back": undoing.went_on(roster).count(),
    }
    return render(request, "households/roster_undo.html", context)


# --- families that are missing, or that undoing left alone ----------------------------------------


class FamiliesOfRoster(ListPage):
    """Files of families that have to do with a roster, one kind a page."""

    permission_required = IMPORTS
    queryset = Household.objects.select_related("unit")
    ordering = ("code",)
    kinds = {
        "missing": _("Families that this roster no longer names"),
        "returned": _("Families that an earlier roster named, and this one names again"),
        "held-back": _("Files changed since, which undoing left as they are"),
    }

    def get_queryset(self):
        self.roster = get_visible_or_404(RosterImport, self.request.user, pk=self.kwargs["pk"])
        keys = {
            "missing": self.roster.missing,
            "returned": self.roster.returned,
            "held-back": self.roster.files.held_back().values("household_id"),
        }[self.kwargs["kind"]]
        return super().get_queryset().filter(pk__in=keys)

    def get_title(self):
        return self.kinds[self.kwargs["kind"]]

    def template_for(self, shape):
        return f"households/{shape.format('rosterfamily')}"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **kwargs, roster=self.roster, breadcrumbs=crumbs(self.roster)
        )


# --- workbooks ------------------------------------------------------------------------------------


@permission_required(IMPORTS, raise_exception=True)
@require_GET
def errors(request, pk):
    """The refused rows with their reasons, as a workbook to correct and bring again.

    Numbers stand in it as they were brought, so that it was taken along is written down.
    """
    roster = get_visible_or_404(RosterImport, request.user, pk=pk)
    try:
        content = files.load_file(roster)
    except FileGoneError as gone:
        messages.error(request, gone.messages[0])
        return redirect(roster)
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 -- FileResponse closes it when sent
    error_book.write(
        file,
        content,
        error_book.wanted_of_lines(roster),
        knowledge=knowledge.of_unit(roster.unit),
        overlay=importing.overlay_of(roster),
        is_in=roster.state == State.IMPORTED,
        link=f"{roster.code}{PART}",
    )
    return _workbook(request, roster, file, now("%(file)s refused rows"))


@permission_required(IMPORTS, raise_exception=True)
@require_GET
def marked(request, pk):
    """The clerk's own file with every wrong cell marked, to correct and bring again."""
    roster = get_visible_or_404(RosterImport, request.user, pk=pk)
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 -- FileResponse closes it when sent
    try:
        if marking.write(file, roster):
            return _workbook(request, roster, file, now("%(file)s errors marked"))
    except FileGoneError as gone:
        messages.error(request, gone.messages[0])
    else:
        messages.warning(
            request,
            now(
                "The file is too large to be marked as a whole. Take the refused rows alone instead."
            ),
        )
    file.close()
    return redirect(roster)


def _workbook(request, roster, file, name):
    file.seek(0)
    record(roster, "exported", by=request.user, file=roster.file_name, rows=roster.rows_refused)
    name %= {"file": roster.file_name.rsplit(".", 1)[0]}
    answer = FileResponse(
        file, as_attachment=True, filename=f"{name}.xlsx", content_type=workbook.MIME
    )
    answer["Cache-Control"] = "no-store"
    return answer


@permission_required(IMPORTS, raise_exception=True)
@require_GET
def original(request, pk):
    """The file as it was brought; that it was taken along is written down."""
    roster = get_visible_or_404(RosterImport, request.user, pk=pk)
    try:
        content = files.load_file(roster)
    except FileGoneError as gone:
        messages.error(request, gone.messages[0])
        return redirect(roster)
    record(roster, "exported", by=request.user, file=roster.file_name, rows=roster.rows_read)
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=roster.file_name
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@permission_required(IMPORTS, raise_exception=True)
@require_GET
def template(request):
    """An empty roster with drop-downs and instructions, for those who start from nothing."""
    place = _where_one_works(request)
    unit, programme = place["unit"], place["programme"]
    of_members = request.GET.get("rows") != "households"
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 -- FileResponse closes it when sent
    template_book.write(
        file,
        of_members=of_members,
        programme_name=programme.name if programme else "",
        units=unit_paths(unit),
    )
    file.seek(0)
    name = (
        now("roster template, one row a member")
        if of_members
        else now("roster template, one row a family")
    )
    answer = FileResponse(
        file, as_attachment=True, filename=f"{name}.xlsx", content_type=workbook.MIME
    )
    answer["Cache-Control"] = "no-store"
    return answer


def unit_paths(unit):
    """`石桥镇/团结村`: the units below one that keep files, as a roster names them."""
    below = list(OrgUnit.objects.below(unit).open().order_by("path")[:UNITS_OFFERED])
    names = {one.path: one.name for one in below}
    paths = []
    for one in below:
        if one.keeps_files and one.pk != unit.pk:
            above = [names[path] for path in paths_above(one.path) if path in names]
            paths.append("/".join(above[1:]))
    return paths
