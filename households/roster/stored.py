"""What is on file for the rows of a roll, in the words of a roster; a fixed number of queries."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection

from households.actions import identity
from households.models import kept as kept_words
from households.models import words
from households.roster.core.reconcile import Stored, StoredHousehold, StoredMember
from povertyaid.lib import pinyin
from povertyaid.lib.secrets import decrypt, digest

PRECISION_LENGTH = {"year": 4, "month": 7, "day": 10}

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
    SELECT id FROM households_household WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE
"""
HOUSEHOLDS = """
    SELECT household.id, household.code, household.status, household.unit_id,
           (SELECT max(kept #>> '{household,code}') FROM households_enrolment said
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
     WHERE household.id = ANY(%(ids)s) AND unit.path LIKE %(below)s
     ORDER BY household.id
"""
MEMBERS = """
    SELECT id, household_id, seq, name, relation, id_kind, id_digest, id_number,
           former_id_number, sex, birth_date, birth_precision, ethnicity, phone, health, labour,
           education, work_status, employer, note
      FROM households_member
     WHERE household_id = ANY(%(ids)s) AND left_on IS NULL
     ORDER BY household_id, seq, id
"""


@dataclass(slots=True)
class FileRow:
    """What the writer must know of a family on file besides its roster words."""

    unit_id: int
    code: str
    roster_code: str | None
    enrolment_id: int | None
    kept_as_text: str
    last_seq: int = 0

    @property
    def kept(self) -> dict[str, Any]:
        """`Enrolment.kept`, read when it is wanted: few families change."""
        return json.loads(self.kept_as_text)


@dataclass(slots=True)
class OnFile:
    """What is on file for one roll. `digests` keeps the keyed digests already computed.

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
    numbers = {
        row.person_number: digest(row.person_number)
        for draft in roll.drafts
        for row in draft.rows
        if row.person_number
    }
    number_of = {digested: number for number, digested in numbers.items()}
    held = identity.holders(list(number_of))
    loader = _Loader(unit, programme, places, number_of)
    ids = loader.ids(roll, held)
    if lock:
        list(loader.run(LOCK, ids=ids))
    loader.households(ids)
    loader.members()
    stored = loader.stored({number_of[digested]: key for digested, key in held.items()})
    return OnFile(stored, loader.rows, frozenset(loader.taken), numbers)


class _Loader:
    def __init__(self, unit, programme, places, number_of):
        self.unit, self.programme, self.places = unit, programme, places
        self.number_of = number_of
        self.rows = {}
        self.found = {}  # household key → StoredHousehold without members
        self.members_of = {}
        self.taken = set()
        self.words = {}  # 汉族, 健康: each once, however many rows say so

    def run(self, sql, **parameters):
        """The rows one by one: a county's members need not stand in memory twice."""
        with connection.cursor() as cursor:
            cursor.execute(
                sql, {"below": f"{self.unit.path}%", "programme": self.programme.pk, **parameters}
            )
            yield from cursor

    def ids(self, roll, held):
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
        return sorted({*by_code.values(), *held.values(), *(key for (key,) in by_head)})

    def households(self, ids):
        for row in self.run(HOUSEHOLDS, ids=ids):
            key, code, status, unit_id, roster_code, *told = row
            enrolment_id, kept = told[7], told[12] or "{}"
            if status != "open":
                self.found[key] = StoredHousehold(key, code, blocked_by="file_closed")
            else:
                self.rows[key] = FileRow(unit_id, code, roster_code, enrolment_id, kept)
                own = self.places.is_own_code(code)
                self.found[key] = StoredHousehold(
                    key,
                    roster_code or (None if own else code),
                    self._household_words(told, json.loads(kept)),
                    is_enrolled=enrolment_id is not None,
                )

    def members(self):
        for row in self.run(MEMBERS, ids=list(self.rows)):
            key, household_id, seq, *told = row
            file = self.rows[household_id]
            file.last_seq = max(file.last_seq, seq)
            values = self._member_words(told)
            if '"persons"' in file.kept_as_text:
                values |= kept_words.of_person(file.kept, key)
            member = StoredMember(key, values)
            self.members_of.setdefault(household_id, []).append(member)

    def _member_words(self, told):
        (name, relation, id_kind, id_digest, id_number, former, sex, born, precision, *rest) = told
        values = {"name": name}
        if id_kind:
            values["id_kind"] = id_kind
            # Most numbers stand in the file: what has the same digest need not be decrypted.
            known = self.number_of.get(id_digest)
            values["id_number"] = known or decrypt(bytes(id_number), context="member.id_number")
        if former:
            values["former_id_number"] = decrypt(bytes(former), context="member.former_id_number")
        if born:
            values["birth_date"] = iso(born, precision)
        plain = ("ethnicity", "phone", "health", "labour_ability", "education", "work_status")
        named = zip(
            ("relation", "sex", *plain, "employer", "note"), (relation, sex, *rest), strict=True
        )
        once = self.words.setdefault
        return values | {field_name: once(value, value) for field_name, value in named if value}

    def _household_words(self, told, kept):
        (address, phone, bank_name, bank_branch, account, size, note) = told[:7]
        (_enrolment, category, causes, identified_on, precision, _kept) = told[7:]
        plain = {
            "address": address,
            "household_phone": phone,
            "bank_name": bank_name,
            "bank_branch": bank_branch,
            "note": note,
            "household_size": size,
            "category": words.word_of(words.CATEGORIES, category) if category else "",
            "identified_on": iso(identified_on, precision),
            "causes": tuple(words.word_of(words.CAUSES, code) for code in causes or ()),
        }
        once = self.words.setdefault
        said = kept_words.of_household(kept)
        values = {once(k, k): once(v, v) for k, v in said.items() if k != "code"}
        values.update((k, once(v, v)) for k, v in plain.items() if v not in ("", None, ()))
        if account:
            values["bank_account"] = decrypt(bytes(account), context="household.bank_account")
        return values

    def stored(self, holder):
        whole = {
            key: replace(household, members=tuple(self.members_of.get(key, ())))
            for key, household in self.found.items()
        }
        by_code, by_number, by_name = {}, {}, {}
        for key, household in whole.items():
            if household.blocked_by:
                by_code[household.code] = household
                continue
            # Named by either, it is not another family: the office's own number counts too.
            for code in (self.rows[key].code, self.rows[key].roster_code):
                if code:
                    by_code[code] = replace(household, code=code)
            head = household.head
            if head is None:
                continue
            by_name.setdefault(head.name, []).append(household)
            if head.person_number:
                by_number[head.person_number] = household
        return Stored(by_code, by_number, by_name, holder)
