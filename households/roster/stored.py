"""What is on file for the rows of a roll, in the words of a roster; a fixed number of queries."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection
from psycopg import capabilities

from households.actions import identity
from households.models import kept as kept_words
from households.models import words
from households.roster.core.reconcile import Stored, StoredHousehold, StoredMember
from povertyaid.lib import pinyin
from povertyaid.lib.secrets import decrypt, digest

PRECISION_LENGTH = {"year": 4, "month": 7, "day": 10}

# Keys are written as bigint[]: the driver sends the narrowest array that holds them, and in one
# of another width than the column's the database looks from the front for each row.

# A roster's code is a file number, unless another unit's file had it first: then it is kept with
# the enrolment, and the file has a number of the office's own.
BY_CODE = """
    SELECT household.id, household.code, unit.path LIKE %(below)s
      FROM households_household household JOIN org_orgunit unit ON unit.id = household.unit_id
     WHERE household.code = ANY(%(codes)s)
"""
BY_KEPT_CODE = """
    SELECT household.id, enrolment.kept #>> '{household,code}'
      FROM households_enrolment enrolment
      JOIN households_household household ON household.id = enrolment.household_id
      JOIN org_orgunit unit ON unit.id = household.unit_id
     WHERE enrolment.kept #>> '{household,code}' = ANY(%(codes)s) AND unit.path LIKE %(below)s
       AND household.status = 'open'
"""
BY_HEAD = """
    SELECT household.id
      FROM households_household household JOIN org_orgunit unit ON unit.id = household.unit_id
     WHERE household.head_pinyin = ANY(%(spelled)s) AND household.head_name = ANY(%(names)s)
       AND household.status = 'open' AND unit.path LIKE %(below)s
"""
LOCK = """
    SELECT id FROM households_household WHERE id = ANY(%(ids)s::bigint[]) ORDER BY id FOR UPDATE
"""
# Of the kept code it is asked by another expression than the index has: through the index the
# highest of all codes would be gone down for each family.
HOUSEHOLDS = """
    SELECT household.id, household.code, household.status, household.unit_id,
           (SELECT max(kept -> 'household' ->> 'code') FROM households_enrolment said
             WHERE said.household_id = household.id),
           household.address, household.phone,
           household.bank_name, household.bank_branch, household.bank_account,
           household.stated_size, household.note, enrolment.id, enrolment.category,
           enrolment.causes, enrolment.identified_on, enrolment.identified_precision,
           enrolment.kept
      FROM households_household household
      JOIN org_orgunit unit ON unit.id = household.unit_id
      LEFT JOIN households_enrolment enrolment
        ON enrolment.household_id = household.id AND enrolment.programme_id = %(programme)s
     WHERE household.id = ANY(%(ids)s::bigint[]) AND unit.path LIKE %(below)s
     ORDER BY household.id
"""
# The number itself is asked for of those alone whom the file does not name.
MEMBERS = """
    SELECT id, household_id, seq, id_digest, former_id_number, birth_date, birth_precision,
           name, relation, id_kind, sex, ethnicity, phone, health, labour, education, work_status,
           employer, note
      FROM households_member
     WHERE household_id = ANY(%(ids)s::bigint[]) AND left_on IS NULL
     ORDER BY household_id, seq, id
"""
NUMBERS = """
    SELECT id, id_number FROM households_member WHERE id = ANY(%(ids)s::bigint[])
"""


# Which of these families changed since the newest import that named them, and when that was. The
# versions of all files that an import named stand with it.
CHANGED_SINCE = """
    SELECT named.id, named.settled_at
      FROM (SELECT DISTINCT ON (told.id) told.id, told.version, roster.settled_at
              FROM households_rosterimport roster
              JOIN org_orgunit unit ON unit.id = roster.unit_id,
                   unnest(roster.named, roster.named_versions) AS told (id, version)
             WHERE roster.programme_id = %(programme)s
               -- of an import that was undone, the files that were left as they were
               AND (roster.state = 'imported' OR (roster.state = 'undone' AND EXISTS (
                    SELECT FROM households_rosterchange change
                     WHERE change.roster_id = roster.id AND change.household_id = told.id
                       AND change.is_held_back)))
               AND (unit.path LIKE %(below)s OR starts_with(%(path)s, unit.path))
               AND told.id = ANY(%(ids)s::bigint[])
             ORDER BY told.id, roster.settled_at DESC) named
      JOIN households_household household ON household.id = named.id
     WHERE household.version <> named.version
"""
# The last moment at which a file had the version that an export wrote beside it.
VERSION_STOOD = """
    SELECT wanted.id, min(event.pgh_created_at) - interval '1 microsecond'
      FROM unnest(%(ids)s::bigint[], %(versions)s::int[]) AS wanted (id, version)
      JOIN households_household household
        ON household.id = wanted.id AND household.version <> wanted.version
      JOIN households_householdrowevent event
        ON event.pgh_obj_id = wanted.id AND event.version > wanted.version
     GROUP BY wanted.id
"""
HOUSEHOLDS_THEN = """
    SELECT DISTINCT ON (event.pgh_obj_id) event.pgh_obj_id,
           event.address, event.phone, event.bank_name, event.bank_branch, event.bank_account,
           event.stated_size, event.note
      FROM households_householdrowevent event
      JOIN unnest(%(ids)s::bigint[], %(moments)s::timestamptz[]) AS wanted (id, moment)
        ON wanted.id = event.pgh_obj_id
     WHERE event.pgh_created_at <= wanted.moment
     ORDER BY event.pgh_obj_id, event.pgh_id DESC
"""
ENROLMENTS_THEN = """
    SELECT DISTINCT ON (event.household_id) event.household_id,
           event.id, event.category, event.causes, event.identified_on,
           event.identified_precision, event.kept
      FROM households_enrolmentrowevent event
      JOIN unnest(%(ids)s::bigint[], %(moments)s::timestamptz[]) AS wanted (id, moment)
        ON wanted.id = event.household_id
     WHERE event.pgh_created_at <= wanted.moment AND event.programme_id = %(programme)s
     ORDER BY event.household_id, event.pgh_id DESC
"""
MEMBERS_THEN = """
    SELECT DISTINCT ON (event.pgh_obj_id) event.left_on IS NULL AND event.pgh_label <> 'delete',
           event.pgh_obj_id, event.household_id, event.id_number, event.former_id_number,
           event.birth_date, event.birth_precision, event.name, event.relation, event.id_kind,
           event.sex, event.ethnicity, event.phone, event.health, event.labour, event.education,
           event.work_status, event.employer, event.note
      FROM households_memberrowevent event
      JOIN unnest(%(ids)s::bigint[], %(moments)s::timestamptz[]) AS wanted (id, moment)
        ON wanted.id = event.household_id
     WHERE event.pgh_created_at <= wanted.moment
     ORDER BY event.pgh_obj_id, event.pgh_id DESC
"""
# The last columns of MEMBERS and MEMBERS_THEN, as a roster calls them.
MEMBER_WORDS = (
    "name", "relation", "id_kind", "sex", "ethnicity", "phone", "health", "labour_ability", "education",
    "work_status", "employer", "note",
)  # fmt: skip
AT_ONCE = 1000 if capabilities.has_stream_chunked() else 1
NOT_ENROLLED_THEN = (None, "", (), None, "", None)


@dataclass(slots=True)
class Then:
    """How a family stood at an earlier moment: its own words, and its members' by key."""

    values: dict[str, Any] = field(default_factory=dict)
    members: dict[int, StoredMember] = field(default_factory=dict)

    @property
    def head(self) -> int | None:
        return next((key for key, member in self.members.items() if member.is_head), None)


@dataclass(slots=True)
class FileRow:
    """What the writer must know of a family on file besides its roster words."""

    unit_id: int
    code: str
    roster_code: str | None
    enrolment_id: int | None
    kept_as_json: bytes  # of Chinese text half as long as a str
    last_seq: int = 0

    @property
    def kept(self) -> dict[str, Any]:
        """`Enrolment.kept`, read when it is wanted: few families change."""
        return json.loads(self.kept_as_json)


@dataclass(slots=True)
class OnFile:
    """What is on file for one roll. `digests` keeps the keyed digests of those who are not on file.

    `taken` are codes of the roll that files of other units have.
    """

    stored: Stored
    rows: dict[int, FileRow] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    digests: dict[str, str] = field(default_factory=dict)


def iso(day, precision):
    """A stored partial date as the roster writes it: `2017-12`."""
    return day.isoformat()[: PRECISION_LENGTH[precision]] if day else None


def load(roll, *, unit, programme, places, lock=False):
    """Everything on file that a row of the roll may meet. `lock` holds it until the transaction ends."""
    row_of = {
        digest(row.person_number): row
        for draft in roll.drafts
        for row in draft.rows
        if row.person_number
    }
    loader = _Loader(unit, programme, places, row_of)
    ids = loader.ids(roll)
    if lock:
        list(loader.run(LOCK, ids=_keys(ids)))
    loader.households(ids)
    loader.members()
    loader.bases(roll)
    digests = {row.person_number: digested for digested, row in row_of.items()}
    return OnFile(loader.stored(), loader.rows, frozenset(loader.taken), digests)


def _keys(ids):
    """Keys as the statements above take them."""
    return identity.array(map(str, ids))


def _number(sealed):
    return decrypt(bytes(sealed), context="member.id_number")


class _Loader:
    """`row_of` are the rows of the file by the digest of their number, until they are met on file."""

    def __init__(self, unit, programme, places, row_of):
        self.unit, self.programme, self.places = unit, programme, places
        self.row_of = row_of
        self.holder = {}  # number → key of the household to which its holder belongs
        self.given = {"below": f"{unit.path}%", "path": unit.path, "programme": programme.pk}
        self.rows = {}
        self.found = {}  # household key → StoredHousehold without members
        self.members_of = {}
        self.then = {}  # household key → Then, of those that changed since
        self.taken = set()
        self.words = {}  # 汉族, 健康: each once, however many rows say so

    def run(self, sql, **parameters):
        with connection.cursor() as cursor:
            cursor.execute(sql, self.given | parameters)
            yield from cursor

    def stream(self, sql, **parameters):
        """The rows a thousand at a time: a county's members need not stand in memory twice."""
        with connection.cursor() as cursor, connection.wrap_database_errors:
            yield from cursor.stream(sql, self.given | parameters, size=AT_ONCE)

    def ids(self, roll):
        """Keys of the families that a draft may mean: by code; else by the head's number or name."""
        codes = {draft.code for draft in roll.drafts if draft.code}
        by_code = {}
        for key, code, is_below in self.run(BY_CODE, codes=list(codes)):
            if is_below:
                by_code[code] = key
            else:
                self.taken.add(code)
        by_code |= {code: key for key, code in self.run(BY_KEPT_CODE, codes=list(codes))}
        names = {
            draft.head.name for draft in roll.drafts if draft.head and draft.code not in by_code
        }
        spelled = list({pinyin.full(name)[:200] for name in names})
        by_head = self.run(BY_HEAD, names=list(names), spelled=spelled)
        # The members of these are read anyway.
        held = identity.holders(self.row_of, besides=by_code.values())
        self.holder = {self.row_of[digested].person_number: key for digested, key in held.items()}
        return sorted({*by_code.values(), *held.values(), *(key for (key,) in by_head)})

    def households(self, ids):
        for row in self.stream(HOUSEHOLDS, ids=_keys(ids)):
            key, code, status, unit_id, roster_code, *told = row
            enrolment_id, kept = told[7], told[12] or "{}"
            if status != "open":
                self.found[key] = StoredHousehold(key, code, blocked_by="file_closed")
            else:
                self.rows[key] = FileRow(unit_id, code, roster_code, enrolment_id, kept.encode())
                own = self.places.is_own_code(code)
                self.found[key] = StoredHousehold(
                    key,
                    roster_code or (None if own else code),
                    self._household_words(told, json.loads(kept)),
                    self.members_of.setdefault(key, []),
                    is_enrolled=enrolment_id is not None,
                )

    def members(self):
        strangers = {}  # member key → household key, and words still without the number
        for row in self.stream(MEMBERS, ids=_keys(self.rows)):
            key, household_id, seq, digested, former, born, precision, *told = row
            file = self.rows[household_id]
            file.last_seq = max(file.last_seq, seq)
            values = self._member_words(told, former, born, precision)
            if b'"persons"' in file.kept_as_json:
                values |= kept_words.of_person(file.kept, key)
            if said := self.row_of.pop(digested, None):
                self.holder.setdefault(said.person_number, household_id)
                values["id_number"] = said.person_number
                # Most are on file as the file says: then they need not stand in memory twice.
                values = said.person if said.person == values else values
            elif digested:
                strangers[key] = household_id, values
            self.members_of[household_id].append(StoredMember(key, values, number=seq))
        for key, sealed in self.run(NUMBERS, ids=_keys(strangers)):
            household_id, values = strangers[key]
            values["id_number"] = number = _number(sealed)
            # The file may name the holder of a certificate by the number alone.
            self.holder.setdefault(number[:18], household_id)

    def bases(self, roll):
        """How the families that changed since they were last imported or exported stood then."""
        since = dict(self.run(CHANGED_SINCE, ids=_keys(self.rows))) if self.rows else {}
        exported = self._exported(roll)
        if exported:
            told = self.run(VERSION_STOOD, ids=list(exported), versions=list(exported.values()))
            # What the export says of its own moment counts, whatever was imported meanwhile.
            since = {key: at for key, at in since.items() if key not in exported} | dict(told)
        if not since:
            return
        moments = {"ids": list(since), "moments": list(since.values())}
        enrolled = {row[0]: row[1:] for row in self.run(ENROLMENTS_THEN, **moments)}
        kept_of = {}
        for key, *told in self.run(HOUSEHOLDS_THEN, **moments):
            enrolment = enrolled.get(key, NOT_ENROLLED_THEN)
            kept_of[key] = json.loads(enrolment[-1] or "{}")
            self.then[key] = Then(self._household_words([*told, *enrolment], kept_of[key]))
        for was_there, key, household_id, number, *told in self.run(MEMBERS_THEN, **moments):
            if was_there and household_id in self.then:
                former, born, precision, *rest = told
                values = self._member_words(rest, former, born, precision)
                if number:
                    values["id_number"] = _number(number)
                values |= kept_words.of_person(kept_of[household_id], key)
                self.then[household_id].members[key] = StoredMember(key, values)

    def _exported(self, roll):
        """{household key: version} of the rows that came from an export of ours."""
        code_of = {self.rows[key].code: key for key in self.rows}
        said = {draft.code: draft.values.get("version") for draft in roll.drafts if draft.code}
        return {
            code_of[code]: version
            for code, version in said.items()
            if version is not None and code in code_of
        }

    @staticmethod
    def _member_words(told, former, born, precision):
        values = {name: said for name, said in zip(MEMBER_WORDS, told, strict=True) if said}
        if former:
            values["former_id_number"] = decrypt(bytes(former), context="member.former_id_number")
        if born:
            values["birth_date"] = iso(born, precision)
        return values

    def _household_words(self, told, kept):
        (address, phone, bank_name, bank_branch, account, size, note) = told[:7]
        (_enrolment, category, causes, identified_on, precision, _kept) = told[7:]
        once = self.words.setdefault
        said = kept_words.of_household(kept)
        values = {once(k, k): once(v, v) for k, v in said.items() if k != "code"}
        if address:
            values["address"] = address
        if phone:
            values["household_phone"] = phone
        if bank_name:
            values["bank_name"] = once(bank_name, bank_name)
        if bank_branch:
            values["bank_branch"] = once(bank_branch, bank_branch)
        if note:
            values["note"] = note
        if size is not None:
            values["household_size"] = size
        if category:
            values["category"] = words.word_of(words.CATEGORIES, category)
        if identified_on:
            values["identified_on"] = iso(identified_on, precision)
        if causes:
            values["causes"] = tuple(words.word_of(words.CAUSES, code) for code in causes)
        if account:
            values["bank_account"] = decrypt(bytes(account), context="household.bank_account")
        return values

    def _whole(self, key, household):
        members = household.members
        then = self.then.get(key)
        if then is None:
            return household
        known = {member.key for member in members}
        return replace(
            household,
            # Whoever joined since has no state to be compared with: nothing was said of them.
            members=tuple(
                replace(member, base=then.members[member.key].values)
                if member.key in then.members
                else member
                for member in members
            ),
            base=then.values,
            base_head=then.head,
            departed=tuple(member for key, member in then.members.items() if key not in known),
        )

    def stored(self):
        whole = {key: self._whole(key, household) for key, household in self.found.items()}
        by_code, by_number, by_name = {}, {}, {}
        for key, household in whole.items():
            if household.blocked_by:
                by_code[household.code] = household
                continue
            # Named by either, it is not another family: the office's own number counts too.
            for code in (self.rows[key].code, self.rows[key].roster_code):
                if code:
                    is_so = household.code == code
                    by_code[code] = household if is_so else replace(household, code=code)
            head = household.head
            if head is None:
                continue
            by_name.setdefault(head.name, []).append(household)
            if head.person_number:
                by_number[head.person_number] = household
        return Stored(by_code, by_number, by_name, self.holder)
