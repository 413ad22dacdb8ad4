"""The history of a helper, and that of a pair with everybody who was on it."""

from pairings.models import Helper, Pairing, PairingHelper
from povertyaid.audit import deeds, trails

NOT_TOLD = frozenset({"id_digest"})
PERSONAL = frozenset({"phone"})  # besides what is encrypted


def own(events, row):
    return events.filter(pgh_obj_id=row.pk)


def of_pair(events, pairing):
    return events.filter(pairing=pairing.pk)


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
    deeds.name_values("scheme", Pairing.Scheme)
    deeds.name_values("end_reason", Pairing.EndReason)
    deeds.name_values("leave_reason", Helper.LeaveReason)
    deeds.name_values("part_in_pair", PairingHelper.Role)
    told = {
        one.name: one.verbose_name for table in (helper, pair, line) for one in table.told_fields()
    }
    deeds.name_values("fields", told)
