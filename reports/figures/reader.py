"""The one door through which reports read: the main server, or a standby once there is one."""

import contextlib
from collections.abc import Iterator

from django.conf import settings
from django.db import connections, transaction


def reader() -> str:
    """The alias of the database that reports read from."""
    return str(settings.REPORTS_DATABASE)


@contextlib.contextmanager
def snapshot() -> Iterator[None]:
    """Read everything inside as of one moment, so that a row saved meanwhile splits no total.

    Inside somebody else's transaction the moment is theirs to choose: PostgreSQL fixes the
    isolation level with the first query.
    """
    connection = connections[reader()]
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(using=reader()):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
