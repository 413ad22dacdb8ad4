"""A list of helpers as an office keeps it: cadres, model workers, units, with post, honour and phone.

A row is the helper on the roster who has its identity number, else its name and phone, else its
name and home organisation; by the name alone only where there is one of that name, and then somebody
is to look at it. A blank takes nothing away, and who is not in the list stays on the roster.
"""

from collections import defaultdict

from django.utils.translation import gettext_lazy as _

from households.actions import identity
from households.roster.core.fields import Kind as Cell
from households.roster.lists import kinds
from households.roster.lists.core import Wanted
from households.roster.lists.kinds import Planned
from households.roster.places import Places
from pairings.actions import helpers
from pairings.actions.refusals import RefusedError
from pairings.models import Helper
from povertyaid.lib import pinyin
from povertyaid.lib.national_id import hide_numbers

CATEGORIES = {
    **{label: code for code, label in Helper.Category.choices if code},
    "干部": "cadre",
    "党员干部": "cadre",
    "领导干部": "cadre",
    "党政领导干部": "cadre",
    "机关干部": "cadre",
    "养殖大户": "big_grower",
    "种植大户": "big_grower",
    "私营企业家": "entrepreneur",
    "个体户": "self_employed",
    "劳模": "model_worker",
    "领导班子成员": "leader_team",
    "委员": "zone_committee",
    "土专家": "expert",
    "田秀才": "expert",
    "技术员": "expert",
    "社会人士": "society",
    "帮扶单位": "unit",
}
LEVELS = {
    **{label: code for code, label in Helper.HonourLevel.choices if code},
    "全国": "national",
    "国家": "national",
    "省": "province",
    "市": "city",
    "县": "county",
    "县级": "county",
    "区级": "county",
}
KINDS = {**{label: code for code, label in Helper.Kind.choices}, "人员": "person", "集体": "unit"}
OF_UNITS = {Helper.Category.UNIT, Helper.Category.ADVANCED_COLLECTIVE}

WANTED = (
    Wanted(
        "name", Cell.NAME,
        ("姓名", "帮扶人", "帮扶人姓名", "帮扶责任人", "帮扶干部", "干部姓名", "劳模姓名", "单位名称", "名称", "姓名或名称"),
        needed=True,
    ),
    Wanted("kind", Cell.TEXT, ("性质", "个人或单位"), codes=KINDS),
    Wanted("category", Cell.TEXT, ("类别", "人员类别", "帮扶人类别", "身份", "帮扶主体类别"), codes=CATEGORIES),
    Wanted("home", Cell.TEXT, ("工作单位", "所在单位", "单位", "帮扶单位", "帮扶人单位")),
    Wanted("rank", Cell.TEXT, ("职务", "职级", "职务职级", "职务或职级", "级别", "帮扶人职务")),
    Wanted("phone", Cell.PHONE, ("联系电话", "电话", "手机", "手机号码", "手机号", "联系方式")),
    Wanted("id_number", Cell.IDENTITY, ("身份证号", "身份证号码", "身份证", "公民身份号码", "证件号码")),
    Wanted("honour", Cell.TEXT, ("荣誉", "荣誉称号", "获得荣誉", "称号")),
    Wanted("honour_level", Cell.TEXT, ("荣誉级别", "荣誉等级", "劳模级别", "称号级别"), codes=LEVELS),
    Wanted("in_post_local", Cell.TEXT, ("在职在本地", "是否在职在本地", "在职在当地"), is_flag=True),
    Wanted("unit", Cell.TEXT, ("登记单位", "管理单位", "所属单位", "所属工会")),
)  # fmt: skip
WORDS = {
    "name": _("name"), "kind": _("kind"), "category": _("category of helper"),
    "home": _("home organisation"), "rank": _("post or rank"), "phone": _("phone"),
    "id_number": _("identity number"), "honour": _("honour"),
    "honour_level": _("level of the honour"), "in_post_local": _("in post and local"),
    "unit": _("unit that keeps the entry"),
}  # fmt: skip
SENTENCES = {
    "by_name_alone": _(
        "Only the name fits a helper on the roster. It was taken as the same person; please check, "
        "or write the phone or the home organisation beside the name."
    ),
    "several_of_the_name": _(
        "Several helpers of this name are on the roster. Please write the phone, the home "
        "organisation or the identity number beside the name."
    ),
    "helper_repeated": _(
        "This helper stands further up in the list already. Please delete one row."
    ),
    "helper_left": _(
        "This helper has left. Please put the helper back on the roster first, or delete the row."
    ),
    "helper_of_own_family": _(
        "By this identity number the helper belongs to a family that the helper looks after. Please "
        "hand that pair over first, or correct the number."
    ),
    "unit_unknown": _(
        "No unit of this name lies below the chosen one; the entry is kept by the chosen unit."
    ),
}
FIELDS = [one.name for one in WANTED if one.name != "unit"]
LONGEST = 255


def compare(rows, *, unit, programme, by, lock=False):
    """What becomes of each row, against the roster of the programme as far as `by` may see it."""
    roster = _Roster(programme, by, lock=lock)
    places = Places(unit, by)
    seen = {}
    plans = []
    for row in rows:
        plan = Planned(row, str(row.values.get("name", "")))
        plans.append(plan)
        said = row.values
        if not plan.name:
            continue
        _settle_kind(said)
        if (words := said.get("unit")) and places.find(words).pk == unit.pk and words != unit.name:
            row.note("", "unit_unknown")
        if row.refusals:
            continue
        plan.target = _match(roster, row)
        who = plan.target.pk if plan.target else _as_said(said)
        if who in seen:
            row.refusals.append(("", "helper_repeated"))
        seen[who] = row
        if plan.target and plan.target.left_on:
            row.refusals.append(("", "helper_left"))
        if not row.refusals:
            plan.changes = _changes(plan.target, said)
            _check_kin(plan)
    return plans


class _Roster:
    """The helpers of a programme, found by number, name and phone, name and home, or name."""

    def __init__(self, programme, by, *, lock):
        self.by_digest = {}
        self.by_name = defaultdict(list)
        rows = Helper.objects.visible_to(by).filter(programme=programme)
        if lock:  # in the order of keys, as everybody does
            rows = rows.select_for_update(of=("self",))
        for helper in rows.defer("id_number").order_by("pk"):
            if helper.id_digest:
                self.by_digest.setdefault(helper.id_digest, helper)
            self.by_name[helper.name].append(helper)


def _settle_kind(said):
    """A unit's category makes a unit, where the list does not say what it is."""
    if "kind" not in said and said.get("category") in OF_UNITS:
        said["kind"] = Helper.Kind.UNIT


def _match(roster, row):
    """The helper that a row means, or None; adds what is to be said about how it was found."""
    said = row.values
    digest = identity.person_digest(said["id_number"]) if said.get("id_number") else ""
    if digest in roster.by_digest:
        return roster.by_digest[digest]
    alike = roster.by_name.get(said["name"], [])
    if digest:
        alike = [one for one in alike if not one.id_digest]
    for name in ("phone", "home"):
        if found := [one for one in alike if said.get(name) and getattr(one, name) == said[name]]:
            return _only(found, row)
    # A phone or a home that differs is another person, unless the roster says nothing of it.
    alike = [
        one
        for one in alike
        if all(not said.get(n) or not getattr(one, n) for n in ("phone", "home"))
    ]
    if not alike:
        return None
    found = _only(alike, row)
    if found:
        row.warnings.append(("", "by_name_alone"))
    return found


def _only(found, row):
    here = [one for one in found if not one.left_on] or found
    if len(here) > 1:
        row.refusals.append(("", "several_of_the_name"))
        return None
    return here[0]


def _as_said(said):
    return said["name"], said.get("id_number", ""), said.get("phone", ""), said.get("home", "")


def _shown(name, value):
    """A value as the preview says it: the words of codes, numbers masked later by their digits."""
    if value in ("", None):
        return None
    match name:
        case "category":
            return dict(Helper.Category.choices)[value]
        case "kind":
            return dict(Helper.Kind.choices)[value]
        case "honour_level":
            return dict(Helper.HonourLevel.choices)[value]
        case "in_post_local":
            return "是" if value else "否"
    return hide_numbers(str(value))


def _changes(target, said):
    told = []
    for name in FIELDS:
        if name not in said:
            continue
        value = said[name]
        if name == "id_number":
            stands = target.id_digest if target else ""
            if stands != identity.person_digest(value):
                told.append((name, None if not stands else "••••", hide_numbers(str(value))))
            continue
        stands = getattr(target, name) if target else None
        if stands != value and not (target is None and name == "in_post_local" and not value):
            told.append((name, _shown(name, stands), _shown(name, value) or ""))
    return told


def _check_kin(plan):
    """A number that is new on a helper who stands on pairs must not be one of those families'."""
    if plan.target is None or "id_number" not in {name for name, _old, _new in plan.changes}:
        return
    meant = Helper(pk=plan.target.pk)
    helpers.set_number(meant, plan.row.values["id_number"])
    try:
        helpers.check_not_kin(meant, helpers.households_of(plan.target))
    except RefusedError:
        plan.row.refusals.append(("", "helper_of_own_family"))


def write(plans, *, unit, programme, by):
    """New helpers in one set; changes in sets too, each counting its helper's version up."""
    places = Places(unit, by)
    new, changed, columns = [], [], set()
    keys = [plan.target.pk for plan in plans if plan.target]
    held = Helper.objects.in_bulk(keys)  # `compare` holds them
    for plan in plans:
        said = {name: value for name, value in plan.row.values.items() if name in FIELDS}
        helper = held[plan.target.pk] if plan.target else Helper(programme=programme)
        if plan.target is None:
            words = plan.row.values.get("unit")
            helper.unit = places.find(words) if words else unit
        if number := said.pop("id_number", ""):
            helpers.set_number(helper, number)
            columns |= {"id_number", "id_digest"}
        for name, value in said.items():
            setattr(helper, name, value[:LONGEST] if isinstance(value, str) else value)
            columns.add(name)
        helper.name_pinyin = pinyin.full(helper.name)[:200]
        helper.name_initials = pinyin.initials(helper.name)[:30]
        (changed if plan.target else new).append(helper)
    Helper.objects.bulk_create(new, batch_size=1000)
    if changed:
        for helper in changed:
            helper.version += 1
        columns |= {"version", *helpers.DERIVED}
        Helper.objects.bulk_update(changed, sorted(columns), batch_size=500)


HELPERS = kinds.Kind(
    code="helpers",
    title=_("Import helpers"),
    noun=_("Helpers"),
    permissions=("pairings.add_helper", "pairings.change_helper"),
    wanted=WANTED,
    words=WORDS,
    compare=compare,
    write=write,
    space="pairings:helper-import",
    back="pairings:helper-list",
    choices={
        "kind": [label for _code, label in Helper.Kind.choices],
        "category": [label for code, label in Helper.Category.choices if code],
        "honour_level": [label for code, label in Helper.HonourLevel.choices if code],
        "in_post_local": ["是", "否"],
    },
    sentences=SENTENCES,
    doubts=frozenset(["by_name_alone"]),
)


def register():
    kinds.register(HELPERS)
