"""Who is at a job, by a lock that the database gives back by itself when its holder dies.

The lock lies on a connection of its own beside that of the work. Over it progress is written and
a wish to cancel is read, so that both are seen while the work's transaction is still open.
"""

import contextlib
from dataclasses import dataclass
from typing import Any

from django.db import Error, connection

KEY = "hashtextextended('povertyaid.jobs', %s)"


@dataclass(frozen=True)
class Place:
    """The place at a job. Without a `side` connection nothing is seen before the end."""

    side: Any = None


@contextlib.contextmanager
def at(job_pk):
    """Take the place at a job for the length of the block; yields None if it is taken.

    Inside somebody's transaction the lock is the transaction's: what is done there is seen by
    nobody before the end anyway.
    """
    if connection.in_atomic_block:
        yield Place() if try_lock(job_pk) else None
        return
    side = connection.copy()
    try:
        if not _ask(side, "pg_try_advisory_lock", job_pk):
            yield None
            return
        try:
            yield Place(side)
        finally:
            # By hand, since a connection of a pool lives on; a broken one has given it back.
            with contextlib.suppress(Error):
                _ask(side, "pg_advisory_unlock", job_pk)
    finally:
        side.close()


def try_lock(job_pk):
    """Whether nobody is at a job; until the end of the transaction nobody will be."""
    return _ask(connection, "pg_try_advisory_xact_lock", job_pk)


def _ask(which, function, job_pk):
    with which.cursor() as cursor:
        cursor.execute(f"SELECT {function}({KEY})", [job_pk])
        return cursor.fetchone()[0]
