import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from povertyaid.web.pdf import PdfError
from reports.management.commands import _asking
from reports.papers import as_json, as_pdf, as_workbook, catalogue, footing

NAMES_AT_MOST = {"pdf": 300, "html": 300, "xlsx": 20_000}
FORMATS = {
    "json": as_json.as_bytes,
    "html": lambda paper: as_pdf.as_html(paper).encode(),
    "pdf": as_pdf.as_bytes,
    "xlsx": as_workbook.as_bytes,
}
BINARY = {"pdf", "xlsx"}


class Command(BaseCommand):
    help = "Make a paper: the same figures as its page, as JSON, HTML, PDF or a workbook."

    def add_arguments(self, parser):
        parser.add_argument("paper", metavar="PAPER", help="for example exit")
        _asking.add_arguments(parser)
        parser.add_argument(
            "--format", default="json", metavar="FORMAT", help="json, html, pdf or xlsx"
        )
        parser.add_argument("--output", metavar="PATH", help="default: standard output")

    def handle(self, *, paper, programme, unit, as_of, output, **options):
        file_format = options["format"]
        if file_format not in FORMATS:
            raise CommandError(
                _("There is no format %(format)s. Known: %(formats)s.")
                % {"format": file_format, "formats": ", ".join(FORMATS)}
            )
        try:
            kind = catalogue.find(paper)
        except catalogue.UnknownPaperError as error:
            raise CommandError(str(error)) from None
        cut = _asking.asked_cut(programme=programme, unit=unit, as_of=as_of)
        if file_format in BINARY and not output and self.stdout.isatty():
            raise CommandError(_("A terminal cannot show this format: give --output PATH."))
        try:
            built = kind.build(cut, names_at_most=NAMES_AT_MOST.get(file_format, 0))
            footing.check(built)
            body = FORMATS[file_format](built)
        except (footing.FootingError, PdfError) as error:
            raise CommandError(str(error)) from None
        self._put(body, output, file_format)

    def _put(self, body, output, file_format):
        if output:
            try:
                Path(output).write_bytes(body)
            except OSError as error:
                raise CommandError(
                    _("Cannot write %(path)s: %(why)s.") % {"path": output, "why": error.strerror}
                ) from None
        elif file_format in BINARY:
            sys.stdout.buffer.write(body)
        else:
            self.stdout.write(body.decode().rstrip("\n"))
