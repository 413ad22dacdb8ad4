"""The list of visits as a workbook."""

from django.utils.translation import gettext_lazy as _

from povertyaid.web.workbook import Column

JOIN = "、"


def done_words(visit):
    """`送政策、解决难事难题 2`: what was done, with how often where it was more than once."""
    return JOIN.join(
        f"{item.get_kind_display()} {item.times}" if item.times > 1 else item.get_kind_display()
        for item in visit.items.all()
    )


VISITS = [
    Column(_("visited on"), "visited_on", "day"),
    Column(_("occasion"), lambda row: row.get_occasion_display()),
    Column(_("head of household"), lambda row: row.household.head_name if row.household_id else ""),
    Column(_("file number"), lambda row: row.household.code if row.household_id else ""),
    Column(_("unit"), "unit.name"),
    Column(_("programme"), "programme.name"),
    Column(_("who visited"), lambda row: row.helper.name if row.helper_id else ""),
    Column(_("together with"), "companions"),
    Column(_("visited, 人次"), "person_times", "whole"),
    Column(_("what was done"), done_words),
    Column(_("done, 件次"), lambda row: sum(item.times for item in row.items.all()), "whole"),
    Column(_("problems not solved, 件"), lambda row: len(row.unsolved), "whole"),
    Column(_("what was found"), "situation"),
    Column(_("signed by"), lambda row: row.signed_by if row.signature_stored_as else ""),
    Column(_("photographs, 张"), "photo_count", "whole"),
    Column(_("taken back on"), "voided_on", "day"),
    Column(_("why it was taken back"), "void_reason"),
]
