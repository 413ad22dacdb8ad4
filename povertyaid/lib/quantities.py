"""Kinds of count that refuse to be added together: households are not persons, persons not visits."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

__all__ = ["Kind", "KindError", "Quantity", "total"]


class Kind(StrEnum):
    """What is counted; the value is the sign that stands behind the number on paper."""

    HOUSEHOLDS = "户"
    PERSONS = "人"
    PERSON_TIMES = "人次"
    PAIRS = "对"
    ENTRIES = "件次"
    SESSIONS = "场次"
    YUAN = "元"
    YUAN_PER_PERSON_YEAR = "元/人·年"
    PERCENT = "%"
    YEARS = "年"
    ITEMS = "项"
    TIMES = "倍"

    @property
    def adds_up(self) -> bool:
        """Whether a sum means anything: averages, shares and multiples have none."""
        return self not in {Kind.YUAN_PER_PERSON_YEAR, Kind.PERCENT, Kind.TIMES}


class KindError(TypeError):
    """Two kinds were mixed, or a kind was summed that has no sum."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and what it counts: `Quantity(263, Kind.HOUSEHOLDS)`."""

    value: Decimal
    kind: Kind

    def __init__(self, value: Decimal | int, kind: Kind) -> None:
        object.__setattr__(self, "value", Decimal(value))
        object.__setattr__(self, "kind", Kind(kind))

    def __str__(self) -> str:
        return f"{self.value:,f}{self.kind}"

    def _like(self, other: object) -> "Quantity":
        if not isinstance(other, Quantity):
            raise KindError(f"{self.kind} with a bare number")
        if other.kind is not self.kind:
            raise KindError(f"{self.kind} with {other.kind}")
        return other

    def _combined(self, other: object, how: Callable[[Decimal, Decimal], Decimal]) -> "Quantity":
        like = self._like(other)
        if not self.kind.adds_up:
            raise KindError(f"{self.kind} has no sum")
        return Quantity(how(self.value, like.value), self.kind)

    def __add__(self, other: object) -> "Quantity":
        return self._combined(other, lambda a, b: a + b)

    def __sub__(self, other: object) -> "Quantity":
        return self._combined(other, lambda a, b: a - b)

    def __lt__(self, other: object) -> bool:
        return self.value < self._like(other).value

    def __le__(self, other: object) -> bool:
        return self.value <= self._like(other).value

    def __gt__(self, other: object) -> bool:
        return self.value > self._like(other).value

    def __ge__(self, other: object) -> bool:
        return self.value >= self._like(other).value

    def share_of(self, whole: "Quantity") -> "Quantity | None":
        """This as a percentage of a whole of the same kind; None of an empty whole."""
        base = self._like(whole).value
        return Quantity(self.value * 100 / base, Kind.PERCENT) if base else None


def total(quantities: Iterable[Quantity], kind: Kind) -> Quantity:
    """Sum of quantities of one kind; of none, zero. Raises KindError for any other kind."""
    result = Quantity(0, kind)
    for quantity in quantities:
        result += quantity
    return result
