"""A living person is in one open household: the registry that says in which.

A person is claimed by the keyed digest of the identity number. A disability certificate
begins with the identity number of its holder, and its last digits change with each issue:
the first eighteen characters claim, so that the card and the certificate are one person.
"""

from django.db import connection
from django.utils.translation import gettext_lazy as _

from households.actions.refusals import PersonElsewhereError, RefusedError
from households.models import IdentityClaim, Member
from povertyaid.lib import national_id
from povertyaid.lib.secrets import digest

CERTIFICATE_LENGTHS = (20, 22)
PLACEHOLDER = "999999"  # what registers write where there is no number (monitoring rule 4_01_003)

HOLDERS = """
    SELECT claim.digest, member.household_id
      FROM households_identityclaim claim JOIN households_member member ON member.id = claim.member_id
     WHERE claim.digest = ANY(%s::text[]) AND member.household_id <> ALL(%s::bigint[])
"""
# Sorted, so that two transactions that claim the same people wait for one another instead of
# each holding what the other wants.
CLAIM = """
    INSERT INTO households_identityclaim (digest, member_id)
    SELECT * FROM unnest(%s::text[], %s::bigint[]) AS wanted (digest, member_id)
    ON CONFLICT DO NOTHING
"""
MISSED = """
    SELECT wanted.member_id, other.household_id
      FROM unnest(%s::text[], %s::bigint[]) AS wanted (digest, member_id)
      JOIN households_identityclaim claim ON claim.digest = wanted.digest
      JOIN households_member other ON other.id = claim.member_id
     WHERE claim.member_id <> wanted.member_id
"""
FORGET_FORMER = """
    DELETE FROM households_identityclaim claim
     USING unnest(%s::text[], %s::bigint[]) AS wanted (digest, member_id)
     WHERE claim.member_id = wanted.member_id AND claim.digest <> wanted.digest
"""


def set_number(member, text):
    """Give a member the number as written: kind, eighteen characters, sex and birth date.

    Sex and birth date are filled only where nothing is written. Fifteen digits are upgraded
    and kept as the former number. An empty text takes the number away. Raises
    NationalIdError, RefusedError (`placeholder`).
    """
    number = national_id.clean(text)
    if number.startswith(PLACEHOLDER):
        raise RefusedError(
            _("A number beginning with 999999 is a placeholder. Please leave the field empty."),
            "placeholder",
        )
    member.id_kind, member.id_number, member.id_digest = "", "", ""
    if not number:
        return
    certificate = len(number) in CERTIFICATE_LENGTHS
    person = national_id.parse(number[:18] if certificate else number)
    if certificate and not (number[18:].isascii() and number[18:].isdigit()):
        raise national_id.NationalIdError("wrong_characters")
    if certificate:
        member.id_kind, member.id_number = Member.IdKind.DISABILITY_CERTIFICATE, number
    else:
        member.id_kind, member.id_number = Member.IdKind.NATIONAL_ID, person.number
        if len(number) == 15:
            member.former_id_number = number
    member.id_digest = digest(member.id_number)
    if not member.sex:
        member.sex = person.sex
    if member.birth_date is None:
        member.birth_date, member.birth_precision = person.birth_date, Member.Precision.DAY


def person_digest(number):
    """The digest that claims the holder of an identity number or disability certificate."""
    return digest(number[:18]) if number else ""


def holders(digests, *, besides=()):
    """{digest: household_id} of those among the person digests that an open file holds.

    `besides` are keys of files of which nobody asks.
    """
    with connection.cursor() as cursor:
        wanted = [array(one for one in digests if one), array(map(str, besides))]
        cursor.execute(HOLDERS, wanted)
        return dict(cursor.fetchall())


def array(plain):
    """Digests or keys as the database writes an array; the driver takes ten times as long for one."""
    return "{" + ",".join(plain) + "}"


def claim(members):
    """Take these members' places in the registry; a place held before under another number goes.

    Members without a number, or who have left, are released. In one statement each, however
    many. Raises PersonElsewhereError, naming who is held where; nobody is claimed then,
    once the caller's transaction is undone.
    """
    members = list(members)
    here = [m for m in members if m.id_number and m.left_on is None]
    release([m for m in members if not (m.id_number and m.left_on is None)])
    by_pk = {member.pk: member for member in here}
    pairs = sorted((person_digest(member.id_number), member.pk) for member in here)
    if not pairs:
        return
    wanted = [array(one for one, _pk in pairs), array(str(pk) for _one, pk in pairs)]
    with connection.cursor() as cursor:
        cursor.execute(FORGET_FORMER, wanted)
        cursor.execute(CLAIM, wanted)
        if cursor.rowcount == len(pairs):
            return
        cursor.execute(MISSED, wanted)
        held = {by_pk[pk]: household_id for pk, household_id in cursor.fetchall()}
    if held:
        raise PersonElsewhereError(held)


def release(members):
    """Give the members' places back: they have left, or their file closes."""
    pks = [member.pk for member in members]
    if pks:
        IdentityClaim.objects.filter(member_id__in=pks).delete()
