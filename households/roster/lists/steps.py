"""The way of a list: brought, previewed, its columns said, imported or put away.

Each step is one transaction. What goes in is what the preview showed: at the end the file is read
and compared once more, under a lock on the import, and if that gives anything else the preview is
made anew.
"""

import hashlib
import json
from collections import Counter
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.models import ListImport, ListLine
from households.roster.core.sheet import Limits, UnreadableFileError
from households.roster.lists import kinds
from households.roster.lists.core import Reading, read_list
from households.roster.refusals import FileGoneError, OvertakenError, SettledError
from households.roster.sentences import DOUBTS, SENTENCES, UNREADABLE
from povertyaid.audit.history import acting
from povertyaid.audit.models import record
from povertyaid.lib import sealed_files
from povertyaid.lib.national_id import hide_numbers

ROOM, CONTEXT = "lists", "list.file"
ROWS_AT_MOST = 20_000
State = ListImport.State

OWN_SENTENCES = {
    "unknown_word": _(
        "This word is not one of those that may stand here. The empty list to be filled in offers "
        "them; please choose one."
    ),
    "flag_unreadable": _("Only 是 or 否 can be read here; the cell was passed over."),
    "needed_missing": _("This cell must not be empty. Please fill it in."),
}


class ChangedMeanwhileError(ValidationError):
    """What is on file has changed since the preview; the list is to be looked at again."""

    def __init__(self):
        super().__init__(
            _(
                "Something on file has changed since this preview, so nothing was imported. Here is "
                "what the list would do now; please look at it again."
            ),
            code="changed",
        )


class UndecidedError(ValidationError):
    """A doubt that nobody has looked at."""


class NotAListError(ValidationError):
    """No sheet of the file has the headings that are needed."""

    def __init__(self, kind):
        needed = [one.headings[0] for one in kind.wanted if one.needed]
        known = [one.headings[0] for one in kind.wanted if not one.needed]
        super().__init__(
            _(
                "No sheet has a row of headings with %(needed)s and at least one of these: "
                "%(known)s. Please add the headings, or take the empty list and fill it in."
            ),
            code="no_header",
            params={"needed": "、".join(needed), "known": "、".join(known)},
        )


def sentences(kind):
    """{code: what it says to the clerk}, the kind's own before those of all rosters."""
    return {**SENTENCES, **OWN_SENTENCES, **kind.sentences}


def doubts(kind):
    return DOUBTS | kind.doubts


def read(kind, data, chosen=None):
    """The file as a list of this kind. Raises NotAListError, ValidationError of an unreadable file."""
    limits = Limits(file_bytes=settings.ROSTER_MAX_BYTES, rows=ROWS_AT_MOST)
    try:
        reading = read_list(data, kind.wanted, chosen, limits)
    except UnreadableFileError as error:
        raise ValidationError(UNREADABLE[error.reason], code=error.reason) from None
    if not reading.tables:
        raise NotAListError(kind)
    return reading


def bring(kind, data, file_name, *, unit, programme, by):
    """Keep the file and show what it would do. Raises what `read` raises; then nothing is kept."""
    reading = read(kind, data, chosen := remembered(kind, unit))
    with sealed_files.sealed(ROOM, data, context=CONTEXT) as stored_as, transaction.atomic():
        brought = ListImport.objects.create(
            kind=kind.code,
            unit=unit,
            programme=programme,
            file_name=hide_numbers(Path(file_name).name[-255:]),
            stored_as=stored_as,
            chosen=chosen,
            uploaded_at=timezone.now(),
            uploaded_by=by,
        )
        record(
            brought, "list_uploaded", by=by,
            file=brought.file_name, programme=programme.code, bytes=len(data),
        )  # fmt: skip
        _show(brought, kind, reading, by)
    return brought


def remembered(kind, unit):
    """What columns were said to mean in lists of the unit before."""
    chosen = {}
    before = ListImport.objects.filter(kind=kind.code, unit=unit, state=State.IMPORTED)
    for one in before.order_by("-settled_at").values_list("chosen", flat=True)[:20]:
        chosen = {**one, **chosen}
    return chosen


def _plan(brought, kind, reading, by, *, lock=False):
    """What becomes of each row of what was read, in the order of the file."""
    return kind.compare(
        reading.rows, unit=brought.unit, programme=brought.programme, by=by, lock=lock
    )


def _fingerprint(plans):
    """One short text for what would be done, and to which rows on file as they stand."""
    told = [
        (
            one.row.sheet,
            one.row.number,
            one.outcome,
            one.changes,
            getattr(one.target, "pk", None),
            getattr(one.target, "version", None),
        )
        for one in plans
    ]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _show(brought, kind, reading: Reading, by):
    """Make the preview anew."""
    plans = _plan(brought, kind, reading, by)
    brought.lines.all().delete()
    ListLine.objects.bulk_create(
        [_line(brought, position, one) for position, one in enumerate(plans)], batch_size=2000
    )
    counted = Counter(one.outcome for one in plans)
    for outcome in ListLine.Outcome.values:
        setattr(brought, f"rows_{outcome}", counted[outcome])
    brought.fingerprint = _fingerprint(plans)
    brought.sheets = [
        {
            "name": table.sheet,
            "header_row": table.header_row,
            "fingerprint": table.fingerprint,
            "rows": len(table.rows),
            "skipped": table.skipped,
            "columns": [
                [one.letter, one.heading, one.field, [hide_numbers(text) for text in one.samples]]
                for one in table.columns
            ],
        }
        for table in reading.tables
    ] + [{"name": name, "passed_over": True} for name in reading.passed_over]
    brought.save()
    return plans


def _line(brought, position, one):
    return ListLine(
        of=brought,
        position=position,
        outcome=one.outcome,
        sheet=one.row.sheet[:255],
        row=one.row.number,
        name=hide_numbers(one.name)[:255],
        changes=[
            [name, None if old is None else hide_numbers(old), hide_numbers(new)]
            for name, old, new in one.changes
        ],
        findings=[
            {"column": letter, "code": code, "refuses": refuses}
            for refuses, found in ((True, one.row.refusals), (False, one.row.warnings))
            for letter, code in found
        ],
    )


def original(brought):
    """The bytes that were brought. Raises FileGoneError."""
    try:
        return sealed_files.opened(ROOM, brought.stored_as, context=CONTEXT)
    except sealed_files.FileGoneError:
        raise FileGoneError from None


def _locked(brought):
    """The import's row, held until the transaction ends. Raises SettledError."""
    held = (
        ListImport.objects.select_for_update(of=("self",))
        .select_related("unit", "programme")
        .order_by()
        .get(pk=brought.pk)
    )
    if not held.is_preview:
        raise SettledError(held)
    return held


def kind_of(brought):
    return kinds.kind(brought.kind)


@transaction.atomic
def say_columns(brought, chosen, *, by):
    """Take what columns mean ({fingerprint: {letter: field}}) and make the preview anew.

    Raises NotAListError where a needed column is missing then, SettledError, FileGoneError.
    """
    brought = _locked(brought)
    kind = kind_of(brought)
    brought.chosen = {**brought.chosen, **chosen}
    _show(brought, kind, read(kind, original(brought), brought.chosen), by)
    record(brought, "list_columns_said", by=by)
    return brought


@transaction.atomic
def look_again(brought, *, by):
    """Make the preview anew, after something on file was mended. Raises SettledError, FileGoneError."""
    brought = _locked(brought)
    kind = kind_of(brought)
    _show(brought, kind, read(kind, original(brought), brought.chosen), by)
    return brought


def carry_out(brought, *, seen, confirmed, by):
    """Import what the preview showed, whose fingerprint was `seen`. Refused rows stay out.

    Raises UndecidedError (a doubt not in `confirmed`), ChangedMeanwhileError (something on file, or
    a colleague, has made another preview; it is then made anew), OvertakenError, SettledError,
    FileGoneError.
    """
    try:
        return _carry_out(brought, seen, confirmed, by)
    except IntegrityError:
        raise OvertakenError from None


def _carry_out(brought, seen, confirmed, by):
    with transaction.atomic():
        held = _locked(brought)
        kind = kind_of(held)
        open_doubts = _codes(held) & doubts(kind) - set(confirmed)
        if open_doubts:
            raise UndecidedError(
                _("Please look at the warnings and tick each of them before importing."),
                code="undecided",
            )
        reading = read(kind, original(held), held.chosen)
        plans = _plan(held, kind, reading, by, lock=True)
        changed = not (seen == held.fingerprint == _fingerprint(plans))
        if changed:
            _show(held, kind, reading, by)
        else:
            _write(held, kind, plans, by)
    if changed:
        raise ChangedMeanwhileError
    return held


def _codes(brought):
    """Codes that warn in a row that would go in."""
    lines = brought.lines.exclude(outcome=ListLine.Outcome.REFUSED).exclude(findings=[])
    return {one["code"] for found in lines.values_list("findings", flat=True) for one in found}


def _write(held, kind, plans, by):
    with acting(by, held.trail_code):
        kind.write(
            [one for one in plans if one.outcome in ("created", "updated")],
            unit=held.unit,
            programme=held.programme,
            by=by,
        )
        held.state = State.IMPORTED
        held.settled_at, held.settled_by = timezone.now(), by
        held.save(update_fields=["state", "settled_at", "settled_by"])
        record(
            held, "list_imported", by=by, file=held.file_name, programme=held.programme.code,
            created=held.rows_created, updated=held.rows_updated, refused=held.rows_refused,
        )  # fmt: skip


@transaction.atomic
def discard(brought, *, by):
    """Put the list away; nothing of it was written. Raises SettledError."""
    held = _locked(brought)
    held.state = State.DISCARDED
    held.settled_at, held.settled_by = timezone.now(), by
    held.save(update_fields=["state", "settled_at", "settled_by"])
    record(held, "list_discarded", by=by, file=held.file_name)
    return held


def remove_old(today=None):
    """Take away files whose time is over, and such as no row knows. Answers how many."""
    today = today or timezone.localdate()
    removed = 0
    if settings.ROSTER_KEEP_DAYS:
        last = today - timezone.timedelta(days=settings.ROSTER_KEEP_DAYS)
        for one in ListImport.objects.filter(uploaded_at__date__lt=last, file_gone_on=None):
            sealed_files.remove(ROOM, one.stored_as)
            one.file_gone_on = today
            one.save(update_fields=["file_gone_on"])
            removed += 1
    known = set(ListImport.objects.values_list("stored_as", flat=True))
    return removed + sealed_files.remove_orphans(ROOM, known)
