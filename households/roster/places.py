"""Where a household of a roster is filed: the unit that its unit columns name, below the given one."""

import re

from povertyaid.org.models import OrgUnit

OWN_CODE = re.compile(r"(.+)-[0-9]{6,9}")


class Places:
    """The given unit and what lies below it, as far as the importing person may see.

    Two queries, however many rows ask.
    """

    def __init__(self, unit, by=None):
        self.unit = unit
        below = OrgUnit.objects.below(unit).open()
        if by is not None:
            below = below.visible_to(by)
        self.units = list(below.order_by("path"))
        self.by_code = {found.code: found for found in self.units}
        self.by_name = {}
        for found in self.units:
            self.by_name.setdefault(found.name, []).append(found)
        root = unit.path.strip("/").split("/")[0]
        self.codes = frozenset(
            OrgUnit.objects.filter(path__startswith=f"/{root}/").values_list("code", flat=True)
        )
        self.known = {}

    def find(self, words):
        """The unit that words such as `石桥镇/团结村` or a unit code name; the given one if none.

        Names go down the tree one by one; where a name is not known, or two units share it,
        the last one found keeps the file.
        """
        if not words:
            return self.unit
        if words not in self.known:
            self.known[words] = self._find(words)
        return self.known[words]

    def _find(self, words):
        found = self.by_code.get(words)
        if found is None:
            found = self.unit
            for name in words.split("/"):
                if name in {found.name, self.unit.name}:
                    continue
                below = self._below(found, name)
                if below is None:
                    break
                found = below
        while not found.keeps_files and found.pk != self.unit.pk:
            found = next((one for one in self.units if one.pk == found.parent_id), self.unit)
        return found

    def _below(self, unit, name):
        candidates = [
            one
            for one in self.by_name.get(name, [])
            if one.path.startswith(unit.path) and one.pk != unit.pk
        ]
        children = [one for one in candidates if one.parent_id == unit.pk]
        if len(children) == 1:
            return children[0]
        return candidates[0] if len(candidates) == 1 else None

    def is_own_code(self, code):
        """Whether this office gave the file number: `S0-HQ-000123`."""
        match = OWN_CODE.fullmatch(code)
        return bool(match and match[1] in self.codes)
