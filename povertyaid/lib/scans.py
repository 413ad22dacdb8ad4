"""Scans and photographs people hand in: what they are is told by their content, never by their name.

A picture is drawn anew, so that nothing goes along with it: no place where it was taken, no
preview of what was cut away, nothing hidden behind its end. A PDF is kept as it is, if it is only
pages: one that runs something, carries files or cannot be opened is refused.
"""

import io
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from django.utils.translation import gettext_noop as _
from PIL import Image

from povertyaid.lib.decoding import decoded
from povertyaid.lib.errors import UnreadableError

__all__ = ["Scan", "ScanError", "read_scan"]

Type = Literal["pdf", "jpeg", "png"]

PDF_HEAD_WITHIN = 1024  # readers look for %PDF- in the first kilobyte
LONGEST_EDGE = 3000  # pixels; a page of A4 at 250 dots an inch
# A phone's largest photograph has half of it; a JPEG is decoded at a fraction of its size.
PIXELS_AT_MOST = 100_000_000
PIXELS_OF_OTHERS_AT_MOST = 25_000_000
JPEG_QUALITY = 85
OBJECTS_AT_MOST = 50_000  # of a PDF; a scan of a hundred pages has a thousand
PAGES_AT_MOST = 500
SECONDS_AT_MOST = 5  # to look a PDF through; a scan of a hundred pages takes a tenth of one
BYTES_OF_OBJECTS_AT_MOST = 4 * 1024**2  # of what one stream of objects unfolds to

# What makes a PDF more than pages, wherever in it the name stands. A link that somebody must press
# (/URI) is none of it: programs of telephones put one on what they scan.
ACTIVE = {
    "/AA", "/GoToE", "/GoToR", "/ImportData", "/JS", "/JavaScript", "/Launch", "/Movie",
    "/OpenAction", "/Rendition", "/RichMedia", "/Sound", "/SubmitForm", "/XFA",
}  # fmt: skip
CARRIES = {"/EmbeddedFiles", "/EmbeddedFile", "/Filespec", "/FileAttachment", "/EF"}


class ScanError(UnreadableError):
    """A file that is not kept. `code` is one of the keys below."""

    messages: ClassVar[Mapping[str, str]] = {
        "empty": _("The file is empty. Please scan or photograph the paper once more."),
        "too_large": _("The file is too large. Please scan it with fewer dots, or photograph it."),
        "unknown_type": _(
            "This is no PDF, JPEG or PNG, whatever its name says. Please scan the paper, or "
            "photograph it."
        ),
        "broken_image": _("The picture is damaged and cannot be opened. Please take it once more."),
        "too_many_pixels": _(
            "The picture has too many dots. Please take it with a lower resolution."
        ),
        "broken_pdf": _("The PDF is damaged and cannot be opened. Please scan the paper anew."),
        "locked_pdf": _(
            "The PDF has a password. Please save it without one, or print and scan it."
        ),
        "active_pdf": _(
            "The PDF runs a program or fills in a form. Please print it to a new PDF and hand that in."
        ),
        "carrying_pdf": _(
            "Other files are hidden in the PDF. Please hand each paper in as a file of its own."
        ),
        "intricate_pdf": _(
            "The PDF takes too long to look through. Please print it to a new PDF and hand that in."
        ),
        "too_many_pages": _("The PDF has too many pages. Please hand it in in several parts."),
    }


@dataclass(frozen=True)
class Scan:
    """What is kept: the bytes, their type, and how many pages they have."""

    data: bytes
    type: Type
    pages: int = 1


def read_scan(data: bytes) -> Scan:
    """What a file is by its content, fit to be kept. Raises ScanError."""
    if not data:
        raise ScanError("empty")
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return _picture(data)
    if b"%PDF-" in data[:PDF_HEAD_WITHIN]:
        return _pdf(data)
    raise ScanError("unknown_type")


# --- pictures -------------------------------------------------------------------------------------


def _picture(data: bytes) -> Scan:
    """The picture as it looks, drawn anew: turned upright, no larger than a page needs."""
    with decoded(
        data,
        ScanError,
        broken="broken_image",
        formats=("JPEG", "PNG"),
        size=(LONGEST_EDGE, LONGEST_EDGE),
        most_pixels=PIXELS_OF_OTHERS_AT_MOST,
        most_pixels_of_jpeg=PIXELS_AT_MOST,
    ) as picture:
        return _drawn_anew(picture)


def _drawn_anew(upright: Image.Image) -> Scan:
    kept: Type = "png" if upright.format == "PNG" else "jpeg"
    if kept == "jpeg" or "A" not in upright.getbands():
        upright = upright.convert("L" if upright.mode in {"1", "L"} else "RGB")
    else:
        upright = upright.convert("RGBA")
    # Only the dots go over: whatever else Pillow keeps of the file stays behind with the old one.
    bare = Image.new(upright.mode, upright.size)
    bare.paste(upright)
    written = io.BytesIO()
    if kept == "png":
        bare.save(written, "PNG", optimize=False)
    else:
        bare.save(written, "JPEG", quality=JPEG_QUALITY)
    return Scan(written.getvalue(), kept)


# --- PDF ------------------------------------------------------------------------------------------


class _TimedFile(io.BytesIO):
    """A file that cannot be read any more once the time is over, however a reader goes about it."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._until = time.monotonic() + SECONDS_AT_MOST

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self._until

    def read(self, size: int | None = -1, /) -> bytes:
        if self.is_over:
            raise ScanError("intricate_pdf")
        return super().read(size)


def _pdf(data: bytes) -> Scan:
    from pypdf.generic import IndirectObject  # noqa: PLC0415 -- slow, and few requests bring a PDF

    from povertyaid.lib.wary_pdf import WaryReader, unfolding  # noqa: PLC0415 -- the same

    # What it warns of it tells in the log, with pieces of the file.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    file = _TimedFile(data)
    try:
        with unfolding(BYTES_OF_OBJECTS_AT_MOST):
            reader = WaryReader(file, most_objects=OBJECTS_AT_MOST)
            if reader.is_encrypted:
                raise ScanError("locked_pdf")
            pages = len(reader.pages)
            if not pages:
                raise ScanError("broken_pdf")
            if pages > PAGES_AT_MOST:
                raise ScanError("too_many_pages")
            for name in _names_in(reader.trailer, IndirectObject):
                if file.is_over:
                    raise ScanError("intricate_pdf")
                if name in ACTIVE:
                    raise ScanError("active_pdf")
                if name in CARRIES:
                    raise ScanError("carrying_pdf")
    except ScanError:
        raise
    except Exception as error:
        raise ScanError("intricate_pdf" if file.is_over else "broken_pdf") from error
    return Scan(data, "pdf", pages)


def _names_in(root: Any, reference: type) -> Iterator[str]:
    """Every name that stands in a PDF that its pages, outlines or actions can reach: keys and values.

    Raises ScanError where there are more objects than any scan has.
    """
    waiting, met = [root], 0
    seen: set[tuple[int, int]] = set()
    while waiting:
        one = waiting.pop()
        met += 1
        if met > OBJECTS_AT_MOST * 20 or len(seen) > OBJECTS_AT_MOST:
            raise ScanError("broken_pdf")  # or a net woven to keep whoever reads it busy
        if isinstance(one, reference):
            key = (one.idnum, one.generation)  # type: ignore[attr-defined]
            if key not in seen:
                seen.add(key)
                waiting.append(one.get_object())  # type: ignore[attr-defined]
        elif isinstance(one, dict):
            yield from (str(key) for key in one if not _only_shows(one, key, reference))
            # Not by items(): that would follow references, each of them as often as it is met.
            waiting.extend(one.raw_get(key) for key in one)  # type: ignore[attr-defined]
        elif isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, str) and one.startswith("/"):
            yield str(one)


def _only_shows(one: Any, key: str, reference: type) -> bool:
    """Whether this is where a PDF says which page to open at: office programs write that into each."""
    if key != "/OpenAction":
        return False
    value = one.raw_get(key)
    if isinstance(value, reference):
        value = value.get_object()  # type: ignore[attr-defined]
    return isinstance(value, list)
