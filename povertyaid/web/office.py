"""What the office itself lays out: the trails of units, staff and programmes, and its own cards."""

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from povertyaid.audit import deeds, trails
from povertyaid.audit.models import Entry
from povertyaid.org.locks import locked_usernames
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.programmes import actions
from povertyaid.programmes.models import Programme, ReferenceValue, Series, Target, Threshold
from povertyaid.web.home import register_card

SHOWN = 5
LOOKS_SHOWN = 8
Role = Staff.Role


# ---- cards of the home page


def at_a_glance(request):
    """How large the office is below the own unit, each number a way in."""
    units = OrgUnit.objects.visible_to(request.user).open().order_by()
    people = Staff.objects.visible_to(request.user).active().order_by()
    told = people.aggregate(n=Count("pk"), first=Count("pk", filter=Q(must_change_password=True)))
    return {
        "units": units.count(),
        "people": told["n"],
        "waiting": told["first"],
        "programmes": Programme.objects.visible_to(request.user).count(),
    }


def accounts_locked(request):
    locked = list(
        Staff.objects.visible_to(request.user)
        .active()
        .filter(username__in=locked_usernames())
        .select_related("unit")
        .order_by("username")[: SHOWN + 1]
    )
    return {"people": locked[:SHOWN], "more": len(locked) > SHOWN} if locked else None


def units_without_clerk(request):
    """Units that keep files and have no clerk, neither of their own nor above them.

    Paths are compared here, not in the database: for each of twelve thousand units its few
    prefixes are looked up in a set, which takes milliseconds.
    """
    clerks = Staff.objects.active().filter(role=Role.CLERK).order_by()
    served = set(clerks.values_list("unit__path", flat=True).distinct())
    units = OrgUnit.objects.visible_to(request.user).keeping_files()
    alone = []
    for pk, name, path in units.order_by("path").values_list("pk", "name", "path"):
        parts = path.split("/")
        if not any("/".join(parts[:n]) + "/" in served for n in range(2, len(parts))):
            alone.append({"pk": pk, "name": name})
    return {"units": alone[:SHOWN], "n": len(alone)} if alone else None


def lines_without_value(request):
    """Running programmes led from here whose share lines lack the statistic of some year."""
    today = timezone.localdate()
    programmes = list(
        Programme.objects.manageable_by(request.user)
        .running(today)
        .filter(thresholds__basis=Threshold.Basis.SHARE)
        .distinct()
        .prefetch_related("thresholds")
    )
    values = ReferenceValue.objects.filter(unit__in=[p.lead_unit_id for p in programmes])
    known = {}
    for unit, series, year in values.values_list("unit", "series", "year"):
        known.setdefault(unit, set()).add((series, year))
    found = []
    for programme in programmes:
        missing = actions.missing_years(
            programme,
            until=programme.as_of or today,
            values=known.get(programme.lead_unit_id, set()),
        )
        found += [
            {
                "programme": programme,
                "series": Series(series).label,
                "years": "、".join(map(str, years)),
            }
            for series, years in missing.items()
        ]
    return {"lines": found} if found else None


def targets_due(request):
    """Targets that nobody has confirmed as reached, the nearest day first."""
    targets = (
        Target.objects.filter(programme__in=Programme.objects.visible_to(request.user))
        .filter(Q(unit=None) | Q(unit__path__startswith=request.user.unit.path))
        .filter(achieved_on=None)
        .select_related("programme", "unit")
        .order_by("due_on", "pk")[:SHOWN]
    )
    return {"targets": targets, "today": timezone.localdate()} if targets else None


def looks_lately(request):
    """The last looks at personal data and exports below the own unit, whoever made them."""
    entries = (
        Entry.objects.visible_to(request.user)
        .filter(deed__in=["revealed", "exported"])
        .select_related("by")
    )
    return {"entries": entries[:LOOKS_SHOWN]}


def sign_in_failures(request):
    """Names at which sign-in failed since yesterday, the most tried first."""
    since = timezone.now() - timezone.timedelta(days=1)
    tried = (
        Entry.objects.visible_to(request.user)
        .filter(deed__in=["sign_in_failed", "locked_out"], at__gte=since)
        .order_by()
        .values("target_code")
        .annotate(n=Count("pk"))
        .order_by("-n", "target_code")[:SHOWN]
    )
    return {"tried": tried} if tried else None


def register():
    register_card(
        "glance",
        _("The office at a glance"),
        [Role.ADMINISTRATOR],
        "web/cards/glance.html",
        at_a_glance,
        order=5,
    )
    register_card(
        "locked",
        _("Locked accounts"),
        [Role.ADMINISTRATOR],
        "web/cards/locked.html",
        accounts_locked,
        order=10,
        wide=False,
    )
    register_card(
        "no-clerk",
        _("Units without a clerk"),
        [Role.ADMINISTRATOR],
        "web/cards/no_clerk.html",
        units_without_clerk,
        order=20,
        wide=False,
    )
    register_card(
        "no-value",
        _("Exit lines that cannot be checked"),
        [Role.ADMINISTRATOR],
        "web/cards/no_value.html",
        lines_without_value,
        order=30,
        wide=False,
    )
    register_card(
        "targets",
        _("Targets that are due"),
        [Role.SUPERVISOR],
        "web/cards/targets.html",
        targets_due,
        order=40,
    )
    register_card(
        "looks",
        _("Last looks at personal data"),
        [Role.AUDITOR],
        "web/cards/looks.html",
        looks_lately,
        order=10,
    )
    register_card(
        "failures",
        _("Failed sign-ins since yesterday"),
        [Role.AUDITOR, Role.ADMINISTRATOR],
        "web/cards/failures.html",
        sign_in_failures,
        order=20,
        wide=False,
    )

    trails.register(
        trails.Trail(
            kind="unit",
            model=OrgUnit,
            permission="org.view_orgunit",
            title=lambda unit: unit.name,
            rows=OrgUnit.objects.all,
        )
    )
    trails.register(
        trails.Trail(
            kind="staff",
            model=Staff,
            permission="org.view_staff",
            title=lambda staff: staff.full_name,
            rows=lambda: Staff.objects.select_related("unit"),
        )
    )
    trails.register(
        trails.Trail(
            kind="programme",
            model=Programme,
            permission="programmes.view_programme",
            title=lambda programme: programme.name,
            rows=lambda: Programme.objects.select_related("lead_unit"),
        )
    )
    deeds.name_values("paper", {"audit": _("Audit trail")})
    deeds.name_values("format", {"pdf": "PDF", "xlsx": "Excel", "json": "JSON", "html": "HTML"})
    deeds.name_values("role", Role)
    deeds.name_values("kind", OrgUnit.Kind)
    deeds.name_values("level", OrgUnit.Level)
    deeds.name_values("basis", Threshold.Basis)
    deeds.name_values("series", Series)
    deeds.name_values("counting_unit", Programme.CountingUnit)
