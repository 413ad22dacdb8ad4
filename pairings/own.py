"""What a helper's sign-in sees: the households paired with it now, and what belongs to them.

Of an activity it sees itself and its own households on the list, and activities where any of
these was.
"""

from django.db.models import Q

from households.models import (
    Designation,
    DossierFile,
    DossierItem,
    Enrolment,
    Household,
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
    VisitPhoto,
)
from povertyaid.org.scoping import show_to_helpers

# The way from a row to its household.
OF_HOUSEHOLD = {
    Household: "pk",
    Member: "household",
    Enrolment: "household",
    Designation: "household",
    IncomeSnapshot: "enrolment__household",
    StatusReview: "enrolment__household",
    DossierItem: "household",
    DossierFile: "item__household",
    Visit: "household",
    VisitItem: "visit__household",
    VisitPhoto: "visit__household",
}
# The way from a row to the pair it belongs to: colleagues and earlier helpers on one's own pairs.
OF_PAIR = {Pairing: "pk", PairingHelper: "pairing"}


def lines_of(staff):
    """The places on pairs that a sign-in stands on now; whoever has left stands on none."""
    return PairingHelper.objects.current().filter(helper__staff=staff, helper__left_on=None)


def own_households(staff):
    """Keys of the households whom a sign-in helps now, in whatever programme."""
    lines = lines_of(staff).filter(pairing__enrolment__isnull=False)
    return lines.order_by().values("pairing__enrolment__household")


def own_pairs(staff):
    return lines_of(staff).order_by().values("pairing")


def helpers_beside(rows, staff):
    """Oneself, and whoever is or was on one's own pairs."""
    beside = PairingHelper.objects.filter(pairing__in=own_pairs(staff))
    return rows.filter(pk__in=beside.order_by().values("helper"))


def own_attendances(rows, staff):
    """Where oneself was, or somebody of one's own households."""
    own = Q(member__household__in=own_households(staff)) | Q(helper__staff=staff)
    return rows.filter(own)


def own_activities(rows, staff):
    there = own_attendances(Attendance.objects.all(), staff)
    return rows.filter(pk__in=there.order_by().values("activity"))


def cut_by(path, keys):
    return lambda rows, staff: rows.filter(**{f"{path}__in": keys(staff)})


def register():
    for model, path in OF_HOUSEHOLD.items():
        show_to_helpers(model, cut_by(path, own_households))
    for model, path in OF_PAIR.items():
        show_to_helpers(model, cut_by(path, own_pairs))
    show_to_helpers(Helper, helpers_beside)
    show_to_helpers(Attendance, own_attendances)
    show_to_helpers(Activity, own_activities)
