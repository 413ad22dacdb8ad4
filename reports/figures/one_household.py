"""What is told of one household: since when it is paired, how old who is; and papers of the files."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from households.models import DossierItem, Member, words
from pairings.models import Pairing
from povertyaid.lib.quantities import Kind
from reports.figures.cut import Cut
from reports.figures.families import COUNTED, Column, Enrolments, Family, Members, Pairs
from reports.figures.indicator import Part, ReadIndicator, SumIndicator, Sums
from reports.figures.numbers import plain
from reports.figures.parameters import Choice, Day, Params, Word

FILE_NUMBER = Word("hh", _("file number"))
CHILDREN = ("之子", "之女")

PAIR_FIELDS = {
    "years": (_("calendar years of help"), "年"),
    "start_year": (_("year of pairing"), "年"),
}


class PairOfHousehold(ReadIndicator):
    code = "Q-39"
    label = _("Pair of a household")
    definition = _(
        "When a household was first paired, or in how many calendar years it has been helped since, "
        "both ends counted."
    )
    kind = Kind.YEARS
    is_personal = True
    parameters = (
        FILE_NUMBER,
        Choice("field", _("what of it"), {key: one for key, (one, _sign) in PAIR_FIELDS.items()}),
    )
    required = ("hh",)
    ordering = ("starts_on", "pk")

    def rows(self, cut: Cut, params: Params) -> Any:
        return Pairs().base(cut).filter(enrolment__household__code=params["hh"])

    def listed(self, cut: Cut, params: Params) -> Any:
        return Pairs().listed(self.rows(cut, params)).order_by(*self.ordering)

    def columns(self, cut: Cut, params: Params) -> Any:
        return Pairs().columns()

    def read(self, rows: list[Pairing], cut: Cut, params: Params) -> int | None:
        if not rows:
            return None
        first = rows[0].starts_on.year
        return first if params.get("field") == "start_year" else cut.as_of.year - first + 1

    def note(self, rows: list[Any], cut: Cut, params: Params) -> str:
        return "" if rows else gettext("No pair of this household is on file.")


MEMBER_FIELDS = {
    "age": _("age of the head"),
    "child_age": _("age of the child"),
    "study_year": _("year of study"),
}
MEMBER_SIGNS = {"age": "岁", "child_age": "岁", "study_year": "年级"}


class MemberOfHousehold(ReadIndicator):
    code = "Q-40"
    label = _("Member of a household")
    definition = _(
        "Of one household, the age that the head, or the eldest child, reaches in the year of the "
        "day; or the highest year of study of anybody at school."
    )
    kind = Kind.ITEMS
    is_personal = True
    parameters = (
        FILE_NUMBER,
        Choice("field", _("what of it"), MEMBER_FIELDS),
        Day("on", _("on the day")),
    )
    required = ("hh", "field")

    def measure_in(self, cut: Cut, params: Params) -> str:
        return MEMBER_SIGNS[params["field"]]

    def rows(self, cut: Cut, params: Params) -> Any:
        members = Members().base(cut).filter(household__code=params["hh"])
        match params["field"]:
            case "age":
                return members.filter(relation=words.HEAD, birth_date__isnull=False)
            case "child_age":
                return members.filter(relation__in=CHILDREN, birth_date__isnull=False)
        return members.filter(study_year__isnull=False)

    def listed(self, cut: Cut, params: Params) -> Any:
        return Members().listed(self.rows(cut, params))

    def columns(self, cut: Cut, params: Params) -> Any:
        return [
            *Members().columns(),
            Column(_("year of study"), lambda row, _cut: row.study_year),
        ]

    def read(self, rows: list[Member], cut: Cut, params: Params) -> int | None:
        if params["field"] == "study_year":
            return max((row.study_year for row in rows), default=None)
        day: datetime.date = params.get("on", cut.as_of)
        return max((day.year - row.birth_date.year for row in rows), default=None)

    def note(self, rows: list[Any], cut: Cut, params: Params) -> str:
        return "" if rows else gettext("No such member is on file.")


@dataclass(frozen=True)
class EnrolmentPapers(Enrolments):
    """Households of the programme with how many papers of a title their file holds (`papers_held`)."""

    title: str = ""

    def joined(self, other: Family) -> Family | None:
        return self if other == self else None

    def base(self, cut: Cut) -> Any:
        by_then = Q(issued_on=None) | Q(issued_on__lte=cut.as_of)
        papers = (
            DossierItem.objects.counted()
            .filter(
                by_then, household=OuterRef("household"), programme=cut.programme, title=self.title
            )
            .order_by()
            .values("household")
            .annotate(n=Count("pk"))
        )
        counted = Coalesce(Subquery(papers.values("n"), output_field=IntegerField()), Value(0))
        return super().base(cut).annotate(papers_held=counted)


class PapersPerHousehold(SumIndicator):
    code = "Q-45"
    label = _("Papers of a title to a household")
    definition = _(
        "How many papers of this title the files of the programme hold by the day, divided by the "
        "households on file: one contract with a family doctor to each is 1. Papers taken out are "
        "left out."
    )
    kind = Kind.TIMES
    measure = "份/户"
    parameters = (Word("title", _("title")),)
    required = ("title",)

    def family(self, params: Params) -> Family:
        return EnrolmentPapers(params["title"])

    def condition(self, cut: Cut, params: Params) -> Q:
        return COUNTED

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        return (
            Part("papers", _("Papers"), Kind.ITEMS, amount="papers_held"),
            Part("households", _("On file"), Kind.HOUSEHOLDS),
        )

    def compute(self, sums: Sums) -> Decimal | None:
        return sums["papers"] / sums["households"] if sums["households"] else None

    def working(self, figure: Any) -> str:
        return f"{plain(figure.sums['papers'])} ÷ {plain(figure.sums['households'])}"
