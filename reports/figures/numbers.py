"""How a figure is rounded and written: one way, on the page, on paper and in a file."""

from decimal import ROUND_HALF_UP, Decimal

from povertyaid.lib.quantities import Kind

#: Decimal places by kind; everything else is counted in whole ones.
PLACES = {
    Kind.PERCENT: 2,
    Kind.TIMES: 2,
    Kind.YUAN: 2,
    Kind.YUAN_PER_PERSON_YEAR: 2,
}


def rounded(value: Decimal | None, kind: Kind) -> Decimal | None:
    """The value that a figure has: to the places of its kind, halves away from zero."""
    if value is None:
        return None
    return value.quantize(Decimal(1).scaleb(-PLACES.get(kind, 0)), rounding=ROUND_HALF_UP)


def percentage(part: Decimal, whole: Decimal) -> Decimal | None:
    """A share in per cent. Only all is 100 and only none is 0: 9,999 of 10,000 left is not everyone."""
    if not whole:
        return None
    share = rounded(part * 100 / whole, Kind.PERCENT)
    step = Decimal("0.01")
    if share is not None and 0 < part < whole:
        share = min(max(share, step), 100 - step)
    return share


def written(value: Decimal | None, kind: Kind) -> str:
    """`1,263`, `100.00`, `15,000.00`; a dash where there is no value."""
    if value is None:
        return "—"
    if kind not in PLACES and value != value.to_integral_value():
        return f"{value.normalize():,f}"  # a reference value may have decimals of its own
    return f"{value:,.{PLACES.get(kind, 0)}f}"


def plain(value: Decimal) -> str:
    """As short as it can be said, for the wording of a rule: `30`, `6,000`, `0.5`."""
    return f"{value:,f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:,f}"


def as_number(value: Decimal | None) -> int | float | None:
    """The value as JSON and spreadsheets know numbers."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
