"""What papers say of households: fetched for many at once, in a number of queries that stays the same."""

from dataclasses import dataclass, field
from itertools import groupby

from django.db.models import Max, Min, Prefetch, Sum
from django.utils import timezone

from households.exports import as_known
from households.models import Designation, Enrolment, IncomeSnapshot, Member, StatusReview
from pairings.models import PairingHelper, ServiceKind, Visit, VisitItem
from pairings.papers import measures

SERVICES = dict(ServiceKind.choices)


@dataclass(slots=True)
class Booklet:
    """One enrolled household with everything that its papers say."""

    enrolment: Enrolment
    lines: list = field(default_factory=list)  # who helps and helped, by dates
    visits: list = field(default_factory=list)
    measures: list = field(default_factory=list)

    @property
    def household(self):
        return self.enrolment.household

    @property
    def unit(self):
        return self.enrolment.household.unit

    @property
    def standing(self):
        """Who helps now, the lead first; of a pair that has ended, nobody."""
        stand = [line for line in self.lines if line.stands]
        return sorted(stand, key=lambda line: line.role != PairingHelper.Role.LEAD)

    @property
    def begins_on(self):
        return min((line.pairing.starts_on for line in self.lines), default=None)

    @property
    def ends_on(self):
        """The day the help ended: none while a pair stands."""
        ends = [line.pairing.ends_on for line in self.lines]
        return None if None in ends else max(ends, default=None)


def booklets(enrolments, staff):
    """A booklet for each of the enrolments that the person may see, by unit and file number."""
    found = _found(enrolments.prefetch_related(*_parts()), staff)
    rows = [one.enrolment for one in found.values()]
    by_family = {(one.household.pk, one.enrolment.programme_id): one for one in found.values()}
    for visit in _visits(by_family, staff):
        if booklet := by_family.get((visit.household_id, visit.programme_id)):
            booklet.visits.append(visit)
    told = measures.of_many(rows, staff)
    for booklet in found.values():
        _dress(booklet)
        booklet.measures = told.get(booklet.enrolment.pk, [])
    return list(found.values())


def cards(enrolments, staff):
    """The same with nothing but who helps, which is all that a contact card tells."""
    return list(_found(enrolments, staff).values())


def _found(enrolments, staff):
    rows = (
        enrolments.visible_to(staff)
        .select_related("household__unit", "programme__lead_unit", "principal")
        .defer("kept", "household__note", "principal__id_number", "principal__former_id_number")
        .order_by("household__unit__path", "household__code", "pk")
    )
    found = {row.pk: Booklet(row) for row in rows}
    for line in _lines(found, staff):
        found[line.pairing.enrolment_id].lines.append(line)
    return found


def _parts():
    now = timezone.localdate()
    valid = Designation.objects.filter(valid_to=None) | Designation.objects.filter(
        valid_to__gte=now
    )
    exits = StatusReview.objects.filter(
        kind=StatusReview.Kind.EXIT, decision=StatusReview.Decision.APPROVED
    )
    return [
        Prefetch(
            "household__members", Member.objects.present().order_by("seq", "pk"), to_attr="present"
        ),
        Prefetch("household__designations", valid.order_by("valid_from", "pk"), to_attr="valid"),
        Prefetch("incomes", IncomeSnapshot.objects.order_by("year", "pk"), to_attr="by_year"),
        Prefetch(
            "reviews",
            exits.select_related("snapshot").order_by("-reviewed_on", "-pk"),
            to_attr="exits",
        ),
    ]


def _lines(keys, staff):
    rows = PairingHelper.objects.visible_to(staff).filter(pairing__enrolment__in=keys)
    return rows.select_related("helper", "pairing").order_by(
        "starts_on", "pairing__starts_on", "role", "pk"
    )


def _visits(families, staff):
    items = Prefetch("items", VisitItem.objects.order_by("pk"), to_attr="done")
    rows = (
        Visit.objects.visible_to(staff)
        .counted()
        .filter(
            household__in={household for household, _programme in families},
            programme__in={programme for _household, programme in families},
        )
    )
    return rows.select_related("helper").prefetch_related(items).order_by("visited_on", "pk")


def _dress(booklet):
    """What is read off the rows and stands in no column."""
    enrolment, today = booklet.enrolment, timezone.localdate()
    enrolment.identified = as_known(enrolment.identified_on, enrolment.identified_precision)
    enrolment.exit_review = enrolment.exits[0] if enrolment.exited_on and enrolment.exits else None
    for member in booklet.household.present:
        member.age = member.age_on(today)
        member.born = as_known(member.birth_date, member.birth_precision)
    for visit in booklet.visits:
        visit.services = [(SERVICES[kind], times) for kind, times in _counted(visit.done)]


def _counted(items):
    """Kinds with how often, in the order of the list of kinds."""
    order = list(SERVICES)
    rows = sorted(items, key=lambda item: order.index(item.kind))
    for kind, same in groupby(rows, key=lambda item: item.kind):
        yield kind, sum(item.times for item in same)


def services(enrolments, staff):
    """What was done on visits so far, kind by kind: a measure of help for each."""
    keys = {(one.household_id, one.programme_id): one.pk for one in enrolments}
    items = (
        VisitItem.objects.visible_to(staff)
        .counted()
        .filter(
            visit__household__in={household for household, _programme in keys},
            visit__programme__in={programme for _household, programme in keys},
        )
        .values("visit__household", "visit__programme", "kind")
        .annotate(
            n=Sum("times"), first=Min("visit__visited_on"), last=Max("visit__visited_on"),
            note=Max("note"),
        )
        .order_by("first", "kind")
    )  # fmt: skip
    told = {}
    for row in items:
        if key := keys.get((row["visit__household"], row["visit__programme"])):
            told.setdefault(key, []).append(
                measures.Measure(
                    what=SERVICES[row["kind"]], first=row["first"], last=row["last"], times=row["n"]
                )
            )
    return told
