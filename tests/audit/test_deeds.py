"""Every deed and every fact that the program writes down has a word."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

from povertyaid.audit import deeds
from povertyaid.audit.models import Entry

ROOMS = ("povertyaid", "households", "pairings", "disbursements", "reports")


def written_down():
    """(place, deed or None, names of facts) of each call of `record()` in the source."""
    for room in ROOMS:
        for path in sorted((Path(settings.BASE_DIR) / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                if getattr(node.func, "id", getattr(node.func, "attr", "")) != "record":
                    continue
                deed = node.args[1] if len(node.args) > 1 else None
                code = deed.value if isinstance(deed, ast.Constant) else None
                facts = [k.arg for k in node.keywords if k.arg and k.arg not in {"by", "reason"}]
                yield f"{path.name}:{node.lineno}", code, facts


def test_every_deed_has_a_word():
    without = [
        (at, code) for at, code, _facts in written_down() if code not in {None, *deeds.DEEDS}
    ]

    assert not without


def test_every_fact_has_a_word():
    known = {*deeds.FACTS, "changed"}

    without = [
        (at, name) for at, _code, facts in written_down() for name in facts if name not in known
    ]

    assert not without


@pytest.mark.parametrize("decision", ["approved", "rejected"])
def test_decisions_have_words(decision):
    assert f"review_{decision}" in deeds.DEEDS


def test_values_are_said_by_their_words():
    assert deeds.value_words("role", "clerk") == "录入员"
    assert deeds.value_words("confirmed", ["甲", "乙"]) == "甲、乙"
    assert deeds.value_words("keeps_files", True) == "是"
    assert deeds.value_words("value", None) == "—"
    assert deeds.value_words("fields", "income.before.2010") == "收入 帮扶前 2010"


def test_a_changed_field_is_told_from_old_to_new():
    entry = Entry(detail={"changed": {"role": ["clerk", "approver"]}, "units": 3})

    assert deeds.describe(entry) == [
        ("角色", "录入员", "审核员"),
        ("随同调整的单位数", None, "3"),
    ]
