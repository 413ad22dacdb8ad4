"""What rooms above keep in the unit of a file, and what goes along when the file changes its unit.

A pair lies in the unit of its household, so that a list of a million is cut by one column. Rooms
register at start-up how theirs follow; this room does not know what they are.
"""

from collections.abc import Callable, Sequence

_followers: dict[str, Callable[[Sequence[int]], None]] = {}


def register(name: str, follow: Callable[[Sequence[int]], None]) -> None:
    """`follow(keys)` puts what belongs to these households into their units, in one statement."""
    _followers[name] = follow


def go_along(keys: Sequence[int]) -> None:
    """Files have changed their unit, inside the caller's transaction."""
    for follow in _followers.values():
        follow(keys)
