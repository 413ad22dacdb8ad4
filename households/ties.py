"""What files hang on in the rooms below: units they are kept in, lines and words they go by."""

from django.db.models import Max
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from households.models import DossierItem, Enrolment, Household, StatusReview, words
from povertyaid.lib.quantities import Kind
from povertyaid.org import ties
from povertyaid.programmes import uses
from povertyaid.programmes.models import SchemeItem

OFFICE_WIDE = {
    SchemeItem.CATEGORIES: words.CATEGORIES,
    SchemeItem.CAUSES: words.CAUSES,
    SchemeItem.NEEDS: words.NEEDS,
}


def both_ways(list_name, word):
    """A word and the code it is stored under, whichever of the two is given."""
    known = OFFICE_WIDE.get(list_name, {})
    codes = {code for code, label in known.items() if word in (code, label)}
    return codes | {known[code] for code in codes} | {word}


def open_files(unit):
    return Household.objects.open().within(unit).count()


def any_files(unit):
    return Household.objects.within(unit).exists()


def files_of(unit):
    return f"{reverse('households:list')}?{urlencode({'unit': unit.code, 'file': 'open'})}"


def last_use_of_line(programme, category, start, end):
    """The last day of an approved exit that was held against the category's line."""
    exits = StatusReview.objects.exits().approved()
    exits = exits.filter(
        enrolment__programme=programme,
        enrolment__category__in=both_ways(SchemeItem.CATEGORIES, category),
    )
    if start:
        exits = exits.filter(reviewed_on__gte=start)
    if end:
        exits = exits.filter(reviewed_on__lt=end)
    return exits.aggregate(last=Max("reviewed_on"))["last"]


def files_with_item(programme, list_name, label):
    """How many files of the programme carry a word of one of its lists."""
    wanted = both_ways(list_name, label)
    enrolments = Enrolment.objects.filter(programme=programme)
    match list_name:
        case SchemeItem.CATEGORIES:
            return enrolments.filter(category__in=wanted).count()
        case SchemeItem.CAUSES:
            return enrolments.filter(causes__overlap=list(wanted)).count()
        case SchemeItem.NEEDS:
            return enrolments.filter(needs__overlap=list(wanted)).count()
    # An entry of the dossier standard, which papers answer by name.
    papers = DossierItem.objects.filter(programme=programme, item__list_name=list_name)
    return papers.filter(item__label=label).values("household").distinct().count()


def register():
    ties.register(
        ties.Tie(
            name="households",
            label=_("open household files"),
            kind=Kind.HOUSEHOLDS,
            count=open_files,
            uses=any_files,
            path=files_of,
            permission="households.view_household",
        )
    )
    uses.register(
        "households",
        line=last_use_of_line,
        item=files_with_item,
        categories=words.CATEGORIES,
    )
