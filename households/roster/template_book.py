"""A workbook for those who start from nothing: headings that are known, and beside them how to fill them in.

The instructions go down the page, one line a column, so that no row of them can be taken for the
headings of a roster.
"""

from dataclasses import dataclass

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households.models import words
from households.roster.core.fields import FIELDS, Kind
from households.roster.core.headings import standard
from households.roster.core.reading import INSTRUCTIONS
from households.roster.word_lists import WordLists
from povertyaid.lib.national_id import check_character
from povertyaid.web.workbook import A4, OPTIONS, ROWS_AT_MOST, text_width

ROSTER = "花名册"
YUAN = "（元）"
LONGEST_MESSAGE = 255  # characters that Excel shows beside a cell

OF_THE_FAMILY = [
    "unit", "address", "category", "causes", "identified_on", "household_size", "income_wage",
    "income_business", "income_property", "income_transfer", "business_expense", "per_capita_income",
    "bank_name", "bank_branch", "bank_account",
]  # fmt: skip
OF_A_PERSON = [
    "id_number", "sex", "birth_date", "ethnicity", "phone", "health", "labour_ability", "education",
    "work_status", "employer",
]  # fmt: skip
COLUMNS_OF_MEMBERS = ["code", "name", "relation", *OF_A_PERSON, *OF_THE_FAMILY, "note"]
COLUMNS_OF_HOUSEHOLDS = ["code", "head", *OF_A_PERSON, *OF_THE_FAMILY, "note"]
#: Only a name is refused when it is missing; without the others a file is not worth much.
REQUIRED = frozenset(["name", "head", "relation", "id_number", "category", "causes"])

#: All else is text: 2017.10 must keep its nought.
FORMATS = {Kind.MONEY: "#,##0.00", Kind.WHOLE: "0"}
WIDTHS = {
    "id_number": 22, "bank_account": 24, "phone": 14, "address": 32, "unit": 28, "causes": 22,
    "code": 18, "category": 16, "employer": 22, "note": 28, "labour_ability": 20, "education": 14,
}  # fmt: skip
NARROWEST = 10
HOW_WIDTH = 72  # Latin characters of a line of the instructions
LINE = 15  # points

_OF_A_YEAR = gettext_lazy(
    "Of the whole family in a year, in yuan. 0 means none; leave it empty where it is not known."
)
_CHOOSE = gettext_lazy("Choose from the list; where no word fits, write your own.")
HOW = {
    "code": gettext_lazy(
        "Only where your office has numbers for its households, and then for every household. Else "
        "leave the column empty: numbers are given on import."
    ),
    "name": gettext_lazy("One row for each person: the head first, the other members below."),
    "head": gettext_lazy("The head of the household. One row for each household."),
    "relation": gettext_lazy("户主 for the head; for the others what they are to the head."),
    "id_number": gettext_lazy(
        "18 characters as on the card, X in capitals; a disability certificate has 20 or 22. The "
        "column is text, please leave it so: as a number the last digits would be lost."
    ),
    "sex": gettext_lazy("May stay empty: the identity number tells it."),
    "birth_date": gettext_lazy("Such as 1970-01-31. May stay empty: the identity number tells it."),
    "ethnicity": _CHOOSE,
    "phone": gettext_lazy("A mobile number of 11 digits, or a number with its area code."),
    "health": _CHOOSE,
    "labour_ability": _CHOOSE,
    "education": _CHOOSE,
    "work_status": _CHOOSE,
    "employer": gettext_lazy("Where the person works, or goes to school."),
    "unit": gettext_lazy(
        "The unit that keeps the file, its names from above joined by /. Empty means the unit the "
        "roster is imported for."
    ),
    "address": gettext_lazy(
        "Where the family lives, down to the door or the group of the village."
    ),
    "category": _CHOOSE,
    "causes": gettext_lazy(
        "The main cause first; several are joined by 、. Usual words: %(words)s"
    ),
    "identified_on": gettext_lazy("Such as 2026-03 or 2026-03-01."),
    "household_size": gettext_lazy("How many persons live in the household, as a number."),
    "income_wage": _OF_A_YEAR,
    "income_business": _OF_A_YEAR,
    "income_property": _OF_A_YEAR,
    "income_transfer": _OF_A_YEAR,
    "business_expense": gettext_lazy("What it cost to earn that income in the year, in yuan."),
    "per_capita_income": gettext_lazy(
        "In a year, in yuan, net of costs. Only where the incomes before are not known one by one."
    ),
    "bank_name": gettext_lazy("The bank that help is paid to."),
    "bank_branch": gettext_lazy("The branch where the account is kept."),
    "bank_account": gettext_lazy("The whole number, without spaces. The column is text."),
    "note": gettext_lazy("What else should be known."),
}


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the template, in the words that a clerk sees."""

    field: str
    heading: str
    how: str
    words: tuple
    is_required: bool

    @property
    def kind(self):
        return FIELDS[self.field].kind


def write(
    target, *, of_members, programme_name="", categories=(), causes=(), relations=(), units=()
):
    """Write an empty roster to a path or a file: one row per member, or one per household.

    The lists are words to choose from; where none are given, the ones every office knows are
    offered. Units are named by their path, `石桥镇/团结村`.
    """
    lists = {
        "sex": ("男", "女"),
        "relation": tuple(relations or words.RELATIONS),
        "ethnicity": tuple(words.ETHNICITIES),
        "health": tuple(words.HEALTH),
        "labour_ability": tuple(words.LABOUR),
        "education": tuple(words.EDUCATION),
        "work_status": tuple(words.WORK_STATUSES),
        "category": tuple(categories or words.CATEGORIES.values()),
        "unit": tuple(units),
    }
    usual = tuple(causes or words.CAUSES.values())
    names = COLUMNS_OF_MEMBERS if of_members else COLUMNS_OF_HOUSEHOLDS
    columns = [_column(name, of_members, lists.get(name, ()), usual) for name in names]
    examples = _examples(of_members, lists, usual)
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        offered = WordLists(book)
        _write_roster(book, columns, offered)
        _write_instructions(book, columns, examples, programme_name, of_members=of_members)
        offered.finish()


def _column(name, of_members, offered, usual):
    field = FIELDS[name]
    word = standard().word_of[name]
    heading = f"{'*' if name in REQUIRED else ''}{word}{YUAN if field.kind is Kind.MONEY else ''}"
    of_head = of_members and field.of_household and field.kind is not Kind.NOTE
    frame = _("%(how)s Only in the row of the head.") if of_head else "%(how)s"
    how = str(HOW[name])
    if name == "causes":
        how = _with_as_many_words_as_fit(how, usual, LONGEST_MESSAGE - len(frame))
    return _Column(name, heading, frame % {"how": how}, offered, name in REQUIRED)


def _with_as_many_words_as_fit(sentence, usual, longest):
    for count in range(len(usual), 0, -1):
        said = sentence % {"words": "、".join(usual[:count])}
        if len(said) <= longest:
            return said
    return sentence % {"words": ""}


# --- the roster -----------------------------------------------------------------------------------


def _write_roster(book, columns, offered):
    page = book.add_worksheet(ROSTER)
    face = {"bold": True, "bg_color": "#EEF0F2", "border": 1, "border_color": "#AEB6BF"}
    face |= {"align": "center", "valign": "vcenter", "text_wrap": True}
    plain, required = book.add_format(face), book.add_format(face | {"font_color": "#B3261E"})
    formats = {
        kind: book.add_format({"num_format": FORMATS.get(kind, "@")})
        for kind in {column.kind for column in columns}
    }
    page.set_row(0, 30)
    for nth, column in enumerate(columns):
        width = max(WIDTHS.get(column.field, NARROWEST), text_width(column.heading) + 2)
        page.set_column(nth, nth, width, formats[column.kind])
        page.write_string(0, nth, column.heading, required if column.is_required else plain)
        page.data_validation(1, nth, ROWS_AT_MOST - 1, nth, _rule(column, offered))
    named = next(nth for nth, column in enumerate(columns) if column.kind is Kind.NAME)
    page.freeze_panes(1, named + 1)
    page.repeat_rows(0)
    page.set_paper(A4)
    page.set_landscape()


def _rule(column, offered):
    """What stands beside a cell of the column, and what is asked of it. Anything may be kept."""
    rule = {
        "validate": "any",
        "input_title": column.heading,
        "input_message": column.how,
        "error_type": "warning",
        "ignore_blank": True,
    }
    if column.words:
        return rule | {
            "validate": "list",
            "source": offered.source(column.words),
            "error_title": _("Not on the list"),
            "error_message": _(
                "The list does not have this word. Choose one that fits; if there is none, yours may stay."
            ),
        }
    if column.kind is Kind.IDENTITY:
        return rule | {
            "validate": "length",
            "criteria": "==",
            "value": 18,
            "error_title": _("Please count the digits"),
            "error_message": _(
                "An identity number has 18 characters. Keep another number only where it is that of "
                "a disability certificate."
            ),
        }
    if column.kind in FORMATS:
        return rule | {
            "validate": "integer" if column.kind is Kind.WHOLE else "decimal",
            "criteria": ">=",
            "value": 0,
            "error_title": _("A number is expected"),
            "error_message": _("Please write a number without words. Amounts are in yuan."),
        }
    return rule


# --- the instructions -----------------------------------------------------------------------------


def _write_instructions(book, columns, examples, programme_name, *, of_members):
    page = book.add_worksheet(INSTRUCTIONS)
    boxed = {"border": 1, "border_color": "#AEB6BF", "valign": "top", "text_wrap": True}
    cell = book.add_format(boxed | {"num_format": "@"})
    head = book.add_format(boxed | {"bold": True, "bg_color": "#EEF0F2"})
    required = book.add_format(boxed | {"bold": True, "font_color": "#B3261E"})
    title = _("How to fill in the roster")
    if programme_name:
        title = _("%(programme)s: how to fill in the roster") % {"programme": programme_name}
    page.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 16}))
    at = 2
    for nth, line in enumerate(_general(of_members), start=1):
        page.write_string(at, 0, f"{nth}. {line}")
        at += 1
    top = at + 1
    headings = [_("Heading of the column"), _("Required"), _("How to fill it in")]
    headings += [_("Example %(nth)s") % {"nth": nth} for nth in range(1, len(examples) + 1)]
    for nth, text in enumerate(headings):
        page.write_string(top, nth, text, head)
    for row, column in enumerate(columns, start=top + 1):
        page.set_row(row, LINE * (1 + text_width(column.how) // HOW_WIDTH))
        page.write_string(row, 0, column.heading, required if column.is_required else cell)
        page.write_string(row, 1, _("required") if column.is_required else "", cell)
        page.write_string(row, 2, column.how, cell)
        for nth, example in enumerate(examples, start=3):
            page.write_string(row, nth, example.get(column.field, ""), cell)
    for nth, width in enumerate([22, 8, HOW_WIDTH + 2, *[22] * len(examples)]):
        page.set_column(nth, nth, width)
    page.set_paper(A4)
    page.set_landscape()
    page.fit_to_pages(1, 0)


def _general(of_members):
    yield _(
        "Fill in the sheet 花名册 from its second row on. Leave the headings as they are; a column "
        "that you do not need may stay empty."
    )
    yield _("What is marked with * is required.")
    if of_members:
        yield _(
            "One row for each person: the head of the household first, the other members directly "
            "below. What is said of the household stands in the row of its head."
        )
    else:
        yield _("One row for each household, under the name of its head.")
    yield _("Amounts are in yuan. 0 means none; an empty cell means that it is not known.")
    yield _("The examples on the right are invented.")
    yield _("The workbook holds personal data: pass it on only to those whose work needs it.")


def _number(first):
    """An identity number of nobody: county 239999 was never assigned."""
    return first + check_character(first)


def _examples(of_members, lists, usual):
    """An invented family, one for each column of examples: the cells as they would be typed."""
    head = {
        "name": "王建国", "head": "王建国", "relation": words.HEAD, "id_number": _number("23999919680512001"),
        "sex": "男", "birth_date": "1968-05-12", "ethnicity": "汉族", "phone": "15400000001",
        "health": "长期慢性病", "labour_ability": "弱劳动力或半劳动力", "education": "初中",
        "work_status": "务农", "unit": next(iter(lists["unit"]), ""), "address": "团结村三组12号",
        "category": lists["category"][0], "causes": "、".join(usual[:2]), "identified_on": "2026-03",
        "household_size": "3", "income_wage": "12000", "income_business": "8600", "income_property": "0",
        "income_transfer": "3200.5", "business_expense": "2100", "bank_name": "农业银行",
        "bank_branch": "石桥支行", "bank_account": "6200000000000005", "note": "长年服药",
    }  # fmt: skip
    wife = {
        "name": "李桂兰", "relation": "配偶", "id_number": _number("23999919700308002"), "sex": "女",
        "birth_date": "1970-03-08", "ethnicity": "汉族", "phone": "15400000002", "health": "健康",
        "labour_ability": "普通劳动力", "education": "小学", "work_status": "务农",
    }  # fmt: skip
    daughter = {
        "name": "王春花", "relation": "之女", "id_number": _number("23999920080921004"), "sex": "女",
        "birth_date": "2008-09-21", "ethnicity": "汉族", "health": "健康", "education": "高中",
        "work_status": "学生", "employer": "县第一中学",
    }  # fmt: skip
    return [head, wife, daughter] if of_members else [head]
