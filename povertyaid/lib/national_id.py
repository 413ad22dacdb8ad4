"""Citizen identity numbers (GB 11643-1999): read, check, upgrade, mask.

Eighteen characters: six of the area where the number was first issued, eight of the birth
date, three of sequence (odd for men), one check character. Until 1999 they had fifteen:
no century, no check character.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import mul
from typing import ClassVar, Literal

from django.utils.translation import gettext_noop as _

from povertyaid.lib.errors import UnreadableError

__all__ = [
    "NationalId",
    "NationalIdError",
    "Sex",
    "age_on",
    "check_character",
    "check_digit_fits",
    "clean",
    "hide_numbers",
    "holds_number",
    "mask",
    "mask_account",
    "mask_phone",
    "parse",
    "upgrade",
]

Sex = Literal["男", "女"]

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, 4.2: 2^i mod 11
CHECK_CHARACTERS = "10X98765432"  # by the remainder 0…10
# [0-9] and not \d: \d also takes the digits of a dozen other scripts.
EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
FIFTEEN = re.compile(r"[0-9]{15}")


class NationalIdError(UnreadableError):
    """Not an identity number: `wrong_length`, `wrong_characters`, `impossible_birth_date`."""

    messages: ClassVar[Mapping[str, str]] = {
        "wrong_length": _(
            "An identity number has 18 characters (older ones 15). "
            "Compare it with the card; Excel may have cut it."
        ),
        "wrong_characters": _(
            "An identity number has digits only; just the last of 18 may be X. "
            "Compare it with the card."
        ),
        "impossible_birth_date": _(
            "The birth date inside this identity number does not exist. Compare it with the card."
        ),
    }


@dataclass(frozen=True, slots=True)
class NationalId:
    """What an identity number tells.

    `number` has 18 characters; `area` is the six-digit code (GB/T 2260) that was valid on
    the day of issue, which today's list may not have.
    """

    number: str
    birth_date: date
    sex: Sex
    area: str

    def __str__(self) -> str:
        """Masked: a value that is printed by accident must not give the number away."""
        return mask(self.number)

    def __repr__(self) -> str:
        return f"NationalId({mask(self.number)})"


def clean(text: str) -> str:
    """Full-width digits become plain, white space and apostrophes go, x becomes X."""
    plain = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s'‘’`\u200b\ufeff]", "", plain).upper()


def parse(number: str) -> NationalId:
    """Read a number of 18 characters, or of 15, which is upgraded.

    The check character is not judged here: registers hold numbers that fail it and are
    nevertheless the person's own (`check_digit_fits` asks). Nor is the area: counties are
    renamed, numbers stay.

    Raises NationalIdError.
    """
    cleaned = clean(number)
    if len(cleaned) == 15:
        cleaned = upgrade(cleaned)
    if len(cleaned) != 18:
        raise NationalIdError("wrong_length")
    if not EIGHTEEN.fullmatch(cleaned):
        raise NationalIdError("wrong_characters")
    try:
        birth_date = date(int(cleaned[6:10]), int(cleaned[10:12]), int(cleaned[12:14]))
    except ValueError:
        raise NationalIdError("impossible_birth_date") from None
    # Nobody alive was born before 1800: such a year is a slip of the hand.
    if birth_date.year < 1800:
        raise NationalIdError("impossible_birth_date")
    sex: Sex = "男" if int(cleaned[16]) % 2 else "女"
    return NationalId(cleaned, birth_date, sex, cleaned[:6])


def check_character(first17: str) -> str:
    """The eighteenth character that belongs to seventeen digits (ISO 7064, MOD 11-2).

    Raises NationalIdError.
    """
    if len(first17) != 17:
        raise NationalIdError("wrong_length")
    if not (first17.isascii() and first17.isdigit()):
        raise NationalIdError("wrong_characters")
    # A county's numbers share areas, years, days and sequences: each is weighed once.
    weighted = (
        _weighed(first17[:6], 0)
        + _weighed(first17[6:10], 6)
        + _weighed(first17[10:14], 10)
        + _weighed(first17[14:], 14)
    )
    return CHECK_CHARACTERS[weighted % 11]


@lru_cache(maxsize=4096)
def _weighed(digits: str, place: int) -> int:
    """The sum of some digits of a number, weighed as they stand from a place on."""
    return sum(map(mul, map(int, digits), WEIGHTS[place:]))


def check_digit_fits(number: str) -> bool:
    """Whether the last character of an 18-character number is the right one. False if not a number."""
    cleaned = clean(number)
    return bool(EIGHTEEN.fullmatch(cleaned)) and check_character(cleaned[:17]) == cleaned[17]


def upgrade(number15: str) -> str:
    """A fifteen-digit number as the eighteen characters of today.

    The missing century is the 20th: those born before 1900 kept other numbers
    (sequence 996–999), and none of them is alive. Raises NationalIdError.
    """
    cleaned = clean(number15)
    if len(cleaned) != 15:
        raise NationalIdError("wrong_length")
    if not FIFTEEN.fullmatch(cleaned):
        raise NationalIdError("wrong_characters")
    first17 = f"{cleaned[:6]}19{cleaned[6:]}"
    return first17 + check_character(first17)


def _hide_middle(text: str, head: int, tail: int) -> str:
    """Stars for all but the ends; for all, if too little would be hidden."""
    hidden = len(text) - head - tail
    if hidden < 4:
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[len(text) - tail :]


def mask(number: str) -> str:
    """`5117**********0558`: birth date and area hidden, the ends left to tell people apart."""
    return _hide_middle(number, 4, 4)


def mask_phone(phone: str) -> str:
    """`138****5678`."""
    return _hide_middle(phone, 3, 4)


def mask_account(account: str) -> str:
    """`***************1234`: the last four, as on a bank's own slip."""
    return _hide_middle(account, 0, 4)


#: Digits as people write a number of a card, an account or a phone: in any width, in groups.
WRITTEN_NUMBER = re.compile(r"\d(?:[\s\-.·_/]{0,2}\d){9,}[\dXxＸｘ]?")
TEN_DIGITS = 10
SHORTEST_NUMBER = 7  # digits: a phone without its area


def holds_number(text: str) -> bool:
    """Whether so many digits stand in a text, a name above all, that they are a number of somebody."""
    return sum(character.isdecimal() for character in text) >= SHORTEST_NUMBER


def hide_numbers(text: str) -> str:
    """The text with every number of more than ten digits hidden but for its last four characters.

    A day in figures has eight digits, an amount with its separators is none.
    """

    if len(text) <= TEN_DIGITS:
        return text

    def hide(match: re.Match[str]) -> str:
        number = match[0]
        if sum(character.isdigit() for character in number) <= TEN_DIGITS:
            return number
        return "*" * (len(number) - 4) + number[-4:]

    return WRITTEN_NUMBER.sub(hide, text)


def age_on(birth: date, day: date) -> int:
    """Full years (周岁) on a day; below zero before birth.

    Who was born on 29 February grows older on 1 March of other years.
    """
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
