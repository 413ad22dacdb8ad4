"""The database finds a helper's lines in the helper's own index, whatever else it could take."""

from django.db import connection

from pairings.models import PairingHelper
from tests import factories


def test_lines_of_a_helper_are_not_looked_up_where_the_pair_comes_first():
    line = factories.PairingHelperFactory()
    lines = PairingHelper.objects.filter(helper=line.helper, starts_on__lte=line.starts_on)

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = lines.explain()

    assert "pairinghelper_once_at_a_time_on_a_pair" not in plan
    assert "helper_id" in plan
