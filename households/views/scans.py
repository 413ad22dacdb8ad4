"""Scans of papers on their way out: looked at, taken along one by one or all of a file together."""

import csv
import io
import re
import tempfile
import zipfile

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from households.actions.papers import open_scan
from households.models import DossierFile
from households.views.papers import own_file, own_scan, view_papers
from povertyaid.audit.models import record
from povertyaid.lib.sealed_files import FileGoneError
from povertyaid.lib.secrets import DecryptionError

MIME = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}
ENDINGS = {"pdf": "pdf", "jpeg": "jpg", "png": "png"}
# Whatever somebody may have hidden in a scan: the browser draws it and runs nothing.
HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}
# Spreadsheets set to Chinese read the wide ones like the others; a tab or a line's end they skip.
FORMULA_STARTS = frozenset("=+-@＝＋－＠\t\r")
FORBIDDEN_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


def clean_name(text):
    """A title as the name of a file on any system."""
    return FORBIDDEN_IN_NAMES.sub("_", text).strip(" .")[:80] or "_"


@require_GET
@view_papers
def scan(request, pk):
    """One scan: pictures on the page, a PDF as a file; that somebody looked is written down."""
    found = own_scan(request, pk)
    paper = found.item
    try:
        content = open_scan(found)
    except (FileGoneError, DecryptionError):
        messages.error(request, gone(found))
        return redirect(paper)
    record(paper, "paper_read", by=request.user, kind=paper.kind, format=found.type)
    as_attachment = found.type == DossierFile.Type.PDF or "download" in request.GET
    name = f"{paper.household.code} {clean_name(paper.title)} {found.pk}.{ENDINGS[found.type]}"
    return HttpResponse(
        content,
        content_type=MIME[found.type],
        headers=HARMLESS | {"Content-Disposition": content_disposition_header(as_attachment, name)},
    )


def gone(scan):
    if scan.gone_on:
        return _("This scan was removed on %(day)s: the time for which it is kept was over.") % {
            "day": scan.gone_on.isoformat()
        }
    return _("The scan cannot be found on the disk. Please tell the administrator.")


# ---- all of a file


LIST_NAME = "目录.csv"


@require_POST
@view_papers
@permission_required("households.export_household", raise_exception=True)
def take_along(request, pk):
    """Every scan of a file in one archive, with a list of all its papers.

    Health files go along only with who may open them.
    """
    household = own_file(request, pk)
    rows = DossierFile.objects.visible_to(request.user).counted().filter(gone_on=None)
    rows = rows.filter(item__household=household, item__voided_on=None)
    if not request.user.has_perm("households.view_health_file"):
        rows = rows.not_of_health()
    scans = list(rows.select_related("item__programme").order_by("item", "pk"))
    if not scans:
        messages.error(request, _("There is no scan to take along."))
        return redirect(reverse("households:papers", args=[household.pk]))
    archive = tempfile.TemporaryFile(suffix=".zip")  # noqa: SIM115 -- FileResponse closes it when sent
    n = write_archive(archive, household, scans)
    record(household, "papers_exported", by=request.user, scans=n)
    archive.seek(0)
    answer = FileResponse(
        archive,
        as_attachment=True,
        filename=f"{household.code}.zip",
        content_type="application/zip",
    )
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def write_archive(archive, household, scans):
    """One scan in memory at a time; answers how many went in."""
    written, places = 0, {}
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as book:
        for one in scans:
            paper = one.item
            places[paper.pk] = places.get(paper.pk, 0) + 1
            folder = clean_name(paper.programme.code)
            name = f"{clean_name(paper.title)}_{paper.pk}_{places[paper.pk]}.{ENDINGS[one.type]}"
            try:
                book.writestr(f"{folder}/{name}", open_scan(one))
            except (FileGoneError, DecryptionError):
                continue
            written += 1
        book.writestr(LIST_NAME, list_of(household))
    return written


def list_of(household):
    """All papers of the file as a table that a spreadsheet opens; nothing in it runs as a formula."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(
        str(head)
        for head in (
            _("programme"), _("title"), _("kind of paper"), _("number"), _("issued on"),
            _("checked complete"), _("scans"),
        )
    )  # fmt: skip
    papers = household.dossier_items.counted().with_scan_count().select_related("programme")
    for paper in papers.order_by("programme__code", "kind", "pk"):
        row = (
            paper.programme.name, paper.title, paper.get_kind_display(), paper.number,
            paper.issued_on or "", _("yes") if paper.complete else _("no"), paper.scan_count,
        )  # fmt: skip
        table.writerow(plain(cell) for cell in row)
    return text.getvalue().encode("utf-8-sig")


def plain(cell):
    text = str(cell)
    return f"'{text}" if text[:1] in FORMULA_STARTS else text
