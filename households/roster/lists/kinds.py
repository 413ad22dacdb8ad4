"""What kinds of lists can be imported. A room registers its own at start-up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from households.roster.lists.core import Row, Wanted


@dataclass(slots=True)
class Planned:
    """What becomes of a row: `target` is the row on file that it means, None for a new one.

    `changes` are (field, what stands, what will stand); None where nothing stood. `name` is what
    the preview calls the row, `made` what the kind keeps for its writing.
    """

    row: Row
    name: str = ""
    target: Any = None
    made: Any = None
    changes: list[tuple[str, str | None, str]] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        if self.row.refusals:
            return "refused"
        if self.target is None:
            return "created"
        return "updated" if self.changes else "unchanged"


@dataclass(frozen=True)
class Kind:
    """One declaration of a room.

    `compare(rows, unit=, programme=, by=, lock=)` answers a Planned for each row, in order; it may add
    findings, and holds what it compares with where `lock` asks for it. `write(plans, unit=, programme=, by=)` writes those that are new or change something,
    in sets, inside the import's transaction. `sentences` are the codes it adds, `doubts` those of
    all codes that somebody has to have looked at. `words` says how a page calls each field.
    """

    code: str
    title: Promise
    noun: Promise
    permissions: tuple[str, ...]
    wanted: Sequence[Wanted]
    words: Mapping[str, Any]
    compare: Callable[..., list[Planned]]
    write: Callable[..., None]
    space: str  # beginning of the names of its addresses: "pairings:helper-import"
    back: str  # name of the address of the list that it fills
    choices: Mapping[str, Sequence[str]] = field(
        default_factory=dict
    )  # words offered in the template
    sentences: Mapping[str, Any] = field(default_factory=dict)
    doubts: frozenset[str] = frozenset()


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.code] = kind


def kind(code: str) -> Kind | None:
    return _kinds.get(code)


def registered() -> list[Kind]:
    return list(_kinds.values())
