"""A page of HTML becomes a PDF: fonts and style sheets from disk, nothing from the network.

The same HTML gives the same bytes on the same machine, so a fingerprint of a paper means something.
"""

import contextlib
import logging
import mimetypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from django.utils.translation import gettext_lazy as _

from povertyaid.fonts import prepare_fonts

# Where addresses without a host point when the caller has no page: the name can never resolve.
NOWHERE = "http://paper.invalid/"


class PdfError(Exception):
    """No PDF can be made on this machine. The message says what to do."""


class ForbiddenAddressError(ValueError):
    """A template names something that does not lie on our disk."""


def render_pdf(html: str, *, base_url: str | None = None) -> bytes:
    """Lay out `html` and return the PDF.

    `base_url` is the page's own address: links on the paper then lead to the application. Style
    sheets and pictures come from our static files or `data:` only; another address is an error,
    because a paper that silently lacks something is worse than none.
    """
    weasyprint = load_weasyprint()
    base = base_url or NOWHERE
    document = weasyprint.HTML(
        string=html, base_url=base, url_fetcher=fetcher_for(weasyprint, base), media_type="print"
    )
    try:
        return bytes(document.write_pdf(pdf_identifier=True))
    except weasyprint.urls.FatalURLFetchingError as error:  # no Exception: would pass every handler
        raise error.__cause__ or ForbiddenAddressError(str(error)) from None


class Press:
    """Sets many papers in one style: style sheets are read once, and fonts put in once a volume.

    Each paper is laid out alone, so that it counts its own pages; a volume of several is written in
    one go, because a font of 12 MB would otherwise be cut down for each.
    """

    def __init__(self, *sheets: str) -> None:
        """`sheets` are names of our static files."""
        self._weasyprint = weasyprint = load_weasyprint()
        self._fetcher = fetcher_for(weasyprint, NOWHERE)
        self._fonts = weasyprint.text.fonts.FontConfiguration()
        self._sheets = [
            weasyprint.CSS(
                url=urljoin(NOWHERE, f"{urlsplit(settings.STATIC_URL).path}{sheet}"),
                url_fetcher=self._fetcher,
                font_config=self._fonts,
                media_type="print",
            )
            for sheet in sheets
        ]

    def lay_out(self, html: str) -> Any:
        """A paper of so many `.pages`, not yet written."""
        page = self._weasyprint.HTML(
            string=html, base_url=NOWHERE, url_fetcher=self._fetcher, media_type="print"
        )
        return page.render(font_config=self._fonts, stylesheets=self._sheets)

    @staticmethod
    def bind(papers: Sequence[Any]) -> bytes:
        """The papers one after the other as one PDF, with the title of the first."""
        pages = [page for paper in papers for page in paper.pages]
        return bytes(papers[0].copy(pages).write_pdf(pdf_identifier=True))


def load_weasyprint() -> Any:
    """Import WeasyPrint with our fonts and a fast subsetter; 1.3 s the first time, then free."""
    prepare_fonts()
    try:
        import weasyprint
    except OSError as error:
        raise PdfError(
            _(
                "A PDF cannot be made on this machine: the text layout library Pango is missing. "
                "Ask the administrator to run script/setup as root."
            )
        ) from error
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    use_uharfbuzz_if_needed(weasyprint.pdf.fonts)
    return weasyprint


# --- what a paper may contain ---------------------------------------------------------------------


def fetcher_for(weasyprint: Any, base_url: str) -> Any:
    """A WeasyPrint fetcher that knows our static files and `data:`, and refuses all else."""

    class OurFilesOnly(weasyprint.urls.URLFetcher):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(allowed_protocols=["data"], fail_on_errors=True)

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if urlsplit(url).scheme == "data":
                return super().fetch(url, headers)
            path = static_file(url, base_url)
            return weasyprint.urls.URLFetcherResponse(
                url,
                body=path.read_bytes(),
                headers={"Content-Type": mimetypes.guess_type(path.name)[0] or "text/plain"},
            )

    return OurFilesOnly()


def static_file(url: str, base_url: str) -> Path:
    """The file on disk behind an address of one of our static files."""
    asked, page = urlsplit(url), urlsplit(base_url)
    prefix = urlsplit(settings.STATIC_URL).path
    same_place = (asked.scheme, asked.netloc) == (page.scheme, page.netloc)
    if not same_place or not asked.path.startswith(prefix):
        raise ForbiddenAddressError(f"A paper may not fetch {url}: use a static file or data:.")
    name = unquote(asked.path.removeprefix(prefix))
    collected = Path(settings.STATIC_ROOT).resolve()
    inside = (collected / name).resolve()
    if inside.is_relative_to(collected) and inside.is_file():
        return inside
    with contextlib.suppress(SuspiciousFileOperation):
        if found := finders.find(name):
            return Path(found)
    raise ForbiddenAddressError(f"There is no static file {name}, which a paper asks for.")


# --- a fast subsetter where nobody may install one ------------------------------------------------

# libharfbuzz-subset0 is a system package that is easy to miss. Without it WeasyPrint falls back to
# fontTools, 4 to 16 times slower. The wheel uharfbuzz carries the same library.
DROPPED_TABLES = (
    *("BASE", "DSIG", "EBDT", "EBLC", "EBSC", "GPOS", "GSUB", "JSTF", "LTSH", "PCLT", "SVG "),
)


def use_uharfbuzz_if_needed(fonts: Any) -> bool:
    """Give WeasyPrint's fonts the wheel's subsetter when the system has none; returns whether.

    Touches a private class, so only when that class looks as we know it. Otherwise WeasyPrint's
    own slow way stays: the paper is the same.
    """
    font = fonts.Font
    if fonts.harfbuzz_subset and fonts.harfbuzz.hb_version_atleast(4, 1, 0):
        return False
    if font.subset is not subset_with_uharfbuzz and hasattr(font, "_fonttools_subset"):
        font.subset = subset_with_uharfbuzz
    return font.subset is subset_with_uharfbuzz


def subset_with_uharfbuzz(font: Any, to_unicode: dict[int, Any], hinting: bool) -> None:
    """Keep the glyphs that a document uses; the same two steps that WeasyPrint takes."""
    import uharfbuzz  # noqa: PLC0415 - most machines have the system library and never need it

    if not to_unicode:
        return
    flags = (
        uharfbuzz.SubsetFlags.RETAIN_GIDS
        | uharfbuzz.SubsetFlags.PASSTHROUGH_UNRECOGNIZED
        | uharfbuzz.SubsetFlags.DESUBROUTINIZE
    )
    if font.missing:
        flags |= uharfbuzz.SubsetFlags.NOTDEF_OUTLINE
    used = uharfbuzz.SubsetInput()
    used.glyph_set.update(to_unicode)
    used.flags = flags
    used.drop_table_tag_set.update(
        int.from_bytes(table.encode(), "big") for table in DROPPED_TABLES
    )
    face = uharfbuzz.Face(uharfbuzz.Blob(font.file_content), font.index)
    face = uharfbuzz.subset(face, used)
    # Drop the empty glyphs after the last one used.
    short = uharfbuzz.SubsetInput()
    short.glyph_set.update(range(max(to_unicode) + 1))
    short.flags = flags if hinting else flags | uharfbuzz.SubsetFlags.NO_HINTING
    font.file_content = bytes(uharfbuzz.subset(face, short).blob.data)
