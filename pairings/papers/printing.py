"""Papers of some households as pages: the same for one that is waited for and for a thousand."""

from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from households.models import Enrolment
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
    """A paper that is laid out: of one household, or sheets of several."""

    document: object
    households: list  # each with the page of the paper on which it stands

    @property
    def pages(self):
        return len(self.document.pages)


class Handbooks:
    """结对帮扶手册: a booklet for each household that is enrolled in the programme."""

    sheets = ("app/handbook-paper.css",)
    at_once = 20  # as many are set, written and kept as one part
    alone = True  # a paper of its own for each household, which begins on a right-hand page

    @staticmethod
    def keys(order, staff):
        """(key, unit) of what an order speaks of and the person may see, by unit and file number."""
        rows = Enrolment.objects.visible_to(staff).filter(
            programme=order.programme_id, household__in=order.households
        )
        rows = rows.order_by("household__unit__path", "household__code", "pk")
        return list(rows.values_list("pk", "household__unit_id"))

    @staticmethod
    def papers(press, keys, terms):
        rows = Enrolment.objects.filter(pk__in=keys)
        for booklet in facts.booklets(rows, terms.staff):
            html = _html("pairings/papers/handbook.html", terms, booklet=booklet)
            yield Paper(press.lay_out(html), [(booklet.household, 0)])


KINDS = {PaperKind.HANDBOOK: Handbooks}


def _html(template, terms, **context):
    told = {"full": terms.full, "base": terms.base, "today": timezone.localdate(), **context}
    return render_to_string(template, told)


def open_press(kind):
    return Press(*KINDS[kind].sheets)


def lay_out(press, kind, keys, terms):
    """Papers of a kind, as far as the person may see them; in Chinese, whatever the page speaks."""
    with translation.override(settings.LANGUAGE_CODE):
        yield from KINDS[kind].papers(press, keys, terms)
