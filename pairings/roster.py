"""The part of a roster that names who helps: 帮扶责任人 with home organisation, post and phone.

A family's row finds or makes the helper of the programme and pairs the family with it. Who was ever
on a pair of the family is known: what the desk has handed over or ended since is not taken back by
a roster that only repeats the former helper.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.actions import identity
from households.models import Enrolment, Member
from households.roster.core.reconcile import Change
from households.roster.parts import Part
from households.roster.parts import register as register_part
from pairings.actions.pairs import go_along
from pairings.models import AssignmentDraft, AssignmentLine, Helper, Pairing, PairingHelper
from povertyaid.lib import pinyin

TAKEN = ("helper_name", "helper_unit", "helper_title", "helper_phone")
SEVERAL = re.compile(r"[、，,;；/]+")  # 刘建军、王强: two who help one family

PAIRS = "enrolment_id IN (SELECT id FROM households_enrolment WHERE household_id = ANY(%(files)s))"
LINES = """
    pairing_id IN (SELECT pair.id FROM pairings_pairing pair
                     JOIN households_enrolment enrolment ON enrolment.id = pair.enrolment_id
                    WHERE enrolment.household_id = ANY(%(files)s))
"""
# A helper that the import made goes with it, unless somebody has paired or changed it since; one
# whom a visit, a draft, the ledger name stays as well (`stay_if_named`).
MADE_AND_UNUSED = """
    NOT EXISTS (SELECT 1 FROM pairings_pairinghelper line
                 WHERE line.helper_id = pairings_helperrowevent.pgh_obj_id)
    AND NOT EXISTS (SELECT 1 FROM pairings_helperrowevent later
                     WHERE later.pgh_obj_id = pairings_helperrowevent.pgh_obj_id
                       AND later.acted_reason IS DISTINCT FROM %(marker)s)
"""
# Every deed on a pair counts its version up, so the pair's own history tells of all of them; whoever
# has visited the family since relies on its file. Whom the import brought and an activity has named
# since does not go either.
WENT_ON = """
    SELECT enrolment.household_id
      FROM households_enrolment enrolment
      JOIN pairings_pairing pair ON pair.enrolment_id = enrolment.id
      JOIN pairings_pairingrowevent event ON event.pgh_obj_id = pair.id
     WHERE enrolment.household_id = ANY(%(files)s) AND event.pgh_created_at > %(since)s
     UNION
    SELECT member.household_id
      FROM households_member member
      JOIN pairings_attendance there ON there.member_id = member.id
      JOIN households_memberrowevent made ON made.pgh_obj_id = member.id
     WHERE member.household_id = ANY(%(files)s)
       AND made.pgh_label = 'insert' AND made.acted_reason = %(marker)s
     UNION
    SELECT household_id FROM pairings_visitrowevent
     WHERE household_id = ANY(%(files)s) AND pgh_created_at > %(since)s
"""
# A proposal that became nothing; one that became a pair, or still may, keeps whom it names.
SETTLED_AND_UNPAIRED = Q(
    draft__state__in=[AssignmentDraft.State.ACCEPTED, AssignmentDraft.State.DROPPED], pairing=None
)
# Keys as bigint[]: an array of another width than the column's is looked through for each row.
KNOWN = """
    SELECT enrolment.household_id, line.helper_id, line.ends_on IS NULL,
           helper.name, helper.home, helper.rank, helper.phone
      FROM households_enrolment enrolment
      JOIN pairings_pairing pair ON pair.enrolment_id = enrolment.id
      JOIN pairings_pairinghelper line ON line.pairing_id = pair.id
      JOIN pairings_helper helper ON helper.id = line.helper_id
     WHERE enrolment.household_id = ANY(%s::bigint[]) AND enrolment.programme_id = %s
     ORDER BY line.role, line.starts_on, line.id
"""


@dataclass(frozen=True, slots=True)
class Said:
    """A helper as a roster names one."""

    name: str
    home: str = ""
    rank: str = ""
    phone: str = ""

    @property
    def in_order(self):
        """As TAKEN names them."""
        return self.name, self.home, self.rank, self.phone

    def likeness(self, name, home, phone):
        """0 where it is somebody else, else how much speaks for it being the same."""
        if name != self.name:
            return 0
        if self.phone and phone == self.phone:
            return 3
        if self.home and home:
            return 2 if home == self.home else 0
        return 1


@dataclass(slots=True)
class Known:
    """Who was ever on the pairs of a family, as a roster would name them, and who is on them now."""

    ever: list[Said] = field(default_factory=list)
    standing: list[Said] = field(default_factory=list)
    helpers: set[int] = field(default_factory=set)

    def find(self, said):
        """The helper that is meant, or None: nobody of the family's pairs."""
        return next(
            (one for one in self.ever if said.likeness(one.name, one.home, one.phone)), None
        )

    def words(self, said):
        """What stands after the import where the row itself does not say it."""
        if len(said) > 1:
            return {}
        meant = self.find(said[0]) if said else next(iter(self.standing), None)
        told = zip(TAKEN, meant.in_order, strict=True) if meant else ()
        return {name: word for name, word in told if word}


NOBODY = Known()


def said_of(values):
    """The helpers that a family's row names, in order. Each has a phone where there are as many."""
    if not values.get("helper_name"):
        return []
    names = [name.strip() for name in SEVERAL.split(values["helper_name"]) if name.strip()]
    phones = [phone for phone in SEVERAL.split(values.get("helper_phone", "")) if phone.strip()]
    if len(phones) != len(names):
        phones = [""] * len(names)
    home, rank = values.get("helper_unit", ""), values.get("helper_title", "")
    return [Said(name[:255], home, rank, phone) for name, phone in zip(names, phones, strict=True)]


def known_of(households: Sequence[int], programme) -> dict[int, Known]:
    found: dict[int, Known] = defaultdict(Known)
    with connection.cursor() as cursor:
        keys = "{" + ",".join(map(str, households)) + "}"  # the driver takes longer over a list
        cursor.execute(KNOWN, [keys, programme.pk])
        for household, helper, stands, *words in cursor.fetchall():
            known, one = found[household], Said(*words)
            known.helpers.add(helper)
            known.ever.append(one)
            if stands:
                known.standing.append(one)
    return found


# ---- what would change


def compare(plans, *, unit, programme):
    """Families on file whose row names somebody who was never on a pair of theirs.

    Who is named and cannot help the family is told at its row: then it goes in without that pair.
    """
    keys = [plan.stored.key for plan in plans if plan.stored]
    known = known_of(keys, programme) if keys else {}
    there_of = [known.get(plan.stored.key, NOBODY) if plan.stored else NOBODY for plan in plans]
    named = [said_of(plan.draft.for_parts) for plan in plans]
    news = [
        (plan, [one for one in said if not there.find(one)])
        for plan, there, said in zip(plans, there_of, named, strict=True)
    ]
    unable = _unable(news, unit, programme)
    for (plan, new), there, said in zip(news, there_of, named, strict=True):
        able = [one for one in new if (id(plan), one) not in unable]
        for code in sorted({unable[id(plan), one] for one in new if one not in able}):
            plan.draft.first.warn(code)
        if said and new == said and not able:
            # Nobody of them goes in, so nothing of it is to be written, or told as if it were.
            taken = plan.draft.for_parts
            plan.draft.for_parts = {name: taken[name] for name in taken.keys() - set(TAKEN)}
            said = []
        if plan.stored:
            plan.after = {**plan.after, **there.words(said)}
            if able:
                before = "、".join(one.name for one in there.standing) or None
                yield plan, [Change("helper_name", before, "、".join(one.name for one in able))]


def _unable(news, unit, programme):
    """{(family, said): code} of those on the roster who cannot help that family."""
    meant, _new = _meant({one for _plan, new in news for one in new}, unit, programme)
    found, numbered = {}, []
    for plan, new in news:
        for one in new:
            if meant[one].left_on:
                found[id(plan), one] = "helper_has_left"
            elif meant[one].id_digest:
                numbered.append((plan, one, meant[one].id_digest))
    kin = _kin(
        {digest for _plan, _one, digest in numbered},
        {plan.stored.key for plan, _one, _digest in numbered if plan.stored},
    )
    for plan, one, digest in numbered:
        is_kin = plan.stored and (digest, plan.stored.key) in kin
        numbers = {row.id_number for row in plan.draft.rows if row.id_number}
        if is_kin or digest in map(identity.person_digest, numbers):
            found[id(plan), one] = "helper_own_family"
    return found


# ---- writing


def write(families, *, unit, programme, by):
    """Find or make the helpers, then pair; a number of statements that families do not change."""
    families = list(families)
    go_along([family.household_id for family in families])
    named = {family: said for family in map(_Family, families) if (said := said_of(family.said))}
    if not named:
        return
    known = known_of([family.household_id for family in named], programme)
    wanted = [
        (family, one)
        for family, said in named.items()
        for one in said
        if not known[family.household_id].find(one)
    ]
    if not wanted:
        return
    helper_of = _helpers({one for _family, one in wanted}, unit, programme)
    _pair(wanted, helper_of, known, programme)


class _Family:
    """A written family that can be a key: by its enrolment."""

    __slots__ = ("enrolment_id", "household_id", "said")

    def __init__(self, written):
        self.household_id, self.enrolment_id = written.household_id, written.enrolment_id
        self.said = written.said


def _helpers(wanted, unit, programme):
    """{said: helper}, with new ones on the roster of the unit that brings the file."""
    found, new = _meant(wanted, unit, programme)
    for helper in new:
        helper.name_pinyin = pinyin.full(helper.name)[:200]
        helper.name_initials = pinyin.initials(helper.name)[:30]
    Helper.objects.bulk_create(new)
    return found


def _meant(wanted, unit, programme):
    """({said: helper}, those of them who are on no roster yet)."""
    by_name = defaultdict(list)
    there = Helper.objects.within(unit).filter(
        programme=programme, name__in={said.name for said in wanted}
    )
    for helper in there.defer("id_number").order_by("pk"):
        by_name[helper.name].append(helper)
    found, new = {}, []
    # Who says most comes first, so that a row with the name alone finds whom another row made.
    for said in sorted(wanted, key=lambda one: (not one.phone, not one.home, one.name)):
        likeness = [
            (said.likeness(one.name, one.home, one.phone), one) for one in by_name[said.name]
        ]
        best = max((score for score, _one in likeness), default=0)
        alike = [one for score, one in likeness if score == best]
        # By the name alone only where nobody else is called so.
        if best > 1 or (best == 1 and len(alike) == 1):
            found[said] = alike[0]
            continue
        helper = Helper(
            programme=programme, unit=unit, name=said.name, home=said.home, rank=said.rank,
            phone=said.phone,
        )  # fmt: skip
        by_name[said.name].append(helper)
        new.append(helper)
        found[said] = helper
    return found, new


def _pair(wanted, helper_of, known, programme):
    """Let each helper join the family's pair that stands, or begin one."""
    enrolments = (
        Enrolment.objects.select_related("household")
        .defer("kept", "household__bank_account", "household__note")
        .exclude(status=Enrolment.Status.REMOVED)
        .in_bulk({family.enrolment_id for family, _said in wanted})
    )
    standing = {
        pair.enrolment_id: pair
        for pair in Pairing.objects.filter(enrolment__in=list(enrolments), ends_on=None)
        .select_for_update(of=("self",))
        .order_by("pk")
    }
    led = set(
        PairingHelper.objects.filter(
            pairing__in=[pair.pk for pair in standing.values()], role=PairingHelper.Role.LEAD,
            ends_on=None,
        ).values_list("pairing", flat=True)
    )  # fmt: skip
    kin = _kin(
        {helper.id_digest for helper in helper_of.values() if helper.id_digest},
        {family.household_id for family, _said in wanted},
    )
    scheme = _usual_scheme(programme)
    today = timezone.localdate()
    new, joined, lines, has_lead = {}, set(), [], set()
    for family, said in wanted:
        helper, enrolment = helper_of[said], enrolments.get(family.enrolment_id)
        if enrolment is None or helper.left_on or (helper.id_digest, family.household_id) in kin:
            continue
        if helper.pk in known[family.household_id].helpers:
            continue
        day = min(enrolment.identified_on or today, today)
        pair = standing.get(enrolment.pk) or new.get(enrolment.pk)
        if pair is None:
            pair = new[enrolment.pk] = Pairing(
                programme=programme, unit_id=enrolment.household.unit_id, enrolment=enrolment,
                scheme=scheme, starts_on=day,
            )  # fmt: skip
        elif pair.pk:
            joined.add(pair.pk)
        is_led = pair.pk in led if pair.pk else enrolment.pk in has_lead
        has_lead.add(enrolment.pk)
        led |= {pair.pk} - {None}
        known[family.household_id].helpers.add(helper.pk)
        role = PairingHelper.Role.MEMBER if is_led else PairingHelper.Role.LEAD
        lines.append((pair, helper, role, max(day, pair.starts_on)))
    Pairing.objects.bulk_create(new.values())
    Pairing.objects.filter(pk__in=joined).update(version=F("version") + 1)
    PairingHelper.objects.bulk_create(
        PairingHelper(pairing=pair, helper=helper, role=role, starts_on=day)
        for pair, helper, role, day in lines
    )


def _kin(digests, households):
    """(digest, household) where a helper belongs to a family: nobody helps the own."""
    if not digests:
        return set()
    members = Member.objects.filter(id_digest__in=digests, household__in=households)
    return set(members.order_by().values_list("id_digest", "household"))


def _usual_scheme(programme):
    """The scheme by which the programme calls itself, else 一帮一."""
    labels = {label: code for code, label in Pairing.Scheme.choices}
    return labels.get(programme.mode_label, Pairing.Scheme.ONE_TO_ONE)


HELPERS = Part(
    "helpers",
    compare,
    write,
    takes=frozenset(TAKEN),
    warnings={
        "helper_has_left": _(
            "The helper of this row has left, as the roster of helpers says; the family goes in "
            "without this pair. Name another helper, or put the helper back on the roster."
        ),
        "helper_own_family": _(
            "The helper of this row belongs to the family, by the identity number; the family goes "
            "in without this pair. Nobody helps the own family; name another helper."
        ),
    },
    undone={
        PairingHelper: LINES,
        Pairing: PAIRS,
        Helper: MADE_AND_UNUSED,
    },
    went_on=WENT_ON,
    stay_if_named=frozenset([Helper]),
    let_go={AssignmentLine: SETTLED_AND_UNPAIRED},
)


def register():
    register_part(HELPERS)
