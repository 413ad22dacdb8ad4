"""What a figure is cut to: programme, unit, day, and the eyes that read it."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from povertyaid.org.models import OrgUnit, Staff
from povertyaid.programmes.models import Programme
from reports.figures.reader import reader


@dataclass(frozen=True)
class Cut:
    """A programme in a unit's subtree as it stood on a day.

    `staff` is the reader, whose own scope is applied to every row besides the cut; None is the
    office's own command line. `direct` leaves out the units below: the files kept at the farm
    itself, for a table in which the parts must make the whole.
    """

    programme: Programme
    unit: OrgUnit
    as_of: datetime.date
    staff: Staff | None = None
    direct: bool = False
    known: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, name: str, find: Callable[[], Any]) -> Any:
        """What many figures of a cut need and one statement finds: the exit lines, for example."""
        if name not in self.known:
            self.known[name] = find()
        return self.known[name]

    def at(self, unit: OrgUnit, *, direct: bool = False) -> "Cut":
        """The same cut of another unit."""
        return replace(self, unit=unit, direct=direct)

    def scoped(self, rows: Any, unit_path: str | None = None) -> Any:
        """Keep what the reader may see and what lies in the unit; read through the one door.

        `unit_path` names the lookup of the unit's path where it is not the model's own.
        """
        if self.staff is not None:
            rows = rows.visible_to(self.staff)
        lookup = unit_path or rows.model.scope_path
        if not self.direct:
            lookup += "__startswith"
        return rows.filter(**{lookup: self.unit.path}).using(reader())

    def query(self) -> dict[str, str]:
        """The cut as it stands in an address: things are named by code."""
        asked = {
            "programme": self.programme.code,
            "unit": self.unit.code,
            "as_of": self.as_of.isoformat(),
        }
        return asked | ({"direct": "1"} if self.direct else {})


class CutError(ValueError):
    """A programme and a unit that have nothing to do with each other. The message says so."""


class FutureDayError(CutError):
    """A day that has not come: what will stand in the files then, nobody knows."""


def cut_of(
    programme: Programme,
    *,
    unit: OrgUnit | None = None,
    as_of: datetime.date | None = None,
    staff: Staff | None = None,
    direct: bool = False,
) -> Cut:
    """A cut with what is not named filled in: the whole programme as far as one sees it, its own day.

    Raises CutError.
    """
    if as_of is not None and as_of > timezone.localdate():
        raise FutureDayError(
            _("The day %(day)s lies in the future. The latest day of a report is today, %(today)s.")
            % {"day": as_of, "today": timezone.localdate()}
        )
    if unit is None:
        lead = programme.lead_unit
        sees_lead = staff is None or lead.path.startswith(staff.unit.path)
        unit = lead if sees_lead else staff.unit
    above, below = programme.lead_unit.path, unit.path
    if not (below.startswith(above) or above.startswith(below)):
        raise CutError(
            _("%(unit)s takes no part in this programme, which is led by %(lead)s.")
            % {"unit": unit.name, "lead": programme.lead_unit.name}
        )
    return Cut(programme, unit, as_of or default_day(programme), staff=staff, direct=direct)


def default_day(programme: Programme) -> datetime.date:
    """The day a report speaks of when nobody names one; the programme's own once it has come."""
    today = timezone.localdate()
    return min(programme.as_of or today, today)
