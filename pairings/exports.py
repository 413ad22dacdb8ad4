"""Lists of helpers and of pairs as workbooks; phones with their middle hidden."""

from django.utils.translation import gettext_lazy as _

from pairings.models import PairingHelper
from povertyaid.lib import national_id
from povertyaid.web.workbook import Column

JOIN = "、"


def shown_lines(day):
    """Who is on a pair, the lead first: on a day, or now and, of a pair that ended, at its end."""
    lines = PairingHelper.objects.select_related("helper").order_by("role", "starts_on", "pk")
    return lines.on_day(day) if day else lines


def names_of(pairing):
    """The helpers the list names; `listed_lines` has been fetched."""
    return [line.helper.name for line in lines_of(pairing)]


def lines_of(pairing):
    """Of a pair that stands those on it, of one that ended those at its end."""
    last = [line for line in pairing.listed_lines if line.ends_on in {None, pairing.ends_on}]
    return last if not getattr(pairing, "day", None) else pairing.listed_lines


def mask(phone):
    return national_id.mask_phone(phone) if phone else ""


HELPERS = [
    Column(_("name"), "name"),
    Column(_("kind"), lambda row: row.get_kind_display()),
    Column(_("category of helper"), lambda row: row.get_category_display()),
    Column(_("home organisation"), "home"),
    Column(_("post or rank"), "rank"),
    Column(_("honour"), "honour"),
    Column(
        _("level of the honour"),
        lambda row: row.get_honour_level_display() if row.honour_level else "",
    ),
    Column(_("in post and local"), lambda row: _("yes") if row.in_post_local else _("no")),
    Column(_("phone"), lambda row: mask(row.phone)),
    Column(_("unit"), "unit.name"),
    Column(_("programme"), "programme.name"),
    Column(_("pairs"), "household_count", "whole"),
    Column(_("left on"), "left_on", "day"),
]
PAIRS = [
    Column(_("helped"), "target_name"),
    Column(
        _("file number"),
        lambda row: row.enrolment.household.code if row.enrolment_id else row.target_unit.code,
    ),
    Column(_("unit"), "unit.name"),
    Column(_("programme"), "programme.name"),
    Column(_("scheme"), lambda row: row.get_scheme_display()),
    Column(_("mode"), "mode_word"),
    Column(_("helpers"), lambda row: JOIN.join(names_of(row))),
    Column(
        _("phone"),
        lambda row: JOIN.join(filter(None, (mask(x.helper.phone) for x in lines_of(row)))),
    ),
    Column(_("paired on"), "starts_on", "day"),
    Column(_("ended on"), "ends_on", "day"),
]


def why(line):
    """Why this helper, or nobody, in a sentence."""
    if line.problem:
        return line.get_problem_display()
    told = line.get_reason_display()
    if line.common_id and line.steps:
        return _("%(why)s (both under %(unit)s)") % {"why": told, "unit": line.common.name}
    return told


def family_of(line):
    """What a line that is `marked_for` somebody says of its family."""
    household = line.enrolment.household
    return household.head_name if line.family_is_seen else _("now in another unit")


def helper_of(line):
    """What a line that is `marked_for` somebody says of its helper."""
    if not line.helper_id:
        return ""
    return line.helper.name if line.helper_is_seen else _("a helper of another unit")


def _seen(tell):
    """Of families that the person may see."""
    return lambda row: tell(row.enrolment) if row.family_is_seen else ""


LINES = [
    Column(_("Head of household"), family_of),
    Column(_("file number"), _seen(lambda one: one.household.code)),
    Column(_("unit"), _seen(lambda one: one.household.unit.name)),
    Column(_("category"), _seen(lambda one: one.category_word)),
    Column(_("who helps"), helper_of),
    Column(_("helper's unit"), lambda row: row.helper.unit.name if row.helper_id else ""),
    Column(_("part in the pair"), lambda row: row.get_role_display() if row.helper_id else ""),
    Column(_("why"), why),
    Column(_("households before"), lambda row: row.load_before if row.helper_id else None, "whole"),
    Column(_("households after"), lambda row: row.load_after if row.helper_id else None, "whole"),
    Column(
        _("outcome"),
        lambda row: _("paired") if row.is_done else _("taken out") if row.is_out else "",
    ),
]
