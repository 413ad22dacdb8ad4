"""The ledger as a workbook: amounts as numbers, forms apart."""

from django.utils.translation import gettext_lazy as _

from povertyaid.web.workbook import Column

LEDGER = [
    Column(_("given on"), "paid_on", "day"),
    Column(_("household"), lambda row: row.household.head_name if row.household_id else ""),
    Column(_("file number"), lambda row: row.household.code if row.household_id else ""),
    Column(_("member"), lambda row: row.member.name if row.member_id else ""),
    Column(_("unit"), "unit.name"),
    Column(_("programme"), "programme.name"),
    Column(_("kind of aid"), "kind_word"),
    Column(_("form"), lambda row: row.get_form_display()),
    Column(_("amount"), "amount", "money", "元"),
    Column(_("quantity"), lambda row: f"{row.quantity.normalize():f}" if row.quantity else ""),
    Column(_("unit of the quantity"), "quantity_unit"),
    Column(_("households reached"), "household_count", "whole", "户"),
    Column(_("persons reached"), "headcount", "whole", "人次"),
    Column(_("fund"), lambda row: row.fund.name if row.fund_id else ""),
    Column(_("line of the account"), "budget_line"),
    Column(_("helper"), lambda row: row.helper.name if row.helper_id else ""),
    Column(_("note"), "note"),
    Column(_("voided on"), "voided_on", "day"),
]
