"""A plan → rows: a handful of statements, however many families.

Rows are copied into temporary tables and from there inserted and updated; the history
triggers fire for each. Keys are drawn before, so that members know their household.
"""

import datetime
import json
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from households.actions import identity
from households.actions.codes import next_codes
from households.models import Enrolment, IncomeSnapshot, Member, words
from households.models import kept as kept_words
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
LINKS = {"id", "household_id", "seq", "joined_on", "principal_id"}  # set once, never by a roster


@dataclass(frozen=True, slots=True)
class _Claimant:
    """What `identity.claim` asks of a member."""

    pk: int
    id_number: str
    left_on: None = None


def write(plan, on_file, *, unit, programme, places, today=None):
    """Carry the plan out inside the caller's transaction. Raises PersonElsewhereError, IntegrityError.

    The caller holds the lock on imports and on the households on file, and says who acts.
    """
    writer = _Writer(on_file, unit, programme, places, today or timezone.localdate())
    for household in plan.accepted:
        writer.sort(household)
    writer.number()
    for household in writer.new:
        writer.file(household)
    for household in writer.changed:
        writer.change(household)
    writer.save()


class _Writer:
    def __init__(self, on_file, unit, programme, places, today):
        self.on_file = on_file
        self.unit, self.programme, self.places, self.today = unit, programme, places, today
        self.new, self.changed = [], []  # household plans
        self.households_new, self.households_changed = [], []
        self.members_new, self.members_changed = [], []
        self.enrolments_new, self.enrolments_changed = [], []
        self.incomes = []
        self.former_heads = []
        self.claimants = []
        self.touched = []

    # --- what is to be done ---

    def sort(self, household):
        if household.stored is None:
            self.new.append(household)
        elif (
            household.changes
            or self._row(household).enrolment_id is None
            or any(person.changes or person.stored is None for person in household.persons)
            or self._columns_differ(household)
        ):
            self.changed.append(household)

    def _row(self, household):
        return self.on_file.rows[household.stored.key]

    def _columns_differ(self, household):
        """Columns nobody knows are kept too; they change nothing that the receipt counts."""
        said = self._unknown_columns(household, {})
        known = kept_words.columns(self._row(household).kept) if said else {}
        return any(
            known.get(member, {}).get(heading) != text
            for member, columns in said.items()
            for heading, text in columns.items()
        )

    def number(self):
        """Draw all keys and file numbers at once."""
        members = sum(len(household.persons) for household in self.new) + sum(
            person.stored is None for household in self.changed for person in household.persons
        )
        enrolments = len(self.new) + sum(
            self._row(household).enrolment_id is None for household in self.changed
        )
        self.household_keys = _keys("households_household", len(self.new))
        self.member_keys = _keys("households_member", members)
        self.enrolment_keys = _keys("households_enrolment", enrolments)
        self.places_of = [self.places.find(household.after.get("unit")) for household in self.new]
        wanted = {}
        for household, place in zip(self.new, self.places_of, strict=True):
            if household.draft.code is None:
                wanted[place] = wanted.get(place, 0) + 1
        # In one order, so that two offices that number at once do not wait for one another.
        ordered = sorted(wanted.items(), key=lambda pair: pair[0].pk)
        self.codes = {place.pk: iter(next_codes(place, n)) for place, n in ordered}

    # --- new families ---

    def file(self, household):
        key, place = next(self.household_keys), self.places_of[len(self.households_new)]
        code = household.draft.code or next(self.codes[place.pk])
        self.households_new.append(self._household(household, key, place.pk, code))
        keys = self._members(household, key, last_seq=0, joined_on=None)
        self._enrol(household, key, keys)

    def _household(self, household, key, unit_id, code):
        said = household.after
        name = household.head_name
        account = said.get("bank_account")
        return (
            key,
            unit_id,
            code,
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

    # --- families on file ---

    def change(self, household):
        row, key = self._row(household), household.stored.key
        old_head = household.stored.head
        renamed = old_head is None or old_head.name != household.head_name
        if not (household.changes or renamed):
            self.touched.append((key,))
        else:
            code = household.draft.code or row.code
            unit_id = row.unit_id
            if any(change.field == "unit" for change in household.changes):
                # Only where the words changed: else the desk, which moved the file, knows better.
                place = self.places.find(household.after["unit"])
                unit_id = place.pk if place.pk != self.unit.pk else unit_id
            self.households_changed.append(self._household(household, key, unit_id, code))
        if household.former_head:
            self.former_heads.append((household.former_head.key,))
        keys = self._members(household, key, last_seq=row.last_seq, joined_on=self.today)
        if row.enrolment_id is None:
            self._enrol(household, key, keys)
        else:
            self._change_enrolment(household, row, keys)

    # --- members ---

    def _members(self, household, household_key, *, last_seq, joined_on):
        """Keys of the persons named, in order."""
        keys = []
        for person in household.persons:
            if person.stored is None:
                last_seq += 1
                key = next(self.member_keys)
                self.members_new.append(
                    self._member(person.after, key, household_key, last_seq, joined_on)
                )
            else:
                key = person.stored.key
                if person.changes:
                    self.members_changed.append(
                        self._member(person.after, key, household_key, 0, None)
                    )
            numbered = person.stored is None or any(c.field == "id_number" for c in person.changes)
            if numbered and person.row.id_number:
                self.claimants.append(_Claimant(key, person.row.id_number))
            keys.append(key)
        return keys

    def _member(self, said, key, household_key, seq, joined_on):
        name = said["name"]
        number, former, born = (
            said.get("id_number"),
            said.get("former_id_number"),
            said.get("birth_date"),
        )
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
            self._digest(number) if number else "",
            encrypt(former, context="member.former_id_number") if former else b"",
            said.get("sex", "") if said.get("sex") in Member.Sex.values else "",
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

    def _digest(self, number):
        return self.on_file.digests.get(number) or digest(number)

    # --- enrolments and incomes ---

    def _enrol(self, household, household_key, keys):
        head = next(
            key
            for key, person in zip(keys, household.persons, strict=True)
            if person.row is household.draft.head
        )
        key = next(self.enrolment_keys)
        self.enrolments_new.append(self._enrolment(household, key, household_key, head, keys, {}))
        identified = household.after.get("identified_on")
        year = int(identified[:4]) if identified else self.today.year
        if not FIRST_INCOME_YEAR <= year <= LAST_INCOME_YEAR:
            year = self.today.year
        self._income(household, key, IncomeSnapshot.Stage.BEFORE, year)

    def _change_enrolment(self, household, row, keys):
        before = row.kept
        changed = self._enrolment(
            household, row.enrolment_id, household.stored.key, None, keys, before
        )
        self.enrolments_changed.append(changed)
        if any(change.field in INCOME_PARTS for change in household.changes):
            self._income(household, row.enrolment_id, IncomeSnapshot.Stage.YEARLY, self.today.year)

    def _enrolment(self, household, key, household_key, head, keys, before):
        said = household.after
        category, identified = said.get("category", ""), said.get("identified_on")
        return (
            key,
            household_key,
            head,
            words.code_of(words.CATEGORIES, category),
            [words.code_of(words.CAUSES, cause) for cause in said.get("causes", ())],
            first_day(identified),
            PRECISION[len(identified)] if identified else "",
            json.dumps(self._kept(household, keys, before), ensure_ascii=False),
        )

    def _kept(self, household, keys, before):
        said = household.after
        persons = dict(before.get("persons", {}))
        for key, person in zip(keys, household.persons, strict=True):
            sex = person.after.get("sex")
            if sex and sex not in Member.Sex.values:
                persons[str(key)] = {"sex": sex}
            else:
                persons.pop(str(key), None)
        told = {name: said[name] for name in kept_words.WORDS if name in said}
        fresh = self._unknown_columns(
            household, dict(zip(map(id, household.persons), keys, strict=True))
        )
        kept = {"household": told, "persons": persons}
        if fresh:
            old = kept_words.columns(before)
            kept["columns"] = kept_words.seal(
                old | {member: old.get(member, {}) | said for member, said in fresh.items()}
            )
        elif "columns" in before:
            kept["columns"] = before["columns"]
        return {name: value for name, value in kept.items() if value}

    @staticmethod
    def _unknown_columns(household, keys):
        """{member key as text: {heading: text}}; `keys` by identity of the person plan for new ones."""
        return {
            str(keys.get(id(person)) or (person.stored.key if person.stored else "")): dict(
                person.row.kept
            )
            for person in household.persons
            if person.row.kept
        }

    def _income(self, household, enrolment_key, stage, year):
        """The parts of the income, where it is known over how many persons they are divided."""
        said = household.after
        persons = said.get("household_size") or self._counted(household)
        if not persons or not any(name in said for name in RECEIPTS):
            return
        parts = [Decimal(said[name]) if name in said else None for name in INCOME_PARTS]
        self.incomes.append((enrolment_key, stage.value, year, persons, *parts))

    @staticmethod
    def _counted(household):
        """A roll of members names the family; a list of heads does not say how many there are."""
        if not household.draft.of_members:
            return None
        named = {person.stored.key for person in household.persons if person.stored}
        others = household.stored.members if household.stored else ()
        return len(household.persons) + sum(member.key not in named for member in others)

    # --- statements ---

    def save(self):
        now = timezone.now()
        with connection.cursor() as cursor:
            _insert(
                cursor,
                "households_household",
                HOUSEHOLD_COLUMNS,
                self.households_new,
                {
                    "status": "'open'",
                    "opened_on": "%(today)s",
                    "close_reason": "''",
                    "version": "1",
                    "updated_at": "%(now)s",
                },
                {"today": self.today, "now": now},
            )
            counted_up = "version = households_household.version + 1, updated_at = now()"
            _update(
                cursor,
                "households_household",
                HOUSEHOLD_COLUMNS,
                self.households_changed,
                f", {counted_up}",
            )
            # Who stops being the head makes room for who comes after.
            _run_for(
                cursor,
                self.former_heads,
                "UPDATE households_member SET relation = '' FROM roster_keys"
                " WHERE households_member.id = roster_keys.id",
            )
            _update(cursor, "households_member", MEMBER_COLUMNS, self.members_changed)
            _insert(
                cursor,
                "households_member",
                MEMBER_COLUMNS,
                self.members_new,
                {"study_stage": "''", "leave_reason": "''"},
                {},
            )
            _insert(
                cursor,
                "households_enrolment",
                ENROLMENT_COLUMNS,
                self.enrolments_new,
                {
                    "programme_id": "%(programme)s",
                    "helpable": "true",
                    "needs": "'{}'",
                    "attitude": "''",
                    "status": "%(status)s",
                },
                {"programme": self.programme.pk, "status": Enrolment.Status.IDENTIFIED.value},
            )
            _update(cursor, "households_enrolment", ENROLMENT_COLUMNS, self.enrolments_changed)
            self._save_incomes(cursor)
            _run_for(
                cursor,
                self.touched,
                f"UPDATE households_household SET {counted_up} FROM roster_keys"  # noqa: S608 -- our own names
                " WHERE households_household.id = roster_keys.id",
            )
        identity.claim(self.claimants)

    def _save_incomes(self, cursor):
        parts = list(INCOME_PARTS.values())
        overwritten = ", ".join(f"{name} = EXCLUDED.{name}" for name in ["persons", *parts])
        _insert(
            cursor,
            "households_incomesnapshot",
            INCOME_COLUMNS,
            self.incomes,
            {"source": "%(source)s"},
            {"source": "花名册"},
            f" ON CONFLICT (enrolment_id, stage, year) DO UPDATE SET {overwritten}, stated_net = NULL",
        )


def first_day(iso) -> datetime.date | None:
    """`2017-12` → its first day."""
    return datetime.date.fromisoformat(f"{iso}-01-01"[:10]) if iso else None


def _keys(table, n):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table, n],
        )
        return iter([key for (key,) in cursor.fetchall()])


def _copy(cursor, table, columns, rows):
    """A temporary table with these rows; gone with the transaction."""
    cursor.execute(f"DROP TABLE IF EXISTS {table}")
    told = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    cursor.execute(f"CREATE TEMP TABLE {table} ({told}) ON COMMIT DROP")
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    cursor.execute(f"ANALYZE {table}")


def _insert(cursor, table, columns, rows, given, parameters, on_conflict=""):
    if not rows:
        return
    _copy(cursor, "roster_rows", columns, rows)
    names = ", ".join([*columns, *given])
    values = ", ".join([*columns, *given.values()])
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM roster_rows{on_conflict}",  # noqa: S608 -- our own names
        parameters,
    )


def _update(cursor, table, columns, rows, besides=""):
    if not rows:
        return
    _copy(cursor, "roster_rows", columns, rows)
    names = ", ".join(f"{name} = roster_rows.{name}" for name in columns if name not in LINKS)
    cursor.execute(
        f"UPDATE {table} SET {names}{besides} FROM roster_rows WHERE {table}.id = roster_rows.id"  # noqa: S608 -- our own names
    )


def _run_for(cursor, keys, statement):
    if keys:
        _copy(cursor, "roster_keys", {"id": "bigint"}, keys)
        cursor.execute(statement)
