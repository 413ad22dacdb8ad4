from disbursements.models.fund import Fund, FundInflow
from disbursements.models.payment import GIVEN, TAKES_MONEY, Disbursement, Form

__all__ = ["GIVEN", "TAKES_MONEY", "Disbursement", "Form", "Fund", "FundInflow"]
