"""What the tests of dossiers and papers hand in."""

import io

import pypdf
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from tests.households.page import fields_of


def photo(name="对接卡.jpg", *, colour=(200, 30, 30), **saved):
    written = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(written, "JPEG", **saved)
    return SimpleUploadedFile(name, written.getvalue(), "image/jpeg")


def pdf(name="申请书.pdf", *, script=False, password=""):
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 300)
    if script:
        writer._root_object[NameObject("/OpenAction")] = DictionaryObject(
            {
                NameObject("/S"): NameObject("/JavaScript"),
                NameObject("/JS"): TextStringObject("app.alert(1)"),
            }
        )
    if password:
        writer.encrypt(password)
    written = io.BytesIO()
    writer.write(written)
    return SimpleUploadedFile(name, written.getvalue(), "application/pdf")


def fake(name="对接卡.pdf", content=b"MZ\x90 a program"):
    return SimpleUploadedFile(name, content, "application/pdf")


def page_of(name, row, **query):
    return reverse(f"households:{name}", args=[row.pk], query=query or None)


def send(desk, page, **typed):
    """Open a page's form and send it with something typed or chosen."""
    return desk.post(page, fields_of(desk.get(page)) | typed)


def told(response):
    """Everything the form refuses, as sentences."""
    return [text for texts in response.context["form"].errors.values() for text in texts]


def messages_of(response):
    """As they are read: a number keeps to its unit by a blank that does not break."""
    return [str(m).replace("\N{NO-BREAK SPACE}", " ") for m in response.context["messages"]]
