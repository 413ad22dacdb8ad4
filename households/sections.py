"""What rooms above add to the printed file of a household: who helps it, what it was given.

The page fetches such sections by itself; paper is made in one piece. Rooms register at start-up.
"""

from collections.abc import Callable
from typing import Any

_sections: dict[str, Callable[[Any, Any], dict[str, Any]]] = {}


def register(template: str, tell: Callable[[Any, Any], dict[str, Any]]) -> None:
    """`tell(household, staff)` answers what the template of the section calls `told`."""
    _sections[template] = tell


def of(household: Any, staff: Any) -> list[dict[str, Any]]:
    return [
        {"template": template, "told": tell(household, staff)}
        for template, tell in _sections.items()
    ]
