"""What a roster said beyond our tables, kept with the enrolment until a room for it exists.

`Enrolment.kept` holds three things: `household`, the family's roster fields without a column
(helpers, payments, incomes as written, the unit's name as written, a household code that
another unit's file has as its number); `persons`, the same by
member; `columns`, the columns whose heading nobody knows, by member. The last are sealed:
nobody can say what stands in them, and often it is somebody's identity number.
"""

import base64
import json

from django.utils.translation import gettext_lazy as _

from povertyaid.lib.secrets import decrypt, encrypt

CONTEXT = "enrolment.kept.columns"

#: What the household's kept fields are called on a page, in the order in which they are read.
WORDS = {
    "code": _("household code as written"),
    "unit": _("unit as written"),
    "income_wage": _("wages as written"),
    "income_business": _("business income as written"),
    "income_property": _("property income as written"),
    "income_transfer": _("transfer income as written"),
    "business_expense": _("operating costs as written"),
    "income_total": _("total income as written"),
    "per_capita_income": _("income per person as written"),
    "per_capita_period": _("period of the income per person"),
    "helper_name": _("helper as written"),
    "helper_unit": _("helper's unit as written"),
    "helper_title": _("helper's post as written"),
    "helper_phone": _("helper's phone as written"),
    "aid_kind": _("kind of aid as written"),
    "aid_amount": _("amount of aid as written"),
    "aid_date": _("day of aid as written"),
}
PERIODS = {"month": _("month"), "year": _("year")}


def of_household(kept):
    return kept.get("household", {})


def of_person(kept, member_id):
    return kept.get("persons", {}).get(str(member_id), {})


def columns(kept):
    """{member key as text: {heading: text}} of the columns nobody knows."""
    sealed = kept.get("columns")
    if not sealed:
        return {}
    return json.loads(decrypt(base64.b64decode(sealed), context=CONTEXT))


def seal(columns):
    return base64.b64encode(encrypt(json.dumps(columns), context=CONTEXT)).decode()


def to_show(kept):
    """Heading and text of everything kept, for the file's page; known words first."""
    said = of_household(kept)
    shown = [
        (label, PERIODS.get(said[name], said[name]) if name == "per_capita_period" else said[name])
        for name, label in WORDS.items()
        if name in said
    ]
    for of_member in columns(kept).values():
        shown.extend(of_member.items())
    return shown
