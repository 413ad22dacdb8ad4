"""What the rooms above have built on a programme's lists and lines.

They register here at start-up, so that a line by which a family left poverty is superseded
and not rewritten, and a category that files carry does not vanish from its list.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

# (programme, category, first day, day after the last or None) → last day a decision used it
LineUse = Callable[[Any, str, date | None, date | None], date | None]
# (programme, list_name, label) → how many files carry the item
ItemUse = Callable[[Any, str, str], int]

_line_uses: dict[str, LineUse] = {}
_item_uses: dict[str, ItemUse] = {}


def register(name: str, *, line: LineUse | None = None, item: ItemUse | None = None) -> None:
    """Once per room."""
    if line:
        _line_uses[name] = line
    if item:
        _item_uses[name] = item


def last_use_of_line(
    programme: Any, category: str, start: date | None, end: date | None
) -> date | None:
    """The last day on which a decision rested on the category's line between two days."""
    days = [use(programme, category, start, end) for use in _line_uses.values()]
    return max((day for day in days if day), default=None)


def uses_of_item(item: Any) -> int:
    return sum(use(item.programme, item.list_name, item.label) for use in _item_uses.values())
