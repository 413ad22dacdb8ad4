import json
import unicodedata

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from reports.demo import setup


def width(text):
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class Command(BaseCommand):
    help = "Print the demonstration accounts. Accounts that are not part of it never appear."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true")

    def handle(self, *, json: bool, **options):
        rows = [self._row(account) for account in setup.accounts()]
        if json:
            self._print_json(rows)
        elif rows:
            self._print_table(rows)
        else:
            self.stdout.write(_("There are no demonstration accounts. seed_demo makes them."))

    @staticmethod
    def _row(account):
        staff = account.staff
        if not staff.is_active:
            shown = _("(switched off)")
        elif account.has_demonstration_password:
            shown = setup.password()
        else:
            shown = _("(changed)")
        return {
            "username": staff.username,
            "role": staff.get_role_display(),
            "unit": staff.unit.name,
            "password": shown,
        }

    def _print_json(self, rows):
        self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))

    def _print_table(self, rows):
        heads = {
            "username": _("sign-in name"),
            "role": _("role"),
            "unit": _("unit"),
            "password": _("password"),
        }
        table = [heads, *rows]
        widths = {key: max(width(str(row[key])) for row in table) for key in heads}
        for row in table:
            cells = [str(row[key]) + " " * (widths[key] - width(str(row[key]))) for key in heads]
            self.stdout.write("  ".join(cells).rstrip())
