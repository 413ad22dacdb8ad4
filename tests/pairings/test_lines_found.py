"""The database finds a helper's lines in the helper's own index, whatever else it could take."""

from django.db import connection

from pairings.models import PairingHelper

INDEXES = "SELECT indexdef FROM pg_indexes WHERE tablename = %s ORDER BY indexname"


def test_no_index_of_several_columns_offers_a_helper_s_lines_behind_the_pair():
    with connection.cursor() as cursor:
        cursor.execute(INDEXES, [PairingHelper._meta.db_table])
        indexes = [definition.partition(" USING ")[2] for (definition,) in cursor.fetchall()]

    assert "btree (helper_id)" in indexes
    gist = [one for one in indexes if one.startswith("gist")]
    assert len(gist) == 2
    assert not [one for one in gist if ", helper_id" in one]
