"""One timeline of a row: what was done to it, by whom, why, and field by field from what to what.

Two sources are laid together: the entries that actions write, and the event rows that the
database writes by itself whichever way a change came. What a transaction changed is one
moment; the entry that the same person wrote in it gives it its name.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from povertyaid.audit import deeds
from povertyaid.audit.models import Entry
from povertyaid.audit.trails import Table, Trail
from povertyaid.lib.money import format_yuan
from povertyaid.org.models import Staff

# Deeds of looking: told to those who read the trail, not to everybody who reads the file.
LOOKS = ("revealed", "exported")
# How long after its transaction began an entry may still belong to it.
LONGEST_TRANSACTION = timedelta(minutes=10)
ADDED, CHANGED, REMOVED = "insert", "update", "delete"


@dataclass(frozen=True)
class FieldChange:
    """`old` is None where the row is new. A personal field says only that it changed."""

    name: str
    old: str | None
    new: str
    is_hidden: bool = False


@dataclass(frozen=True)
class RowChange:
    kind: str  # insert, update, delete
    noun: str
    name: str
    fields: tuple[FieldChange, ...]


@dataclass
class Moment:
    """One transaction, or one entry without changes. `by` is None for a command by hand."""

    at: datetime
    by: Staff | None
    reason: str = ""
    entries: list[Entry] = field(default_factory=list)
    changes: list[RowChange] = field(default_factory=list)

    @property
    def is_beginning(self) -> bool:
        return all(change.kind == ADDED for change in self.changes)

    @property
    def is_look(self) -> bool:
        return bool(self.entries) and all(entry.deed in LOOKS for entry in self.entries)


def moments(trail: Trail, row: Any, *, reader: Staff) -> list[Moment]:
    """The history of a row, newest first. Whoever may see the row may read it.

    Looks at personal data are told to readers of the trail only. A fixed number of queries for
    each table, however long the history.
    """
    entries = list(entries_of(trail, row, reader))
    raw = [(table, *pair) for table in trail.tables for pair in changes_of(table, row)]
    words = Words(raw, reader)
    people = Staff.objects.in_bulk({event.acted_by for _t, _old, event in raw if event.acted_by})
    together: dict[tuple[Any, Any], Moment] = {}
    for table, old, event in raw:
        change = words.of(table, old, event)
        if change is None:
            continue
        key = (event.pgh_created_at, event.acted_by)
        if key not in together:
            together[key] = Moment(
                event.pgh_created_at, people.get(event.acted_by), event.acted_reason or ""
            )
        together[key].changes.append(change)
    told = sorted(together.values(), key=lambda moment: moment.at)
    told += name_them(told, entries)
    # Reversed rather than sorted backwards: of two at the same instant the later stays on top.
    return sorted(told, key=lambda moment: moment.at)[::-1]


def entries_of(trail: Trail, row: Any, reader: Staff) -> Any:
    about = Q()
    for kind, keys in trail.targets(row):
        about |= Q(target_kind=kind, target_id__in=keys)
    entries = Entry.objects.filter(about).select_related("by").order_by("at", "pk")
    return entries if reader.has_perm("audit.view_entry") else entries.exclude(deed__in=LOOKS)


def changes_of(table: Table, row: Any) -> list[tuple[Any, Any]]:
    """(event before or None, event) of the table's rows while they stood under `row`."""
    before: dict[int, Any] = {}
    found = []
    for event in table.belongs(table.events, row).order_by("pgh_id"):
        old = before.get(event.pgh_obj_id)
        came_or_was = table.is_here(event, row) or (old is not None and table.is_here(old, row))
        if came_or_was:
            found.append((old, event))
        before[event.pgh_obj_id] = event
    return found


def name_them(told: list[Moment], entries: list[Entry]) -> list[Moment]:
    """Give each entry to the transaction it was written in; answer those that have none."""
    alone = []
    by_person: dict[Any, list[Moment]] = defaultdict(list)
    for moment in told:
        by_person[moment.by.pk if moment.by else None].append(moment)
    for entry in entries:
        at_hand = [
            moment
            for moment in by_person[entry.by_id]
            if moment.at <= entry.at <= moment.at + LONGEST_TRANSACTION
        ]
        if at_hand and entry.deed not in LOOKS:
            at_hand[-1].entries.append(entry)
            at_hand[-1].reason = at_hand[-1].reason or entry.reason
        else:
            alone.append(Moment(entry.at, entry.by, entry.reason, [entry]))
    return alone


class Words:
    """Values of fields as a page says them; rows that are pointed at are fetched together."""

    def __init__(self, raw: list[tuple[Table, Any, Any]], reader: Staff) -> None:
        wanted: dict[Any, set[int]] = defaultdict(set)
        for table, old, event in raw:
            for one in table.told_fields():
                if one.is_relation:
                    wanted[one.related_model] |= {
                        getattr(row, one.attname) for row in (old, event) if row
                    }
        self.rows = {model: self._visible(model, keys, reader) for model, keys in wanted.items()}

    @staticmethod
    def _visible(model: Any, keys: set[int], reader: Staff) -> dict[int, str]:
        rows = model.objects.filter(pk__in=keys - {None})
        # Names of units, programmes and colleagues are no secret inside the office; files are.
        if getattr(model, "hidden_from_helpers", False):
            rows = rows.visible_to(reader)
        return {row.pk: getattr(row, "name", "") or str(row) for row in rows}

    def of(self, table: Table, old: Any, event: Any) -> RowChange | None:
        """What an event changed, or None where only the machine's own columns did."""
        told = []
        for one in table.told_fields():
            after = getattr(event, one.attname)
            prior = getattr(old, one.attname) if old else None
            if prior == after or (old is None and after in (None, "", [], {})):
                continue
            name = str(one.verbose_name)
            if table.is_personal(one):
                told.append(FieldChange(name, None, "", is_hidden=True))
            else:
                was = self.say(one, prior) if old else None
                told.append(FieldChange(name, was, self.say(one, after)))
        if not told and event.pgh_label == CHANGED:
            return None
        return RowChange(
            event.pgh_label, str(table.model._meta.verbose_name), table.name(event), tuple(told)
        )

    def say(self, one: Any, value: Any) -> str:
        if value is None or value in ("", []):
            return "—"
        if one.is_relation:
            return self.rows[one.related_model].get(value) or _("a record of another unit")
        if one.choices:
            return str(dict(one.flatchoices).get(value, value))
        if isinstance(value, Decimal):
            return format_yuan(value) if one.decimal_places == 2 else f"{value.normalize():f}"
        if isinstance(value, date):
            return value.isoformat()
        return deeds.value_words(one.name, value)
