"""Pictures are read for what they are, and kept without what was hidden in them."""

import io
import struct

import pytest
from PIL import Image

from povertyaid.lib import decoding, pictures

MOST = 10 * 1024 * 1024


def picture(kind="JPEG", *, size=(60, 40), mode="RGB", **more):
    file = io.BytesIO()
    Image.new(mode, size, "teal" if mode == "RGB" else 200).save(file, kind, **more)
    return file.getvalue()


def opened(kept):
    return Image.open(io.BytesIO(kept.data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_whatever_a_camera_writes_becomes_a_jpeg(kind):
    kept = pictures.photograph(picture(kind), most_bytes=MOST)

    assert opened(kept).format == "JPEG"
    assert (kept.width, kept.height) == opened(kept).size == (60, 40)


def test_where_it_was_taken_stays_behind():
    exif = Image.Exif()
    exif[0x010F] = "Telephone of somebody"
    exif.get_ifd(0x8825)[1] = "N"
    data = picture(exif=exif, comment=b"secret")
    assert b"Telephone" in data

    kept = pictures.photograph(data, most_bytes=MOST)

    assert not opened(kept).getexif()
    assert b"Telephone" not in kept.data
    assert b"secret" not in kept.data


def test_it_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # held sideways

    kept = pictures.photograph(picture(exif=exif), most_bytes=MOST)

    assert (kept.width, kept.height) == (40, 60)


def test_a_large_one_is_made_smaller():
    kept = pictures.photograph(picture(size=(4000, 1000)), most_bytes=MOST)

    assert (kept.width, kept.height) == (2000, 500)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_a_picture"),
        (b"MZ\x90\x00 This program cannot be run in DOS mode.", "not_a_picture"),
        (b"%PDF-1.7 ...", "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_a_picture"),
        (picture()[:300], "not_a_picture"),
        (picture(size=(1, 1)) + b"\0" * MOST, "too_large"),
        (picture("PNG", size=(9000, 9000), mode="L"), "too_many_pixels"),
    ],
    ids=["nothing", "a program", "a paper", "a drawing with scripts", "half", "large", "a bomb"],
)
def test_what_is_no_photograph_is_refused_in_words(data, code):
    with pytest.raises(pictures.PictureError) as refusal:
        pictures.photograph(data, most_bytes=MOST)

    assert refusal.value.code == code
    assert str(refusal.value)


def test_a_picture_of_very_many_points_is_not_even_decoded():
    with pytest.raises(pictures.PictureError) as refusal:
        pictures.photograph(picture("PNG", size=(20000, 10000), mode="1"), most_bytes=MOST)

    assert refusal.value.code == "too_many_pixels"


def test_what_cannot_be_decoded_in_part_must_be_smaller():
    """A JPEG of the same size is: it is decoded at a fraction of it."""
    with pytest.raises(pictures.PictureError) as refusal:
        pictures.photograph(picture("PNG", size=(6000, 5000), mode="L"), most_bytes=MOST)
    assert refusal.value.code == "too_many_pixels"

    kept = pictures.photograph(picture(size=(6000, 5000), mode="L"), most_bytes=MOST)
    assert (kept.width, kept.height) == (2000, 1667)


def test_a_signature_has_no_more_points_than_a_screen():
    with pytest.raises(pictures.PictureError) as refusal:
        pictures.drawing(picture("PNG", size=(3000, 2000), mode="L"), most_bytes=MOST)

    assert refusal.value.code == "too_many_pixels"


def test_one_picture_is_decoded_at_a_time(monkeypatch):
    held = []
    keep = pictures._kept
    monkeypatch.setattr(
        pictures,
        "_kept",
        lambda *args, **how: held.append(decoding.ONE_AT_A_TIME.locked()) or keep(*args, **how),
    )

    pictures.photograph(picture(), most_bytes=MOST)

    assert held == [True]
    assert not decoding.ONE_AT_A_TIME.locked()


def test_damage_in_what_the_camera_wrote_is_no_damage_of_the_picture():
    kept = pictures.photograph(picture(exif=b"Exif\0\0MM\0*"), most_bytes=MOST)

    assert (kept.width, kept.height) == (60, 40)


@pytest.mark.parametrize(
    "fault", [struct.error, TypeError, IndexError, ZeroDivisionError], ids=lambda one: one.__name__
)
def test_whatever_a_reader_raises_is_refused_in_words(monkeypatch, fault):
    def read(*_args, **_how):
        raise fault

    monkeypatch.setattr(decoding.ImageOps, "exif_transpose", read)

    with pytest.raises(pictures.PictureError) as refusal:
        pictures.photograph(picture(), most_bytes=MOST)

    assert refusal.value.code == "not_a_picture"


def test_a_signature_is_kept_dark_on_white():
    image = Image.new("RGBA", (1800, 900), (0, 0, 0, 0))
    image.paste((20, 20, 20, 255), (100, 100, 700, 130))
    file = io.BytesIO()
    image.save(file, "PNG")

    kept = pictures.drawing(file.getvalue(), most_bytes=MOST)

    assert (kept.width, kept.height) == (1200, 600)
    assert opened(kept).format == "PNG"
    assert opened(kept).getpixel((0, 0)) == 255


def test_an_empty_signature_is_none():
    file = io.BytesIO()
    Image.new("RGB", (300, 100), "white").save(file, "PNG")

    with pytest.raises(pictures.PictureError) as refusal:
        pictures.drawing(file.getvalue(), most_bytes=MOST)

    assert refusal.value.code == "blank"
