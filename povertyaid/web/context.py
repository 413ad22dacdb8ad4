"""What the frame around every page shows: where one may go, where one works, who one is."""

from dataclasses import dataclass, field

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from povertyaid.web.device import mark_of


@dataclass(frozen=True)
class Link:
    """A line of the navigation, for whoever has any of the permissions, or for all if none is named.

    `carries` names what of the chosen place goes along in the URL.
    """

    label: Promise
    url_name: str
    permissions: tuple[str, ...] = ()
    carries: tuple[str, ...] = ()

    def url(self):
        try:
            return reverse(self.url_name)
        except NoReverseMatch:
            return None


@dataclass(frozen=True)
class Group:
    label: Promise
    links: tuple[Link, ...] = field(default_factory=tuple)


# The groups in the order of the work, administration last. A line whose page does not exist,
# or that the role may not open, is not shown; nor is a group without lines.
NAVIGATION = (
    Group(_("Home page"), (Link(_("To do today"), "home"),)),
    Group(
        _("Families"),
        (
            Link(
                _("Households"),
                "households:list",
                ("households.view_household",),
                carries=("programme", "unit"),
            ),
            Link(
                _("Identification and exit"),
                "households:review-list",
                ("households.decide_review", "households.propose_review"),
            ),
            Link(
                _("Completeness of dossiers"),
                "households:dossier-list",
                ("households.view_dossieritem",),
                carries=("programme", "unit"),
            ),
            Link(_("Roster import"), "households:roster-list", ("households.import_roster",)),
        ),
    ),
    Group(
        _("Pairing"),
        (
            Link(
                _("Pairs"),
                "pairings:list",
                ("pairings.view_pairing",),
                carries=("programme", "unit"),
            ),
            Link(
                _("Households without a helper"),
                "pairings:unpaired",
                ("pairings.change_pairing",),
                carries=("programme", "unit"),
            ),
            Link(
                _("Visits"),
                "pairings:visit-list",
                ("pairings.view_visit",),
                carries=("programme", "unit"),
            ),
            Link(
                _("Helping day"),
                "pairings:helping-day",
                ("pairings.view_visit",),
                carries=("programme", "unit"),
            ),
            Link(
                _("Helpers"),
                "pairings:helper-list",
                ("pairings.view_helper",),
                carries=("programme", "unit"),
            ),
            Link(
                _("Activities"),
                "pairings:activity-list",
                ("pairings.view_activity",),
                carries=("programme", "unit"),
            ),
            Link(
                _("Units in difficulty"),
                "pairings:difficulty-list",
                ("org.view_orgunit",),
                carries=("unit",),
            ),
        ),
    ),
    Group(
        _("Funds and projects"),
        (
            Link(
                _("Ledger of aid"),
                "disbursements:ledger",
                ("disbursements.view_disbursement",),
                carries=("programme", "unit"),
            ),
            Link(_("Funds"), "disbursements:fund-list", ("disbursements.view_fund",)),
        ),
    ),
    Group(
        _("Reports"),
        (
            Link(
                _("Papers"),
                "reports:list",
                ("reports.view_report",),
                carries=("programme", "unit"),
            ),
        ),
    ),
    Group(
        _("Administration"),
        (
            Link(_("Programmes"), "programme-list", ("programmes.view_programme",)),
            Link(_("Units"), "unit-list", ("org.view_orgunit",)),
            Link(_("Headings of rosters"), "households:heading-list", ("org.change_orgunit",)),
            Link(_("Staff"), "staff-list", ("org.view_staff",)),
            Link(_("Work in the background"), "job-list", ("jobs.view_job",)),
            Link(_("Audit trail"), "audit-list", ("audit.view_entry",)),
        ),
    ),
)
PLACE = "place"


def chosen_place(request):
    """The programme and unit a person has chosen to work in: codes and names, kept in the session."""
    session = getattr(request, "session", None)
    return session.get(PLACE, {}) if session is not None else {}


def choose_place(request, **rows):
    """Keep the programme or the unit a person has chosen to work in; None is no longer any."""
    kept = dict(chosen_place(request))
    for name, row in rows.items():
        kept.pop(name, None)
        if row:
            kept[name] = {"code": row.code, "name": row.name}
    request.session[PLACE] = kept


def say_place(request, **rows):
    """Have the top bar name what this very page is about, whatever was chosen before."""
    request.place_of_page = {
        name: {"code": row.code, "name": row.name} if row else {} for name, row in rows.items()
    }


def place_shown(request):
    return chosen_place(request) | getattr(request, "place_of_page", {})


def navigation(request):
    """Groups of (label, url, is_here) that this person may open."""
    user, place = request.user, chosen_place(request)
    shown = []
    for group in NAVIGATION:
        lines = []
        for link in group.links:
            url = link.url()
            if url and (not link.permissions or any(map(user.has_perm, link.permissions))):
                along = {k: place[k]["code"] for k in link.carries if k in place}
                lines.append(
                    {
                        "label": link.label,
                        "path": url,
                        "url": f"{url}?{urlencode(along)}" if along else url,
                    }
                )
        if lines:
            shown.append({"label": group.label, "links": lines})
    here = max(
        (line["path"] for group in shown for line in group["links"] if _lies_under(request, line)),
        key=len,
        default=None,
    )
    for group in shown:
        for line in group["links"]:
            line["here"] = line["path"] == here
    return shown


def _lies_under(request, line):
    if line["path"] == reverse("home"):
        return request.path == line["path"]
    return request.path.startswith(line["path"])


def frame(request):
    """Context processor. Costs no query; a request that never met the session gets a bare frame."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"frame": {}}
    return {
        "frame": {
            "navigation": lambda: navigation(request),
            "place": lambda: place_shown(request),
            "idle_seconds": settings.SESSION_COOKIE_AGE,
            "device_mark": lambda: mark_of(user),
        }
    }
