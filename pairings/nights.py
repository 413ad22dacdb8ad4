"""What this room does once a day."""

from pairings.actions.visits import remove_forgotten_files
from povertyaid.jobs.work import nightly


def register():
    nightly(remove_forgotten_files)
