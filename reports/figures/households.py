"""Households of a programme: on file, out of poverty, back in poverty, removed; and their people."""

from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.models import Enrolment
from povertyaid.lib.quantities import Kind
from povertyaid.programmes.models import Programme
from reports.figures.cut import Cut
from reports.figures.families import COUNTED, REMOVED, Enrolments, Family, Members
from reports.figures.indicator import Part, SumIndicator, Sums
from reports.figures.lines import spellings
from reports.figures.numbers import percentage
from reports.figures.parameters import BY, CATEGORY, HELPABLE, TARGET_BY, Flag, Params

IDENTIFIED = Flag("identified", _("with a day of identification"))


def chosen(params: Params, at: str = "") -> Q:
    """What the parameters of an indicator ask of the enrolment, found at a lookup."""
    wanted = Q()
    if "category" in params:
        wanted &= Q(**{f"{at}category__in": spellings(params["category"])})
    if "helpable" in params:
        wanted &= Q(**{f"{at}helpable": params["helpable"]})
    if "target_by" in params:
        wanted &= Q(**{f"{at}target_exit_on__lte": params["target_by"]})
    return wanted


def out_of_poverty(cut: Cut, params: Params, at: str = "") -> Q:
    """Left by the day of the cut, and by an earlier day where one is named."""
    day = min(cut.as_of, params.get("by", cut.as_of))
    return Q(**{f"{at}exited_on__lte": day})


class HouseholdIndicator(SumIndicator):
    """Counts enrolments: households, or principals where the programme counts persons."""

    kind = Kind.HOUSEHOLDS

    def kind_in(self, cut: Cut, params: Params) -> Kind:
        persons = cut.programme.counting_unit == Programme.CountingUnit.PERSON
        return Kind.PERSONS if persons else Kind.HOUSEHOLDS

    def family(self, params: Params) -> Family:
        return Enrolments()

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        return (Part("counted", _("Counted"), self.kind_in(cut, params)),)

    def compute(self, sums: Sums) -> Decimal | None:
        return sums["counted"]


class Enrolled(HouseholdIndicator):
    code = "Q-01"
    label = _("On file")
    definition = _(
        "Households of the programme identified by the day (or, where that day is not known, whose "
        "file was opened by then). Households removed as not poor, and files closed as merged or "
        "entered by mistake, are left out."
    )
    parameters = (CATEGORY, HELPABLE, TARGET_BY, IDENTIFIED)
    day = "enrolled_on"
    grows = ("counted",)

    def condition(self, cut: Cut, params: Params) -> Q:
        wanted = COUNTED & chosen(params)
        if "identified" in params:
            wanted &= Q(identified_on__isnull=not params["identified"])
        return wanted


class ExitRate(HouseholdIndicator):
    code = "Q-02"
    label = _("Exit rate")
    definition = _(
        "Households out of poverty by the day, as a percentage of those on file. With “planned to "
        "leave poverty by”, of those planned to be out by then; with “left poverty by”, only exits "
        "up to that day. Who fell back is not out of poverty."
    )
    kind = Kind.PERCENT
    parameters = (CATEGORY, HELPABLE, TARGET_BY, BY)
    day = "exited_on"
    grows = ("exited",)

    def kind_in(self, cut: Cut, params: Params) -> Kind:
        return Kind.PERCENT

    def condition(self, cut: Cut, params: Params) -> Q:
        return COUNTED & chosen(params)

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        counts = super().kind_in(cut, params)
        return (
            Part("exited", _("Out of poverty"), counts, when=out_of_poverty(cut, params)),
            Part("counted", _("On file"), counts),
        )

    def compute(self, sums: Sums) -> Decimal | None:
        return percentage(sums["exited"], sums["counted"])

    def working(self, figure) -> str:
        return f"{figure.sums['exited']:,} ÷ {figure.sums['counted']:,} × 100"


class Exited(HouseholdIndicator):
    code = "Q-51"
    label = _("Out of poverty")
    definition = _(
        "Households on file whose approved exit lies on or before the day. Who fell back is not "
        "counted."
    )
    parameters = (CATEGORY, HELPABLE, TARGET_BY, BY)
    day = "exited_on"
    grows = ("counted",)

    def condition(self, cut: Cut, params: Params) -> Q:
        return COUNTED & chosen(params) & out_of_poverty(cut, params)


class Returned(HouseholdIndicator):
    code = "Q-52"
    label = _("Back in poverty")
    definition = _(
        "Households on file that had left poverty and fell back. Shown even when there is none."
    )
    parameters = (CATEGORY,)

    def condition(self, cut: Cut, params: Params) -> Q:
        return COUNTED & chosen(params) & Q(status=Enrolment.Status.RELAPSED)


class Removed(HouseholdIndicator):
    code = "Q-53"
    label = _("Removed")
    definition = _(
        "Households that were on file and were removed because they were found not to be poor. "
        "They are in no other figure."
    )
    parameters = (CATEGORY,)

    def condition(self, cut: Cut, params: Params) -> Q:
        return REMOVED & chosen(params)


class StillHelped(HouseholdIndicator):
    code = "Q-58"
    label = _("Still being helped")
    definition = _(
        "Households on file that had not left poverty by the day and did not fall back: on file = "
        "out of poverty + back in poverty + still being helped."
    )
    parameters = (CATEGORY, HELPABLE)

    def condition(self, cut: Cut, params: Params) -> Q:
        left = Q(exited_on__isnull=False) & out_of_poverty(cut, params)
        return COUNTED & chosen(params) & ~left & ~Q(status=Enrolment.Status.RELAPSED)


class PersonIndicator(SumIndicator):
    kind = Kind.PERSONS

    def family(self, params: Params) -> Family:
        return Members()

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        return (Part("persons", _("Persons"), Kind.PERSONS),)

    def compute(self, sums: Sums) -> Decimal | None:
        return sums["persons"]


# The same two sets, seen from a member of the household.
MEMBER_OF_COUNTED = ~Q(enrolment__status=Enrolment.Status.REMOVED) & ~Q(
    household__close_reason="not_poor"
)


class People(PersonIndicator):
    code = "Q-03"
    label = _("Persons in the households")
    definition = _(
        "Members of the households on file who belonged to the family on the day, as listed in "
        "the file; who joined later or had left is not counted."
    )
    parameters = (CATEGORY, HELPABLE)

    def condition(self, cut: Cut, params: Params) -> Q:
        return MEMBER_OF_COUNTED & chosen(params, "enrolment__")


class PeopleOut(PersonIndicator):
    code = "Q-57"
    label = _("Persons out of poverty")
    definition = _("Members, on the day, of the households that had left poverty by then.")
    parameters = (CATEGORY, HELPABLE, BY)

    def condition(self, cut: Cut, params: Params) -> Q:
        return (
            MEMBER_OF_COUNTED
            & chosen(params, "enrolment__")
            & out_of_poverty(cut, params, "enrolment__")
        )
