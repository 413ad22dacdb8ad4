"""The proposal as a flow of least cost, which a solver finds exactly.

Families alike (of one unit, weight and need) are one node, helpers alike (of one unit, category, load
and limit) another, so ten thousand families are a few hundred nodes. A unit of flow is one
helper's place with one family.

    source → families alike → helpers alike → sink
                      ↘ nobody ↗

An arc between families and helpers costs the way along the tree. From helpers to the sink each
further family of a helper costs more than the one before, which evens out the load; within one
level the cost rises by quarters, so that units and categories fill alike. Nobody costs more than any
way, and a first helper that is missing more than a second one.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pairings.assignment.tree import lineage
from pairings.assignment.wanted import Aim, Carer, Family

#: What a step along the tree costs, and each family more that a helper has.
WEIGHTS = {Aim.NEAR: (300, 100), Aim.BOTH: (100, 100), Aim.EVEN: (10, 100)}
QUARTERS = 4
SECOND_MISSING = 1_000_000
FIRST_MISSING = 100_000_000
#: Helpers are looked at from the nearest on until they could carry so many times what is needed.
REACH = 12
AT_LEAST = 48  # nodes of helpers, however much room they have


@dataclass(slots=True)
class Families:
    """Families alike: those of one unit, weight and need, with the same helpers excluded."""

    path: str
    need: int
    weight: int
    not_by: frozenset[int]
    members: list[Family] = field(default_factory=list)


@dataclass(slots=True)
class Carers:
    """Helpers alike, with room."""

    path: str
    category: str
    load: int
    limit: int
    members: list[Carer] = field(default_factory=list)

    @property
    def room(self) -> int:
        return len(self.members) * (self.limit - self.load)


def alike(
    families: Iterable[Family], carers: Iterable[Carer]
) -> tuple[list[Families], list[Carers]]:
    """Both sides in classes, in an order that depends on nothing but what they are."""
    asking: dict[tuple[str, int, int, tuple[int, ...]], Families] = {}
    for family in sorted(families, key=lambda one: (one.path, -one.weight, one.key)):
        if family.need > 0:
            alone = (family.path, -family.weight, family.need, tuple(sorted(family.not_by)))
            asking.setdefault(
                alone, Families(family.path, family.need, family.weight, family.not_by)
            ).members.append(family)
    # Whoever must not help some family is a class alone: the others of the class may.
    named = {key for one in asking.values() for key in one.not_by}
    offering: dict[tuple[str, str, int, int, int], Carers] = {}
    for carer in sorted(carers, key=lambda one: (one.path, one.category, one.load, one.key)):
        if carer.room:
            like = (carer.path, carer.category, carer.load, carer.limit)
            offering.setdefault(
                (*like, carer.key if carer.key in named else 0), Carers(*like)
            ).members.append(carer)
    return list(asking.values()), list(offering.values())


@dataclass(slots=True)
class Arcs:
    """Arcs as columns, which is how a solver takes them."""

    tails: list[int] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    capacities: list[int] = field(default_factory=list)
    costs: list[int] = field(default_factory=list)

    def add(self, tail: int, head: int, capacity: int, cost: int) -> None:
        self.tails.append(tail)
        self.heads.append(head)
        self.capacities.append(capacity)
        self.costs.append(cost)


Flow = dict[tuple[int, int], int]  # (class of families, class of helpers) → places


class Ways:
    """How far each unit is from each class of helpers, the nearest first.

    From a unit one climbs to each unit above it, and from there goes down on every side but the one
    one came from. What lies down there is listed once for all who come that way.
    """

    def __init__(self, offering: Sequence[Carers]) -> None:
        self.offering = offering
        # unit → how far below it → classes of helpers
        self.below: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for j, carers in enumerate(offering):
            for climbed, above in enumerate(lineage(carers.path)):
                self.below[above][climbed].append(j)
        self.beside: dict[tuple[str, str], dict[int, list[int]]] = {}
        self.rings: dict[str, list[tuple[int, list[int]]]] = {}

    def of(self, path: str) -> list[tuple[int, list[int]]]:
        """(steps, classes of helpers so far away) from a unit."""
        if path not in self.rings:
            rings: dict[int, list[int]] = defaultdict(list)
            came_from = ""
            for climbed, above in enumerate(lineage(path)):
                for down, there in self._beside(above, came_from).items():
                    rings[climbed + down] += there
                came_from = above
            self.rings[path] = sorted(rings.items())
        return self.rings[path]

    def _beside(self, above: str, came_from: str) -> dict[int, list[int]]:
        known = self.beside.get((above, came_from))
        if known is None:
            mine = {j for there in self.below.get(came_from, {}).values() for j in there}
            known = {
                down: kept
                for down, there in self.below.get(above, {}).items()
                if (kept := [j for j in there if j not in mine])
            }
            self.beside[above, came_from] = known
        return known

    def within(
        self, families: Families, reach: int | None = None, turn: int = 0
    ) -> Iterable[tuple[int, int]]:
        """(steps, class of helpers) that may help; with a reach, only as many as are needed.

        Of the last, equally far ones each class of families looks at others, by its `turn`.
        """
        wanted = len(families.members) * families.need * (reach or 0)
        room = n = 0
        for far, ring in self.of(families.path):
            start = turn * AT_LEAST % len(ring)
            for j in ring[start:] + ring[:start]:
                if reach is not None and room >= wanted and n >= AT_LEAST:
                    return
                carers = self.offering[j]
                if len(carers.members) == 1 and carers.members[0].key in families.not_by:
                    continue
                room, n = room + carers.room, n + 1
                yield far, j


def network(
    asking: Sequence[Families], ways: Ways, aim: Aim, reaches: Sequence[int | None]
) -> tuple[Arcs, list[tuple[int, int]], list[int]]:
    """(arcs, which of them join whom, supply of each node); the first arcs are those that join."""
    offering = ways.offering
    step, level = WEIGHTS[aim]
    sink = len(asking) + len(offering)
    arcs, joins = Arcs(), []
    for i, families in enumerate(asking):
        n = len(families.members)
        for far, j in ways.within(families, reaches[i], i):
            each = min(families.need, len(offering[j].members))
            arcs.add(i, len(asking) + j, n * each, far * step)
            joins.append((i, j))
    for i, families in enumerate(asking):
        n = len(families.members)
        arcs.add(i, sink, n, FIRST_MISSING * families.weight)
        if families.need > 1:
            arcs.add(i, sink, n * (families.need - 1), SECOND_MISSING * families.weight)
    for j, carers in enumerate(offering):
        n = len(carers.members)
        bounds = [n * quarter // QUARTERS for quarter in range(QUARTERS + 1)]
        for load in range(carers.load, carers.limit):
            for quarter in range(QUARTERS):
                if width := bounds[quarter + 1] - bounds[quarter]:
                    arcs.add(len(asking) + j, sink, width, (load + 1) * level + quarter)
    supplies = [len(one.members) * one.need for one in asking] + [0] * len(offering)
    return arcs, joins, [*supplies, -sum(supplies)]
