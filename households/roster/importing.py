"""A roster's way: brought, read, headings confirmed, previewed, imported for good or put away, undone.

Each step is one transaction. The clerk imports what the preview showed: at the end the file is
read and compared with what is on file once more, under a lock, and if that gives anything else the
preview is made anew.
"""

import contextlib
import gc
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.actions import identity
from households.actions.refusals import PersonElsewhereError
from households.models import (
    Household,
    RosterCorrection,
    RosterImport,
    RosterLayout,
)
from households.roster import files, knowledge, lines, parts, stored
from households.roster import writing as written
from households.roster.core import receipt
from households.roster.core.fields import FIELDS
from households.roster.core.layout import chosen_header, doubled, fingerprint
from households.roster.core.reading import Reading, read_roster
from households.roster.core.reconcile import Decisions, Plan, reconcile
from households.roster.core.sheet import Limits
from households.roster.places import Places
from households.roster.refusals import (
    BusyError,
    HeadingsError,
    NotARosterError,
    OvertakenError,
    SettledError,
    UndecidedError,
)
from households.roster.sentences import DOUBTS, FIELD_WORDS
from povertyaid.audit.history import acting
from povertyaid.audit.models import record
from povertyaid.lib.national_id import hide_numbers

VERSIONS = "SELECT id, version FROM households_household WHERE id = ANY(%s::bigint[]) ORDER BY id"
State = RosterImport.State
LONGEST_CORRECTION = 5000
MOST_ROWS_TOLD = 100  # of an answer for many families at once


def unwatched():
    """What watches a step that nobody waits for."""


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

    def file_number(self, household):
        """What the file that a household was matched with is called."""
        return self.on_file.rows[household.stored.key].code

    def named(self):
        """Keys of all families on file that the roster names, refused rows included."""
        on_file = self.on_file.stored
        found = set()
        for household in self.plan.households:
            if household.stored:
                found.add(household.stored.key)
                continue
            draft = household.draft
            if draft.code and draft.code in on_file.by_code:
                found.add(on_file.by_code[draft.code].key)
            if household.is_refused and draft.head:
                found.update(one.key for one in on_file.by_head_name.get(draft.head.name, ()))
        return found


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


def read(data, *, unit=None, roster=None, watch=unwatched):
    """The file as far as it can be read without what is on file, with its corrected cells."""
    known = knowledge.of_unit(unit) if unit else None
    overlay = overlay_of(roster) if roster else {}
    with without_collecting():
        return read_roster(data, limits(), known, overlay, watch)


def prepare(reading, file_name, *, unit, programme, by, lock=False, decisions=None):
    """Compare a reading with what is on file. A reading serves once: findings are added to its rows."""
    with without_collecting():
        places = Places(unit, by)
        on_file = stored.load(
            reading.roll, unit=unit, programme=programme, places=places, lock=lock
        )
        parts.set_apart(reading.roll.drafts)
        plan = reconcile(reading.roll, on_file.stored, decisions or Decisions())
        parts.compare(plan, unit=unit, programme=programme)
        return Prepared(reading, plan, on_file, places, file_name)


def readable(data, *, unit=None):
    """The reading of a file that is a roster. Raises NotARosterError."""
    reading = read(data, unit=unit)
    if reading.outcome != "roster":
        raise NotARosterError(reading)
    return reading


# --- brought, read --------------------------------------------------------------------------------


@contextlib.contextmanager
def brought(data, file_name, *, unit, programme, by, follows=None):
    """The row of a roster that was just brought, and its file; both stay if the block succeeds."""
    with files.kept_file(data) as stored_as, transaction.atomic():
        roster = RosterImport(
            unit=unit,
            programme=programme,
            state=State.READING,
            # Offices call files after persons, numbers included; the name stands on many pages.
            file_name=hide_numbers(Path(file_name).name[-255:]),
            file_digest=hashlib.sha256(data).hexdigest(),
            stored_as=stored_as,
            uploaded_at=timezone.now(),
            uploaded_by=by,
            follows=follows,
        )
        last = RosterImport.objects.before(roster).values_list("file_wins", flat=True).first()
        roster.file_wins = last or []  # who wins was decided once: next month it stands so
        roster.save()
        yield roster


def tell_brought(roster, *, by, data):
    record(
        roster, "roster_uploaded", by=by,
        file=roster.file_name, programme=roster.programme.code, bytes=len(data),
    )  # fmt: skip


def look(roster, *, by, watch=unwatched, reading=None):
    """Read the file and show what it would do, or ask what its columns mean.

    A file that is no roster is told so and stays as a record. Raises SettledError, FileGoneError.
    """
    data = files.load_file(roster) if reading is None else None
    reading = reading or read(data, unit=roster.unit, roster=roster, watch=watch)
    with transaction.atomic():
        roster = _locked(roster, State.READING)
        if asks_for_headings(reading):
            _tell_headings(roster, reading)
        elif reading.outcome != "roster":
            roster.state = State.FAILED
            roster.reason = reading.reason or "not_a_roster"
            roster.save()
        else:
            prepared = _prepare(roster, reading, by)
            _show(roster, prepared)
    return roster


def preview(reading, data, file_name, *, unit, programme, by, follows=None):
    """Bring a roster that has been read already, and look at it at once."""
    with brought(data, file_name, unit=unit, programme=programme, by=by, follows=follows) as roster:
        return look(roster, by=by, reading=reading)


def asks_for_headings(reading):
    """Whether somebody should say what the columns mean before anything is compared.

    Not where every column is known, and not again for a layout that was confirmed.
    """
    if reading.outcome == "unreadable":
        return False
    if reading.outcome == "not_a_roster":
        # A table of figures is no roster; one whose columns hold persons may be.
        return any(
            {"name", "id_number"} & {one.field for one in sheet.samples.proposals.values()}
            or (sheet.layout and sheet.layout.header.fields & {"name", "head"})
            for sheet in reading.sheets
            if sheet.samples
        )
    return any(
        not sheet.layout.is_confirmed and _is_uncertain(sheet)
        for sheet in reading.sheets
        if sheet.table
    )


def _is_uncertain(sheet):
    return any(
        not column.field and not column.is_running_number and sheet.samples.values.get(column.index)
        for column in sheet.layout.header.columns
    )


def _tell_headings(roster, reading):
    roster.state = State.HEADINGS
    told = receipt.summary(reading, None)["sheets"]
    roster.sheets = [
        sheet
        | {
            "mapping": list(sheet["mapping"].items()),
            "columns": columns,
            "header_rows": list(sheet_reading.layout.header.rows) if sheet_reading.layout else [],
        }
        for sheet, columns, sheet_reading in zip(
            told, lines.all_columns(reading), reading.sheets, strict=True
        )
    ]
    roster.save()


def _prepare(roster, reading, by, *, lock=False):
    return prepare(
        reading,
        roster.file_name,
        unit=roster.unit,
        programme=roster.programme,
        by=by,
        lock=lock,
        decisions=Decisions(
            frozenset(roster.file_wins), frozenset(map(_place, roster.other_families))
        ),
    )


def _show(roster, prepared, *, is_preview=True):
    """Make the preview: counts and lines, and who is missing or back."""
    lines.tell(roster, prepared)
    if is_preview:
        roster.fingerprint = lines.fingerprint(prepared.plan)
    roster.state, roster.reason, roster.is_stale = State.PREVIEWED, "", False
    named = prepared.named()
    roster.missing, roster.returned = _missing_and_returned(roster, named)
    roster.save()
    lines.write(roster, prepared)


def _missing_and_returned(roster, named):
    """Families that the roster before named and this one does not; such that only older ones named.

    Only where both are the same roster, a month apart: lists of other families miss nobody.
    """
    before = RosterImport.objects.before(roster).only("named", "settled_at").first()
    if before is None:
        return [], []
    earlier = set(before.named)
    if 2 * len(named & earlier) < min(len(named), len(earlier)) or not named:
        return [], []
    still_open = Household.objects.open().filter(
        pk__in=earlier - named, unit__path__startswith=roster.unit.path
    )
    fresh = named - earlier
    back = set()
    if fresh:
        older = RosterImport.objects.before(roster).exclude(pk=before.pk)
        for keys in older.filter(named__overlap=list(fresh)).values_list("named", flat=True):
            back |= fresh & set(keys)
    return sorted(still_open.values_list("pk", flat=True)), sorted(back)


def _place(text):
    sheet, _mark, row = text.rpartition("!")
    return sheet, int(row)


def overlay_of(roster):
    """The cells that were typed anew, as the reading lays them over the file."""
    overlay = {}
    for cell in roster.corrections.all():
        overlay.setdefault(cell.sheet, {}).setdefault(cell.row - 1, {})[cell.column] = cell.text
    return overlay


def _locked(roster, *states):
    """The roster's row, held until the transaction ends. Raises SettledError or BusyError."""
    roster = (
        RosterImport.objects.select_for_update(of=("self",))
        .select_related("unit", "programme")
        .order_by()
        .get(pk=roster.pk)
    )
    if roster.state not in states:
        raise BusyError if roster.is_working else SettledError(roster)
    return roster


# --- what the clerk decides -----------------------------------------------------------------------


@transaction.atomic
def confirm_headings(roster, chosen, *, by):
    """Take the fields chosen for each sheet ({sheet name: {letter: field}}) and remember the layout.

    The roster is to be read anew. Raises HeadingsError, SettledError, BusyError.
    """
    roster = _locked(roster, State.HEADINGS, State.PREVIEWED)
    if not chosen:
        raise HeadingsError(
            _("Choose at least one sheet to be read, or put the roster away."), code="no_sheet"
        )
    for sheet in roster.sheets:
        fields = chosen.get(sheet["name"])
        if fields is None or not sheet.get("columns"):
            continue
        known = {column["letter"]: column["field"] for column in sheet["columns"]}
        fields = known | fields
        _check_headings(sheet, fields)
        RosterLayout.objects.update_or_create(
            unit=roster.unit,
            fingerprint=fingerprint(_headings(sheet)),
            defaults={
                "columns": [
                    [column["letter"], column["heading"], fields.get(column["letter"], "")]
                    for column in sheet["columns"]
                ],
                "confirmed_at": timezone.now(),
                "confirmed_by": by,
            },
        )
    roster.state = State.READING
    roster.save(update_fields=["state"])
    record(roster, "roster_headings_confirmed", by=by, file=roster.file_name)
    return roster


def _headings(sheet):
    return [(column["letter"], column["heading"]) for column in sheet["columns"]]


def _check_headings(sheet, fields):
    """A roster names a person and two other things, and nothing of a family twice."""
    known = {letter: name for letter, name in fields.items() if name in FIELDS}
    header = chosen_header(_headings(sheet), known)
    if not header.is_enough:
        raise HeadingsError(
            _(
                "%(sheet)s: choose at least the column with the name and two others, such as the "
                "identity number and the address."
            )
            % {"sheet": sheet["name"]},
            code="too_few",
        )
    if twice := sorted(doubled(header.columns)):
        raise HeadingsError(
            _("%(sheet)s: two columns cannot both be “%(field)s”. Please change one of them.")
            % {"sheet": sheet["name"], "field": FIELD_WORDS[twice[0]]},
            code="doubled",
        )


@transaction.atomic
def correct(roster, *, sheet, row, column, text, by):
    """Let a typed text count instead of a cell. What is shown is stale until it is read again.

    Raises SettledError, BusyError, UndecidedError.
    """
    roster = _locked(roster, State.PREVIEWED)
    if len(text) > LONGEST_CORRECTION:
        raise UndecidedError(_("This text is too long for a cell."), code="too_long")
    RosterCorrection.objects.update_or_create(
        roster=roster, sheet=sheet, row=row, column=column,
        defaults={"text": text, "corrected_at": timezone.now(), "corrected_by": by},
    )  # fmt: skip
    roster.is_stale = True
    roster.save(update_fields=["is_stale"])
    record(roster, "roster_corrected", by=by, file=roster.file_name, sheet_row=row)
    return roster


@transaction.atomic
def again(roster):
    """Have the roster read and compared once more. Raises SettledError, BusyError."""
    roster = _locked(roster, State.PREVIEWED, State.HEADINGS, State.FAILED)
    roster.state, roster.reason = State.READING, ""
    roster.save(update_fields=["state", "reason"])
    return roster


@transaction.atomic
def answer(roster, places, *, same, by):
    """Say of families that only a name matched whether they are the same (`places`: "sheet!row").

    Another family is shown as new at the next reading. What is only said once more is not written
    down again.
    """
    roster = _locked(roster, State.PREVIEWED)
    told = set(places)
    same_families, others = set(roster.same_families), set(roster.other_families)
    roster.same_families = sorted(same_families | told if same else same_families - told)
    roster.other_families = sorted(others - told if same else others | told)
    roster.is_stale = roster.is_stale or set(roster.other_families) != others
    roster.save(update_fields=["same_families", "other_families", "is_stale"])
    if news := told - (same_families if same else others):
        record(
            roster, "roster_same_families" if same else "roster_other_families", by=by,
            file=roster.file_name, families=len(news),
            sheet_row=sorted({row for _sheet, row in map(_place, news)})[:MOST_ROWS_TOLD],
        )  # fmt: skip
    return roster


@transaction.atomic
def decide(roster, *, confirmed=(), file_wins=None, by):
    """Write down which warnings were looked at, and in which fields the file wins over the desk."""
    roster = _locked(roster, State.PREVIEWED)
    looked_at, won = roster.confirmed, roster.file_wins
    roster.confirmed = sorted(set(confirmed) & DOUBTS)
    if file_wins is not None:
        roster.file_wins = sorted(set(file_wins) & {*FIELDS, "former_id_number", "id_kind"})
    roster.is_stale = roster.is_stale or roster.file_wins != won
    roster.save(update_fields=["confirmed", "file_wins", "is_stale"])
    if news := sorted(_doubts(roster) & set(roster.confirmed) - set(looked_at)):
        record(roster, "roster_warnings_seen", by=by, file=roster.file_name, seen=news)
    if roster.file_wins != won:
        record(
            roster, "roster_words_decided", by=by, file=roster.file_name,
            changed={"file_wins": [won, roster.file_wins]},
        )  # fmt: skip
    return roster


def open_questions(roster):
    """Lines of families that only a name matched and nobody has answered for."""
    answered = set(roster.same_families)
    return [
        line
        for line in roster.lines.questions().order_by("position")
        if f"{line.sheet}!{line.row}" not in answered
    ]


def open_doubts(roster):
    """Codes of warnings that somebody should have looked at, and has not."""
    return sorted(_doubts(roster) - set(roster.confirmed))


def _doubts(roster):
    found = {code for (code, refuses) in roster.lines.code_counts(roster) if not refuses}
    return found & DOUBTS


def check_decided(roster, *, whole=False):
    """Raises UndecidedError where something is still to be said before the roster goes in."""
    if roster.is_stale:
        raise UndecidedError(
            _("Cells were corrected since. Please check the roster again before importing it."),
            code="stale",
        )
    if n := len(open_questions(roster)):
        raise UndecidedError(
            _("Please say of %(n)s families whether they are the ones on file.") % {"n": n},
            code="questions",
        )
    if open_doubts(roster):
        raise UndecidedError(
            _("Please tick the warnings that you have looked at, then import again."),
            code="doubts",
        )
    if whole and roster.rows_refused:
        raise UndecidedError(
            _(
                "%(n)s rows are refused, so the roster does not go in as a whole. Correct them, or "
                "import the other rows alone."
            )
            % {"n": roster.rows_refused},
            code="refused_rows",
        )


# --- import, discard ------------------------------------------------------------------------------


@transaction.atomic
def begin_writing(roster):
    """From now on it is being imported. Raises SettledError, BusyError."""
    roster = _locked(roster, State.PREVIEWED)
    roster.state = State.WRITING
    roster.save(update_fields=["state"])
    return roster


def commit(roster, *, by, watch=unwatched, writing=unwatched):
    """Import a previewed roster. Says whether it went in; if not, the preview has been made anew.

    `writing` is told when the reading has ended and the writing begins. Raises SettledError, BusyError, OvertakenError, FileGoneError.
    """
    data = files.load_file(roster)
    reading = read(data, unit=roster.unit, roster=roster, watch=watch)
    writing()
    with _serialised(roster.unit), without_collecting():
        roster = _locked(roster, State.PREVIEWED, State.WRITING)
        prepared = _prepare(roster, reading, by, lock=True)
        if roster.is_stale or lines.fingerprint(prepared.plan) != roster.fingerprint:
            _show(roster, prepared)
            return False
        _settle(roster, State.IMPORTED, by)
        _write(roster, prepared, by, watch)
    return True


def import_now(reading, data, file_name, *, unit, programme, by):
    """Import without a preview, as a command of the server does. Answers what was prepared.

    Raises OvertakenError.
    """
    with (
        _serialised(unit),
        without_collecting(),
        brought(data, file_name, unit=unit, programme=programme, by=by) as roster,
    ):
        prepared = prepare(reading, file_name, unit=unit, programme=programme, by=by, lock=True)
        _show(roster, prepared, is_preview=False)
        _settle(roster, State.IMPORTED, by)
        _write(roster, prepared, by)
    return prepared


@transaction.atomic
def discard(roster, *, by):
    """Put a roster away. The file stays, nothing of it goes in. Raises SettledError, BusyError."""
    roster = _locked(roster, State.PREVIEWED, State.HEADINGS, State.FAILED)
    roster.reason = ""
    _settle(roster, State.DISCARDED, by)
    record(roster, "roster_discarded", by=by, file=roster.file_name)
    return roster


@transaction.atomic
def step_back(roster):
    """Undo a step that was cancelled or broke off, so that the clerk can go on from before it."""
    roster = RosterImport.objects.select_for_update(of=("self",)).order_by().get(pk=roster.pk)
    before = {
        State.READING: State.FAILED,
        State.WRITING: State.PREVIEWED,
        State.UNDOING: State.IMPORTED,
    }
    if roster.is_working:
        roster.reason = "interrupted" if roster.state == State.READING else ""
        roster.state = before[roster.state]
        roster.save(update_fields=["state", "reason"])
    return roster


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


def _settle(roster, state, by):
    roster.state, roster.settled_by = state, by
    with connection.cursor() as cursor:
        # The database's own clock, by which the history of the rows is dated too.
        cursor.execute("SELECT clock_timestamp()")
        (roster.settled_at,) = cursor.fetchone()
    roster.save()


def _write(roster, prepared, by, watch=unwatched):
    with acting(by, roster.marker):
        tasks = written.write(
            prepared.plan,
            prepared.on_file,
            unit=roster.unit,
            programme=roster.programme,
            places=prepared.places,
            watch=watch,
        )
        parts.write(tasks, unit=roster.unit, programme=roster.programme, by=by)
    _remember(roster, prepared, tasks)
    counts = roster.counts
    record(
        roster, "roster_imported", by=by,
        file=roster.file_name, programme=roster.programme.code, rows=counts["read"],
        created=counts["created"], updated=counts["updated"], refused=counts["refused"],
    )  # fmt: skip


def _remember(roster, prepared, tasks):
    """Which files the roster named, and which it opened or changed, each with its version now."""
    is_new = {task.key: task.is_new for task in tasks}
    keys = prepared.named() | set(is_new)
    with connection.cursor() as cursor:
        cursor.execute(VERSIONS, [identity.array(map(str, keys))])
        versions = dict(cursor.fetchall())
    roster.named, roster.named_versions = list(versions), list(versions.values())
    roster.save(update_fields=["named", "named_versions"])
    with connection.cursor() as cursor:
        copied = (
            "COPY households_rosterchange (roster_id, household_id, is_new, version, is_held_back)"
            " FROM STDIN"
        )
        with cursor.copy(copied) as copy:
            for key, new in is_new.items():
                copy.write_row((roster.pk, key, new, versions[key], False))
