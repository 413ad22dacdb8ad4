"""Where the verbs of this room are written down.

The audit trail stands on units and staff, so it cannot be imported from here; it hands its
`record` over at start-up.
"""

from collections.abc import Callable
from typing import Any

_writers: list[Callable[..., Any]] = []


def kept_by(write: Callable[..., Any]) -> None:
    """Take the audit trail's `record`."""
    _writers[:] = [write]


def record(row: Any, deed: str, *, by: Any, reason: str = "", **detail: Any) -> None:
    """Write a deed down, or fail: nothing happens in the office unseen."""
    if not _writers:
        raise RuntimeError("povertyaid.audit is not installed: nobody keeps the journal.")
    _writers[0](row, deed, by=by, reason=reason, **detail)


def differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """{name: [old, new]} of what differs, in words an entry can hold."""
    return {
        name: [_plain(before.get(name)), _plain(value)]
        for name, value in after.items()
        if before.get(name) != value
    }


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)
