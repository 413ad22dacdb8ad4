from households.models.designation import Designation
from households.models.enrolment import Enrolment
from households.models.household import Household
from households.models.identity import IdentityClaim
from households.models.income import IncomeSnapshot
from households.models.member import Member
from households.models.review import StatusReview
from households.models.roster_import import RosterImport, RosterLine

__all__ = [
    "Designation",
    "Enrolment",
    "Household",
    "IdentityClaim",
    "IncomeSnapshot",
    "Member",
    "RosterImport",
    "RosterLine",
    "StatusReview",
]
