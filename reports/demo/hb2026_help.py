"""Who helps in the programme of today, and what was found on the visits of this year.

Unfinished like its households: some have nobody yet, not everybody went this month, and some
problems that were raised are not solved.
"""

import datetime
from itertools import groupby

from django.db import transaction

from households.models import Enrolment
from pairings.models import Helper, Occasion, ServiceKind
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme
from reports.demo import helping
from reports.demo.hands import Hands
from reports.demo.helping import Book
from reports.demo.people import Registry, lot, workday

HELPING_DAYS = tuple(datetime.date(2026, month, 10) for month in range(3, 12))
HOUSEHOLDS_OF_A_HELPER = 2
EVERY_NTH_ALONE = 8  # has nobody yet
POSTS = ("工会副主席", "科长", "管理区副主任", "社区干部", "技术员")
KINDS = (
    *(ServiceKind.POLICY, ServiceKind.POST, ServiceKind.SERVICE, ServiceKind.CONFIDENCE),
    *(ServiceKind.PROBLEM, ServiceKind.INFORMATION),
)


@transaction.atomic
def pair_and_visit(programme: Programme, registry: Registry, hands: Hands) -> None:
    """Write helpers, pairs and visits; nothing where there are helpers."""
    if helping.is_helped(programme):
        return
    book = Book(programme)
    helped = [
        one
        for nth, one in enumerate(helping.enrolments_of(programme, members=True))
        if one.identified_on and nth % EVERY_NTH_ALONE != EVERY_NTH_ALONE - 1
    ]
    for farm, theirs in groupby(helped, key=lambda one: one.household.unit.path.split("/")[2]):
        _pair_farm(book, OrgUnit.objects.get(code=farm), list(theirs), registry, hands)
    book.write(hands.clerk("S0"))


def _pair_farm(
    book: Book, farm: OrgUnit, theirs: list[Enrolment], registry: Registry, hands: Hands
) -> None:
    n = -(-len(theirs) // HOUSEHOLDS_OF_A_HELPER)
    helpers = [
        helping.person_helper(
            book.programme, farm, registry, f"HB2026 {farm.code} {nth}", home=farm.name,
            category=Helper.Category.CADRE, rank=POSTS[nth % len(POSTS)], in_post_local=True,
        )
        for nth in range(n)
    ]  # fmt: skip
    if farm.code == "S0-HQ":
        helping.give_sign_in(helpers[0], "s0-hq-helper")
    helping.enter(helpers, hands.clerk(farm.code))
    for nth, family in enumerate(theirs):
        assert family.identified_on is not None  # noqa: S101 -- only such are paired
        helper = helpers[nth % n]
        on = family.identified_on + datetime.timedelta(days=10)
        book.pair(family, "one_to_one", on, [helper])
        _visit(book, family, on, helper, hands)


def _visit(book: Book, family: Enrolment, on: datetime.date, helper: Helper, hands: Hands) -> None:
    household = family.household
    rng, clerk = lot(f"{household.code} visits"), hands.clerk(household.unit.code)
    first = book.visit(
        workday(rng, on, on + datetime.timedelta(days=9)), Occasion.ROUTINE, clerk,
        household=household, helper=helper, situation="递交对接卡，了解家庭情况，商定帮扶措施。",
    )  # fmt: skip
    for day in HELPING_DAYS:
        missed = 0.3 if day == HELPING_DAYS[-1] else 0.08
        if day <= first.visited_on or rng.random() < missed:
            continue
        visit = book.visit(
            day, Occasion.HELPING_DAY, clerk, household=household, helper=helper,
            situation=helping.situation(rng, household.members.all()),
        )  # fmt: skip
        for kind in rng.sample(KINDS, k=rng.choice((0, 1, 1, 2))):
            book.done(visit, kind, 1, rng)
            if kind == ServiceKind.PROBLEM and day >= HELPING_DAYS[-2]:
                book.items[-1].solved_on, book.items[-1].solution = None, ""
