"""script/demo ends with a roster as a farm sends it: most of it goes in, two damaged rows do not."""

import json

import pytest
from django.core.management import call_command

from povertyaid.cluster import PROJECT

ROSTER = PROJECT / "fixtures" / "rosters" / "hongqi_2026.xlsx"


def take(capsys):
    """Import it as script/demo does; the exit status and the receipt."""
    with pytest.raises(SystemExit) as ended:
        call_command(
            *("import_roster", str(ROSTER), "--unit", "S0-HQ", "--programme", "HB2026"),
            *("--by", "s0-hq-clerk", "--json"),
        )
    return ended.value.code, json.loads(capsys.readouterr().out)


def test_it_goes_in_but_for_two_damaged_rows_and_the_second_time_changes_nothing(capsys):
    call_command("seed_demo", "--programme", "S0", "--setup-only", verbosity=0)
    capsys.readouterr()

    status, receipt = take(capsys)
    assert status == 2
    assert receipt["counts"] == {
        "read": 48,
        "created": 34,
        "updated": 0,
        "unchanged": 0,
        "refused": 2,
        "skipped": 12,
    }
    assert [(refusal["row"], refusal["code"]) for refusal in receipt["refusals"]] == [
        (21, "id_damaged"),
        (34, "id_malformed"),
    ]

    status, receipt = take(capsys)
    assert status == 2
    assert receipt["counts"]["unchanged"] == 34
    assert receipt["counts"]["created"] == receipt["counts"]["updated"] == 0
