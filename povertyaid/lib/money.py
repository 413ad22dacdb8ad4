"""Money: one reading, one rounding, one way to write it. Always yuan (元) with two places."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_noop as _

from povertyaid.lib.errors import UnreadableError

__all__ = [
    "UNITS",
    "MoneyError",
    "MoneyField",
    "cents",
    "format_wan",
    "format_yuan",
    "parse_money",
    "split_evenly",
]

#: What one of each unit is worth in yuan. 角 and 分 are not here: no office form uses them.
UNITS: Mapping[str, Decimal] = {
    "元": Decimal(1),
    "圆": Decimal(1),
    "千元": Decimal(1_000),
    "千": Decimal(1_000),
    "万元": Decimal(10_000),
    "万": Decimal(10_000),
    "亿元": Decimal(100_000_000),
    "亿": Decimal(100_000_000),
}

LARGEST = Decimal("999999999999.99")  # what a column of 14 digits holds

#: A money column. `MoneyField(_("amount"), null=True)`: yuan, two places, up to 10^12.
MoneyField = partial(models.DecimalField, max_digits=14, decimal_places=2)

AMOUNT = re.compile(
    r"""(?P<sign>[+-]?) (?:[¥￥]|RMB|人民币)? (?P<sign_after>[+-]?)
        (?P<number>\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+)
        (?P<unit>亿元|亿|万元|万|千元|千|元|圆)? 整?""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)


class MoneyError(UnreadableError):
    """An amount that cannot be read: `empty`, `unreadable`, `too_large`."""

    messages: ClassVar[Mapping[str, str]] = {
        "empty": _("No amount is given."),
        "unreadable": _("This is not an amount. Write digits, for example 1200, 1,200 or 0.12万."),
        "too_large": _("This amount is too large. Check the unit: 元 or 万元."),
    }


def cents(amount: Decimal) -> Decimal:
    """Round to two places, halves away from zero, as an office calculator does."""
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def parse_money(text: str, unit: str = "元") -> Decimal:
    """Read an amount as offices write it; the answer is yuan with two places.

    Understands `1200`, `1,200.5元`, `1.5万`, `￥300`, full-width digits and spaces. A unit
    written beside the number wins over `unit`, which is that of the column. A sign is read:
    whether a loss makes sense is for the form to say.

    Raises MoneyError (`empty`, `unreadable`, `too_large`), KeyError for an unknown `unit`.
    """
    worth = UNITS[unit]
    cleaned = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).replace("−", "-")
    if not cleaned:
        raise MoneyError("empty")
    # A cell never holds so many characters of one amount; the limit bounds Decimal's work.
    match = AMOUNT.fullmatch(cleaned) if len(cleaned) <= 40 and cleaned.isprintable() else None
    if match is None or (match["sign"] and match["sign_after"]):
        raise MoneyError("unreadable")
    number = Decimal(match["number"].replace(",", "").rstrip("."))
    if match["unit"]:
        worth = UNITS[match["unit"]]
    amount = number * worth
    if amount > LARGEST:
        raise MoneyError("too_large")
    amount = cents(amount)
    negative = "-" in (match["sign"], match["sign_after"])
    return -amount if negative and amount else amount


def split_evenly(total: Decimal, n: int) -> list[Decimal]:
    """Split an amount in n parts that differ by at most a cent and sum to it exactly.

    The odd cents go to the first parts. Raises ValueError if n < 1.
    """
    if n < 1:
        raise ValueError("n must be at least 1")
    in_cents = int(cents(total).scaleb(2))
    each, odd = divmod(abs(in_cents), n)
    sign = -1 if in_cents < 0 else 1
    return [Decimal(sign * (each + (i < odd))).scaleb(-2) for i in range(n)]


def format_yuan(amount: Decimal) -> str:
    """`15,000.00`: for tables in yuan."""
    return f"{cents(amount):,.2f}"


def format_wan(amount: Decimal) -> str:
    """Ten-thousands of yuan with up to four places: `218.532`, the smallest step being 1 元."""
    wan = (amount / 10_000).quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)
    written = f"{wan:,.4f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written
