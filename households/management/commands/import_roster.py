"""`manage.py import_roster FILE --unit CODE --programme CODE`: what the import page does, without the page."""

import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils import translation
from django.utils.translation import gettext as _

from households.roster import error_book, importing, knowledge, refusals
from households.roster.core import receipt
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.programmes.models import Programme

ALL_WENT_IN, NO_ROSTER, SOME_REFUSED = 0, 1, 2


class RefusedCommandError(Exception):
    """The command cannot start: a sentence for whoever typed it."""


class Command(BaseCommand):
    help = (
        "Import a roster. Exit status: 0 nothing refused, 2 some rows refused (the others went "
        "in), 1 not a readable roster."
    )
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--unit", required=True, metavar="CODE", help="keeps the files")
        parser.add_argument("--programme", required=True, metavar="CODE")
        parser.add_argument("--dry-run", action="store_true", help="tell what would happen only")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print one JSON receipt"
        )
        parser.add_argument(
            "--errors", type=Path, metavar="OUT.xlsx", help="write the refused rows here"
        )
        parser.add_argument("--by", metavar="USERNAME", help="in whose name it is done")

    def handle(self, *, file, unit, programme, by, **options):
        # The office reads Chinese, whatever the language of the server's shell.
        with translation.override("zh-hans"):
            try:
                data = self.bytes_of(file)
                unit = self.one(OrgUnit, _("There is no unit with the code %(code)s."), unit)
                programme = self.one(
                    Programme, _("There is no programme with the code %(code)s."), programme
                )
                by = self.staff(by, unit) if by else None
                status = self.take(data, file.name, unit, programme, by, **options)
            except (RefusedCommandError, refusals.OvertakenError) as error:
                self.stderr.write(str(error.args[0]))
                status = NO_ROSTER
        if status:
            sys.exit(status)

    def take(self, data, name, unit, programme, by, *, dry_run, as_json, errors, **_options):
        """Import, or only look; tell what happened. Answers the exit status."""
        try:
            reading = importing.readable(data, unit=unit)
        except refusals.NotARosterError as error:
            if as_json:
                self.print_json(receipt.make(error.reading, None, name))
            self.stderr.write(error.messages[0])
            return NO_ROSTER
        if dry_run:
            prepared = importing.prepare(reading, name, unit=unit, programme=programme, by=by)
        else:
            prepared = importing.import_now(
                reading, data, name, unit=unit, programme=programme, by=by
            )
        counts = receipt.summary(prepared.reading, prepared.plan)["counts"]
        if as_json:
            self.print_json(prepared.receipt())
        else:
            self.stdout.write(self.words(counts, dry_run=dry_run))
        if errors and counts["refused"]:
            error_book.write(
                errors,
                data,
                error_book.wanted_of_plan(prepared.plan),
                knowledge=knowledge.of_unit(unit),
                is_in=not dry_run,
            )
        return SOME_REFUSED if counts["refused"] else ALL_WENT_IN

    def bytes_of(self, file):
        try:
            return file.read_bytes()
        except FileNotFoundError:
            said = _("There is no file %(path)s. Please check the path.")
        except OSError:
            said = _("The file %(path)s cannot be opened. Please check the path and the rights.")
        raise RefusedCommandError(said % {"path": file})

    def one(self, model, sentence, code):
        if found := model.objects.filter(code=code).first():
            return found
        raise RefusedCommandError(sentence % {"code": code})

    def staff(self, username, unit):
        """The person who imports, with the powers and the sight that the page would give."""
        found = Staff.objects.active().filter(username=username).select_related("unit").first()
        if found is None:
            said = _("There is no staff member with the sign-in name %(name)s.")
            raise RefusedCommandError(said % {"name": username})
        if not found.has_perm("households.import_roster"):
            raise RefusedCommandError(
                _("%(name)s may not import rosters.") % {"name": found.full_name}
            )
        if not OrgUnit.objects.visible_to(found).filter(pk=unit.pk).exists():
            raise RefusedCommandError(
                _("There is no unit with the code %(code)s.") % {"code": unit.code}
            )
        return found

    def print_json(self, told):
        self.stdout.write(json.dumps(told, ensure_ascii=False))

    def words(self, counts, *, dry_run):
        said = _(
            "Rows read %(read)s: new %(created)s, changed %(updated)s, unchanged %(unchanged)s, "
            "refused %(refused)s, skipped %(skipped)s."
        )
        trial = _("Trial run, nothing was written.") if dry_run else ""
        return f"{said % counts} {trial}".strip()
