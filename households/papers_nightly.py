"""What is done to scans once a day."""

from households.actions import papers
from povertyaid.jobs.work import nightly


@nightly
def remove_old_scans():
    papers.remove_old()
