"""Invented people and families: names, numbers nobody has, ages that fit together.

Identity numbers begin with area codes that were never assigned (2399…), mobile numbers with
a range that no operator has (1549…), bank accounts with a card prefix that no bank has
(629999…). Names are drawn from common parts; those of the people in published reports are
kept out.
"""

import datetime
import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any

from povertyaid.lib.national_id import age_on, check_character
from reports.demo.setup import FIXTURES

HEAD = "户主"
MALE, FEMALE = "男", "女"


@dataclass
class Person:
    """A member as a file describes one."""

    name: str
    sex: str
    birth_date: datetime.date
    relation: str
    id_number: str
    phone: str = ""
    ethnicity: str = "汉族"
    health: str = "健康"
    labour: str = ""
    education: str = ""
    study_stage: str = ""
    study_year: int | None = None
    work_status: str = ""
    employer: str = ""


@dataclass
class Family:
    """A household under one roof: who lives there, where, since when there is a file."""

    code: str
    unit: str
    opened_on: datetime.date
    persons: list[Person] = field(default_factory=list)
    address: str = ""
    phone: str = ""
    bank_name: str = ""
    bank_branch: str = ""
    bank_account: str = ""
    note: str = ""
    closed_on: datetime.date | None = None
    close_reason: str = ""

    @property
    def head(self) -> Person:
        return next(person for person in self.persons if person.relation == HEAD)


def lot(seed: str) -> Random:
    """A generator of its own for each household, so that adding one does not change another."""
    return Random(seed)  # noqa: S311 -- drawing lots for invented people, no secret


def workday(rng: Random, first: datetime.date, last: datetime.date) -> datetime.date:
    """A day by lot on which offices work, unless the span is a weekend."""
    day = first + datetime.timedelta(days=rng.randint(0, (last - first).days))
    while day.weekday() > 4:
        day -= datetime.timedelta(days=1)
    return max(day, first)


@cache
def _parts() -> dict[str, Any]:
    return json.loads((FIXTURES / "names.json").read_text(encoding="utf-8"))


def _belongs_to_somebody(name: str) -> bool:
    return hashlib.sha256(name.encode()).hexdigest()[:16] in _parts()["never"]


class Registry:
    """Hands out what must not repeat in one office: numbers, names of heads, phones."""

    def __init__(self, area: str, *, rare_names: bool = True, crowd: bool = False) -> None:
        if len(area) != 6:
            raise ValueError("an area code has six digits")
        self.area = area
        self._crowd = crowd  # so many people that two may have one name
        self._sequence: dict[datetime.date, int] = {}
        self._phones = 0
        self._accounts = 0
        self._names: set[str] = set()
        whole = _parts()["whole"] if rare_names else {"male": [], "female": []}
        self._whole = {MALE: list(whole["male"]), FEMALE: list(whole["female"])}

    def id_number(self, birth_date: datetime.date, sex: str) -> str:
        """The next free number of that day and sex (the seventeenth digit odd for men)."""
        taken = self._sequence.get(birth_date, 0)
        self._sequence[birth_date] = taken + 1
        sequence = 2 * taken + (sex == MALE)
        first17 = f"{self.area}{birth_date:%Y%m%d}{sequence:03d}"
        return first17 + check_character(first17)

    def phone(self) -> str:
        self._phones += 1
        return f"1549{int(self.area[4:]):02d}{self._phones:05d}"

    def account(self) -> str:
        """A nineteen-digit card number that satisfies Luhn (ISO/IEC 7812)."""
        self._accounts += 1
        first18 = f"629999{self.area[2:]}{self._accounts:08d}"
        doubled = [
            sum(divmod(int(digit) * 2, 10)) if place % 2 == 0 else int(digit)
            for place, digit in enumerate(reversed(first18))
        ]
        return f"{first18}{-sum(doubled) % 10}"

    def name(self, rng: Random, sex: str, family: str = "") -> str:
        """A name nobody else has here; without a given family name, rare ones come first."""
        if not family and self._whole[sex] and rng.random() < 0.08:
            return self._claimed(self._whole[sex].pop(0))
        parts = _parts()
        given_names = parts["given_male" if sex == MALE else "given_female"]
        while True:
            drawn = family or rng.choice(parts["family"])
            given = rng.choice(given_names)
            if rng.random() < 0.25:
                given = rng.choice(given)
            elif self._crowd and rng.random() < 0.6:
                given = given[0] + rng.choice(given_names)[-1]
            name = drawn + given
            is_free = self._crowd or name not in self._names
            if is_free and not _belongs_to_somebody(name):
                return self._claimed(name)

    def _claimed(self, name: str) -> str:
        self._names.add(name)
        return name


def family_name(name: str) -> str:
    """The family name in front, two characters where it is one of the double ones."""
    return name[:2] if name[:2] in {"欧阳", "尉迟"} and len(name) > 2 else name[0]


#: Who lives together, by size of the family; the head comes first.
SHAPES: dict[int, tuple[tuple[str, ...], ...]] = {
    1: ((HEAD,),),
    2: ((HEAD, "配偶"), (HEAD, "孩子"), (HEAD, "老人")),
    3: (
        (HEAD, "配偶", "孩子"),
        (HEAD, "配偶", "孩子"),
        (HEAD, "配偶", "老人"),
        (HEAD, "孩子", "老人"),
    ),
    4: ((HEAD, "配偶", "孩子", "孩子"), (HEAD, "配偶", "孩子", "老人")),
    5: ((HEAD, "配偶", "孩子", "老人", "老人"), (HEAD, "配偶", "孩子", "孩子", "老人")),
    6: ((HEAD, "配偶", "孩子", "孩子", "老人", "老人"),),
}


def grow(
    rng: Random,
    registry: Registry,
    *,
    size: int,
    on: datetime.date,
    employer: str,
    shape: tuple[str, ...] = (),
    head_name: str = "",
    head_sex: str = "",
    head_born: datetime.date | None = None,
) -> list[Person]:
    """A family of `size` persons as they were on a day; the head works at `employer`."""
    shape = shape or rng.choice(SHAPES[size])
    if head_born is None:
        alone = size == 1
        head_born = _born(rng, on, 46 if alone else 34, 64 if alone else 60)
    sex = head_sex or (MALE if rng.random() < 0.72 else FEMALE)
    name = head_name or registry.name(rng, sex)
    head = _person(rng, registry, name, sex, head_born, HEAD, on, employer)
    head.phone = registry.phone()
    persons = [head]
    spouse: Person | None = None
    elders = 0
    for place in shape[1:]:
        if place == "配偶":
            other = FEMALE if sex == MALE else MALE
            born = _year_shift(rng, head_born, rng.randint(-4, 3))
            spouse = _person(
                rng, registry, registry.name(rng, other), other, born, "配偶", on, employer
            )
            persons.append(spouse)
        elif place == "孩子":
            persons.append(_child(rng, registry, head, spouse, on))
        else:
            elders += 1
            persons.append(_elder(rng, registry, head, on, second=elders == 2))
    for person in persons[1:]:
        if person is not spouse:
            person.ethnicity = head.ethnicity
    return persons


def _born(rng: Random, on: datetime.date, youngest: int, oldest: int) -> datetime.date:
    age = rng.randint(youngest, oldest)
    return datetime.date(on.year - age, rng.randint(1, 12), rng.randint(1, 28))


def _year_shift(rng: Random, date: datetime.date, years: int) -> datetime.date:
    return datetime.date(date.year + years, rng.randint(1, 12), rng.randint(1, 28))


def child_aged(
    rng: Random, registry: Registry, head: Person, on: datetime.date, age: int, sex: str = ""
) -> Person:
    """A child of the head who is so old on the day, which lies past January."""
    born = datetime.date(on.year - age, rng.randint(1, max(on.month - 1, 1)), rng.randint(1, 28))
    sex = sex or rng.choice((MALE, FEMALE))
    name = registry.name(rng, sex, family_name(head.name))
    return _person(rng, registry, name, sex, born, "之子" if sex == MALE else "之女", on, "")


def _child(
    rng: Random, registry: Registry, head: Person, spouse: Person | None, on: datetime.date
) -> Person:
    mother = head if head.sex == FEMALE else spouse
    # Children who still live at home; none is born to a mother above forty.
    youngest_possible = (mother or head).birth_date.year + 22
    born_in = rng.randint(
        youngest_possible, min((mother or head).birth_date.year + 36, on.year - 2)
    )
    if on.year - born_in > 24:
        born_in = max(youngest_possible, on.year - rng.randint(8, 24))
    born = datetime.date(min(born_in, on.year - 1), rng.randint(1, 12), rng.randint(1, 28))
    sex = rng.choice((MALE, FEMALE))
    father = head if head.sex == MALE else spouse
    name = registry.name(rng, sex, family_name((father or head).name))
    return _person(rng, registry, name, sex, born, "之子" if sex == MALE else "之女", on, "")


def _elder(
    rng: Random, registry: Registry, head: Person, on: datetime.date, *, second: bool
) -> Person:
    sex = MALE if second else FEMALE  # mothers live longer: the first elder is the mother
    born = _year_shift(rng, head.birth_date, -rng.randint(21, 29))
    # An old head with an older parent: nobody in the office is above 93.
    born = born.replace(year=min(max(born.year, on.year - 93), head.birth_date.year - 18))
    family = family_name(head.name) if sex == MALE else ""
    name = registry.name(rng, sex, family)
    return _person(rng, registry, name, sex, born, "之父" if sex == MALE else "之母", on, "")


def _person(
    rng: Random,
    registry: Registry,
    name: str,
    sex: str,
    born: datetime.date,
    relation: str,
    on: datetime.date,
    employer: str,
) -> Person:
    person = Person(name, sex, born, relation, registry.id_number(born, sex))
    if rng.random() < 0.06:
        person.ethnicity = rng.choice(("满族", "满族", "朝鲜族", "蒙古族", "回族"))
    age = age_on(born, on)
    if age < 7:
        person.education, person.labour = "学龄前儿童", "无劳动力"
    elif age < 23 and relation in {"之子", "之女"}:
        person.work_status, person.labour = "学生", "无劳动力" if age < 16 else "普通劳动力"
        person.study_stage, person.education = _schooling(age)
    elif age < 60:
        person.labour = "普通劳动力"
        person.education = rng.choice(("小学", "初中", "初中", "高中"))
        person.work_status = rng.choice(("务农", "务农", "在岗", "下岗"))
        person.employer = "" if person.work_status == "下岗" else employer
    else:
        person.labour = "弱劳动力或半劳动力" if age < 70 else "丧失劳动力"
        person.education = rng.choice(("文盲或半文盲", "小学", "小学", "初中"))
        person.work_status = "退休"
    return person


def _schooling(age: int) -> tuple[str, str]:
    """Stage now, and schooling as the form asks for it."""
    if age < 13:
        return "小学", "小学"
    if age < 16:
        return "初中", "初中"
    if age < 19:
        return "高中", "高中"
    return "大中专", "大专及以上"
