"""Telling that a person is on file already, without telling more than who asks may know."""

from django.utils.translation import gettext as _

from households.models import Household


def visible_files(household_ids, staff):
    """{pk: household} of those this person may see. One query, whatever comes out."""
    return Household.objects.visible_to(staff).in_bulk(list(household_ids))


def sentence(household, staff):
    """What is said of a person who is on file: the file's number, or only that there is one.

    `household` is None for a file outside one's own units, and then every such file is told
    of in the same words.
    """
    if household is not None:
        return _(
            "This person is already in file %(code)s. A person belongs to one family: please "
            "open that file, or have the person leave it first."
        ) % {"code": household.code}
    return _(
        "This person is already on file elsewhere. Please ask %(office)s to clear up "
        "where the person belongs."
    ) % {"office": office_to_ask(staff)}


def office_to_ask(staff):
    """The unit above one's own: it sees both sides. At the top, the administrator."""
    above = staff.unit.parent
    if above is None:
        return _("the administrator of the system")
    return f"{above.name} {above.phone}".strip()
