"""The indicators a target can name: which there are, what they count, what they ask for.

The room that computes them stands above and registers them at start-up; here they are only
known well enough to be chosen and written down in a form.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Choices = Iterable[tuple[str, Any]]


@dataclass(frozen=True)
class Parameter:
    """One question an indicator asks, and how a form puts it.

    `kind`: "choice" (one of `choices`), "choices" (several of them), "year", "day", "number",
    "text" or "yes_no". `choices` is a list or a function of the programme, so that a programme's own
    categories can be offered.
    """

    name: str
    label: Any
    kind: str = "text"
    choices: Choices | Callable[[Any], Choices] = ()
    required: bool = False
    help_text: Any = ""

    def choices_for(self, programme: Any) -> list[tuple[str, Any]]:
        found = self.choices(programme) if callable(self.choices) else self.choices
        return list(found)


@dataclass(frozen=True)
class Indicator:
    """`measure` is the sign its value is followed by: 户, 人, %, 元 (lib/quantities.py)."""

    code: str
    label: Any
    measure: str = ""
    parameters: tuple[Parameter, ...] = field(default_factory=tuple)


_indicators: dict[str, Indicator] = {}


def register(*indicators: Indicator) -> None:
    for indicator in indicators:
        _indicators[indicator.code] = indicator


def forget(*codes: str) -> None:
    """Take indicators out again, as a test does that has brought its own."""
    for code in codes:
        _indicators.pop(code, None)


def indicators() -> list[Indicator]:
    """By number: Q-2 before Q-13."""
    return sorted(_indicators.values(), key=lambda one: (len(one.code), one.code))


def indicator(code: str) -> Indicator | None:
    return _indicators.get(code)
