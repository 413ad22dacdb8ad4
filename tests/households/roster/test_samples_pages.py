"""The rosters in `fixtures/rosters/` through the pages: what the clerk sees is the receipt beside them."""

import json

import pytest
from django.urls import reverse

from households.models import RosterImport
from households.roster.sentences import DOUBTS
from tests.households.roster.sheets import ROSTERS
from tests.households.roster.test_pages import send, verb

EXPECTED = sorted(ROSTERS.glob("*.expected.json"))


def through_the_pages(client, unit, programme, name):
    """Upload, say that the columns are as proposed, answer what is asked; the preview."""
    send(client, unit, programme, (ROSTERS / name).read_bytes(), name)
    roster = RosterImport.objects.latest("pk")
    if roster.state == RosterImport.State.HEADINGS:
        said = {
            f"{nth}-{column['letter']}": column["field"] or column["proposal"]
            for nth, sheet in enumerate(one for one in roster.sheets if one["columns"])
            for column in sheet["columns"]
        }
        client.post(reverse("households:roster-headings", args=[roster.pk]), said)
        roster.refresh_from_db()
    if roster.lines.questions().exists():
        verb(client, roster, "families", all="1", are="same")
    return roster


def told(findings):
    return sorted((f["sheet"], f["row"], f["column"] or "", f["code"]) for f in findings)


@pytest.mark.parametrize("path", EXPECTED, ids=[path.name.split(".")[0] for path in EXPECTED])
def test_a_sample_gives_its_receipt_through_the_pages(client, clerk, riverside, programme, path):
    client.force_login(clerk)
    expected = json.loads(path.read_text())
    for name in expected.get("given", []):
        verb(client, through_the_pages(client, riverside, programme, name), "commit")

    roster = through_the_pages(client, riverside, programme, expected["file"])
    page = verb(client, roster, "commit", confirmed=sorted(DOUBTS)).content.decode()

    roster.refresh_from_db()
    assert f"回执 {roster.code}" in page
    assert roster.counts == expected["counts"]
    lines = roster.lines.all()
    refused = [
        {"sheet": line.sheet, "row": line.row, **found} for line in lines for found in line.refusals
    ]
    assert told(refused) == told(expected["refusals"])
    warned = roster.warnings + [
        {"sheet": line.sheet, "row": line.row, **found}
        for line in lines
        for found in line.warnings
        if line.outcome != "refused"  # warnings on refused rows are free
    ]
    rows_refused = {(f["sheet"], f["row"]) for f in expected["refusals"]}
    assert told(f | {"row": f["row"] or 0} for f in warned) == told(
        f | {"row": f["row"] or 0}
        for f in expected["warnings"]
        if (f["sheet"], f["row"]) not in rows_refused
    )
    sheet = next(one for one in roster.sheets if one["use"] == "roster")
    assert dict(sheet["mapping"]) == next(
        one["mapping"] for one in expected["sheets"] if one["use"] == "roster"
    )
