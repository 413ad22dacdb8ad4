"""S4: model workers help against poverty in the summer of 2018, with the figures printed about it.

3,002 model workers by the level of their honour, 1,950 of them in post and local, 40 % of these at
work on pairs and in teams; 77 advanced collectives helping poor villages; lectures, publicity and
two schools, counted as the unions of the counties counted them. The report tells no family: all of
these are drawn by lot.
"""

import datetime
from collections.abc import Iterator
from random import Random
from typing import Any

from django.db import transaction

from pairings.models import Helper, Occasion, ServiceKind
from povertyaid.lib import pinyin
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme
from reports.demo import helping
from reports.demo.cases import Plan, draw
from reports.demo.copying import put
from reports.demo.hands import Hands
from reports.demo.helping import Book
from reports.demo.people import Registry, lot, workday
from reports.demo.setup import description
from reports.demo.writing import Case, write

Day = datetime.date
SUMMER = (Day(2018, 6, 11), Day(2018, 8, 29))
HONOURS = {
    "national": (61, ("全国劳动模范", "全国五一劳动奖章")),
    "province": (413, ("河南省劳动模范", "河南省五一劳动奖章")),
    "city": (1_255, ("驻马店市劳动模范", "驻马店市五一劳动奖章")),
    "county": (1_273, ("县区劳动模范", "县区五一劳动奖章")),
}
IN_POST_LOCAL, TAKING_PART = 1_950, 780
COLLECTIVES, COLLECTIVE_HONOURS = 77, ("工人先锋号", "五一劳动奖状")
EXPERTS = ("高级农艺师", "畜牧师", "纺织专家", "农机技师", "园艺师", "电商讲师")
WORKSHOPS, FOUNDED, WIVES_WORKSHOPS, TEAMS = 196, 161, 20, 28
VILLAGES_OF_A_COUNTY, FAMILIES_OF_A_VILLAGE = 4, 10
EVERY_NTH_HAS_TWO = 4  # model workers
IN_TEAMS = 24  # activities at which volunteers are listed by name

LECTURES = {"sessions": 298, "people": 27_438, "lifted": 17_129}
RUNAN, RUNAN_HOUSEHOLDS = "S4-RN", 2_731
PUBLICITY = {"sessions": 359, "people": 17_460}
LECTURE_ROWS, PUBLICITY_ROWS = 96, 110
PLAN = Plan(
    category="registered_poor",
    identified=(Day(2018, 6, 4), Day(2018, 6, 29)),
    before=(1_900, 3_300),
    causes=(
        *("by_illness", "by_illness", "by_disability", "lack_technique", "lack_technique"),
        *("by_schooling", "lack_labour", "low_motivation", "no_capital"),
    ),
)
#: Where model workers work, and as what.
WORK = (
    ("机械厂", ("车间主任", "班组长", "高级技师")),
    ("人民医院", ("主治医师", "护士长")),
    ("第一高中", ("教师", "教研组长")),
    ("供电公司", ("工程师", "班组长")),
    ("农业合作社", ("理事长", "农艺师")),
    ("制衣厂", ("车间主任", "总经理")),
    ("公路局", ("工程师", "养护班长")),
    ("粮食局", ("科长", "质检员")),
    ("建筑公司", ("项目经理", "工程师")),
)
DONE = (
    *(ServiceKind.TECHNIQUE, ServiceKind.POST, ServiceKind.PROJECT, ServiceKind.INFORMATION),
    *(ServiceKind.POLICY, ServiceKind.CONFIDENCE, ServiceKind.PROBLEM),
)


def build(programme: Programme) -> int:
    """Write what is not there yet; answers how many households were written."""
    _units()
    hands, registry = Hands("S4"), Registry("239961", crowd=True)
    cases = list(_cases(registry, hands))
    written = sum(
        len(write(theirs, programme, by=clerk)) for clerk, theirs in hands.by_clerk(cases)
    )
    if not helping.is_helped(programme):
        _help(programme, hands)
    return written


def counties() -> list[dict[str, Any]]:
    return [one for one in description("S4")["units"][0]["children"] if one["kind"] == "union"]


# --- units ----------------------------------------------------------------------------------------


def _units() -> None:
    """Villages, workshops, enterprises of model workers and teams, as far as they are missing."""
    told = description("S4")
    root = OrgUnit.objects.get(code="S4")
    units = list(_drawn_units(told))
    there = set(OrgUnit.objects.within(root).values_list("code", flat=True))
    put(unit for unit in units if unit.code not in there)


def _drawn_units(told: dict[str, Any]) -> Iterator[OrgUnit]:
    above = OrgUnit.objects.in_bulk(
        [*(one["code"] for one in counties()), "S4-BY-FY"], field_name="code"
    )
    codes = [one["code"] for one in counties()]
    crafts = told["crafts"]
    for nth, name in _over(codes, VILLAGES_OF_A_COUNTY * len(codes)):
        county = above[name]
        village = told["villages"][nth % len(told["villages"])]
        yield _unit(
            f"{name}-C{nth // len(codes) + 1:02d}", f"{_short(county)}{village}村", "village", county,
            level="village", in_difficulty=True,
        )  # fmt: skip
    for nth, name in _over(codes, WORKSHOPS):
        yield _unit(
            f"{name}-CJ{nth // len(codes) + 1:02d}",
            f"{_short(above[name])}{crafts[nth % len(crafts)]}扶贫车间{nth // len(codes) + 1}号",
            "workshop", above[name], keeps_files=False,
        )  # fmt: skip
    founded = FOUNDED - sum(bool(one.get("model_worker_run")) for one in _all(told["units"]))
    for nth, name in _over(codes, founded):
        is_enterprise = nth % 5 < 2
        kind, word = ("enterprise", "有限公司") if is_enterprise else ("cooperative", "专业合作社")
        craft, place = crafts[(nth * 7 + nth // len(codes)) % len(crafts)], _short(above[name])
        yield _unit(
            f"{name}-LM{nth // len(codes) + 1:02d}",
            f"{place}{'第二' if nth // len(codes) > 7 else ''}{craft}{word}", kind, above[name],
            keeps_files=False, model_worker_run=True,
        )  # fmt: skip
    for nth in range(WIVES_WORKSHOPS):
        yield _unit(
            f"S4-BY-QX{nth + 1:02d}", f"丰盈巧媳妇工程产业扶贫加工厂{nth + 1}号", "qiaoxifu_workshop",
            above["S4-BY-FY"], keeps_files=False,
        )  # fmt: skip
    teams = TEAMS - sum(one["kind"] == "volunteer_team" for one in _all(told["units"]))
    elsewhere = [code for code in codes if code != "S4-PY"]
    for nth, name in _over(elsewhere, teams):
        yield _unit(
            f"{name}-FW{nth // len(elsewhere) + 1:02d}",
            f"{_short(above[name])}劳模志愿服务{('一', '二', '三')[nth // len(elsewhere)]}队",
            "volunteer_team", above[name], keeps_files=False,
        )  # fmt: skip


def _over(codes: list[str], n: int) -> Iterator[tuple[int, str]]:
    """So many, county by county in turn."""
    return ((nth, codes[nth % len(codes)]) for nth in range(n))


def _all(units: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for unit in units:
        yield unit
        yield from _all(unit.get("children", []))


def _short(county: OrgUnit) -> str:
    return county.name.removesuffix("总工会")


def _unit(code: str, name: str, kind: str, parent: OrgUnit, **facts: Any) -> OrgUnit:
    return OrgUnit(
        code=code, name=name, kind=kind, parent=parent, path=f"{parent.path}{code}/",
        name_pinyin=pinyin.full(name)[:300], name_initials=pinyin.initials(name)[:60], **facts,
    )  # fmt: skip


# --- households -----------------------------------------------------------------------------------


def _cases(registry: Registry, hands: Hands) -> Iterator[Case]:
    for county in counties():
        for village in range(1, VILLAGES_OF_A_COUNTY + 1):
            unit = f"{county['code']}-C{village:02d}"
            for number in range(1, FAMILIES_OF_A_VILLAGE + 1):
                case = draw(
                    PLAN, f"{unit}-{number:06d}", unit, registry, hands, employer="",
                    address=hands.unit_name(unit),
                )  # fmt: skip
                case.target_exit_on = Day(2019 + number % 2, 12, 31)
                yield case


# --- who helps ------------------------------------------------------------------------------------


@transaction.atomic
def _help(programme: Programme, hands: Hands) -> None:
    clerk = hands.clerk("S4")
    at = OrgUnit.objects.within(programme.lead_unit).in_bulk(
        [one["code"] for one in counties()], field_name="code"
    )
    registry = Registry("239962", crowd=True)
    workers = list(_model_workers(programme, list(at.values()), registry))
    collectives = [
        helping.unit_helper(
            programme, unit, f"{_short(unit)}{name}", category=Helper.Category.ADVANCED_COLLECTIVE,
            honour=COLLECTIVE_HONOURS[nth % 2], honour_level=("province", "city")[nth % 2],
        )
        for nth, (unit, name) in enumerate(_collectives(list(at.values())))
    ]  # fmt: skip
    experts = [
        helping.person_helper(
            programme, programme.lead_unit, registry, f"S4 expert {nth}", rank=post,
            category=Helper.Category.EXPERT, home="驻马店市农业局" if nth % 2 else "市职业技术学院",
        )
        for nth, post in enumerate(EXPERTS * 4)
    ]  # fmt: skip
    at_work = [one for one in workers if one.in_post_local][:TAKING_PART]
    helping.give_sign_in(at_work[0], "s4-helper")
    helping.enter([*workers, *collectives, *experts], clerk)

    book = Book(programme)
    on_pairs = _pair(book, programme, at_work)
    _pair_villages(book, programme, collectives)
    _visit(book, hands)
    _gather(book, programme, at_work[on_pairs:], hands)
    book.write(clerk)


def _model_workers(
    programme: Programme, units: list[OrgUnit], registry: Registry
) -> Iterator[Helper]:
    """By level of their honour; two thirds are in post and local, to the last one."""
    levels = [level for level, (n, _words) in HONOURS.items() for _i in range(n)]
    lot("S4 levels").shuffle(levels)
    for nth, level in enumerate(levels):
        rng = lot(f"S4 worker {nth}")
        unit = units[nth % len(units)]
        is_local = nth * IN_POST_LOCAL // len(levels) < (nth + 1) * IN_POST_LOCAL // len(levels)
        place, posts = rng.choice(WORK)
        yield helping.person_helper(
            programme, unit, registry, f"S4 worker {nth}", category=Helper.Category.MODEL_WORKER,
            honour_level=level, honour=rng.choice(HONOURS[level][1]), in_post_local=is_local,
            home=f"{_short(unit)}{place}" if is_local else "",
            rank=rng.choice(posts) if is_local else "退休",
        )  # fmt: skip


def _collectives(units: list[OrgUnit]) -> Iterator[tuple[OrgUnit, str]]:
    names = (
        "供电公司",
        "人民医院",
        "公路管理局",
        "农商银行",
        "自来水公司",
        "第一高级中学",
        "邮政分公司",
        "建安公司",
    )
    return ((units[nth % len(units)], names[nth // len(units)]) for nth in range(COLLECTIVES))


def _pair(book: Book, programme: Programme, workers: list[Helper]) -> int:
    """Every family has a model worker of its county, every fourth two; answers how many are taken."""
    of_county: dict[int, list[Helper]] = {}
    for one in workers:
        of_county.setdefault(one.unit_id, []).append(one)
    taken: set[int] = set()
    for nth, family in enumerate(helping.enrolments_of(programme)):
        near = of_county[family.household.unit.parent_id]
        who = [near.pop(0)]
        if nth % EVERY_NTH_HAS_TWO == 0:
            who.append(near.pop(0))
        taken.update(one.pk for one in who)
        on = workday(lot(f"{family.household.code} paired"), Day(2018, 6, 18), Day(2018, 7, 6))
        book.pair(family, "paired_relief", max(on, family.identified_on), who)
    workers.sort(key=lambda one: one.pk not in taken)
    return len(taken)


def _pair_villages(book: Book, programme: Programme, collectives: list[Helper]) -> None:
    villages = list(
        OrgUnit.objects.within(programme.lead_unit).filter(kind="village").order_by("code")
    )
    by_county: dict[int, list[Helper]] = {}
    for one in collectives:
        by_county.setdefault(one.unit_id, []).append(one)
    for village in villages:
        near = by_county[village.parent_id]
        seq = int(village.code[-2:])
        who = near[seq - 1 :: VILLAGES_OF_A_COUNTY]
        on = workday(lot(f"{village.code} paired"), Day(2018, 6, 18), Day(2018, 7, 13))
        book.pair_unit(village, village, "village", on, who)


# --- visits and activities ------------------------------------------------------------------------


def _visit(book: Book, hands: Hands) -> None:
    leads = [
        (line.pairing, line.helper)
        for line in book.lines
        if line.role == "lead" and line.pairing.enrolment is not None
    ]
    for pair, helper in leads:
        household = pair.enrolment.household
        rng, clerk = lot(f"{household.code} visits"), hands.clerk(household.unit.code)
        for first, last in (
            (Day(2018, 7, 9), Day(2018, 7, 31)),
            (Day(2018, 8, 6), Day(2018, 8, 29)),
        ):
            if rng.random() < 0.25:
                continue
            visit = book.visit(
                workday(rng, first, last), Occasion.ROUTINE, clerk, household=household,
                helper=helper, situation=rng.choice(helping.SITUATIONS),
            )  # fmt: skip
            book.done(visit, rng.choice(DONE), 1, rng)


def _gather(book: Book, programme: Programme, speakers: list[Helper], hands: Hands) -> None:
    rng, clerk = lot("S4 gather"), hands.clerk("S4")
    told = description("S4")
    codes = [one["code"] for one in counties()]
    units = OrgUnit.objects.within(programme.lead_unit).in_bulk(
        [*codes, "S4-LX", "S4-BY-MZ", "S4-XP-JLL"], field_name="code"
    )
    for topic, day, people in (
        ("协调会", Day(2018, 6, 8), 42), ("推进会", Day(2018, 7, 5), 118), ("产业系统动员会", Day(2018, 7, 19), 96),
    ):  # fmt: skip
        book.activity(
            units["S4-LX"], "meeting", day, clerk, topic=topic, headcount=people,
            title=f"劳模助力脱贫攻坚{topic}", place="市总工会会议室",
        )  # fmt: skip
    _lecture(book, units, codes, told["lectures"], hands, rng)
    sessions = helping.shares(PUBLICITY["sessions"], PUBLICITY_ROWS, rng)
    people = _in_proportion(PUBLICITY["people"], sessions)
    for nth, (n, came) in enumerate(zip(sessions, people, strict=True)):
        unit = units[codes[nth % len(codes)]]
        book.activity(
            unit, "publicity", workday(rng, *SUMMER), hands.clerk(unit.code), sessions=n,
            headcount=came, title="劳模宣讲脱贫攻坚政策",
        )  # fmt: skip
    book.activity(
        units["S4-BY-MZ"], "vocational", Day(2018, 8, 24), hands.clerk("S4-BY"), sessions=26,
        headcount=3_120, beneficiary_group="disabled", title="残疾人免费职业培训",
    )  # fmt: skip
    book.activity(
        units["S4-XP-JLL"], "vocational", Day(2018, 8, 10), hands.clerk("S4-XP"), sessions=1,
        headcount=12, title="贫困人口电焊班",
    )  # fmt: skip
    _volunteer(book, programme, speakers, hands, rng)


def _lecture(
    book: Book,
    units: dict[str, OrgUnit],
    codes: list[str],
    titles: list[str],
    hands: Hands,
    rng: Random,
) -> None:
    """Lectures with those who came, the households, and who left poverty by what was learnt."""
    sessions = helping.shares(LECTURES["sessions"], LECTURE_ROWS, rng)
    people = _in_proportion(LECTURES["people"], sessions)
    lifted = _in_proportion(LECTURES["lifted"], sessions)
    at_runan = [n for nth, n in enumerate(sessions) if codes[nth % len(codes)] == RUNAN]
    runan = _in_proportion(RUNAN_HOUSEHOLDS, at_runan)
    for nth, (n, came, out) in enumerate(zip(sessions, people, lifted, strict=True)):
        unit = units[codes[nth % len(codes)]]
        households = runan.pop(0) if unit.code == RUNAN else came * 4 // 5
        book.activity(
            unit, "lecture", workday(rng, *SUMMER), hands.clerk(unit.code), sessions=n,
            headcount=came, household_count=households, lifted_count=out,
            title=titles[nth % len(titles)],
        )  # fmt: skip


def _in_proportion(total: int, weights: list[int]) -> list[int]:
    parts = [total * one // sum(weights) for one in weights]
    parts[0] += total - sum(parts)
    return parts


def _volunteer(
    book: Book, programme: Programme, volunteers: list[Helper], hands: Hands, rng: Random
) -> None:
    """The teams go out with those who are on no pair; who came is listed by name."""
    teams = list(
        OrgUnit.objects.within(programme.lead_unit).filter(kind="volunteer_team").order_by("code")
    )
    groups = [volunteers[nth::IN_TEAMS] for nth in range(IN_TEAMS)]
    for nth, group in enumerate(groups):
        team = teams[nth % len(teams)]
        book.activity(
            team, "volunteer", workday(rng, *SUMMER), hands.clerk(team.code), topic="farming",
            title="劳模志愿服务进村入户", helpers=group,
        )  # fmt: skip
