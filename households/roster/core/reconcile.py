"""A roll against what is on file: who is new, what changes from what to what, what stays.

Nothing is overwritten silently. Where a file changed at the desk since it was last imported (or
exported), three states are compared: what stood then, what the desk says now, what the file says.
What the file only repeats is no news; where both changed, the desk stays unless somebody decided
for the file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from households.roster.core.fields import KEYS, Value
from households.roster.core.households import Draft, Roll, is_refused_repeat
from households.roster.core.tables import Finding, Row
from households.roster.core.values import HEAD

Outcome = Literal["created", "updated", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class StoredMember:
    """A person on file who belongs to the family now, in the words of a roster.

    `base` is what stood when the family was last imported or exported, where it changed since.
    """

    key: int
    values: Mapping[str, Value]
    base: Mapping[str, Value] | None = None
    number: int | None = None  # which member of the family, as an export of ours numbers them

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
    whether it is in the programme. `base` is what stood when it was last imported or exported,
    where something of the family changed since; `departed` are the persons of that time whom the
    desk has taken out, `base_head` is the key of its head then.
    """

    key: int
    code: str | None
    values: Mapping[str, Value] = field(default_factory=dict)
    members: Sequence[StoredMember] = ()
    blocked_by: str | None = None
    is_enrolled: bool = True
    base: Mapping[str, Value] | None = None
    departed: Sequence[StoredMember] = ()
    base_head: int | None = None

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
class Decisions:
    """What a clerk decided on a preview.

    `file_wins` are the fields in which the file counts where the desk changed them too.
    `other_families` are first rows (sheet, row) that only a head's name matched, and that are
    another family all the same.
    """

    file_wins: frozenset[str] = frozenset()
    other_families: frozenset[tuple[str, int]] = frozenset()


NO_DECISIONS = Decisions()


@dataclass(frozen=True, slots=True)
class Change:
    """One field, before and after."""

    field: str
    old: Value | None
    new: Value


@dataclass(frozen=True, slots=True)
class Kept:
    """One field in which the desk's word stays. `said` is the file's; `is_conflict`: both are new.

    The field `left` means the person, whom the desk has taken out of the family.
    """

    field: str
    desk: Value | None
    said: Value
    is_conflict: bool


@dataclass(slots=True)
class PersonPlan:
    """What becomes of one row."""

    row: Row
    stored: StoredMember | None
    outcome: Outcome
    changes: list[Change] = field(default_factory=list)
    after: Mapping[str, Value] = field(default_factory=dict)
    kept: Sequence[Kept] = ()


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
    kept: Sequence[Kept] = ()
    # Only the head's name spoke for this family on file: somebody should say whether it is so.
    is_question: bool = False
    # The desk gave the family another head; the file only repeats the former one.
    keeps_head: bool = False

    @property
    def is_refused(self) -> bool:
        return not self.persons

    @property
    def code(self) -> str | None:
        """The roster's code as it will stand; None while only the office's own is known."""
        return self.draft.code or (self.stored.code if self.stored else None)

    @property
    def head_name(self) -> str:
        if self.keeps_head and self.stored and self.stored.head:
            return self.stored.head.name
        for person in self.persons:
            if person.row is self.draft.head:
                return str(person.after.get("name", ""))
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


def reconcile(
    roll: Roll, stored: Stored = NOTHING_ON_FILE, decisions: Decisions = NO_DECISIONS
) -> Plan:
    """Decide for every household and row. Findings are added to the rows."""
    matcher = _Matcher(stored, decisions)
    matches = [matcher.match(draft) for draft in roll.drafts]
    plans = []
    for draft, match in zip(roll.drafts, matches, strict=True):
        _refuse_claimed(draft, match.household, stored, roll)
        plans.append(_plan(draft, match, decisions))
    return Plan(plans)


@dataclass(frozen=True, slots=True)
class _Match:
    household: StoredHousehold | None = None
    is_question: bool = False


NO_MATCH = _Match()


class _Matcher:
    """A household by its code, else by its head. No family on file answers to two of the file."""

    def __init__(self, stored: Stored, decisions: Decisions) -> None:
        self.stored = stored
        self.other_families = decisions.other_families
        self.taken: set[int] = set()

    def match(self, draft: Draft) -> _Match:
        if draft.is_refused:
            return NO_MATCH
        found = self._find(draft)
        if found.household:
            self.taken.add(found.household.key)
        return found

    def _find(self, draft: Draft) -> _Match:
        if draft.code and (found := self.stored.by_code.get(draft.code)):
            return _Match(found)
        head = draft.head
        if head is None:
            return NO_MATCH
        if by_number := self.stored.by_head_number.get(head.person_number):
            return _Match(by_number) if self._may_be(draft, by_number) else NO_MATCH
        if draft.first.number_and_sheet in self.other_families:
            return NO_MATCH
        candidates = sorted(
            (
                household
                for household in self.stored.by_head_name.get(head.name, ())
                if not (household.head and household.head.person_number and head.person_number)
            ),
            key=lambda household: (-_likeness(draft, household), household.key),
        )
        for found in candidates:
            if self._may_be(draft, found):
                return _Match(found, is_question=True)
        return NO_MATCH

    def _may_be(self, draft: Draft, found: StoredHousehold) -> bool:
        """A family whose code the roster gave is another family under another code."""
        return found.key not in self.taken and not (draft.code and found.code)


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


def _plan(draft: Draft, match: _Match, decisions: Decisions) -> HouseholdPlan:
    stored = match.household
    plan = HouseholdPlan(draft, stored)
    if draft.is_refused:
        _refuse_all(plan)
        return plan
    plan.is_question = match.is_question
    standing = [row for row in draft.rows if not row.refusals]
    stored_of = _match_members(standing, stored.members if stored else ())
    plan.keeps_head = _keeps_head(draft, stored, stored_of)
    gone = stored.departed if stored else ()
    strangers = [
        row
        for row in (standing if gone else ())
        if row.number_and_sheet not in stored_of and (row is not draft.head or plan.keeps_head)
    ]
    departed = _match_members(strangers, gone)
    for row in draft.rows:
        if row.refusals:
            plan.others.append(PersonPlan(row, None, "refused"))
        elif left := departed.get(row.number_and_sheet):
            # The desk took the person out; a file that goes on naming them does not bring them back.
            kept = [Kept("left", None, left.name, is_conflict=False)]
            plan.others.append(PersonPlan(row, None, "unchanged", kept=kept))
        else:
            person = stored_of.get(row.number_and_sheet)
            plan.persons.append(_plan_person(row, person, decisions, plan.keeps_head))
    plan.others.extend(PersonPlan(row, None, "unchanged") for row in draft.repeats)
    if plan.persons:
        _plan_household(plan, decisions)
    _warn_of_absent(plan)
    return plan


def _keeps_head(
    draft: Draft, stored: StoredHousehold | None, stored_of: Mapping[tuple[str, int], StoredMember]
) -> bool:
    """Whether the desk gave the family another head since, and the file only repeats the former."""
    if stored is None or stored.base_head is None or draft.head is None:
        return False
    if stored.head is None or stored.head.key == stored.base_head:
        return False
    said = stored_of.get(draft.head.number_and_sheet)
    gone = {member.key for member in stored.departed}
    return said.key == stored.base_head if said else stored.base_head in gone


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
    rows: list[Row], members: Sequence[StoredMember]
) -> dict[tuple[str, int], StoredMember]:
    """By number, or by name while either side has no number. Nobody on file is two rows.

    A row of our own export says which member it is.
    """
    if not members:
        return {}
    by_number = {number: member for member in members if (number := member.person_number)}
    found = {
        row.number_and_sheet: by_number[row.person_number]
        for row in rows
        if row.person_number in by_number and "member_number" not in row.person
    }
    if len(found) == len(rows):
        return found  # as most are
    found = {}
    by_place = {member.number: member for member in members if member.number is not None}
    taken: set[int] = set()
    for row in rows:
        place = row.person.get("member_number")
        if isinstance(place, int) and (member := by_place.get(place)) and member.key not in taken:
            found[row.number_and_sheet] = member
            taken.add(member.key)
    for row in rows:
        if row.number_and_sheet in found:
            continue
        if row.person_number and (member := by_number.get(row.person_number)):
            found[row.number_and_sheet] = member
            taken.add(member.key)
    for row in rows:
        if row.number_and_sheet in found:
            continue
        for member in members:
            either_has_none = not (row.person_number and member.person_number)
            if member.key not in taken and member.name == row.name and either_has_none:
                found[row.number_and_sheet] = member
                taken.add(member.key)
                break
    return found


def _compare(
    before: Mapping[str, Value],
    said: Mapping[str, Value],
    base: Mapping[str, Value] | None = None,
    file_wins: frozenset[str] = frozenset(),
) -> tuple[list[Change], list[Kept]]:
    """What changes, and where the desk's word stays.

    No value never erases, so only what the file says is compared.
    """
    changes: list[Change] = []
    kept: list[Kept] = []
    if said is before or said.items() <= before.items():
        return changes, kept  # as most rows of a roster that comes again
    for name, value in said.items():
        old = before.get(name)
        if old == value or name in KEYS:
            continue
        if base is not None and base.get(name) != old:
            is_conflict = base.get(name) != value
            if not (is_conflict and name in file_wins):
                kept.append(Kept(name, old, value, is_conflict))
                continue
        changes.append(Change(name, old, value))
    return changes, kept


def _without_keys(said: Mapping[str, Value]) -> Mapping[str, Value]:
    if "member_number" not in said:
        return said
    return {name: value for name, value in said.items() if name not in KEYS}


def _with_changes(before: Mapping[str, Value], changes: list[Change]) -> Mapping[str, Value]:
    return {**before, **{change.field: change.new for change in changes}} if changes else before


def _plan_person(
    row: Row, stored: StoredMember | None, decisions: Decisions, keeps_head: bool
) -> PersonPlan:
    if stored is None:
        said = _without_keys(row.person)
        if keeps_head and said.get("relation") == HEAD:
            said = {name: value for name, value in said.items() if name != "relation"}
        return PersonPlan(row, None, "created", after=said)
    changes, kept = _compare(stored.values, row.person, stored.base, decisions.file_wins)
    if keeps_head:
        kept += [
            Kept(change.field, change.old, change.new, is_conflict=False)
            for change in changes
            if change.field == "relation" and HEAD in (change.old, change.new)
        ]
        changes = [
            change
            for change in changes
            if not (change.field == "relation" and HEAD in (change.old, change.new))
        ]
    elif row.person.get("relation") == HEAD and any(one.field == "relation" for one in kept):
        # Whom the file makes the head is the head: there is no family with none, or with two.
        kept = [one for one in kept if one.field != "relation"]
        changes.append(Change("relation", stored.values.get("relation"), HEAD))
    outcome: Outcome = "updated" if changes else "unchanged"
    after = _with_changes(stored.values, changes)
    return PersonPlan(row, stored, outcome, changes, after, kept)


def _plan_household(plan: HouseholdPlan, decisions: Decisions) -> None:
    before = plan.stored.values if plan.stored else {}
    if plan.stored and plan.draft.code and plan.stored.code != plan.draft.code:
        plan.changes.append(Change("code", plan.stored.code, plan.draft.code))
    base = plan.stored.base if plan.stored else None
    changes, plan.kept = _compare(before, plan.draft.values, base, decisions.file_wins)
    plan.after = _with_changes(before, changes)
    plan.changes.extend(changes)
    old_head = plan.stored.head if plan.stored else None
    if old_head and not plan.keeps_head:
        new_head = next(person for person in plan.persons if person.row is plan.draft.head)
        if new_head.stored is None or new_head.stored.key != old_head.key:
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
