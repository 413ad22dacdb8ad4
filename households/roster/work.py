"""The steps of a roster that take long: done while the clerk waits if the file is small, else by the worker."""

import contextlib

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from households.models import RosterImport
from households.roster import files, importing, undoing
from households.roster.lists import steps
from povertyaid.jobs.models import Job
from povertyaid.jobs.work import CancelledError, kind, nightly, start

READ, IMPORT, UNDO = "roster.read", "roster.import", "roster.undo"
State = RosterImport.State


def is_small(roster):
    """Whether the clerk may wait for it: a second or two."""
    return files.size(roster) <= settings.ROSTER_AT_ONCE_BYTES


def read(roster, *, by, reading=None):
    """Have a roster read and compared that is to be read (`State.READING`)."""
    if reading is not None or is_small(roster):
        return importing.look(roster, by=by, reading=reading)
    _ask(READ, roster, by)
    return roster


def check_again(roster, *, by):
    """Have a roster read once more. Raises SettledError, BusyError."""
    with transaction.atomic():
        return read(importing.again(roster), by=by)


def take_in(roster, *, by, whole=False):
    """Import a previewed roster: True it went in, False the preview is new, None it is being done.

    Raises UndecidedError, SettledError, BusyError, OvertakenError, FileGoneError.
    """
    importing.check_decided(roster, whole=whole)
    if is_small(roster):
        return importing.commit(roster, by=by)
    with transaction.atomic():
        _ask(IMPORT, importing.begin_writing(roster), by)
    return None


def take_back(roster, *, by):
    """Undo an import: how many files stand as before and how many stay; None while it is being done.

    Raises NotImportedError, BusyError, OvertakenError.
    """
    if roster.files.count() <= settings.ROSTER_UNDO_AT_ONCE:
        return undoing.take_back(roster, by=by)
    with transaction.atomic():
        _ask(UNDO, undoing.begin(roster), by)
    return None


def job_of(roster):
    """The newest work on a roster, or None."""
    jobs = Job.objects.filter(kind__startswith="roster.", arguments__roster=roster.pk)
    return jobs.newest_first().first()


def settle(roster):
    """A roster whose work was called off or broke off goes back to where it was before.

    The work may end without our code being asked: the worker was killed too often.
    """
    if not roster.is_working:
        return roster
    job = job_of(roster)
    if job is None or job.is_ended:
        return importing.step_back(roster)
    return roster


def _ask(name, roster, by):
    start(
        name, title=roster.file_name, unit=roster.unit, by=by,
        address=roster.get_absolute_url(), roster=roster.pk,
    )  # fmt: skip


# --- what the worker does -------------------------------------------------------------------------


@contextlib.contextmanager
def _roster_of(job, state):
    """The roster of a job, or None if the step has been done already.

    Called off or refused, it goes back to where it was; if the machine dies it stays, and the
    step is begun anew.
    """
    roster = RosterImport.objects.select_related("unit", "programme").get(
        pk=job.arguments["roster"]
    )
    try:
        yield roster if roster.state == state else None
    except (CancelledError, ValidationError):
        importing.step_back(roster)
        raise


@kind(
    READ,
    label=_("reading a roster"),
    stages={"reading": _("reading the file and comparing it with what is on file")},
)
def _read(job, progress):
    with _roster_of(job, State.READING) as roster:
        if roster:
            progress.stage("reading")
            importing.look(roster, by=job.asked_by, watch=progress.step)


@kind(
    IMPORT,
    label=_("importing a roster"),
    stages={
        "reading": _("reading the file and comparing it with what is on file"),
        "writing": _("writing the files"),
    },
)
def _import(job, progress):
    with _roster_of(job, State.WRITING) as roster:
        if roster is None:
            return
        progress.stage("reading", total=roster.rows_read)
        went_in = importing.commit(
            roster,
            by=job.asked_by,
            watch=progress.step,
            writing=lambda: progress.stage("writing"),
        )
        if not went_in:
            raise ValidationError(CHANGED_SINCE, code="changed_since")


@kind(UNDO, label=_("undoing an import"), stages={"undoing": _("letting files stand as before")})
def _undo(job, progress):
    with _roster_of(job, State.UNDOING) as roster:
        if roster:
            progress.stage("undoing", total=len(undoing.written()))
            undoing.take_back(roster, by=job.asked_by, watch=progress.step)


CHANGED_SINCE = _(
    "Somebody has changed some of these files since the preview, so nothing was "
    "imported. The preview below is new: please look at it and import again."
)


@nightly
def remove_old_files():
    """Files whose time is over go at night."""
    files.remove_old()
    steps.remove_old()


def undone_words(done, held_back):
    """What an undoing did, as a sentence."""
    said = now("The import has been undone: %(n)s files stand as before.") % {"n": done}
    if held_back:
        said += now(" %(n)s files were changed since and stay as they are.") % {"n": held_back}
    return said
