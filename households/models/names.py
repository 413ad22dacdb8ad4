"""How a name is looked up: by its sound without gaps, or by characters that occur in it.

The lists ask, and the tables are indexed, by the very same expressions: written a second time
slightly otherwise, the index would not be used, and nobody would notice below 100,000 people.
"""

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Replace


def spelling(column):
    """`zhang san` as it is typed, `zhangsan`; matched from its beginning."""
    return Replace(F(column), Value(" "), Value(""))


def characters(column):
    """The characters of a name. An index of them finds 建国 in 张建国.

    Trigrams would not: a pattern of two characters has none.
    """
    return Func(
        F(column),
        Value(None, output_field=TextField()),
        function="string_to_array",
        output_field=ArrayField(TextField()),
    )
