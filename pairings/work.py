"""The long work of this room: an assignment draft is worked out by the worker."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pairings.actions import drafting
from pairings.models import AssignmentDraft
from povertyaid.audit.models import record
from povertyaid.jobs.models import Job
from povertyaid.jobs.work import kind, start

MAKE = "assignment.make"


@kind(
    MAKE,
    label=_("working out an assignment"),
    stages={
        "reading": _("reading households and helpers"),
        "working": _("looking for the best assignment"),
        "writing": _("writing the draft"),
    },
)
def make(job, progress):
    drafting.make(AssignmentDraft.objects.get(pk=job.arguments["draft"]), progress)


@transaction.atomic
def ask(draft, *, by):
    """Have an unsaved draft made in the background."""
    draft.asked_by = by
    draft.validate_constraints()
    draft.save()
    record(draft, "assignment_asked", by=by, programme=draft.programme.code, scheme=draft.scheme)
    start(
        MAKE, title=f"{draft.unit.name} {draft.programme.name}", unit=draft.unit, by=by,
        address=draft.get_absolute_url(), draft=draft.pk,
    )  # fmt: skip
    return draft


def job_of(draft):
    """The job that makes the draft, as far as it is still kept."""
    return Job.objects.filter(kind=MAKE, arguments__draft=draft.pk).newest_first().first()
