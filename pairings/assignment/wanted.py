"""What a proposal is asked for, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Family:
    """A household to be helped: how many more helpers it needs, and who must not be one of them.

    `path` is that of its unit in the tree, `/B/B-RIV/`. Of two families the one with more `weight`
    gets its helper first, where there are too few.
    """

    key: int
    path: str
    need: int = 1
    weight: int = 1
    not_by: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Carer:
    """Somebody who can help: on so many pairs now, on so many at most."""

    key: int
    path: str
    category: str = ""
    load: int = 0
    limit: int = 5

    @property
    def room(self) -> int:
        return max(0, self.limit - self.load)


class Aim(StrEnum):
    """What counts more where both cannot be had."""

    NEAR = "near"
    BOTH = "both"
    EVEN = "even"


class Reason(StrEnum):
    """Why this helper."""

    SAME_UNIT = "same_unit"
    NEAREST = "nearest"  # further away, and nobody is nearer
    NEARER_FULL = "nearer_full"  # those who are nearer have no room
    EVENS_OUT = "evens_out"  # those who are nearer would have more to do than this one


class Lack(StrEnum):
    """Why nobody."""

    NO_HELPERS = "no_helpers"
    ALL_FULL = "all_full"
    NOT_ALLOWED = "not_allowed"  # only its own members, or those who help it already, have room


@dataclass(frozen=True, slots=True)
class Match:
    """A family and a helper, with why. `load_after` is what the helper has when all is accepted."""

    family: int
    helper: int
    reason: Reason
    steps: int  # from the family's unit to the helper's, along the tree
    common: str  # path of the nearest unit above both
    load_after: int
    limit: int
    is_first: bool  # the nearest of the family's new helpers


@dataclass(frozen=True, slots=True)
class Left:
    """A family that still needs somebody, and why."""

    family: int
    missing: int
    lack: Lack


@dataclass(frozen=True, slots=True)
class Proposal:
    matches: Sequence[Match]
    left: Sequence[Left]
