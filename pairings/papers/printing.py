"""Papers of some households as pages: the same for one that is waited for and for a thousand."""

from dataclasses import dataclass
from itertools import groupby
from types import SimpleNamespace

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from households import clears, sections
from households.models import Enrolment, Household
from households.views.dossier import dossier, papers_of
from pairings.models import PaperKind
from pairings.papers import facts
from povertyaid.web.pdf import Press

CARDS_ON_A_SHEET = 10


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


class OfEnrolments:
    """Papers of households in one programme."""

    @staticmethod
    def keys(order, staff):
        """Keys of what an order speaks of and the person may see, by unit and file number."""
        rows = (
            Enrolment.objects.visible_to(staff)
            .counted()
            .filter(programme=order.programme_id, household__in=order.households)
        )
        rows = rows.order_by("household__unit__path", "household__code", "pk")
        return list(rows.values_list("pk", flat=True))


class Handbooks(OfEnrolments):
    """结对帮扶手册: a booklet for each household that is enrolled in the programme."""

    sheets = ("app/handbook-paper.css",)
    at_once = 10  # as many are set, written and kept as one part
    alone = True  # a paper of its own for each household, which begins on a right-hand page

    @staticmethod
    def papers(press, keys, terms):
        rows = Enrolment.objects.filter(pk__in=keys)
        for booklet in facts.booklets(rows, terms.staff):
            html = _html("pairings/papers/handbook.html", terms, booklet=booklet)
            yield Paper(press.lay_out(html), [(booklet.household, 0)])


class Cards(OfEnrolments):
    """对接卡: ten to a sheet; a sheet holds those of one unit, so that it can be handed on."""

    sheets = ("app/card-paper.css",)
    at_once = 100
    alone = False

    @staticmethod
    def papers(press, keys, terms):
        sheets, places = [], []
        found = facts.cards(Enrolment.objects.filter(pk__in=keys), terms.staff)
        for _unit, group in groupby(found, key=lambda booklet: booklet.unit.pk):
            of_unit = list(group)
            for start in range(0, len(of_unit), CARDS_ON_A_SHEET):
                sheet = of_unit[start : start + CARDS_ON_A_SHEET]
                places += [(booklet.household, len(sheets)) for booklet in sheet]
                sheets.append(sheet)
        if sheets:
            html = _html("pairings/papers/card.html", terms, sheets=sheets)
            yield Paper(press.lay_out(html), places)


class WholeFiles:
    """一户一档: everything on file about a household, whatever programmes it is in.

    Fetched household by household, as for its page: a thirtieth of the time that it takes to set.
    """

    sheets = ("app/paper.css", "app/household-paper.css", "app/whole-file-paper.css")
    at_once = 10
    alone = True

    @staticmethod
    def keys(order, staff):
        rows = Household.objects.visible_to(staff).filter(pk__in=order.households)
        return list(rows.order_by("unit__path", "code").values_list("pk", flat=True))

    @staticmethod
    def papers(press, keys, terms):
        rows = Household.objects.visible_to(terms.staff).filter(pk__in=keys)
        for household in rows.select_related("unit").order_by("unit__path", "code"):
            told = dossier(household, terms.staff)
            told["sections"] = sections.of(household, terms.staff)
            told["dossiers"] = clears.tell(household, told["enrolments"], terms.staff)
            told["papers"] = papers_of(household)
            html = _html(
                "pairings/papers/file.html", terms, household=household,
                contents=contents_of(told), request=SimpleNamespace(user=terms.staff), **told,
            )  # fmt: skip
            yield Paper(press.lay_out(html), [(household, 0)])


def contents_of(told):
    """(anchor, title) of the parts of a file that are there, in their order."""
    programmes = [(f"programme-{one.pk}", one.programme.name) for one in told["enrolments"]]
    parts = [("household", _("The household")), ("family", _("Family")), *programmes]
    for nth, section in enumerate(told["sections"], start=1):
        if section["title"]:
            parts.append((f"section-{nth}", section["title"]))
    if told["dossiers"] or told["papers"]:
        parts.append(("dossier", _("Dossier and papers")))
    if told["designations"]:
        parts.append(("statuses", _("Official statuses")))
    return parts


KINDS = {
    PaperKind.HANDBOOK: Handbooks,
    PaperKind.CARD: Cards,
    PaperKind.FILE: WholeFiles,
}


def _html(template, terms, **context):
    told = {"today": timezone.localdate(), **context, "full": terms.full, "base": terms.base}
    return render_to_string(template, told)


def open_press(kind):
    return Press(*KINDS[kind].sheets)


def lay_out(press, kind, keys, terms):
    """Papers of a kind, as far as the person may see them; in Chinese, whatever the page speaks."""
    with translation.override(settings.LANGUAGE_CODE):
        yield from KINDS[kind].papers(press, keys, terms)
