"""From families and helpers to pairs, each with its reason, and to who is left over and why."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from pairings.assignment import solver
from pairings.assignment.network import REACH, Arcs, Carers, Families, Flow, Ways, alike, network
from pairings.assignment.tree import common, steps
from pairings.assignment.wanted import (
    Aim,
    Carer,
    Family,
    Lack,
    Left,
    Match,
    Proposal,
    Reason,
)

EVERY_WAY = (
    500_000  # so many ways are looked at all; of more only the nearest, as far as they suffice
)
Solve = Callable[[Arcs, Sequence[int]], list[int]]


def propose(
    families: Iterable[Family],
    carers: Iterable[Carer],
    *,
    aim: Aim = Aim.BOTH,
    solve: Solve = solver.flows,
) -> Proposal:
    """As few families left over as can be, then near and even, as the aim weighs them.

    The same families and helpers give the same proposal, in whatever order they come.
    """
    families, carers = list(families), list(carers)
    asking, offering = alike(families, carers)
    ways = Ways(offering)
    flow = _least(asking, ways, aim, solve)
    places = _deal(asking, offering, flow)
    return Proposal(
        _explained(places, asking, offering, ways), _left(places, asking, offering, carers)
    )


def _least(asking: Sequence[Families], ways: Ways, aim: Aim, solve: Solve) -> Flow:
    """The cheapest flow. Far helpers are looked at only by those for whom near ones do not suffice."""
    wanted = sum(len(one.members) * one.need for one in asking)
    room = sum(one.room for one in ways.offering)
    is_small = len(asking) * len(ways.offering) <= EVERY_WAY
    reaches: list[int | None] = [None if is_small else REACH] * len(asking)
    while True:
        arcs, joins, supplies = network(asking, ways, aim, reaches)
        amounts = solve(arcs, supplies)
        flow = {join: n for join, n in zip(joins, amounts, strict=False) if n}
        served = [0] * len(asking)
        for (i, _j), n in flow.items():
            served[i] += n
        short = [
            i
            for i, one in enumerate(asking)
            if served[i] < len(one.members) * one.need and reaches[i] is not None
        ]
        if not short or sum(served) == min(wanted, room):
            return flow
        # Left over while somebody has room: these look further, in the end everywhere.
        for i in short:
            reach = reaches[i]
            reaches[i] = reach * 8 if reach is not None and reach < REACH * 64 else None


Places = dict[int, list[Carer]]  # family → its new helpers


def _deal(asking: Sequence[Families], offering: Sequence[Carers], flow: Flow) -> Places:
    """Which family gets which helper, of those that the flow found alike.

    Helpers of a class take turns, and a class of families is dealt to in a circle: nobody gets the
    same helper twice, and each has one before anybody has two.
    """
    turns = [_Turns(carers) for carers in offering]
    found: Places = defaultdict(list)
    by_families: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (i, j), n in sorted(flow.items()):
        by_families[i].append((j, n))
    for i, parts in sorted(by_families.items()):
        members = asking[i].members
        hand = [carer for j, n in parts for carer in turns[j].take(n, at_most=len(members))]
        for nth, carer in enumerate(hand):
            found[members[nth % len(members)].key].append(carer)
    return found


class _Turns:
    """Helpers alike, who take families in turn: nobody has two more than another."""

    def __init__(self, carers: Carers) -> None:
        self.members = carers.members
        self.next = 0

    def take(self, n: int, *, at_most: int) -> list[Carer]:
        """So many places, those of one helper together; nobody has more than `at_most` of them."""
        size = len(self.members)
        order = [self.members[(self.next + nth) % size] for nth in range(size)]
        self.next = (self.next + n) % size
        whole, rest = divmod(n, size)
        counts = [whole + (nth < rest) for nth in range(size)]
        if max(counts) > at_most:
            raise ValueError("more places of one helper than there are families")
        return [carer for carer, count in zip(order, counts, strict=True) for _nth in range(count)]


def _explained(
    places: Places, asking: Sequence[Families], offering: Sequence[Carers], ways: Ways
) -> list[Match]:
    after: dict[int, int] = defaultdict(int)
    for helpers in places.values():
        for carer in helpers:
            after[carer.key] += 1
    # Of each unit the least load that somebody there would have, if anybody there has room left.
    spare = _spare(offering, after)
    matches: list[Match] = []
    for families in asking:
        reasons = _Reasons(families, ways, spare)
        for family in families.members:
            order = sorted(
                (steps(families.path, carer.path), carer.key, carer)
                for carer in places.get(family.key, [])
            )
            matches += [
                Match(
                    family=family.key,
                    helper=key,
                    reason=reasons[far],
                    steps=far,
                    common=common(families.path, carer.path),
                    load_after=carer.load + after[key],
                    limit=carer.limit,
                    is_first=nth == 0,
                )
                for nth, (far, key, carer) in enumerate(order)
            ]
    return matches


def _spare(offering: Sequence[Carers], after: dict[int, int]) -> list[bool]:
    """Of each class whether somebody in it still has room when all is accepted."""
    return [
        any(carer.load + after.get(carer.key, 0) < carer.limit for carer in carers.members)
        for carers in offering
    ]


class _Reasons(dict[int, Reason]):
    """Why somebody so many steps away helps a class of families: each is worked out once."""

    def __init__(self, families: Families, ways: Ways, spare: Sequence[bool]) -> None:
        self.families, self.ways, self.spare = families, ways, spare

    def __missing__(self, far: int) -> Reason:
        self[far] = reason = self._of(far)
        return reason

    def _of(self, far: int) -> Reason:
        if far == 0:
            return Reason.SAME_UNIT
        someone_is_nearer = False
        for distance, j in self.ways.within(self.families):
            if distance >= far:
                break
            if self.spare[j]:
                return Reason.EVENS_OUT
            someone_is_nearer = True
        return Reason.NEARER_FULL if someone_is_nearer else Reason.NEAREST


def _left(
    places: Places,
    asking: Sequence[Families],
    offering: Sequence[Carers],
    carers: Sequence[Carer],
) -> list[Left]:
    taken: dict[int, int] = defaultdict(int)
    for helpers in places.values():
        for carer in helpers:
            taken[carer.key] += 1
    has_room = any(carer.room > taken[carer.key] for carer in carers)
    lack = Lack.NOT_ALLOWED if has_room else Lack.ALL_FULL if carers else Lack.NO_HELPERS
    return [
        Left(family.key, missing, lack)
        for families in asking
        for family in families.members
        if (missing := family.need - len(places.get(family.key, [])))
    ]
