"""File numbers: the unit's code and a running number, `S0-HQ-000123`."""

import re
from itertools import count, islice

from django.db import connection

from povertyaid.org.models import OrgUnit

DIGITS = 6  # numbers of one width sort as text in the order they were given
HIGHEST = 999_999_999  # a longer run of digits is somebody's own numbering, not ours

LAST_NUMBER = """
    SELECT max(substring(code FROM %s)::integer)
      FROM households_household
     WHERE code LIKE %s AND code ~ %s
"""
USED_NUMBERS = """
    SELECT substring(code FROM %s)::integer
      FROM households_household
     WHERE code LIKE %s AND code ~ %s
"""


def next_codes(unit, n=1):
    """The next n file numbers of a unit, in order. Call inside a transaction.

    The unit's row is locked until the transaction ends, so two desks that open files at
    once get different numbers. A number that an office wrote itself in this form counts;
    one written at the very end of the numbering, by slip or by a neighbour, does not stop it:
    the free numbers are then given from the beginning.
    """
    OrgUnit.objects.select_for_update(of=("self",), no_key=True).order_by().get(pk=unit.pk)
    with connection.cursor() as cursor:
        own = rf"^{re.escape(unit.code)}-[0-9]{{1,9}}$"
        like = unit.code.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "-%"
        cursor.execute(LAST_NUMBER, ["[0-9]+$", like, own])
        last = cursor.fetchone()[0] or 0
        numbers = range(last + 1, last + n + 1)
        if last + n > HIGHEST:
            cursor.execute(USED_NUMBERS, ["[0-9]+$", like, own])
            used = {number for (number,) in cursor.fetchall()}
            numbers = islice((number for number in count(1) if number not in used), n)
    return [f"{unit.code}-{number:0{DIGITS}d}" for number in numbers]
