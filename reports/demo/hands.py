"""Whose hand enters and whose decides: the farm's own staff, else the bureau's."""

from collections.abc import Iterator

from povertyaid.org.models import OrgUnit, Staff
from reports.demo.writing import Case


class Hands:
    """The staff and unit names of one office, fetched once."""

    def __init__(self, office: str) -> None:
        root = OrgUnit.objects.get(code=office)
        self._units = {
            unit.code: unit for unit in OrgUnit.objects.within(root).select_related("parent")
        }
        staff = Staff.objects.within(root).select_related("unit")
        self._staff = {(one.unit.code, one.role): one for one in staff.order_by("-username")}
        self.bureau_approver = self._staff[office, "approver"]

    def _near(self, unit: str, role: str) -> Staff:
        """The nearest above: the unit's own, its parent's, at last the bureau's."""
        at: OrgUnit | None = self._units[unit]
        while at is not None:
            if (at.code, role) in self._staff:
                return self._staff[at.code, role]
            at = self._units[at.parent.code] if at.parent else None
        raise LookupError(f"nobody is {role} above {unit}")

    def clerk(self, unit: str) -> Staff:
        return self._near(unit, "clerk")

    def approver(self, unit: str) -> Staff:
        return self._near(unit, "approver")

    def unit_name(self, unit: str) -> str:
        return self._units[unit].name

    def farm_name(self, unit: str) -> str:
        """The farm a zone belongs to; a farm is its own."""
        at = self._units[unit]
        while at.kind != "farm" and at.parent is not None:
            at = self._units[at.parent.code]
        return at.name

    def by_clerk(self, cases: list[Case]) -> Iterator[tuple[Staff, list[Case]]]:
        """The cases with the clerk who enters them, one group a clerk."""
        groups: dict[str, list[Case]] = {}
        for case in cases:
            groups.setdefault(self.clerk(case.family.unit).username, []).append(case)
        for theirs in groups.values():
            yield self.clerk(theirs[0].family.unit), theirs
