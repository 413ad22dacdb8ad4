"""A synthetic province for benchmarks: as many households as asked for, over a realistic tree.

Everything is written in sets. Python makes what only Python can (encrypted numbers and their
digests) and streams it in with COPY; enrolments, incomes, reviews and claims follow by INSERT …
SELECT from a temporary table of dice; so do pairs and who is on them. The history triggers are switched off meanwhile and the
same event rows inserted in one statement a table: a trigger call per row would take longer than
all the rest.
"""

import datetime
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import StringIO
from itertools import groupby, islice
from random import Random
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from households.models import (
    Enrolment,
    Household,
    IdentityClaim,
    IncomeSnapshot,
    Member,
    StatusReview,
)
from pairings.models import Helper, Pairing, PairingHelper
from povertyaid.audit.history import acting
from povertyaid.lib import pinyin
from povertyaid.lib.national_id import check_character
from povertyaid.lib.secrets import digest, encrypt
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.programmes.models import Programme, ReferenceValue, Target, Threshold
from reports.demo.people import FEMALE, HEAD, MALE, lot
from reports.demo.setup import description

CODE = "SCALE"
BATCH = 20_000
A_VILLAGE = 80  # households
FAN_OUT = (12, 12, 9)  # villages a township, townships a county, counties a city
EPOCH = datetime.date(1930, 1, 1).toordinal()

Columns = dict[str, str]  # column → what is written into it, in SQL

#: How many families of each size, of one hundred: 2.5 persons on average.
SIZES = (1,) * 20 + (2,) * 36 + (3,) * 27 + (4,) * 11 + (5,) * 5 + (6,)
GIVEN_NAMES = {MALE: "given_male", FEMALE: "given_female"}
#: Households in a row that share a helper: every seventh helper has one, the others three to eight.
SHARES = (1, 3, 4, 5, 6, 7, 8)
POSTS = ("乡长", "副乡长", "工会主席", "站长", "科员", "党支部书记", "驻村干部")
CATEGORIES = ("cadre",) * 6 + ("big_grower", "model_worker", "entrepreneur", "volunteer")


class ThereAlreadyError(Exception):
    """The province was planted before."""


@dataclass(frozen=True)
class Name:
    text: str
    pinyin: str
    initials: str


def plant(households: int, *, seed: int = 1) -> Iterator[int]:
    """Write the province; yields how many households stand after each batch.

    Raises ThereAlreadyError: it is made whole, in an office of its own.
    """
    if Programme.objects.filter(code=CODE).exists():
        raise ThereAlreadyError(CODE)
    with transaction.atomic():
        villages = _tree(households)
        programme, clerk, approver = _office()
    families = _Families(seed)
    per_village = math.ceil(households / len(villages))
    homes = islice(
        (
            (village, area, number)
            for village, area in villages
            for number in range(1, per_village + 1)
        ),
        households,
    )
    done = 0
    # While the database writes one batch, the next is drawn: two cores, one each.
    with ThreadPoolExecutor(max_workers=1) as ahead:
        coming = ahead.submit(families.batch, list(islice(homes, BATCH)))
        while batch := coming.result():
            coming = ahead.submit(families.batch, list(islice(homes, BATCH)))
            with transaction.atomic(), connection.cursor() as cursor, acting(clerk):
                _write(cursor, batch, programme, clerk, approver)
            done += batch.households
            yield done
    with connection.cursor() as cursor:
        for model in (*TRACKED, IdentityClaim, OrgUnit):
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def _tree(households: int) -> list[tuple[OrgUnit, str]]:
    """Province, cities, counties, townships, villages; the villages with their area code."""
    village_count = math.ceil(households / A_VILLAGE)
    townships = math.ceil(village_count / FAN_OUT[0])
    counties = math.ceil(townships / FAN_OUT[1])
    cities = math.ceil(counties / FAN_OUT[2])
    if counties > 900:
        raise ValueError("at most 900 counties: the area codes that were never assigned run out")
    root = OrgUnit.objects.create(
        code=CODE, name="规模测试省", kind="government", level="province", keeps_files=False
    )
    above = [root]
    for kind, letter, name, count, fan_out in (
        ("city", "S", "第{}市", cities, cities),
        ("county", "X", "第{}县", counties, FAN_OUT[2]),
        ("township", "Z", "第{}乡", townships, FAN_OUT[1]),
        ("village", "C", "第{}村", village_count, FAN_OUT[0]),
    ):
        above = OrgUnit.objects.bulk_create(
            [_unit(name.format(i + 1), kind, above[i // fan_out], letter, i) for i in range(count)],
            batch_size=2_000,
        )
    a_county = FAN_OUT[0] * FAN_OUT[1]
    return [(village, str(239_000 + i // a_county)) for i, village in enumerate(above)]


def _unit(name: str, kind: str, parent: OrgUnit, letter: str, i: int) -> OrgUnit:
    code = f"{CODE}-{letter}{i + 1:05d}"
    return OrgUnit(
        code=code,
        name=name,
        name_pinyin=pinyin.full(name),
        name_initials=pinyin.initials(name)[:60],
        kind=kind,
        level=kind,
        parent=parent,
        path=f"{parent.path}{code}/",
        keeps_files=kind in {"village", "township"},
    )


def _office() -> tuple[Programme, Staff, Staff]:
    root = OrgUnit.objects.get(code=CODE)
    programme = Programme.objects.create(
        code=CODE,
        name="规模测试帮扶工程",
        mode_label="一户一策",
        lead_unit=root,
        starts_on=datetime.date(2021, 1, 1),
    )
    for category, basis, value, series in (
        ("registered_poor", "absolute", 8_000, None),
        ("dibao", "absolute", 9_000, None),
        ("low_income", "share", 50, "per_capita_income"),
    ):
        Threshold.objects.create(
            programme=programme,
            category=category,
            exit_label="脱贫" if basis == "absolute" else "脱低",
            basis=basis,
            value=value,
            series=series,
        )
    for year in range(2020, 2027):
        ReferenceValue.objects.create(
            unit=root, series="per_capita_income", year=year, value=18_000 + 1_000 * (year - 2020)
        )
    Target.objects.create(
        programme=programme,
        code="T1",
        title="到2025年底，计划内家庭全部脱贫",
        indicator="Q-02",
        params={"target_by": "2025-12-31"},
        value=100,
        measure="%",
        starts_on=programme.starts_on,
        due_on=datetime.date(2025, 12, 31),
        planned_years=5,
    )
    people = []
    for role in ("clerk", "approver", "supervisor", "administrator"):
        # Nobody signs in by these: they are the hands on the rows.
        staff = Staff(
            username=f"scale-{role}",
            full_name=f"规模测试{role}",
            unit=root,
            role=role,
            must_change_password=False,
        )
        staff.set_unusable_password()
        staff.save()
        people.append(staff)
    return programme, people[0], people[1]


class _Families:
    """Draws families and writes them as lines of a COPY."""

    def __init__(self, seed: int) -> None:
        self.rng: Random = lot(f"{CODE} {seed}")
        self.helping: Random = lot(f"{CODE} helpers {seed}")
        parts = description("names")
        self.family = [
            # Read in front of a given name, where 尉迟 is one family name and 单 is Shàn.
            _name(part, pinyin.syllables(part + "一")[:-1])
            for part in parts["family"]
        ]
        self.given = {sex: self._given(parts[key]) for sex, key in GIVEN_NAMES.items()}
        self.area = ""
        self.sequence: dict[int, int] = {}

    def _given(self, whole: list[str]) -> list[Name]:
        """Given names of one and two characters; the usual ones stand in twice for their frequency."""
        characters = sorted(set("".join(whole)))
        made = {
            first + second for first in characters for second in self.rng.sample(characters, 12)
        }
        names = [*whole, *whole, *characters, *sorted(made)]
        return [_name(name, pinyin.syllables_of_text(name)) for name in names]

    def person(self, family: Name, sex: str, born: int) -> tuple[Name, str]:
        given = self.rng.choice(self.given[sex])
        name = Name(
            family.text + given.text,
            f"{family.pinyin} {given.pinyin}",
            family.initials + given.initials,
        )
        taken = self.sequence.get(born, 0)
        self.sequence[born] = taken + 1
        date = datetime.date.fromordinal(born)
        first17 = f"{self.area}{date:%Y%m%d}{(2 * taken + (sex == MALE)) % 1000:03d}"
        return name, first17 + check_character(first17)

    def enter(self, area: str) -> None:
        if area != self.area:
            self.area = area
            self.sequence = {}

    def draw(self) -> list[tuple[str, str, int, Name, str]]:
        """relation, sex, birth day, name, number of each; the head first."""
        rng = self.rng
        size = rng.choice(SIZES)
        sex = MALE if rng.random() < 0.75 else FEMALE
        other = FEMALE if sex == MALE else MALE
        born = EPOCH + 365 * 22 + rng.randrange(365 * 33)  # 1952 … 1985
        family = rng.choice(self.family)
        places = [(HEAD, sex, born, family)]
        for place in range(1, size):
            if place == 1:
                places.append(
                    ("配偶", other, born + rng.randrange(-1_400, 1_100), rng.choice(self.family))
                )
            elif place in {2, 3}:
                child = MALE if rng.random() < 0.5 else FEMALE
                day = born + 365 * rng.randrange(21, 36) + rng.randrange(365)
                places.append(("之子" if child == MALE else "之女", child, day, family))
            else:
                elder = FEMALE if place == 4 else MALE
                day = max(born - 365 * rng.randrange(19, 28), EPOCH - 1_000)
                places.append(("之母" if elder == FEMALE else "之父", elder, day, family))
        return [
            (relation, sex, born, *self.person(family, sex, born))
            for relation, sex, born, family in places
        ]

    def batch(self, homes: list[tuple[OrgUnit, str, int]]) -> "_Batch | None":
        """Lines for COPY of the households with their dice, and of their members.

        Keys count from zero: the writer adds where the batch begins.
        """
        if not homes:
            return None
        home_lines, person_lines = StringIO(), StringIO()
        helpers, helper_lines = self.helpers(homes)
        person = 0
        for home, (village, area, number) in enumerate(homes):
            self.enter(area)
            family = self.draw()
            head = family[0][3]
            account = f"629999{village.pk:06d}{number:07d}"
            bank = (
                encrypt(account, context="household.bank_account").hex() if number % 10 < 7 else ""
            )
            dice = "\t".join(str(self.rng.randrange(1_000)) for _ in range(4))
            who = "\t".join(map(str, helpers[home]))
            home_lines.write(
                f"{home}\t{person}\t{len(family)}\t{village.pk}\t{village.code}-{number:06d}"
                f"\t{head.text}\t{head.pinyin}\t{head.initials}\t{village.name}{number}号\t\\\\x{bank}\t{dice}\t{who}\n"
            )
            for seq, (relation, sex, born, name, id_number) in enumerate(family, start=1):
                sealed = encrypt(id_number, context="member.id_number").hex()
                person_lines.write(
                    f"{person}\t{home}\t{seq}\t{name.text}\t{name.pinyin}\t{name.initials}"
                    f"\t{relation}\t\\\\x{sealed}\t{digest(id_number)}\t{sex}"
                    f"\t{datetime.date.fromordinal(born)}\n"
                )
                person += 1
        return _Batch(
            len(homes), person, max(map(max, helpers)) + 1, home_lines.getvalue(),
            person_lines.getvalue(), helper_lines,
        )  # fmt: skip

    def helpers(self, homes: list[tuple[OrgUnit, str, int]]) -> tuple[list[list[int]], str]:
        """Of each household who may help it, four of the village; and the helpers as lines of COPY.

        The first is shared with its neighbours, the next, the third and the former are those of the
        households further on; in a village with few helpers some are the same.
        """
        lines = StringIO()
        whose: list[list[int]] = []
        helper = 0
        for village, theirs in groupby(homes, key=lambda home: home[0]):
            left, here = len(list(theirs)), []
            while len(here) < left:
                share = min(self.helping.choice(SHARES), left - len(here))
                here += [helper] * share
                lines.write(self.helper(helper, village))
                helper += 1
            first, n = here[0], helper - here[0]
            whose += [
                [first + (one - first + step) % n for step in (0, 1, 2, n - 1)] for one in here
            ]
        return whose, lines.getvalue()

    def helper(self, key: int, village: OrgUnit) -> str:
        rng = self.helping
        sex = FEMALE if rng.random() < 0.3 else MALE
        family, given = rng.choice(self.family), rng.choice(self.given[sex])
        is_unit = rng.random() < 0.03
        name = (
            f"{village.name}合作社{key + 1}\t\t"
            if is_unit
            else f"{family.text}{given.text}\t{family.pinyin} {given.pinyin}"
            f"\t{family.initials}{given.initials}"
        )
        kind, category = ("unit", "unit") if is_unit else ("person", rng.choice(CATEGORIES))
        post = rng.choice(POSTS) if category == "cadre" else ""
        left = "2025-06-30" if rng.random() < 0.01 else "\\N"
        return (
            f"{key}\t{village.parent_id}\t{kind}\t{name}\t{category}\t{post}"
            f"\t1549{rng.randrange(10_000_000):07d}\t{left}\n"
        )


@dataclass(frozen=True)
class _Batch:
    households: int
    persons: int
    helpers: int
    home_lines: str
    person_lines: str
    helper_lines: str


def _name(part: str, syllables: tuple[str, ...]) -> Name:
    return Name(part, " ".join(syllables), "".join(syllable[0] for syllable in syllables))


def _write(cursor: Any, batch: _Batch, programme: Programme, clerk: Staff, approver: Staff) -> None:
    """One batch in one transaction, history included."""
    cursor.execute("SET LOCAL synchronous_commit = off")
    cursor.execute(STAGES)
    _copy(cursor, "COPY scale_home FROM STDIN", batch.home_lines)
    _copy(cursor, "COPY scale_person FROM STDIN", batch.person_lines)
    _copy(cursor, "COPY scale_helper FROM STDIN", batch.helper_lines)
    cursor.execute("ANALYZE scale_home; ANALYZE scale_person; ANALYZE scale_helper")
    names = {
        "programme": programme.pk,
        "clerk": clerk.pk,
        "approver": approver.pk,
        "home": _reserve(cursor, Household, batch.households),
        "person": _reserve(cursor, Member, batch.persons),
        "helper": _reserve(cursor, Helper, batch.helpers),
    }
    for model in TRACKED:
        cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER")
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {model._meta.db_table}")  # noqa: S608 -- our own names
        before = cursor.fetchone()[0]
        for columns, source in ROWS[model]:
            _insert(cursor, model, columns, source, names)
        _history(cursor, model, before)
    cursor.execute(CLAIMS, names)
    # A table with foreign keys still to be checked cannot be altered.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for model in TRACKED:
        cursor.execute(f"ALTER TABLE {model._meta.db_table} ENABLE TRIGGER USER")


def _reserve(cursor: Any, model: type[models.Model], count: int) -> int:
    """The first of `count` keys in a row."""
    cursor.execute(
        "SELECT min(key), max(key) FROM (SELECT nextval(sequence) AS key"
        "  FROM (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS sequence OFFSET 0) AS one,"
        "       generate_series(1, %s)) AS keys",
        [model._meta.db_table, count],
    )
    first, last = cursor.fetchone()
    if last - first + 1 != count:
        raise RuntimeError("somebody else is writing to this office; try again when it is quiet")
    return int(first)


def _copy(cursor: Any, statement: str, lines: str) -> None:
    with cursor.copy(statement) as copy:
        copy.write(lines)


def _insert(
    cursor: Any,
    model: type[models.Model],
    columns: Columns,
    source: str,
    names: dict[str, Any],
) -> None:
    """INSERT … SELECT: the columns given, and the model's own default for every other one."""
    names = dict(names)
    written = dict(columns)
    for field in model._meta.concrete_fields:
        if field.generated or field.primary_key or field.column in written:
            continue
        value = timezone.now() if getattr(field, "auto_now", False) else field.get_default()
        names[f"default_{field.column}"] = field.get_db_prep_save(value, connection)
        written[field.column] = f"%(default_{field.column})s"
    cursor.execute(
        f"INSERT INTO {model._meta.db_table} ({', '.join(map(QUOTE, written))})"  # noqa: S608 -- our own names
        f" SELECT {', '.join(written.values())} FROM {source}",
        names,
    )


def _history(cursor: Any, model: type[models.Model], before: int) -> None:
    """The event of every new row, as the trigger would have written it."""
    event = model._meta.get_field("events").related_model
    columns = ", ".join(
        QUOTE(field.column)
        for field in event._meta.concrete_fields
        if not field.generated and not field.name.startswith(("pgh_", "acted_"))
    )
    cursor.execute(
        f"INSERT INTO {event._meta.db_table} ({columns}, pgh_created_at, pgh_label, pgh_obj_id)"  # noqa: S608 -- our own names
        f" SELECT {columns}, now(), 'insert', id FROM {model._meta.db_table} WHERE id > %s",
        [before],
    )


QUOTE = connection.ops.quote_name

STAGES = """
    CREATE TEMPORARY TABLE scale_home (
        id bigint, head_id bigint, persons smallint, unit_id bigint, code text,
        name text, pinyin text, initials text, address text, bank_account bytea, a int, b int, c int, d int,
        helper_id bigint, next_id bigint, third_id bigint, former_id bigint
    ) ON COMMIT DROP;
    CREATE TEMPORARY TABLE scale_helper (
        id bigint, unit_id bigint, kind text, name text, pinyin text, initials text, category text,
        post text, phone text, left_on date
    ) ON COMMIT DROP;
    CREATE TEMPORARY TABLE scale_person (
        id bigint, household_id bigint, seq smallint, name text, pinyin text, initials text,
        relation text, id_number bytea, id_digest text, sex text, birth_date date
    ) ON COMMIT DROP
"""

HOME = {
    "id": "%(home)s + id",
    "unit_id": "unit_id",
    "code": "code",
    "head_name": "name",
    "head_pinyin": "pinyin",
    "head_initials": "initials",
    "address": "address",
    "bank_account": "bank_account",
    "bank_name": "CASE WHEN octet_length(bank_account) > 0 THEN '邮政储蓄银行' ELSE '' END",
    "phone": "CASE WHEN d < 950 THEN '1549' || lpad((id %% 10000000)::text, 7, '0') ELSE '' END",
    "opened_on": "DATE '2021-01-04'",
}
PERSON = {
    "id": "%(person)s + id",
    "household_id": "%(home)s + household_id",
    "seq": "seq",
    "name": "name",
    "name_pinyin": "pinyin",
    "name_initials": "initials",
    "relation": "relation",
    "id_kind": "'national_id'",
    "id_number": "id_number",
    "id_digest": "id_digest",
    "sex": "sex",
    "birth_date": "birth_date",
    "birth_precision": "'day'",
    "ethnicity": "'汉族'",
    "health": "CASE WHEN id %% 9 = 4 THEN '长期慢性病' WHEN id %% 31 = 7 THEN '残疾' ELSE '健康' END",
}

# Four dice of a thousand sides a household: a its state, b its category, c its days and causes,
# d what its file lacks.
STATE = """
    CASE WHEN a < 60 THEN 'identified' WHEN a < 480 THEN 'helping' WHEN a < 930 THEN 'exited'
         WHEN a < 950 THEN 'consolidating' WHEN a < 965 THEN 'relapsed' ELSE 'removed' END"""
CATEGORY = """
    CASE WHEN b < 550 THEN 'registered_poor' WHEN b < 750 THEN 'dibao'
         WHEN b < 900 THEN 'low_income' ELSE 'edge_prone' END"""
IDENTIFIED_ON = "DATE '2021-01-04' + (c * 7 / 5)"
HAS_LEFT = "a BETWEEN 480 AND 949"
LEFT_ON = f"({IDENTIFIED_ON} + 180 + (a * 7 + d) %% 500)"
CAUSES = (
    "ARRAY['illness','chronic','disabled','schooling','no_capital','no_skill','lack_labour',"
    "'lack_land','accident','laid_off','age','by_disaster']"
)
NEEDS = "ARRAY['fund','project','technique','post','policy','medical','schooling','housing']"
ENROLMENT = {
    "household_id": "%(home)s + id",
    "programme_id": "%(programme)s",
    "principal_id": "%(person)s + head_id",
    "category": CATEGORY,
    "helpable": "c %% 12 <> 0",
    "identified_on": IDENTIFIED_ON,
    "identified_precision": "'day'",
    "causes": f"CASE WHEN d < 40 THEN '{{}}' WHEN d %% 3 = 0"
    f" THEN ARRAY[({CAUSES})[1 + c %% 12], ({CAUSES})[1 + (c + 1 + d %% 11) %% 12]]"
    f" ELSE ARRAY[({CAUSES})[1 + c %% 12]] END",
    "needs": f"CASE WHEN d BETWEEN 20 AND 70 THEN '{{}}' ELSE ARRAY[({NEEDS})[1 + d %% 8]] END",
    "attitude": "CASE WHEN d BETWEEN 60 AND 120 THEN '' ELSE '愿意自己干，缺门路' END",
    "target_exit_on": f"make_date(extract(year FROM {IDENTIFIED_ON})::int + 1, 12, 31)",
    "status": STATE,
    "exited_on": f"CASE WHEN {HAS_LEFT} THEN {LEFT_ON} END",
    "exit_label": f"CASE WHEN {HAS_LEFT} THEN CASE WHEN b BETWEEN 750 AND 899 THEN '脱低' ELSE '脱贫' END END",
}
ENROLLED = """
    scale_home home JOIN households_enrolment enrolment
      ON enrolment.household_id = %(home)s + home.id AND enrolment.programme_id = %(programme)s"""
BEFORE = {
    "enrolment_id": "enrolment.id",
    "stage": "'before'",
    "year": "extract(year FROM enrolment.identified_on) - 1",
    "persons": "persons",
    "wages": "persons * (1500 + a)",
    "business": "persons * (900 + 2 * b)",
    "transfers": "persons * (300 + d)",
    "operating_costs": "persons * (300 + b)",
    "source": "'入户调查'",
}
AT_EXIT = {
    "enrolment_id": "enrolment.id",
    "stage": "'exit'",
    "year": "extract(year FROM enrolment.exited_on)",
    "persons": "persons",
    "wages": "persons * (6000 + 9 * c)",
    "business": "persons * (4000 + 12 * d)",
    "transfers": "persons * 600",
    "operating_costs": "persons * (500 + 4 * d)",
    "source": "'入户核实'",
}
IDENTIFIED = {
    "enrolment_id": "enrolment.id",
    "kind": "'identify'",
    "reviewed_on": "enrolment.identified_on",
    "decision": "CASE WHEN a < 60 THEN 'pending' ELSE 'approved' END",
    "proposed_by_id": "%(clerk)s",
    "proposed_at": "enrolment.identified_on - 7 + TIME '09:20'",
    "decided_by_id": "CASE WHEN a >= 60 THEN %(approver)s::bigint END",
    "decided_at": "CASE WHEN a >= 60 THEN enrolment.identified_on + TIME '15:20' END",
}
LEFT = {
    "enrolment_id": "enrolment.id",
    "kind": "'exit'",
    "reviewed_on": "enrolment.exited_on",
    "snapshot_id": "income.id",
    "line_value": "CASE WHEN b < 550 THEN 8000 WHEN b < 750 THEN 9000 WHEN b < 900"
    " THEN 500 * (18 + income.year - 2020) END",
    "decision": "'approved'",
    "proposed_by_id": "%(clerk)s",
    "proposed_at": "enrolment.exited_on - 7 + TIME '09:20'",
    "decided_by_id": "%(approver)s",
    "decided_at": "enrolment.exited_on + TIME '15:20'",
}
WAITING = {
    "enrolment_id": "enrolment.id",
    "kind": "'exit'",
    "reviewed_on": "DATE '2026-10-20'",
    "decision": "'pending'",
    "proposed_by_id": "%(clerk)s",
    "proposed_at": "TIMESTAMPTZ '2026-10-20 09:20+08'",
}
HELPER = {
    "id": "%(helper)s + id",
    "programme_id": "%(programme)s",
    "unit_id": "unit_id",
    "kind": "kind",
    "name": "name",
    "name_pinyin": "pinyin",
    "name_initials": "initials",
    "category": "category",
    "home": "CASE kind WHEN 'unit' THEN '' ELSE '乡政府' END",
    "rank": "post",
    "phone": "phone",
    "in_post_local": "category = 'cadre'",
    "left_on": "left_on",
    "leave_reason": "CASE WHEN left_on IS NULL THEN '' ELSE 'transferred' END",
}

# Most households are paired; of those that left poverty two thirds need no pair any more.
IS_PAIRED = "a BETWEEN 30 AND 964 AND (a >= 480 OR d %% 20 > 0)"
PAIRED_ON = f"({IDENTIFIED_ON} + c %% 30)"
UNPAIRED_ON = f"CASE WHEN a BETWEEN 480 AND 799 THEN {LEFT_ON} END"
PAIR = {
    "programme_id": "%(programme)s",
    "unit_id": "home.unit_id",
    "enrolment_id": "enrolment.id",
    "scheme": "CASE WHEN d %% 9 = 0 THEN 'hand_in_hand' ELSE 'one_to_one' END",
    "starts_on": PAIRED_ON,
    "ends_on": UNPAIRED_ON,
    "end_reason": "CASE WHEN a BETWEEN 480 AND 799 THEN 'out_of_poverty' ELSE '' END",
}
PAIRED = f"{ENROLLED} JOIN pairings_pairing pair ON pair.enrolment_id = enrolment.id"
# Every eighth pair was handed over once.
HANDED_OVER = "(b + c) %% 8 = 0 AND former_id NOT IN (helper_id, next_id, third_id)"
HANDED_OVER_ON = f"({PAIRED_ON} + 60 + d %% 60)"


def _line(who: str, role: str, starts_on: str = PAIRED_ON, ends_on: str = UNPAIRED_ON) -> Columns:
    return {
        "pairing_id": "pair.id",
        "helper_id": f"%(helper)s + {who}",
        "role": f"'{role}'",
        "starts_on": starts_on,
        "ends_on": ends_on,
    }


LED_ON = f"CASE WHEN {HANDED_OVER} THEN {HANDED_OVER_ON} ELSE {PAIRED_ON} END"
LEADS = (_line("helper_id", "lead", LED_ON), PAIRED)
LED = (
    _line("former_id", "lead", ends_on=HANDED_OVER_ON),
    f"{PAIRED} WHERE {HANDED_OVER}",
)
SECONDS = (
    _line("next_id", "member"),
    f"{PAIRED} WHERE (b * 3 + d) %% 5 < 2 AND next_id <> helper_id",
)
THIRDS = (
    _line("third_id", "member", f"({PAIRED_ON} + 90)"),
    f"{PAIRED} WHERE (c + d) %% 12 = 0 AND third_id NOT IN (helper_id, next_id)",
)
ROWS: dict[type[models.Model], list[tuple[Columns, str]]] = {
    Household: [(HOME, "scale_home")],
    Member: [(PERSON, "scale_person")],
    Enrolment: [(ENROLMENT, "scale_home")],
    IncomeSnapshot: [(BEFORE, ENROLLED), (AT_EXIT, f"{ENROLLED} WHERE {HAS_LEFT}")],
    StatusReview: [
        (IDENTIFIED, ENROLLED),
        (
            LEFT,
            f"""{ENROLLED} JOIN households_incomesnapshot income
                ON income.enrolment_id = enrolment.id AND income.stage = 'exit'""",
        ),
        (WAITING, f"{ENROLLED} WHERE a BETWEEN 460 AND 479"),
    ],
    Helper: [(HELPER, "scale_helper")],
    Pairing: [(PAIR, f"{ENROLLED} WHERE {IS_PAIRED}")],
    PairingHelper: [LEADS, LED, SECONDS, THIRDS],
}
TRACKED = tuple(ROWS)
CLAIMS = """
    INSERT INTO households_identityclaim (digest, member_id)
    SELECT id_digest, %(person)s + id FROM scale_person ORDER BY id_digest
"""
