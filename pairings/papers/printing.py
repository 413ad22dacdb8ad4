"""Papers of some households as pages: the same for one that is waited for and for a thousand."""

from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from pairings.models import PaperKind
from pairings.papers import facts
from povertyaid.web.pdf import Press


@dataclass(frozen=True)
class Terms:
    """For whom papers are set, whether numbers are shown in full, and where square codes lead."""

    staff: object
    full: bool
    base: str


@dataclass
class Paper:
    """A paper that is laid out: of one household, or a sheet of several."""

    document: object
    households: list

    @property
    def pages(self):
        return len(self.document.pages)


class Handbooks:
    """结对帮扶手册: a booklet for each household that is enrolled in the programme."""

    sheets = ("app/handbook-paper.css",)
    at_once = 10  # as many are set, written and kept as one part
    alone = True  # a paper of its own for each household, which begins on a right-hand page

    @classmethod
    def papers(cls, press, enrolments, terms):
        for booklet in facts.booklets(enrolments, terms.staff):
            html = _html("pairings/papers/handbook.html", terms, booklet=booklet)
            yield Paper(press.lay_out(html), [booklet.household])


KINDS = {PaperKind.HANDBOOK: Handbooks}


def _html(template, terms, **context):
    told = {"full": terms.full, "base": terms.base, "today": timezone.localdate(), **context}
    return render_to_string(template, told)


def open_press(kind):
    return Press(*KINDS[kind].sheets)


def lay_out(press, kind, enrolments, terms):
    """The papers of a kind. They are in Chinese, whatever language the person works in."""
    with translation.override(settings.LANGUAGE_CODE):
        yield from KINDS[kind].papers(press, enrolments, terms)
