"""What kinds of work there are, and what is done every night.

A room names its own at start-up: `AppConfig.ready` imports the module in which they stand.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from povertyaid.audit import deeds


@dataclass(frozen=True)
class Kind:
    """One kind of work.

    `work(job, progress)` does it. `stages` are the words for what it is at, in their order. It is
    begun `attempts` times at most: when the machine or the database went away, not when it failed.
    """

    name: str
    label: Any
    work: Callable[[Any, Any], None]
    stages: Mapping[str, Any] = field(default_factory=dict)
    attempts: int = 3


kinds: dict[str, Kind] = {}
nights: dict[str, Callable[[], Any]] = {}

Work = Callable[[Any, Any], None]


def kind(
    name: str, *, label: Any, stages: Mapping[str, Any] | None = None, attempts: int = 3
) -> Callable[[Work], Work]:
    """Decorator: this function does the work of a kind; `name` is `room.verb`."""

    def register(work: Work) -> Work:
        kinds[name] = Kind(name, label, work, stages or {}, attempts)
        deeds.name_values("kind", {name: label})
        return work

    return register


def nightly(function: Callable[[], Any]) -> Callable[[], Any]:
    """Decorator: call this function once a day, when the office sleeps or as soon as it wakes."""
    nights[f"{function.__module__}.{function.__qualname__}"] = function
    return function
