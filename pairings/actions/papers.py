"""Printing papers of households, written down before they are handed out."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pairings.actions.refusals import RefusedError
from pairings.models import PaperKind, PrintOrder
from povertyaid.audit.models import Entry, record, record_each
from povertyaid.jobs.work import start
from povertyaid.lib import sealed_files
from povertyaid.lib.quantities import Kind
from povertyaid.web.templatetags.words import counted

MAKE = "papers.make"
ROOM = "papers"  # where the files of papers in one go lie, encrypted

# What stands on a paper that is else printed with its middle hidden.
NUMBERS = {
    PaperKind.HANDBOOK: ["id_number", "phone", "bank_account"],
    PaperKind.FILE: ["id_number", "phone", "bank_account", "number"],
}


# --- one, while one waits -------------------------------------------------------------------------


def hand_out(household, kind, *, by, reason=""):
    """Write down that a paper of a household leaves the office; with a reason its numbers are in full."""
    if reason:
        # Not joined to a surrounding transaction that could be undone: a look cannot be.
        with transaction.atomic(durable=True):
            reveal_on([household], kind, by=by, reason=reason)
    record(household, "paper_printed", by=by, paper=kind)


def reveal_on(households, kind, *, by, reason):
    """Each household's look at its numbers, with the reason, as the auditors read it."""
    record_each(households, Entry.REVEALED, by=by, reason=reason, paper=kind, fields=NUMBERS[kind])


# --- many, in the background ----------------------------------------------------------------------


@transaction.atomic
def ask(households, *, kind, programme, by, base, in_full=False, reason="", apart=False):
    """Have papers of households made; those in no enrolment of the programme are left out.

    `households` are what the person may see and has chosen; `base` is the address of the office,
    where square codes lead. Raises RefusedError.
    """
    if kind == PaperKind.FILE:
        programme = None  # a whole file speaks of every programme
    else:
        households = households.filter(pk__in=programme.enrolments.counted().values("household"))
    rows = list(households.order_by("pk").select_related("unit").only("code", "unit__path"))
    most = settings.PAPERS_AT_MOST
    if not rows:
        raise RefusedError(
            _("None of the chosen households is in this programme. Please choose another one."),
            "nobody",
        )
    if len(rows) > most:
        raise RefusedError(
            _(
                "These are more than the %(most)s that are printed in one go. Please choose a "
                "unit, and print the parts."
            ),
            "too_many",
            {"most": counted(most, Kind.HOUSEHOLDS)},
        )
    in_full = in_full and kind in NUMBERS
    if in_full and not reason.strip():
        raise RefusedError(
            _("Please say what the full numbers are needed for; the reason is recorded."),
            "reason_needed",
        )
    order = PrintOrder.objects.create(
        unit=by.unit, programme=programme, kind=kind, households=[row.pk for row in rows],
        in_full=in_full, reason=reason.strip() if in_full else "", apart=apart, base=base,
        asked_by=by,
    )  # fmt: skip
    if in_full:
        reveal_on(rows, kind, by=by, reason=order.reason)
    record(
        order, "papers_asked", by=by, reason=order.reason, paper=kind, households=len(rows),
        programme=programme.code if programme else "",
    )  # fmt: skip
    of = programme.name if programme else by.unit.name
    start(
        MAKE, title=f"{PaperKind(kind).label} {counted(len(rows), Kind.HOUSEHOLDS)} {of}",
        unit=by.unit, by=by, address=order.get_absolute_url(), order=order.pk,
    )  # fmt: skip
    return order


@transaction.atomic
def take_away(order, *, by):
    """Remove the files before their days are over, or (`by` nobody) because they are. Raises RefusedError."""
    order = PrintOrder.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if not order.is_kept:
        raise RefusedError(_("These papers are not there any more."), "gone")
    files = order.volume_stored_as, order.folders_stored_as
    order.volume_stored_as = order.folders_stored_as = ""
    order.gone_on = timezone.localdate()
    order.save(update_fields=["volume_stored_as", "folders_stored_as", "gone_on"])
    record(order, "papers_removed", by=by, paper=order.kind)
    for name in files:
        transaction.on_commit(lambda name=name: sealed_files.remove(ROOM, name))
    return order
