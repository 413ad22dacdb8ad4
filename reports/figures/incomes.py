"""Incomes before help and at exit, weighted by people; and whether exits met their line."""

from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from households.models import IncomeSnapshot
from povertyaid.lib.quantities import Kind
from reports.figures.cut import Cut
from reports.figures.families import COUNTED, Family, Incomes
from reports.figures.households import HouseholdIndicator, chosen, out_of_poverty
from reports.figures.indicator import Figure, Part, SumIndicator, Sums
from reports.figures.lines import line_met, line_not_met
from reports.figures.numbers import percentage
from reports.figures.parameters import CATEGORY, HELPABLE, Choice, Params, Year

STAGE = Choice("stage", _("stage"), dict(IncomeSnapshot.Stage.choices))
INCOME_YEAR = Year("year", _("income year"))
MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"
RESULT = Choice(
    "result",
    _("against the line"),
    {MET: _("line met"), NOT_MET: _("line not met"), UNKNOWN: _("cannot be checked")},
)


def per_person(net: Decimal, persons: Decimal) -> Decimal | None:
    return net / persons if persons else None


class PerCapitaIncome(SumIndicator):
    code = "Q-04"
    label = _("Net income per person")
    definition = _(
        "Net income of the households divided by the number of persons they had then: the sum over "
        "all households by the sum over all households, so every person weighs the same. The "
        "latest income of the stage up to the year of the day; “at exit” only of households that "
        "had left poverty by the day."
    )
    kind = Kind.YUAN_PER_PERSON_YEAR
    parameters = (STAGE, CATEGORY, HELPABLE, INCOME_YEAR)
    required = ("stage",)

    def family(self, params: Params) -> Family:
        return Incomes((params["stage"],), year=params.get("year"))

    def condition(self, cut: Cut, params: Params) -> Q:
        stage = params["stage"]
        wanted = COUNTED & chosen(params) & Q(**{f"{stage}_income__persons__gt": 0})
        if stage == IncomeSnapshot.Stage.EXIT:
            wanted &= out_of_poverty(cut, {})
        return wanted

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        income = f"{params['stage']}_income"
        return (
            Part("net", _("Net income"), Kind.YUAN, f"{income}__net_income"),
            Part("persons", _("Persons then"), Kind.PERSONS, f"{income}__persons"),
        )

    def compute(self, sums: Sums) -> Decimal | None:
        return per_person(sums["net"], sums["persons"])

    def working(self, figure: Figure) -> str:
        return f"{figure.sums['net']:,.2f} ÷ {figure.sums['persons']:,}"

    def note(self, cut: Cut, params: Params, sums: Sums) -> str:
        return "" if sums["rows"] else gettext("No income of this stage is on file.")


class IncomeGrowth(SumIndicator):
    code = "Q-55"
    label = _("Growth of income")
    definition = _(
        "Net income per person at exit as a multiple of that before help, over the same "
        "households: only those that had left poverty by the day and have both incomes on file."
    )
    kind = Kind.TIMES
    parameters = (CATEGORY, HELPABLE)

    def family(self, params: Params) -> Family:
        return Incomes(("before", "exit"))

    def condition(self, cut: Cut, params: Params) -> Q:
        both = Q(before_income__persons__gt=0, exit_income__persons__gt=0)
        return COUNTED & chosen(params) & out_of_poverty(cut, {}) & both

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        return (
            Part("before_net", _("Net income before"), Kind.YUAN, "before_income__net_income"),
            Part("before_persons", _("Persons before"), Kind.PERSONS, "before_income__persons"),
            Part("exit_net", _("Net income at exit"), Kind.YUAN, "exit_income__net_income"),
            Part("exit_persons", _("Persons at exit"), Kind.PERSONS, "exit_income__persons"),
        )

    def compute(self, sums: Sums) -> Decimal | None:
        before = per_person(sums["before_net"], sums["before_persons"])
        after = per_person(sums["exit_net"], sums["exit_persons"])
        return after / before if before and after is not None else None

    def working(self, figure: Figure) -> str:
        sums = figure.sums
        return (
            f"({sums['exit_net']:,.2f} ÷ {sums['exit_persons']:,}) ÷ "
            f"({sums['before_net']:,.2f} ÷ {sums['before_persons']:,})"
        )

    def note(self, cut: Cut, params: Params, sums: Sums) -> str:
        return "" if sums["rows"] else gettext("No household has both incomes on file.")


class AgainstTheLine(HouseholdIndicator):
    code = "Q-56"
    label = _("Exits against the line")
    definition = _(
        "Households out of poverty by the day, by whether the income at exit met the exit line "
        "of their category in that year. Without an income at exit, a line, or the statistic "
        "that the line is a share of, it cannot be checked; nothing is guessed."
    )
    parameters = (RESULT, CATEGORY, INCOME_YEAR)

    def family(self, params: Params) -> Family:
        return Incomes(("before", "exit"), lines=True)

    def condition(self, cut: Cut, params: Params) -> Q:
        wanted = COUNTED & chosen(params) & out_of_poverty(cut, {})
        if "year" in params:
            wanted &= (
                Q(exit_income__year__isnull=True)
                if params["year"] is None
                else Q(exit_income__year=params["year"])
            )
        if "result" in params:
            wanted &= {
                MET: line_met(),
                NOT_MET: line_not_met(),
                UNKNOWN: Q(over__isnull=True),
            }[params["result"]]
        return wanted


class LineMetRate(SumIndicator):
    code = "Q-05b"
    label = _("Exits that met the line")
    definition = _(
        "Of the households out of poverty by the day whose exit can be checked, the percentage "
        "whose income at exit met the exit line of their category in that year."
    )
    kind = Kind.PERCENT
    parameters = (CATEGORY,)

    def family(self, params: Params) -> Family:
        return Incomes(("before", "exit"), lines=True)

    def condition(self, cut: Cut, params: Params) -> Q:
        return COUNTED & chosen(params) & out_of_poverty(cut, {})

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        return (
            Part("met", _("Line met"), Kind.HOUSEHOLDS, when=line_met()),
            Part("checkable", _("Can be checked"), Kind.HOUSEHOLDS, when=Q(over__isnull=False)),
        )

    def compute(self, sums: Sums) -> Decimal | None:
        return percentage(sums["met"], sums["checkable"])

    def working(self, figure: Figure) -> str:
        return f"{figure.sums['met']:,} ÷ {figure.sums['checkable']:,} × 100"

    def note(self, cut: Cut, params: Params, sums: Sums) -> str:
        unknown = sums["rows"] - sums["checkable"]
        if not unknown:
            return ""
        return gettext("%(n)s exits cannot be checked: the line or the income is missing.") % {
            "n": f"{unknown:,}"
        }
