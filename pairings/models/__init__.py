from pairings.models.helper import MOST_HOUSEHOLDS, Helper
from pairings.models.pairing import Pairing, PairingHelper, keys_of_mode, unpaired

__all__ = ["MOST_HOUSEHOLDS", "Helper", "Pairing", "PairingHelper", "keys_of_mode", "unpaired"]
