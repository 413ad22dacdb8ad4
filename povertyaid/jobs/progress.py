"""How far a job is, told by the work and read by whoever waits."""

import time

from django.utils import timezone

from povertyaid.jobs.kinds import kinds

PAUSE_SECONDS = 0.5

# Skips a row that is locked at this moment (by the work itself, or by whoever calls it off): the
# next time will do, and waiting for one's own transaction would last for ever.
WRITE = """
    UPDATE jobs_job
       SET stage = %s, stage_at = %s, done = %s, total = %s, moved_at = %s
     WHERE id = (SELECT id FROM jobs_job
                  WHERE id = %s AND state = 'running' AND attempts = %s FOR UPDATE SKIP LOCKED)
 RETURNING cancel_asked_at IS NOT NULL
"""


class CancelledError(Exception):
    """Somebody has called this job off. Let it through: it takes the work's transaction back."""


class StoppedError(Exception):
    """The worker is being stopped. The job is begun anew by the next one."""


class Progress:
    """How far a job is. May be told of every row: it is written twice a second at most.

    Telling raises CancelledError or StoppedError when the work is to be left.
    """

    def __init__(self, job, side=None, should_stop=lambda: False):
        self.job = job
        self._side = side
        self._should_stop = should_stop
        self._due = 0.0

    def stage(self, name, total=None):
        """Begin a stage of the kind; `total` is how many there are to do, if that is known."""
        if name not in kinds[self.job.kind].stages:
            raise LookupError(f"{self.job.kind} has no stage {name}")
        self.job.stage, self.job.stage_at = name, timezone.now()
        self.job.done, self.job.total = 0, total
        self._write()

    def set_total(self, total):
        self.job.total = total
        self._write_if_due()

    def to(self, n):
        """So many are done."""
        self.job.done = n
        self._write_if_due()

    def step(self, n=1):
        """So many more are done."""
        self.job.done += n
        self._write_if_due()

    def checked(self, rows):
        """The same rows one by one, each told when it has been dealt with."""
        for row in rows:
            yield row
            self.step()

    def finish(self):
        """Say last in the work's own transaction that it is done: both are kept, or neither.

        Work that does not say so is done as soon as it returns. Only if the machine dies just
        between its commit and that, it is begun anew.
        """
        self.job.end(self.job.State.DONE)

    def _write_if_due(self):
        if time.monotonic() >= self._due:
            self._write()

    def _write(self):
        self._due = time.monotonic() + PAUSE_SECONDS
        if self._should_stop():
            raise StoppedError
        if self._side is None:
            return
        job = self.job
        told = [job.stage, job.stage_at, job.counted, job.total, timezone.now()]
        with self._side.cursor() as cursor:
            cursor.execute(WRITE, [*told, job.pk, job.attempts])
            answer = cursor.fetchone()
        if answer and answer[0]:
            raise CancelledError
