"""The mode of every pair at once: helpers counted for each pair, pairs for each helper.

For figures. Asked pair by pair, the sums of a county take minutes: here one grouped sub-query gives
all modes, and joins the pairs by their key, so sums cost one pass over the lines.
"""

from django.db.models import CharField, IntegerField
from django.db.models.expressions import Col
from django.db.models.sql.constants import INNER, LOUTER

# A helper is on a pair once at a time, so who has more than one line has more than one pair.
MODES = """(
    SELECT line.pairing_id, count(*) AS helper_count,
           CASE WHEN bool_or(helper.kind = 'unit') THEN 'unit'
                WHEN count(*) = 2 THEN 'two'
                WHEN count(*) > 2 THEN 'many'
                WHEN bool_or(load.pairs > 1) THEN 'one_for_many'
                ELSE 'one' END AS mode
      FROM pairings_pairinghelper line
      JOIN pairings_helper helper ON helper.id = line.helper_id
      JOIN (SELECT line.helper_id, count(*) AS pairs FROM pairings_pairinghelper line
             WHERE {lasting} GROUP BY line.helper_id) load ON load.helper_id = line.helper_id
     WHERE {lasting}
     GROUP BY line.pairing_id)"""
NOW = "line.ends_on IS NULL"
ON_DAY = "line.starts_on <= %s AND (line.ends_on IS NULL OR line.ends_on > %s)"


class ModesJoin:
    """What a query asks of a table that it joins: here the table is a sub-query.

    Django joins tables only along relations. A sub-query in the condition (`pk IN …`) would do for
    one mode, but a sum over all of them would ask it once a mode, and for each row where the
    keys outgrow the memory of one sort.
    """

    table_name = "pairing_modes"  # only the stem of its alias
    filtered_relation = None
    join_field = None

    def __init__(self, on, parent_alias, join_type):
        self.on, self.parent_alias, self.join_type = on, parent_alias, join_type
        self.nullable = join_type == LOUTER
        self.table_alias = None  # the query says it

    def as_sql(self, compiler, connection):
        lasting, days = (NOW, []) if self.on is None else (ON_DAY, [self.on] * 2)
        parent, alias = map(compiler.quote_name_unless_alias, (self.parent_alias, self.table_alias))
        table = MODES.format(lasting=lasting)
        return f"{self.join_type} {table} {alias} ON ({alias}.pairing_id = {parent}.id)", days * 2

    def relabeled_clone(self, change_map):
        clone = ModesJoin(
            self.on, change_map.get(self.parent_alias, self.parent_alias), self.join_type
        )
        clone.nullable = self.nullable
        clone.table_alias = change_map.get(self.table_alias, self.table_alias)
        return clone

    def promote(self):
        clone = self.relabeled_clone({})
        clone.join_type = LOUTER
        return clone

    def demote(self):
        clone = self.relabeled_clone({})
        clone.join_type = INNER
        return clone

    @property
    def identity(self):
        return type(self), self.on, self.parent_alias

    def __eq__(self, other):
        return isinstance(other, ModesJoin) and self.identity == other.identity

    def __hash__(self):
        return hash(self.identity)


def join_modes(pairs, on=None):
    """(rows, helper_count, mode) of pairs; both are NULL where nobody is on the pair."""
    rows = pairs.all()
    alias = rows.query.join(ModesJoin(on, rows.query.get_initial_alias(), LOUTER))
    return rows, _column(alias, "helper_count", IntegerField()), _column(alias, "mode", CharField())


def _column(alias, name, field):
    field.column = name
    return Col(alias, field)
