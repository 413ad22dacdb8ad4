"""The tree below the paper's unit, each line the sum of the lines under it (R-005)."""

from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

from povertyaid.org.models import OrgUnit
from reports.figures.cut import Cut
from reports.figures.reader import reader
from reports.figures.sheet import Sheet, prefixes
from reports.papers.paper import Column, Row, Table
from reports.papers.sections.exits.fetched import Exits, heading

#: Lines that the table may have; a deeper tree is shown as deep as fits.
LONGEST = 80
# Column → its width in millimetres.
COLUMNS = {
    "enrolled": 10.5,
    "people": 11,
    "exited": 10.5,
    "people_out": 11,
    "rate": 12.5,
    "returned": 9,
    "helped": 9,
    "removed": 9,
    "before": 17.5,
    "exit": 18,
}
MONEY = ("before", "exit")


def by_unit(found: Exits) -> Table:
    tree = Tree.of(found.sheet, found.cut)
    labels, cells, depths = [_("Total")], [tuple(found.whole[name] for name in COLUMNS)], [0]
    children: list[list[int]] = [[]]
    above = [0]  # the places, in the table, of the line and the lines over it
    for node in tree.nodes:
        del above[node.depth :]
        children[above[-1]].append(len(labels))
        above.append(len(labels))
        unit, direct = node.unit, node.direct
        name = short_name(unit, tree.units)
        labels.append(_("%(unit)s itself") % {"unit": name} if direct else name)
        cells.append(tuple(found.of_unit(name, unit, direct=direct) for name in COLUMNS))
        depths.append(node.depth - 1)
        children.append([])
    rows = tuple(
        Row(label, of_row, depth, tuple(parts), is_total=place == 0)
        for place, (label, of_row, depth, parts) in enumerate(
            zip(labels, cells, depths, children, strict=True)
        )
    )
    return Table(
        key="by_unit",
        caption=_("Exits by unit"),
        columns=(
            Column("unit", _("Unit"), width=38, is_number=False),
            *(
                Column(
                    name,
                    heading(name),
                    "元" if name in MONEY else found.whole[name].measure,
                    width=width,
                    adds=found.whole[name].kind.adds_up,
                    share=("exited", "enrolled") if name == "rate" else None,
                )
                for name, width in COLUMNS.items()
            ),
        ),
        rows=rows,
        unit="、".join(dict.fromkeys([found.counted_in, "人", "%", "元"])),
        notes=(_("Units further down are contained in the lines shown."),)
        if tree.is_cut_off
        else (),
        balances=(("enrolled", ("exited", "returned", "helped")),),
    )


@dataclass(frozen=True)
class Node:
    """A line of the tree. `direct` is what a unit files itself, beside the units below it."""

    unit: OrgUnit
    depth: int
    direct: bool = False


@dataclass(frozen=True)
class Tree:
    """The units that have rows, in the order of the tree."""

    nodes: list[Node]
    units: dict[str, OrgUnit]  # by path
    is_cut_off: bool

    @classmethod
    def of(cls, sheet: Sheet, cut: Cut) -> "Tree":
        """One statement, for the names of the units."""
        top = cut.unit.path
        below: dict[str, set[str]] = {}
        for path in sheet.paths:
            for parent, child in pairwise(prefixes(path, top)):
                below.setdefault(parent, set()).add(child)
        everyone = {child for children in below.values() for child in children}
        deepest = max((depth_of(path, top) for path in everyone), default=0)
        shown = deepest
        while shown > 1 and sum(depth_of(path, top) <= shown for path in everyone) > LONGEST:
            shown -= 1
        wanted = [top, *(path for path in everyone if depth_of(path, top) <= shown)]
        units = {
            unit.path: unit for unit in OrgUnit.objects.using(reader()).filter(path__in=wanted)
        }
        nodes: list[Node] = []

        def visit(path: str, depth: int) -> None:
            if depth:
                nodes.append(Node(units[path], depth))
            if path not in below or depth >= shown:
                return
            if path in sheet.paths:
                nodes.append(Node(units[path], depth + 1, direct=True))
            for child in sorted(below[path]):
                visit(child, depth + 1)

        visit(top, 0)
        return cls(nodes, units, is_cut_off=shown < deepest)


def depth_of(path: str, top: str) -> int:
    """How many levels a unit lies below another."""
    return path.removeprefix(top).count("/")


def short_name(unit: OrgUnit, units: dict[str, OrgUnit]) -> str:
    """A unit's name under that of its parent: 第一管理区, not 红旗农场第一管理区 once more."""
    parent = units.get(unit.path[: -len(unit.code) - 1])
    return unit.name.removeprefix(parent.name) or unit.name if parent else unit.name
