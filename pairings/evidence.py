"""The evidence of a dossier that pairs and visits hold: who helps now, who came, what was done."""

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from households.evidence import Evidence, Fact, Mend, register, usual
from pairings.models import Pairing, PairingHelper, ServiceKind, Visit, VisitItem

SERVED = "served:"
SHOWN = 3
# What 项目 is until measures are booked: a way out of poverty brought to the family.
PROJECTS = (ServiceKind.PROJECT, ServiceKind.TECHNIQUE, ServiceKind.POST, ServiceKind.FUND)


def _visits(**facts):
    return Visit.objects.counted().filter(
        household=OuterRef("household"), programme=OuterRef("programme"), **facts
    )


def _things_done(**facts):
    return VisitItem.objects.counted().filter(
        visit__household=OuterRef("household"), visit__programme=OuterRef("programme"), **facts
    )


STANDS = {"ends_on": None, "pairing__ends_on": None}


def is_paired():
    """Somebody helps now; of a household that has left poverty, somebody did."""
    lines = PairingHelper.objects.filter(pairing__enrolment=OuterRef("pk"))
    ever = lines.exclude(pairing__end_reason=Pairing.EndReason.MISTAKE)
    return Q(Exists(lines.filter(**STANDS))) | Q(Q(exited_on__isnull=False), Exists(ever))


def tell_helpers(enrolment, staff):
    lines = PairingHelper.objects.visible_to(staff).filter(pairing__enrolment=enrolment)
    now = lines.filter(**STANDS).order_by("role", "starts_on", "pk")
    last = lines.exclude(pairing__end_reason=Pairing.EndReason.MISTAKE).order_by("-ends_on", "-pk")
    told = list(now.select_related("helper", "pairing")[:SHOWN])
    told = told or list(last.select_related("helper", "pairing")[:1])
    return [
        Fact(f"{line.helper.name} {line.helper.home}".strip(), _("pair"), line.starts_on,
             line.pairing.get_absolute_url())
        for line in told
    ]  # fmt: skip


def to_pairing(enrolment):
    query = urlencode({"enrolment": enrolment.pk})
    page = f"{reverse('pairings:create')}?{query}"
    return Mend(page, "pairings.change_pairing", _("pair the household"))


def tell_visits(enrolment, _staff):
    visits = Visit.objects.counted().filter(
        household=enrolment.household_id, programme=enrolment.programme_id
    )
    return [
        Fact(visit.get_occasion_display(), _("visit"), visit.visited_on)
        for visit in visits.order_by("-visited_on", "-pk")[:SHOWN]
    ]


def tell_done(**which):
    def tell(enrolment, _staff):
        done = VisitItem.objects.counted().filter(
            visit__household=enrolment.household_id,
            visit__programme=enrolment.programme_id,
            **which,
        )
        return [
            Fact(f"{item.get_kind_display()} {item.note}".strip(), _("thing done on a visit"),
                 item.visit.visited_on)
            for item in done.select_related("visit").order_by("-visit__visited_on", "-pk")[:SHOWN]
        ]  # fmt: skip

    return tell


def register_all():
    register(
        Evidence(
            "paired", _("a helper who is paired with it"), is_paired(),
            _("Nobody is paired with the household now."), tell_helpers, to_pairing,
        ),
        Evidence(
            "visited", _("a visit in the programme"), Q(Exists(_visits())),
            _("No visit is recorded."), tell_visits,
        ),
        Evidence(
            "served", _("something done for it on a visit"), Q(Exists(_things_done())),
            _("Nothing done for the household is recorded."), tell_done(),
        ),
        *(
            Evidence(
                f"{SERVED}{kind}", format_lazy(_("done on a visit: {kind}"), kind=kind.label),
                Q(Exists(_things_done(kind=kind))),
                format_lazy(_("Not recorded yet: {kind}."), kind=kind.label), tell_done(kind=kind),
            )
            for kind in ServiceKind
        ),
    )  # fmt: skip
    usual("帮扶主体清", all_of=["paired"])
    usual("帮扶项目清", all_of=["needs"], one_of=[f"{SERVED}{kind}" for kind in PROJECTS])
    usual("帮扶措施清", all_of=["served"])
