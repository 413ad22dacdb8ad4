"""The exit line of a category in a year, as rows of two small tables and as one CASE of SQL."""

import datetime
import re
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import BooleanField, Case, DecimalField, F, Q, Value, When
from django.utils.translation import gettext as _

from households.actions.reviews import PERIODS_A_YEAR
from households.models import words
from povertyaid.lib.money import cents
from povertyaid.programmes.models import Programme, ReferenceValue, Series, Threshold
from reports.figures.cut import Cut
from reports.figures.numbers import plain
from reports.figures.reader import reader

MONEY = DecimalField(max_digits=16, decimal_places=2)


@dataclass(frozen=True)
class Lines:
    """All exit lines of a programme and the statistics they rest on.

    A line that is a share of a statistic nobody has published is not known, and stays so:
    whether a household met it is "not checkable", never guessed.
    """

    thresholds: dict[str, list[Threshold]]  # by category, the newest first
    references: dict[tuple[str, int], Decimal]  # by series and year

    @classmethod
    def of(cls, cut: Cut) -> "Lines":
        """The lines of the cut's programme: two statements, however many figures ask."""
        return cut.once("lines", lambda: cls.fetched(cut.programme))

    @classmethod
    def fetched(cls, programme: Programme) -> "Lines":
        thresholds = defaultdict(list)
        for threshold in Threshold.objects.using(reader()).filter(programme=programme):
            thresholds[words.code_of(words.CATEGORIES, threshold.category)].append(threshold)
        for several in thresholds.values():
            several.sort(key=lambda one: one.valid_from or datetime.date.min, reverse=True)
        references = {
            (value.series, value.year): value.value
            for value in ReferenceValue.objects.using(reader()).filter(
                unit=programme.lead_unit_id,
                series__in={one.series for several in thresholds.values() for one in several},
            )
        }
        return cls(dict(thresholds), references)

    def on(self, category: str, day: datetime.date) -> Threshold | None:
        """The line in force on a day; None where the programme sets none."""
        for threshold in self.thresholds.get(category, ()):
            if threshold.valid_from is None or threshold.valid_from <= day:
                return threshold
        return None

    def value(self, threshold: Threshold, year: int) -> Decimal | None:
        """The line in 元 per person and year; None where the year's statistic is missing."""
        if threshold.basis == Threshold.Basis.ABSOLUTE:
            return cents(threshold.value)
        reference = self.references.get((str(threshold.series), year))
        periods = PERIODS_A_YEAR.get(threshold.series)
        if reference is None or periods is None:
            return None
        return cents(reference * periods * threshold.value / 100)

    def as_sql(self, category: str, year: str, day: str) -> tuple[Case, Case]:
        """Two CASEs over a row's category, income year and exit day: the line, and whether it is strict.

        Where a newer line is in force but its statistic is missing, an older one must not
        stand in for it: hence the branch that says NULL.
        """
        values, stricts = [], []
        for code, several in self.thresholds.items():
            for threshold in several:
                here = Q(**{f"{category}__in": spellings(code)})
                if threshold.valid_from is not None:
                    here &= Q(**{f"{day}__gte": threshold.valid_from})
                if threshold.basis == Threshold.Basis.ABSOLUTE:
                    values.append(When(here, then=Value(cents(threshold.value), MONEY)))
                else:
                    years = [y for series, y in self.references if series == threshold.series]
                    values += [
                        When(here & Q(**{year: y}), then=Value(self.value(threshold, y), MONEY))
                        for y in sorted(years)
                    ]
                    values.append(When(here, then=Value(None, MONEY)))
                stricts.append(When(here, then=Value(threshold.strict)))
        return (
            Case(*values, default=Value(None, MONEY), output_field=MONEY),
            Case(*stricts, default=Value(False), output_field=BooleanField()),
        )


def spellings(category: str) -> list[str]:
    """A category as files may hold it: by its code, or by the word an office wrote."""
    return list(dict.fromkeys([category, words.word_of(words.CATEGORIES, category)]))


def wording(threshold: Threshold | None) -> str:
    """The line as the plan words it: 达到当年人均收入的30%, 超过6,000元."""
    if threshold is None:
        return _("no line set")
    strict = threshold.strict
    if threshold.basis == Threshold.Basis.ABSOLUTE:
        text = _("above %(value)s yuan") if strict else _("at least %(value)s yuan")
    else:
        text = (
            _("above %(value)s%% of the year's %(series)s")
            if strict
            else _("at least %(value)s%% of the year's %(series)s")
        )
    return text % {"value": plain(threshold.value), "series": series_name(threshold.series)}


def series_name(series: str | None) -> str:
    """A statistic without its unit, as it stands inside a sentence."""
    return re.split("[,，(（]", str(Series(series).label))[0] if series else ""


def line_met() -> Q:
    """Rows whose income at exit meets the line; the CASEs above stand beside them."""
    return Q(over__gt=0) | Q(over=0, is_strict=False)


def line_not_met() -> Q:
    return Q(over__lt=0) | Q(over=0, is_strict=True)


def over(per_capita: str, line: Case) -> F:
    """How far above the line, in 元; NULL where either is not known."""
    return F(per_capita) - line
