"""Visits and activities of S0: by name to the households on file, the others counted by the farms.

5,743 person-times of consolation in three years (5700多 were printed): before the Spring Festival
and around the first of July to those on file, by name; to other workers of the farms counted by
farm, year and season.
"""

import datetime
from collections import defaultdict

from households.models import Enrolment
from pairings.models import Occasion, PairingHelper, ServiceKind, Visit
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme
from reports.demo import helping
from reports.demo.hands import Hands
from reports.demo.helping import Book
from reports.demo.people import lot, workday

Day = datetime.date
CONSOLED = 5_743
#: First and last day of each season in which people are visited and consoled.
SEASONS = (
    (Day(2011, 1, 24), Day(2011, 1, 31), "春节"),
    (Day(2011, 6, 27), Day(2011, 7, 1), "“七一”"),
    (Day(2012, 1, 12), Day(2012, 1, 20), "春节"),
    (Day(2012, 6, 25), Day(2012, 6, 29), "“七一”"),
    (Day(2013, 1, 28), Day(2013, 2, 7), "春节"),
    (Day(2013, 6, 24), Day(2013, 7, 1), "“七一”"),
)
EVERY = datetime.timedelta(days=75)
KINDS = (
    *(ServiceKind.TECHNIQUE, ServiceKind.PROJECT, ServiceKind.INFORMATION, ServiceKind.FUND),
    *(ServiceKind.POLICY, ServiceKind.CONFIDENCE, ServiceKind.PROBLEM, ServiceKind.SERVICE),
)
CLASSES = ("水稻大棚育秧技术", "肉鸭养殖技术", "盆栽花卉栽培", "生猪防疫", "食用菌栽培", "柳编工艺")


def visit(programme: Programme, hands: Hands) -> None:
    """Write visits and activities; nothing where there are any."""
    if Visit.objects.filter(programme=programme).exists():
        return
    book = Book(programme)
    standing: dict[int, list[PairingHelper]] = defaultdict(list)
    lines = PairingHelper.objects.filter(pairing__programme=programme, role="lead")
    for line in lines.select_related("helper", "pairing").order_by("starts_on"):
        standing[line.pairing.enrolment_id].append(line)
    for family in helping.enrolments_of(programme, members=True):
        _visit(book, family, standing[family.pk], hands)
    _count_together(book, programme, hands)
    _gather(book, programme, hands)
    book.write(hands.clerk("S0"))


def _visit(book: Book, family: Enrolment, lines: list[PairingHelper], hands: Hands) -> None:
    household, members = family.household, family.household.members.all()
    rng, clerk = lot(f"{household.code} visits"), hands.clerk(household.unit.code)
    began = family.identified_on
    until = family.exited_on or Day(2013, 11, 29)

    def helper_on(day: datetime.date):
        return next((line.helper for line in lines if line.stood_on(day)), None)

    day = workday(rng, began, began + datetime.timedelta(days=20))
    while day < until:
        made = book.visit(
            day, Occasion.ROUTINE, clerk, household=household, helper=helper_on(day),
            situation=helping.situation(rng, members),
        )  # fmt: skip
        for kind in rng.sample(KINDS, k=rng.choice((0, 1, 1, 2))):
            book.done(made, kind, 1, rng)
        day = workday(rng, day + EVERY, day + EVERY + datetime.timedelta(days=30))
    for first, last, season in SEASONS:
        day = workday(rng, first, last)
        if day >= began:
            book.visit(
                day, Occasion.CONSOLATION, clerk, household=household, helper=helper_on(day),
                situation=f"{season}走访慰问，送上慰问款物。",
            )  # fmt: skip


def _count_together(book: Book, programme: Programme, hands: Hands) -> None:
    """What is left of the number, over farms and seasons."""
    rng = lot("S0 consoled")
    named = sum(one.occasion == Occasion.CONSOLATION for one in book.visits)
    farms = list(OrgUnit.objects.within(programme.lead_unit).filter(kind="farm").order_by("path"))
    places = [(farm, season) for season in SEASONS for farm in farms]
    rest = helping.shares(CONSOLED - named, len(places), rng, least=30)
    for (farm, (first, last, season)), n in zip(places, rest, strict=True):
        book.visit(
            workday(rng, first, last), Occasion.CONSOLATION, hands.clerk(farm.code), unit=farm,
            headcount=n, situation=f"{season}走访慰问困难职工、离退休职工和劳动模范，由农场工会汇总。",
        )  # fmt: skip


def _gather(book: Book, programme: Programme, hands: Hands) -> None:
    rng, bureau = lot("S0 gather"), hands.clerk("S0")
    group = OrgUnit.objects.get(code="S0-LX")
    for year in (2011, 2012, 2013):
        for title, month in (("工作部署会", 2), ("工作推进会", 7), ("工作总结会", 11)):
            book.activity(
                group, "meeting", workday(rng, Day(year, month, 6), Day(year, month, 24)), bureau,
                title=f"职工共同富裕行动{title}", topic="leading_group",
                headcount=rng.randint(35, 90),
            )  # fmt: skip
    for farm in OrgUnit.objects.within(programme.lead_unit).filter(kind="farm").order_by("path"):
        for year in (2011, 2012, 2013):
            sessions = rng.randint(1, 3)
            book.activity(
                farm, "training", workday(rng, Day(year, 3, 5), Day(year, 4, 20)),
                hands.clerk(farm.code), title=f"{rng.choice(CLASSES)}培训班", sessions=sessions,
                headcount=sessions * rng.randint(18, 45), place=f"{farm.name}文化活动中心",
            )  # fmt: skip
