from povertyaid.org.models.staff import Staff
from povertyaid.org.models.unit import OrgUnit

__all__ = ["OrgUnit", "Staff"]
