"""Files people hand in: kept encrypted in the data folder, outside of what a web server shows.

A room names its folder and its context; a row keeps the name that `seal` answers. Nothing of the
file's own name, type or owner shows on the disk.
"""

import base64
import contextlib
import os
import time
import uuid
from collections.abc import Collection, Iterator
from pathlib import Path

from django.conf import settings

from povertyaid.lib.secrets import decrypt, encrypt

ORPHAN_SECONDS = 24 * 60 * 60


class FileGoneError(LookupError):
    """The row is there, its file is not: taken away, or a backup without the data folder."""


def folder(name: str) -> Path:
    """Where the files of a room lie."""
    return Path(settings.UPLOADS_DIR) / name


@contextlib.contextmanager
def sealed(room: str, data: bytes, *, context: str) -> Iterator[str]:
    """Write the bytes, encrypted, for the length of the block; they stay if the block succeeds.

    So a row that is refused leaves no file behind. Yields the name to keep.
    """
    name = uuid.uuid4().hex
    folder(room).mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder(room) / name
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        # Without a name of its own: the block may last, and the sealed bytes are many.
        file.write(encrypt(base64.b64encode(data).decode(), context=context))
    try:
        yield name
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def opened(room: str, name: str, *, context: str) -> bytes:
    """The bytes as they were handed in. Raises FileGoneError, DecryptionError."""
    try:
        body = (folder(room) / name).read_bytes()
    except FileNotFoundError:
        raise FileGoneError from None
    return base64.b64decode(decrypt(body, context=context))


def remove(room: str, name: str) -> None:
    """Take a file away; nothing happens where there is none."""
    (folder(room) / name).unlink(missing_ok=True)


def remove_orphans(room: str, known: Collection[str]) -> int:
    """A process that was killed between writing a file and its row leaves the file alone.

    Answers how many went. Files of the last day stay: their row may be on its way.
    """
    removed = 0
    for path in folder(room).iterdir() if folder(room).exists() else ():
        if path.name not in known and path.stat().st_mtime < time.time() - ORPHAN_SECONDS:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
