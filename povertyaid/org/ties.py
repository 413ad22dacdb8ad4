"""What hangs on a unit in the rooms above: files, pairings, funds.

Each room registers its ties at start-up, so that a unit can say how many files it keeps and
refuse to close over them without knowing what a file is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Tie:
    """One kind of thing kept in a unit.

    `count(unit)` counts what the unit itself and everything below it holds and which keeps
    the unit open; `uses(unit)` says whether anything at all, also what is finished, names it.
    `path(unit)` is the address of the list behind the number.
    """

    name: str
    label: Any
    kind: str  # 户, 人 …: what a number of them is followed by (lib/quantities.py)
    count: Callable[[Any], int]
    uses: Callable[[Any], bool]
    path: Callable[[Any], str]
    permission: str


_ties: dict[str, Tie] = {}


def register(tie: Tie) -> None:
    """Once per room and kind; the second of the same name takes the place of the first."""
    _ties[tie.name] = tie


def ties() -> list[Tie]:
    return list(_ties.values())
