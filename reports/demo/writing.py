"""Write invented cases down as an office would have: in sets, with a hand for every row.

The forms and the roster go through `households.actions`, which work today; a case of 2011
was entered in 2011. So these rows are written with the days they belong to, inside
`acting()`, which gives every history row its person.
"""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from django.db import transaction
from django.utils import timezone

from households.actions import identity
from households.models import (
    Designation,
    Enrolment,
    Household,
    IncomeSnapshot,
    Member,
    StatusReview,
)
from povertyaid.audit.history import acting
from povertyaid.audit.models import Entry
from povertyaid.lib import pinyin
from povertyaid.lib.secrets import digest
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.programmes.models import Programme
from reports.demo.copying import put
from reports.demo.people import Family


@dataclass
class Income:
    """One year's income of a household, in whole yuan."""

    stage: str
    year: int
    persons: int
    wages: int = 0
    business: int = 0
    from_property: int = 0
    transfers: int = 0
    operating_costs: int = 0
    unavoidable: int = 0
    source: str = ""

    @property
    def net(self) -> int:
        return (
            self.wages + self.business + self.from_property + self.transfers - self.operating_costs
        )


@dataclass
class Review:
    """A proposal and, if `decided_on` is given, its decision."""

    kind: str
    proposed_on: datetime.date
    proposed_by: Staff
    decision: str = "pending"
    decided_on: datetime.date | None = None
    decided_by: Staff | None = None
    snapshot: Income | None = None
    line_value: Decimal | None = None
    note: str = ""
    decision_note: str = ""


@dataclass
class Status:
    """An official status: of a member by number in the family, or of the whole household."""

    kind: str
    valid_from: datetime.date
    member: int | None = None
    number: str = ""


@dataclass
class Case:
    """A family in a programme, with everything its file says."""

    family: Family
    category: str
    status: str
    identified_on: datetime.date | None
    helpable: bool = True
    causes: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    attitude: str = ""
    target_income: int | None = None
    target_exit_on: datetime.date | None = None
    exited_on: datetime.date | None = None
    exit_label: str | None = None
    incomes: list[Income] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)


@cache
def office_hours(day: datetime.date, *, hour: int = 9) -> datetime.datetime:
    """A moment of a working day in the office's time zone."""
    at = datetime.datetime.combine(day, datetime.time(hour, 20))
    return timezone.make_aware(at)


@transaction.atomic
def write(cases: list[Case], programme: Programme, *, by: Staff) -> list[Case]:
    """Write the cases whose household is not on file yet; answers those."""
    there = set(
        Household.objects.filter(code__in=[case.family.code for case in cases]).values_list(
            "code", flat=True
        )
    )
    new = [case for case in cases if case.family.code not in there]
    with acting(by):
        households = _households(new)
        members = _members(new, households)
        enrolments = _enrolments(new, households, members, programme)
        snapshots = _incomes(new, enrolments)
        _reviews(new, enrolments, snapshots)
        _statuses(new, households, members)
        _entries(new, households, programme, by)
    return new


def _households(cases: list[Case]) -> list[Household]:
    codes = {case.family.unit for case in cases}
    units = OrgUnit.objects.in_bulk(codes, field_name="code")
    return put(
        Household(
            unit=units[case.family.unit],
            code=case.family.code,
            head_name=case.family.head.name,
            head_pinyin=pinyin.full(case.family.head.name),
            head_initials=pinyin.initials(case.family.head.name),
            address=case.family.address,
            phone=case.family.phone,
            bank_name=case.family.bank_name,
            bank_branch=case.family.bank_branch,
            bank_account=case.family.bank_account,
            note=case.family.note,
            opened_on=case.family.opened_on,
            status="closed" if case.family.closed_on else "open",
            closed_on=case.family.closed_on,
            close_reason=case.family.close_reason,
        )
        for case in cases
    )


def _members(cases: list[Case], households: list[Household]) -> list[list[Member]]:
    members = [
        [
            Member(
                household=household,
                seq=seq,
                name=person.name,
                name_pinyin=pinyin.full(person.name),
                name_initials=pinyin.initials(person.name),
                relation=person.relation,
                id_kind="national_id" if person.id_number else "",
                id_number=person.id_number,
                id_digest=digest(person.id_number) if person.id_number else "",
                sex=person.sex,
                birth_date=person.birth_date,
                birth_precision="day",
                ethnicity=person.ethnicity,
                phone=person.phone,
                health=person.health,
                labour=person.labour,
                education=person.education,
                study_stage=person.study_stage,
                study_year=person.study_year,
                work_status=person.work_status,
                employer=person.employer,
                joined_on=max(case.family.opened_on, person.birth_date),
            )
            for seq, person in enumerate(case.family.persons, start=1)
        ]
        for case, household in zip(cases, households, strict=True)
    ]
    everyone = put(member for family in members for member in family)
    identity.claim(member for member in everyone if member.household.is_open)
    return members


def _enrolments(
    cases: list[Case],
    households: list[Household],
    members: list[list[Member]],
    programme: Programme,
) -> list[Enrolment]:
    return put(
        Enrolment(
            household=household,
            programme=programme,
            principal=next(member for member in family if member.is_head),
            category=case.category,
            helpable=case.helpable,
            identified_on=case.identified_on,
            identified_precision="day" if case.identified_on else "",
            causes=case.causes,
            needs=case.needs,
            attitude=case.attitude,
            target_income=case.target_income,
            target_exit_on=case.target_exit_on,
            status=case.status,
            exited_on=case.exited_on,
            exit_label=case.exit_label,
        )
        for case, household, family in zip(cases, households, members, strict=True)
    )


def _incomes(cases: list[Case], enrolments: list[Enrolment]) -> dict[int, IncomeSnapshot]:
    """Snapshots by the identity of the Income they were made of."""
    pairs = [
        (income, enrolment)
        for case, enrolment in zip(cases, enrolments, strict=True)
        for income in case.incomes
    ]
    snapshots = put(
        IncomeSnapshot(
            enrolment=enrolment,
            stage=income.stage,
            year=income.year,
            persons=income.persons,
            wages=income.wages,
            business=income.business,
            property=income.from_property,
            transfers=income.transfers,
            operating_costs=income.operating_costs,
            unavoidable=income.unavoidable or None,
            source=income.source,
        )
        for income, enrolment in pairs
    )
    return {id(income): row for (income, _), row in zip(pairs, snapshots, strict=True)}


def _reviews(
    cases: list[Case], enrolments: list[Enrolment], snapshots: dict[int, IncomeSnapshot]
) -> None:
    put(
        StatusReview(
            enrolment=enrolment,
            kind=review.kind,
            reviewed_on=review.decided_on or review.proposed_on,
            snapshot=snapshots[id(review.snapshot)] if review.snapshot else None,
            line_value=review.line_value,
            decision=review.decision,
            note=review.note,
            proposed_by=review.proposed_by,
            proposed_at=office_hours(review.proposed_on),
            decided_by=review.decided_by,
            decided_at=office_hours(review.decided_on, hour=15) if review.decided_on else None,
            decision_note=review.decision_note,
        )
        for case, enrolment in zip(cases, enrolments, strict=True)
        for review in case.reviews
    )


def _statuses(cases: list[Case], households: list[Household], members: list[list[Member]]) -> None:
    put(
        Designation(
            household=household,
            member=family[status.member] if status.member is not None else None,
            kind=status.kind,
            number=status.number,
            valid_from=status.valid_from,
        )
        for case, household, family in zip(cases, households, members, strict=True)
        for status in case.statuses
    )


def _entries(
    cases: list[Case], households: list[Household], programme: Programme, by: Staff
) -> None:
    """The audit trail that the actions would have left on those days."""
    entries = []
    for case, household in zip(cases, households, strict=True):
        opened = office_hours(case.family.opened_on, hour=8)
        entries.append(_entry(household, "opened", opened, by, members=len(case.family.persons)))
        for review in case.reviews:
            about = {"kind": review.kind, "programme": programme.code}
            proposed_at = office_hours(review.proposed_on)
            entries.append(
                _entry(household, "review_proposed", proposed_at, review.proposed_by, **about)
            )
            if review.decided_on and review.decided_by:
                decided_at = office_hours(review.decided_on, hour=15)
                deed = f"review_{review.decision}"
                entries.append(_entry(household, deed, decided_at, review.decided_by, **about))
        if case.family.closed_on:
            closed = office_hours(case.family.closed_on, hour=16)
            entries.append(_entry(household, "closed", closed, by, why=case.family.close_reason))
    put(entries)


def _entry(
    household: Household, deed: str, at: datetime.datetime, by: Staff, **detail: object
) -> Entry:
    return Entry(
        at=at,
        by=by,
        deed=deed,
        target_kind=Household._meta.label_lower,
        target_id=household.pk,
        target_code=household.code,
        unit_path=household.unit.path,
        detail=detail,
    )
