from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from households.models import (
    DossierItem,
    Enrolment,
    Household,
    IdentityClaim,
    IncomeSnapshot,
    Member,
    StatusReview,
)
from pairings.models import (
    Activity,
    Attendance,
    Helper,
    Pairing,
    PairingHelper,
    Visit,
    VisitItem,
)
from povertyaid.audit.models import Entry
from povertyaid.org.models import OrgUnit
from reports.demo import hb2026, s0, s1, s2, s3, s4, setup
from reports.demo.copying import tell_the_planner

BUILD = {
    "S0": s0.build,
    "S1": s1.build,
    "S2": s2.build,
    "S3": s3.build,
    "S4": s4.build,
    "HB2026": hb2026.build,
}
WRITTEN = (
    *(OrgUnit, Household, Member, IdentityClaim, Enrolment, IncomeSnapshot, StatusReview),
    *(DossierItem, Helper, Pairing, PairingHelper, Visit, VisitItem, Activity, Attendance, Entry),
)


class Command(BaseCommand):
    help = "Build the demonstration: invented people, figures as printed. Running it again changes nothing."

    def add_arguments(self, parser):
        parser.add_argument(
            "--programme",
            nargs="+",
            choices=["S0", "S1", "S2", "S3", "S4", "all"],
            default=["all"],
            help="one or several; all takes some twenty seconds, S1 most of it",
        )
        parser.add_argument(
            "--setup-only",
            action="store_true",
            help="stop after units, staff, programme, lists and lines",
        )

    def handle(self, *, programme, setup_only, **options):
        if setup.foreign_staff_exists():
            self.stderr.write(
                _(
                    "This office has staff of its own. The demonstration accounts have a public "
                    "password: switch them off before the office is used in earnest."
                )
            )
        for code in self._codes(programme):
            built = setup.set_up(code)
            self.stdout.write(
                _("%(code)s %(name)s: units, staff, lists and lines are ready.")
                % {"code": code, "name": built.name}
            )
            if setup_only:
                continue
            written = BUILD[code](built)
            if written:
                tell_the_planner(WRITTEN)
            self.stdout.write(
                _("%(code)s: %(count)d households entered.") % {"code": code, "count": written}
                if written
                else _("%(code)s: the households are there already.") % {"code": code}
            )

    @staticmethod
    def _codes(programmes):
        if "all" in programmes:
            return list(setup.OFFICES)
        # HB2026 works under the units of S0: the programme of today beside the one of 2011.
        asked = [code for code in setup.OFFICES if code in programmes]
        return [*asked, "HB2026"] if "S0" in programmes else asked
