"""The words that a drop-down offers: in the cell's own rule while they are few, else on a sheet of their own.

Excel takes 255 characters in a rule, and a comma or a quotation mark ends a word there; it takes no
named constant for a list. So longer lists stand on a very hidden sheet, which the reading knows by
its name and does not warn of.
"""

from households.roster.core.marks import column_letters
from households.roster.core.reading import WORD_LISTS

LONGEST_RULE = 255


def fits(words):
    """Whether a rule can hold the words itself."""
    joined = ",".join(words)
    return len(joined) <= LONGEST_RULE and joined.count(",") == len(words) - 1 and '"' not in joined


def reference(column, count):
    """The cells of the hidden sheet that hold a list of `count` words."""
    letters = column_letters(column)
    return f"{WORD_LISTS}!${letters}$1:${letters}${count}"


class WordLists:
    """The lists of a workbook that XlsxWriter writes. `finish` adds the sheet, behind all others."""

    def __init__(self, book):
        self.book = book
        self.known = []

    def source(self, words):
        """What a rule names as its source."""
        words = list(words)
        if fits(words):
            return words
        if words not in self.known:
            self.known.append(words)
        return f"={reference(self.known.index(words), len(words))}"

    def finish(self):
        if not self.known:
            return
        page = self.book.add_worksheet(WORD_LISTS)
        page.very_hidden()
        for column, words in enumerate(self.known):
            for row, word in enumerate(words):
                page.write_string(row, column, word)
