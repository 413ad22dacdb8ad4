"""What is done to units and staff. Each verb is one transaction and one line in the journal."""

import secrets

from axes.models import AccessAttempt
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import transaction
from django.db.models import BigIntegerField, Case, F, Max, Value, When
from django.db.models.functions import Concat, Length, Substr
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from povertyaid.org import ties
from povertyaid.org.journal import differences, record
from povertyaid.org.models import OrgUnit, Staff

UNIT_FACTS = ("code", "name", "kind", "level", "keeps_files", "head", "phone")
STAFF_FACTS = ("full_name", "role", "phone")

# No letter or digit that is mistaken for another on a slip of paper: about 59 bits in twelve.
PASSWORD_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 -- an alphabet
PASSWORD_GROUPS, PASSWORD_GROUP_LENGTH = 3, 4

check_username = RegexValidator(
    r"^[\w.@-]{2,60}\Z",
    gettext_lazy("A sign-in name has 2 to 60 letters, digits, points or dashes, and no spaces."),
)


def one_time_password() -> str:
    """`kmxq-7h3p-wz9d`: typed once, then replaced by the person's own."""
    return "-".join(
        "".join(secrets.choice(PASSWORD_SIGNS) for _sign in range(PASSWORD_GROUP_LENGTH))
        for _group in range(PASSWORD_GROUPS)
    )


# ---- units


def lock_tree(*units):
    """One change of a tree's shape at a time: two moves at once could close a circle.

    Locks the root of each unit, then reads the units again as they now are.
    """
    roots = sorted({unit.path.split("/")[1] for unit in units})
    list(OrgUnit.objects.select_for_update().filter(code__in=roots, parent=None).order_by("pk"))
    fresh = OrgUnit.objects.in_bulk([unit.pk for unit in units])
    return [fresh[unit.pk] for unit in units]


@transaction.atomic
def open_root(*, code, name, kind, level=""):
    """The first unit of an office. Nobody stands above it who could be named; see `found`."""
    unit = OrgUnit(code=code, name=name, kind=kind, level=level, keeps_files=False)
    unit.full_clean(exclude=["path"])
    unit.save()
    return unit


@transaction.atomic
def found(*, code, name, kind, level="", username, full_name):
    """Open an office: its root unit and its first administrator. Answers (staff, password)."""
    unit = open_root(code=code, name=name, kind=kind, level=level)
    staff, password = _new_staff(
        unit=unit, username=username, full_name=full_name, role=Staff.Role.ADMINISTRATOR
    )
    record(unit, "unit_opened", by=staff)
    record(staff, "staff_added", by=staff, role=staff.role, unit=unit.code)
    return staff, password


@transaction.atomic
def open_unit(*, parent, by, **facts):
    """A new unit below `parent`. Raises ValidationError when the parent is closed."""
    (parent,) = lock_tree(parent)
    if not parent.is_open:
        raise ValidationError(
            _("%(unit)s is closed; nothing can be opened below it.") % {"unit": parent.name},
            code="parent_closed",
        )
    unit = OrgUnit(parent=parent, **facts)
    _check_length(f"{parent.path}{unit.code}/")
    unit.save()
    record(unit, "unit_opened", by=by, parent=parent.code)
    return unit


def code_is_fixed(unit):
    """Whether files, staff or units below already go by the unit's code."""
    return (
        unit.children.exists() or unit.staff.exists() or any(tie.uses(unit) for tie in ties.ties())
    )


@transaction.atomic
def save_unit(unit, *, by, **facts):
    """Change what is known of a unit, not its place. Raises ValidationError for a fixed code."""
    (unit,) = lock_tree(unit)
    if facts.get("code", unit.code) != unit.code and code_is_fixed(unit):
        raise ValidationError(
            {"code": _("Files, staff or units below already use this code; it stays as it is.")}
        )
    before = {name: getattr(unit, name) for name in facts}
    for name, value in facts.items():
        setattr(unit, name, value)
    unit.save()
    if changed := differences(before, facts):
        record(unit, "unit_changed", by=by, changed=changed)
    return unit


@transaction.atomic
def move_unit(unit, *, parent, by, reason=""):
    """Hang a unit, with all below it, under another parent: every path below in one statement."""
    unit, parent = lock_tree(unit, parent)
    if parent.path.startswith(unit.path):
        raise ValidationError(
            _("A unit cannot be moved under itself or under a unit of its own."), code="circle"
        )
    if not parent.is_open:
        raise ValidationError(
            _("%(unit)s is closed; nothing can be moved below it.") % {"unit": parent.name},
            code="parent_closed",
        )
    if unit.parent_id == parent.pk:
        raise ValidationError(
            _("The unit already stands below %(unit)s.") % {"unit": parent.name}, code="same_place"
        )
    old, new = unit.path, f"{parent.path}{unit.code}/"
    below = OrgUnit.objects.below(unit)
    longest = below.aggregate(longest=Max(Length("path")))["longest"]
    _check_length(new, longest - len(old) + len(new))
    before = OrgUnit.objects.filter(pk=unit.parent_id).values_list("code", flat=True).first()
    moved = below.update(
        path=Concat(Value(new), Substr("path", len(old) + 1)),
        parent=Case(
            When(pk=unit.pk, then=Value(parent.pk)),
            default=F("parent"),
            output_field=BigIntegerField(),
        ),
    )
    unit = OrgUnit.objects.select_related("parent").get(pk=unit.pk)
    record(
        unit,
        "unit_moved",
        by=by,
        reason=reason,
        changed={"parent": [before, parent.code]},
        units=moved,
    )
    return unit


def _check_length(path, length=None):
    longest = OrgUnit._meta.get_field("path").max_length
    if (length or len(path)) > longest:
        raise ValidationError(
            _("The tree would become too deep here. Please choose a unit further up."),
            code="too_deep",
        )


def reasons_to_stay_open(unit):
    """What must be settled before a unit can close, one sentence each, with the way to do it."""
    reasons = []
    if n := unit.children.open().count():
        reasons.append(
            ngettext(
                "%(n)s unit below it is still open. Please close or move it first.",
                "%(n)s units below it are still open. Please close or move them first.",
                n,
            )
            % {"n": n}
        )
    if n := unit.staff.active().count():
        reasons.append(
            ngettext(
                "%(n)s person still works here. Please give the person another unit, or switch the account off.",
                "%(n)s persons still work here. Please give them another unit, or switch their accounts off.",
                n,
            )
            % {"n": n}
        )
    reasons += [
        _("%(n)s %(what)s still belong here. Please move or close them first.")
        % {"n": f"{n:,}", "what": tie.label}
        for tie in ties.ties()
        if (n := tie.count(unit))
    ]
    return reasons


@transaction.atomic
def close_unit(unit, *, on, by, reason=""):
    """The unit no longer exists. Refused, with every reason at once, while anything hangs on it."""
    (unit,) = lock_tree(unit)
    if not unit.is_open:
        raise ValidationError(_("This unit is closed already."), code="closed")
    if reasons := reasons_to_stay_open(unit):
        raise ValidationError(reasons)
    unit.closed_on = on
    unit.save()
    record(unit, "unit_closed", by=by, reason=reason, closed_on=str(on))
    return unit


@transaction.atomic
def reopen_unit(unit, *, by, reason=""):
    (unit,) = lock_tree(unit)
    if unit.parent and not unit.parent.is_open:
        raise ValidationError(
            _("%(unit)s above it is closed. Please reopen that one first.")
            % {"unit": unit.parent.name},
            code="parent_closed",
        )
    unit.closed_on = None
    unit.save()
    record(unit, "unit_reopened", by=by, reason=reason)
    return unit


# ---- staff


def _new_staff(*, unit, username, full_name, role, phone=""):
    check_username(username)
    # Two names that differ in capitals only would be taken for one another on every paper.
    if Staff.objects.filter(username__iexact=username).exists():
        raise ValidationError({"username": _("This sign-in name is taken. Please choose another.")})
    password = one_time_password()
    staff = Staff(unit=unit, username=username, full_name=full_name, role=role, phone=phone)
    staff.set_password(password)
    staff.full_clean()
    staff.save()
    return staff, password


@transaction.atomic
def add_staff(*, unit, username, full_name, role, phone="", by):
    """A person who may sign in. Answers (staff, one-time password); the password is kept nowhere."""
    staff, password = _new_staff(
        unit=unit, username=username, full_name=full_name, role=role, phone=phone
    )
    record(staff, "staff_added", by=by, role=role, unit=unit.code)
    return staff, password


@transaction.atomic
def save_staff(staff, *, by, **facts):
    """Change name, role, unit or phone. One's own role and unit are for somebody else to change."""
    staff = _locked(staff)
    before = {name: getattr(staff, name) for name in facts}
    if staff.pk == by.pk and any(
        name in facts and facts[name] != before[name] for name in ("role", "unit")
    ):
        raise ValidationError(
            _("Nobody changes the own role or unit. Please ask another administrator."), code="own"
        )
    for name, value in facts.items():
        setattr(staff, name, value)
    staff.save()
    if changed := _without_phone(_by_code(before), _by_code(facts)):
        record(staff, "staff_changed", by=by, changed=changed)
    return staff


def _locked(staff):
    return Staff.objects.select_for_update(of=("self",)).select_related("unit").get(pk=staff.pk)


def _by_code(facts):
    return facts | ({"unit": facts["unit"].code} if "unit" in facts else {})


def _without_phone(before, after):
    """A phone number is personal: the journal says that it changed, not into what."""
    changed = differences(before, after)
    return changed | ({"phone": [None, None]} if "phone" in changed else {})


@transaction.atomic
def switch_off(staff, *, by, reason=""):
    """The person leaves: no more sign-in, and open sessions end with the next page."""
    staff = _locked(staff)
    if staff.pk == by.pk:
        raise ValidationError(
            _("Nobody switches off the own account. Please ask another administrator."), code="own"
        )
    staff.is_active = False
    staff.save(update_fields=["is_active"])
    record(staff, "staff_switched_off", by=by, reason=reason)
    return staff


@transaction.atomic
def switch_on(staff, *, by, reason=""):
    staff = _locked(staff)
    if not staff.unit.is_open:
        raise ValidationError(
            _("The person's unit is closed. Please give the person another unit first."),
            code="unit_closed",
        )
    staff.is_active = True
    staff.save(update_fields=["is_active"])
    record(staff, "staff_switched_on", by=by, reason=reason)
    return staff


@transaction.atomic
def reset_password(staff, *, by):
    """Answers a one-time password; the old one, and any lock, ends at once."""
    staff = _locked(staff)
    password = one_time_password()
    staff.set_password(password)
    staff.must_change_password = True
    staff.save(update_fields=["password", "must_change_password"])
    AccessAttempt.objects.filter(username=staff.username).delete()
    record(staff, "password_reset", by=by)
    return password


@transaction.atomic
def change_password(staff, password, *, by):
    """The person's own new password."""
    staff.set_password(password)
    staff.must_change_password = False
    staff.password_changed_at = timezone.now()
    staff.save(update_fields=["password", "must_change_password", "password_changed_at"])
    record(staff, "password_changed", by=by)


@transaction.atomic
def unlock(staff, *, by):
    """Forget the failed sign-ins that closed the account for a while."""
    AccessAttempt.objects.filter(username=staff.username).delete()
    record(staff, "staff_unlocked", by=by)
