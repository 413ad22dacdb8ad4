"""The roster of helpers: entered, changed, left, come back.

Each action locks the helper's row and counts its version up, so two people never decide about one
helper at once; what it refuses is said in the office's words.
"""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from households.actions import identity
from households.models import Member
from pairings.actions.refusals import RefusedError, check_version
from pairings.models import Helper, PairingHelper
from povertyaid.audit.history import acting
from povertyaid.audit.models import record

# What the desk may write. The unit is given when the helper is entered, leaving is a deed.
FIELDS = [
    "kind", "name", "category", "home", "rank", "honour", "honour_level", "in_post_local", "phone",
    "id_number", "id_digest", "staff_id",
]  # fmt: skip
DERIVED = ["name_pinyin", "name_initials"]


def lock(helper, *, version=None):
    """The helper's row, held until the transaction ends. Raises StaleError."""
    stored = (
        Helper.objects.select_for_update(of=("self",))
        .select_related("unit", "programme")
        .order_by()
        .get(pk=helper.pk)
    )
    check_version(stored, version)
    return stored


def bump(stored, *columns):
    """Save columns of a locked helper and count the version up."""
    stored.version += 1
    stored.save(update_fields=[*columns, "version"])


def set_number(helper, number):
    """Give a helper an identity number; the digest is the one that members are claimed by."""
    helper.id_number = number
    helper.id_digest = identity.person_digest(number)


def check_not_kin(helper, households):
    """Raises RefusedError (`own_family`) if the helper belongs, or belonged, to one of the families."""
    if not helper.id_digest or not households:
        return
    members = Member.objects.filter(household__in=households, id_digest=helper.id_digest)
    if identity.holders([helper.id_digest]).get(helper.id_digest) in set(households) or (
        members.exists()
    ):
        raise RefusedError(
            _(
                "The helper is a member of this family, by the identity number. Nobody helps the "
                "own family; please choose another helper."
            ),
            "own_family",
        )


def households_of(helper):
    """Keys of the households the helper stands with now."""
    lines = PairingHelper.objects.current().filter(helper=helper, pairing__enrolment__isnull=False)
    return list(lines.order_by().values_list("pairing__enrolment__household_id", flat=True))


@transaction.atomic
def add(helper, *, by, reason=""):
    """Put an unsaved helper on the roster. Raises ValidationError of a constraint."""
    helper.validate_constraints()
    with acting(by, reason):
        helper.save()
        record(helper, "helper_added", by=by, reason=reason, programme=helper.programme.code)
    return helper


@transaction.atomic
def change(helper, *, by, reason="", version=None):
    """Save what the desk changed of a helper; answer the row as it is now.

    Raises RefusedError (`own_family`), StaleError, ValidationError of a constraint.
    """
    stored = lock(helper, version=version)
    changed = [name for name in FIELDS if getattr(stored, name) != getattr(helper, name)]
    for name in changed:
        setattr(stored, name, getattr(helper, name))
    if not changed:
        return stored
    stored.validate_constraints()
    if "id_digest" in changed:
        check_not_kin(stored, households_of(stored))
    with acting(by, reason):
        bump(stored, *changed, *(DERIVED if "name" in changed else ()))
        told = [name.removesuffix("_id") for name in changed if name != "id_digest"]
        record(stored, "helper_changed", by=by, reason=reason, fields=told)
    return stored


@transaction.atomic
def leave(helper, *, on, leave_reason, by, reason="", version=None):
    """The helper leaves on a day. The pairs stand and wait to be handed over.

    Raises RefusedError (`has_left`, `before_pairing`), StaleError.
    """
    stored = lock(helper, version=version)
    if stored.left_on:
        raise RefusedError(
            _("This helper has left already, on %(day)s."),
            "has_left",
            {"day": stored.left_on.isoformat()},
        )
    later = stored.lines.filter(ends_on=None, starts_on__gt=on).order_by("-starts_on").first()
    if later:
        raise RefusedError(
            _("The helper joined a pair on %(day)s. The day of leaving must not lie before it."),
            "before_pairing",
            {"day": later.starts_on.isoformat()},
        )
    with acting(by, reason):
        stored.left_on, stored.leave_reason = on, leave_reason
        bump(stored, "left_on", "leave_reason")
        record(
            stored,
            "helper_left",
            by=by,
            reason=reason,
            on=on.isoformat(),
            leave_reason=leave_reason,
        )
    return stored


@transaction.atomic
def come_back(helper, *, by, reason, version=None):
    """The helper is on the roster again. Raises RefusedError (`here`), StaleError."""
    stored = lock(helper, version=version)
    if stored.left_on is None:
        raise RefusedError(_("This helper is on the roster."), "here")
    with acting(by, reason):
        stored.left_on, stored.leave_reason = None, Helper.LeaveReason.NONE
        bump(stored, "left_on", "leave_reason")
        record(stored, "helper_returned", by=by, reason=reason)
    return stored
