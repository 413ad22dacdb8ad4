"""Taking a whole import back: every row stands again as it stood before, unless somebody went on with it.

The history of every row says what it was before the import. A file that anybody changed after
the import (its members, enrolments, incomes, reviews, statuses or papers) stays as it is, and is
named.
"""

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from households.actions import identity
from households.models import (
    Enrolment,
    Household,
    IdentityClaim,
    IncomeSnapshot,
    Member,
    RosterChange,
    RosterImport,
)
from households.roster import parts
from households.roster.refusals import BusyError, NotImportedError, OvertakenError
from povertyaid.audit.history import RowEvent, acting
from povertyaid.audit.models import record

State = RosterImport.State

COUNTED = {"version", "updated_at"}  # a file that stands as before is another version all the same

#: Tables an import writes, children first, with the way from a row to its household.
WRITTEN = {
    IncomeSnapshot: "enrolment_id IN (SELECT id FROM households_enrolment WHERE household_id = ANY(%(files)s))",
    Enrolment: "household_id = ANY(%(files)s)",
    Member: "household_id = ANY(%(files)s)",
    Household: "pgh_obj_id = ANY(%(files)s)",
}

# Files that were locked, in one order: two who undo and import wait for one another.
LOCK = "SELECT id FROM households_household WHERE id = ANY(%(files)s) ORDER BY id FOR UPDATE"

# Something of a file changed after the import: its version counts its own row, its members and
# enrolments; reviews, statuses, incomes and papers are looked for. Later imports that were undone left
# everything as it was, so what they wrote and took back is no change.
WENT_ON = """
    SELECT household.id FROM households_household household
      JOIN households_rosterchange change
        ON change.household_id = household.id AND change.roster_id = %(roster)s
     WHERE household.version <> change.version
     UNION
    SELECT household_id FROM households_designationrowevent
     WHERE household_id = ANY(%(files)s) AND pgh_created_at > %(since)s
       AND coalesce(acted_reason, '') <> ALL(%(undone)s)
     UNION
    SELECT household_id FROM households_dossieritemrowevent
     WHERE household_id = ANY(%(files)s) AND pgh_created_at > %(since)s
       AND coalesce(acted_reason, '') <> ALL(%(undone)s)
     UNION
    SELECT enrolment.household_id
      FROM households_enrolment enrolment
      JOIN households_statusreviewrowevent event ON event.enrolment_id = enrolment.id
     WHERE enrolment.household_id = ANY(%(files)s) AND event.pgh_created_at > %(since)s
       AND coalesce(event.acted_reason, '') <> ALL(%(undone)s)
     UNION
    SELECT enrolment.household_id
      FROM households_enrolment enrolment
      JOIN households_incomesnapshotrowevent event ON event.enrolment_id = enrolment.id
     WHERE enrolment.household_id = ANY(%(files)s) AND event.pgh_created_at > %(since)s
       AND coalesce(event.acted_reason, '') <> ALL(%(undone)s)
"""

# The rows of one table that the import wrote, with the event that tells how each stood before.
# Without such an event the import made the row.
DONE = """
    SELECT done.pgh_obj_id, before.pgh_id
      FROM (SELECT pgh_obj_id, min(pgh_id) AS first FROM {events}
             WHERE {of_files} AND acted_reason = %(marker)s AND pgh_created_at <= %(since)s
             GROUP BY pgh_obj_id) done
      LEFT JOIN LATERAL (SELECT pgh_id FROM {events}
                          WHERE pgh_obj_id = done.pgh_obj_id AND pgh_id < done.first
                          ORDER BY pgh_id DESC LIMIT 1) before ON true
"""


def written():
    """Every table an import writes, those of rooms above first: what refers goes before it."""
    return {
        table: way for part in parts.registered() for table, way in part.undone.items()
    } | WRITTEN


def take_back(roster, *, by, watch=lambda: None):
    """Undo an import. Answers how many files stand as before, and how many stayed as they are.

    Raises NotImportedError, BusyError, OvertakenError.
    """
    try:
        with transaction.atomic():
            return _take_back(_locked(roster), by, watch)
    except IntegrityError:
        # Somebody refers to a row that would go, or took a number that would come back.
        raise OvertakenError from None


def went_on(roster):
    """The files that somebody changed since, as far as they tell by their version."""
    return Household.objects.filter(
        pk__in=RosterChange.objects.filter(roster=roster).values("household_id")
    ).exclude(
        Exists(
            RosterChange.objects.filter(
                roster=roster, household_id=OuterRef("pk"), version=OuterRef("version")
            )
        )
    )


def begin(roster):
    """From now on it is being undone. Raises NotImportedError, BusyError."""
    with transaction.atomic():
        roster = _locked(roster, State.IMPORTED)
        roster.state = State.UNDOING
        roster.save(update_fields=["state"])
    return roster


def _locked(roster, *states):
    roster = (
        RosterImport.objects.select_for_update(of=("self",))
        .select_related("unit")
        .order_by()
        .get(pk=roster.pk)
    )
    if roster.state not in (states or (State.IMPORTED, State.UNDOING)):
        raise BusyError if roster.is_working else NotImportedError
    return roster


def _take_back(roster, by, watch):
    changes = dict(RosterChange.objects.filter(roster=roster).values_list("household_id", "is_new"))
    with connection.cursor() as cursor, acting(by, roster.undo_marker):
        told = {
            "files": list(changes), "roster": roster.pk,
            "since": roster.settled_at, "marker": roster.marker, "undone": _undone_since(roster),
        }  # fmt: skip
        cursor.execute(LOCK, told)
        there = {key for (key,) in cursor.fetchall()}
        also = [part.went_on for part in parts.registered() if part.went_on]
        cursor.execute(" UNION ".join([WENT_ON, *also]), told)
        touched = {key for (key,) in cursor.fetchall()} | (set(changes) - there)
        touched |= _referred_to(changes, touched, roster)
        told["files"] = sorted(set(changes) - touched)
        # As in an import: without this each trigger catches an error for every row.
        cursor.execute("SELECT set_config('pgtrigger.ignore', '{}', true)")
        for model, of_files in written().items():
            watch()
            _restore(cursor, model, of_files, told)
    RosterChange.objects.filter(roster=roster, household_id__in=touched).update(is_held_back=True)
    roster.state = State.UNDONE
    roster.undone_at, roster.undone_by = timezone.now(), by
    roster.save(update_fields=["state", "undone_at", "undone_by"])
    done = len(told["files"])
    record(
        roster, "roster_undone", by=by,
        file=roster.file_name, rows=done, held_back=len(touched),
    )  # fmt: skip
    return done, len(touched)


def _let_go():
    return {table: which for part in parts.registered() for table, which in part.let_go.items()}


def _relations(target):
    """Every way in which another row can name one of `target`, such without a way back among them."""
    fields = target._meta.get_fields(include_hidden=True)
    return [one for one in fields if one.one_to_many or (one.one_to_one and one.auto_created)]


def _naming(target):
    """(field, rows) of every table, beside those an import writes, that can name rows of `target`.

    Asked of the tables, so that a room above need not be known here.
    """
    own, let_go = written(), _let_go()
    for relation in _relations(target):
        model = relation.related_model
        if model not in own and not issubclass(model, RowEvent):
            rows = model._base_manager.all()
            yield relation.field.name, rows.exclude(let_go[model]) if model in let_go else rows


def _referred_to(changes, touched, roster):
    """Files of which something else names by now what the import made: the file, a person, ..."""
    new = [key for key, is_new in changes.items() if is_new and key not in touched]
    found = set()
    for name, rows in _naming(Household) if new else ():
        found |= set(rows.filter(**{f"{name}__in": new}).values_list(name, flat=True))
    rest = [key for key in changes if key not in touched]
    for target in (Member, Enrolment) if rest else ():
        events = target.events.rel.related_model.objects.filter(
            household__in=rest, pgh_label="insert", acted_reason=roster.marker
        )
        made = list(events.values_list("pgh_obj_id", flat=True))
        for name, rows in _naming(target) if made else ():
            named = rows.filter(**{f"{name}__in": made})
            found |= set(named.values_list(f"{name}__household", flat=True))
    return found & set(changes)


def _undone_since(roster):
    """What the history says of later imports, written and taken back again."""
    later = RosterImport.objects.filter(state=State.UNDONE, settled_at__gt=roster.settled_at)
    return [marker for one in later for marker in (one.marker, one.undo_marker)]


# Who counts on the version that stood before this import counts on the one that stands now: the
# file is as it was then.
AS_BEFORE = """
    CREATE TEMP TABLE roster_versions ON COMMIT DROP AS
    SELECT household.id, household.version AS now, told.version AS before
      FROM households_household household
      JOIN households_householdrowevent told ON told.pgh_obj_id = household.id
     WHERE told.pgh_id = ANY(%(before)s)
"""
FILES_AS_BEFORE = """
    UPDATE households_rosterchange change SET version = versions.now
      FROM roster_versions versions
     WHERE change.household_id = versions.id AND change.version = versions.before
"""
NAMES_AS_BEFORE = """
    UPDATE households_rosterimport roster
       SET named_versions = (
           SELECT array_agg(coalesce(versions.now, told.version) ORDER BY told.place)
             FROM unnest(roster.named, roster.named_versions)
                  WITH ORDINALITY AS told (id, version, place)
             LEFT JOIN roster_versions versions
               ON versions.id = told.id AND versions.before = told.version)
     WHERE roster.state = 'imported'
       AND roster.named && (SELECT array_agg(id) FROM roster_versions)
"""


def _count_as_before(cursor, before):
    if before:
        cursor.execute("DROP TABLE IF EXISTS roster_versions")
        cursor.execute(AS_BEFORE, {"before": before})
        cursor.execute(FILES_AS_BEFORE)
        cursor.execute(NAMES_AS_BEFORE)


def _not_named_since(model, made):
    """Of rows that the import made, those that go: in some tables only what nothing else names."""
    if made and any(model in part.stay_if_named for part in parts.registered()):
        for name, rows in _naming(model):
            named = rows.filter(**{f"{name}__in": made}).values_list(name, flat=True)
            made = sorted(set(made) - set(named))
    return made


def _let_go_with(model, made):
    """Rows that hold nothing back go before what they name."""
    let_go = _let_go()
    for relation in _relations(model):
        if which := let_go.get(relation.related_model):
            rows = relation.related_model._base_manager.filter(which)
            rows.filter(**{f"{relation.field.name}__in": made}).delete()


def _restore(cursor, model, of_files, told):
    """Let the rows of one table stand as before; such as the import made go, their history stays."""
    table = model._meta.db_table
    events = model.events.rel.related_model._meta.db_table
    cursor.execute(DONE.format(events=events, of_files=of_files), told)
    rows = cursor.fetchall()
    made = [key for key, before in rows if before is None]
    changed = {key: before for key, before in rows if before is not None}
    made = _not_named_since(model, made)
    if made:
        _let_go_with(model, made)
        if model is Member:
            IdentityClaim.objects.filter(member_id__in=made).delete()
        cursor.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [made])  # noqa: S608 -- our own names
    if changed:
        _as_before(cursor, model, table, events, changed)


def _as_before(cursor, model, table, events, changed):
    if model is Member:
        # Who was made the head makes room for who was it before.
        cursor.execute(
            "UPDATE households_member SET relation = '' WHERE id = ANY(%s) AND relation = '户主'",
            [list(changed)],
        )
    told = ", ".join(
        f"{field.column} = before.{field.column}"
        for field in model._meta.concrete_fields
        if not (field.primary_key or field.generated or field.column in COUNTED)
    )
    if model is Household:
        told += ", version = households_household.version + 1, updated_at = now()"
    cursor.execute(
        f"UPDATE {table} SET {told} FROM {events} before"  # noqa: S608 -- our own names
        f" WHERE before.pgh_id = ANY(%s) AND {table}.id = before.pgh_obj_id",
        [list(changed.values())],
    )
    if model is Household:
        _count_as_before(cursor, list(changed.values()))
    if model is Member:
        # A number that was given back is claimed again, one that was taken is let go.
        members = Member.objects.filter(pk__in=changed).select_related("household")
        identity.claim([member for member in members if member.household.is_open])
