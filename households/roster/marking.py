"""A roster's findings as the marked workbook wants them."""

from households.models import words
from households.roster import files, knowledge, marked_book
from households.roster.core.marks import column_index
from households.roster.sentences import DOUBTS, SENTENCES

#: What a column of a field may hold, as the drop-down of a bad cell offers it.
CHOICES = {
    "sex": ("男", "女"),
    "relation": tuple(words.RELATIONS),
    "ethnicity": tuple(words.ETHNICITIES),
    "health": tuple(words.HEALTH),
    "labour_ability": tuple(words.LABOUR),
    "education": tuple(words.EDUCATION),
    "work_status": tuple(words.WORK_STATUSES),
    "category": tuple(words.CATEGORIES.values()),
}


def write(target, roster):
    """Write the roster's own file with every refusal and every doubt marked; answers if it could.

    A file that would take too long is left to the workbook of refused rows. Raises FileGoneError.
    """
    data = files.load_file(roster)
    if marked_book.too_large(data):
        return False
    marked_book.write(
        target,
        data,
        _notes(roster),
        corrections=_corrections(roster),
        choices=_choices(roster),
        link=roster.code,
        knowledge=knowledge.of_unit(roster.unit),
    )
    return True


def _notes(roster):
    notes = {}
    lines = roster.lines.with_findings().order_by("position")
    for line in lines.values_list("sheet", "row", "refusals", "warnings").iterator():
        sheet, row, refusals, warnings = line
        found = [(one, True) for one in refusals]
        found += [(one, False) for one in warnings if one["code"] in DOUBTS]
        if found:
            notes.setdefault(sheet, {})[row] = [
                marked_book.Note(one["column"], str(SENTENCES[one["code"]]), refuses)
                for one, refuses in found
            ]
    return notes


def _corrections(roster):
    corrected = {}
    for cell in roster.corrections.all():
        corrected.setdefault(cell.sheet, {})[cell.row - 1, cell.column] = cell.text
    return corrected


def _choices(roster):
    """By sheet and letter, for columns whose field has a list."""
    return {
        sheet["name"]: {
            column["letter"]: CHOICES[column["field"]]
            for column in sorted(
                sheet.get("columns", []), key=lambda one: column_index(one["letter"])
            )
            if column["field"] in CHOICES
        }
        for sheet in roster.sheets
    }
