"""The history of a helper, and that of a pair with everybody who was on it."""

from django.utils.translation import gettext_lazy as _

from pairings.models import (
    TOPICS,
    Activity,
    ActivityKind,
    Attendance,
    BeneficiaryGroup,
    Helper,
    Occasion,
    Pairing,
    PairingHelper,
    PaperKind,
    ServiceKind,
    Visit,
    VisitItem,
    VisitPhoto,
)
from povertyaid.audit import deeds, trails

NOT_TOLD = frozenset({"id_digest"})
PERSONAL = frozenset({"phone"})  # besides what is encrypted


def own(events, row):
    return events.filter(pgh_obj_id=row.pk)


def of_pair(events, pairing):
    return events.filter(pairing=pairing.pk)


def of_visit(events, visit):
    return events.filter(visit=visit.pk)


def of_activity(events, activity):
    return events.filter(activity=activity.pk)


def visit_of(model):
    return lambda key: model.objects.filter(pk=key).values_list("visit", flat=True).first()


def activity_of_attendance(key):
    return Attendance.objects.filter(pk=key).values_list("activity", flat=True).first()


def pair_of_line(key):
    return PairingHelper.objects.filter(pk=key).values_list("pairing", flat=True).first()


def register():
    helper = trails.Table(Helper, own, silent=NOT_TOLD, personal=PERSONAL)
    pair = trails.Table(Pairing, own, silent=frozenset({"enrolment", "programme"}))
    line = trails.Table(PairingHelper, of_pair, silent=frozenset({"pairing"}))
    trails.register(
        trails.Trail(
            kind="helper",
            model=Helper,
            permission="pairings.view_helper",
            title=lambda row: row.name,
            rows=lambda: Helper.objects.select_related("unit"),
            tables=(helper,),
        )
    )
    trails.register(
        trails.Trail(
            kind="pairing",
            model=Pairing,
            permission="pairings.view_pairing",
            title=lambda row: row.target_name,
            rows=lambda: Pairing.objects.select_related("enrolment__household", "target_unit"),
            tables=(pair, line),
            owners={PairingHelper._meta.label_lower: pair_of_line},
        )
    )
    visit = trails.Table(Visit, own, silent=frozenset({"programme"}))
    item = trails.Table(VisitItem, of_visit, silent=frozenset({"visit"}))
    photo = trails.Table(VisitPhoto, of_visit, silent=frozenset({"visit"}))
    trails.register(
        trails.Trail(
            kind="visit",
            model=Visit,
            permission="pairings.view_visit",
            title=lambda row: row.household.head_name if row.household_id else row.unit.name,
            rows=lambda: Visit.objects.select_related("household", "unit"),
            tables=(visit, item, photo),
            owners={one.model._meta.label_lower: visit_of(one.model) for one in (item, photo)},
        )
    )
    activity = trails.Table(Activity, own, silent=frozenset({"programme"}))
    attendance = trails.Table(Attendance, of_activity, silent=frozenset({"activity"}))
    trails.register(
        trails.Trail(
            kind="activity",
            model=Activity,
            permission="pairings.view_activity",
            title=lambda row: row.title or row.get_kind_display(),
            rows=lambda: Activity.objects.select_related("unit"),
            tables=(activity, attendance),
            owners={Attendance._meta.label_lower: activity_of_attendance},
        )
    )
    deeds.name_values("occasion", Occasion)
    deeds.name_values("service", ServiceKind)
    deeds.name_values("activity_kind", ActivityKind)
    deeds.name_values("beneficiary_group", BeneficiaryGroup)
    deeds.name_values("topic", TOPICS)
    deeds.name_values("paper", PaperKind)
    deeds.name_values("scheme", Pairing.Scheme)
    deeds.name_values("end_reason", Pairing.EndReason)
    deeds.name_values("leave_reason", Helper.LeaveReason)
    deeds.name_values("part_in_pair", PairingHelper.Role)
    tables = (helper, pair, line, visit, item, photo, activity, attendance)
    told = {one.name: one.verbose_name for table in tables for one in table.told_fields()}
    deeds.name_values("fields", told | {"items": _("what was done")})
