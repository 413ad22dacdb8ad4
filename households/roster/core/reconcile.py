"""A roll against what is on file: who is new, what changes from what to what, what stays."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from households.roster.core.fields import Value
from households.roster.core.households import Draft, Roll, is_refused_repeat
from households.roster.core.tables import Finding, Row
from households.roster.core.values import HEAD

Outcome = Literal["created", "updated", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class StoredMember:
    """A person on file who belongs to the family now, in the words of a roster."""

    key: int
    values: Mapping[str, Value]

    @property
    def name(self) -> str:
        return str(self.values.get("name", ""))

    @property
    def person_number(self) -> str:
        """By what the person is known: of a disability certificate its holder's number."""
        return str(self.values.get("id_number") or "")[:18]

    @property
    def is_head(self) -> bool:
        return self.values.get("relation") == HEAD


@dataclass(frozen=True, slots=True)
class StoredHousehold:
    """A family on file. `code` is None where the office's own code was given, not the roster's.

    `blocked_by` names the code that refuses rows for it: the file is closed. `is_enrolled` says
    whether it is in the programme.
    """

    key: int
    code: str | None
    values: Mapping[str, Value] = field(default_factory=dict)
    members: Sequence[StoredMember] = ()
    blocked_by: str | None = None
    is_enrolled: bool = True

    @property
    def head(self) -> StoredMember | None:
        return next((member for member in self.members if member.is_head), None)


@dataclass(frozen=True, slots=True)
class Stored:
    """What is on file for the rows of one roll.

    `holder` maps an identity number to the key of the household its living holder belongs
    to. `by_head_name` has the families in the unit itself, for heads without a number.
    """

    by_code: Mapping[str, StoredHousehold] = field(default_factory=dict)
    by_head_number: Mapping[str, StoredHousehold] = field(default_factory=dict)
    by_head_name: Mapping[str, Sequence[StoredHousehold]] = field(default_factory=dict)
    holder: Mapping[str, int] = field(default_factory=dict)


NOTHING_ON_FILE = Stored()


@dataclass(frozen=True, slots=True)
class Change:
    """One field, before and after."""

    field: str
    old: Value | None
    new: Value


@dataclass(slots=True)
class PersonPlan:
    """What becomes of one row."""

    row: Row
    stored: StoredMember | None
    outcome: Outcome
    changes: list[Change] = field(default_factory=list)
    after: Mapping[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class HouseholdPlan:
    """What becomes of one family. `persons` are those who go in; `others` are the rows that do not."""

    draft: Draft
    stored: StoredHousehold | None
    persons: list[PersonPlan] = field(default_factory=list)
    others: list[PersonPlan] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    after: Mapping[str, Value] = field(default_factory=dict)
    # A head on file who is no longer the head, because the file names another.
    former_head: StoredMember | None = None

    @property
    def is_refused(self) -> bool:
        return not self.persons

    @property
    def code(self) -> str | None:
        """The roster's code as it will stand; None while only the office's own is known."""
        return self.draft.code or (self.stored.code if self.stored else None)

    @property
    def head_name(self) -> str:
        return self.draft.head.name if self.draft.head else ""

    @property
    def rows(self) -> Iterator[PersonPlan]:
        yield from self.persons
        yield from self.others


@dataclass(slots=True)
class Plan:
    """Everything an import would do."""

    households: list[HouseholdPlan]

    @property
    def rows(self) -> Iterator[PersonPlan]:
        for household in self.households:
            yield from household.rows

    @property
    def accepted(self) -> list[HouseholdPlan]:
        return [household for household in self.households if not household.is_refused]


def reconcile(roll: Roll, stored: Stored = NOTHING_ON_FILE) -> Plan:
    """Decide for every household and row. Findings are added to the rows."""
    matcher = _Matcher(stored)
    matches = [matcher.match(draft) for draft in roll.drafts]
    plans = []
    for draft, match in zip(roll.drafts, matches, strict=True):
        _refuse_claimed(draft, match, stored, roll)
        plans.append(_plan(draft, match))
    return Plan(plans)


class _Matcher:
    """A household by its code, else by its head. No family on file answers to two of the file."""

    def __init__(self, stored: Stored) -> None:
        self.stored = stored
        self.taken: set[int] = set()

    def match(self, draft: Draft) -> StoredHousehold | None:
        if draft.is_refused:
            return None
        found = self._find(draft)
        if found:
            self.taken.add(found.key)
        return found

    def _find(self, draft: Draft) -> StoredHousehold | None:
        if draft.code and (found := self.stored.by_code.get(draft.code)):
            return found
        head = draft.head
        if head is None:
            return None
        candidates: Iterable[StoredHousehold] = ()
        if by_number := self.stored.by_head_number.get(head.person_number):
            candidates = [by_number]
        else:
            candidates = sorted(
                (
                    household
                    for household in self.stored.by_head_name.get(head.name, ())
                    if not (household.head and household.head.person_number and head.person_number)
                ),
                key=lambda household: (-_likeness(draft, household), household.key),
            )
        for found in candidates:
            # A family whose code the roster gave is another family under another code.
            if found.key not in self.taken and not (draft.code and found.code):
                return found
        return None


def _likeness(draft: Draft, household: StoredHousehold) -> int:
    """How many fields a family on file shares with the file's: for two heads of one name."""
    shared = sum(household.values.get(name) == value for name, value in draft.values.items())
    person = household.head.values if household.head else {}
    own = draft.head.person if draft.head else {}
    return shared + sum(person.get(name) == value for name, value in own.items())


def _refuse_claimed(
    draft: Draft, match: StoredHousehold | None, stored: Stored, roll: Roll
) -> None:
    """A person on file in another household stays there; a blocked file takes nobody."""
    if draft.is_refused:
        return
    if match and match.blocked_by:
        for row in [*draft.rows, *draft.repeats]:
            row.refuse(match.blocked_by)
        return
    for row in draft.rows:
        holder = stored.holder.get(row.person_number)
        elsewhere = holder is not None and (match is None or holder != match.key)
        if elsewhere and not is_refused_repeat(row):
            row.refuse("member_in_two_households", roll.id_columns.get(row.sheet))


def _plan(draft: Draft, match: StoredHousehold | None) -> HouseholdPlan:
    plan = HouseholdPlan(draft, match)
    if draft.is_refused:
        _refuse_all(plan)
        return plan
    standing = [row for row in draft.rows if not row.refusals]
    stored_of = _match_members(standing, match)
    for row in draft.rows:
        if row.refusals:
            plan.others.append(PersonPlan(row, None, "refused"))
        else:
            plan.persons.append(_plan_person(row, stored_of.get(row.number_and_sheet)))
    plan.others.extend(PersonPlan(row, None, "unchanged") for row in draft.repeats)
    _plan_household(plan)
    _warn_of_absent(plan)
    return plan


def _refuse_all(plan: HouseholdPlan) -> None:
    """When the head's row is refused the whole household is; every row says so."""
    draft = plan.draft
    for row in [*draft.rows, *draft.repeats]:
        if draft.head is not None and row is not draft.head and not _is_blocked(row):
            row.refuse("head_refused")
        plan.others.append(PersonPlan(row, None, "refused"))


BLOCKED = frozenset(["file_closed"])


def _is_blocked(row: Row) -> bool:
    return any(finding.code in BLOCKED for finding in row.refusals)


def _match_members(
    rows: list[Row], match: StoredHousehold | None
) -> dict[tuple[str, int], StoredMember]:
    """By number, or by name while either side has no number. Nobody on file is two rows."""
    if match is None:
        return {}
    found: dict[tuple[str, int], StoredMember] = {}
    by_number = {member.person_number: member for member in match.members if member.person_number}
    taken: set[int] = set()
    for row in rows:
        if row.person_number and (member := by_number.get(row.person_number)):
            found[row.number_and_sheet] = member
            taken.add(member.key)
    for row in rows:
        if row.number_and_sheet in found:
            continue
        for member in match.members:
            either_has_none = not (row.person_number and member.person_number)
            if member.key not in taken and member.name == row.name and either_has_none:
                found[row.number_and_sheet] = member
                taken.add(member.key)
                break
    return found


def _changes(before: Mapping[str, Value], said: Mapping[str, Value]) -> list[Change]:
    """No value never erases, so only what the file says is compared."""
    return [
        Change(name, before.get(name), value)
        for name, value in said.items()
        if before.get(name) != value
    ]


def _plan_person(row: Row, stored: StoredMember | None) -> PersonPlan:
    if stored is None:
        return PersonPlan(row, None, "created", after=row.person)
    changes = _changes(stored.values, row.person)
    outcome: Outcome = "updated" if changes else "unchanged"
    after = {**stored.values, **row.person} if changes else stored.values
    return PersonPlan(row, stored, outcome, changes, after)


def _plan_household(plan: HouseholdPlan) -> None:
    before = plan.stored.values if plan.stored else {}
    said = dict(plan.draft.values)
    if plan.stored and plan.draft.code and plan.stored.code != plan.draft.code:
        plan.changes.append(Change("code", plan.stored.code, plan.draft.code))
    plan.after = {**before, **said}
    plan.changes.extend(_changes(before, said))
    old_head = plan.stored.head if plan.stored else None
    new_head = next(person for person in plan.persons if person.row is plan.draft.head)
    if old_head and (new_head.stored is None or new_head.stored.key != old_head.key):
        plan.former_head = old_head
        plan.changes.append(Change("head", old_head.name, new_head.row.name))
    first = plan.persons[0]
    enters = plan.stored is not None and not plan.stored.is_enrolled
    if plan.stored and (plan.changes or enters) and first.outcome == "unchanged":
        first.outcome = "updated"


def _warn_of_absent(plan: HouseholdPlan) -> None:
    """One warning for each person on file whom the file no longer names.

    A table of heads names nobody else and so loses nobody; only a head may be missing there.
    """
    if not plan.stored:
        return
    named = {person.stored.key for person in plan.persons if person.stored}
    for member in plan.stored.members:
        if member.key not in named and (plan.draft.of_members or member.is_head):
            plan.draft.first.warn("member_absent")


def findings_of(rows: Iterable[Row]) -> tuple[list[Finding], list[Finding]]:
    """Refusals and warnings of rows, in the order of the rows."""
    refusals: list[Finding] = []
    warnings: list[Finding] = []
    for row in rows:
        refusals.extend(row.refusals)
        warnings.extend(row.warnings)
    return refusals, warnings
