"""What stands before the first household: units, staff, programme, lists, lines, targets."""

import datetime
import json
import os
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from households.actions import rules
from households.models import DossierRule
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.programmes.models import (
    Programme,
    ReferenceValue,
    SchemeItem,
    Target,
    Threshold,
)

FIXTURES = Path(settings.BASE_DIR) / "fixtures" / "demo"
#: In the order in which they are built; the last shares the units of the first.
OFFICES = ("S0", "S1", "S2", "S3", "S4", "HB2026")

#: What a unit may have besides.
FACTS = ("full_time_staff", "model_worker_run", "honour", "in_difficulty")


def password() -> str:
    """The password of every demonstration account; public unless the office sets its own."""
    return os.environ.get("POVERTYAID_DEMO_PASSWORD") or "yanshi-2026-bangfu"


@cache
def description(code: str) -> dict[str, Any]:
    """One of `fixtures/demo/*.json`."""
    return json.loads((FIXTURES / f"{code}.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Account:
    """A demonstration account as it stands now."""

    staff: Staff
    has_demonstration_password: bool


def accounts() -> list[Account]:
    """The demonstration accounts that exist, in the order of the fixtures."""
    names = [one["username"] for code in OFFICES for one in description(code)["staff"]]
    found = {
        staff.username: staff
        for staff in Staff.objects.filter(username__in=names).select_related("unit")
    }
    is_ours: dict[str, bool] = {}
    for staff in found.values():
        # All were made with one hash: checked once instead of eighty times, a third of a second each.
        if staff.password not in is_ours:
            is_ours[staff.password] = check_password(password(), staff.password)
    return [Account(found[name], is_ours[found[name].password]) for name in names if name in found]


def foreign_staff_exists() -> bool:
    """Whether somebody works here already who is no part of the demonstration."""
    names = {one["username"] for code in OFFICES for one in description(code)["staff"]}
    return Staff.objects.exclude(username__in=names).exists()


@transaction.atomic
def set_up(code: str) -> Programme:
    """Make what is missing of one office; leave what stands, which a user may have changed."""
    office = description(code)
    for unit in office["units"]:
        _unit(unit, parent=None)
    _staff(office["staff"])
    for earlier in office.get("programmes_before", []):
        _programme(earlier)
    programme = _programme(office["programme"])
    for list_name, items in office["lists"].items():
        _list(programme, list_name, items)
        if list_name in rules.LISTS and not _has_rules(programme):
            rules.set_up(programme, list_name, by=None)
    for line in office["lines"]:
        Threshold.objects.get_or_create(
            programme=programme,
            category=line["category"],
            valid_from=None,
            defaults={
                "exit_label": line["exit_label"],
                "basis": line["basis"],
                "value": Decimal(line["value"]),
                "series": line.get("series"),
                "strict": line.get("strict", False),
            },
        )
    for value in office["reference_values"]:
        ReferenceValue.objects.get_or_create(
            unit=OrgUnit.objects.get(code=value["unit"]),
            series=value["series"],
            year=value["year"],
            defaults={"value": Decimal(value["value"]), "source": value["source"]},
        )
    for target in office["targets"]:
        _target(programme, target)
    return programme


def _unit(described: dict[str, Any], *, parent: OrgUnit | None) -> None:
    unit, _created = OrgUnit.objects.get_or_create(
        code=described["code"],
        defaults={
            "name": described["name"],
            "kind": described["kind"],
            "level": described.get("level", ""),
            "parent": parent,
            "keeps_files": described.get("keeps_files", True),
            **{fact: described[fact] for fact in FACTS if fact in described},
        },
    )
    for child in described.get("children", []):
        _unit(child, parent=unit)


def _staff(described: list[dict[str, Any]]) -> None:
    names = [one["username"] for one in described]
    there = set(Staff.objects.filter(username__in=names).values_list("username", flat=True))
    missing = [one for one in described if one["username"] not in there]
    if not missing:
        return
    existing = next(
        (one.staff.password for one in accounts() if one.has_demonstration_password), ""
    )
    encoded = existing or make_password(password())
    units = OrgUnit.objects.in_bulk({one["unit"] for one in missing}, field_name="code")
    for one in missing:
        Staff.objects.create(
            username=one["username"],
            full_name=one["full_name"],
            unit=units[one["unit"]],
            role=one["role"],
            password=encoded,
            must_change_password=False,
        )


def _programme(described: dict[str, Any]) -> Programme:
    dates = {
        name: datetime.date.fromisoformat(described[name])
        for name in ("starts_on", "ends_on", "as_of", "consolidation_until")
        if name in described
    }
    previous = described.get("previous")
    programme, _created = Programme.objects.get_or_create(
        code=described["code"],
        defaults={
            "name": described["name"],
            "mode_label": described["mode_label"],
            "lead_unit": OrgUnit.objects.get(code=described["lead_unit"]),
            "counting_unit": described["counting_unit"],
            "round_no": described.get("round_no", 1),
            "helping_day": described.get("helping_day"),
            "previous": Programme.objects.get(code=previous) if previous else None,
            **dates,
        },
    )
    return programme


def _list(programme: Programme, list_name: str, items: list[Any]) -> None:
    for seq, item in enumerate(items, start=1):
        part, label = (item["part"], item["label"]) if isinstance(item, dict) else ("", item)
        SchemeItem.objects.get_or_create(
            programme=programme,
            list_name=list_name,
            label=label,
            defaults={"part": part, "seq": seq},
        )


def _has_rules(programme: Programme) -> bool:
    return DossierRule.objects.filter(item__programme=programme).exists()


def _target(programme: Programme, described: dict[str, Any]) -> None:
    Target.objects.get_or_create(
        programme=programme,
        code=described["code"],
        defaults={
            "title": described["title"],
            "indicator": described["indicator"],
            "params": described["params"],
            "value": Decimal(described["value"]),
            "measure": described["measure"],
            "starts_on": datetime.date.fromisoformat(described["starts_on"]),
            "due_on": datetime.date.fromisoformat(described["due_on"]),
            "planned_years": described["planned_years"],
        },
    )
