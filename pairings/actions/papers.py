"""Printing papers of households, written down before they are handed out."""

from django.db import transaction

from pairings.models import PaperKind
from povertyaid.audit.models import Entry, record, record_each

# What stands on a paper that is else printed with its middle hidden.
NUMBERS = {
    PaperKind.HANDBOOK: ["id_number", "phone", "bank_account"],
    PaperKind.FILE: ["id_number", "phone", "bank_account", "number"],
}


def may_reveal(staff, kind):
    """Whether this person may have full numbers on papers of a kind that has any to hide."""
    return kind in NUMBERS and staff.has_perm("households.reveal_person")


def hand_out(household, kind, *, by, reason=""):
    """Write down that a paper of a household leaves the office; with a reason its numbers are in full.

    Not joined to a surrounding transaction that could be undone: a look cannot be.
    """
    with transaction.atomic(durable=True):
        if reason:
            reveal_on([household], kind, by=by, reason=reason)
        record(household, "paper_printed", by=by, paper=kind)


def reveal_on(households, kind, *, by, reason):
    """Each household's look at its numbers, with the reason, as the auditors read it."""
    record_each(households, Entry.REVEALED, by=by, reason=reason, paper=kind, fields=NUMBERS[kind])
