"""Pages of papers and of the rows behind a figure; files of papers."""

from urllib.parse import quote

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from povertyaid.audit.models import record
from povertyaid.programmes.models import Programme
from povertyaid.web.context import chosen_place
from povertyaid.web.pdf import PdfError
from reports.figures import catalogue
from reports.figures.parameters import ParameterError
from reports.figures.reader import snapshot
from reports.forms import CutForm
from reports.papers import as_json, as_pdf, as_workbook, footing
from reports.papers import catalogue as papers

ROWS_ON_A_PAGE = 50
PAPER_LANGUAGE = "zh-hans"  # an official paper is Chinese, whatever language its reader works in
NAMES_ON_PAPER = 300  # 50 lines take WeasyPrint a second; the whole list is one click away
NAMES_IN_A_WORKBOOK = 20_000

# File format → MIME type and how its bytes are made of a paper.
FORMATS = {
    "pdf": (as_pdf.MIME, lambda paper, base_url: as_pdf.as_bytes(paper, base_url=base_url)),
    "xlsx": (as_workbook.MIME, lambda paper, base_url: as_workbook.as_bytes(paper)),
    "json": (as_json.MIME, lambda paper, base_url: as_json.as_bytes(paper)),
}


@require_GET
@permission_required("reports.view_report", raise_exception=True)
def paper_list(request):
    """Which papers there are, and what each figure in them means."""
    return render(
        request,
        "reports/paper_list.html",
        {
            "title": _("Papers"),
            "papers": papers.known(),
            "indicators": sorted(catalogue.INDICATORS.values(), key=lambda one: one.code),
            "query": urlencode(
                {k: request.GET[k] for k in ("programme", "unit") if k in request.GET}
            ),
        },
    )


@require_GET
@permission_required("reports.view_report", raise_exception=True)
def paper_page(request, code):
    """A paper with its choosers; each figure leads to its rows."""
    kind = _paper_or_404(code)
    form = CutForm(_asked(request), staff=request.user)
    context = {"title": kind.title, "kind": kind}
    if not form.is_valid():
        return _refused(request, "reports/paper.html", context | {"form": form})
    paper = kind.build(form.cut, issued_by=request.user.full_name)
    return render(
        request,
        "reports/paper.html",
        context
        | {
            "form": form.filled_in(),
            "paper": paper,
            "cut": form.cut,
            "query": urlencode(form.cut.query()),
            "mismatches": list(footing.mismatches_of(paper)),
            "sees_rows": request.user.has_perm("households.view_household"),
        },
    )


@require_GET
@permission_required("reports.view_report", raise_exception=True)
def paper_file(request, code, file_format):
    """A paper as a file. Making one is written into the audit trail."""
    kind = _paper_or_404(code)
    if file_format not in FORMATS:
        raise Http404
    form = CutForm(_asked(request), staff=request.user)
    context = {"title": kind.title, "kind": kind}
    if not form.is_valid():
        return _refused(request, "reports/paper.html", context | {"form": form})
    names = {"pdf": NAMES_ON_PAPER, "xlsx": NAMES_IN_A_WORKBOOK}.get(file_format, 0)
    if not request.user.has_perm("households.view_household"):
        names = 0
    mime, as_bytes = FORMATS[file_format]
    with translation.override(PAPER_LANGUAGE):
        paper = kind.build(form.cut, issued_by=request.user.full_name, names_at_most=names)
        try:
            footing.check(paper)
            body = as_bytes(paper, request.build_absolute_uri("/"))
        except (footing.FootingError, PdfError) as error:
            failed = str(error)
        else:
            failed = ""
        name = f"{paper.title}_{form.cut.unit.name}_{form.cut.as_of}.{file_format}"
    if failed:
        context |= {"form": form.filled_in(), "failed": failed}
        return render(request, "reports/paper.html", context, status=409)
    record(
        form.cut.unit,
        "report_printed",
        by=request.user,
        paper=kind.code,
        programme=form.cut.programme.code,
        as_of=form.cut.as_of.isoformat(),
        format=file_format,
    )
    shown = "inline" if file_format == "pdf" else "attachment"
    return HttpResponse(
        body,
        content_type=mime,
        headers={"Content-Disposition": f"{shown}; filename*=UTF-8''{quote(name)}"},
    )


@require_GET
@permission_required("reports.view_report", raise_exception=True)
def figure_rows(request):
    """Exactly the rows behind one figure, with what each adds to it."""
    asked = _readable(request.GET)
    asked.pop("page", None)
    code = asked.pop("indicator", [""])[-1]
    form = CutForm(asked, staff=request.user)
    context = {"title": _("Rows behind a figure")}
    given = {name: asked[name] for name in asked if name not in form.fields}
    try:
        indicator = catalogue.find(code)
        params = indicator.read_parameters(given)
    except (catalogue.UnknownIndicatorError, ParameterError) as error:
        return render(request, "reports/figure_rows.html", context | {"failed": error}, status=404)
    if not form.is_valid():
        return _refused(request, "reports/figure_rows.html", context | {"form": form})
    if indicator.is_personal and not request.user.has_perm("households.view_household"):
        raise PermissionDenied
    with snapshot():
        try:
            indicator.check_parameters(params, form.cut)
            figure = indicator.figure(form.cut, params)
            rows = indicator.listed(form.cut, params)
        except (catalogue.UnknownIndicatorError, ParameterError) as error:
            context |= {"failed": error}
            return render(request, "reports/figure_rows.html", context, status=404)
        page = CountedPaginator(rows, ROWS_ON_A_PAGE, figure.row_count).get_page(
            request.GET.get("page")
        )
        columns = indicator.columns(form.cut, params)
        parts = indicator.parts(form.cut, params)
        lines = [
            {
                "row": row,
                "cells": [(column, column.read(row, form.cut)) for column in columns],
                "parts": [(part, getattr(row, f"part_{part.name}")) for part in parts],
                "household": _household_of(row),
            }
            for row in page
        ]
    return render(
        request,
        "reports/figure_rows.html",
        {
            "title": indicator.label,
            "indicator": indicator,
            "figure": figure,
            "cut": form.cut,
            "params": indicator.shown_parameters(params),
            "working": indicator.working(figure),
            "columns": columns,
            "parts": [(part, figure.sums.get(part.name)) for part in parts],
            "lines": lines,
            "page_obj": page,
            "paper_query": urlencode(form.cut.query()),
        },
    )


class CountedPaginator(Paginator):
    """Pages of rows whose number the figure already told."""

    def __init__(self, rows, per_page, count):
        self.told = count
        super().__init__(rows, per_page)

    @property
    def count(self):
        return self.told


def _household_of(row):
    """The key of the household a row is about, for the link to its file."""
    if hasattr(row, "household_id"):
        return row.household_id
    if hasattr(row, "visit_id"):
        return row.visit.household_id
    return row.enrolment.household_id if hasattr(row, "enrolment_id") else None


def _paper_or_404(code):
    try:
        return papers.find(code)
    except papers.UnknownPaperError as error:
        raise Http404 from error


def _asked(request):
    """The address, with the place a person works in where it names no programme or unit."""
    asked = _readable(request.GET)
    if asked.get("programme"):
        return asked
    place = chosen_place(request)
    if "programme" in place:
        asked["programme"] = place["programme"]["code"]
        if "unit" in place and not asked.get("unit"):
            asked["unit"] = place["unit"]["code"]
        return asked
    newest = Programme.objects.visible_to(request.user).values_list("code", flat=True).first()
    asked["programme"] = newest or ""
    return asked


def _readable(query):
    """The address with a sign nobody uses in place of NUL, which PostgreSQL refuses in text."""
    asked = query.copy()
    for name in asked:
        asked.setlist(
            name,
            [text.replace("\x00", "\N{REPLACEMENT CHARACTER}") for text in asked.getlist(name)],
        )
    return asked


def _refused(request, template, context):
    """What cannot be read is said; what is not there, or not one's own, is not found: 404 alike."""
    status = 404 if context["form"].names_a_stranger else 400
    return render(request, template, context, status=status)
