"""Which rows have a history page, and of which tables it is made.

A room registers its trails at start-up: a household's history shows the household together
with its members, enrolments, incomes and reviews, though the audit room knows none of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from povertyaid.lib.secrets import EncryptedTextField


@dataclass(frozen=True)
class Table:
    """One tracked model that belongs to a trail.

    `belongs(events, row)` cuts the model's event rows to those of the trail's row, and
    `is_here(event, row)` says whether a row stood under it at that moment: a member who came
    from another family has a past that is told there. `name(event)` names the row in words.
    """

    model: type[models.Model]
    belongs: Callable[[Any, Any], Any]
    name: Callable[[Any], str] = lambda _event: ""
    is_here: Callable[[Any, Any], bool] = lambda _event, _row: True
    silent: frozenset[str] = frozenset()
    personal: frozenset[str] = frozenset()

    @property
    def events(self) -> Any:
        return self.model._meta.get_field("events").related_model.objects.all()

    def told_fields(self) -> list[Any]:
        """Fields a history speaks of: what a person may have typed or decided."""
        return [
            one
            for one in self.model._meta.fields
            if one.editable
            and not one.primary_key
            and not one.generated
            and one.name not in self.silent
        ]

    def is_personal(self, one: Any) -> bool:
        return isinstance(one, EncryptedTextField) or one.name in self.personal


@dataclass(frozen=True)
class Trail:
    """The history of one kind of row. `kind` stands in the address.

    `owners` maps the kinds of rows that are told on this page to a function from their key to
    the key of the row whose page it is.
    """

    kind: str
    model: type[models.Model]
    permission: str
    title: Callable[[Any], str]
    rows: Callable[[], Any]
    tables: tuple[Table, ...] = ()
    owners: dict[str, Callable[[int], int | None]] = field(default_factory=dict)

    @property
    def target_kind(self) -> str:
        return self.model._meta.label_lower

    def targets(self, row: Any) -> Iterable[tuple[str, Any]]:
        """(kind, keys) of every row whose entries stand on the page of `row`."""
        yield self.target_kind, [row.pk]
        for table in self.tables:
            if table.model._meta.label_lower in self.owners:
                keys = table.belongs(table.events, row).order_by().values("pgh_obj_id")
                yield table.model._meta.label_lower, keys


_trails: dict[str, Trail] = {}


def register(trail: Trail) -> None:
    _trails[trail.kind] = trail


def trail(kind: str) -> Trail | None:
    return _trails.get(kind)


def trail_of(target_kind: str) -> Trail | None:
    """The trail on whose page a row of this kind is told."""
    for one in _trails.values():
        if one.target_kind == target_kind or target_kind in one.owners:
            return one
    return None


def page_of(target_kind: str, target_id: int) -> tuple[str, int] | None:
    """(kind, key) of the history page that tells about a row, if there is one."""
    one = trail_of(target_kind)
    if one is None:
        return None
    key = target_id if one.target_kind == target_kind else one.owners[target_kind](target_id)
    return (one.kind, key) if key else None
