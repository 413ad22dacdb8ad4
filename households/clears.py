"""五清 and 六清 of a file: the rules of a programme asked of its enrolments, in sets or of one.

A list narrows and orders its rows at once (`lacking`, `count_of`) and asks those it shows (`count`);
the file's page asks one household and is told besides what is there, what proves it and what is
missing (`tell`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import chain
from operator import and_, or_
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Case, ExpressionWrapper, IntegerField, Q, When
from django.utils.translation import gettext as _

from households import evidence
from households.evidence import Evidence, Fact
from households.models import DossierRule, Enrolment

NEVER = Q(pk__in=[])
Rules = dict[int, list[DossierRule]]


def rules_of(programmes: Iterable[Any]) -> Rules:
    """{key of a programme: its rules in order}, in one statement; only of those that have some."""
    found: Rules = {}
    for rule in DossierRule.objects.of_programmes(programmes):
        found.setdefault(rule.item.programme_id, []).append(rule)
    return found


def _holds(code: str) -> Q:
    known = evidence.evidence(code)
    return known.holds if known else NEVER


def full(rule: DossierRule) -> Q:
    """The condition on an enrolment that this 清 of its programme is full."""
    parts = [_holds(code) for code in rule.all_of]
    if rule.one_of:
        parts.append(reduce(or_, (_holds(code) for code in rule.one_of)))
    return reduce(and_, parts)


def lacking(rules: Iterable[DossierRule]) -> Q:
    """The condition that any of some 清 is not full."""
    return ~reduce(and_, map(full, rules))


def count_of(rules: Iterable[DossierRule]) -> Any:
    """How many of some 清 are full, as an expression on enrolments."""
    one_each = [
        Case(When(full(rule), then=1), default=0, output_field=IntegerField()) for rule in rules
    ]
    return sum(one_each[1:], start=one_each[0])


def with_each(enrolments: Any, rules: Iterable[DossierRule]) -> Any:
    """Adds of each 清 whether it is full; `is_full` reads it."""
    each = {flag(rule): ExpressionWrapper(full(rule), BooleanField()) for rule in rules}
    return enrolments.annotate(**each)


def flag(rule: DossierRule) -> str:
    return f"full_{rule.pk}"


# ---- rows that are at hand


@lru_cache(maxsize=256)
def _asking(codes: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    """The statement that asks every enrolment for some evidence, and its parameters.

    Kept, because to build a dozen sub-queries takes Django longer than PostgreSQL takes to answer
    for a page of rows. What a code means does not change while the program runs.
    """
    asked = {
        f"there_{nth}": ExpressionWrapper(_holds(code), BooleanField())
        for nth, code in enumerate(codes)
    }
    rows = Enrolment.objects.order_by().annotate(**asked).values_list("pk", *asked)
    sql, params = rows.query.sql_with_params()
    return sql, tuple(params)


def held(keys: Iterable[int], rules: Iterable[DossierRule]) -> dict[int, set[str]]:
    """{key of an enrolment: codes of what it holds}, of all that the rules ask for; one statement."""
    codes = tuple(sorted({code for rule in rules for code in (*rule.all_of, *rule.one_of)}))
    sql, params = _asking(codes)
    table, key = Enrolment._meta.db_table, Enrolment._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(f'{sql} WHERE "{table}"."{key}" = ANY(%s)', [*params, list(keys)])
        return {
            row[0]: {code for code, is_there in zip(codes, row[1:], strict=True) if is_there}
            for row in cursor.fetchall()
        }


def is_full(rule: DossierRule, there: set[str]) -> bool:
    """What `full` asks the database, of an enrolment whose evidence is known."""
    return there.issuperset(rule.all_of) and (not rule.one_of or not there.isdisjoint(rule.one_of))


def count(enrolments: Iterable[Any], rules: Rules) -> None:
    """Tell rows at hand `clear_count` and `clear_total`; None where the programme has no rules."""
    enrolments = list(enrolments)
    ruled = [one for one in enrolments if one.programme_id in rules]
    answers = held([one.pk for one in ruled], chain(*rules.values())) if ruled else {}
    for one in enrolments:
        of = rules.get(one.programme_id)
        one.clear_total = len(of) if of else None
        one.clear_count = sum(is_full(rule, answers[one.pk]) for rule in of) if of else None


# ---- one file


@dataclass(frozen=True)
class Line:
    """One piece of evidence of a 清: whether it is there, and then what; else how to mend it."""

    evidence: Evidence
    is_there: bool
    facts: list[Fact]
    mend: evidence.Mend | None

    @property
    def label(self) -> Any:
        return self.evidence.label

    @property
    def missing(self) -> Any:
        return self.evidence.missing


@dataclass(frozen=True)
class Clear:
    """A 清 of one file. Of `one_of` a single line is enough."""

    label: str
    is_full: bool
    all_of: list[Line]
    one_of: list[Line]

    @property
    def there(self) -> list[Line]:
        return [line for line in (*self.all_of, *self.one_of) if line.is_there]

    @property
    def is_one_there(self) -> bool:
        return any(line.is_there for line in self.one_of)

    @property
    def absent(self) -> list[Line]:
        """What must still come; nothing of `one_of` once one of them is there."""
        found = [line for line in self.all_of if not line.is_there]
        return found if self.is_one_there else [*found, *self.one_of]

    @property
    def mend(self) -> str:
        """Where a click on the mark leads: the first way open to whoever looks."""
        return next((line.mend.url for line in self.absent if line.mend), "")


@dataclass(frozen=True)
class Dossier:
    """The 清 of one enrolment. `name` is what the programme calls them together."""

    enrolment: Enrolment
    name: str
    clears: list[Clear]

    @property
    def full(self) -> int:
        return sum(clear.is_full for clear in self.clears)

    @property
    def codes(self) -> set[str]:
        """Of all evidence that these 清 ask for."""
        lines = (line for clear in self.clears for line in (*clear.all_of, *clear.one_of))
        return {line.evidence.code for line in lines}

    @property
    def total(self) -> int:
        return len(self.clears)


def _unknown(code: str) -> Evidence:
    return Evidence(
        code, code, NEVER, _("This version of the program does not know this evidence."),
        lambda _enrolment, _staff: (),
    )  # fmt: skip


def tell(household: Any, enrolments: list[Enrolment], staff: Any, *, facts: bool = True) -> list:
    """The dossiers of a household's enrolments that have rules.

    Two statements for all of them, and what each piece of evidence that is there tells of itself;
    `facts=False` leaves that out.
    """
    rules = rules_of([enrolment.programme_id for enrolment in enrolments])
    if not rules:
        return []
    codes = {code for of in rules.values() for rule in of for code in (*rule.all_of, *rule.one_of)}
    known = {code: evidence.evidence(code) or _unknown(code) for code in sorted(codes)}
    answers = held([one.pk for one in enrolments], chain(*rules.values()))

    def line_of(enrolment: Enrolment, code: str) -> Line:
        one = known[code]
        if code in answers[enrolment.pk]:
            return Line(one, True, list(one.tell(enrolment, staff)) if facts else [], None)
        way = one.mend(enrolment) if household.is_open else None
        return Line(one, False, [], way if way and staff.has_perm(way.permission) else None)

    def clear_of(enrolment: Enrolment, rule: DossierRule) -> Clear:
        all_of = [line_of(enrolment, code) for code in rule.all_of]
        one_of = [line_of(enrolment, code) for code in rule.one_of]
        return Clear(rule.item.label, is_full(rule, answers[enrolment.pk]), all_of, one_of)

    return [
        Dossier(
            enrolment,
            name_of(rules[enrolment.programme_id]),
            [clear_of(enrolment, rule) for rule in rules[enrolment.programme_id]],
        )
        for enrolment in enrolments
        if enrolment.programme_id in rules
    ]


def name_of(rules: list[DossierRule]) -> str:
    """五清, 六清: the names of the lists the rules stand in."""
    return "、".join(dict.fromkeys(rule.item.list_name for rule in rules))
