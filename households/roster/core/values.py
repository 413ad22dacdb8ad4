"""One cell → one value, and what is wrong with it.

A reader is made once for a column and asked for every row of it; text that comes back in
the next rows (男, 汉族, 因病) is read once.
"""

import datetime
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from households.roster.core.fields import LONGEST, Field, Kind, Value
from households.roster.core.sheet import Cell, Odd, plain
from povertyaid.lib import national_id
from povertyaid.lib.money import UNITS, MoneyError, cents, parse_money
from povertyaid.lib.periods import DateError, parse_partial

HEAD = "户主"

#: Words for "nothing is known or due". `0` is not one of them: nought is a value.
NOTHING = frozenset(["", "无", "/", "／", "-", "－", "—", "——"])
ERRORS = frozenset(
    [
        "#VALUE!",
        "#REF!",
        "#N/A",
        "#NAME?",
        "#DIV/0!",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#GETTING_DATA",
    ]
)
#: What a spreadsheet takes for the beginning of a formula.
FORMULA_STARTS = frozenset("=+-@")

INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\x1a"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u200b\ud800-\udfff]")
SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d*)?E\+?\d+", re.IGNORECASE | re.ASCII)
PHONE = re.compile(r"1[3-9]\d{9}", re.ASCII)
WHOLE = re.compile(r"(\d{1,5})(?:\.0+)?[人口]?", re.ASCII)
TRAILING_ZERO = re.compile(r"(\d+)\.0+", re.ASCII)
SPACES = re.compile(r"\s+")
NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.\d*)?%?", re.ASCII)
LETTERS = re.compile(r"[A-Za-z\u4e00-\u9fff]{2,200}")
WHOLE_YUAN = re.compile(r"\d{1,11}", re.ASCII)
MANY_YUAN = 10**11
CAUSE_MARKS = re.compile("[、，,；;]")
#: Nothing to trim, no word for nothing, no error, no formula, not too long: as most cells are.
ORDINARY = re.compile(r"[0-9A-Za-z\u4e00-\u9fff]{2,200}")

FIRST_SERIAL, LAST_SERIAL = 20_000, 60_000
DAY_ZERO = datetime.date(1899, 12, 30)
DAMAGED = 10**15  # a spreadsheet keeps fifteen digits of a number; what has more has lost some
LARGEST = Decimal("999999999999.99")
LARGEST_SIZE = 32_767

Codes = tuple[str, ...]
Read = tuple[Value | None, Codes]
EMPTY: Read = (None, ())


class Identity(NamedTuple):
    """An identity number as read. `fits` says whether sex and birth date may be taken from it."""

    number: str | None = None
    kind: str | None = None
    former: str | None = None
    codes: Codes = ()
    fits: bool = False


# --- text in general ------------------------------------------------------------------------------


def tidy(text: str) -> str:
    """Ends trimmed, line breaks as `\\n`, invisible and control characters gone."""
    if not text.isprintable():
        text = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text.strip().strip(INVISIBLE).strip()


def digits(number: float) -> str:
    """A number as a person would write it: `3.0` → `3`."""
    if isinstance(number, bool):
        return "TRUE" if number else "FALSE"
    if isinstance(number, float) and not number.is_integer():
        return repr(number)
    return str(int(number))


def as_text(cell: Cell) -> str:
    """What a cell of any kind says. An odd cell says nothing."""
    if isinstance(cell, str):
        return tidy(cell)
    if isinstance(cell, (int, float)):
        return digits(cell) if math.isfinite(cell) else ""
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time()
        return cell.date().isoformat() if midnight else cell.isoformat(" ", "seconds")
    if isinstance(cell, (datetime.date, datetime.time)):
        return cell.isoformat()
    return "" if isinstance(cell, Odd) else str(cell)


def name(text: str) -> str:
    """Spaces removed, the dots of transcribed names made one kind: `艾力•吐尔逊` → `艾力·吐尔逊`."""
    if text.isalnum():
        return text  # as most are
    return SPACES.sub("", text).replace("•", "·").replace("．", "·")


def _name_of_text(text: str) -> Read:
    return name(text) or None, ("number_in_name",) if national_id.holds_number(text) else ()


def is_number(text: str) -> bool:
    compact = SPACES.sub("", plain(text))
    if NUMBER.fullmatch(compact) or SCIENTIFIC.fullmatch(compact):
        return True
    try:
        parse_money(compact)
    except MoneyError:
        return False
    return True


def looks_like_formula(text: str) -> bool:
    """Text that a spreadsheet might run, and that is no number and no phone."""
    if text[0] not in FORMULA_STARTS or is_number(text):
        return False
    return not re.fullmatch(r"\+?[\d() -]{7,20}", plain(text))


# --- identity numbers -----------------------------------------------------------------------------

EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
CERTIFICATE = re.compile(r"[0-9]{17}[0-9X](?:[0-9A-Z]{2}|[0-9A-Z]{4})")
CSV_FORM = re.compile(r'="?([^"]*)"?')
LABEL = re.compile(r"[^0-9:]{1,20}:")
MALFORMED = Identity(codes=("id_malformed",))
DAMAGED_IDENTITY = Identity(codes=("id_damaged",))
NO_IDENTITY = Identity()


def clean_identity(text: str) -> str:
    """Without white space, apostrophes, a label in front and the form `="…"` of CSV files."""
    cleaned = national_id.clean(text)
    if cleaned.startswith("="):
        unquoted = CSV_FORM.fullmatch(cleaned)
        cleaned = unquoted[1] if unquoted else cleaned
    label = LABEL.match(cleaned)
    return cleaned[label.end() :] if label else cleaned


def identity(cell: Cell) -> Identity:
    """Read an identity number, whatever state it is in."""
    if isinstance(cell, str):
        if EIGHTEEN.fullmatch(cell) and not cell.startswith("999999"):
            return _of_eighteen(cell)  # as most are; the rest is for the others
        text = tidy(cell)
        if text in NOTHING:
            return NO_IDENTITY
        if text in ERRORS:
            return Identity(codes=("cell_error",))
        if len(text) > LONGEST:
            return Identity(codes=("too_long",))
        cleaned = clean_identity(text)
        if cleaned in NOTHING:
            return NO_IDENTITY
        if SCIENTIFIC.fullmatch(cleaned):
            return DAMAGED_IDENTITY
        return _identity(cleaned)
    if isinstance(cell, Odd):
        code = "cell_error" if cell is Odd.ERROR else "formula_no_value"
        return Identity(codes=(code,))
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and math.isfinite(cell):
        return DAMAGED_IDENTITY if abs(cell) >= DAMAGED else _identity(digits(cell))
    return MALFORMED


def _identity(number: str) -> Identity:
    if number.startswith("999999"):
        return Identity(codes=("id_placeholder",))
    if len(number) == 15 and number.isascii() and number.isdigit():
        return Identity(
            national_id.upgrade(number), "national_id", number, ("id_15_digits",), fits=True
        )
    if EIGHTEEN.fullmatch(number):
        return _of_eighteen(number)
    if CERTIFICATE.fullmatch(number):
        return _of_eighteen(number, "disability_certificate")
    return MALFORMED


def _of_eighteen(number: str, kind: str = "national_id") -> Identity:
    """Seventeen digits and the character that checks them; of a certificate more behind them."""
    fits = national_id.check_character(number[:17]) == number[17]
    return Identity(number, kind, None, () if fits else ("id_check_digit",), fits)


def sex_of(number: str) -> str:
    return "男" if int(number[16]) % 2 else "女"


def birth_date_of(number: str) -> str | None:
    """The birth date inside a number as ISO text; None if there is no such day."""
    try:
        return datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14])).isoformat()
    except ValueError:
        return None


# --- dates ----------------------------------------------------------------------------------------


def date_of_text(text: str) -> Read:
    if PLAIN_DAY.fullmatch(text):
        try:
            return datetime.date.fromisoformat(text).isoformat(), ()
        except ValueError:
            return None, ("date_unreadable",)
    compact = SPACES.sub("", plain(text)) if not text.isascii() else text
    whole = TRAILING_ZERO.fullmatch(compact)
    if whole:
        compact = whole[1]
    if compact.isascii() and compact.isdigit() and len(compact) == 5:
        return _date_of_whole(int(compact))
    try:
        return parse_partial(compact).iso(), ()
    except DateError:
        return None, ("date_unreadable",)


def date_of_number(number: float) -> Read:
    """The number 2017.12 is December; 2017.1 may have been 2017.10 and is only the year."""
    if not math.isfinite(number):
        return None, ("date_unreadable",)
    if float(number).is_integer():
        return _date_of_whole(int(number))
    year, _, month = f"{number:.4f}".rstrip("0").partition(".")
    if len(year) != 4 or len(month) > 2:
        return None, ("date_unreadable",)
    if month == "1":
        value, codes = date_of_text(year)
        return value, codes or ("date_ambiguous",)
    return date_of_text(f"{year}-{month}")


def _date_of_whole(number: int) -> Read:
    if FIRST_SERIAL <= number <= LAST_SERIAL:
        return (DAY_ZERO + datetime.timedelta(days=number)).isoformat(), ()
    if len(str(number)) in (4, 6, 8):
        return date_of_text(str(number))
    return None, ("date_unreadable",)


# --- money and sizes ------------------------------------------------------------------------------


def _amount(amount: Decimal) -> Read:
    if amount < 0:
        return None, ("amount_negative",)
    if amount > LARGEST:
        return None, ("amount_unreadable",)
    return str(cents(amount)), ()


def money_of_text(text: str, unit: str) -> Read:
    if unit == "元" and WHOLE_YUAN.fullmatch(text):
        return f"{int(text)}.00", ()  # as most are written
    try:
        return _amount(parse_money(text, unit))
    except MoneyError:
        return None, ("amount_unreadable",)


def money_of_number(number: float, worth: Decimal) -> Read:
    if not math.isfinite(number):
        return None, ("amount_unreadable",)
    if worth == 1 and 0 <= number < MANY_YUAN and number == int(number):
        return f"{int(number)}.00", ()  # as most are
    return _amount(Decimal(repr(number)) * worth)


def states_its_unit(cell: Cell) -> bool:
    """`1200元`, `0.35万`: a cell that needs no unit above it."""
    return isinstance(cell, str) and plain(cell).strip().endswith(
        ("元", "万", "千", "亿", "圆", "整")
    )


def whole_of_text(text: str) -> Read:
    match = WHOLE.fullmatch(SPACES.sub("", plain(text)))
    return _whole(int(match[1])) if match else (None, ("amount_unreadable",))


def _whole(number: float) -> Read:
    if math.isfinite(number) and float(number).is_integer() and 0 <= number <= LARGEST_SIZE:
        return int(number), ()
    return None, ("amount_unreadable",)


# --- phones and accounts --------------------------------------------------------------------------


def phone(text: str) -> str:
    if PHONE.fullmatch(text):
        return text  # as most are written
    compact = SPACES.sub("", plain(text)).strip("'‘’")
    compact = compact.removesuffix(".0").replace("-", "")
    return compact.removeprefix("+86")


def account(text: str) -> Read:
    compact = SPACES.sub("", plain(text)).strip("'‘’")
    if SCIENTIFIC.fullmatch(compact):
        return None, ("bank_account_damaged",)
    is_card = len(compact) in (16, 19) and compact.startswith("62") and compact.isdigit()
    return compact, ("bank_account_check",) if is_card and not luhn_fits(compact) else ()


def luhn_fits(number: str) -> bool:
    """The check of ISO/IEC 7812 on a card number's digits."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 * (doubled > 9)
    return total % 10 == 0


# --- readers --------------------------------------------------------------------------------------

SEXES = {"1": "男", "2": "女", "男性": "男", "女性": "女"}
HEAD_WORDS = frozenset(["本人", "户主", "本人或户主"])


def causes(text: str) -> tuple[str, ...]:
    """Words between 、，,；; once each, in order."""
    words = (tidy(word) for word in CAUSE_MARKS.split(text))
    return tuple(dict.fromkeys(word for word in words if word not in NOTHING))


#: Fields whose ordinary text is taken as it is written, and what they call ordinary.
AS_WRITTEN = {
    Kind.TEXT: ORDINARY,
    Kind.NOTE: ORDINARY,
    Kind.NAME: LETTERS,
    Kind.CODE: ORDINARY,
    Kind.PHONE: PHONE,
}
#: Fields that say something else in nearly every row.
VARIOUS = frozenset([Kind.NAME, Kind.CODE, Kind.PHONE, Kind.ACCOUNT])


def _never(text: str) -> None:
    """No text is taken as it is written."""


def _text_reader(field: Field, unit: str) -> Callable[[str], Read]:
    """How the trimmed text of a cell of this field is read."""
    by_kind: dict[Kind, Callable[[str], Read]] = {
        Kind.NAME: _name_of_text,
        Kind.CODE: lambda text: (plain(text).strip().strip("'‘’") or None, ()),
        Kind.RELATION: lambda text: (HEAD if text in HEAD_WORDS else text, ()),
        Kind.SEX: lambda text: (SEXES.get(plain(text).removesuffix(".0"), text), ()),
        Kind.DATE: date_of_text,
        Kind.PHONE: lambda text: (phone(text) or None, ()),
        Kind.ACCOUNT: account,
        Kind.MONEY: lambda text: money_of_text(text, unit),
        Kind.WHOLE: whole_of_text,
        Kind.WORDS: lambda text: (causes(text) or None, ()),
    }
    return by_kind.get(field.kind, lambda text: (text, ()))


PLAIN_DAY = re.compile(r"(?:18|19|20|21)\d\d-\d\d-\d\d", re.ASCII)


class Reader:
    """Reads the cells of one column: `reader(cell)` → value (None for nothing) and codes.

    `plain` holds the values of texts and numbers already read of which nothing is said ("" for
    nothing), `told` those with a code; neither holds others: TRUE is equal to 1.0, and is not
    read alike. `is_as_written` says of a text that it is its own value; it does so once as many
    are known as shall be, because those that come back should stand in memory once.
    """

    REMEMBERED = 4096  # different cells; a column of names has more, and gains nothing
    REMEMBERED_DAYS = 40_000  # a column of birth dates has the days of a hundred years

    __slots__ = ("_field", "_most", "_of_text", "_worth", "is_as_written", "plain", "told")

    def __init__(self, field: Field, unit: str = "元") -> None:
        self._field = field
        self._worth = UNITS[unit]
        self._of_text = _text_reader(field, unit)
        self._most = 0 if field.kind in VARIOUS else self.REMEMBERED
        if field.kind is Kind.DATE:
            self._most = self.REMEMBERED_DAYS
        self.plain: dict[str | float, Value] = {"": ""}
        self.told: dict[str | float, Read] = {}
        self.is_as_written: Callable[[str], object] = _never
        self._look_whether_full()

    def __call__(self, cell: Cell) -> Read:
        if isinstance(cell, (str, float)):
            if (value := self.plain.get(cell)) is not None:
                return (value, ()) if value != "" else EMPTY
            return self.told.get(cell) or self.read(cell)
        if isinstance(cell, Odd):
            return None, ("cell_error" if cell is Odd.ERROR else "formula_no_value",)
        return self._read_other(cell)

    def read(self, cell: str | float) -> Read:
        """A text or number that was not read before."""
        # -0.0 is 0.0
        found = self._read_text(cell) if isinstance(cell, str) else self._read_other(cell + 0.0)
        value, codes = found
        if codes:
            if len(self.told) < self.REMEMBERED:
                self.told[cell] = found
        elif len(self.plain) < self._most:
            self.plain[cell] = "" if value is None else value
            self._look_whether_full()
        return found

    def _look_whether_full(self) -> None:
        if len(self.plain) >= self._most and self._field.kind in AS_WRITTEN:
            self.is_as_written = AS_WRITTEN[self._field.kind].fullmatch

    def _read_text(self, cell: str) -> Read:
        if ORDINARY.fullmatch(cell):
            return self._of_text(cell)
        text = tidy(cell)
        if text in NOTHING:
            return EMPTY
        if text in ERRORS:
            return None, ("cell_error",)
        if len(text) > LONGEST and self._field.kind is not Kind.NOTE:
            return None, ("too_long",)
        value, codes = self._of_text(text)
        if looks_like_formula(text):
            codes = (*codes, "formula_like_text")
        return value, codes

    def _read_other(self, cell: Cell) -> Read:
        kind = self._field.kind
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            if kind is Kind.MONEY:
                return money_of_number(cell, self._worth)
            if kind is Kind.DATE:
                return date_of_number(cell)
            if kind is Kind.WHOLE:
                return _whole(cell)
            if kind is Kind.ACCOUNT and abs(cell) >= DAMAGED:
                return None, ("bank_account_damaged",)
        if kind is Kind.DATE and isinstance(cell, datetime.date):
            day = cell.date() if isinstance(cell, datetime.datetime) else cell
            return day.isoformat(), ()
        text = as_text(cell)
        return self._of_text(text) if text else EMPTY
