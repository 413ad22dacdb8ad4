from pairings.models.activity import (
    TOPICS,
    Activity,
    ActivityKind,
    Attendance,
    BeneficiaryGroup,
)
from pairings.models.helper import MOST_HOUSEHOLDS, Helper
from pairings.models.pairing import Pairing, PairingHelper, keys_of_mode, unpaired
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
    "TOPICS",
    "Activity",
    "ActivityKind",
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
    "keys_of_mode",
    "unpaired",
]
