"""Rows of models written with COPY: what `bulk_create` does, at a fraction of the work in Python.

A city's 7,800 workers are a quarter of a million rows. The history triggers fire as for any insert.
"""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection, models

Row = TypeVar("Row", bound=models.Model)

#: Fields whose values the driver writes as they stand on the row; any other prepares its own.
AS_THEY_STAND = (
    *(models.CharField, models.TextField, models.BooleanField, models.UUIDField),
    *(models.DateField, models.DateTimeField, models.DecimalField, models.BigAutoField),
    *(models.IntegerField, models.PositiveIntegerField, models.PositiveSmallIntegerField),
    *(models.BigIntegerField, models.ForeignKey, models.OneToOneField),
)


def put(rows: Iterable[Row]) -> list[Row]:
    """Insert the rows, all of one model, and give each its key."""
    wanted = list(rows)
    if not wanted:
        return wanted
    meta = type(wanted[0])._meta
    fields = [field for field in meta.local_concrete_fields if not field.generated]
    assert meta.pk is not None  # noqa: S101 -- every model has one
    links = [field for field in fields if field.many_to_one or field.one_to_one]
    prepared = [
        (place, field) for place, field in enumerate(fields) if type(field) not in AS_THEY_STAND
    ]
    stamped = [
        field
        for field in fields
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    ]
    chosen = [place for place, field in enumerate(fields) if field.choices]
    read = attrgetter(*(field.attname for field in fields))
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        keys = _keys(cursor, meta.db_table, meta.pk.column, len(wanted))
        with cursor.copy(f'COPY "{meta.db_table}" ({columns}) FROM STDIN') as copy:
            for row, key in zip(wanted, keys, strict=True):
                row.pk = key
                for link in links:
                    _point(row, link)
                for field in stamped:
                    field.pre_save(row, add=True)
                values = list(read(row))
                for place, field in prepared:
                    values[place] = field.get_db_prep_save(values[place], connection)
                for place in chosen:
                    values[place] = _plain(values[place])
                copy.write_row(values)
                row._state.adding = False
                row._state.db = connection.alias
    return wanted


def _keys(cursor: Any, table: str, column: str, n: int) -> list[int]:
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
        [table, column, n],
    )
    return [key for (key,) in cursor.fetchall()]


def _point(row: models.Model, link: Any) -> None:
    """A row that was made for another before that had its key has it now."""
    if getattr(row, link.attname) is None and link.is_cached(row):
        related = link.get_cached_value(row)
        setattr(row, link.attname, None if related is None else related.pk)


def _plain(value: Any) -> Any:
    """A choice is written as its value: the driver would write its name."""
    return value.value if isinstance(value, models.Choices) else value


def tell_the_planner(tables: Iterable[type[models.Model]]) -> None:
    """Have the database count what was just written: until then it plans as for empty tables."""
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(f'ANALYZE "{model._meta.db_table}"')
