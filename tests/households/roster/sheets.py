"""Small rosters for the tests: rows as lists, and what comes out of them."""

import io
import json
from pathlib import Path

import openpyxl

from households.roster.core import receipt
from households.roster.core.reading import of_sheets, read_roster
from households.roster.core.reconcile import (
    NOTHING_ON_FILE,
    Stored,
    StoredHousehold,
    StoredMember,
    reconcile,
)
from households.roster.core.sheet import Sheet
from povertyaid.lib.national_id import check_character

ROSTERS = Path(__file__).resolve().parents[3] / "fixtures" / "rosters"
HEADS = ["户编号", "姓名", "身份证号", "联系电话", "家庭住址", "家庭人口", "备注"]
MEMBERS = ["户编号", "姓名", "与户主关系", "身份证号", "性别", "家庭人口"]


def number(serial, *, born="19700101"):
    """An identity number that nobody has: county 239999 was never assigned. Odd serials are men's."""
    first = f"239999{born}{serial:03d}"
    return first + check_character(first)


def sheets(*rows, **named):
    """`sheets([…], […])` is one sheet; `sheets(甲=[[…]], 乙=[[…]])` several."""
    if rows:
        named = {"Sheet1": rows}
    return [Sheet.of([list(row) for row in rows], name) for name, rows in named.items()]


def plan_of(*rows, stored=NOTHING_ON_FILE, **named):
    reading = of_sheets(sheets(*rows, **named))
    return reading, reconcile(reading.roll, stored) if reading.outcome == "roster" else None


def receipt_of(*rows, stored=NOTHING_ON_FILE, **named):
    """The receipt of rows that were never in a file."""
    reading, plan = plan_of(*rows, stored=stored, **named)
    return json.loads(json.dumps(receipt.make(reading, plan, "test.xlsx")))


def receipt_of_file(data, name="test.xlsx", stored=NOTHING_ON_FILE):
    reading = read_roster(data)
    plan = reconcile(reading.roll, stored) if reading.outcome == "roster" else None
    return json.loads(json.dumps(receipt.make(reading, plan, name)))


def codes(findings):
    """`[("C", 2, "id_damaged"), …]`: column, row and code of refusals or warnings."""
    return [(finding["column"], finding["row"], finding["code"]) for finding in findings]


def workbook(*rows, **named):
    """The bytes of an .xlsx that another program has written."""
    return workbook_bytes(make_workbook(*rows, **named))


def make_workbook(*rows, **named):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in (named or {"Sheet1": rows}).items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    return book


def workbook_bytes(book):
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def stored_after(plan):
    """What would be on file if the plan were carried out: the stand-in for the database."""
    households = []
    keys = iter(range(1, 10**6))
    for household in plan.accepted:
        members = [StoredMember(next(keys), dict(person.after)) for person in household.persons]
        households.append(
            StoredHousehold(next(keys), household.code, dict(household.after), members)
        )
    by_head_name = {}
    for household in households:
        by_head_name.setdefault(household.head.name, []).append(household)
    return Stored(
        by_code={household.code: household for household in households if household.code},
        by_head_number={
            household.head.person_number: household
            for household in households
            if household.head.person_number
        },
        by_head_name=by_head_name,
        holder={
            member.person_number: household.key
            for household in households
            for member in household.members
            if member.person_number
        },
    )


def settled(receipt):
    """A receipt without what is free: order, missing values, the test's own words."""
    receipt = _without_nothing(receipt)
    refused = {(finding["sheet"], finding.get("row")) for finding in receipt["refusals"]}
    for household in receipt["households"]:
        household["members"].sort(key=lambda member: member["row"])
    receipt["households"].sort(key=lambda household: (household["sheet"], household["row"]))
    receipt["warnings"] = [
        finding
        for finding in receipt["warnings"]
        if finding.get("row") is None or (finding["sheet"], finding["row"]) not in refused
    ]
    for findings in (receipt["refusals"], receipt["warnings"]):
        findings.sort(key=lambda finding: json.dumps(finding, sort_keys=True))
    return receipt


def _without_nothing(value):
    if isinstance(value, dict):
        own = {"kind", "about", "given"}
        return {k: _without_nothing(v) for k, v in value.items() if v is not None and k not in own}
    return [_without_nothing(part) for part in value] if isinstance(value, list) else value
