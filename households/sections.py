"""What rooms above add to the printed file of a household: who helps it, what it was given.

The page fetches such sections by itself; paper is made in one piece. Rooms register at start-up.
"""

from collections.abc import Callable
from typing import Any

Tell = Callable[[Any, Any], dict[str, Any]]
_sections: dict[str, tuple[Any, Tell]] = {}


def register(template: str, tell: Tell, *, title: Any = "") -> None:
    """`tell(household, staff)` answers what the template of the section calls `told`.

    `title` is what a list of contents calls it; where everything told is empty, it is not listed.
    """
    _sections[template] = title, tell


def of(household: Any, staff: Any) -> list[dict[str, Any]]:
    found = []
    for template, (title, tell) in _sections.items():
        told = tell(household, staff)
        found.append(
            {"template": template, "title": title if any(told.values()) else "", "told": told}
        )
    return found
