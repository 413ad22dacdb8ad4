"""The clerk's way through the pages: bring a roster, see what would change, import it, read the receipt."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from households.models import Household, RosterImport
from tests.households.roster.sheets import ROSTERS

LIST = reverse("households:roster-list")
UPLOAD = reverse("households:roster-upload")


def send(client, unit, programme, content, name="花名册.xlsx", **more):
    file = SimpleUploadedFile(name, content)
    return client.post(UPLOAD, {"unit": unit.code, "programme": programme.pk, "file": file, **more})


def roster_of(response):
    assert response.status_code == 302, response.content.decode()
    return RosterImport.objects.get(pk=response["Location"].rstrip("/").rsplit("/", 1)[-1])


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


def test_a_roster_is_previewed_before_anything_is_written(desk, riverside, programme):
    content = (ROSTERS / "c_members.xlsx").read_bytes()

    roster = roster_of(send(desk, riverside, programme, content))

    page = desk.get(roster.get_absolute_url()).content.decode()
    assert not Household.objects.exists()
    assert roster.counts == {
        "read": 81, "created": 79, "updated": 0, "unchanged": 0, "refused": 0, "skipped": 2,
    }  # fmt: skip
    assert "导入 79 行" in page
