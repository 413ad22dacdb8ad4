"""What reports lend to the rooms below: indicators that a target may name."""

from households.models import words
from povertyaid.audit import deeds
from povertyaid.programmes import indicators as named
from povertyaid.programmes.models import SchemeItem
from reports.figures.catalogue import INDICATORS
from reports.figures.indicator import Indicator, SumIndicator
from reports.figures.parameters import Category, Choice, Day, Flag, Parameter, Several, Year
from reports.papers.catalogue import PAPERS

KINDS = {Category: "choice", Flag: "yes_no", Day: "day", Year: "year", Several: "choices"}


def categories_of(programme):
    """The categories every office knows, and those the programme has added."""
    own = SchemeItem.objects.filter(programme=programme, list_name=SchemeItem.CATEGORIES)
    labels = list(own.values_list("label", flat=True))
    known = set(words.CATEGORIES.values())
    return [
        *words.CATEGORIES.items(),
        *((label, label) for label in labels if label not in known),
    ]


def as_asked(indicator: Indicator, parameter: Parameter) -> named.Parameter:
    choices = ()
    kind = KINDS.get(type(parameter), "text")
    if isinstance(parameter, Category):
        choices = categories_of
    elif isinstance(parameter, Choice):
        kind = KINDS.get(type(parameter), "choice")
        choices = list(parameter.choices.items())
    return named.Parameter(
        name=parameter.name,
        label=parameter.label,
        kind=kind,
        choices=choices,
        required=parameter.name in indicator.required,
    )


def register():
    """Only what is summed over rows can be aimed at: a list or a date is entered, not reached."""
    named.register(
        *(
            named.Indicator(
                code=indicator.code,
                label=indicator.label,
                measure=indicator.measure or str(indicator.kind.value),
                parameters=tuple(as_asked(indicator, one) for one in indicator.parameters),
            )
            for indicator in INDICATORS.values()
            if isinstance(indicator, SumIndicator)
        )
    )
    deeds.name_values("paper", {code: kind.title for code, kind in PAPERS.items()})
