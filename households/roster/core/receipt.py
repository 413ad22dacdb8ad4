"""The receipt of an import: what was read, what became of every row, and how the files will stand."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from households.roster.core.fields import FIELDS, Kind, Value
from households.roster.core.reading import Reading
from households.roster.core.reconcile import HouseholdPlan, PersonPlan, Plan, findings_of
from households.roster.core.tables import Finding

FORMAT = 1
PRECISION = {4: "year", 7: "month", 10: "day"}


def written(name: str, value: Value) -> Any:
    """A value as the receipt prints it."""
    if isinstance(value, tuple):
        return list(value)
    if name in FIELDS and FIELDS[name].kind is Kind.DATE and isinstance(value, str):
        return {"date": value, "precision": PRECISION[len(value)]}
    return value


def make(reading: Reading, plan: Plan | None, file: str) -> dict[str, Any]:
    """The whole receipt. Sheets without a roster, and files that are none, have zero counts."""
    told = summary(reading, plan)
    return {
        "format": FORMAT,
        "file": file,
        "outcome": reading.outcome,
        "sheets": told["sheets"],
        "counts": told["counts"],
        "households": [_household(household) for household in plan.accepted] if plan else [],
        **_findings(reading, plan),
    }


def summary(reading: Reading, plan: Plan | None) -> dict[str, Any]:
    """Sheets, counts, and what is said of whole sheets and of their totals: the receipt without rows."""
    by_sheet: dict[str, Counter[str]] = {}
    for person in plan.rows if plan else ():
        by_sheet.setdefault(person.row.sheet, Counter())[person.outcome] += 1
    sheets = list(_sheets(reading, by_sheet))
    warnings = [_finding(finding) for finding in reading.warnings] if plan else []
    return {"sheets": sheets, "counts": totals(sheets), "warnings": warnings}


def totals(sheets: list[dict[str, Any]]) -> dict[str, int]:
    """Counts over all sheets. They add up: read = created + updated + unchanged + refused + skipped."""
    names = ("read", "created", "updated", "unchanged", "refused", "skipped")
    return {name: sum(sheet["counts"][name] for sheet in sheets) for name in names}


def _sheets(reading: Reading, by_sheet: dict[str, Counter[str]]) -> Iterator[dict[str, Any]]:
    for sheet in reading.sheets:
        table = sheet.table
        done = by_sheet.get(sheet.name, Counter()) if table else Counter()
        read = table.read if table and reading.outcome == "roster" else 0
        yield {
            "name": sheet.name,
            "state": sheet.state,
            "use": sheet.use,
            "header_rows": list(table.header.rows) if table else [],
            "mapping": table.mapping if table else {},
            "unmapped": table.unmapped if table else [],
            "money_unit": table.money_unit if table else None,
            "counts": {
                "read": read,
                **{name: done[name] for name in ("created", "updated", "unchanged", "refused")},
                "skipped": read - done.total(),
            },
        }


def _findings(reading: Reading, plan: Plan | None) -> dict[str, list[dict[str, Any]]]:
    if plan is None:
        return {"refusals": [], "warnings": []}
    order = {sheet.name: place for place, sheet in enumerate(reading.sheets)}
    refusals, warnings = findings_of(person.row for person in plan.rows)

    def place(finding: Finding) -> tuple[int, int]:
        return order[finding.sheet], finding.row or 0

    return {
        "refusals": [_finding(finding) for finding in sorted(refusals, key=place)],
        "warnings": [
            _finding(finding) for finding in sorted([*warnings, *reading.warnings], key=place)
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "sheet": finding.sheet,
        "row": finding.row,
        "column": finding.column,
        "code": finding.code,
    }


def _household(plan: HouseholdPlan) -> dict[str, Any]:
    first = plan.draft.first
    return {
        "code": plan.code,
        "head": plan.head_name,
        "sheet": first.sheet,
        "row": first.number,
        **{name: written(name, value) for name, value in plan.after.items()},
        "members": [_member(person) for person in plan.persons],
    }


def _member(person: PersonPlan) -> dict[str, Any]:
    return {
        "row": person.row.number,
        **{name: written(name, value) for name, value in person.after.items()},
    }
