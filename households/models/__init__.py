from households.models.designation import Designation
from households.models.dossier import DossierFile, DossierItem, DossierKind
from households.models.dossier_rule import DossierRule
from households.models.enrolment import Enrolment
from households.models.household import Household
from households.models.identity import IdentityClaim
from households.models.income import IncomeSnapshot
from households.models.list_import import ListImport, ListLine
from households.models.member import Member
from households.models.review import StatusReview
from households.models.roster_change import RosterChange
from households.models.roster_correction import RosterCorrection
from households.models.roster_heading import RosterHeading
from households.models.roster_import import RosterImport
from households.models.roster_layout import RosterLayout
from households.models.roster_line import RosterLine

__all__ = [
    "Designation",
    "DossierFile",
    "DossierItem",
    "DossierKind",
    "DossierRule",
    "Enrolment",
    "Household",
    "IdentityClaim",
    "IncomeSnapshot",
    "ListImport",
    "ListLine",
    "Member",
    "RosterChange",
    "RosterCorrection",
    "RosterHeading",
    "RosterImport",
    "RosterLayout",
    "RosterLine",
    "StatusReview",
]
