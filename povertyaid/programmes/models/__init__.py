from povertyaid.programmes.models.lines import ReferenceValue, Series, Threshold
from povertyaid.programmes.models.programme import Programme, SchemeItem
from povertyaid.programmes.models.target import Target

__all__ = ["Programme", "ReferenceValue", "SchemeItem", "Series", "Target", "Threshold"]
