"""Visits from the day they are written down: recorded, changed, photographed, signed, taken back.

Each action locks the household first, then the visit, and counts the visit's version up. A visit is
known by the key that was made where it was written down, so that what arrives twice is kept once.
"""

import contextlib
import uuid

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Max, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from households.actions.files import lock as lock_file
from households.models import Enrolment, Household
from pairings.actions.refusals import RefusedError, check_version
from pairings.models import Helper, PairingHelper, ServiceKind, Visit, VisitPhoto
from pairings.models.pairing import lasting_on
from povertyaid.audit.history import acting
from povertyaid.audit.models import record
from povertyaid.lib import sealed_files
from povertyaid.org.models import OrgUnit, Staff

ROOM = "visits"  # the folder of photographs and signatures
PHOTO, SIGNATURE = "visit.photo", "visit.signature"

CHANGEABLE = ["helper", "companions", "visited_on", "occasion", "headcount", "situation"]
OF_ITEM = ["kind", "times", "note", "solved_on", "solution"]
USUAL_HEADCOUNT = 1000  # a counted row up to this size is never odd
ODD_MANY_TIMES = 10  # larger than the largest so far
MANY_ITEMS = 50  # of one kind on one visit


# ---- what is refused


def is_own_sign_in(by):
    """Whether a helper writes down what the helper did, and may say it of nobody else."""
    return by is not None and by.role == Staff.Role.HELPER


def stood_on_pair(helper, household, day):
    """Whether a helper was on a pair of the household on a day."""
    lines = PairingHelper.objects.on_day(day).filter(lasting_on(day, "pairing__"))
    return lines.filter(helper=helper, pairing__enrolment__household=household).exists()


def enrolment_of(visit):
    return Enrolment.objects.filter(
        household=visit.household_id, programme=visit.programme_id
    ).first()


def check(visit, by):
    """Raises RefusedError for what cannot have happened, or not so.

    `future`, `before_programme`, `not_enrolled`, `after_closing`, `other_programme`; and for a
    helper's own sign-in `not_you`, `not_on_pair_then`, `counted_by_the_office`.
    """
    day, programme = visit.visited_on, visit.programme
    if day > timezone.localdate():
        raise RefusedError(
            _("This day lies in the future. A visit is written down when it has been made."),
            "future",
        )
    if day < programme.starts_on:
        raise RefusedError(
            _("The programme began on %(day)s. A visit before that day does not belong to it."),
            "before_programme",
            {"day": programme.starts_on.isoformat()},
        )
    if visit.helper_id and visit.helper.programme_id != programme.pk:
        raise RefusedError(
            _("This helper is on the roster of another programme. Please choose one of this."),
            "other_programme",
        )
    if visit.household_id:
        _check_family(visit, day)
    if is_own_sign_in(by):
        _check_own(visit, by)


def _check_family(visit, day):
    closed_on = visit.household.closed_on
    if closed_on and day > closed_on:
        raise RefusedError(
            _("The file was closed on %(day)s. A visit after that day does not belong to it."),
            "after_closing",
            {"day": closed_on.isoformat()},
        )
    if enrolment_of(visit) is None:
        raise RefusedError(
            _("The household is not in this programme. Please enrol it first."), "not_enrolled"
        )


def _check_own(visit, by):
    if not visit.household_id:
        raise RefusedError(
            _("Visits that are counted together are entered by the office."),
            "counted_by_the_office",
        )
    if not visit.helper_id or visit.helper.staff_id != by.pk:
        raise RefusedError(_("A helper writes down the own visits only."), "not_you")
    if not stood_on_pair(visit.helper, visit.household, visit.visited_on):
        raise RefusedError(
            _(
                "You were not paired with this household on that day. Please check the day; if it "
                "is right, let the union enter the visit."
            ),
            "not_on_pair_then",
        )


def is_of(visit, by):
    """Whether a person may change a visit they see: the office any, a helper the own."""
    if not is_own_sign_in(by):
        return True
    return visit.recorded_by_id == by.pk or (
        visit.helper_id is not None and visit.helper.staff_id == by.pk
    )


def _check_mine(stored, by):
    if not is_of(stored, by):
        raise RefusedError(
            _("Another helper made this visit. Only that helper or the office changes it."),
            "not_yours",
        )


def _check_counts(stored):
    if not stored.counts:
        raise RefusedError(
            _("This visit was taken back on %(day)s. It is read, not changed."),
            "taken_back",
            {"day": stored.voided_on.isoformat()},
        )


# ---- what is merely odd


def doubts(visit, items=()):
    """(field, code, sentence) of what may be true and is mostly a slip. Names nobody."""
    found = _doubts_of_family(visit) if visit.household_id else _doubts_of_counted(visit)
    ends_on = visit.programme.ends_on
    if ends_on and visit.visited_on > ends_on:
        text = _("The programme ended on %(day)s, before this visit.")
        found.append(("visited_on", "after_programme", text % {"day": ends_on.isoformat()}))
    most = max((item.times or 0 for item in items), default=0)
    if most > MANY_ITEMS:
        text = ngettext(
            "One thing was done %(n)s time on one visit.",
            "One thing was done %(n)s times on one visit.",
            most,
        )
        found.append((None, "many_times", text % {"n": most}))
    return found


def _doubts_of_family(visit):
    found, day = [], visit.visited_on
    enrolment = enrolment_of(visit)
    if enrolment and enrolment.identified_on and day < enrolment.identified_on:
        text = _("The household was identified on %(day)s, after this visit.")
        shown = {"day": enrolment.identified_on.isoformat()}
        found.append(("visited_on", "before_enrolment", text % shown))
    if enrolment and enrolment.status == Enrolment.Status.REMOVED:
        text = _("The household was removed from the programme as not poor.")
        found.append((None, "removed", str(text)))
    if visit.helper_id and not stood_on_pair(visit.helper, visit.household, day):
        text = _("This helper was not paired with the household on that day.")
        found.append(("helper", "not_on_pair", str(text)))
    others = Visit.objects.counted().filter(household=visit.household_id, visited_on=day)
    others = others.exclude(pk=visit.pk).exclude(key=visit.key)
    if n := others.exclude(helper=visit.helper_id).count():
        text = ngettext(
            "The household was visited on that day already, by somebody else (%(n)s visit). If "
            "you went together, please add to that visit instead.",
            "The household was visited on that day already, by others (%(n)s visits). If you "
            "went together, please add to one of them instead.",
            n,
        )
        found.append(("visited_on", "same_day", text % {"n": n}))
    return found


def _doubts_of_counted(visit):
    rows = Visit.objects.counted().filter(
        programme=visit.programme_id, unit=visit.unit_id, household=None
    )
    rows = rows.exclude(pk=visit.pk).exclude(key=visit.key)
    found = []
    same = rows.filter(visited_on=visit.visited_on, occasion=visit.occasion).first()
    if same is not None:
        text = ngettext(
            "The unit has counted visits of that day and occasion already: %(n)s person-time.",
            "The unit has counted visits of that day and occasion already: %(n)s person-times.",
            same.headcount,
        )
        found.append(("visited_on", "counted_twice", text % {"n": f"{same.headcount:,}"}))
    largest = rows.aggregate(largest=Max("headcount"))["largest"] or 0
    headcount = visit.headcount or 0
    if headcount > max(USUAL_HEADCOUNT, ODD_MANY_TIMES * largest):
        text = _("So many have never been visited at once here; the most so far were %(n)s.")
        found.append(("headcount", "headcount", text % {"n": f"{largest:,}"}))
    return found


# ---- recording


def already_kept(key, by):
    """The visit of a key, if it was kept before and the person may know; else None.

    Who recorded it may know for ever: the pair may have ended before the answer arrived.
    """
    kept = Visit.objects.filter(key=key).select_related("household", "unit").first()
    if kept is None:
        return None
    if kept.recorded_by_id != by.pk and not Visit.objects.visible_to(by).filter(pk=kept.pk):
        raise RefusedError(
            _("This visit cannot be kept under its mark. Please open the page again."), "key"
        )
    return kept


@contextlib.contextmanager
def _files_and_rows():
    """A transaction, and files that go away again if it fails."""
    with contextlib.ExitStack() as files, transaction.atomic():
        yield files


def record_visit(visit, *, by, items=(), photos=(), signature=None, reason="", confirmed=()):
    """Keep a visit with what was done, photographs (`Picture`) and the household's signature.

    `visit` and `items` are unsaved. Sent twice with one key, the first is answered. `confirmed` are
    the codes of doubts that were overruled, `reason` says why. Raises RefusedError as `check` does,
    and `twice`, `key`.
    """
    with _files_and_rows() as files:
        _lock_place(visit)
        if kept := already_kept(visit.key, by):
            return kept
        if visit.household_id:
            visit.unit = visit.household.unit
        check(visit, by)
        visit.recorded_by = by
        if signature is not None:
            visit.signature_stored_as = _seal(files, signature, SIGNATURE)
        visit.validate_constraints()
        with acting(by, reason):
            try:
                with transaction.atomic():
                    visit.save()
            except IntegrityError:
                # A counted row of the same key, sent from elsewhere at the same moment.
                if kept := already_kept(visit.key, by):
                    return kept
                raise
            for item in items:
                item.visit = visit
                item.save()
            for photo in photos:
                _keep_photo(files, visit, photo)
            record(
                visit, "visit_recorded", by=by, reason=reason,
                programme=visit.programme.code, occasion=visit.occasion,
                on=visit.visited_on.isoformat(), service=sorted(item.kind for item in items),
                photos=len(photos), signed=bool(signature), confirmed=sorted(confirmed),
                **({"headcount": visit.headcount} if visit.headcount else {}),
            )  # fmt: skip
    return visit


def _lock_place(visit):
    """Hold what makes two sendings of one visit wait for one another; fresh rows behind it."""
    if visit.household_id:
        visit.household = lock_file(Household(pk=visit.household_id), closed=True)
    else:
        # Only against one another: rows that merely name the unit are not held up.
        held = OrgUnit.objects.select_for_update(of=("self",), no_key=True).order_by()
        visit.unit = held.get(pk=visit.unit_id)


def _seal(files, picture, context):
    return files.enter_context(sealed_files.sealed(ROOM, picture.data, context=context))


def _keep_photo(files, visit, picture, caption=""):
    photo = VisitPhoto(
        visit=visit, digest=picture.digest, size=len(picture.data), width=picture.width,
        height=picture.height, caption=caption,
    )  # fmt: skip
    if VisitPhoto.objects.filter(visit=visit, digest=photo.digest).exists():
        return None  # chosen twice
    photo.stored_as = _seal(files, picture, PHOTO)
    photo.save()
    return photo


# ---- a visit that is on file


def lock(visit, *, by, version=None):
    """The visit's row, held until the transaction ends. Raises StaleError, RefusedError."""
    if visit.household_id:
        lock_file(Household(pk=visit.household_id), closed=True)
    stored = (
        Visit.objects.select_for_update(of=("self",))
        .select_related("unit", "programme", "household__unit", "helper")
        .order_by()
        .get(pk=visit.pk)
    )
    check_version(stored, version)
    _check_mine(stored, by)
    _check_counts(stored)
    return stored


def bump(stored, *columns):
    stored.version += 1
    stored.save(update_fields=[*columns, "version"])


@transaction.atomic
def change_visit(visit, *, items, by, reason="", version=None, confirmed=()):
    """What the form says now: the visit's own facts, and all that was done on it.

    `items` with a key are changed, those without are added, those not given are taken off. Nothing
    that differs, nothing is written. Raises RefusedError as `check` does, `taken_back`,
    `not_yours`, `twice`; StaleError.
    """
    stored = lock(visit, by=by, version=version)
    columns = [name for name in CHANGEABLE if getattr(stored, name) != getattr(visit, name)]
    for name in columns:
        setattr(stored, name, getattr(visit, name))
    check(stored, by)
    stored.validate_constraints()
    with acting(by, reason):
        changed = columns + (["items"] if _change_items(stored, items) else [])
        if changed:
            bump(stored, *columns)
            record(
                stored, "visit_changed", by=by, reason=reason,
                fields=changed, confirmed=sorted(confirmed),
            )  # fmt: skip
    return stored


def _change_items(stored, items):
    there = {item.pk: item for item in stored.items.all()}
    given = {item.pk for item in items if item.pk}
    touched = False
    for pk in there.keys() - given:
        there[pk].delete()
        touched = True
    for item in items:
        item.visit = stored
        old = there.get(item.pk)
        if item.pk and old is None:
            continue  # taken off by somebody else meanwhile; the version has told
        if old is None or any(getattr(old, name) != getattr(item, name) for name in OF_ITEM):
            item.save()
            touched = True
    return touched


@transaction.atomic
def take_back(visit, *, by, reason, version=None):
    """The visit was entered by mistake: it stays readable and is counted no more.

    Raises RefusedError (`taken_back`, `not_yours`), StaleError.
    """
    stored = lock(visit, by=by, version=version)
    with acting(by, reason):
        stored.voided_on, stored.void_reason = timezone.localdate(), reason[:255]
        bump(stored, "voided_on", "void_reason")
        record(stored, "visit_taken_back", by=by, reason=reason, on=stored.visited_on.isoformat())
    return stored


@transaction.atomic
def solve_problem(item, *, on, by, solution="", reason="", version=None):
    """A problem raised on a visit is solved on a day.

    Raises RefusedError (`no_problem`, `solved`, `future`, `before_visit`, and as `lock` does),
    StaleError.
    """
    stored = lock(item.visit, by=by, version=version)
    problem = stored.items.select_for_update().filter(pk=item.pk).first()
    if problem is None or problem.kind != ServiceKind.PROBLEM:
        raise RefusedError(_("This is not a problem that waits to be solved."), "no_problem")
    if problem.solved_on is not None:
        raise RefusedError(
            _("This problem was solved on %(day)s already."),
            "solved",
            {"day": problem.solved_on.isoformat()},
        )
    check_solved(on, stored.visited_on)
    with acting(by, reason):
        problem.solved_on, problem.solution = on, solution
        problem.save(update_fields=["solved_on", "solution"])
        bump(stored)
        record(stored, "problem_solved", by=by, reason=reason, on=on.isoformat())
    return stored


def check_solved(on, visited_on):
    """Raises RefusedError (`future`, `before_visit`) for a day on which no problem was solved."""
    if on > timezone.localdate():
        raise RefusedError(
            _("This day lies in the future. Please check the year."), "solved_in_future"
        )
    if on < visited_on:
        raise RefusedError(
            _("The problem was raised on %(day)s; it was not solved before."),
            "before_visit",
            {"day": visited_on.isoformat()},
        )


def add_photos(visit, photos, *, by, caption="", reason="", version=None):
    """More photographs of a visit. Answers the visit; one that is there already is left out."""
    with _files_and_rows() as files:
        stored = lock(visit, by=by, version=version)
        with acting(by, reason):
            added = [_keep_photo(files, stored, photo, caption) for photo in photos]
            if n := sum(photo is not None for photo in added):
                bump(stored)
                record(stored, "photos_added", by=by, reason=reason, photos=n)
    return stored


def remove_photo(photo, *, by, reason, version=None):
    """A photograph that should not have been taken goes away with its file.

    Raises RefusedError (`taken_back`, `not_yours`), StaleError.
    """
    with transaction.atomic():
        stored = lock(photo.visit, by=by, version=version)
        with acting(by, reason):
            gone = stored.photos.filter(pk=photo.pk).first()
            if gone is not None:
                gone.delete()
                bump(stored)
                record(stored, "photo_removed", by=by, reason=reason)
                transaction.on_commit(lambda: sealed_files.remove(ROOM, gone.stored_as))
    return stored


def sign(visit, signature, *, signed_by, by, reason="", version=None):
    """The household signs a visit, once. Raises RefusedError (`signed`, …), StaleError."""
    with _files_and_rows() as files:
        stored = lock(visit, by=by, version=version)
        if stored.signature_stored_as:
            raise RefusedError(
                _("This visit is signed already, by %(name)s."), "signed",
                {"name": stored.signed_by},
            )  # fmt: skip
        with acting(by, reason):
            stored.signature_stored_as = _seal(files, signature, SIGNATURE)
            stored.signed_by = signed_by
            bump(stored, "signature_stored_as", "signed_by")
            record(stored, "visit_signed", by=by, reason=reason)
    return stored


def photo_of(photo):
    """The photograph's bytes. Raises FileGoneError."""
    return sealed_files.opened(ROOM, photo.stored_as, context=PHOTO)


def signature_of(visit):
    """The signature's bytes. Raises FileGoneError."""
    return sealed_files.opened(ROOM, visit.signature_stored_as, context=SIGNATURE)


def remove_forgotten_files():
    """Files of sendings that were never finished. Answers how many went."""
    photos = set(VisitPhoto.objects.values_list("stored_as", flat=True))
    signed = Visit.objects.exclude(signature_stored_as="")
    return sealed_files.remove_orphans(
        ROOM, photos | set(signed.values_list("signature_stored_as", flat=True))
    )


# ---- the desk: many at once


@transaction.atomic
def record_day(places, *, programme, unit, on, occasion, by, situation="", reason=""):
    """Visits of one day from a paper list: `places` are (enrolment, helper or None).

    A number of statements that the number of visits does not change. Those on file already are
    left as they are. Answers (recorded, there already). Raises RefusedError (`future`,
    `before_programme`, `nobody`).
    """
    if not places:
        raise RefusedError(_("Please choose the households that were visited."), "nobody")
    probe = Visit(programme=programme, unit=unit, visited_on=on, headcount=1)
    check(probe, by)
    keys = sorted({enrolment.household_id for enrolment, _helper in places})
    held = Household.objects.select_for_update(of=("self",)).order_by("pk").filter(pk__in=keys)
    units = dict(held.values_list("pk", "unit_id"))
    there = Visit.objects.counted().filter(
        programme=programme, visited_on=on, occasion=occasion, household__in=keys
    )
    known = set(there.values_list("household_id", "helper_id"))
    new = []
    for enrolment, helper in places:
        place = enrolment.household_id, helper.pk if helper else None
        if place in known:
            continue
        known.add(place)
        new.append(
            Visit(
                key=uuid.uuid4(), programme=programme, unit_id=units[enrolment.household_id],
                household_id=enrolment.household_id, helper=helper, visited_on=on,
                occasion=occasion, situation=situation, recorded_by=by,
            )
        )  # fmt: skip
    with acting(by, reason):
        Visit.objects.bulk_create(new)
        if new:
            record(
                unit, "visits_recorded", by=by, reason=reason, programme=programme.code,
                occasion=occasion, on=on.isoformat(), visits=len(new),
            )  # fmt: skip
    return len(new), len(places) - len(new)


def helper_of(staff, programme):
    """The sign-in's own entry on a programme's roster, or None."""
    return Helper.objects.on_roster().filter(staff=staff, programme=programme).first()


def lead_of(enrolment):
    """The place of who leads the household's pair now, or None."""
    lines = PairingHelper.objects.filter(
        lasting_on(None), lasting_on(None, "pairing__"), pairing__enrolment=enrolment
    )
    return lines.select_related("helper").order_by("role", "starts_on", "pk").first()


def go_along(households):
    """Visits follow their household: into another unit, and from a file merged into another.

    What both files had stays with the closed one and is taken back: one visit, entered twice.
    """
    merged = Visit.objects.counted().filter(household__merged_into__in=households)
    twin = Visit.objects.counted().filter(
        household=OuterRef("household__merged_into"), programme=OuterRef("programme"),
        visited_on=OuterRef("visited_on"), occasion=OuterRef("occasion"),
    )  # fmt: skip
    twice = merged.filter(
        Exists(twin.filter(helper=OuterRef("helper")))
        | Q(Exists(twin.filter(helper=None)), helper=None)
    )
    more = F("version") + 1
    Visit.objects.filter(pk__in=twice.values("pk")).update(
        voided_on=timezone.localdate(), version=more,
        void_reason=gettext("The file into which this one was merged has the same visit."),
    )  # fmt: skip
    into = Household.objects.filter(pk=OuterRef("household")).values("merged_into")
    Visit.objects.filter(pk__in=merged.values("pk")).update(household=Subquery(into), version=more)
    unit = Household.objects.filter(pk=OuterRef("household")).values("unit")
    moved = Visit.objects.filter(household__in=households).exclude(unit=F("household__unit"))
    Visit.objects.filter(pk__in=moved.values("pk")).update(unit=Subquery(unit))
