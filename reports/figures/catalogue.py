"""Every indicator by its code: what targets name, papers print and commands ask."""

from django.utils.translation import gettext as _

from reports.figures import (
    activities,
    frame,
    households,
    incomes,
    one_household,
    pairs,
    reviews,
    taking_part,
    visits,
)
from reports.figures.indicator import Indicator


class UnknownIndicatorError(LookupError):
    """There is no indicator with this code. The message is a sentence for whoever wrote it."""


INDICATORS: dict[str, Indicator] = {
    indicator.code: indicator
    for indicator in (
        households.Enrolled(),
        households.ExitRate(),
        households.People(),
        incomes.PerCapitaIncome(),
        frame.ExitLine(),
        pairs.HelpersOnRoster(),
        pairs.PairsFormed(),
        pairs.PairModeCount(),
        incomes.LineMetRate(),
        taking_part.UnitsInDifficulty(),
        taking_part.TakingPart(),
        taking_part.PairGrowth(),
        visits.Visited(),
        visits.ServiceItems(),
        activities.Sessions(),
        activities.AttendanceCount(),
        frame.UnitCount(),
        frame.TargetDates(),
        frame.ListItems(),
        frame.Statistic(),
        frame.ProgrammeHeader(),
        one_household.PairOfHousehold(),
        one_household.MemberOfHousehold(),
        taking_part.LedPerCadre(),
        one_household.PapersPerHousehold(),
        activities.DebriefYear(),
        households.Exited(),
        households.Returned(),
        households.Removed(),
        reviews.ReviewCount(),
        incomes.IncomeGrowth(),
        incomes.AgainstTheLine(),
        pairs.HelpersOnPairs(),
        households.PeopleOut(),
        households.StillHelped(),
        frame.Completion(),
    )
}


def find(code: str) -> Indicator:
    """Raises UnknownIndicatorError."""
    try:
        return INDICATORS[code]
    except KeyError:
        raise UnknownIndicatorError(
            _("There is no indicator %(code)s. Known: %(codes)s.")
            % {"code": code, "codes": ", ".join(INDICATORS)}
        ) from None
