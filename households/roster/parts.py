"""What a room above reads from a roster besides: helpers, payments, visits.

A roster row may name a helper or a payment, and this room must not know the tables they belong to.
A room above declares a Part and registers it at start-up (`AppConfig.ready`); the reading, the
page of headings, the preview, the receipt, the corrections and the undoing then serve it as they
serve our own fields. Until a part takes a field, what a roster says in it is kept with the
enrolment as written.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from households.roster.core.fields import FIELDS, Field
from households.roster.core.headings import standard
from households.roster.core.reconcile import Change, HouseholdPlan, Plan
from households.roster.sentences import FIELD_WORDS, SENTENCES


@dataclass(frozen=True, slots=True)
class Written:
    """A family of a roster that has been written: its keys, and what the roster says of it.

    `said` are the part's own fields of the household; `members` pairs each member's key with
    what the row says of that person.
    """

    household_id: int
    enrolment_id: int
    said: Mapping[str, Any]
    members: Sequence[tuple[int, Mapping[str, Any]]] = ()


@dataclass(frozen=True)
class Part:
    """One declaration of a room above.

    `takes` are fields this room already reads (helper_name …); `fields` are new ones, with the
    words for their `headings` and how a page calls them (`words`). All are fields of the household.

    `compare(plans, unit=, programme=)` yields (plan, changes) for what the roster says that the room
    does not know yet, and warns at rows of what will not be written (`warnings`: code → sentence);
    `write(families, unit=, programme=, by=)` writes it in sets, in the import's own transaction; it
    is given only families of which `compare` or our own fields found a change.
    `undone` maps each of its tables that keeps history, children first, to the condition on the
    event table that finds the rows of households `%(files)s`. `went_on` is the statement that
    finds, of these, the households of which somebody has changed the part since `%(since)s`.
    Of the tables `stay_if_named` a row that the import made stays where anything else names it by
    then. Rows `let_go` (table → which of them) hold nothing back: they go with what they name.
    """

    name: str
    compare: Callable[..., Iterable[tuple[HouseholdPlan, list[Change]]]]
    write: Callable[..., None]
    takes: frozenset[str] = frozenset()
    fields: Sequence[Field] = ()
    headings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    words: Mapping[str, Any] = field(default_factory=dict)
    warnings: Mapping[str, Any] = field(default_factory=dict)
    undone: Mapping[Any, str] = field(default_factory=dict)
    went_on: str = ""
    stay_if_named: frozenset[Any] = frozenset()
    let_go: Mapping[Any, Q] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        return self.takes | {one.name for one in self.fields}


_parts: dict[str, Part] = {}


def register(part: Part) -> None:
    """Let a part take part in every roster from now on."""
    taken = {name: other.name for other in _parts.values() for name in other.names}
    if twice := part.names & taken.keys():
        raise ValueError(f"{part.name} claims {sorted(twice)}, which another part has")
    _parts[part.name] = part
    for one in part.fields:
        FIELDS[one.name] = one
    standard().learn(part.headings)
    FIELD_WORDS.update(part.words)
    SENTENCES.update(part.warnings)


def unregister(part: Part) -> None:
    """As if it had never been registered; for tests."""
    del _parts[part.name]
    for one in part.fields:
        del FIELDS[one.name]
        FIELD_WORDS.pop(one.name, None)
    for code in part.warnings:
        del SENTENCES[code]
    standard().forget(part.headings)


def registered() -> list[Part]:
    return list(_parts.values())


def claimed() -> frozenset[str]:
    """Fields that some part takes: they are no longer kept with the enrolment as written."""
    return frozenset(name for part in _parts.values() for name in part.names)


def set_apart(drafts: Iterable[Any]) -> None:
    """Take what parts read out of what this room compares."""
    names = claimed()
    for draft in drafts if names else ():
        draft.for_parts = {name: draft.values.pop(name) for name in names & draft.values.keys()}


def compare(plan: Plan, *, unit: Any, programme: Any) -> None:
    """Add to each family what the parts would change, so that the preview tells it."""
    for part in _parts.values():
        for household, changes in part.compare(plan.accepted, unit=unit, programme=programme):
            if not changes:
                continue
            household.changes.extend(changes)
            if household.persons[0].outcome == "unchanged":
                household.persons[0].outcome = "updated"
    for household in plan.accepted if _parts else ():
        household.after = {**household.after, **household.draft.for_parts}


def write(tasks: Iterable[Any], *, unit: Any, programme: Any, by: Any) -> None:
    """Let every part write its own of the families that were written."""
    if not _parts:
        return
    tasks = list(tasks)
    for part in _parts.values():
        part.write(
            [
                Written(
                    task.key,
                    task.enrolment_id,
                    {k: v for k, v in task.plan.draft.for_parts.items() if k in part.names},
                    [(key, person.row.person) for key, person in task.persons],
                )
                for task in tasks
            ],
            unit=unit,
            programme=programme,
            by=by,
        )
