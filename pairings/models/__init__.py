from pairings.models.activity import (
    SESSION_SIGNS,
    TOPIC_LIST,
    TOPICS,
    Activity,
    ActivityKind,
    Attendance,
    BeneficiaryGroup,
)
from pairings.models.assignment import AssignmentDraft, AssignmentLine
from pairings.models.helper import MOST_HOUSEHOLDS, Helper
from pairings.models.pairing import Pairing, PairingHelper, unpaired
from pairings.models.print_order import PaperKind, PrintOrder
from pairings.models.visit import (
    Occasion,
    ServiceKind,
    Visit,
    VisitItem,
    VisitPhoto,
)

__all__ = [
    "MOST_HOUSEHOLDS",
    "SESSION_SIGNS",
    "TOPICS",
    "TOPIC_LIST",
    "Activity",
    "ActivityKind",
    "AssignmentDraft",
    "AssignmentLine",
    "Attendance",
    "BeneficiaryGroup",
    "Helper",
    "Occasion",
    "Pairing",
    "PairingHelper",
    "PaperKind",
    "PrintOrder",
    "ServiceKind",
    "Visit",
    "VisitItem",
    "VisitPhoto",
    "unpaired",
]
