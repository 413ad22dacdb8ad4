"""A plan → rows: a handful of statements, however many families.

Rows are copied into temporary tables and from there inserted and updated; the history
triggers fire for each. Keys are drawn before, so that members know their household.
"""

import datetime
import json
from collections import Counter
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from django.db import connection
from django.utils import timezone

from households.actions import identity
from households.actions.codes import next_codes
from households.models import Enrolment, IncomeSnapshot, Member, words
from households.models import kept as kept_words
from households.roster import parts
from households.roster.core.reconcile import HouseholdPlan
from households.roster.stored import FileRow
from povertyaid.lib import pinyin
from povertyaid.lib.secrets import digest, encrypt

FIRST_INCOME_YEAR, LAST_INCOME_YEAR = 1980, 2100
PRECISION = {4: "year", 7: "month", 10: "day"}

# Roster field → column of the income snapshot.
INCOME_PARTS = {
    "income_wage": "wages",
    "income_business": "business",
    "income_property": "property",
    "income_transfer": "transfers",
    "business_expense": "operating_costs",
}
RECEIPTS = frozenset(INCOME_PARTS) - {"business_expense"}

HOUSEHOLD_COLUMNS = {
    "id": "bigint",
    "unit_id": "bigint",
    "code": "text",
    "head_name": "text",
    "head_pinyin": "text",
    "head_initials": "text",
    "address": "text",
    "phone": "text",
    "bank_name": "text",
    "bank_branch": "text",
    "bank_account": "bytea",
    "stated_size": "smallint",
    "note": "text",
}
MEMBER_COLUMNS = {
    "id": "bigint",
    "household_id": "bigint",
    "seq": "smallint",
    "name": "text",
    "name_pinyin": "text",
    "name_initials": "text",
    "relation": "text",
    "id_kind": "text",
    "id_number": "bytea",
    "id_digest": "text",
    "former_id_number": "bytea",
    "sex": "text",
    "birth_date": "date",
    "birth_precision": "text",
    "ethnicity": "text",
    "phone": "text",
    "health": "text",
    "labour": "text",
    "education": "text",
    "work_status": "text",
    "employer": "text",
    "note": "text",
    "joined_on": "date",
}
ENROLMENT_COLUMNS = {
    "id": "bigint",
    "household_id": "bigint",
    "principal_id": "bigint",
    "category": "text",
    "causes": "text[]",
    "identified_on": "date",
    "identified_precision": "text",
    "kept": "jsonb",
}
INCOME_COLUMNS = {
    "enrolment_id": "bigint",
    "stage": "text",
    "year": "smallint",
    "persons": "smallint",
    **dict.fromkeys(INCOME_PARTS.values(), "numeric"),
}
COUNTED_UP = "version = households_household.version + 1, updated_at = now()"
#: Who is told of each row while rows are copied: the bar of a large import, which may call it off.
looking_on = ContextVar("looking_on", default=lambda: None)
INCOME_SOURCE = "花名册"
SEXES = frozenset(Member.Sex.values)
as_json = json.JSONEncoder(ensure_ascii=False).encode
CODE_OF_CATEGORY = {word: code for code, word in words.CATEGORIES.items()}
CODE_OF_CAUSE = {word: code for code, word in words.CAUSES.items()}
LINKS = {"id", "household_id", "seq", "joined_on", "principal_id"}  # set once, never by a roster


@dataclass(frozen=True, slots=True)
class _Claimant:
    """What `identity.claim` asks of a member."""

    pk: int
    id_number: str
    left_on: None = None


@dataclass(slots=True)
class _Task:
    """One family to be written, with all its keys. `file` is None for a new one."""

    plan: HouseholdPlan
    file: FileRow | None
    key: int = 0
    unit_id: int = 0
    code: str = ""
    roster_code: str | None = None  # where another unit's file has that number
    enrolment_id: int = 0
    member_keys: list[int] = field(default_factory=list)

    @property
    def is_new(self):
        return self.file is None

    @property
    def is_enrolled(self):
        return self.file is not None and self.file.enrolment_id is not None

    @property
    def changes_household(self):
        """Whether a column of the household differs; a head's new name is one of them."""
        if self.is_new:
            return False
        head = self.plan.stored.head
        return bool(self.plan.changes) or head is None or head.name != self.plan.head_name

    @property
    def kept(self):
        return self.file.kept if self.file else {}

    @property
    def persons(self):
        return zip(self.member_keys, self.plan.persons, strict=True)

    @property
    def head_key(self):
        if self.plan.keeps_head:
            return self.plan.stored.head.key
        return next(key for key, person in self.persons if person.row is self.plan.draft.head)


def write(plan, on_file, *, unit, programme, places, today=None, watch=None):
    """Carry the plan out inside the caller's transaction; answers what was done to which family.

    `watch` is called for every row that is copied; what it raises leaves everything undone. Raises
    PersonElsewhereError, IntegrityError.

    The caller holds the lock on imports and on the households on file, and says who acts.
    """
    writer = _Writer(on_file, unit, programme, places, today or timezone.localdate())
    writer.take(plan.accepted)
    with connection.cursor() as cursor:
        # Each history trigger asks for this setting and catches the error if there is none. Undoing
        # the catch looks through every foreign key still to be checked: with 100,000 rows, hours.
        cursor.execute("SELECT set_config('pgtrigger.ignore', '{}', true)")
    token = looking_on.set(watch or looking_on.get())
    try:
        writer.save()
    finally:
        looking_on.reset(token)
    return writer.tasks


class _Writer:
    """Rows are made while they are copied: a county's roster never stands in memory twice."""

    def __init__(self, on_file, unit, programme, places, today):
        self.on_file = on_file
        self.unit, self.programme, self.places, self.today = unit, programme, places, today
        self.tasks = []
        self.kept_words = [name for name in kept_words.WORDS if name not in parts.claimed()]

    # --- what is to be done ---

    def take(self, households):
        """Sort out who is written at all, and draw all keys and file numbers at once."""
        for household in households:
            file = self.on_file.rows[household.stored.key] if household.stored else None
            if file is None or self._differs(household, file):
                self.tasks.append(_Task(household, file))
        new = [task for task in self.tasks if task.is_new]
        strangers = sum(
            person.stored is None for task in self.tasks for person in task.plan.persons
        )
        household_keys = _keys("households_household", len(new))
        member_keys = _keys("households_member", strangers)
        enrolment_keys = _keys(
            "households_enrolment", sum(not task.is_enrolled for task in self.tasks)
        )
        codes = self._codes(new)  # by key of the unit
        for task in self.tasks:
            task.key = next(household_keys) if task.is_new else task.plan.stored.key
            task.unit_id = self._unit_id(task)
            self._name(task, codes)
            task.enrolment_id = task.file.enrolment_id if task.is_enrolled else next(enrolment_keys)
            task.member_keys = [
                person.stored.key if person.stored else next(member_keys)
                for person in task.plan.persons
            ]

    @staticmethod
    def _differs(household, file):
        if household.changes or file.enrolment_id is None:
            return True
        if any(person.changes or person.stored is None for person in household.persons):
            return True
        # Columns nobody knows are kept too; they change nothing that the receipt counts.
        told = [person for person in household.persons if person.row.kept]
        known = kept_words.columns(file.kept) if told else {}
        return any(
            not person.row.kept.items() <= known.get(str(person.stored.key), {}).items()
            for person in told
        )

    def _may_have(self, code):
        return code is not None and code not in self.on_file.taken

    def _codes(self, new):
        """File numbers for the families whose roster brings none that is free, by unit."""
        wanted = Counter(
            self.places.find(task.plan.after.get("unit"))
            for task in new
            if not self._may_have(task.plan.draft.code)
        )
        # In one order, so that two offices that number at once do not wait for one another.
        ordered = sorted(wanted.items(), key=lambda pair: pair[0].pk)
        return {place.pk: iter(next_codes(place, n)) for place, n in ordered}

    def _name(self, task, codes):
        """The file's number, and the roster's code where it is another."""
        said = task.plan.draft.code
        if task.is_new:
            task.code = said if self._may_have(said) else next(codes[task.unit_id])
        else:
            task.code, task.roster_code = task.file.code, task.file.roster_code
            if self._may_have(said) and task.roster_code is None:
                task.code = said
        if said is not None and said != task.code:
            task.roster_code = said

    def _unit_id(self, task):
        place = self.places.find(task.plan.after.get("unit"))
        if task.is_new:
            return place.pk
        # Only where the words changed: else the desk, which moved the file, knows better.
        moves = any(change.field == "unit" for change in task.plan.changes)
        return place.pk if moves and place.pk != self.unit.pk else task.file.unit_id

    # --- rows ---

    def households(self, tasks):
        for task in tasks:
            said, name = task.plan.after, task.plan.head_name
            account = said.get("bank_account")
            yield (
                task.key,
                task.unit_id,
                task.code,
                name,
                pinyin.full(name)[:200],
                pinyin.initials(name)[:30],
                said.get("address", ""),
                said.get("household_phone", ""),
                said.get("bank_name", ""),
                said.get("bank_branch", ""),
                encrypt(account, context="household.bank_account") if account else b"",
                said.get("household_size"),
                said.get("note", ""),
            )

    def new_members(self):
        for task in self.tasks:
            seq = 0 if task.is_new else task.file.last_seq
            joined_on = None if task.is_new else self.today
            for key, person in task.persons:
                if person.stored is None:
                    seq += 1
                    yield self._member(person.after, key, task.key, seq, joined_on)

    def changed_members(self):
        for task in self.tasks:
            for key, person in task.persons:
                if person.changes:
                    yield self._member(person.after, key, task.key, 0, None)

    def _member(self, said, key, household_key, seq, joined_on):
        name, number = said["name"], said.get("id_number")
        former, born = said.get("former_id_number"), said.get("birth_date")
        return (
            key,
            household_key,
            seq,
            name,
            pinyin.full(name)[:200],
            pinyin.initials(name)[:30],
            said.get("relation", ""),
            said.get("id_kind", ""),
            encrypt(number, context="member.id_number") if number else b"",
            (self.on_file.digests.get(number) or digest(number)) if number else "",
            encrypt(former, context="member.former_id_number") if former else b"",
            said["sex"] if said.get("sex") in SEXES else "",
            first_day(born),
            PRECISION[len(born)] if born else "",
            said.get("ethnicity", ""),
            said.get("phone", ""),
            said.get("health", ""),
            said.get("labour_ability", ""),
            said.get("education", ""),
            said.get("work_status", ""),
            said.get("employer", ""),
            said.get("note", ""),
            joined_on,
        )

    def enrolments(self, tasks):
        for task in tasks:
            said = task.plan.after
            category, identified = said.get("category", ""), said.get("identified_on")
            yield (
                task.enrolment_id,
                task.key,
                task.head_key,
                CODE_OF_CATEGORY.get(category, category),
                _array(tuple(CODE_OF_CAUSE.get(cause, cause) for cause in said.get("causes", ()))),
                first_day(identified),
                PRECISION[len(identified)] if identified else "",
                as_json(self._kept(task)),
            )

    def _kept(self, task):
        """What no table holds: of the household, of its persons, and columns nobody knows."""
        said = task.plan.after
        persons = dict(task.kept.get("persons", {}))
        fresh = {}
        for key, person in task.persons:
            sex = person.after.get("sex")
            persons.pop(str(key), None)
            if sex and sex not in SEXES:
                persons[str(key)] = {"sex": sex}
            if person.row.kept:
                fresh[str(key)] = person.row.kept
        told = {name: said[name] for name in self.kept_words if name in said}
        if task.roster_code:
            told["code"] = task.roster_code
        kept = {
            "household": told,
            "persons": persons,
            "columns": task.kept.get("columns"),
        }
        if fresh:
            old = kept_words.columns(task.kept)
            kept["columns"] = kept_words.seal(
                old | {key: old.get(key, {}) | dict(told) for key, told in fresh.items()}
            )
        return {name: value for name, value in kept.items() if value}

    def incomes(self):
        """The parts of an income, where it is known over how many persons they are divided."""
        for task in self.tasks:
            said = task.plan.after
            if not any(name in said for name in RECEIPTS):
                continue
            if not task.is_enrolled:
                stage, year = IncomeSnapshot.Stage.BEFORE, self._first_year(said)
            elif any(change.field in INCOME_PARTS for change in task.plan.changes):
                stage, year = IncomeSnapshot.Stage.YEARLY, self.today.year
            else:
                continue
            if persons := said.get("household_size") or self._counted(task.plan):
                parts = [Decimal(said[name]) if name in said else None for name in INCOME_PARTS]
                yield (task.enrolment_id, stage.value, year, persons, *parts)

    def _first_year(self, said):
        """The year a family was identified: what it earned then is what it earned before help."""
        identified = said.get("identified_on")
        year = int(identified[:4]) if identified else self.today.year
        return year if FIRST_INCOME_YEAR <= year <= LAST_INCOME_YEAR else self.today.year

    @staticmethod
    def _counted(household):
        """A roll of members names the family; a list of heads does not say how many there are."""
        if not household.draft.of_members:
            return None
        named = {person.stored.key for person in household.persons if person.stored}
        others = household.stored.members if household.stored else ()
        return len(household.persons) + sum(member.key not in named for member in others)

    def claimants(self):
        for task in self.tasks:
            for key, person in task.persons:
                number = person.row.id_number
                is_new = person.stored is None or any(
                    change.field == "id_number" for change in person.changes
                )
                if number and is_new:
                    yield _Claimant(key, number)

    # --- statements ---

    def save(self):
        new = [task for task in self.tasks if task.is_new]
        changed = [task for task in self.tasks if task.changes_household]
        besides = [task for task in self.tasks if not (task.is_new or task.changes_household)]
        enrolled = [task for task in self.tasks if task.is_enrolled]
        not_enrolled = [task for task in self.tasks if not task.is_enrolled]
        with connection.cursor() as cursor:
            _insert(
                cursor,
                "households_household",
                HOUSEHOLD_COLUMNS,
                self.households(new),
                {
                    "status": "'open'",
                    "opened_on": "%(today)s",
                    "close_reason": "''",
                    "version": "1",
                    "updated_at": "now()",
                },
                {"today": self.today},
            )
            _update(
                cursor,
                "households_household",
                HOUSEHOLD_COLUMNS,
                self.households(changed),
                f", {COUNTED_UP}",
            )
            _count_up(cursor, [(task.key,) for task in besides])
            self._save_members(cursor)
            _insert(
                cursor,
                "households_enrolment",
                ENROLMENT_COLUMNS,
                self.enrolments(not_enrolled),
                {
                    "programme_id": "%(programme)s",
                    "helpable": "true",
                    "needs": "'{}'",
                    "attitude": "''",
                    "status": "%(status)s",
                },
                {"programme": self.programme.pk, "status": Enrolment.Status.IDENTIFIED.value},
            )
            _update(cursor, "households_enrolment", ENROLMENT_COLUMNS, self.enrolments(enrolled))
            overwritten = ", ".join(
                f"{name} = EXCLUDED.{name}" for name in ["persons", *INCOME_PARTS.values()]
            )
            _insert(
                cursor,
                "households_incomesnapshot",
                INCOME_COLUMNS,
                self.incomes(),
                {"source": "%(source)s"},
                {"source": INCOME_SOURCE},
                " ON CONFLICT (enrolment_id, stage, year)"
                f" DO UPDATE SET {overwritten}, stated_net = NULL",
            )
        identity.claim(self.claimants())

    def _save_members(self, cursor):
        # Who stops being the head makes room for who comes after.
        former = [(t.plan.former_head.key,) for t in self.tasks if t.plan.former_head]
        if former:
            _copy(cursor, {"id": "bigint"}, former)
            cursor.execute("ANALYZE roster_rows")
            cursor.execute(
                "UPDATE households_member SET relation = '' FROM roster_rows"
                " WHERE households_member.id = roster_rows.id"
            )
        _update(cursor, "households_member", MEMBER_COLUMNS, self.changed_members())
        _insert(
            cursor,
            "households_member",
            MEMBER_COLUMNS,
            self.new_members(),
            {"study_stage": "''", "leave_reason": "''"},
            {},
        )


@lru_cache(maxsize=4096)
def first_day(iso) -> datetime.date | None:
    """`2017-12` → its first day."""
    return datetime.date.fromisoformat(f"{iso}-01-01"[:10]) if iso else None


@lru_cache(maxsize=4096)
def _array(texts) -> str:
    """A tuple of texts as the database writes an array; the driver takes ten times as long for one."""
    quoted = (text.replace("\\", r"\\").replace('"', r"\"") for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


def _keys(table, n):
    with connection.cursor() as cursor:
        cursor.execute(
            # The sequence is looked up once; beside `nextval` it would be for each key.
            "SELECT nextval(keys) FROM (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS keys"
            " OFFSET 0) AS found, generate_series(1, %s)",
            [table, n],
        )
        return iter([key for (key,) in cursor.fetchall()])


def _copy(cursor, columns, rows):
    """The temporary table `roster_rows` with these rows, gone with the transaction; how many."""
    cursor.execute("DROP TABLE IF EXISTS roster_rows")
    told = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    cursor.execute(f"CREATE TEMP TABLE roster_rows ({told}) ON COMMIT DROP")
    n, watch = 0, looking_on.get()
    with cursor.copy(f"COPY roster_rows ({', '.join(columns)}) FROM STDIN") as copy:
        for n, row in enumerate(rows, start=1):  # noqa: B007 -- n is the answer
            copy.write_row(row)
            watch()
    return n


def _insert(cursor, table, columns, rows, given, parameters, on_conflict=""):
    if not _copy(cursor, columns, rows):
        return
    names = ", ".join([*columns, *given])
    values = ", ".join([*columns, *given.values()])
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM roster_rows{on_conflict}",  # noqa: S608 -- our own names
        parameters,
    )


def _update(cursor, table, columns, rows, besides=""):
    if not _copy(cursor, columns, rows):
        return
    cursor.execute("ANALYZE roster_rows")
    names = ", ".join(f"{name} = roster_rows.{name}" for name in columns if name not in LINKS)
    cursor.execute(
        f"UPDATE {table} SET {names}{besides} FROM roster_rows WHERE {table}.id = roster_rows.id"  # noqa: S608 -- our own names
    )


def _count_up(cursor, keys):
    """A file whose members or enrolment change is another version, though its own row stays."""
    if keys:
        _copy(cursor, {"id": "bigint"}, keys)
        cursor.execute("ANALYZE roster_rows")
        cursor.execute(
            f"UPDATE households_household SET {COUNTED_UP} FROM roster_rows"  # noqa: S608 -- our own names
            " WHERE households_household.id = roster_rows.id"
        )
