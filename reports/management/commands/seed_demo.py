from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from reports.demo import hb2026, s0, s1, s2, s3, s4, setup

#: Programmes whose households exist; the others come with their set-up only.
WITH_HOUSEHOLDS = {
    "S0": s0.build,
    "S1": s1.build,
    "S2": s2.build,
    "S3": s3.build,
    "S4": s4.build,
    "HB2026": hb2026.build,
}


class Command(BaseCommand):
    help = "Build the demonstration: invented people, figures as printed. Running it again changes nothing."

    def add_arguments(self, parser):
        parser.add_argument(
            "--programme", choices=["S0", "S1", "S2", "S3", "S4", "all"], default="all"
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
            if code in WITH_HOUSEHOLDS:
                written = WITH_HOUSEHOLDS[code](built)
                self.stdout.write(
                    _("%(code)s: %(count)d households entered.") % {"code": code, "count": written}
                    if written
                    else _("%(code)s: the households are there already.") % {"code": code}
                )
            else:
                self.stdout.write(
                    _("%(code)s: only the set-up of this programme is provided so far.")
                    % {"code": code}
                )

    @staticmethod
    def _codes(programme):
        if programme == "all":
            return list(setup.OFFICES)
        # HB2026 works under the units of S0: the programme of today beside the one of 2011.
        return ["S0", "HB2026"] if programme == "S0" else [programme]
