from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from povertyaid.org import actions
from povertyaid.org.models import OrgUnit


def in_words(refusal):
    """Each message behind the name of what was asked for."""
    if not hasattr(refusal, "error_dict"):
        return "\n".join(refusal.messages)
    return "\n".join(f"{name}: {' '.join(texts)}" for name, texts in refusal.message_dict.items())


class Command(BaseCommand):
    help = _("Open an office: its root unit and its first administrator.")

    def add_arguments(self, parser):
        parser.add_argument("--code", required=True, help=_("unit code, for example HD"))
        parser.add_argument("--name", required=True, help=_("unit name"))
        parser.add_argument("--kind", required=True, choices=OrgUnit.Kind.values)
        parser.add_argument("--level", default="", choices=OrgUnit.Level.values)
        parser.add_argument(
            "--administrator", required=True, metavar="USER", help=_("sign-in name")
        )
        parser.add_argument("--full-name", required=True, metavar="NAME", help=_("name"))

    def handle(self, **options):
        try:
            staff, password = actions.found(
                code=options["code"],
                name=options["name"],
                kind=options["kind"],
                level=options["level"],
                username=options["administrator"],
                full_name=options["full_name"],
            )
        except ValidationError as refusal:
            raise CommandError(in_words(refusal)) from None
        self.stdout.write(
            _("The office %(code)s %(name)s is open.")
            % {"code": staff.unit.code, "name": staff.unit.name}
        )
        self.stdout.write(_("Sign-in name: %(name)s") % {"name": staff.username})
        self.stdout.write(_("One-time password: %(password)s") % {"password": password})
        self.stdout.write(
            _("It is shown only now. A password of one's own is asked for at the first sign-in.")
        )
