"""The one door to rows: what a staff member may see is the subtree of the own unit."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.shortcuts import get_object_or_404  # noqa: TID251 -- the door itself

# What a helper sees of a model: a cut of its rows, registered by the room that knows who helps whom.
_own_of_helpers: dict[type[models.Model], Callable[[Any, Any], Any]] = {}


def show_to_helpers(model: type[models.Model], cut: Callable[[Any, Any], Any]) -> None:
    """`cut(rows, staff)` keeps the rows that a helper's sign-in may see; one sub-query, no more."""
    _own_of_helpers[model] = cut


class ScopedQuerySet(models.QuerySet):
    """Rows that belong, directly or through a parent, to a unit of the office tree.

    The model says where its unit is: `scope_path = "unit__path"` on a household,
    `"household__unit__path"` on a member.
    """

    def visible_to(self, staff):
        """Keep what lies in the staff member's own unit and in every unit below it.

        A helper sees own households only, wherever they lie, and of what no room shows nothing.
        """
        if staff.role == "helper" and getattr(self.model, "hidden_from_helpers", False):
            own = _own_of_helpers.get(self.model)
            return own(self, staff) if own else self.none()
        return self.filter(**{f"{self.model.scope_path}__startswith": staff.unit.path})

    def coded(self, code):
        """Rows of a code as an address or a form says it. No code holds a NUL, which PostgreSQL refuses."""
        return self.none() if "\x00" in code else self.filter(code=code)

    def within(self, unit):
        """Keep what lies in a unit and in every unit below it (a report's cut, not a fence)."""
        return self.filter(**{f"{self.model.scope_path}__startswith": unit.path})


def get_visible_or_404(source, staff, **lookup):
    """Fetch one row, or answer 404 exactly as if it did not exist."""
    rows = source if isinstance(source, models.QuerySet) else source.objects.all()
    return get_object_or_404(rows.visible_to(staff), **lookup)
