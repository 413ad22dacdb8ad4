"""Helpers, pairs, visits and activities of the demonstration, written in sets.

Everything has the day it belongs to: a visit of 2017 was written down in 2017. The hand on the rows
is given by `acting`, as in `writing`.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.db import transaction

from households.models import Enrolment, Household, Member
from pairings.models import (
    Activity,
    Attendance,
    Helper,
    Pairing,
    PairingHelper,
    ServiceKind,
    Visit,
    VisitItem,
)
from povertyaid.audit.history import acting
from povertyaid.audit.models import record
from povertyaid.lib import pinyin
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.programmes.models import Programme
from reports.demo.copying import put
from reports.demo.people import FEMALE, MALE, Registry, lot, workday
from reports.demo.writing import office_hours

#: What a visit writes down about each thing done.
NOTES: dict[str, Sequence[str]] = {
    ServiceKind.PROBLEM: (
        "房屋漏雨，协调维修队修补", "电线老化，请电工更换", "冬季取暖煤不足，协调拉运",
        "孩子入学手续不全，代为办理", "慢性病卡到期，陪同换证", "院墙倒塌，组织人手重砌",
        "粮食难卖，联系收粮点", "秧苗短缺，从育秧大棚调剂", "老人就医不便，派车接送",
        "自来水管冻裂，当天修好",
    ),
    ServiceKind.POLICY: (
        "讲解低保和医疗救助政策", "宣传助学政策", "送上优惠政策明白纸", "讲解合作医疗报销办法",
        "讲解小额贷款贴息办法",
    ),
    ServiceKind.TECHNIQUE: (
        "现场指导木耳催芽", "讲授大棚温湿度管理", "指导水稻育秧", "讲解畜禽防疫", "送农业技术手册",
    ),
    ServiceKind.CONFIDENCE: ("谈心鼓劲，介绍身边脱贫典型", "鼓励参加技术培训"),
    ServiceKind.INFORMATION: ("提供农产品收购行情", "介绍近期招工信息"),
    ServiceKind.SERVICE: ("帮助清理庭院", "代办社保手续", "帮助搬运生产物资"),
    ServiceKind.POST: ("介绍到附近企业做季节工", "推荐公益性岗位"),
    ServiceKind.PROJECT: ("商定庭院养殖项目", "协助制订种植计划"),
    ServiceKind.IDEOLOGY: ("谈心交心，消除等靠思想", "讲身边创业典型，鼓励自立自强"),
    ServiceKind.LEGAL: ("解答劳动合同纠纷", "协助申请法律援助"),
    ServiceKind.JOB_REFERRAL: ("登记求职意向，推荐用工单位",),
    ServiceKind.LIVELIHOOD: ("协助申请临时生活救助",),
    ServiceKind.FUND: ("协助申请小额贷款", "帮助落实项目启动资金"),
}  # fmt: skip
SITUATIONS = (
    "家中情况稳定，按计划推进帮扶措施。", "户主外出务工，家人在家，近期无突出困难。",
    "收入比上季度有增加，信心较足。", "老人身体欠佳，已提醒按时复查。", "生产准备就绪，缺少周转资金。",
    "生产按茬口安排，管护到位。",
)  # fmt: skip

OF_PUPILS = ("孩子学习成绩有进步，家庭负担仍重。", "孩子住校，每周回家一次，学费已缴清。")


def situation(rng: Random, members: Sequence[Member]) -> str:
    """What a visitor finds; of a child at school only where there is one."""
    has_pupil = any(one.study_stage for one in members)
    return rng.choice((*SITUATIONS, *OF_PUPILS) if has_pupil else SITUATIONS)


@dataclass
class Book:
    """What is to be written for a programme, in the order in which it can be."""

    programme: Programme
    pairs: list[Pairing] = field(default_factory=list)
    lines: list[PairingHelper] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    items: list[VisitItem] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    attendances: list[Attendance] = field(default_factory=list)

    def pair(
        self, enrolment: Enrolment, scheme: str, on: datetime.date, who: Sequence[Helper],
        **facts: Any,
    ) -> Pairing:  # fmt: skip
        """A household and those who help it; the first of them leads."""
        unit = enrolment.household.unit
        return self._pair(
            Pairing(
                programme=self.programme, unit=unit, enrolment=enrolment, scheme=scheme,
                starts_on=on, **facts,
            ),
            who,
        )  # fmt: skip

    def pair_unit(
        self, target: OrgUnit, unit: OrgUnit, scheme: str, on: datetime.date, who: Sequence[Helper]
    ) -> Pairing:
        """A unit in difficulty and those who help it; `unit` keeps the pair."""
        pair = Pairing(
            programme=self.programme, unit=unit, target_unit=target, scheme=scheme, starts_on=on
        )
        return self._pair(pair, who)

    def _pair(self, pair: Pairing, who: Sequence[Helper]) -> Pairing:
        self.pairs.append(pair)
        for nth, helper in enumerate(who):
            role = "lead" if nth == 0 else "member"
            self.lines.append(
                PairingHelper(pairing=pair, helper=helper, role=role, starts_on=pair.starts_on)
            )
        return pair

    def visit(
        self, day: datetime.date, occasion: str, by: Staff, *, household: Household | None = None,
        unit: OrgUnit | None = None, **facts: Any,
    ) -> Visit:  # fmt: skip
        """A visit to a household, or with a `headcount` those that a unit counted together."""
        visit = Visit(
            programme=self.programme, household=household, visited_on=day, occasion=occasion,
            unit=household.unit if household else unit, recorded_by=by,
            recorded_at=office_hours(day, hour=16), **facts,
        )  # fmt: skip
        self.visits.append(visit)
        return visit

    def done(
        self, visit: Visit, kind: str, times: int, rng: Random, notes: Sequence[str] = ()
    ) -> None:
        """Something done on a visit; a problem is solved within three weeks."""
        solved: dict[str, Any] = {}
        if kind == ServiceKind.PROBLEM:
            days = datetime.timedelta(days=rng.randint(0, 20))
            solved = {"solved_on": visit.visited_on + days, "solution": "已办结，户主满意"}
        note = rng.choice(notes or NOTES[kind])
        self.items.append(VisitItem(visit=visit, kind=kind, times=times, note=note, **solved))

    def activity(
        self, unit: OrgUnit, kind: str, day: datetime.date, by: Staff, *,
        members: Iterable[Member] = (), helpers: Iterable[Helper] = (), **facts: Any,
    ) -> Activity:  # fmt: skip
        """An activity with those who came by name, or with a number among its facts."""
        held = Activity(
            programme=self.programme, unit=unit, kind=kind, held_on=day, recorded_by=by,
            recorded_at=office_hours(day, hour=16), **facts,
        )  # fmt: skip
        self.activities.append(held)
        self.attendances += [Attendance(activity=held, member=one) for one in members]
        self.attendances += [Attendance(activity=held, helper=one) for one in helpers]
        return held

    @transaction.atomic
    def write(self, by: Staff) -> None:
        with acting(by):
            for rows in (
                *(self.pairs, self.lines, self.visits, self.items),
                *(self.activities, self.attendances),
            ):
                put(rows)
            self._tell(by)

    def _tell(self, by: Staff) -> None:
        """One entry of the trail for the pairs, as when an office pairs many at once."""
        schemes: dict[str, int] = {}
        for pair in self.pairs:
            schemes[pair.scheme] = schemes.get(pair.scheme, 0) + 1
        unit, code = self.programme.lead_unit, self.programme.code
        for scheme, pairs in schemes.items():
            record(unit, "paired", by=by, programme=code, scheme=scheme, pairs=pairs)


def person_helper(
    programme: Programme, unit: OrgUnit, registry: Registry, salt: str, *, name: str = "",
    **facts: Any,
) -> Helper:  # fmt: skip
    """Somebody who helps; a name by lot unless one is given."""
    rng = lot(f"helper {salt}")
    helper = Helper(programme=programme, unit=unit, phone=registry.phone(), **facts)
    return named(helper, name or registry.name(rng, FEMALE if rng.random() < 0.25 else MALE))


def unit_helper(programme: Programme, unit: OrgUnit, name: str, **facts: Any) -> Helper:
    """A unit that helps."""
    category = facts.pop("category", Helper.Category.UNIT)
    return named(
        Helper(
            programme=programme, unit=unit, kind=Helper.Kind.UNIT, category=category, **facts
        ),
        name,
    )  # fmt: skip


def named(helper: Helper, name: str) -> Helper:
    helper.name, helper.name_pinyin = name, pinyin.full(name)[:200]
    helper.name_initials = pinyin.initials(name)[:30]
    return helper


def enter(helpers: list[Helper], by: Staff) -> list[Helper]:
    """Put them on the roster."""
    with acting(by):
        return put(helpers)


def give_sign_in(helper: Helper, username: str) -> None:
    """A demonstration account belongs to this helper, under its own name."""
    staff = Staff.objects.get(username=username)
    named(helper, staff.full_name)
    helper.staff = staff


def enrolments_of(programme: Programme, *, members: bool = False) -> list[Enrolment]:
    """Those on file with their households, in the order of their file numbers."""
    rows = Enrolment.objects.counted().filter(programme=programme, household__status="open")
    rows = rows.select_related("household__unit").order_by("household__code")
    return list(rows.prefetch_related("household__members") if members else rows)


def is_helped(programme: Programme) -> bool:
    """Whether somebody has begun to enter who helps whom."""
    return Helper.objects.filter(programme=programme).exists()


def numbered_days(n: int, first: datetime.date, last: datetime.date, rng: Random) -> list[Any]:
    """So many working days, the earliest first: for meetings that are counted as they come."""
    return sorted(workday(rng, first, last) for _ in range(n))


def shares(total: int, parts: int, rng: Random, *, least: int = 1) -> list[int]:
    """So many in as many parts by lot, each at least so much; they add up to the total."""
    rest = total - least * parts
    cuts = sorted(rng.randint(0, rest) for _ in range(parts - 1))
    return [high - low + least for low, high in zip([0, *cuts], [*cuts, rest], strict=True)]
