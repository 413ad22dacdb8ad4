"""Who was there: found by name, file number or identity number, or matched from a pasted list."""

import re
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q

from households.filters import IDENTITY_LIKE
from households.models import Enrolment, Household, Member, names
from pairings.models import BeneficiaryGroup, Helper
from povertyaid.lib import national_id, pinyin
from povertyaid.lib.secrets import digest

FOUND_AT_MOST = 50
PASTED_AT_MOST = 500  # lines at a time
PASTED_LENGTH_AT_MOST = 60_000
ALIKE_AT_MOST = 12  # of one name
TICKS_AT_MOST = 2000
TICK = re.compile(r"([mh])([0-9]{1,18})")
TRAIL_CODE = re.compile(r"H([0-9]{1,18})")
MATCHED, SEVERAL, THERE, NOBODY = "matched", "several", "there", "nobody"


@dataclass(frozen=True)
class Person:
    """Somebody who may be put on the list: a member of a family or a helper."""

    row: object

    @property
    def is_helper(self):
        return isinstance(self.row, Helper)

    @property
    def tick(self):
        """What the box of the page sends: `m17` or `h4`."""
        return f"{'h' if self.is_helper else 'm'}{self.row.pk}"

    @property
    def name(self):
        return self.row.name


@dataclass
class Line:
    """A line of a pasted list, and whom it means."""

    text: str
    outcome: str = NOBODY
    people: list[Person] = field(default_factory=list)


# ---- who can be on the list of an activity


def members_for(activity, staff):
    """Members of families on file on that day; for 在册对象 only of the programme's own."""
    day = activity.held_on
    rows = Member.objects.visible_to(staff).present_on(day)
    rows = rows.filter(Q(household__status=Household.Status.OPEN) | Q(household__closed_on__gt=day))
    if activity.beneficiary_group == BeneficiaryGroup.ENROLLED:
        enrolled = Enrolment.objects.counted().filter(
            programme=activity.programme_id, household=OuterRef("household")
        )
        rows = rows.filter(Exists(enrolled))
    return rows.select_related("household__unit").defer(
        "id_number", "former_id_number", "note", "household__bank_account", "household__note"
    )


def helpers_for(activity, staff):
    rows = Helper.objects.visible_to(staff).on_roster(activity.held_on)
    return rows.filter(programme=activity.programme_id).select_related("unit").defer("id_number")


def ticked(ticks, activity, staff):
    """The people whose boxes were ticked, as far as they may be on the list."""
    keys = {"m": set(), "h": set()}
    for tick in ticks[:TICKS_AT_MOST]:
        if found := TICK.fullmatch(tick):
            keys[found[1]].add(int(found[2]))
    people = []
    if keys["m"]:
        rows = members_for(activity, staff).filter(pk__in=keys["m"])
        people += rows.order_by("name_pinyin", "pk")
    if keys["h"]:
        rows = helpers_for(activity, staff).filter(pk__in=keys["h"])
        people += rows.order_by("name_pinyin", "pk")
    return [Person(row) for row in people]


# ---- found by a word


def found(text, activity, staff):
    """(people, whether there are more): members first, then helpers of the programme."""
    text = text.replace("\x00", "").strip()
    if not text:
        return [], False
    members = members_for(activity, staff).filter(pk__in=_called(text))
    members = list(members.order_by("name_pinyin", "pk")[: FOUND_AT_MOST + 1])
    helpers = []
    if len(members) <= FOUND_AT_MOST and not _numbers(text):
        helpers = helpers_for(activity, staff).called(text).order_by("name_pinyin", "pk")
        helpers = list(helpers[: FOUND_AT_MOST + 1 - len(members)])
    people = [Person(row) for row in [*members, *helpers]]
    return people[:FOUND_AT_MOST], len(people) > FOUND_AT_MOST


def _called(text):
    """Keys of members of this number, of the file of this number, or of this name, pinyin, initials.

    A union, not an OR: each part then uses its own index.
    """
    members = Member.objects.order_by()
    if numbers := _numbers(text):
        return members.filter(id_digest__in=numbers).values("pk")
    codes = {text, text.upper()}
    by_code = [members.filter(household__code__startswith=code).values("pk") for code in codes]
    letters = pinyin.search_key(text)
    spelled = members.annotate(spelling=names.spelling("name_pinyin"))
    if letters.isascii() and letters.isalpha():
        by_name = [
            spelled.filter(spelling__startswith=letters),
            members.filter(name_initials__startswith=letters),
        ]
    elif letters.isascii():
        by_name = []
    else:
        name = re.sub(r"\s", "", text)
        keys = members.annotate(characters=names.characters("name"))
        by_name = [keys.filter(characters__contains=list(name), name__contains=name)]
    first, *rest = [*by_code, *(rows.values("pk") for rows in by_name)]
    return first.union(*rest)


def _numbers(text):
    """Digests of the identity number that a text is; nobody's where it is none."""
    number = national_id.clean(text).replace("-", "")
    if not IDENTITY_LIKE.fullmatch(number):
        return set()
    if len(number) == 15:
        number = national_id.upgrade(number)
    return {digest(number), digest(number[:18])}


# ---- matched from a pasted list


def pasted_lines(text):
    """What a pasted text says, person by person: each with the words that stand for one.

    A row of a spreadsheet is one person, whatever else stands in it; a line of names alone may
    hold several. 王　五, spread out to three places, is 王五.
    """
    for line in text.replace("\x00", "").splitlines():
        words = [word for word in re.split(r"[\s,，、;；]+", line) if word]
        if not words:
            continue
        if len(words) > 1 and all(len(word) == 1 for word in words):
            words = ["".join(words)]
        if "\t" in line or any(re.search(r"[0-9]", word) for word in words):
            yield " ".join(words), _joined(line)
        else:
            yield from ((word, [word]) for word in words)


def _joined(line):
    """The cells of a row, besides their words: 王　五 in a cell is 王五."""
    cells = [re.sub(r"\s", "", cell) for cell in re.split(r"[\t,，、;；]+", line)]
    words = [word for word in re.split(r"[\s,，、;；]+", line) if word]
    return list(dict.fromkeys([*words, *filter(None, cells)]))


def matched(text, activity, staff):
    """(lines, whether lines were left out) of a pasted list, in a fixed number of queries."""
    cut = text[:PASTED_LENGTH_AT_MOST]
    if too_long := len(text) > len(cut):
        cut = cut[: cut.rfind("\n") + 1]  # half a file number may be somebody else's
    said = list(pasted_lines(cut))
    left_out = too_long or len(said) > PASTED_AT_MOST
    said = said[:PASTED_AT_MOST]
    words = {word for _text, own in said for word in own}
    known = _Known(words, activity, staff)
    return [known.line(shown, own) for shown, own in said], left_out


def _meant_by(words, digests):
    """Keys of members whom words name, by a union of what has an index each."""
    members = Member.objects.order_by()
    spelled = members.annotate(spelling=names.spelling("name_pinyin"))
    spellings = {pinyin.full(word)[:200].replace(" ", "") for word in words}
    codes = words | {word.upper() for word in words}
    return (
        spelled.filter(spelling__in=spellings, name__in=words)
        .values("pk")
        .union(
            members.filter(household__code__in=codes).values("pk"),
            members.filter(id_digest__in=digests).values("pk"),
        )
    )


class _Known:
    """Everybody whom the words of a pasted list can mean, fetched together."""

    def __init__(self, words, activity, staff):
        numbers = {word: _numbers(word) for word in words}
        self.numbers = {word: found for word, found in numbers.items() if found}
        digests = set().union(*self.numbers.values()) if self.numbers else set()
        self.by_name, self.by_code, self.by_digest = {}, {}, {}
        members = members_for(activity, staff).filter(pk__in=_meant_by(words, digests))
        for row in members.order_by("household", "seq"):
            person = Person(row)
            self.by_name.setdefault(row.name, []).append(person)
            self.by_code.setdefault(row.household.code.upper(), []).append(person)
            if row.id_digest:
                self.by_digest.setdefault(row.id_digest, []).append(person)
        keys = [int(code[1]) for word in words if (code := TRAIL_CODE.fullmatch(word))]
        self.helper_of = {}
        helpers = helpers_for(activity, staff).filter(Q(name__in=words) | Q(pk__in=keys))
        for row in helpers.order_by("pk"):
            self.by_name.setdefault(row.name, []).append(Person(row))
            self.helper_of[row.trail_code] = Person(row)
        there = activity.attendances.order_by()
        self.there = {f"m{key}" for key in there.values_list("member", flat=True) if key}
        self.there |= {f"h{key}" for key in there.values_list("helper", flat=True) if key}

    def line(self, text, words):
        people = self._meant(words)
        # Whoever reads the page need not see again the number that was pasted.
        shown = " ".join("…" if word in self.numbers else word for word in text.split())
        line = Line(shown[:60], people=people[:ALIKE_AT_MOST])
        if len(people) == 1:
            line.outcome = THERE if people[0].tick in self.there else MATCHED
        elif people:
            line.outcome = SEVERAL
        return line

    def _meant(self, words):
        """A number means one person; a file number with a name the one of that file; else the name."""
        for word in words:
            for one in self.numbers.get(word, ()):
                if one in self.by_digest:
                    return self.by_digest[one]
            if word in self.helper_of:
                return [self.helper_of[word]]
        family = next((self.by_code[w.upper()] for w in words if w.upper() in self.by_code), None)
        named = [person for word in words for person in self.by_name.get(word, ())]
        if family is None:
            return named
        of_family = [person for person in family if person in named]
        heads = [person for person in family if person.row.is_head]
        return of_family or heads or family
