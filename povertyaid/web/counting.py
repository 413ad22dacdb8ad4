"""Counting no further than anybody reads: a list of a million rows says "more than 10,000"."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property

COUNTED_AT_MOST = 10_000  # 200 pages; whoever looks further narrows the list


class BoundedPaginator(Paginator):
    """Pages of a list that may be very long. To count a million rows takes a second, ten thousand not.

    Beyond the bound `is_more` holds and the last pages are not offered: the list is narrowed, or
    sorted the other way round.
    """

    counted_at_most = COUNTED_AT_MOST

    @cached_property
    def _counted(self):
        rows = self.object_list.order_by()[: self.counted_at_most + 1]
        return rows.count()

    @cached_property
    def count(self):
        return min(self._counted, self.counted_at_most)

    @property
    def is_more(self):
        return self._counted > self.counted_at_most
