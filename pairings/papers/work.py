"""Papers in one go as work in the background, and what the night takes away."""

import datetime
import shutil
import time

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pairings.actions import papers
from pairings.models import PrintOrder
from pairings.papers import making
from povertyaid.jobs.models import Job
from povertyaid.jobs.work import CancelledError, kind, nightly
from povertyaid.lib import sealed_files

DAY = 24 * 60 * 60  # seconds


@kind(
    papers.MAKE,
    label=_("making papers"),
    stages={
        "setting": _("setting the papers"),
        "binding": _("binding them into one volume"),
        "packing": _("packing them by unit"),
    },
)
def _make(job, progress):
    rows = PrintOrder.objects.select_related("asked_by__unit", "programme", "unit")
    order = rows.get(pk=job.arguments["order"])
    if order.made_on is not None:
        return
    try:
        making.make(order, progress=progress)
    except (CancelledError, ValidationError):
        making.Parts(order).forget()
        raise


@nightly
def remove_old_papers():
    """Papers whose days are over, parts of such as nobody makes any more, files that no row knows."""
    days = settings.PAPERS_KEEP_DAYS
    if days:
        last = timezone.localdate() - datetime.timedelta(days=days)
        for order in PrintOrder.objects.kept().filter(made_on__lt=last):
            papers.take_away(order, by=None)
    kept = PrintOrder.objects.kept().values_list("volume_stored_as", "folders_stored_as")
    sealed_files.remove_orphans(papers.ROOM, {name for pair in kept for name in pair})
    under_way = Job.objects.under_way().filter(kind=papers.MAKE)
    made = {str(one) for one in under_way.values_list("arguments__order", flat=True)}
    folder = sealed_files.folder(making.PARTS_ROOM)
    # Work that began after it was asked what is under way keeps its folder.
    yesterday = time.time() - DAY
    for parts in folder.iterdir() if folder.exists() else ():
        if parts.name not in made and parts.stat().st_mtime < yesterday:
            shutil.rmtree(parts, ignore_errors=True)
