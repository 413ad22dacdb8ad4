"""A roster of a few hundred kilobytes that swells to hundreds of megabytes is refused at once."""

import io
import zipfile
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from households.models import RosterImport
from households.roster.core import marks
from tests.households.page import fields_of

CLEAN = Path("fixtures/rosters/a_clean.xlsx")
UPLOAD = reverse("households:roster-upload")


def swollen(size):
    """A clean roster whose sheet begins with `size` blanks that no row ends."""
    file = io.BytesIO()
    with zipfile.ZipFile(CLEAN) as clean, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        for name in clean.namelist():
            part = clean.read(name)
            if "worksheets/sheet1.xml" in name:
                part = part.replace(b"<sheetData>", b"<sheetData>" + b" " * size)
            book.writestr(name, part)
    return file.getvalue()


def test_a_row_without_end_is_too_large(client, clerk, riverside, programme, monkeypatch):
    monkeypatch.setattr(marks, "BLOCK", 64 * 1024)
    monkeypatch.setattr(marks, "LONGEST_ROW", 512 * 1024)
    client.force_login(clerk)
    sent = fields_of(client.get(UPLOAD)) | {"unit": "B-RIV", "programme": programme.pk}

    response = client.post(
        UPLOAD, sent | {"file": SimpleUploadedFile("a.xlsx", swollen(1_000_000))}
    )

    assert response.status_code == 200
    assert "文件过大" in response.content.decode()
    assert not RosterImport.objects.exists()
