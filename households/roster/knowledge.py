"""What an office knows of its rosters: its own words for headings, and layouts it has confirmed."""

from households.models import RosterHeading, RosterLayout, words
from households.roster.core.content import Hints
from households.roster.core.headings import standard
from households.roster.core.reading import Knowledge
from povertyaid.org.models import OrgUnit


def of_unit(unit):
    """Knowledge of a unit and of those above it; the nearest counts. Three queries."""
    own = {heading.heading: heading.field for heading in RosterHeading.objects.known_to(unit)}
    layouts = {layout.fingerprint: layout.fields for layout in RosterLayout.objects.known_to(unit)}
    names = frozenset(OrgUnit.objects.below(unit).values_list("name", flat=True))
    return Knowledge(
        standard().knowing(own) if own else standard(),
        layouts,
        Hints(
            names,
            frozenset(map(str, words.CATEGORIES.values())),
            frozenset(map(str, words.CAUSES.values())),
        ),
    )
