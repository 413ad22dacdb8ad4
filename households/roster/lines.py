"""What becomes of each row, as the preview and the receipt show it: personal numbers masked."""

import hashlib
import json
import re

from django.db import connection

from households.models import RosterLine
from households.roster.core.receipt import summary
from povertyaid.lib import national_id

ANY_NUMBER = re.compile(r"[\dXxＸｘ]{7,}")
SHOWN_DIGITS = 4
MASKS = {
    "id_number": national_id.mask,
    "former_id_number": national_id.mask,
    "bank_account": national_id.mask_account,
    "phone": national_id.mask_phone,
    "household_phone": national_id.mask_phone,
    "helper_phone": national_id.mask_phone,
}
NAMES = frozenset(["name", "head", "helper_name"])  # in which somebody may have typed a number
LONGEST_SAID = 200
SHORTEST_NUMBER = 11  # characters of a text that may hold a number to be hidden
as_json = json.JSONEncoder(ensure_ascii=False).encode
LINE_COLUMNS = (
    "roster_id", "position", "outcome", "sheet", "row", "code", "head", "name", "relation", "changes",
    "refusals", "warnings", "kept", "question",
)  # fmt: skip


def tell(roster, prepared):
    """Write counts and findings of a reading onto the roster's row."""
    told = summary(prepared.reading, prepared.plan)
    # As pairs: the database keeps no order of names, and a reader wants the columns as they stand.
    roster.sheets = [
        sheet | {"mapping": list(sheet["mapping"].items()), "columns": columns}
        for sheet, columns in zip(told["sheets"], all_columns(prepared.reading), strict=True)
    ]
    roster.warnings = told["warnings"]
    for name, count in told["counts"].items():
        setattr(roster, f"rows_{name}", count)


def all_columns(reading):
    """The columns of each sheet as a clerk confirms them: letter, heading, field, samples, proposal."""
    return [_columns(sheet) for sheet in reading.sheets]


def _columns(sheet):
    if sheet.layout is None or sheet.samples is None:
        return []
    return [
        {
            "letter": column.letter,
            "heading": column.heading,
            "field": column.field or "",
            "running": column.is_running_number,
            "samples": [masked_sample(text) for text in sheet.samples.values.get(column.index, [])],
            "proposal": getattr(sheet.samples.proposals.get(column.index), "field", ""),
            "because": getattr(sheet.samples.proposals.get(column.index), "because", ""),
        }
        for column in sheet.layout.header.columns
    ]


def masked_sample(text):
    """A cell beside its heading: what is written is recognised without its numbers."""
    return ANY_NUMBER.sub(lambda number: _ends(number[0]), national_id.hide_numbers(text))


def _ends(number):
    return "*" * (len(number) - SHOWN_DIGITS) + number[-SHOWN_DIGITS:]


def fingerprint(plan):
    """What an import would do, as one short text: two previews that differ anywhere differ in it."""
    seen = hashlib.sha256()
    for household in plan.households:
        told = [household.stored.key if household.stored else None]
        for change in household.changes:
            told += [change.field, change.old, change.new]
        told += household.kept
        for person in household.rows:
            told += [person.row.sheet, person.row.number, person.outcome]
            told += [finding.code for finding in (*person.row.refusals, *person.row.warnings)]
            for change in person.changes:
                told += [change.field, change.old, change.new]
            told += person.kept
        seen.update(repr(told).encode())
    return seen.hexdigest()


def write(roster, prepared):
    """The roster's lines, made anew."""
    RosterLine.objects.filter(roster=roster).delete()
    with connection.cursor() as cursor:
        copied = f"COPY households_rosterline ({', '.join(LINE_COLUMNS)}) FROM STDIN"
        with cursor.copy(copied) as copy:
            for line in _lines(roster.pk, prepared):
                copy.write_row(line)


def _lines(roster_id, prepared):
    order = {sheet.name: place for place, sheet in enumerate(prepared.reading.sheets)}
    field_at = {
        table.sheet: {column.letter: column.field for column in table.header.columns}
        for table in prepared.reading.tables
    }
    persons = [
        (person, household) for household in prepared.plan.households for person in household.rows
    ]
    persons.sort(key=lambda pair: (order[pair[0].row.sheet], pair[0].row.number))
    for position, (person, household) in enumerate(persons, start=1):
        row = person.row
        # What changes of the household is told on its first row, where the receipt counts it.
        is_first = household.persons and person is household.persons[0]
        changes = [*(household.changes if is_first else ()), *person.changes]
        kept = [*(household.kept if is_first else ()), *person.kept]
        yield (
            roster_id,
            position,
            person.outcome,
            row.sheet[:255],  # Excel allows 31 characters, other programs more
            row.number,
            household.code or "",  # never somebody's number: such codes only group rows
            national_id.hide_numbers(household.head_name),
            national_id.hide_numbers(row.name),
            str(row.person.get("relation", "")),
            as_json([_shown(change) for change in changes]) if changes else "[]",
            _told(row, row.refusals, field_at[row.sheet]),
            _told(row, row.warnings, field_at[row.sheet]),
            as_json([_kept(one) for one in kept]) if kept else "[]",
            prepared.file_number(household) if is_first and household.is_question else "",
        )


def _told(row, findings, field_at):
    if not findings:
        return "[]"
    return as_json(
        [
            {
                "column": found.column,
                "code": found.code,
                "said": _said(row, found.column, field_at.get(found.column)),
            }
            for found in findings
        ]
    )


def _said(row, letter, field):
    """What stands in the cell that is found fault with, its numbers masked."""
    text = row.said.get(letter, "") or str(row.person.get(field, "") if field else "")
    is_masked = field in MASKS or field in NAMES
    return masked_sample(text[:LONGEST_SAID]) if is_masked else _masked(None, text[:LONGEST_SAID])


def _shown(change):
    return [change.field, _masked(change.field, change.old), _masked(change.field, change.new)]


def _kept(one):
    return [one.field, _masked(one.field, one.desk), _masked(one.field, one.said), one.is_conflict]


def _masked(field, value):
    if isinstance(value, tuple):
        return "、".join(value)
    if field in MASKS and value:
        return MASKS[field](str(value))
    if isinstance(value, str) and len(value) >= SHORTEST_NUMBER:
        # In remarks people write numbers of identity cards and accounts.
        return national_id.hide_numbers(value)
    return value
