"""Papers of a file: put in with their scans, checked, taken out; scans kept until their time is over.

A paper names its household and programme; each change locks the paper's row and counts its version
up. Of what lies on the disk nothing is taken away by a deed: only the night does that, when the time
that `DOSSIER_KEEP_DAYS` gives is over.
"""

import contextlib
import datetime
import hashlib

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.actions.files import lock as lock_file
from households.actions.refusals import ClosedFileError, RefusedError
from households.models import DossierFile, DossierItem, DossierKind, Enrolment, Household
from households.models.dossier import STANDARD
from povertyaid.audit.history import acting
from povertyaid.audit.models import record
from povertyaid.lib import sealed_files
from povertyaid.lib.national_id import hide_numbers

ROOM, CONTEXT = "dossier", "dossier.file"
CLOSED = Household.Status.CLOSED


class StalePaperError(RefusedError):
    """Somebody changed the paper after it was opened here. `current` is its state now."""

    def __init__(self, current):
        self.current = current
        super().__init__(
            _(
                "A colleague has changed this paper since you opened it. Please look at it once "
                "more and then decide again."
            ),
            "stale",
        )


def lock(paper, *, version=None):
    """The paper's row, held until the transaction ends; its household before it, as `add` holds it.

    Raises ClosedFileError, StalePaperError, RefusedError (`taken_out`).
    """
    key = DossierItem.objects.values_list("household", flat=True).get(pk=paper.pk)
    lock_file(Household(pk=key), closed=True)
    stored = (
        DossierItem.objects.select_for_update(of=("self",))
        .select_related("household__unit", "programme")
        .get(pk=paper.pk)
    )
    # It lies in another file now, where two were merged while this one waited for the first.
    if stored.household_id != key or version not in (None, stored.version):
        raise StalePaperError(stored)
    if not stored.is_counted:
        raise RefusedError(
            _("This paper was taken out of the file. Please add it once more."), "taken_out"
        )
    if not stored.household.is_open:
        raise ClosedFileError
    return stored


def _bump(stored, *columns):
    stored.version += 1
    stored.save(update_fields=[*columns, "version"])


# ---- putting in


def kind_of_entry(item):
    """What kind of paper an entry of the standard is: by its words, its part, its last character."""
    for word, kind in (
        ("健康", DossierKind.HEALTH_FILE),
        ("手册", DossierKind.HANDBOOK),
        ("协议", DossierKind.AGREEMENT),
        ("签约", DossierKind.AGREEMENT),
    ):
        if word in item.label:
            return kind
    for kind in (DossierKind.BOOK, DossierKind.CARD, DossierKind.ACCOUNT):
        if item.part == kind.label or (not item.part and item.label.endswith(kind.label)):
            return kind
    return DossierKind.FILE


def entry_called(programme, title):
    """The entry of the programme's standard of that name, or None."""
    return programme.scheme_items.filter(list_name=STANDARD, label=title).first()


def check_title(title):
    """A title is read by more people than a number is: it holds none. Raises RefusedError (`number`)."""
    if hide_numbers(title) != title:
        raise RefusedError(
            _(
                "The title holds a number like that of an identity card, a phone or an account. "
                "Please say in words what paper it is; its number has a box of its own."
            ),
            "number",
        )


@transaction.atomic
def add(household, *, programme, kind, title, scans=(), by, item=None, reason="", **fields):
    """Put a paper into the file, with its scans. `fields`: number, issued_on, note.

    A title that the programme's standard has answers its entry. Raises RefusedError
    (`number`, `not_enrolled`, `too_much`, `same_scan`), ClosedFileError.
    """
    check_title(title)
    stored = lock_file(household)
    if not Enrolment.objects.filter(household=stored, programme=programme).exists():
        raise RefusedError(
            _("The household is not in this programme, so the paper cannot belong to it."),
            "not_enrolled",
        )
    paper = DossierItem(
        household=stored, programme=programme, kind=kind, title=title,
        item=item or entry_called(programme, title), **fields,
    )  # fmt: skip
    paper.validate_constraints()
    with acting(by, reason), contextlib.ExitStack() as kept:
        paper.save()
        _put_on(paper, scans, kept, by=by)
        record(paper, "paper_added", by=by, reason=reason, kind=kind, scans=len(scans))
    return paper


@transaction.atomic
def change(paper, *, by, version=None, **fields):
    """Change what is written of a paper: kind, title, number, issued_on, note.

    What changes is to be checked anew. Raises StalePaperError, ClosedFileError, RefusedError.
    """
    stored = lock(paper, version=version)
    changed = [name for name, value in fields.items() if getattr(stored, name) != value]
    if not changed:
        return stored
    for name in changed:
        setattr(stored, name, fields[name])
    if "title" in changed:
        check_title(stored.title)
        stored.item = entry_called(stored.programme, stored.title)
    stored.validate_constraints()
    with acting(by):
        _to_be_checked(stored)
        _bump(stored, *changed, "item", "complete", "checked_at", "checked_by")
        record(stored, "paper_changed", by=by, fields=sorted(changed))
    return stored


@transaction.atomic
def add_scans(paper, scans, *, by, version=None):
    """Put further scans on a paper, which is then to be checked anew.

    Raises RefusedError (`too_much`, `same_scan`), StalePaperError, ClosedFileError.
    """
    stored = lock(paper, version=version)
    with acting(by), contextlib.ExitStack() as kept:
        _put_on(stored, scans, kept, by=by)
        _to_be_checked(stored)
        _bump(stored, "complete", "checked_at", "checked_by")
        record(stored, "paper_changed", by=by, kind=stored.kind, scans=len(scans))
    return stored


def _to_be_checked(paper):
    paper.complete, paper.checked_at, paper.checked_by = False, None, None


def too_much():
    return RefusedError(
        _(
            "The scans of one paper may have %(megabytes)s MB together. Please make a second paper "
            "of the rest."
        ),
        "too_much",
        {"megabytes": settings.DOSSIER_PAPER_MAX_BYTES // 1024**2},
    )


def _put_on(paper, scans, kept, *, by):
    """Seal scans and write their rows; the files stay if `kept`, and with it the caller, ends well."""
    here = paper.files.counted()
    known = set(here.values_list("digest", flat=True))
    total = here.aggregate(n=Sum("size"))["n"] or 0
    for scan in scans:
        digest = hashlib.sha256(scan.data).hexdigest()
        if digest in known:
            raise RefusedError(
                _("One of the files is on this paper already, or was chosen twice."), "same_scan"
            )
        known.add(digest)
        total += len(scan.data)
        if total > settings.DOSSIER_PAPER_MAX_BYTES:
            raise too_much()
        name = kept.enter_context(sealed_files.sealed(ROOM, scan.data, context=CONTEXT))
        DossierFile.objects.create(
            item=paper, stored_as=name, digest=digest, type=scan.type, size=len(scan.data),
            pages=scan.pages, added_by=by,
        )  # fmt: skip


# ---- checking and taking out


@transaction.atomic
def check(paper, *, by, version=None):
    """Say that a paper is complete. Raises StalePaperError, ClosedFileError, RefusedError."""
    stored = lock(paper, version=version)
    if stored.complete and stored.checked_at:
        return stored
    with acting(by):
        stored.complete, stored.checked_at, stored.checked_by = True, timezone.now(), by
        _bump(stored, "complete", "checked_at", "checked_by")
        record(stored, "paper_checked", by=by, kind=stored.kind)
    return stored


@transaction.atomic
def uncheck(paper, *, by, reason, version=None):
    """Take back that a paper is complete, with the reason."""
    stored = lock(paper, version=version)
    with acting(by, reason):
        _to_be_checked(stored)
        _bump(stored, "complete", "checked_at", "checked_by")
        record(stored, "paper_unchecked", by=by, reason=reason, kind=stored.kind)
    return stored


@transaction.atomic
def take_out(paper, *, reason, by, version=None):
    """Take a paper out of the file; it stays to be read about, and its scans until their time is over."""
    stored = lock(paper, version=version)
    with acting(by, reason):
        stored.voided_on, stored.void_reason = timezone.localdate(), reason
        _bump(stored, "voided_on", "void_reason")
        record(stored, "paper_taken_out", by=by, reason=reason, kind=stored.kind)
    return stored


@transaction.atomic
def take_off(scan, *, reason, by, version=None):
    """Take one scan off its paper, which is then to be checked anew."""
    paper = lock(scan.item, version=version)
    stored = DossierFile.objects.get(pk=scan.pk)
    if stored.voided_on:
        raise RefusedError(_("This scan was taken off the paper already."), "taken_off")
    with acting(by, reason):
        stored.voided_on, stored.void_reason = timezone.localdate(), reason
        stored.save(update_fields=["voided_on", "void_reason"])
        _to_be_checked(paper)
        _bump(paper, "complete", "checked_at", "checked_by")
        record(paper, "page_taken_off", by=by, reason=reason, kind=paper.kind)
    return paper


# ---- handed out to many


@transaction.atomic
def issue(households, *, programme, kind, title, on, by, number=""):
    """Write down that a paper was handed to several households on one day.

    Answers how many got it and how many had it. One that has the paper with its day already keeps
    it; one that has it without a day gets this one. In sets: as many statements for three hundred
    households as for three. Raises RefusedError (`number`).
    """
    check_title(title)
    keys = list(
        Household.objects.select_for_update(of=("self",))
        .filter(pk__in=[one.pk for one in households], status=Household.Status.OPEN)
        .filter(enrolments__programme=programme)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    there = dict(
        DossierItem.objects.counted()
        .filter(household__in=keys, programme=programme, title=title)
        .order_by(
            F("issued_on").asc(nulls_first=True)
        )  # of several the last counts: one with a day
        .values_list("household_id", "issued_on")
    )
    undated = [key for key, day in there.items() if day is None]
    item = entry_called(programme, title)
    with acting(by):
        new = DossierItem.objects.bulk_create(
            DossierItem(
                household_id=key, programme=programme, kind=kind, title=title, issued_on=on,
                number=number, item=item,
            )
            for key in keys
            if key not in there
        )  # fmt: skip
        dated = DossierItem.objects.counted().filter(
            household__in=undated, programme=programme, title=title, issued_on=None
        )
        dated.update(issued_on=on, version=F("version") + 1)
        n = len(new) + len(undated)
        if n:
            record(
                by.unit, "papers_issued", by=by, programme=programme.code,
                item=item.label if item else "", kind=kind,
                issued_on=on.isoformat(), households=n,
            )  # fmt: skip
    return n, len(there) - len(undated)


# ---- reading and removing


def open_scan(scan):
    """The bytes of a scan. Raises FileGoneError, DecryptionError."""
    return sealed_files.opened(ROOM, scan.stored_as, context=CONTEXT)


def remove_old(today=None):
    """Take scans off the disk whose time is over, and such as no row knows. Answers how many.

    The time begins when the paper or the scan was taken out, or the household's file was closed for
    good: a file that was merged gave its papers away.
    """
    today = today or timezone.localdate()
    removed = 0
    if settings.DOSSIER_KEEP_DAYS:
        last = today - datetime.timedelta(days=settings.DOSSIER_KEEP_DAYS)
        over = DossierFile.objects.filter(gone_on=None).filter(
            Q(voided_on__lt=last)
            | Q(item__voided_on__lt=last)
            | Q(item__household__status=CLOSED, item__household__closed_on__lt=last)
        )
        for scan in over:
            sealed_files.remove(ROOM, scan.stored_as)
            scan.gone_on = today
            scan.save(update_fields=["gone_on"])
            removed += 1
    known = set(DossierFile.objects.filter(gone_on=None).values_list("stored_as", flat=True))
    return removed + sealed_files.remove_orphans(ROOM, known)
