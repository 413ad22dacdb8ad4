"""What each doubt that a clerk confirmed is called in the audit trail, which keeps its code."""

from django.utils.translation import gettext_lazy as _

DOUBTS = {
    "check_digit": _("check character"),
    "sex_number": _("sex against number"),
    "birth_number": _("birth date against number"),
    "relation_sex": _("relation against sex"),
    "couple": _("head and spouse of one sex"),
    "study_age": _("age against schooling"),
    "minor_labour": _("age against ability to work"),
    "no_number": _("member without a number"),
    "size": _("persons stated and listed"),
    "phone": _("shape of a phone number"),
    "shared_phone": _("phone of another file"),
    "no_income": _("income of zero"),
    "far_out": _("income far above the line"),
    "line_not_met": _("line not reached"),
    "out_of_programme": _("outside the programme's reach"),
}
