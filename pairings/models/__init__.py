from pairings.models.assignment import AssignmentDraft, AssignmentLine
from pairings.models.helper import MOST_HOUSEHOLDS, Helper
from pairings.models.pairing import Pairing, PairingHelper, unpaired

__all__ = [
    "MOST_HOUSEHOLDS",
    "AssignmentDraft",
    "AssignmentLine",
    "Helper",
    "Pairing",
    "PairingHelper",
    "unpaired",
]
