"""S3: a farm's fight against poverty in 2017, with the figures that were printed about it.

36 registered poor households with 61 people, all out of poverty by the end of 2017 with more than
6,000 元 a head; 110 cadres, three or four of them to a household (N+1); a helping day on the 5th of
every month; 187, 108 and 96 things done in 2017. In 2018 the visits go on, and what is done on them
is of other kinds. Names, addresses, incomes and days are invented.
"""

import datetime
from decimal import Decimal

from django.db import transaction

from households.models import DossierItem, Enrolment, Household
from pairings.models import Helper, Occasion, ServiceKind
from povertyaid.audit.history import acting
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme, Target
from reports.demo import helping
from reports.demo.cases import Plan, Told, draw
from reports.demo.copying import put
from reports.demo.hands import Hands
from reports.demo.helping import Book
from reports.demo.people import FEMALE, MALE, Person, Registry, child_aged, lot, workday
from reports.demo.setup import description
from reports.demo.writing import Case, Status, write

Day = datetime.date
PLAN = Plan(
    category="registered_poor",
    identified=(Day(2017, 1, 10), Day(2017, 3, 14)),
    before=(2_300, 4_900),
    causes=(
        *("by_illness", "by_illness", "by_disability", "by_disability", "by_schooling"),
        *("lack_technique", "lack_labour", "by_disaster"),
    ),
    exited=(Day(2017, 11, 20), Day(2017, 12, 27)),
    at_exit=(6_300, 14_500),
    status="consolidating",
    line=Decimal(6_000),
    exit_note="人均纯收入超过6000元，经评议公示，同意脱贫。",
    wage_share=0.25,
    head_born=(Day(1949, 1, 1), Day(1976, 12, 28)),
)
#: Persons of each household: 36 households, 61 people.
SIZES = (1,) * 16 + (2,) * 14 + (3,) * 5 + (2,)
#: Children at school, by the place of their family in the list of those with children.
PUPILS = (
    (16, "高中"), (17, "高中"), (20, "大学"), (21, "大学"), (18, "大专"), (19, "大专"), (4, ""),
    (12, "小学"), (14, "初中"),
)  # fmt: skip

CADRES = 110
OF_FOUR = 2  # two households have four cadres, the others three: 36 × 3 + 2 = 110
VOLUNTEERS = 186
PAIRED = (Day(2017, 3, 20), Day(2017, 3, 31))
RANKS = {
    "场部": ("副场长", "科长", "副科长", "工会副主席", "站长"),
    "区": ("主任", "党支部书记", "副主任"),
}
OFFICES = (
    *("场部办公室", "组织部", "宣传部", "纪委", "工会", "农业科", "财务科", "畜牧科", "社会保障科"),
    *("民政科", "教育科", "科技科", "林业科", "水务局", "农机科", "土地科", "武装部", "公安分局"),
)
FIRST_HELPING_DAY, LAST_HELPING_DAY = (2017, 4), (2018, 12)

#: Things done in 2017, as printed.
DONE = {ServiceKind.PROBLEM: 187, ServiceKind.POLICY: 108, ServiceKind.TECHNIQUE: 96}
LATER = (ServiceKind.CONFIDENCE, ServiceKind.INFORMATION, ServiceKind.SERVICE)

MEETINGS = {"部署会": 4, "推进会": 6, "汇报会": 5}
CAMPAIGNS = (
    ("认亲结对迎端午", Day(2017, 5, 26)),
    ("喜迎建党九十六、精准扶贫在行动", Day(2017, 6, 30)),
    ("慰问帮扶欢度中秋", Day(2017, 9, 29)),
    ("亲情暖寒冬", Day(2017, 12, 15)),
)
VOLUNTEERING = {"consolation": 26, "medical": 5, "farming": 4}
DEBRIEFS = (6, 6, 8, 6, 5, 5)  # Party organisations a day: 36


def build(programme: Programme) -> int:
    """Write what is not there yet; answers how many households were written."""
    hands, registry = Hands("S3"), Registry("239951")
    cases = _cases(registry, hands)
    written = sum(
        len(write(theirs, programme, by=clerk)) for clerk, theirs in hands.by_clerk(cases)
    )
    last = max(case.exited_on for case in cases if case.exited_on)
    Target.objects.filter(programme=programme, code="T1", achieved_on=None).update(achieved_on=last)
    if not helping.is_helped(programme):
        _help(programme, registry, hands)
    return written


# --- households -----------------------------------------------------------------------------------


def _cases(registry: Registry, hands: Hands) -> list[Case]:
    units = [
        unit["code"]
        for unit in description("S3")["units"][0]["children"]
        if unit["kind"] in {"zone", "community"}
    ]
    told = description("S3")["cases"]
    numbers = {unit: sum(one["code"].startswith(f"{unit}-") for one in told) for unit in units}
    cases = [_told(one, registry, hands) for one in told]
    sizes = list(SIZES)
    for case in cases:
        sizes.remove(len(case.family.persons))
    pupils = list(PUPILS)
    for i, size in enumerate(sizes):
        unit = units[i % len(units)]
        numbers[unit] += 1
        code = f"{unit}-{numbers[unit]:06d}"
        with_child = bool(pupils) and (size == 3 or (size == 2 and len(pupils) > 5))
        told_shape = _shape(size, with_child=with_child)
        case = draw(
            PLAN, code, unit, registry, hands, employer="红卫农场",
            address=hands.unit_name(unit), told=Told(shape=told_shape),
        )  # fmt: skip
        if with_child:
            case.family.persons[-1] = _pupil(case, *pupils.pop(0), registry)
        cases.append(case)
    for case in cases:
        assert case.identified_on is not None  # noqa: S101 -- a drawn case has its day
        case.statuses.append(Status("dibao", case.identified_on))
        case.target_exit_on = Day(2017, 12, 31)
        case.target_income = 6_500
    return cases


def _shape(size: int, *, with_child: bool) -> tuple[str, ...]:
    """Children are put in afterwards: a place at the end is kept for one."""
    if with_child:
        return ("户主", "孩子") if size == 2 else ("户主", "配偶", "孩子")
    return {1: ("户主",), 2: ("户主", "配偶"), 3: ("户主", "配偶", "老人")}[size]


def _pupil(case: Case, age: int, stage: str, registry: Registry) -> Person:
    """A child of this age at this stage, where the family's place for one is."""
    rng = lot(f"{case.family.code} pupil")
    sex = rng.choice((MALE, FEMALE))
    child = child_aged(rng, registry, case.family.head, Day(2017, 9, 1), age, sex)
    if stage:
        child.study_stage, child.work_status = stage, "学生"
        child.study_year = 1 if stage == "大专" else rng.randint(1, 3)
    return child


def _told(one: dict[str, str], registry: Registry, hands: Hands) -> Case:
    """The household of the report, under an invented name."""
    unit = one["code"].rsplit("-", 1)[0]
    return draw(
        PLAN, one["code"], unit, registry, hands, employer="红卫农场",
        address=hands.unit_name(unit),
        told=Told(
            shape=("户主", "配偶"), head=one["head"], sex=one["sex"],
            born=Day.fromisoformat(one["born"]), causes=["lack_technique"],
            attitude=one["attitude"], note=one["note"],
        ),
    )  # fmt: skip


# --- who helps ------------------------------------------------------------------------------------


@transaction.atomic
def _help(programme: Programme, registry: Registry, hands: Hands) -> None:
    farm = programme.lead_unit
    clerk = hands.clerk("S3")
    families = helping.enrolments_of(programme, members=True)
    cadres = _cadres(programme, registry, hands)
    volunteers = [
        helping.person_helper(
            programme, farm, registry, f"S3 volunteer {i}", category=Helper.Category.VOLUNTEER,
            home=("场团委", "红卫学校", "农场老年协会", "农场医院", "社区")[i % 5], in_post_local=True,
        )
        for i in range(VOLUNTEERS)
    ]  # fmt: skip
    helping.enter([*cadres, *volunteers], clerk)
    book = Book(programme)
    left = list(cadres)
    for nth, family in enumerate(families):
        n = 4 if nth < OF_FOUR else 3
        who, left = left[:n], left[n:]
        on = workday(lot(f"{family.household.code} paired"), *PAIRED)
        book.pair(family, "n_plus_one", on, who)
        _visit(book, family.household, who, hands)
    _share_out(book)
    _gather(book, hands, volunteers)
    book.write(clerk)
    _papers(programme, families, hands)


def _cadres(programme: Programme, registry: Registry, hands: Hands) -> list[Helper]:
    """110 cadres in such an order that each household gets its leader from the farm's head office."""
    zones = [
        unit
        for unit in OrgUnit.objects.within(programme.lead_unit).order_by("path")
        if unit.kind in {"zone", "community"}
    ]
    helpers = []
    for i in range(CADRES):
        rng = lot(f"S3 cadre {i}")
        at_zone = i % 3 == 2
        zone = zones[i // 3 % len(zones)]
        helpers.append(
            helping.person_helper(
                programme, zone if at_zone else programme.lead_unit, registry, f"S3 cadre {i}",
                category=Helper.Category.CADRE, in_post_local=True,
                home=zone.name if at_zone else OFFICES[i % len(OFFICES)],
                rank=rng.choice(RANKS["区" if at_zone else "场部"]),
            )
        )  # fmt: skip
    helping.give_sign_in(helpers[0], "s3-helper")
    return helpers


# --- visits ---------------------------------------------------------------------------------------


def _visit(book: Book, household: Household, who: list[Helper], hands: Hands) -> None:
    """On the helping day of each month one of the four goes, and somebody more at a festival."""
    clerk = hands.clerk(household.unit.code)
    rng = lot(f"{household.code} visits")
    for nth, day in enumerate(helping_days()):
        if rng.random() < 0.04:
            continue  # not everybody goes every month
        others = [one.name for one in who if one is not who[nth % len(who)]]
        book.visit(
            day, Occasion.HELPING_DAY, clerk, household=household, helper=who[nth % len(who)],
            companions=rng.choice(["", "", *others]), situation=helping.situation(rng, household.members.all()),
        )  # fmt: skip
    for title, day in CAMPAIGNS:
        book.visit(
            day, Occasion.CONSOLATION, clerk, household=household, helper=who[0],
            companions="、".join(one.name for one in who[1:]), situation=f"“{title}”活动走访慰问。",
        )  # fmt: skip
    for day in (Day(2017, 5, 17), Day(2017, 10, 18), Day(2018, 4, 18), Day(2018, 9, 12)):
        book.visit(
            day, Occasion.MEDICAL, clerk, household=household, companions="农场医院家庭医生",
            situation="免费体检，测量血压血糖，更新健康档案。",
        )  # fmt: skip


def helping_days() -> list[Day]:
    """The fifth of every month."""
    (year, month), last = FIRST_HELPING_DAY, LAST_HELPING_DAY
    days = []
    while (year, month) <= last:
        days.append(Day(year, month, 5))
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return days


def _share_out(book: Book) -> None:
    """What was done in 2017, over its helping days; afterwards what the following year brought."""
    rng = lot("S3 done")
    of_2017 = [one for one in book.visits if one.occasion == Occasion.HELPING_DAY]
    of_2017, of_2018 = (
        [one for one in of_2017 if one.visited_on.year == year] for year in (2017, 2018)
    )
    for kind, times in DONE.items():
        chosen = rng.sample(of_2017, k=times * 3 // 4)
        for visit, n in zip(chosen, helping.shares(times, len(chosen), rng), strict=True):
            book.done(visit, kind, n, rng)
    for visit in rng.sample(of_2018, k=len(of_2018) // 2):
        book.done(visit, rng.choice(LATER), 1, rng)


# --- activities -----------------------------------------------------------------------------------


def _gather(book: Book, hands: Hands, volunteers: list[Helper]) -> None:
    rng, clerk = lot("S3 gather"), hands.clerk("S3")
    units = OrgUnit.objects.in_bulk(["S3", "S3-LX", "S3-DW", "S3-YY"], field_name="code")
    year = (Day(2017, 1, 12), Day(2017, 12, 22))
    for topic, n in MEETINGS.items():
        for nth, day in enumerate(helping.numbered_days(n, *year, rng), start=1):
            book.activity(
                units["S3-LX"], "meeting", day, clerk, topic=topic,
                title=f"扶贫{topic}（第{nth}次）", place="场部会议室", headcount=rng.randint(28, 70),
            )  # fmt: skip
    for title, day in CAMPAIGNS:
        book.activity(
            units["S3"], "campaign", day, clerk, title=title, headcount=36 + rng.randint(2, 20),
            household_count=36,
        )  # fmt: skip
    for topic, n in VOLUNTEERING.items():
        title = {"consolation": "志愿慰问", "medical": "义诊服务", "farming": "助农服务"}[topic]
        for _i in range(n):
            day = workday(rng, Day(2017, 4, 10), Day(2017, 12, 28))
            book.activity(
                units["S3-YY" if topic == "medical" else "S3"], "volunteer", day, clerk, topic=topic,
                title=title, helpers=rng.sample(volunteers, k=rng.randint(6, 14)),
            )  # fmt: skip
    for nth, organisations in enumerate(DEBRIEFS):
        book.activity(
            units["S3-DW"], "debrief", Day(2017, 12, 11 + nth + 2 * (nth > 4)), clerk,
            title="脱贫攻坚党员干部专题述职会", sessions=organisations,
            headcount=organisations * rng.randint(24, 40),
            note=f"{organisations}个党组织的党员干部向职工群众述职",
        )  # fmt: skip


def _papers(programme: Programme, families: list[Enrolment], hands: Hands) -> None:
    """Every household has its doctor, its handbook and its contact card."""
    papers = []
    for nth, family in enumerate(families, start=1):
        rng = lot(f"{family.household.code} papers")
        signed = workday(rng, Day(2017, 3, 27), Day(2017, 4, 28))
        for kind, title, number in (
            ("agreement", "家庭医生签约", f"红卫医签〔2017〕{nth:03d}号"),
            ("handbook", "结对帮扶手册", f"HW-2017-{nth:03d}"),
            ("card", "对接卡", ""),
            ("health_file", "健康档案", ""),
        ):
            papers.append(
                DossierItem(
                    household=family.household, programme=programme, kind=kind, title=title,
                    number=number, issued_on=signed, complete=kind != "health_file" or nth % 9 > 0,
                )
            )  # fmt: skip
    with acting(hands.clerk("S3")):
        put(papers)
