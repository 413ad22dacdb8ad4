import time

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from reports.demo import scale


class Command(BaseCommand):
    help = "Write a synthetic province for benchmarks, in an office of its own (POVERTYAID_DATA)."

    def add_arguments(self, parser):
        parser.add_argument("--households", type=int, required=True)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *, households, seed, **options):
        if households < 1:
            raise CommandError(_("The number of households must be at least 1."))
        started = time.monotonic()
        try:
            for done in scale.plant(households, seed=seed):
                seconds = time.monotonic() - started
                self.stdout.write(
                    _("%(done)d of %(all)d households, %(rate)d a second")
                    % {"done": done, "all": households, "rate": done / seconds}
                )
        except scale.ThereAlreadyError:
            raise CommandError(
                _(
                    "The synthetic province is there already. Name an empty folder in "
                    "POVERTYAID_DATA to make another."
                )
            ) from None
