"""Activities and who was there: entered, changed, taken back; attended by name, or counted.

Each action locks the activity and counts its version up. Names of helped people and a number of
them never stand side by side: names replace the number where the clerk says so, and a number the
names. Helpers are named beside either: they are none of those who were trained. To put people on
the list and to take them off bears two desks at once, so these ask for no version.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.models import Enrolment, Member
from pairings.actions.refusals import RefusedError, check_version
from pairings.models import Activity, Attendance, BeneficiaryGroup, Helper
from povertyaid.audit.history import acting
from povertyaid.audit.models import record

# What the desk may write. Programme and unit are given when the activity is entered.
FIELDS = [
    "kind", "topic", "title", "held_on", "sessions", "place", "beneficiary_group", "headcount",
    "household_count", "lifted_count", "note",
]  # fmt: skip
NUMBERS = ["headcount", "household_count", "lifted_count"]
SHOWN_AT_MOST = 3  # file numbers in one sentence


def lock(activity, *, version=None):
    """The activity's row, held until the transaction ends. Raises StaleError."""
    stored = (
        Activity.objects.select_for_update(of=("self",))
        .select_related("unit", "programme")
        .order_by()
        .get(pk=activity.pk)
    )
    check_version(stored, version)
    return stored


def bump(stored, *columns):
    stored.version += 1
    stored.save(update_fields=[*columns, "version"])


# ---- what is refused


def check_day(day):
    """Raises RefusedError (`future`): what is only planned is not kept here."""
    if day > timezone.localdate():
        raise RefusedError(
            _(
                "This day lies in the future. An activity is recorded once it has been held; a "
                "sign-in sheet can be printed beforehand."
            ),
            "future",
        )


def _check_counts(stored):
    if not stored.counts:
        raise RefusedError(
            _("This activity was taken back on %(day)s. Please restore it first."),
            "taken_back",
            {"day": stored.voided_on.isoformat()},
        )


def _check_enrolled(members, activity):
    """Only households of the programme come to what is held for them; others' are kept apart."""
    if activity.beneficiary_group != BeneficiaryGroup.ENROLLED:
        return
    files = {member.household_id: member.household.code for member in members}
    enrolled = Enrolment.objects.counted().filter(programme=activity.programme, household__in=files)
    enrolled = set(enrolled.order_by().values_list("household", flat=True))
    if strangers := sorted(code for pk, code in files.items() if pk not in enrolled):
        raise RefusedError(
            _(
                "Not in the programme: %(codes)s. Who comes to an activity for 在册对象 belongs to a "
                "household of the programme. Please leave them off, or say that the activity was "
                "for others."
            ),
            "not_enrolled",
            {"codes": "、".join(strangers[:SHOWN_AT_MOST]) + _more(strangers)},
        )


def _more(codes):
    return f" … {len(codes)}" if len(codes) > SHOWN_AT_MOST else ""


def _check_number_or_names(stored):
    if stored.is_counted and stored.attendances.filter(member__isnull=False).exists():
        raise RefusedError(
            _(
                "There is a list of names. A number cannot stand beside it; please use “Count "
                "instead of names” if the names are to go."
            ),
            "named",
        )


# ---- entered, changed, taken back


@transaction.atomic
def enter(activity, *, by, reason=""):
    """Record an unsaved activity that was held.

    Raises RefusedError (`future`), ValidationError of a constraint.
    """
    check_day(activity.held_on)
    activity.recorded_at, activity.recorded_by = timezone.now(), by
    activity.validate_constraints()
    with acting(by, reason):
        activity.save()
        record(
            activity, "activity_recorded", by=by, reason=reason,
            programme=activity.programme.code, activity_kind=activity.kind,
            on=activity.held_on.isoformat(),
        )  # fmt: skip
    return activity


@transaction.atomic
def change(activity, *, by, reason="", version=None):
    """Save what the desk changed of an activity; answer the row as it is now.

    Raises RefusedError (`future`, `taken_back`, `named`, `not_enrolled`), StaleError,
    ValidationError of a constraint.
    """
    stored = lock(activity, version=version)
    _check_counts(stored)
    changed = [name for name in FIELDS if getattr(stored, name) != getattr(activity, name)]
    for name in changed:
        setattr(stored, name, getattr(activity, name))
    if not changed:
        return stored
    check_day(stored.held_on)
    stored.validate_constraints()
    _check_number_or_names(stored)
    if "beneficiary_group" in changed:
        named = Attendance.objects.filter(activity=stored, member__isnull=False)
        _check_enrolled([one.member for one in named.select_related("member__household")], stored)
    with acting(by, reason):
        bump(stored, *changed)
        record(stored, "activity_changed", by=by, reason=reason, fields=changed)
    return stored


@transaction.atomic
def take_back(activity, *, by, reason, version=None):
    """The activity was entered by mistake: it counts no more, and stays on file with the reason.

    Raises RefusedError (`taken_back`), StaleError.
    """
    stored = lock(activity, version=version)
    _check_counts(stored)
    with acting(by, reason):
        stored.voided_on, stored.void_reason = timezone.localdate(), reason
        bump(stored, "voided_on", "void_reason")
        record(stored, "activity_taken_back", by=by, reason=reason)
    return stored


@transaction.atomic
def restore(activity, *, by, reason, version=None):
    """It did take place: the activity counts again. Raises RefusedError (`counts`), StaleError."""
    stored = lock(activity, version=version)
    if stored.counts:
        raise RefusedError(_("This activity counts; it was not taken back."), "counts")
    with acting(by, reason):
        stored.voided_on, stored.void_reason = None, ""
        bump(stored, "voided_on", "void_reason")
        record(stored, "activity_restored", by=by, reason=reason)
    return stored


# ---- who was there


@transaction.atomic
def attend(activity, *, members=(), helpers=(), replace_number=False, by, reason=""):
    """Put members of families and helpers on the list of who was there; answers (row, how many).

    Who is on the list already stays once. A number gives way to names only if `replace_number`
    says so. Raises RefusedError (`taken_back`, `counted`, `not_enrolled`, `unknown`,
    `other_programme`).
    """
    stored = lock(activity)
    _check_counts(stored)
    if members and stored.is_counted and not replace_number:
        raise RefusedError(
            _(
                "This activity is counted so far. Names take the place of the number; please tick "
                "that they shall."
            ),
            "counted",
        )
    members = _visible(Member.objects.select_related("household"), members, by)
    helpers = _visible(Helper.objects.all(), helpers, by)
    if any(helper.programme_id != stored.programme_id for helper in helpers):
        raise RefusedError(
            _("This helper is on the roster of another programme. Please choose one of this."),
            "other_programme",
        )
    _check_enrolled(members, stored)
    there = stored.attendances.order_by()
    known = set(there.values_list("member", flat=True)), set(there.values_list("helper", flat=True))
    new = [Attendance(activity=stored, member=one) for one in members if one.pk not in known[0]]
    new += [Attendance(activity=stored, helper=one) for one in helpers if one.pk not in known[1]]
    if not new:
        return stored, 0
    with acting(by, reason):
        Attendance.objects.bulk_create(new)
        if members:
            for name in NUMBERS:
                setattr(stored, name, None)
        bump(stored, *NUMBERS)
        record(stored, "activity_attended", by=by, reason=reason, people=len(new))
    return stored, len(new)


def _visible(rows, chosen, by):
    """The chosen rows as `by` may see them: one that `by` does not see is unknown here."""
    keys = {one.pk for one in chosen}
    found = list(rows.visible_to(by).filter(pk__in=keys).order_by("pk"))
    if len(found) != len(keys):
        raise RefusedError(
            _("Somebody on this list is not among your households and helpers any more."), "unknown"
        )
    return found


@transaction.atomic
def leave_off(activity, *, attendances, by, reason=""):
    """Take people off the list; answers (row, how many). Raises RefusedError (`taken_back`, `nobody`)."""
    stored = lock(activity)
    _check_counts(stored)
    rows = Attendance.objects.filter(activity=stored, pk__in=[one.pk for one in attendances])
    with acting(by, reason):
        n, _told = rows.delete()
        if not n:
            raise RefusedError(_("Nobody of these is on the list any more."), "nobody")
        bump(stored)
        record(stored, "attendance_removed", by=by, reason=reason, people=n)
    return stored, n


@transaction.atomic
def count_instead(
    activity, *, headcount, household_count=None, lifted_count=None, by, reason, version=None
):
    """A number takes the place of the helped people's names; the history keeps who stood there.

    Raises RefusedError (`taken_back`), StaleError.
    """
    stored = lock(activity, version=version)
    _check_counts(stored)
    with acting(by, reason):
        names, _told = stored.attendances.filter(member__isnull=False).delete()
        stored.headcount, stored.household_count = headcount, household_count
        stored.lifted_count = lifted_count
        bump(stored, *NUMBERS)
        record(stored, "activity_counted", by=by, reason=reason, people=headcount, names=names)
    return stored
