"""A roster's way: read, preview, import for good or discard. Each step is one transaction.

The clerk imports what the preview showed: at the end the file is read and compared with what is
on file once more, under a lock, and if that gives anything else the preview is made anew.
"""

import base64
import contextlib
import gc
import hashlib
import json
import os
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.actions.refusals import PersonElsewhereError
from households.models import RosterImport, RosterLine
from households.roster import stored, writing
from households.roster.core import receipt
from households.roster.core.reading import Reading, read_roster
from households.roster.core.reconcile import Plan, reconcile
from households.roster.core.sheet import Limits
from households.roster.places import Places
from households.roster.sentences import refusal_of
from povertyaid.audit.history import acting
from povertyaid.audit.models import record
from povertyaid.lib import national_id
from povertyaid.lib.secrets import decrypt, encrypt

CONTEXT = "roster.file"
LONG_NUMBER = re.compile(r"\d{15,21}[\dXx]?", re.ASCII)
MASKS = {
    "id_number": national_id.mask,
    "former_id_number": national_id.mask,
    "bank_account": national_id.mask_account,
    "phone": national_id.mask_phone,
    "household_phone": national_id.mask_phone,
    "helper_phone": national_id.mask_phone,
}


class NotARosterError(ValidationError):
    """The file is none that can be imported. `reading` says why."""

    def __init__(self, reading, sentence):
        self.reading = reading
        super().__init__(sentence, code=reading.outcome)


class SettledError(ValidationError):
    """The roster was imported or discarded already."""

    def __init__(self, roster):
        self.roster = roster
        super().__init__(
            _("This roster has already been imported or discarded; nothing was done again."),
            code="settled",
        )


class FileGoneError(ValidationError):
    """The kept file is no longer in the data folder."""

    def __init__(self):
        super().__init__(
            _("The file of this roster is no longer kept here. Please bring the roster again."),
            code="file_gone",
        )


class OvertakenError(ValidationError):
    """Somebody changed the same files at the same moment; nothing was written."""

    def __init__(self):
        super().__init__(
            _(
                "A colleague changed some of these files at the same moment, so nothing was "
                "imported. Please try again."
            ),
            code="overtaken",
        )


@dataclass(slots=True)
class Prepared:
    """A roster read and compared with what is on file."""

    reading: Reading
    plan: Plan
    on_file: stored.OnFile
    places: Places
    file_name: str

    def receipt(self) -> dict[str, Any]:
        return receipt.make(self.reading, self.plan, self.file_name)


def limits():
    return Limits(file_bytes=settings.ROSTER_MAX_BYTES, rows=settings.ROSTER_MAX_ROWS)


@contextlib.contextmanager
def without_collecting():
    """No hunt for reference cycles while a hundred thousand rows are made: it would cost a third."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def read(data):
    """The file as far as it can be read without the database."""
    with without_collecting():
        return read_roster(data, limits())


def prepare(reading, file_name, *, unit, programme, by, lock=False):
    """Compare a reading with what is on file. A reading serves once: findings are added to its rows."""
    with without_collecting():
        places = Places(unit, by)
        on_file = stored.load(
            reading.roll, unit=unit, programme=programme, places=places, lock=lock
        )
        return Prepared(
            reading, reconcile(reading.roll, on_file.stored), on_file, places, file_name
        )


# --- preview, import, discard ---------------------------------------------------------------------


def preview(reading, data, file_name, *, unit, programme, by):
    """Keep the file and show what it would do."""
    prepared = prepare(reading, file_name, unit=unit, programme=programme, by=by)
    with _kept_file(data) as stored_as, transaction.atomic():
        roster = _new(prepared, data, stored_as, unit=unit, programme=programme, by=by)
        roster.save()
        _write_lines(roster, prepared)
        record(
            roster, "roster_uploaded", by=by,
            file=roster.file_name, programme=programme.code, rows=roster.rows_read,
        )  # fmt: skip
    return roster


def commit(roster, *, by):
    """Import a previewed roster. Says whether it went in; if not, the preview has been made anew.

    Raises SettledError, OvertakenError, FileGoneError.
    """
    data = load_file(roster)
    reading = read(data)
    with _serialised(roster.unit), without_collecting():
        roster = (
            RosterImport.objects.select_for_update(of=("self",))
            .select_related("unit", "programme")
            .order_by()
            .get(pk=roster.pk)
        )
        if not roster.is_preview:
            raise SettledError(roster)
        prepared = prepare(
            reading,
            roster.file_name,
            unit=roster.unit,
            programme=roster.programme,
            by=by,
            lock=True,
        )
        if fingerprint(prepared.plan) != roster.fingerprint:
            _tell(roster, prepared)
            roster.save()
            _write_lines(roster, prepared)
            return False
        _settle(roster, RosterImport.State.IMPORTED, by)
        _write(roster, prepared, by)
    return True


def import_now(reading, data, file_name, *, unit, programme, by):
    """Import without a preview, as a command of the server does. Answers what was prepared.

    Raises OvertakenError.
    """
    with _kept_file(data) as stored_as, _serialised(unit), without_collecting():
        prepared = prepare(reading, file_name, unit=unit, programme=programme, by=by, lock=True)
        roster = _new(prepared, data, stored_as, unit=unit, programme=programme, by=by)
        _settle(roster, RosterImport.State.IMPORTED, by)
        _write_lines(roster, prepared)
        _write(roster, prepared, by)
    return prepared


@transaction.atomic
def discard(roster, *, by):
    """Put a previewed roster away. The file stays, nothing of it goes in. Raises SettledError."""
    roster = RosterImport.objects.select_for_update(of=("self",)).order_by().get(pk=roster.pk)
    if not roster.is_preview:
        raise SettledError(roster)
    _settle(roster, RosterImport.State.DISCARDED, by)
    record(roster, "roster_discarded", by=by, file=roster.file_name)
    return roster


def readable(data):
    """The reading of a file that is a roster. Raises NotARosterError."""
    reading = read(data)
    if reading.outcome != "roster":
        raise NotARosterError(reading, refusal_of(reading))
    return reading


@contextlib.contextmanager
def _serialised(unit):
    """One import at a time in one office: two that meet would each number and claim the same."""
    root = unit.path.strip("/").split("/")[0]
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_xact_lock(hashtext('roster'), hashtext(%s))", [root]
                )
            yield
    except (IntegrityError, PersonElsewhereError):
        # A desk filed the same code or person after we looked: everything is undone.
        raise OvertakenError from None


def _new(prepared, data, stored_as, *, unit, programme, by):
    roster = RosterImport(
        unit=unit,
        programme=programme,
        file_name=Path(prepared.file_name).name[-255:],
        file_digest=hashlib.sha256(data).hexdigest(),
        stored_as=stored_as,
        uploaded_at=timezone.now(),
        uploaded_by=by,
    )
    _tell(roster, prepared)
    return roster


def _tell(roster, prepared):
    """Write counts and findings of a reading onto the roster's row."""
    told = receipt.summary(prepared.reading, prepared.plan)
    # As pairs: the database keeps no order of names, and a reader wants the columns as they stand.
    roster.sheets = [
        sheet | {"mapping": list(sheet["mapping"].items())} for sheet in told["sheets"]
    ]
    roster.warnings = told["warnings"]
    roster.fingerprint = fingerprint(prepared.plan)
    for name, count in told["counts"].items():
        setattr(roster, f"rows_{name}", count)


def _settle(roster, state, by):
    roster.state = state
    roster.settled_at, roster.settled_by = timezone.now(), by
    roster.save()


def _write(roster, prepared, by):
    who = acting(by, f"{roster.code} {roster.file_name}") if by else contextlib.nullcontext()
    with who:
        writing.write(
            prepared.plan,
            prepared.on_file,
            unit=roster.unit,
            programme=roster.programme,
            places=prepared.places,
        )
    counts = roster.counts
    record(
        roster, "roster_imported", by=by,
        file=roster.file_name, programme=roster.programme.code, rows=counts["read"],
        created=counts["created"], updated=counts["updated"], refused=counts["refused"],
    )  # fmt: skip


def fingerprint(plan):
    """What an import would do, as one short text: two previews that differ anywhere differ in it."""
    seen = hashlib.sha256()
    for household in plan.households:
        told = [household.stored.key if household.stored else None]
        for change in household.changes:
            told += [change.field, change.old, change.new]
        for person in household.rows:
            told += [person.row.sheet, person.row.number, person.outcome]
            told += [finding.code for finding in (*person.row.refusals, *person.row.warnings)]
            for change in person.changes:
                told += [change.field, change.old, change.new]
        seen.update(repr(told).encode())
    return seen.hexdigest()


# --- the file -------------------------------------------------------------------------------------


def folder():
    return Path(settings.UPLOADS_DIR) / "rosters"


@contextlib.contextmanager
def _kept_file(data):
    """Write the file, sealed, for the length of the block; it stays if the block succeeds."""
    name = uuid.uuid4().hex
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder() / name
    sealed = encrypt(base64.b64encode(data).decode(), context=CONTEXT)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(sealed)
    try:
        yield name
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def load_file(roster):
    """The bytes that were uploaded. Raises FileGoneError."""
    try:
        sealed = (folder() / roster.stored_as).read_bytes()
    except FileNotFoundError:
        raise FileGoneError from None
    return base64.b64decode(decrypt(sealed, context=CONTEXT))


# --- lines ----------------------------------------------------------------------------------------

LINE_COLUMNS = (
    "roster_id", "position", "outcome", "sheet", "row", "code", "head", "name", "relation", "changes",
    "refusals", "warnings",
)  # fmt: skip


def _write_lines(roster, prepared):
    RosterLine.objects.filter(roster=roster).delete()
    with connection.cursor() as cursor:
        copied = f"COPY households_rosterline ({', '.join(LINE_COLUMNS)}) FROM STDIN"
        with cursor.copy(copied) as copy:
            for line in _lines(roster.pk, prepared):
                copy.write_row(line)


def _lines(roster_id, prepared):
    order = {sheet.name: place for place, sheet in enumerate(prepared.reading.sheets)}
    persons = [
        (person, household) for household in prepared.plan.households for person in household.rows
    ]
    persons.sort(key=lambda pair: (order[pair[0].row.sheet], pair[0].row.number))
    for position, (person, household) in enumerate(persons, start=1):
        row = person.row
        # What changes of the household is told on its first row, where the receipt counts it.
        is_first = household.persons and person is household.persons[0]
        changes = [*(household.changes if is_first else ()), *person.changes]
        yield (
            roster_id,
            position,
            person.outcome,
            row.sheet[:255],  # Excel allows 31 characters, other programs more
            row.number,
            household.code or "",
            household.head_name,
            row.name,
            str(row.person.get("relation", "")),
            json.dumps([_shown(change) for change in changes], ensure_ascii=False),
            _codes(row.refusals),
            _codes(row.warnings),
        )


def _codes(findings):
    return json.dumps([{"column": found.column, "code": found.code} for found in findings])


def _shown(change):
    return [change.field, _masked(change.field, change.old), _masked(change.field, change.new)]


def _masked(field, value):
    if isinstance(value, tuple):
        return "、".join(value)
    if field in MASKS and value:
        return MASKS[field](str(value))
    if field != "code" and isinstance(value, str):
        # In remarks people write numbers of identity cards and accounts.
        return LONG_NUMBER.sub(lambda number: national_id.mask_account(number[0]), value)
    return value
