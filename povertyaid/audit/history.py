"""Row history: what a row said before, kept by database trigger, with who and why.

There is one event row per inserted, changed or removed row, whichever way the change came
(a form, an import in sets, SQL by hand). The acting person and the reason are set with
`SET LOCAL` by `acting()` and picked up by the event table's own column defaults, so the
trigger needs to know nothing and a cluster that does not carry session settings between
nodes can still forward them.

What one statement inserts or removes is written as one set, unless `HISTORY_IN_SETS` is off: a
cluster whose servers know no transition tables needs a trigger for each row. Changes go row by
row always: in a set each new row has to find its old one, and the plan that a session made for
a change of one row is kept and takes hours for a hundred thousand.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import pghistory
import pghistory.models
import pghistory.trigger
import pgtrigger
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models.functions import Cast, NullIf

SETTING_BY = "povertyaid.by"
SETTING_REASON = "povertyaid.reason"


def current(setting: str) -> models.Func:
    """The value of a transaction's setting, NULL when nobody set it."""
    return NullIf(
        models.Func(
            models.Value(setting),
            models.Value(True),
            function="current_setting",
            output_field=models.TextField(),
        ),
        models.Value(""),
    )


class RowEvent(pghistory.models.Event):
    """What every event row carries besides the row itself.

    The key is 64 bits wide: pghistory's own is 32, which runs full, and which a sharded
    cluster cannot number.
    """

    pgh_id = models.BigAutoField(primary_key=True)
    acted_by = models.BigIntegerField(
        null=True, db_default=Cast(current(SETTING_BY), models.BigIntegerField())
    )
    acted_reason = models.TextField(  # noqa: DJ001 -- NULL: nobody gave a reason
        null=True,
        db_default=current(SETTING_REASON),
    )

    class Meta:
        abstract = True


class Event(pghistory.trigger.Event):
    """The trigger of one operation. For a set pghistory's own would ask a table of another schema."""

    def get_func(self, model: Any) -> Any:
        if self.level == pgtrigger.Row:
            return super().get_func(model)
        event = self.event_model._meta
        rows = {"NEW": "new_values", "OLD": "old_values"}[self.row]
        copied = sorted(
            field.column
            for field in model._meta.local_concrete_fields
            if field.name in {kept.name for kept in event.fields} and not field.generated
        )
        values = {column: f'"{column}"' for column in copied} | {
            "pgh_created_at": "NOW()",
            "pgh_label": f"'{self.label}'",
            "pgh_obj_id": f'"{model._meta.pk.column}"',
        }
        names = ", ".join(f'"{name}"' for name in values)
        return pgtrigger.Func(
            f'INSERT INTO "{event.db_table}" ({names})'  # noqa: S608 -- names of our own models
            f" SELECT {', '.join(values.values())} FROM {rows}; RETURN NULL;"
        )


class _InSets:
    """A tracker of pghistory's that may register our trigger."""

    label: str
    row: str
    operation: pgtrigger.Operation
    trigger_name: str

    def add_event_trigger(self, event_model: Any) -> None:
        level = pgtrigger.Statement if settings.HISTORY_IN_SETS else pgtrigger.Row
        trigger = Event(
            event_model=event_model, label=self.label, name=self.trigger_name, row=self.row,
            operation=self.operation, level=level,
        )  # fmt: skip
        pgtrigger.register(trigger)(event_model.pgh_tracked_model)


class InsertEvent(_InSets, pghistory.InsertEvent):
    """What a statement inserts."""


class DeleteEvent(_InSets, pghistory.DeleteEvent):
    """What a statement removes, as it last stood."""


def tracked(*looked_up_by: str) -> Any:
    """Class decorator: keep the history of this model's rows.

    Events are found by their row, and by the foreign keys that are named here. No other has an
    index: each would be kept up with every event, and nobody asks by it.
    """

    def track(model: Any) -> Any:
        links = {
            field.name: models.ForeignKey(
                field.remote_field.model,
                models.DO_NOTHING,
                verbose_name=field._verbose_name,
                help_text=field.help_text,
                null=field.null,
                blank=field.blank,
                related_name="+",
                related_query_name="+",
                db_constraint=False,
                db_index=field.name in looked_up_by,
            )
            for field in model._meta.local_concrete_fields
            if isinstance(field, models.ForeignKey)
        }
        return pghistory.track(
            InsertEvent(),
            pghistory.UpdateEvent(),
            DeleteEvent(),
            attrs=links,
            base_model=RowEvent,
            obj_field=pghistory.ObjForeignKey(related_name="events", db_constraint=False),
            context_field=None,
        )(model)

    return track


@contextlib.contextmanager
def acting(by: Any, reason: str = "") -> Iterator[None]:
    """Say who changes rows in this transaction, and why. Nested uses keep the outer after.

    `by` is None where a command of the server acts in nobody's name.

    Raises TransactionManagementError outside `transaction.atomic`: a setting that
    outlives its transaction would put one person's name on another's change.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("acting() needs a transaction around it.")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting(%s, true), current_setting(%s, true)",
            [SETTING_BY, SETTING_REASON],
        )
        before = cursor.fetchone()
        _say(cursor, str(by.pk) if by else "", reason)
        yield
        # On an error the transaction, or its savepoint, takes the setting back by itself.
        _say(cursor, before[0] or "", before[1] or "")


def _say(cursor: Any, by: str, reason: str) -> None:
    cursor.execute(
        "SELECT set_config(%s, %s, true), set_config(%s, %s, true)",
        [SETTING_BY, by, SETTING_REASON, reason],
    )
