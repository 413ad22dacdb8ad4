"""A paper as a sheet of its own: HTML with its style sheets inside, and the PDF made of it."""

from urllib.parse import urljoin

from django.conf import settings
from django.template.loader import render_to_string

from povertyaid.web.pdf import NOWHERE, render_pdf, static_file
from reports.papers.paper import Paper

MIME = "application/pdf"
STYLES = ("app/paper.css", "app/report-paper.css")


def as_html(paper: Paper, *, base_url: str = "") -> str:
    """The whole document. With `base_url`, each figure is a link to its rows in the application."""
    return render_to_string(
        "reports/print/paper.html",
        {
            "paper": paper,
            "cut": paper.cut,
            "styles": [*map(style_sheet, STYLES), widths(paper)],
            "linked": bool(base_url),
            "base_url": base_url,
        },
    )


def as_bytes(paper: Paper, *, base_url: str = "") -> bytes:
    return render_pdf(as_html(paper, base_url=base_url), base_url=base_url or None)


def widths(paper: Paper) -> str:
    """The widths of the columns, in millimetres, as rules: laid out in half the time of a guess."""
    tables = [(table.key, table.columns) for table in paper.tables()]
    if paper.annex:
        tables.append(("names", paper.annex.columns))
    return "\n".join(
        f".table-{key} col:nth-child({nth}) {{ width: {column.width}mm; }}"
        for key, columns in tables
        for nth, column in enumerate(columns, start=1)
    )


def style_sheet(name: str) -> str:
    """The text of one of our style sheets, found whether or not static files were collected."""
    address = urljoin(NOWHERE, urljoin(f"/{settings.STATIC_URL.strip('/')}/", name))
    return static_file(address, NOWHERE).read_text(encoding="utf-8")
