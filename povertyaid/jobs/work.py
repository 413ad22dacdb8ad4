"""Long work in the background: asked for with `start`, done by the worker with `carry_out`.

    @kind("roster.read", label=_("reading a roster"), stages={"reading": _("reading the file")})
    def read(job, progress):
        progress.stage("reading", total=rows)
        for row in progress.checked(rows):
            …

    start("roster.read", title=file_name, unit=unit, by=staff, address=page, roster=roster.pk)

The work finds its keys in `job.arguments`. Should its result be elsewhere than was thought, it
sets `job.address`. It is begun anew if the machine dies, so it must bear being done twice, or
say `progress.finish()` as the last word of its transaction. What it refuses with a ValidationError
is told to whoever asked; any other error goes to the log.
"""

import contextlib
import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from povertyaid.audit.models import record
from povertyaid.jobs import faults, presence, queue
from povertyaid.jobs.kinds import kind, kinds, nightly, nights
from povertyaid.jobs.models import Job
from povertyaid.jobs.progress import CancelledError, Progress, StoppedError

__all__ = [
    "CancelledError",
    "EndedError",
    "Progress",
    "StoppedError",
    "cancel",
    "carry_out",
    "kind",
    "kinds",
    "nightly",
    "recover",
    "run_waiting",
    "start",
]

FORGOTTEN_AFTER = datetime.timedelta(minutes=1)
KEPT_FOR = datetime.timedelta(days=400)
NIGHT_HOUR = 3


class EndedError(ValidationError):
    """The job has ended already, so nothing can be called off."""

    def __init__(self, job):
        self.job = job
        super().__init__(
            gettext_lazy("This work has already ended; there is nothing left to call off."),
            code="ended",
        )


# --- asked for and called off ---------------------------------------------------------------------


@transaction.atomic
def start(kind, *, title, unit, by, address, **arguments):
    """Ask for work. It appears in the queue when the caller's transaction is kept."""
    job = Job.objects.create(
        kind=kinds[kind].name,
        title=title[:255],
        unit=unit,
        asked_by=by,
        address=address,
        arguments=arguments,
    )
    queue.put(queue.CARRY_OUT, job_pk=job.pk)
    return job


@transaction.atomic
def cancel(job, *, by):
    """Call work off: at once while it waits, else as soon as it looks up. Raises EndedError."""
    job = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if job.is_ended:
        raise EndedError(job)
    now = timezone.now()
    if job.cancel_asked_at is None:
        job.cancel_asked_at, job.cancel_asked_by = now, by
        record(job, "job_cancelled", by=by, kind=job.kind)
    if job.is_waiting:
        job.state, job.finished_at, job.moved_at = Job.State.CANCELLED, now, now
    job.save()
    return job


# --- done -----------------------------------------------------------------------------------------


def carry_out(job_pk, *, should_stop=lambda: False):
    """Do a waiting job, unless somebody is at it. Raises nothing that the work raises."""
    with presence.at(job_pk) as place:
        if place and (job := _take_up(job_pk)):
            with translation.override(settings.LANGUAGE_CODE):
                _do(job, Progress(job, place.side, should_stop))


def run_waiting():
    """Carry out in this process what is queued; answers how many it was."""
    n = 0
    while found := queue.take(queue.CARRY_OUT):
        row, arguments = found
        carry_out(**arguments)
        queue.close(row)
        n += 1
    return n


def _take_up(job_pk):
    now = timezone.now()
    taken = (
        Job.objects.waiting()
        .filter(pk=job_pk)
        .update(
            state=Job.State.RUNNING,
            attempts=F("attempts") + 1,
            started_at=now,
            moved_at=now,
            stage="",
            stage_at=None,
            done=0,
            total=None,
        )
    )
    return Job.objects.select_related("unit", "asked_by").get(pk=job_pk) if taken else None


def _do(job, progress):
    try:
        if job.kind not in kinds:
            raise ValidationError(_("This version of the program does not know this kind of work."))
        with _savepoint():
            kinds[job.kind].work(job, progress)
    except CancelledError:
        job.end(Job.State.CANCELLED)
    except StoppedError:
        _lay_back(job.pk, job.attempts, tried=False)
    except ValidationError as refusal:
        job.end(Job.State.FAILED, " ".join(map(str, refusal.messages)))
    except (OperationalError, InterfaceError) as error:
        faults.log(f"Job {job.pk} ({job.kind})", error)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        _lay_back(job.pk, job.attempts)
    except Exception as error:  # noqa: BLE001 -- whatever it was, whoever waits must be told
        faults.log(f"Job {job.pk} ({job.kind})", error)
        job.end(
            Job.State.FAILED,
            _(
                "Something went wrong that the program did not foresee. Please tell the administrator."
            ),
        )
    else:
        job.end(Job.State.DONE)


def _savepoint():
    """Inside somebody's transaction a failure takes back the work, not the transaction."""
    return transaction.atomic() if connection.in_atomic_block else contextlib.nullcontext()


@transaction.atomic
def _lay_back(job_pk, attempt, *, tried=True):
    """Let somebody begin it anew, unless it was called off or has been `tried` often enough."""
    rows = Job.objects.select_for_update(of=("self",)).running()
    job = rows.filter(pk=job_pk, attempts=attempt).first()
    if job is None:  # somebody has begun it anew already
        return
    if job.cancel_asked_at:
        job.end(Job.State.CANCELLED)
    elif tried and job.attempts >= job.attempts_allowed:
        job.end(
            Job.State.FAILED,
            _("This was begun %(n)s times and broke off each time. Please tell the administrator.")
            % {"n": job.attempts},
        )
    else:
        if not tried:
            job.attempts -= 1
        job.state, job.started_at, job.moved_at = Job.State.WAITING, None, timezone.now()
        job.save()
        queue.put(queue.CARRY_OUT, job_pk=job.pk)


# --- looked after ---------------------------------------------------------------------------------


def recover():
    """Queue anew what a dead worker left and what fell out of the queue."""
    queue.close_of_the_dead()
    with translation.override(settings.LANGUAGE_CODE):
        for pk, attempt in Job.objects.running().values_list("pk", "attempts"):
            with transaction.atomic():
                if presence.try_lock(pk):
                    _lay_back(pk, attempt)
    forgotten = Job.objects.waiting().filter(moved_at__lt=timezone.now() - FORGOTTEN_AFTER)
    for pk in forgotten.values_list("pk", flat=True):
        if not queue.waits(pk):
            queue.put(queue.CARRY_OUT, job_pk=pk)


def look_round():
    """What the worker does every minute: look after jobs, and see that each night has its work.

    An office whose machine sleeps at night does that work when it is switched on.
    """
    recover()
    now = timezone.localtime()
    night = now.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    if night > now:
        night -= datetime.timedelta(days=1)
    if not queue.night_since(night):
        queue.put(queue.NIGHT)


def do_nightly():
    """Everything that the rooms do once a day; what fails does not keep the others from it."""
    for name, function in nights.items():
        try:
            function()
        except Exception as error:  # noqa: BLE001 -- one room's fault is not the next one's
            faults.log(f"Nightly {name}", error)


@nightly
def remove_old():
    """Nothing refers to a job, and after a year nobody asks how long a roster took to read."""
    queue.remove_old()
    Job.objects.filter(finished_at__lt=timezone.now() - KEPT_FOR).delete()
