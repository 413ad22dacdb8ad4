"""What the commands about figures ask in common: a programme, a unit and a day, by code."""

import datetime

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from povertyaid.lib import periods
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme
from reports.figures.cut import Cut, CutError, cut_of


def add_arguments(parser):
    parser.add_argument("--programme", required=True, metavar="CODE")
    parser.add_argument("--unit", metavar="CODE", help="default: the programme's lead unit")
    parser.add_argument(
        "--as-of", metavar="DATE", help="default: the programme's as-of day, or today"
    )


def asked_cut(*, programme: str, unit: str | None, as_of: str | None) -> Cut:
    """Raises CommandError with a sentence that says what is wrong and what to write instead."""
    found = Programme.objects.select_related("lead_unit", "previous").filter(code=programme).first()
    if found is None:
        codes = ", ".join(Programme.objects.order_by("code").values_list("code", flat=True))
        raise CommandError(
            _("There is no programme %(code)s. Known: %(codes)s.")
            % {"code": programme, "codes": codes or _("none")}
        )
    at = None
    if unit:
        at = OrgUnit.objects.filter(code=unit).first()
        if at is None:
            raise CommandError(
                _("There is no unit %(code)s. Compare the code with the list of units.")
                % {"code": unit}
            )
    try:
        return cut_of(found, unit=at, as_of=_day(as_of) if as_of else None)
    except CutError as error:
        raise CommandError(str(error)) from None


def _day(text: str) -> datetime.date:
    try:
        when = periods.parse_partial(text)
    except periods.DateError as error:
        raise CommandError(f"--as-of {text}: {error}") from None
    return when.last_day
