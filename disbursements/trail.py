"""The history of a fund with its inflows, and that of a row of the ledger."""

from disbursements.models import Disbursement, Form, Fund, FundInflow, words
from povertyaid.audit import deeds, trails


def own(events, row):
    return events.filter(pgh_obj_id=row.pk)


def of_fund(events, fund):
    return events.filter(fund=fund.pk)


def fund_of_inflow(key):
    return FundInflow.objects.filter(pk=key).values_list("fund", flat=True).first()


def register():
    fund = trails.Table(Fund, own)
    inflow = trails.Table(FundInflow, of_fund, silent=frozenset({"fund", "programme"}))
    row = trails.Table(Disbursement, own, silent=frozenset({"programme"}))
    trails.register(
        trails.Trail(
            kind="fund",
            model=Fund,
            permission="disbursements.view_fund",
            title=lambda one: one.name,
            rows=lambda: Fund.objects.select_related("unit"),
            tables=(fund, inflow),
            owners={FundInflow._meta.label_lower: fund_of_inflow},
        )
    )
    trails.register(
        trails.Trail(
            kind="payment",
            model=Disbursement,
            permission="disbursements.view_disbursement",
            title=lambda one: one.kind_word,
            rows=lambda: Disbursement.objects.select_related("household", "unit"),
            tables=(row,),
        )
    )
    deeds.name_values("aid_kind", words.AID_KINDS)
    deeds.name_values("form", Form)
    deeds.name_values("inflow_kind", FundInflow.Kind)
    told = {
        one.name: one.verbose_name for table in (fund, inflow, row) for one in table.told_fields()
    }
    deeds.name_values("fields", told)
