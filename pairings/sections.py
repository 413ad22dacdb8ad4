"""What this room says of one household: on its page, on its printed file."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households import sections
from households.models import Household
from pairings.models import Activity, Attendance, Pairing, PairingHelper, Visit
from pairings.visit_exports import done_words

SHOWN_AT_MOST = 100  # activities of a family or a helper, the newest first
VISITS_SHOWN = 30
VISITS_PRINTED = 100


def lines_of(household, staff):
    """Everybody who was ever on a pair of the household, who is on one now first."""
    lines = PairingHelper.objects.filter(
        pairing__in=Pairing.objects.visible_to(staff).of_household(household)
    ).select_related("helper", "pairing__programme")
    rows = list(lines.order_by("-pairing__starts_on", "pairing_id", "role", "starts_on", "pk"))
    return sorted(rows, key=lambda line: not line.stands)


def parts_taken(rows, staff):
    """(attendances as a section shows them, whether there are more); the newest first.

    `is_seen` says of each whether the person may open the activity itself.
    """
    rows = rows.select_related("activity__unit", "member", "helper").defer(
        "member__id_number", "member__former_id_number", "member__note", "helper__id_number"
    )
    rows = list(rows.order_by("-activity__held_on", "-pk")[: SHOWN_AT_MOST + 1])
    seen = Activity.objects.visible_to(staff).filter(pk__in=[row.activity_id for row in rows])
    seen = set(seen.order_by().values_list("pk", flat=True))
    for row in rows:
        row.is_seen = row.activity_id in seen
    return rows[:SHOWN_AT_MOST], len(rows) > SHOWN_AT_MOST


def activities_on_paper(household, staff):
    if not staff.has_perm("pairings.view_activity"):
        return {}
    return {"rows": parts_taken(Attendance.objects.of_household(household), staff)[0]}


def visits_of(household):
    """Visits to a household, those among them that a file merged into this one still holds."""
    files = Household.objects.filter(Q(pk=household.pk) | Q(merged_into=household))
    return Visit.objects.filter(household__in=files.values("pk"))


def printed_visits(household, staff):
    """The latest visits that count, for paper."""
    visits = visits_of(household).visible_to(staff).counted()
    rows = visits.select_related("helper").prefetch_related("items")
    rows = list(rows.order_by("-visited_on", "-pk")[:VISITS_PRINTED])
    for row in rows:
        row.done_words = done_words(row)
    n = len(rows) if len(rows) < VISITS_PRINTED else visits.count()
    return {"rows": rows, "all": n, "more": n > len(rows)}


def register():
    sections.register(
        "pairings/_of_household_print.html",
        lambda household, staff: {"lines": lines_of(household, staff)},
        title=_("Helpers"),
    )
    sections.register("pairings/_visits_of_print.html", printed_visits, title=_("Visits"))
    sections.register(
        "pairings/_activities_of_household_print.html",
        activities_on_paper,
        title=_("Took part in"),
    )
