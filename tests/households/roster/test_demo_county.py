"""The roster of the demonstration county: ugly, readable, and made by its script."""

import runpy

import openpyxl

from tests.households.roster.sheets import ROSTERS, codes, receipt_of_file

NAME = "demo_county_2026"


def test_it_reads_as_a_county_office_would_hope():
    receipt = receipt_of_file((ROSTERS / f"{NAME}.xlsx").read_bytes())

    assert receipt["counts"] == {
        "read": 160, "created": 145, "updated": 0, "unchanged": 0, "refused": 3, "skipped": 12,
    }  # fmt: skip
    assert len(receipt["households"]) == 60
    assert receipt["sheets"][0]["header_rows"] == [3, 4]
    assert receipt["sheets"][0]["money_unit"] == "万元"
    assert codes(receipt["refusals"]) == [
        ("K", 17, "id_damaged"), ("K", 23, "id_malformed"), ("H", 29, "name_missing"),
    ]  # fmt: skip
    assert sorted({code for _column, _row, code in codes(receipt["warnings"])}) == [
        "amount_unreadable", "date_unreadable", "head_assumed", "household_size_differs",
        "id_check_digit", "id_missing", "phone_shared", "sex_differs_from_id", "total_differs",
    ]  # fmt: skip


def cells_of(sheet):
    """Numbers come back from a file as it keeps them: with fifteen digits."""
    return [
        [float(f"{cell:.15g}") if isinstance(cell, (int, float)) else cell or None for cell in row]
        for row in sheet.iter_rows(values_only=True)
    ]


def test_its_script_makes_it_again():
    made = runpy.run_path(str(ROSTERS / "demo_county.py"))["make"]().active
    kept = openpyxl.load_workbook(ROSTERS / f"{NAME}.xlsx").active

    assert cells_of(made) == cells_of(kept)
    assert sorted(map(str, made.merged_cells)) == sorted(map(str, kept.merged_cells))
