"""A list of payments as a workbook: who got what, when, from which fund.

A row finds its family by the identity number, else by the file number, else by the head's name where
only one family of the programme has it, and then somebody is to look at it. A row that stands in the
ledger already (same family, kind, form, amount and day) changes nothing, so a list brought twice pays
nobody twice.
"""

import datetime
from collections import defaultdict
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from disbursements.models import Disbursement, Form, Fund, words
from households.actions import identity
from households.models import Enrolment, Household, Member
from households.roster.core.fields import Kind as Cell
from households.roster.lists import kinds
from households.roster.lists.core import Wanted
from households.roster.lists.kinds import Planned
from povertyaid.lib.money import format_yuan
from povertyaid.lib.national_id import hide_numbers
from povertyaid.programmes.models import SchemeItem

FORMS = {label: code for code, label in Form.choices} | {
    "现金发放": "cash", "资金": "cash", "物资": "goods", "代缴": "premium", "项目": "invest",
    "无偿使用": "use",
}  # fmt: skip
KINDS = {label: code for code, label in words.AID_KINDS.items()} | {
    "慰问金": "consolation", "慰问": "consolation", "低保": "dibao", "大病救助": "illness_relief",
    "助学金": "study_grant", "金秋助学": "study_grant", "取暖补贴": "heating", "贴息": "interest_subsidy",
}  # fmt: skip

WANTED = (
    Wanted("head", Cell.NAME, ("姓名", "户主", "户主姓名", "领取人", "职工姓名"), needed=True),
    Wanted("id_number", Cell.IDENTITY, ("身份证号", "身份证号码", "身份证", "公民身份号码", "证件号码")),
    Wanted("code", Cell.CODE, ("户编号", "档案编号", "家庭编号", "户号", "建档编号")),
    Wanted("kind", Cell.TEXT, ("帮扶类别", "救助类别", "项目", "帮扶项目", "发放项目", "资金类别"), needed=True),
    Wanted("form", Cell.TEXT, ("形式", "发放形式", "帮扶形式"), codes=FORMS),
    Wanted("amount", Cell.MONEY, ("金额", "发放金额", "救助金额", "帮扶金额", "慰问金额", "折价"), needed=True),
    Wanted("paid_on", Cell.DATE, ("日期", "发放时间", "发放日期", "救助时间", "帮扶时间"), needed=True),
    Wanted("fund", Cell.TEXT, ("资金来源", "资金渠道", "来源")),
    Wanted("budget_line", Cell.TEXT, ("账目", "科目", "预算科目")),
    Wanted("note", Cell.NOTE, ("备注", "说明")),
)  # fmt: skip
WORDS = {
    "head": _("name"), "id_number": _("identity number"), "code": _("file number"),
    "kind": _("kind of aid"), "form": _("form"), "amount": _("amount"), "paid_on": _("given on"),
    "fund": _("fund"), "budget_line": _("line of the account"), "note": _("note"),
}  # fmt: skip
SENTENCES = {
    "family_unknown": _(
        "No family of this programme among yours fits this row. Please compare name and number with "
        "the file; a family that is not enrolled has to be enrolled first."
    ),
    "family_by_name": _(
        "Only the head's name fits a family. It was taken as meant; please check, or write the file "
        "number or the identity number beside the name."
    ),
    "families_of_the_name": _(
        "Several families of the programme have a head of this name. Please write the file number or "
        "the identity number."
    ),
    "kind_unknown": _(
        "This kind of aid is neither one of the office's nor one of the programme's. Please choose "
        "one from the list, or have it added to the programme's list 帮扶项目类别."
    ),
    "fund_unknown": _(
        "No open fund is called so. The row goes in without a fund; please check it."
    ),
    "day_incomplete": _("The day must be complete: year, month and day."),
    "day_to_come": _("This day lies in the future. Please check the year."),
    "amount_not_positive": _("The amount must be above zero."),
    "outside_the_file": _(
        "On that day the family's file was not open. Please check the day, or reopen the file first."
    ),
    "payment_repeated": _(
        "The same payment stands further up in the list. If it was really made twice, please give "
        "the second its own day or write a note."
    ),
    "again_soon": _(
        "The family got this kind of aid within the last thirty days. It was kept; please check that "
        "it is not the same payment."
    ),
    "unusual": _(
        "The amount is ten times what this kind of aid has ever been. Please check whether 元 or 万元 "
        "was meant."
    ),
}
ENOUGH_TO_COMPARE, FAR_ABOVE = 5, 10
SOON = datetime.timedelta(days=30)


class _Files:
    """The families of a programme as far as one may see, found by number, code or head's name."""

    def __init__(self, rows, programme, by):
        digests = {
            identity.person_digest(row.values["id_number"])
            for row in rows
            if row.values.get("id_number")
        }
        members = Member.objects.present().filter(id_digest__in=digests).defer("id_number")
        self.of_digest = {one.id_digest: one for one in members.order_by("pk")}
        heads = {row.values.get("head") for row in rows}
        codes = {row.values.get("code") for row in rows}
        enrolled = Enrolment.objects.visible_to(by).counted().filter(programme=programme)
        wanted = Household.objects.filter(enrolments__in=enrolled.order_by().values("pk"))
        wanted = wanted.select_related("unit").defer("bank_account", "note")
        found = list(
            wanted.filter(pk__in={one.household_id for one in members})
            | wanted.filter(head_name__in=heads)
            | wanted.filter(code__in=codes)
        )
        self.by_key = {one.pk: one for one in found}
        self.by_code = {one.code: one for one in self.by_key.values()}
        self.by_head = defaultdict(list)
        for one in self.by_key.values():
            self.by_head[one.head_name].append(one)

    def find(self, row):
        """(family, member) of a row; adds what is to be said."""
        said = row.values
        if said.get("id_number"):
            member = self.of_digest.get(identity.person_digest(said["id_number"]))
            if member and member.household_id in self.by_key:
                return self.by_key[member.household_id], member
        if said.get("code") in self.by_code:
            return self.by_code[said["code"]], None
        if not (said.get("id_number") or said.get("code")):
            alike = self.by_head.get(said.get("head"), [])
            alike = [one for one in alike if one.is_open] or alike
            if len(alike) == 1:
                row.warnings.append(("", "family_by_name"))
                return alike[0], None
            if alike:
                row.refusals.append(("", "families_of_the_name"))
                return None, None
        row.refusals.append(("", "family_unknown"))
        return None, None


class _Past:
    """What the ledger says already of the families of a list."""

    def __init__(self, families, programme):
        self.rows = defaultdict(list)
        rows = Disbursement.objects.counted().filter(programme=programme, household__in=families)
        for one in rows.order_by("paid_on"):
            self.rows[one.household_id, one.kind].append(one)
        self.most, self.n = defaultdict(Decimal), defaultdict(int)
        for key, paid in self.rows.items():
            self.n[key[1]] += len(paid)
            self.most[key[1]] = max(self.most[key[1]], *(one.amount for one in paid))

    def same(self, row):
        return next(
            (
                one
                for one in self.rows.get((row.household_id, row.kind), ())
                if (one.form, one.amount, one.paid_on) == (row.form, row.amount, row.paid_on)
            ),
            None,
        )

    def is_soon(self, row):
        return any(
            abs(one.paid_on - row.paid_on) <= SOON
            for one in self.rows.get((row.household_id, row.kind), ())
        )


def compare(rows, *, unit, programme, by, lock=False):
    """What becomes of each row: a new row of the ledger, or one that stands there already."""
    files = _Files(rows, programme, by)
    own = SchemeItem.objects.filter(programme=programme, list_name=words.KINDS_LIST)
    known = KINDS | {label: label for label in own.values_list("label", flat=True)}
    funds = {one.name: one for one in Fund.objects.payable_by(by)}
    plans, made = [], []
    for row in rows:
        plan = Planned(row, str(row.values.get("head", "")))
        plans.append(plan)
        made.append(_row_of(row, files, known, funds, programme) if plan.name else None)
    if lock:  # in the order of keys, as everybody does
        keys = {one.household_id for one in made if one}
        held = Household.objects.select_for_update(of=("self",)).filter(pk__in=keys)
        list(held.order_by("pk").values_list("pk", flat=True))
    past = _Past({one.household_id for one in made if one}, programme)
    seen = set()
    for plan, one in zip(plans, made, strict=True):
        if one is None or plan.row.refusals:
            continue
        _weigh(plan, one, past, seen)
    return plans


def _row_of(row, files, known, funds, programme):
    """The ledger's row that a row of the list makes, or None where it makes none."""
    family, member = files.find(row)
    said = row.values
    kind = known.get(str(said.get("kind", "")))
    if kind is None:
        row.refusals.append(("", "kind_unknown"))
    day = _day(row, said.get("paid_on", ""))
    amount = Decimal(str(said.get("amount", "0")))
    form = said.get("form", Form.CASH)
    if amount <= 0 and form not in (Form.USE, Form.SERVICE):
        row.refusals.append(("", "amount_not_positive"))
    if family is None or kind is None or day is None or row.refusals:
        return None
    fund = funds.get(str(said["fund"])) if said.get("fund") else None
    if said.get("fund") and fund is None:
        row.warnings.append(("", "fund_unknown"))
    one = Disbursement(
        programme=programme, unit=family.unit, household=family, member=member, kind=kind,
        form=form, amount=amount, paid_on=day, fund=fund,
        budget_line=str(said.get("budget_line", ""))[:60], note=str(said.get("note", ""))[:255],
    )  # fmt: skip
    if day < family.opened_on or (family.closed_on and day > family.closed_on):
        row.refusals.append(("", "outside_the_file"))
    return one


def _day(row, text):
    try:
        day = datetime.date.fromisoformat(str(text))
    except ValueError:
        row.refusals.append(("", "day_incomplete"))
        return None
    if day > timezone.localdate():
        row.refusals.append(("", "day_to_come"))
        return None
    return day


def _weigh(plan, one, past, seen):
    plan.target = past.same(one)
    if plan.target:
        return
    key = (one.household_id, one.member_id, one.kind, one.form, one.amount, one.paid_on, one.note)
    if key in seen:
        plan.row.refusals.append(("", "payment_repeated"))
        return
    seen.add(key)
    if past.is_soon(one):
        plan.row.warnings.append(("", "again_soon"))
    if past.n[one.kind] >= ENOUGH_TO_COMPARE and one.amount >= FAR_ABOVE * past.most[one.kind]:
        plan.row.warnings.append(("", "unusual"))
    plan.made = one
    plan.changes = [
        ("head", None, f"{one.household.head_name} {one.household.code}"),
        ("kind", None, one.kind_word),
        ("form", None, one.get_form_display()),
        ("amount", None, f"{format_yuan(one.amount)} 元"),
        ("paid_on", None, one.paid_on.isoformat()),
        *([("fund", None, one.fund.name)] if one.fund else []),
        *([("note", None, hide_numbers(one.note))] if one.note else []),
    ]


def write(plans, *, unit, programme, by):
    """New rows in one set; `compare` holds the families."""
    rows = [plan.made for plan in plans if plan.target is None]
    for one in rows:
        one.recorded_by = by
        one.clean_fields(exclude=["recorded_at"])
    Disbursement.objects.bulk_create(rows, batch_size=1000)


PAYMENTS = kinds.Kind(
    code="payments",
    title=_("Import payments"),
    noun=_("Ledger of aid"),
    permissions=("disbursements.view_disbursement", "disbursements.change_disbursement"),
    wanted=WANTED,
    words=WORDS,
    compare=compare,
    write=write,
    space="disbursements:import",
    back="disbursements:ledger",
    choices={
        "kind": list(words.AID_KINDS.values())[:20],
        "form": [label for _code, label in Form.choices],
    },
    sentences=SENTENCES,
    doubts=frozenset(["family_by_name", "again_soon", "unusual"]),
)


def register():
    kinds.register(PAYMENTS)
