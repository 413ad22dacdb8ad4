"""Scans and photographs: told by their content, drawn anew, and only pages in a PDF."""

import io

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from povertyaid.lib import scans
from povertyaid.lib.scans import ScanError, read_scan


def picture(kind="JPEG", *, size=(60, 40), mode="RGB", **saved):
    written = io.BytesIO()
    Image.new(mode, size, 1 if mode == "1" else None or 0).save(written, kind, **saved)
    return written.getvalue()


def pdf(change=lambda writer: None, *, pages=1):
    writer = pypdf.PdfWriter()
    for _nth in range(pages):
        writer.add_blank_page(200, 300)
    change(writer)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def code_of(data):
    with pytest.raises(ScanError) as refused:
        read_scan(data)
    assert str(refused.value)
    return refused.value.code


def with_place():
    """A photograph that says where it was taken, turned on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Huawei"
    exif.get_ifd(0x8825)[2] = (45.0, 46.0, 12.0)
    return picture(exif=exif, comment=b"secret of the camera")


def test_a_photograph_loses_place_camera_and_remarks_and_stands_upright():
    data = with_place()
    assert dict(Image.open(io.BytesIO(data)).getexif().get_ifd(0x8825))

    kept = read_scan(data)

    assert kept.type == "jpeg"
    again = Image.open(io.BytesIO(kept.data))
    assert again.size == (40, 60)
    assert not again.getexif()
    assert b"Huawei" not in kept.data
    assert b"secret" not in kept.data


def test_what_hangs_behind_the_end_of_a_picture_stays_behind():
    kept = read_scan(picture("PNG") + b"PK\x03\x04 an archive")

    assert kept.type == "png"
    assert b"PK" not in kept.data


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_every_kind_of_png_can_be_drawn_anew(mode):
    assert read_scan(picture("PNG", mode=mode)).type == "png"


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_kind_of_jpeg_can_be_drawn_anew(mode):
    assert Image.open(io.BytesIO(read_scan(picture(mode=mode)).data)).mode in {"L", "RGB"}


def test_a_large_photograph_is_made_as_large_as_a_page_needs():
    kept = read_scan(picture(size=(5000, 2500)))

    assert Image.open(io.BytesIO(kept.data)).size == (3000, 1500)


def test_a_scanned_pdf_stays_as_it_is():
    data = pdf(pages=3)

    assert read_scan(data) == scans.Scan(data, "pdf", 3)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"MZ\x90\x00 a program called scan.pdf", "unknown_type"),
        (b"<html><script>alert(1)</script></html>", "unknown_type"),
        (b"GIF89a" + b"\x00" * 50, "unknown_type"),
        (b"%PDF-1.7\nno table of anything", "broken_pdf"),
        (pdf()[:120], "broken_pdf"),
        (b"\xff\xd8\xff\xe0 not really", "broken_image"),
        (picture(size=(600, 400))[:400], "broken_image"),
        (picture("PNG")[:30], "broken_image"),
    ],
    ids=[
        "empty", "program", "page", "gif", "pdf-of-nothing", "half-a-pdf", "no-picture",
        "half-a-picture", "half-a-png",
    ],
)  # fmt: skip
def test_what_is_not_kept_is_told_in_a_sentence(data, code):
    assert code_of(data) == code


def test_a_picture_that_swells_is_not_opened(monkeypatch):
    monkeypatch.setattr(scans, "PIXELS_AT_MOST", 1000)

    assert code_of(picture(size=(60, 40))) == "too_many_pixels"


def test_what_cannot_be_decoded_in_part_must_be_smaller(monkeypatch):
    monkeypatch.setattr(scans, "PIXELS_OF_OTHERS_AT_MOST", 1000)

    assert code_of(picture("PNG")) == "too_many_pixels"
    assert code_of(picture(progressive=True)) == "too_many_pixels"
    assert read_scan(picture()).type == "jpeg"


def locked(writer):
    writer.encrypt("secret")


def opened_by_anybody(writer):
    writer.encrypt("", owner_password="secret")


def program():
    return DictionaryObject(
        {
            NameObject("/S"): NameObject("/JavaScript"),
            NameObject("/JS"): TextStringObject("app.alert(1)"),
        }
    )


def running(writer):
    writer._root_object[NameObject("/OpenAction")] = writer._add_object(program())


def running_when_a_page_opens(writer):
    action = program()
    writer.pages[0][NameObject("/AA")] = DictionaryObject(
        {NameObject("/O"): writer._add_object(action)}
    )


def launching(writer):
    writer._root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("cmd.exe")}
    )


def opening(action):
    def change(writer):
        writer._root_object[NameObject("/OpenAction")] = writer._add_object(action(writer))

    return change


def to_an_address(_writer):
    return DictionaryObject(
        {NameObject("/S"): NameObject("/URI"), NameObject("/URI"): TextStringObject("http://x.cn")}
    )


def pressed(kind):
    """A place on the page that does something once somebody presses it."""

    def change(writer):
        action = DictionaryObject({NameObject("/S"): NameObject(kind)})
        link = DictionaryObject(
            {NameObject("/Subtype"): NameObject("/Link"), NameObject("/A"): action}
        )
        writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(link)])

    return change


def carrying(writer):
    writer.add_attachment("virus.exe", b"MZ")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (locked, "locked_pdf"),
        (opened_by_anybody, "locked_pdf"),
        (running, "active_pdf"),
        (running_when_a_page_opens, "active_pdf"),
        (launching, "active_pdf"),
        (opening(to_an_address), "active_pdf"),
        *((pressed(kind), "active_pdf") for kind in ("/GoToR", "/GoToE", "/Rendition")),
        *((pressed(kind), "active_pdf") for kind in ("/Movie", "/Sound", "/ImportData")),
        (carrying, "carrying_pdf"),
    ],
)
def test_a_pdf_that_is_more_than_pages_is_refused(change, code):
    assert code_of(pdf(change)) == code


def at_the_first_page(writer):
    return ArrayObject([writer.pages[0].indirect_reference, NameObject("/Fit")])


@pytest.mark.parametrize("change", [pressed("/URI"), opening(at_the_first_page)])
def test_a_link_and_the_page_to_open_at_are_no_program(change):
    assert read_scan(pdf(change)).type == "pdf"


def dangling(n):
    """References to objects that are in no table; written by hand, the writer drops such."""

    def change(writer):
        writer.pages[0][NameObject("/Here")] = NumberObject(1234567)

    nowhere = b" ".join(b"%d 0 R" % (9000 + nth) for nth in range(n))
    return pdf(change).replace(b"/Here 1234567", b"/Here [" + nowhere + b"]")


@pytest.fixture
def searches(monkeypatch):
    """How often the whole file is looked through."""
    made, search = [], pypdf._reader.get_stream_data

    def counted(file):
        made.append(1)
        return search(file)

    monkeypatch.setattr(pypdf._reader, "get_stream_data", counted)
    return made


def test_objects_that_are_nowhere_are_not_searched_for(searches):
    assert code_of(dangling(300)) == "broken_pdf"
    assert not searches


def test_an_object_that_is_not_where_the_table_says_is_not_searched_for(searches):
    moved = pdf().replace(b"\n1 0 obj", b"\n7 0 obj")

    assert outcome(moved) == "broken_pdf"
    assert not searches


def test_a_pdf_that_takes_too_long_is_refused_in_words(monkeypatch):
    monkeypatch.setattr(scans, "SECONDS_AT_MOST", -1)

    assert code_of(pdf()) == "intricate_pdf"


def test_a_program_hidden_in_a_compressed_stream_of_objects_is_found():
    """What stands in object streams is no plain text in the file, and is read all the same."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(running_when_a_page_opens)))
    written = io.BytesIO()
    writer.compress_identical_objects()
    writer.write(written)

    assert code_of(written.getvalue()) == "active_pdf"


def test_a_pdf_of_too_many_pages_is_refused(monkeypatch):
    monkeypatch.setattr(scans, "PAGES_AT_MOST", 2)

    assert code_of(pdf(pages=3)) == "too_many_pages"


GOOD = [picture(), picture("PNG"), pdf(), pdf(running)]


def outcome(data):
    """What became of a file: the type it is kept as, or the code of its refusal."""
    try:
        return read_scan(data).type
    except ScanError as refused:
        return refused.code


OUTCOMES = {"pdf", "jpeg", "png", *ScanError.messages}


@given(st.binary(max_size=300))
def test_any_bytes_are_kept_or_refused_in_words(data):
    assert outcome(data) in OUTCOMES


@given(
    st.sampled_from(GOOD),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=12),
    st.integers(0, 2000),
)
def test_any_damage_is_survived(data, changes, cut):
    spoilt = bytearray(data)
    for at, byte in changes:
        spoilt[at % len(spoilt)] = byte

    assert outcome(bytes(spoilt[: cut or None])) in OUTCOMES
