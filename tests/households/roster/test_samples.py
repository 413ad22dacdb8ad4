"""The rosters in `fixtures/rosters/` give the receipts that lie beside them."""

import json

import pytest

from households.roster.core.reading import read_roster
from households.roster.core.reconcile import NOTHING_ON_FILE, reconcile
from tests.households.roster.sheets import (
    ROSTERS,
    receipt_of_file,
    settled,
    stored_after,
)

EXPECTED = sorted(ROSTERS.glob("*.expected.json"))


@pytest.mark.parametrize("path", EXPECTED, ids=[path.name.split(".")[0] for path in EXPECTED])
def test_a_sample_gives_its_receipt(path):
    expected = json.loads(path.read_text())
    stored = NOTHING_ON_FILE
    for name in expected.get("given", []):
        stored = stored_after(reconcile(read_roster((ROSTERS / name).read_bytes()).roll, stored))

    receipt = receipt_of_file((ROSTERS / expected["file"]).read_bytes(), expected["file"], stored)

    assert settled(receipt) == settled(expected)


@pytest.mark.parametrize("path", EXPECTED, ids=[path.name.split(".")[0] for path in EXPECTED])
def test_the_same_sample_again_changes_nothing(path):
    data = (ROSTERS / json.loads(path.read_text())["file"]).read_bytes()
    first = receipt_of_file(data)
    stored = stored_after(reconcile(read_roster(data).roll))

    again = receipt_of_file(data, stored=stored)

    counts = first["counts"]
    assert again["counts"] == counts | {
        "created": 0,
        "unchanged": counts["created"] + counts["unchanged"],
    }
    assert settled(again)["households"] == settled(first)["households"]
    assert again["refusals"] == first["refusals"]
