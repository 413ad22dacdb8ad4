"""What the log may say of a fault: its type and where it happened.

Never its text: that of the database repeats the refused row, and other texts the value that could
not be read.
"""

import logging
import traceback
from pathlib import Path

from django.conf import settings

logger = logging.getLogger("povertyaid.jobs")


def log(what, error):
    logger.error("%s: %s at %s", what, kind_of(error), place_of(error))


def kind_of(error):
    return f"{type(error).__module__}.{type(error).__qualname__}"


def place_of(error):
    """The way through our own files, innermost last: `work.py:120 in _do > importing.py:88 in commit`."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        f"{Path(frame.filename).relative_to(settings.BASE_DIR)}:{frame.lineno} in {frame.name}"
        for frame in frames
        if Path(frame.filename).is_relative_to(settings.BASE_DIR)
        and "site-packages" not in frame.filename
    ]
    return " > ".join(ours) or "a place outside the program"
