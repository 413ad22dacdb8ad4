"""Many scans at once: their names say whose they are and what, `HB000123_对接卡_2.jpg`.

Each file is taken in or refused by itself, and a receipt tells of every one. To bring the same files
again changes nothing: what is on a paper already is told as that.
"""

import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from households.actions import papers
from households.models import DossierItem, Enrolment, Household
from povertyaid.audit.models import record
from povertyaid.lib.scans import ScanError
from povertyaid.programmes.models import SchemeItem

SEPARATORS = re.compile(r"[_\s－—-]+")
PAGE = re.compile(r"[_\s－—-]+(?:第)?\d{1,3}页?$|[（(]\d{1,3}[）)]$")
LONGEST_NAME = 120


@dataclass
class Brought:
    """One line of the receipt. `why` says what became of a file that was not taken in."""

    name: str
    household: Household | None = None
    title: str = ""
    paper: DossierItem | None = None
    why: str = ""

    @property
    def is_taken(self) -> bool:
        return not self.why


def beginnings(stem: str) -> list[tuple[str, str]]:
    """(what may be a file number, what comes after), the longest first; a number may hold dashes."""
    found = [(stem, "")]
    found += [(stem[: m.start()], stem[m.end() :]) for m in SEPARATORS.finditer(stem)]
    return sorted(((a, b) for a, b in found if a), key=lambda pair: -len(pair[0]))


def title_of(rest: str) -> str:
    """The name of the paper, without the number of its page."""
    while (shorter := PAGE.sub("", rest)) != rest:
        rest = shorter
    return "" if rest.isdigit() else rest.strip()[:LONGEST_NAME]


def bring(files: list[Any], *, programme: Any, title: str, read: Any, by: Any) -> list[Brought]:
    """Sort files to households and put them on their papers. Answers the receipt.

    `read(file)` answers a Scan or raises ScanError. `title` is for files whose name says none.
    """
    stems = {file.name: beginnings(str(file.name).rpartition(".")[0]) for file in files}
    codes = {start.upper() for pairs in stems.values() for start, _rest in pairs}
    visible = Household.objects.visible_to(by).filter(code__in=codes).select_related("unit")
    by_code = {household.code: household for household in visible}
    enrolled = set(
        Enrolment.objects.filter(programme=programme, household__in=by_code.values()).values_list(
            "household", flat=True
        )
    )
    told = [
        _bring_one(file, stems[file.name], by_code, enrolled, programme, title, read, by)
        for file in files
    ]
    taken = sum(one.is_taken for one in told)
    if taken:
        record(
            by.unit, "papers_brought", by=by, programme=programme.code, scans=taken,
            refused=len(told) - taken,
        )  # fmt: skip
    return told


def _bring_one(file, pairs, by_code, enrolled, programme, title, read, by) -> Brought:
    line = Brought(str(file.name))
    for start, rest in pairs:
        if household := by_code.get(start.upper()):
            line.household, line.title = household, title_of(rest) or title
            break
    else:
        line.why = _("Its name begins with no file number of your units.")
        return line
    if not line.title:
        line.why = _("Its name does not say what paper it is.")
    elif not household.is_open:
        line.why = _("The file of the household is closed.")
    elif household.pk not in enrolled:
        line.why = _("The household is not in this programme.")
    else:
        try:
            with transaction.atomic():
                line.paper = _put(household, programme, line.title, read(file), by)
        except ScanError as refusal:
            line.why = str(refusal)
        except ValidationError as refusal:
            line.why = " ".join(refusal.messages)
    return line


def _put(household, programme, title, scan, by):
    """On the paper of that title, the newest if there are several; a new one where there is none."""
    there = household.dossier_items.counted().filter(programme=programme, title=title)
    if paper := there.order_by("-pk").first():
        return papers.add_scans(paper, [scan], by=by)
    item = papers.entry_called(programme, title) or SchemeItem(label=title)
    return papers.add(
        household, programme=programme, kind=papers.kind_of_entry(item), title=title,
        scans=[scan], by=by,
    )  # fmt: skip
