"""Files people hand in: kept encrypted in the data folder, outside of what a web server shows.

A room names its folder and its context; a row keeps the name that `seal` answers. Nothing of the
file's own name, type or owner shows on the disk.
"""

import base64
import contextlib
import itertools
import os
import time
import uuid
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO

from django.conf import settings

from povertyaid.lib.secrets import decrypt, encrypt

ORPHAN_SECONDS = 24 * 60 * 60
PIECE_BYTES = 1024 * 1024
LENGTH_BYTES = 4


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
        _to_disk(file, path)
    try:
        yield name
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def sealing(room: str, *, context: str) -> Iterator["Seal"]:
    """The same for a file that is too large to be held: write to what this yields, piece by piece.

    Its `name` is the name to keep. `unsealed` reads it back.
    """
    folder(room).mkdir(parents=True, exist_ok=True, mode=0o700)
    name = uuid.uuid4().hex
    path = folder(room) / name
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            seal = Seal(file, name, context)
            yield seal
            seal.finish()
            _to_disk(file, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _to_disk(file: IO[bytes], path: Path) -> None:
    """A row that is committed outlives a power cut, so its file, and the file's name, must too."""
    file.flush()
    os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Seal:
    """A file to be written to, encrypted piece by piece; each piece knows its place and the last itself.

    So pieces that were exchanged, left out or taken from another file are not read back.
    """

    def __init__(self, file: IO[bytes], name: str, context: str) -> None:
        self.name = name
        self._file, self._context = file, context
        self._waiting = bytearray()
        self._n = 0

    def write(self, data: bytes) -> int:
        self._waiting += data
        while len(self._waiting) > PIECE_BYTES:  # the last piece waits for `finish`
            self._put(bytes(self._waiting[:PIECE_BYTES]), is_last=False)
            del self._waiting[:PIECE_BYTES]
        return len(data)

    def flush(self) -> None:
        """Nothing: a piece is written when it is full."""

    def finish(self) -> None:
        self._put(bytes(self._waiting), is_last=True)

    def _put(self, piece: bytes, *, is_last: bool) -> None:
        context = _of_piece(self._context, self.name, self._n, is_last=is_last)
        body = encrypt(base64.b64encode(piece).decode(), context=context)
        self._file.write(len(body).to_bytes(LENGTH_BYTES) + body)
        self._n += 1


def unsealed(room: str, name: str, *, context: str) -> Iterator[bytes]:
    """The pieces of a file that `sealing` wrote. Raises FileGoneError, DecryptionError.

    The first is fetched at once, so that a file that is gone is told before anything is answered.
    """
    pieces = _pieces(folder(room) / name, name, context)
    return itertools.chain([next(pieces)], pieces)


def _pieces(path: Path, name: str, context: str) -> Iterator[bytes]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise FileGoneError from None
    with file:
        length = file.read(LENGTH_BYTES)
        for n in itertools.count():
            body = file.read(int.from_bytes(length))
            length = file.read(LENGTH_BYTES)
            here = _of_piece(context, name, n, is_last=not length)
            yield base64.b64decode(decrypt(body, context=here))
            if not length:
                return


def _of_piece(context: str, name: str, n: int, *, is_last: bool) -> str:
    return f"{context} {name} {n}{' last' if is_last else ''}"


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
