"""S1: a city's second round of “one helps one”, with the figures that were printed about it.

7,800 workers in special difficulty in ten counties and 104 units of the city, all out of poverty by
the end of 2005; 7,766 cadres, each leading one pair; 2,180 people of society and 1,230 units beside
them; 753 enterprises in difficulty; classes, meetings and festival visits. Nearly everything is
drawn by lot: the report tells one family. Of the first round nothing was printed, and nothing is
invented: its programme stands without records.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from django.db import transaction

from households.models import Enrolment, Member
from pairings.models import Helper, Occasion, ServiceKind
from povertyaid.lib import pinyin
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme, Target
from reports.demo import helping
from reports.demo.cases import Plan, Told, draw
from reports.demo.copying import put
from reports.demo.hands import Hands
from reports.demo.helping import Book
from reports.demo.people import Registry, lot, workday
from reports.demo.setup import description
from reports.demo.writing import Case, Status, write

Day = datetime.date
CITY_AREA = "239931"  # of the identity numbers in the units of the city
OF_A_CITY_UNIT = 13  # workers looked after by each of the 104 units of the city
BASES = 37


@dataclass(frozen=True)
class Numbers:
    """How many of each; `PRINTED` is what the report says, and a test takes fewer."""

    workers: int = 7_800
    cadres: int = 7_766
    units: int = 1_230
    society: int = 2_180
    enterprises: int = 753
    festival_visits: int = 19_860
    city_units: int = 104


PRINTED = Numbers()
PLAN = Plan(
    category="hardship_worker",
    identified=(Day(2004, 1, 8), Day(2004, 3, 19)),
    before=(700, 1_450),
    causes=(
        *("laid_off", "laid_off", "laid_off", "no_skill", "no_skill", "low_employability"),
        *("age", "illness", "chronic", "disabled", "schooling", "no_capital"),
    ),
    exited=(Day(2004, 9, 6), Day(2005, 12, 20)),
    at_exit=(3_200, 6_800),
    status="consolidating",
    exit_note="已实现就业，收入稳定，经包扶单位核实同意脱贫。",
    wage_share=0.6,
)
PAIRED = (Day(2004, 3, 22), Day(2004, 5, 14))
RANKS = (
    "书记",
    "副书记",
    "主任",
    "副主任",
    "局长",
    "副局长",
    "科长",
    "副科长",
    "纪检组长",
    "工会主席",
)
SOCIETY_OF_A_HUNDRED = {
    Helper.Category.MODEL_WORKER: (14, "劳动模范"),
    Helper.Category.ENTREPRENEUR: (31, "私营企业主"),
    Helper.Category.SELF_EMPLOYED: (33, "个体工商户"),
    Helper.Category.DEMOCRATIC_PARTY: (8, "民主党派成员"),
    Helper.Category.SOCIETY: (14, "社会各界人士"),
}
EVERY_NTH_WITH_A_UNIT = 30
#: New Year and the Spring Festival of 2006.
FESTIVALS = ((Day(2005, 12, 26), Day(2005, 12, 31)), (Day(2006, 1, 16), Day(2006, 1, 27)))
EVERY_NTH_BY_NAME = 3
CLASSES, ATTENDANCE, CLASSES_BY_NAME = 834, 6_765, 12
MEETINGS = (
    ("standing_committee", "市委常委会议专题研究“一帮一”工作", 4),
    ("leading_group", "“一帮一”扶贫解困工程领导小组会议", 6),
)
LARGE = (
    ("第二轮城市“一帮一”扶贫解困工程动员大会", Day(2004, 3, 18), 620),
    ("“一帮一”经验交流会暨首批安置特困职工就业仪式大会", Day(2004, 9, 16), 480),
    ("献爱心募捐义演大会", Day(2005, 4, 28), 900),
    ("“一帮一”工作电视电话会议", Day(2005, 8, 11), 1_150),
    ("“一帮一”工作推进会议", Day(2006, 4, 6), 350),
)
FIVE = (
    *(ServiceKind.POST, ServiceKind.INFORMATION, ServiceKind.TECHNIQUE, ServiceKind.FUND),
    *(ServiceKind.SERVICE, ServiceKind.IDEOLOGY, ServiceKind.PROBLEM),
)
FOUND = (
    "已找到工作，收入按月发放，家庭生活好转。", "下岗后打零工，收入不稳定，已登记求职意向。",
    "小店刚开张，生意尚可，缺少周转资金。", "家中有病人，开支大，已告知医疗救助办法。",
    "参加技能培训班，学习认真。", "养殖项目进展顺利，预计下半年见效。",
)  # fmt: skip
SHOWN = ("传授裁剪手艺", "指导家电维修", "讲解养殖技术", "介绍烹饪培训班，帮助报名")
ROUTINE_AT = "S1-BL"  # where visits of every day are on file, too


@dataclass(frozen=True)
class Place:
    """A county or a unit of the city, with as many workers as it looks after."""

    code: str
    name: str
    workers: int
    area: str  # of the identity numbers


def build(programme: Programme, numbers: Numbers = PRINTED) -> int:
    """Write what is not there yet; answers how many households were written."""
    _units(numbers)
    hands = Hands("S1")
    places = list(_places(numbers))
    registries = {area: Registry(area, crowd=True) for area in {one.area for one in places}}
    cases = list(_cases(places, registries, hands))
    written = sum(
        len(write(theirs, programme, by=clerk)) for clerk, theirs in hands.by_clerk(cases)
    )
    last = max(case.exited_on for case in cases if case.exited_on)
    Target.objects.filter(programme=programme, code="T1", achieved_on=None).update(achieved_on=last)
    if not helping.is_helped(programme):
        _help(programme, numbers, places, hands)
    return written


# --- units ----------------------------------------------------------------------------------------


def counties() -> list[dict[str, Any]]:
    return [one for one in description("S1")["units"][0]["children"] if one["kind"] == "county"]


def _units(numbers: Numbers) -> None:
    """Units of the city, enterprises in difficulty and training bases, as far as they are missing."""
    told = description("S1")
    city = OrgUnit.objects.get(code="S1")
    above = OrgUnit.objects.in_bulk([one["code"] for one in counties()], field_name="code")
    units = [
        _unit(f"S1-D{nth:03d}", name, "unit", city, level="unit")
        for nth, name in enumerate(told["city_units"][: numbers.city_units], start=1)
    ]
    trades = [*told["enterprise_trades"], *(f"第二{one}" for one in told["enterprise_trades"])]
    names = [(code, trade) for trade in trades for code in sorted(above)][: numbers.enterprises]
    for nth, (code, trade) in enumerate(names, start=1):
        county = above[code]
        units.append(
            _unit(
                f"{code}-Q{nth:03d}", f"{county.name}{trade}", "enterprise", county,
                keeps_files=False, in_difficulty=True,
            )
        )  # fmt: skip
    crafts = told["training_crafts"]
    for nth in range(BASES):
        county = above[sorted(above)[nth % len(above)]]
        craft = crafts[(nth // len(above) + nth) % len(crafts)]
        units.append(
            _unit(
                f"{county.code}-PX{nth + 1:02d}", f"{county.name}{craft}培训实习基地",
                "training_base", county, keeps_files=False,
            )
        )  # fmt: skip
    there = set(OrgUnit.objects.within(city).values_list("code", flat=True))
    put(unit for unit in units if unit.code not in there)


def _unit(code: str, name: str, kind: str, parent: OrgUnit, **facts: Any) -> OrgUnit:
    return OrgUnit(
        code=code, name=name, kind=kind, parent=parent, path=f"{parent.path}{code}/",
        name_pinyin=pinyin.full(name)[:300], name_initials=pinyin.initials(name)[:60], **facts,
    )  # fmt: skip


# --- households -----------------------------------------------------------------------------------


def _places(numbers: Numbers) -> Iterator[Place]:
    in_city = description("S1")["city_units"][: numbers.city_units]
    rest = numbers.workers - OF_A_CITY_UNIT * len(in_city)
    all_counties = counties()
    for nth, county in enumerate(all_counties):
        n = rest // len(all_counties) + (nth < rest % len(all_counties))
        yield Place(county["code"], county["name"], n, f"2399{21 + nth}")
    for nth, name in enumerate(in_city, start=1):
        yield Place(f"S1-D{nth:03d}", name, OF_A_CITY_UNIT, CITY_AREA)


def _cases(places: list[Place], registries: dict[str, Registry], hands: Hands) -> Iterator[Case]:
    told = {one["code"]: one for one in description("S1")["cases"]}
    trades = description("S1")["enterprise_trades"]
    for place in places:
        for number in range(1, place.workers + 1):
            code = f"{place.code}-{number:06d}"
            one = told.get(code)
            case = draw(
                PLAN, code, place.code, registries[place.area], hands,
                employer=f"{place.name}{trades[number % len(trades)]}",
                address=place.name if place.area != CITY_AREA else "绥化市区",
                told=_told(one) if one else None,
            )  # fmt: skip
            if one:
                case.statuses = [
                    Status("chronic_illness", Day(2001, 6, 1), 1),
                    Status("self_reliance_model", Day(2005, 12, 1), 0),
                ]
            yield case


def _told(one: dict[str, Any]) -> Told:
    return Told(
        shape=tuple(one["shape"]), head=one["head"], sex=one["sex"],
        born=Day.fromisoformat(one["born"]), causes=one["causes"], attitude=one["attitude"],
        note=one["note"],
    )  # fmt: skip


# --- who helps ------------------------------------------------------------------------------------


@transaction.atomic
def _help(programme: Programme, numbers: Numbers, places: list[Place], hands: Hands) -> None:
    clerk = hands.clerk("S1")
    at = OrgUnit.objects.within(programme.lead_unit).in_bulk(
        [place.code for place in places], field_name="code"
    )
    families = helping.enrolments_of(programme)
    crowd = Registry("239932", crowd=True)
    # A few, spread over the places, are led by somebody of society instead of a cadre.
    n = numbers.workers - numbers.cadres
    others = families[:: len(families) // n][:n]
    keys = {one.pk for one in others}
    led = [one for one in families if one.pk not in keys]
    cadres = [
        helping.person_helper(
            programme, family.household.unit, crowd, f"S1 cadre {nth}", in_post_local=True,
            category=Helper.Category.CADRE, home=family.household.unit.name,
            rank=RANKS[nth % len(RANKS)],
        )
        for nth, family in enumerate(led)
    ]  # fmt: skip
    helping.give_sign_in(cadres[0], "s1-helper")
    society = _society(programme, numbers.society, places, at, crowd)
    units = _helping_units(programme, numbers, at)
    helping.enter([*cadres, *society, *units], clerk)

    book = Book(programme)
    _pair(book, led, cadres, others, society, units)
    _pair_enterprises(book, programme, units)
    _visit(book, numbers.festival_visits, families, places, at, hands)
    _gather(book, programme, families, hands)
    book.write(clerk)


def _society(
    programme: Programme, n: int, places: list[Place], at: dict[str, OrgUnit], registry: Registry
) -> list[Helper]:
    kinds = list(SOCIETY_OF_A_HUNDRED)
    weights = [n for n, _word in SOCIETY_OF_A_HUNDRED.values()]
    in_counties = [place for place in places if place.area != CITY_AREA]
    found = []
    for i in range(n):
        place = in_counties[i % len(in_counties)]
        category = lot(f"S1 society {i}").choices(kinds, weights)[0]
        found.append(
            helping.person_helper(
                programme, at[place.code], registry, f"S1 society {i}", category=category,
                home=f"{place.name}{SOCIETY_OF_A_HUNDRED[category][1]}", in_post_local=True,
            )
        )  # fmt: skip
    return found


def _helping_units(programme: Programme, numbers: Numbers, at: dict[str, OrgUnit]) -> list[Helper]:
    """The units of the city, and bodies of the counties."""
    told = description("S1")
    units = [
        helping.unit_helper(programme, at[f"S1-D{nth:03d}"], name)
        for nth, name in enumerate(told["city_units"][: numbers.city_units], start=1)
    ]
    for body in (*told["county_bodies"], *told["county_schools"]):
        for county in counties():
            if len(units) < numbers.units:
                name = f"{county['name']}{body}"
                units.append(helping.unit_helper(programme, at[county["code"]], name))
    return units


def _pair(
    book: Book,
    led: list[Enrolment],
    cadres: list[Helper],
    others: list[Enrolment],
    society: list[Helper],
    units: list[Helper],
) -> None:
    """Each cadre leads one pair; the very poor have a second helper, some a unit beside."""
    beside: dict[int, list[Helper]] = {}
    for nth, one in enumerate(society[len(others) // 2 :]):
        # Spread over the pairs of all units; every twentieth goes where one is already.
        with_another = nth % 20 == 19
        beside.setdefault((nth - with_another) * 3 % len(led), []).append(one)
    of_unit: dict[int, list[Helper]] = {}
    for one in units:
        of_unit.setdefault(one.unit_id, []).append(one)
    for nth, (family, cadre) in enumerate(zip(led, cadres, strict=True)):
        who = [cadre, *beside.get(nth, [])]
        if nth % EVERY_NTH_WITH_A_UNIT == EVERY_NTH_WITH_A_UNIT - 1:
            near = of_unit[family.household.unit_id]
            who.append(near[nth % len(near)])
        book.pair(family, "one_to_one", _paired_on(family), who)
    for nth, family in enumerate(others):
        book.pair(family, "one_to_one", _paired_on(family), [society[nth // 2]])


def _paired_on(family: Enrolment) -> Day:
    return workday(lot(f"{family.household.code} paired"), *PAIRED)


def _pair_enterprises(book: Book, programme: Programme, units: list[Helper]) -> None:
    """Every enterprise in difficulty has a body of its county, or a unit of the city."""
    of_unit: dict[int, list[Helper]] = {}
    for one in units:
        of_unit.setdefault(one.unit_id, []).append(one)
    of_city = [one for one in units if one.unit.code.startswith("S1-D")]
    enterprises = OrgUnit.objects.within(programme.lead_unit).filter(
        kind="enterprise", in_difficulty=True
    )
    for nth, enterprise in enumerate(enterprises.select_related("parent").order_by("code")):
        near = of_unit[enterprise.parent_id]
        who = [near[nth % len(near)]]
        if nth % 12 == 11:
            who.append(of_city[nth % len(of_city)])
        on = workday(lot(f"{enterprise.code} paired"), *PAIRED)
        book.pair_unit(enterprise, enterprise.parent, "enterprise", on, who)


# --- visits and activities ------------------------------------------------------------------------


def _visit(
    book: Book,
    festival_visits: int,
    families: list[Enrolment],
    places: list[Place],
    at: dict[str, OrgUnit],
    hands: Hands,
) -> None:
    lead = {line.pairing.enrolment_id: line.helper for line in book.lines if line.role == "lead"}
    for nth, family in enumerate(families):
        household, helper = family.household, lead[family.pk]
        clerk, rng = hands.clerk(household.unit.code), lot(f"{household.code} visits")
        if nth % EVERY_NTH_BY_NAME == 0:
            book.visit(
                workday(rng, *FESTIVALS[nth % 2]), Occasion.FESTIVAL, clerk, household=household,
                helper=helper, situation="“两节”送温暖，送去米面油和慰问金。",
            )  # fmt: skip
        if household.unit.code == ROUTINE_AT and nth % 2 == 0:
            _visit_often(book, household, helper, clerk, rng)
    rng = lot("S1 festival")
    named = sum(one.occasion == Occasion.FESTIVAL for one in book.visits)
    counted = [(place, season) for place in places for season in FESTIVALS]
    weights = [max(2, place.workers // 8) for place, _season in counted]
    rest = festival_visits - named
    numbers = [weight * rest // sum(weights) for weight in weights]
    numbers[0] += rest - sum(numbers)
    for (place, season), n in zip(counted, numbers, strict=True):
        book.visit(
            workday(rng, *season), Occasion.FESTIVAL, hands.clerk(place.code), unit=at[place.code],
            headcount=n, situation="各级领导干部走访慰问困难职工，由本单位汇总。",
        )  # fmt: skip


def _visit_often(book: Book, household: Any, helper: Helper, clerk: Any, rng: Random) -> None:
    for first, last in (
        (Day(2004, 6, 1), Day(2004, 8, 31)),
        (Day(2005, 3, 1), Day(2005, 6, 30)),
        (Day(2006, 4, 3), Day(2006, 9, 29)),
    ):
        visit = book.visit(
            workday(rng, first, last), Occasion.ROUTINE, clerk, household=household, helper=helper,
            situation=rng.choice(FOUND),
        )  # fmt: skip
        kind = rng.choice(FIVE)
        book.done(visit, kind, 1, rng, SHOWN if kind == ServiceKind.TECHNIQUE else ())


def _gather(book: Book, programme: Programme, families: list[Enrolment], hands: Hands) -> None:
    rng, clerk = lot("S1 gather"), hands.clerk("S1")
    units = OrgUnit.objects.in_bulk(
        ["S1", "S1-LDXZ", "S1-ZGH", "S1-QG", "S1-BF"], field_name="code"
    )
    for topic, title, n in MEETINGS:
        days = helping.numbered_days(n, Day(2004, 2, 2), Day(2006, 9, 28), rng)
        for nth, day in enumerate(days, start=1):
            book.activity(
                units["S1-LDXZ"], "meeting", day, clerk, topic=topic,
                title=f"{title}（第{nth}次）", headcount=rng.randint(14, 45),
            )  # fmt: skip
    for title, day, people in LARGE:
        book.activity(
            units["S1-LDXZ"], "meeting", day, clerk, topic="large", title=title, headcount=people
        )
    book.activity(
        units["S1-ZGH"], "fundraiser", Day(2005, 4, 28), clerk, headcount=900,
        title="“为万名特困职工和贫困劳模献爱心”募捐义演", beneficiary_group="public",
    )  # fmt: skip
    book.activity(
        units["S1-QG"], "activity_month", Day(2005, 5, 9), clerk, title="“一帮一”活动月",
        sessions=1, headcount=410,
    )  # fmt: skip
    for nth, county in enumerate(counties()):
        place = OrgUnit.objects.get(code=county["code"])
        for kind, title, month in (
            ("report_tour", "“一帮一”先进事迹巡回报告会", 6),
            ("talk_tour", "“自立自强、创业致富”专题巡回宣讲", 9),
        ):
            book.activity(
                place, kind, workday(rng, Day(2005, month, 1), Day(2005, month, 28)), clerk,
                title=title, headcount=rng.randint(120, 380), sessions=1 + nth % 2,
            )  # fmt: skip
    _train(book, programme, families, hands, rng)


def _train(
    book: Book, programme: Programme, families: list[Enrolment], hands: Hands, rng: Random
) -> None:
    """834 classes of some eight people each; a few of them with the list of who came."""
    bases = list(
        OrgUnit.objects.within(programme.lead_unit).filter(kind="training_base").order_by("code")
    )
    courses = helping.shares(CLASSES, CLASSES // 3, rng)
    listed = _listed(families)
    people = ATTENDANCE - sum(len(members) for members in listed)
    seats = [n * people // CLASSES for n in courses[len(listed) :]]
    seats[0] += people - sum(seats)
    for nth, sessions in enumerate(courses):
        base = bases[nth % len(bases)]
        craft = base.name.removesuffix("培训实习基地")
        came: dict[str, Any] = (
            {"members": listed[nth]}
            if nth < len(listed)
            else {"headcount": seats[nth - len(listed)]}
        )
        day = workday(rng, Day(2004, 4, 5), Day(2006, 9, 29))
        book.activity(
            base, "training", day, hands.clerk(base.code), title=f"{craft}培训班",
            sessions=sessions, **came,
        )  # fmt: skip


def _listed(families: list[Enrolment]) -> list[list[Member]]:
    """The workers of some families, in groups of nine: who came by name."""
    chosen = [one.principal_id for one in families[::71]][: CLASSES_BY_NAME * 9]
    members = list(Member.objects.filter(pk__in=chosen).order_by("pk"))
    return [members[nth : nth + 9] for nth in range(0, len(members), 9)]
