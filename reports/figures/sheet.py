"""Many figures in few statements: grouped by unit and category, added up along the tree."""

import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import CharField, F, Value

from households.models import words
from povertyaid.org.models import OrgUnit
from reports.figures.cut import Cut
from reports.figures.families import Family
from reports.figures.indicator import Figure, SumIndicator, Sums
from reports.figures.parameters import Params

EVERY = None  # all categories together


@dataclass(frozen=True)
class Ask:
    """A figure that is wanted for many units and categories, under a name of its own."""

    name: str
    indicator: SumIndicator
    params: Params


class Sheet:
    """The sums of several indicators for every unit of a cut and every category.

    One statement for each family of rows, whatever the number of units: the rows are grouped
    by the path of their unit and added up by its prefixes.
    """

    def __init__(self, cut: Cut, asks: Iterable[Ask]):
        self.cut = cut
        self.asks = {ask.name: ask for ask in asks}
        self._blocks: dict[str, _Block] = {}  # by the name of an ask
        self.paths: set[str] = set()  # units that have rows of their own
        self.categories: set[str] = set()
        for family, together in families_of(self.asks.values()):
            self._fetch(family, together)

    def _fetch(self, family: Family, asks: list[Ask]) -> None:
        block = _Block()
        sums = []
        for ask in asks:
            self._blocks[ask.name] = block
            for name, aggregate in ask.indicator.aggregates(self.cut, ask.params).items():
                block.places[ask.name, name] = len(sums)
                sums.append(aggregate)
        names = [f"s{nth}" for nth in range(len(sums))]
        category: Any = F(family.category) if family.category else Value("", CharField())
        grouped = (
            family.base(self.cut)
            .order_by()
            .annotate(at_unit=F(family.unit), of_category=category)
            .values("at_unit", "of_category")
            .annotate(**dict(zip(names, sums, strict=True)))
            .values_list("at_unit", "of_category", *names)
        )
        counted = [block.places[ask.name, "rows"] for ask in asks]
        for path, of_category, *amounts in grouped:
            self.paths.add(path)
            code = words.code_of(words.CATEGORIES, of_category)
            if any(amounts[place] for place in counted):
                self.categories.add(code)
            for which in (code, EVERY):
                add(block.direct, (path, which), amounts)
                for above in prefixes(path, self.cut.unit.path):
                    add(block.cells, (above, which), amounts)

    def sums(self, ask: str, path: str, category: str | None, *, direct: bool = False) -> Sums:
        block, wanted = self._blocks[ask], self.asks[ask]
        found = (block.direct if direct else block.cells).get((path, category))
        return {
            name: Decimal(found[block.places[ask, name]]) if found else Decimal(0)
            for name in wanted.indicator.names(self.cut, wanted.params)
        }

    def figure(
        self,
        ask: str,
        *,
        code: str,
        label: str,
        unit: OrgUnit | None = None,
        direct: bool = False,
        category: str | None = EVERY,
    ) -> Figure:
        """One cell as a figure that leads to exactly its rows."""
        wanted = self.asks[ask]
        unit = unit or self.cut.unit
        params = wanted.params if category is EVERY else wanted.params | {"category": category}
        return wanted.indicator.figure_of(
            self.sums(ask, unit.path, category, direct=direct),
            self.cut.at(unit, direct=direct),
            params,
            code=code,
            label=label,
        )


Key = tuple[str, str | None]  # path of a unit, category


@dataclass(frozen=True)
class _Block:
    """What one statement gave: a list of sums for each unit and category."""

    places: dict[tuple[str, str], int] = field(default_factory=dict)  # ask and part → in the list
    cells: dict[Key, list[Any]] = field(default_factory=dict)  # with everything below
    direct: dict[Key, list[Any]] = field(default_factory=dict)  # of the unit itself


def add(cells: dict[Key, list[Any]], key: Key, amounts: list[Any]) -> None:
    known = cells.get(key)
    cells[key] = amounts if known is None else list(map(operator.add, known, amounts))


def totals(cut: Cut, asks: Iterable[Ask]) -> Mapping[str, Sums]:
    """The sums of the whole cut, asked without any grouping: what the parts must add up to."""
    found: dict[str, Sums] = {}
    for family, together in families_of(asks):
        sums = {
            f"{ask.name}__{name}": aggregate
            for ask in together
            for name, aggregate in ask.indicator.aggregates(cut, ask.params).items()
        }
        row = family.base(cut).aggregate(
            **{f"s{nth}": one for nth, one in enumerate(sums.values())}
        )
        for ask in together:
            found[ask.name] = {
                name.partition("__")[2]: Decimal(row[f"s{nth}"])
                for nth, name in enumerate(sums)
                if name.partition("__")[0] == ask.name
            }
    return found


def families_of(asks: Iterable[Ask]) -> list[tuple[Family, list[Ask]]]:
    """The asks that one statement can serve, together with the family that serves them."""
    groups: list[tuple[Family, list[Ask]]] = []
    for ask in asks:
        family = ask.indicator.family(ask.params)
        for nth, (other, together) in enumerate(groups):
            both = other.joined(family)
            if both is not None:
                groups[nth] = (both, [*together, ask])
                break
        else:
            groups.append((family, [ask]))
    return groups


def prefixes(path: str, top: str) -> list[str]:
    """The paths from `top` down to `path`: /S0/, /S0/S0-HQ/, /S0/S0-HQ/S0-HQ-1/."""
    below = path.removeprefix(top).strip("/")
    found = [top]
    for code in below.split("/") if below else ():
        found.append(f"{found[-1]}{code}/")
    return found
