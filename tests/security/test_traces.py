"""Whoever takes personal numbers along leaves a trace."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from households.models import RosterImport
from povertyaid.audit.models import Entry
from tests.households.page import fields_of

UPLOAD = reverse("households:roster-upload")
ROWS = "户主姓名,身份证号,家庭人口\n王建国,23990119700101003,2\n"


def test_the_workbook_of_refused_rows_stands_in_the_trail(client, clerk, riverside, programme):
    client.force_login(clerk)
    sent = fields_of(client.get(UPLOAD)) | {"unit": "B-RIV", "programme": programme.pk}
    client.post(UPLOAD, sent | {"file": SimpleUploadedFile("a.csv", ROWS.encode())})
    roster = RosterImport.objects.get()

    client.get(reverse("households:roster-errors", args=[roster.pk])).getvalue()

    entry = Entry.objects.get(deed="exported")
    assert (entry.by, entry.target_id) == (clerk, roster.pk)
    assert entry.detail == {"file": "a.csv", "rows": roster.rows_refused}
