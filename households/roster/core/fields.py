"""What a roster may say: the fields, whom they describe and how a cell of each is read.

The words that offices head their columns with stand in `headings.json`.
"""

from dataclasses import dataclass
from enum import StrEnum

#: What a cell becomes: text, a whole number, or a list of words. Money is text in yuan with
#: two places, a date is ISO text whose length tells how exactly it is known.
Value = str | int | tuple[str, ...]

LONGEST = 255  # characters in any field but the note


class Kind(StrEnum):
    TEXT = "text"
    NOTE = "note"
    NAME = "name"
    CODE = "code"
    IDENTITY = "identity"
    RELATION = "relation"
    SEX = "sex"
    DATE = "date"
    PHONE = "phone"
    ACCOUNT = "account"
    MONEY = "money"
    WHOLE = "whole"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Field:
    """`of_household` is False for what describes one person. The note describes whatever a row is."""

    name: str
    kind: Kind
    of_household: bool


def _fields() -> dict[str, Field]:
    household = {
        Kind.CODE: "code",
        Kind.NAME: "head helper_name",
        Kind.PHONE: "household_phone helper_phone",
        Kind.TEXT: "address unit category helper_unit helper_title aid_kind bank_name bank_branch",
        Kind.WORDS: "causes",
        Kind.DATE: "identified_on aid_date",
        Kind.WHOLE: "household_size version",
        Kind.MONEY: "income_wage income_business income_property income_transfer business_expense "
        "income_total per_capita_income aid_amount",
        Kind.ACCOUNT: "bank_account",
        Kind.NOTE: "note",
    }
    person = {
        Kind.NAME: "name",
        Kind.IDENTITY: "id_number",
        Kind.WHOLE: "member_number",
        Kind.RELATION: "relation",
        Kind.SEX: "sex",
        Kind.DATE: "birth_date",
        Kind.PHONE: "phone",
        Kind.TEXT: "ethnicity health labour_ability education work_status employer",
    }
    found = {}
    for of_household, kinds in ((True, household), (False, person)):
        for kind, names in kinds.items():
            for name in names.split():
                found[name] = Field(name, kind, of_household)
    return found


#: Rooms above may add their own at start-up (`roster/parts.py`).
FIELDS: dict[str, Field] = _fields()

#: What our own export writes beside a row to know it again: no value of anybody.
KEYS = frozenset({"version", "member_number"})

#: Fields that say who a row is about; a header must name one of them.
PERSON_COLUMNS = frozenset({"name", "head"})

#: Columns that a 合计 adds up. Income per head is no amount that anyone sums.
SUMMED = frozenset(
    name
    for name, field in FIELDS.items()
    if (field.kind is Kind.MONEY and name != "per_capita_income") or name == "household_size"
)

#: Household fields whose merged cells say the same of every row they cover. Amounts are not
#: here: a merged amount was paid once.
SPREAD = frozenset(
    name
    for name, field in FIELDS.items()
    if field.of_household
    and field.kind not in (Kind.MONEY, Kind.WHOLE, Kind.NOTE, Kind.CODE)
    and name != "head"
)
