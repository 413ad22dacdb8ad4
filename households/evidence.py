"""What a file can hold that makes a 清 full: facts and papers, each named by a code.

Every room registers at start-up what it knows of: this one members, causes, incomes and papers, the
ones above who helps and what was done. An administrator chooses among them (`DossierRule`). A
condition is one on enrolments, so that a list of any length is asked in one statement.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from households.models import DossierItem, DossierKind
from households.models.dossier import STANDARD
from povertyaid.audit import deeds


@dataclass(frozen=True)
class Fact:
    """Something that is there: what it says, of which day it is, and what proves it."""

    text: str
    proof: Any
    day: datetime.date | None = None
    url: str = ""


@dataclass(frozen=True)
class Mend:
    """Where what is missing can be put right, and what one must be allowed to do there."""

    url: str
    permission: str
    label: Any = ""


@dataclass(frozen=True)
class Evidence:
    """One thing a file can hold.

    `holds` is the condition on an enrolment. `tell(enrolment, staff)` answers the facts of one that
    holds it, as far as the person may see them; `missing` is the sentence for one that does not,
    `mend(enrolment)` the way to change that.
    """

    code: str
    label: Any
    holds: Q
    missing: Any
    tell: Callable[[Any, Any], Iterable[Fact]]
    mend: Callable[[Any], Mend | None] = field(default=lambda _enrolment: None)


_evidence: dict[str, Evidence] = {}
# The end of a 清's name → the codes it usually asks for: everything, at least one.
_usual: dict[str, tuple[list[str], list[str]]] = {}


def register(*several: Evidence) -> None:
    for one in several:
        _evidence[one.code] = one
        for fact in ("all_of", "one_of"):
            deeds.name_values(fact, {one.code: one.label})


def usual(name: str, *, all_of: Iterable[str] = (), one_of: Iterable[str] = ()) -> None:
    """What a 清 whose name ends so usually asks for; rooms add to each other's."""
    everything, one = _usual.setdefault(name, ([], []))
    everything.extend(code for code in all_of if code not in everything)
    one.extend(code for code in one_of if code not in one)


def usual_of(label: str) -> tuple[list[str], list[str]] | None:
    for name, (all_of, one_of) in _usual.items():
        if label.endswith(name):
            return list(all_of), list(one_of)
    return None


# ---- papers: which there are is the programme's own

THERE, CHECKED, KIND = "paper:", "checked:", "kind:"
ADD_PAPER = "households.change_dossieritem"


def _in_file(**facts: Any) -> Any:
    return DossierItem.objects.counted().filter(
        household=OuterRef("household"), programme=OuterRef("programme"), **facts
    )


def _facts_of_papers(**facts: Any) -> Callable[[Any, Any], list[Fact]]:
    def tell(enrolment: Any, _staff: Any) -> list[Fact]:
        papers = DossierItem.objects.counted().filter(
            household=enrolment.household_id, programme=enrolment.programme_id, **facts
        )
        return [
            Fact(f"{paper.title} {paper.number}".strip(), _("paper of the file"),
                 paper.issued_on, paper.get_absolute_url())
            for paper in papers.order_by("pk")
        ]  # fmt: skip

    return tell


def to_papers(**asked: str) -> Callable[[Any], Mend]:
    """The page that adds a paper, for evidence that is a paper."""

    def mend(enrolment: Any) -> Mend:
        page = reverse("households:paper-add", args=[enrolment.household_id])
        query = urlencode({"programme": enrolment.programme.code, **asked})
        return Mend(f"{page}?{query}", ADD_PAPER, _("add the paper"))

    return mend


def _paper(code: str, title: str) -> Evidence:
    is_checked = code.startswith(CHECKED)
    facts = {"title": title} | ({"complete": True} if is_checked else {})
    label = _("{title}, checked complete") if is_checked else _("{title}, in the file")
    missing = (
        _("“{title}” is not there, or nobody has checked that it is complete.")
        if is_checked
        else _("“{title}” is not in the file.")
    )
    return Evidence(
        code,
        format_lazy(label, title=title),
        Q(Exists(_in_file(**facts))),
        format_lazy(missing, title=title),
        _facts_of_papers(**facts),
        to_papers(title=title),
    )


def _of_kind(code: str, kind: DossierKind) -> Evidence:
    return Evidence(
        code,
        format_lazy(_("any paper of the kind {kind}"), kind=kind.label),
        Q(Exists(_in_file(kind=kind))),
        format_lazy(_("No paper of the kind {kind} is in the file."), kind=kind.label),
        _facts_of_papers(kind=kind),
        to_papers(kind=kind),
    )


def evidence(code: str) -> Evidence | None:
    """What a code stands for; None for one that no room of this version knows."""
    if code in _evidence:
        return _evidence[code]
    for prefix in (THERE, CHECKED):
        if code.startswith(prefix) and code != prefix:
            return _paper(code, code.removeprefix(prefix))
    if code.startswith(KIND) and code.removeprefix(KIND) in DossierKind.values:
        return _of_kind(code, DossierKind(code.removeprefix(KIND)))
    return None


def offered(programme: Any) -> list[Evidence]:
    """What a rule of the programme can ask for: facts, then the papers of its own standard."""
    titles = programme.scheme_items.filter(list_name=STANDARD).order_by("seq", "pk")
    codes = [
        *(f"{KIND}{kind}" for kind in DossierKind),
        *(
            f"{prefix}{title}"
            for title in titles.values_list("label", flat=True)
            for prefix in (THERE, CHECKED)
        ),
    ]
    return [*_evidence.values(), *(one for code in codes if (one := evidence(code)))]
