"""The file of a roster as it was brought: kept encrypted in the data folder until its time is over."""

import datetime

from django.conf import settings
from django.utils import timezone

from households.models import RosterImport
from households.roster.refusals import FileGoneError
from povertyaid.lib import sealed_files

ROOM, CONTEXT = "rosters", "roster.file"


def folder():
    return sealed_files.folder(ROOM)


def kept_file(data):
    """Write the file, sealed, for the length of the block; it stays if the block succeeds."""
    return sealed_files.sealed(ROOM, data, context=CONTEXT)


def load_file(roster):
    """The bytes that were uploaded. Raises FileGoneError."""
    try:
        return sealed_files.opened(ROOM, roster.stored_as, context=CONTEXT)
    except sealed_files.FileGoneError:
        raise FileGoneError from None


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
            sealed_files.remove(ROOM, roster.stored_as)
            roster.corrections.all().delete()
            roster.file_gone_on = today
            roster.save(update_fields=["file_gone_on"])
            removed += 1
    known = set(RosterImport.objects.values_list("stored_as", flat=True))
    return removed + sealed_files.remove_orphans(ROOM, known)
