"""A household's file from opening to closing: every change of it goes through here.

Each action locks the household's row, so two people never write one file at once; counts
the file's version up by one; keeps the head's name on the household and the registry of
identity numbers in step; and leaves history (who, why) and an audit entry.
"""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from households.actions import following, identity
from households.actions.codes import next_codes
from households.actions.refusals import ClosedFileError, RefusedError, StaleFileError
from households.models import Designation, Enrolment, Household, Member, StatusReview, words
from povertyaid.audit.history import acting
from povertyaid.audit.models import record

HEAD_COLUMNS = ["head_name", "head_pinyin", "head_initials"]
# What the desk may write. Everything else is the result of an action: unit and state of the
# file, state and exit of the enrolment.
FILE_FIELDS = [
    "address", "phone", "bank_name", "bank_branch", "bank_account", "stated_size", "note",
    "opened_on",
]  # fmt: skip
MEMBER_FIELDS = [
    "seq", "name", "relation", "id_kind", "id_number", "id_digest", "former_id_number", "sex",
    "birth_date", "birth_precision", "ethnicity", "phone", "health", "labour", "education",
    "study_stage", "study_year", "work_status", "employer", "note", "joined_on", "left_on",
    "leave_reason",
]  # fmt: skip
ENROLMENT_FIELDS = [
    "principal_id", "category", "helpable", "identified_on", "identified_precision", "causes",
    "needs", "attitude", "target_income", "target_exit_on",
]  # fmt: skip


def lock(household, *, version=None, closed=False):
    """The household's row, held until the transaction ends.

    Raises ClosedFileError unless a closed file is wanted, StaleFileError if `version` is given
    and no longer the current one.
    """
    stored = (
        Household.objects.select_for_update(of=("self",))
        .select_related("unit")
        .order_by()
        .get(pk=household.pk)
    )
    if version is not None and stored.version != version:
        raise StaleFileError(stored)
    if not (stored.is_open or closed):
        raise ClosedFileError
    return stored


def bump(stored, *columns):
    """Save columns of a locked household and count its version up."""
    stored.version += 1
    stored.save(update_fields=[*columns, "version", "updated_at"])


@transaction.atomic
def open_file(household, *, members, by, enrolments=(), incomes=(), reason="", confirmed=()):
    """Open a file: unsaved household, members, enrolments and their incomes together.

    An income belongs to the enrolment object it was made with (`income.enrolment`). Without a
    number of its own the file gets the unit's next one. `confirmed` are the codes of warnings that the clerk overruled, `reason` says why.
    Raises RefusedError (`no_head`, `two_heads`, `code_in_use`), PersonElsewhereError.
    """
    head = _head_among(members)
    with acting(by, reason):
        household.code = household.code or next_codes(household.unit)[0]
        household.head_name = head.name
        _insert(household)
        for seq, member in enumerate(members, 1):
            member.household, member.seq = household, seq
            member.save()
        identity.claim(members)
        for enrolment in enrolments:
            enrolment.household = household
            enrolment.principal = enrolment.principal or head
            enrolment.save()
        for income in incomes:
            income.save()
        record(
            household, "opened", by=by, reason=reason,
            members=len(members), confirmed=sorted(confirmed),
        )  # fmt: skip
    return household


def _insert(household):
    """Two desks may write the same number of their own; the second gets a sentence."""
    try:
        with transaction.atomic():
            household.save()
    except IntegrityError:
        raise RefusedError(
            _("This file number is in use. Please leave the field empty."), "code_in_use"
        ) from None


@transaction.atomic
def save_file(household, *, members, by, version, enrolments=(), reason="", confirmed=()):
    """Save what the desk changed in an open file, and nothing else.

    `household`, `members` and `enrolments` carry the new values; unsaved members and
    enrolments are added, a member with `left_on` leaves. Members that are not given stay as they are.
    Answers the household as it is now; if nothing differs it is left untouched. Raises
    StaleFileError, ClosedFileError, RefusedError, PersonElsewhereError.
    """
    stored = lock(household, version=version)
    with acting(by, reason):
        columns = _take_over(stored, household, FILE_FIELDS)
        changed = [*columns, *_save_members(stored, members)]
        head = _head_among(stored.members.present())
        if stored.head_name != head.name:
            stored.head_name = head.name
            columns += HEAD_COLUMNS
        for enrolment in enrolments:
            changed += _save_enrolment(stored, enrolment, head)
        if changed:
            bump(stored, *columns)
            record(
                stored, "changed", by=by, reason=reason,
                fields=changed, confirmed=sorted(confirmed),
            )  # fmt: skip
    return stored


def _take_over(stored, given, names):
    """Copy what differs onto the stored row and name it."""
    changed = [name for name in names if getattr(stored, name) != getattr(given, name)]
    for name in changed:
        setattr(stored, name, getattr(given, name))
    return [name.removesuffix("_id") for name in changed]


def _save_members(stored, members):
    before = {member.pk: member for member in stored.members.all()}
    changed, touched, freed = [], [], set()
    last = max((member.seq for member in before.values()), default=0)
    for member in members:
        if member.pk is None:
            last += 1
            member.household, member.seq = stored, last
            touched.append((member, None))
            changed.append(f"member.{member.seq}")
            continue
        old = before[member.pk]  # a member of another file cannot be changed through this one
        fields = _differing(member, old)
        if fields:
            touched.append((member, fields))
            changed += [f"member.{old.seq}.{name}" for name in fields if name != "id_digest"]
            freed |= {old.pk} if "id_digest" in fields and old.id_digest else set()
    _free_numbers(freed, [member for member, _fields in touched], before)
    # Who leaves, or stops being the head, makes room for who comes after.
    touched.sort(key=lambda pair: (pair[0].left_on is None, pair[0].is_head))
    for member, fields in touched:
        member.save(update_fields=_columns(fields))
    identity.release([m for m, _fields in touched if m.left_on])
    identity.claim([m for m, _fields in touched if m.left_on is None])
    return changed


def _differing(member, old):
    return [name for name in MEMBER_FIELDS if getattr(member, name) != getattr(old, name)]


def _columns(fields):
    if fields is None:
        return None
    columns = set(fields)
    if "name" in fields:
        columns |= {"name_pinyin", "name_initials"}
    if "id_digest" in fields:
        columns |= {"id_kind", "id_number"}  # both may have been put down for an exchange
    return columns


def _free_numbers(freed, members, before):
    """Where members exchange numbers, both are put down before either is taken up."""
    wanted = {member.id_digest for member in members if member.id_digest}
    exchanged = [pk for pk in freed if before[pk].id_digest in wanted]
    if exchanged:
        Member.objects.filter(pk__in=exchanged).update(id_kind="", id_digest="")


def _save_enrolment(stored, given, head):
    if given.pk is None:
        given.household, given.principal = stored, given.principal or head
        given.save()
        return [f"enrolment.{given.programme.code}"]
    enrolment = stored.enrolments.select_related("programme").get(pk=given.pk)
    fields = _take_over(enrolment, given, ENROLMENT_FIELDS)
    if fields:
        enrolment.save(update_fields=fields)
    return [f"enrolment.{enrolment.programme.code}.{name}" for name in fields]


def _head_among(members):
    heads = [member for member in members if member.is_head and member.left_on is None]
    if not heads:
        raise RefusedError(
            _("The family has no head. Please give one member the relation “head of household”."),
            "no_head",
        )
    if len(heads) > 1:
        raise RefusedError(
            _("The family has two heads. Please give one of the two another relation."),
            "two_heads",
        )
    return heads[0]


@transaction.atomic
def close(household, *, on, close_reason, by, reason="", version=None):
    """Close the file as of a day. Its people may then be filed elsewhere.

    Raises RefusedError (`pending_review`, `before_opening`), ClosedFileError, StaleFileError.
    """
    stored = lock(household, version=version)
    _nothing_pending(stored)
    with acting(by, reason):
        _shut(stored, on=on, close_reason=close_reason)
        record(stored, "closed", by=by, reason=reason, why=close_reason, on=on.isoformat())
    return stored


def _shut(stored, *, on, close_reason, merged_into=None):
    if on < stored.opened_on:
        raise RefusedError(
            _("The closing day must not lie before the opening day, %(day)s."),
            "before_opening",
            {"day": stored.opened_on.isoformat()},
        )
    identity.release(stored.members.all())
    stored.status, stored.closed_on = Household.Status.CLOSED, on
    stored.close_reason, stored.merged_into = close_reason, merged_into
    bump(stored, "status", "closed_on", "close_reason", "merged_into")


def _nothing_pending(stored):
    if StatusReview.objects.pending().filter(enrolment__household=stored).exists():
        raise RefusedError(
            _(
                "A review of this household is waiting for its decision. Please have it decided "
                "first, then close the file."
            ),
            "pending_review",
        )


@transaction.atomic
def reopen(household, *, by, reason, version=None):
    """Open a closed file again and take its people's places back.

    Raises RefusedError (`open`, `merged`), PersonElsewhereError, StaleFileError.
    """
    stored = lock(household, version=version, closed=True)
    if stored.is_open:
        raise RefusedError(_("This file is open already."), "open")
    if stored.merged_into_id:
        raise RefusedError(
            _(
                "The members of this file went into file %(code)s. If they are a household of "
                "their own, please split them off there."
            ),
            "merged",
            {"code": stored.merged_into.code},
        )
    with acting(by, reason):
        stored.status, stored.closed_on, stored.close_reason = Household.Status.OPEN, None, ""
        bump(stored, "status", "closed_on", "close_reason")
        identity.claim(stored.members.present())
        record(stored, "reopened", by=by, reason=reason)
    return stored


@transaction.atomic
def move(household, *, to, by, reason, version=None):
    """Hand the file to another unit; its number stays.

    Two entries: those who read the old unit's trail must see it leave. Raises RefusedError
    (`same_unit`, `keeps_no_files`), ClosedFileError, StaleFileError.
    """
    stored = lock(household, version=version)
    if stored.unit_id == to.pk:
        raise RefusedError(_("The file is kept by this unit already."), "same_unit")
    if not (to.keeps_files and to.is_open):
        raise RefusedError(
            _("This unit keeps no household files. Please choose another."), "keeps_no_files"
        )
    old = stored.unit
    with acting(by, reason):
        record(stored, "moved_out", by=by, reason=reason, to=to.code)
        stored.unit = to
        bump(stored, "unit")
        following.go_along([stored.pk])
        record(stored, "moved_in", by=by, reason=reason, was=old.code)
    return stored


def same_persons(stays, goes):
    """{member of the file that closes: the same person in the file that stays}.

    By identity number; by name where either side has no number.
    """
    there = list(stays.members.present())
    by_number = {identity.person_digest(m.id_number): m for m in there if m.id_number}
    pairs = {}
    for member in goes.members.present():
        twin = by_number.get(identity.person_digest(member.id_number))
        if twin is None:
            twin = next(
                (
                    other
                    for other in there
                    if other.name == member.name and not (other.id_number and member.id_number)
                ),
                None,
            )
        if twin is not None and twin not in pairs.values():
            pairs[member] = twin
    return pairs


@transaction.atomic
def merge(stays, goes, *, on, by, reason, versions=(None, None)):
    """Make one file of two that describe one family. Nothing is lost.

    Members that both have fill each other's gaps; the others are taken over, and so are
    designations, papers and enrolments. An enrolment in a programme in which both are stays with the
    closed file and leaves every count. The closed file names the one it went into.
    `versions` are those of stays and goes as the clerk saw them. Raises RefusedError
    (`same_file`, `pending_review`, `before_opening`), ClosedFileError, StaleFileError.
    """
    if stays.pk == goes.pk:
        raise RefusedError(_("Please choose two different files."), "same_file")
    # Lowest first, whichever stays: two merges at once then wait instead of blocking one another.
    wanted = {stays.pk: versions[0], goes.pk: versions[1]}
    rows = {pk: lock(Household(pk=pk), version=wanted[pk]) for pk in sorted(wanted)}
    stays, goes = rows[stays.pk], rows[goes.pk]
    _nothing_pending(goes)
    with acting(by, reason):
        twins = same_persons(stays, goes)
        leaving = list(goes.members.present())
        _shut(goes, on=on, close_reason=Household.CloseReason.MERGED, merged_into=stays)
        people = _take_members(stays, leaving, twins, on=on)
        kept = _take_enrolments(stays, goes, people)
        for designation in goes.designations.all():
            if designation.member_id and designation.member_id not in people:
                continue  # of somebody who had left before: stays with the old row
            designation.household = stays
            designation.member = people.get(designation.member_id)
            designation.save(update_fields=["household", "member"])
        papers = goes.dossier_items.update(household=stays)
        blanks = [n for n in FILE_FIELDS if not getattr(stays, n) and getattr(goes, n)]
        for name in blanks:
            setattr(stays, name, getattr(goes, name))
        bump(stays, *blanks)
        following.go_along([stays.pk])
        record(
            stays, "merged", by=by, reason=reason, took=goes.code,
            members=len(leaving) - len(twins), same_members=len(twins), filled=blanks,
            papers=papers,
        )  # fmt: skip
        record(goes, "merged_away", by=by, reason=reason, into=stays.code, kept=kept)
    return stays


def _take_members(to, leaving, twins, *, on, leave_reason=Member.LeaveReason.MERGED, new_head=None):
    """Copy members into another file, date the old rows, answer {old pk: new row}.

    A relation was said of the old file's head, so it is not copied.
    """
    people = {}
    seq = max((m.seq for m in to.members.all()), default=0)
    for old in leaving:
        new = twins.get(old)
        copied = {name: getattr(old, name) for name in MEMBER_FIELDS}
        old.left_on, old.leave_reason = max(on, old.joined_on or on), leave_reason
        old.save(update_fields=["left_on", "leave_reason"])
        if new is None:
            seq += 1
            new = Member(household=to, **copied | {"seq": seq, "joined_on": on})
            new.relation = words.HEAD if old == new_head else ""
            new.save()
        else:
            _fill_gaps(new, copied)
        people[old.pk] = new
    identity.release(leaving)
    identity.claim(people.values())
    return people


def _fill_gaps(member, copied):
    gaps = {
        name: value
        for name, value in copied.items()
        if value and not getattr(member, name) and name not in {"relation", "left_on"}
    }
    for name, value in gaps.items():
        setattr(member, name, value)
    if gaps:
        member.save(update_fields=list(gaps))


def _take_enrolments(stays, goes, people):
    """Move what the staying file does not have; answer the programmes that both have."""
    there = set(stays.enrolments.values_list("programme_id", flat=True))
    kept = []
    for enrolment in goes.enrolments.select_related("programme"):
        if enrolment.programme_id in there:
            enrolment.status = Enrolment.Status.REMOVED
            enrolment.exited_on = enrolment.exit_label = None
            enrolment.save(update_fields=["status", "exited_on", "exit_label"])
            kept.append(enrolment.programme.code)
        else:
            enrolment.household = stays
            enrolment.principal = people.get(enrolment.principal_id) or _head_among(
                stays.members.present()
            )
            enrolment.save(update_fields=["household", "principal"])
    return kept


@transaction.atomic
def split(household, *, members, head, on, by, reason, heir=None, programmes=(), version=None):
    """Make members of a family a household of its own, with the next number of the same unit.

    `head` leads the new file, `heir` the old one if its head leaves. The new family is
    enrolled in `programmes` (of those the old one is in) as identified that day, and its
    identification is reviewed like any other. Raises RefusedError (`nobody_leaves`,
    `nobody_stays`, `no_head`, `no_heir`), ClosedFileError, StaleFileError.
    """
    stored = lock(household, version=version)
    present = {member.pk: member for member in stored.members.present()}
    leaving = [present[member.pk] for member in members]
    staying = [member for member in present.values() if member not in leaving]
    heir = _check_split(leaving, staying, head, heir)
    with acting(by, reason):
        new = Household(
            unit=stored.unit, code=next_codes(stored.unit)[0], head_name=head.name,
            address=stored.address, opened_on=on, split_from=stored,
        )  # fmt: skip
        new.save()
        people = _take_members(
            new, leaving, {}, on=on, leave_reason=Member.LeaveReason.SPLIT_OFF, new_head=head
        )
        if heir is not None:
            heir.relation = words.HEAD
            heir.save(update_fields=["relation"])
            stored.head_name = heir.name
        still_valid = Designation.objects.filter(household=stored, member__in=leaving).valid_on(on)
        for designation in still_valid:
            designation.household = new
            designation.member = people[designation.member_id]
            designation.save(update_fields=["household", "member"])
        _enrol_split(stored, new, people, head, programmes, on)
        bump(stored, *HEAD_COLUMNS)
        record(stored, "split", by=by, reason=reason, new=new.code, members=len(leaving))
        record(new, "split_off", by=by, reason=reason, was=stored.code, members=len(leaving))
    return new


def _check_split(leaving, staying, head, heir):
    """The member who leads the old family from now on, None if its head stays."""
    if not leaving:
        raise RefusedError(_("Please choose who leaves the family."), "nobody_leaves")
    if not staying:
        raise RefusedError(
            _("Somebody must stay in the old file. If all move away, please move the file."),
            "nobody_stays",
        )
    if head not in leaving:
        raise RefusedError(
            _("The head of the new household must be among those who leave."), "no_head"
        )
    if any(member.is_head for member in staying):
        return None
    if heir not in staying:
        raise RefusedError(
            _("The head leaves: please choose who leads the family that stays."), "no_heir"
        )
    return heir


def _enrol_split(stored, new, people, head, programmes, on):
    old_head = stored.members.present().filter(relation=words.HEAD).get()
    for enrolment in stored.enrolments.all():
        if enrolment.principal_id in people:
            enrolment.principal = old_head
            enrolment.save(update_fields=["principal"])
        if enrolment.programme in programmes:
            Enrolment.objects.create(
                household=new, programme=enrolment.programme, principal=people[head.pk],
                category=enrolment.category, helpable=enrolment.helpable,
                causes=enrolment.causes, needs=enrolment.needs, attitude=enrolment.attitude,
                identified_on=on, identified_precision=Member.Precision.DAY,
            )  # fmt: skip
