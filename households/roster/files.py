"""The file of a roster as it was brought: kept encrypted in the data folder until its time is over."""

import base64
import contextlib
import datetime
import os
import time
import uuid
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from households.models import RosterImport
from households.roster.refusals import FileGoneError
from povertyaid.lib.secrets import decrypt, encrypt

CONTEXT = "roster.file"
ORPHAN_SECONDS = 24 * 60 * 60


def folder():
    return Path(settings.UPLOADS_DIR) / "rosters"


@contextlib.contextmanager
def kept_file(data):
    """Write the file, sealed, for the length of the block; it stays if the block succeeds."""
    name = uuid.uuid4().hex
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder() / name
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        # Without a name of its own: the block may last, and the sealed bytes are many.
        file.write(encrypt(base64.b64encode(data).decode(), context=CONTEXT))
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


def size(roster):
    """About how many bytes the file had: it lies in base64, so a quarter is wrapping. 0 if gone."""
    try:
        return (folder() / roster.stored_as).stat().st_size * 3 // 4
    except FileNotFoundError:
        return 0


def remove_old(today=None):
    """Take away files whose time is over, and such as no roster knows. Answers how many.

    What was imported stays told, and can still be undone; the file alone goes.
    """
    today = today or timezone.localdate()
    removed = 0
    if settings.ROSTER_KEEP_DAYS:
        last = today - datetime.timedelta(days=settings.ROSTER_KEEP_DAYS)
        for roster in RosterImport.objects.filter(uploaded_at__date__lt=last, file_gone_on=None):
            (folder() / roster.stored_as).unlink(missing_ok=True)
            roster.corrections.all().delete()
            roster.file_gone_on = today
            roster.save(update_fields=["file_gone_on"])
            removed += 1
    return removed + _remove_orphans()


def _remove_orphans():
    """A process that was killed between writing a file and its row leaves the file alone."""
    known = set(RosterImport.objects.values_list("stored_as", flat=True))
    removed = 0
    for path in folder().iterdir() if folder().exists() else ():
        if path.name not in known and path.stat().st_mtime < time.time() - ORPHAN_SECONDS:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
