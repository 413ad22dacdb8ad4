"""Row history reads alike whether a statement's rows are written as one set or one by one."""

import pgtrigger
import pytest
from django.db import connection, transaction

from households.models import Household, IncomeSnapshot
from povertyaid.audit.apps import fit_history, pin_search_path
from povertyaid.audit.history import Event, acting
from tests.factories import EnrolmentFactory, HouseholdFactory, IncomeSnapshotFactory, MemberFactory

LEVELS = {"in sets": pgtrigger.Statement, "row by row": pgtrigger.Row}

INSERTED = """
    INSERT INTO households_household (unit_id, code, head_name, head_pinyin, head_initials, address,
           phone, bank_name, bank_branch, bank_account, note, status, opened_on, close_reason,
           version, updated_at)
    SELECT %s, 'SET-' || n, '', '', '', '', '', '', '', '', '', 'open', '2013-01-01', '', 1, now()
      FROM generate_series(1, 3) AS n
"""


@pytest.fixture(params=LEVELS)
def level(request, monkeypatch):
    """As the setting would have it, until the test's transaction is undone."""
    wanted = LEVELS[request.param]
    for _model, trigger in pgtrigger.registered():
        if isinstance(trigger, Event) and trigger.operation != pgtrigger.Update:
            other = Event(
                event_model=trigger.event_model, label=trigger.label, name=trigger.name,
                row=trigger.row, operation=trigger.operation, level=wanted,
            )  # fmt: skip
            monkeypatch.setattr(trigger, "level", other.level)
            monkeypatch.setattr(trigger, "referencing", other.referencing)
    fit_history(using="default")
    pin_search_path(using="default")
    return wanted


def installed():
    """{(operation, whether once a statement)} of the history triggers in the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT split_part(tgname, '_', 2), tgtype & 1 = 0 FROM pg_trigger"
            " WHERE tgname ~ '^pgtrigger_(insert|update|delete)_'"
        )
        return set(cursor.fetchall())


def told(events, *names):
    return list(events.order_by("pgh_id").values_list("pgh_label", *names))


def test_the_setting_decides_how_history_is_written(level):
    is_set = level is pgtrigger.Statement

    assert installed() == {("insert", is_set), ("update", False), ("delete", is_set)}


def test_a_set_leaves_one_event_for_each_row(level, clerk, riverside):
    with transaction.atomic(), acting(clerk, "年初导入"):
        with connection.cursor() as cursor:
            cursor.execute(INSERTED, [riverside.pk])
        made = Household.objects.filter(code__startswith="SET-").order_by("pk")
        made.update(address="一委")
        made.filter(code="SET-3").delete()

    events = Household._meta.get_field("events").related_model.objects.all()
    keys = [*made.values_list("pk", flat=True)]
    labels = {key: [e[0] for e in told(events.filter(pgh_obj_id=key))] for key in keys}
    assert labels == {key: ["insert", "update"] for key in keys}
    gone = told(events.filter(code="SET-3"), "address")
    assert gone == [("insert", ""), ("update", "一委"), ("delete", "一委")]
    assert {(e.acted_by, e.acted_reason) for e in events} == {(clerk.pk, "年初导入")}


def test_a_statement_that_inserts_and_changes_tells_either_once(level, riverside):
    snapshot = IncomeSnapshotFactory(wages=1000, year=2012, stage="yearly")
    columns = "enrolment_id, stage, year, persons, wages, source"

    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO households_incomesnapshot ({columns})"
            " SELECT %s, 'yearly', year, 2, 2000, '' FROM unnest('{2012,2013}'::smallint[]) AS year"
            " ON CONFLICT (enrolment_id, stage, year) DO UPDATE SET wages = EXCLUDED.wages",
            [snapshot.enrolment_id],
        )

    events = IncomeSnapshot._meta.get_field("events").related_model.objects.all()
    assert told(events, "year", "wages")[1:] in (
        [("update", 2012, 2000), ("insert", 2013, 2000)],
        [("insert", 2013, 2000), ("update", 2012, 2000)],
    )


def test_nothing_changed_leaves_no_event(level, riverside):
    household = HouseholdFactory(unit=riverside)

    Household.objects.filter(pk=household.pk).update(note=household.note)
    Household.objects.filter(code="nobody").delete()

    assert told(household.events) == [("insert",)]


@pytest.mark.parametrize("factory", [MemberFactory, EnrolmentFactory, IncomeSnapshotFactory])
def test_an_event_holds_every_column_of_its_row(level, factory):
    row = factory()

    event = row.events.get()
    kept = {field.name for field in event._meta.concrete_fields}
    names = [f.attname for f in row._meta.concrete_fields if f.name in kept and not f.generated]
    assert len(names) > 10
    saved = type(row).objects.values(*names).get(pk=row.pk)
    assert {name: getattr(event, name) for name in names} == saved


def test_a_set_asks_no_table_of_another_schema(level):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_proc WHERE proname ~ '^pgtrigger_(insert|delete)_'"
            " AND (prosrc LIKE '%%_pgh_attach_context%%' OR proconfig IS NULL)"
        )
        assert cursor.fetchone() == (0,)
