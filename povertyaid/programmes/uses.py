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
_categories: dict[str, str] = {}


def register(
    name: str,
    *,
    line: LineUse | None = None,
    item: ItemUse | None = None,
    categories: dict[str, str] | None = None,
) -> None:
    """Once per room. `categories` is {code: word} of the categories that every programme knows."""
    if line:
        _line_uses[name] = line
    if item:
        _item_uses[name] = item
    _categories.update(categories or {})


def category_word(category: str) -> str:
    """A category is stored by its code, or as the word itself where there is no code."""
    return _categories.get(category, category)


def categories(own: list[str]) -> list[tuple[str, str]]:
    """(code or word, word): the programme's own words first, then those that every one knows."""
    codes = {word: code for code, word in _categories.items()}
    first = [(codes.get(word, word), word) for word in own]
    return [*first, *((code, word) for code, word in _categories.items() if word not in own)]


def last_use_of_line(
    programme: Any, category: str, start: date | None, end: date | None
) -> date | None:
    """The last day on which a decision rested on the category's line between two days."""
    days = [use(programme, category, start, end) for use in _line_uses.values()]
    return max((day for day in days if day), default=None)


def uses_of_item(item: Any) -> int:
    return sum(use(item.programme, item.list_name, item.label) for use in _item_uses.values())
