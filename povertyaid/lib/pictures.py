"""Pictures people hand in: read for what they are, not for what they are called, and drawn anew.

What is kept is a new file of the same picture. Where it was taken, with which telephone, and
whatever else was hidden in the old one stays behind.
"""

import hashlib
import io
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_noop as _
from PIL import Image

from povertyaid.lib.decoding import decoded
from povertyaid.lib.errors import UnreadableError

__all__ = ["Picture", "PictureError", "drawing", "photograph"]

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
LONGEST_SIDE = 2000  # pixels of a photograph that is kept: fit for a page of A4
# Of one that is read; larger ones are made to exhaust a server.
MOST_PIXELS = 25_000_000
MOST_PIXELS_OF_JPEG = 50_000_000  # it is decoded at a fraction of its size
MOST_PIXELS_OF_DRAWING = 4_000_000  # a screen; who photographs a signature on paper sends a JPEG
QUALITY = 85
WIDEST_DRAWING = (1200, 600)


class PictureError(UnreadableError):
    """A file that is not taken: `not_a_picture`, `too_large`, `too_many_pixels`, `blank`."""

    messages: ClassVar[Mapping[str, str]] = {
        "not_a_picture": _(
            "This file is not a photograph that can be read, whatever it is called. Please take "
            "the photograph again, or choose a JPEG or PNG picture."
        ),
        "too_large": _(
            "This photograph is too large. Please take it with a lower resolution, or send a "
            "smaller copy."
        ),
        "too_many_pixels": _(
            "This picture has more points than a camera takes. Please choose an ordinary "
            "photograph."
        ),
        "blank": _("Nothing has been drawn. Please sign once more."),
    }


@dataclass(frozen=True)
class Picture:
    """A picture as it is kept."""

    data: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def photograph(data: bytes, *, most_bytes: int) -> Picture:
    """A photograph as a JPEG of moderate size, upright, without what the camera wrote into it.

    Raises PictureError (`too_large`, `not_a_picture`, `too_many_pixels`).
    """
    if len(data) > most_bytes:
        raise PictureError("too_large")
    with _read(data, (LONGEST_SIDE, LONGEST_SIDE), MOST_PIXELS) as image:
        return _kept(_on_white(image), "JPEG", quality=QUALITY, optimize=True)


def drawing(data: bytes, *, most_bytes: int) -> Picture:
    """A signature drawn with the finger, dark on white. Raises PictureError as above, and `blank`."""
    if len(data) > most_bytes:
        raise PictureError("too_large")
    with _read(data, WIDEST_DRAWING, MOST_PIXELS_OF_DRAWING) as image:
        grey = _on_white(image).convert("L")
        darkest, lightest = grey.getextrema()
        if darkest == lightest:
            raise PictureError("blank")
        return _kept(grey, "PNG", optimize=True)


def _read(data: bytes, size: tuple[int, int], most: int) -> AbstractContextManager[Image.Image]:
    return decoded(
        data,
        PictureError,
        broken="not_a_picture",
        formats=FORMATS,
        size=size,
        most_pixels=most,
        most_pixels_of_jpeg=MOST_PIXELS_OF_JPEG,
    )


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in {"RGB", "L"}:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    white = Image.new("RGBA", seen.size, "white")
    return Image.alpha_composite(white, seen).convert("RGB")


def _kept(image: Image.Image, kind: str, **how: object) -> Picture:
    # A new picture from the points alone: whatever else the old one carried stays behind.
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    file = io.BytesIO()
    bare.save(file, kind, **how)
    return Picture(file.getvalue(), bare.width, bare.height)
