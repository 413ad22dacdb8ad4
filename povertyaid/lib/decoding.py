"""A picture from outside, decoded in no more memory than a small server can spare.

A file of one megabyte may unfold to a hundred times as much, and several may come at once. So a
process decodes one at a time, JPEGs at a fraction of their size, and larger ones of other formats,
which cannot be decoded in part, not at all.
"""

import contextlib
import io
import threading
import warnings
from collections.abc import Iterator

from PIL import Image, ImageOps

from povertyaid.lib.errors import UnreadableError

__all__ = ["decoded"]

ONE_AT_A_TIME = threading.Lock()


@contextlib.contextmanager
def decoded(
    data: bytes,
    refusal: type[UnreadableError],
    *,
    broken: str,
    formats: tuple[str, ...],
    size: tuple[int, int],
    most_pixels: int,
    most_pixels_of_jpeg: int,
) -> Iterator[Image.Image]:
    """The picture within `size` and upright, for the length of the block.

    Whatever goes wrong, in the block too, is `refusal` with the code `broken` or `too_many_pixels`:
    the readers raise all there is of a damaged file, from struct.error to ZeroDivisionError.
    """
    try:
        with ONE_AT_A_TIME, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a picture that only warns is drawn as far as it goes
            with Image.open(io.BytesIO(data), formats=formats) as picture:
                # A progressive one is held whole before the first dot is drawn.
                in_part = picture.format == "JPEG" and not picture.info.get("progressive")
                most = most_pixels_of_jpeg if in_part else most_pixels
                if picture.width * picture.height > most:
                    raise refusal("too_many_pixels")
                picture.draft(None, _within(size, picture.size))
                picture.thumbnail(size)
                ImageOps.exif_transpose(picture, in_place=True)
                yield picture
    except UnreadableError:
        raise
    except Image.DecompressionBombError:
        raise refusal("too_many_pixels") from None
    except Exception:  # noqa: BLE001 -- without the cause, which quotes what the camera wrote
        raise refusal(broken) from None


def _within(wanted: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """The size a picture will have; to draft a panorama to a square would decode all of it."""
    shrunk = min(1, wanted[0] / size[0], wanted[1] / size[1])
    return max(1, int(size[0] * shrunk)), max(1, int(size[1] * shrunk))
