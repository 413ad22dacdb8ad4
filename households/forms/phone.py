"""Phones: what a number looks like, and who else has it."""

import re

from households.models import Household, Member
from povertyaid.lib.national_id import clean

MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"(0\d{2,3}-?)?\d{7,8}")


def looks_right(phone):
    """A mobile number, or a landline with or without its area."""
    return bool(MOBILE.fullmatch(clean(phone)) or LANDLINE.fullmatch(clean(phone)))


def files_with(phones, staff, *, but=None):
    """{phone: file number} of other open files that this person may see and that have the phone."""
    phones = [phone for phone in phones if phone]
    if not phones:
        return {}
    households = Household.objects.visible_to(staff).open().filter(phone__in=phones)
    members = (
        Member.objects.visible_to(staff)
        .present()
        .filter(household__status=Household.Status.OPEN, phone__in=phones)
    )
    if but is not None:
        households, members = households.exclude(pk=but), members.exclude(household=but)
    found = dict(members.order_by("-pk").values_list("phone", "household__code"))
    return found | dict(households.order_by("-pk").values_list("phone", "code"))
