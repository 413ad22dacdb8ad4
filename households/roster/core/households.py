"""Rows → households, and what is wrong between rows: the same person twice, two heads, no head."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from households.roster.core.fields import Value
from households.roster.core.header import Column
from households.roster.core.tables import Row, Table
from households.roster.core.values import HEAD
from povertyaid.lib.national_id import check_digit_fits

#: From this share of other relations on, a number on every row counts persons, not households.
MOSTLY_MEMBERS = 1 / 3


NOTHING_SAID: Mapping[int, Value] = {}


@dataclass(slots=True)
class Draft:
    """A household as the file tells it. `values` are its own fields, `rows` its persons.

    `repeats` are rows that name a person once more, in the same words; they say nothing new.
    """

    code: str | None
    of_members: bool
    rows: list[Row] = field(default_factory=list)
    repeats: list[Row] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)
    head: Row | None = None
    # What rooms above read of the family, set apart before ours is compared.
    for_parts: dict[str, Value] = field(default_factory=dict)

    @property
    def first(self) -> Row:
        return self.rows[0]

    @property
    def is_refused(self) -> bool:
        """A household goes in with its head, or not at all."""
        return self.head is None or bool(self.head.refusals)


@dataclass(slots=True)
class Roll:
    """Everything that the tables of one file say, before anybody looks at what is on file."""

    drafts: list[Draft] = field(default_factory=list)
    relation_columns: dict[str, Column] = field(default_factory=dict)
    id_columns: dict[str, Column] = field(default_factory=dict)


def gather(tables: Iterable[Table]) -> Roll:
    """Households of all sheets in order. The same code in another place is the same household."""
    gatherer = _Gatherer()
    for table in tables:
        gatherer.add(table)
    roll = gatherer.finish()
    for draft in roll.drafts:
        # What the rows said of the household stands in its values now.
        for row in (*draft.rows, *draft.repeats):
            row.household = NOTHING_SAID
    return roll


class _Gatherer:
    def __init__(self) -> None:
        self.roll = Roll()
        self.by_code: dict[str, Draft] = {}
        # Every number with the row and the household it stood in first.
        self.seen: dict[str, tuple[Row, Draft]] = {}
        self.phones: dict[str, Draft] = {}

    def add(self, table: Table) -> None:
        for name, columns in (
            ("relation", self.roll.relation_columns),
            ("id_number", self.roll.id_columns),
        ):
            if column := table.column(name):
                columns[table.sheet] = column
        if table.of_members:
            self._add_members(table)
        else:
            self._add_households(table)

    # --- one row per household ---

    def _add_households(self, table: Table) -> None:
        code_column = table.column("code")
        for row in table.rows:
            row.person["relation"] = HEAD
            code = _text(row.household.get(code_column.index)) if code_column else None
            if self._is_repeat(table, row, code):
                continue
            if code and code in self.by_code:
                row.refuse("code_repeated", code_column)
            draft = Draft(code, of_members=False, rows=[row], head=row)
            if code:
                self.by_code.setdefault(code, draft)
            self._remember(row, draft)
            draft.values = _household_values(table, [row])
            self.roll.drafts.append(draft)
            self._check_phone(table, row, draft)

    def _is_repeat(self, table: Table, row: Row, code: str | None) -> bool:
        """The same person a second time: unchanged if all is alike, else refused."""
        earlier = self._same_person(row, code)
        if not earlier:
            return False
        first, draft = earlier
        if code in (None, draft.code) and _says_the_same(table, row, first, draft):
            row.warn("duplicate_row")
            draft.repeats.append(row)
            return True
        elsewhere = first.sheet != row.sheet and code != draft.code
        self._refuse_repeat(
            table, row, "member_in_two_households" if elsewhere else "duplicate_conflict"
        )
        self.roll.drafts.append(
            Draft(code, of_members=False, rows=[row], head=row)  # refused, and told so
        )
        return True

    def _same_person(self, row: Row, code: str | None) -> tuple[Row, Draft] | None:
        if row.person_number:
            return self.seen.get(row.person_number)
        draft = self.by_code.get(code or "")
        if draft and not draft.of_members and draft.first.name == row.name:
            return draft.first, draft
        return None

    # --- one row per member ---

    def _add_members(self, table: Table) -> None:
        code_column = table.column("code")
        drafts: dict[int, Draft] = {}
        draft: Draft | None = None
        for starts, row in _starts(table, code_column):
            code = _text(row.household.get(code_column.index)) if code_column else None
            if draft is None or starts:
                draft = self.by_code.get(code or "") or Draft(code, of_members=True)
                if code:
                    self.by_code.setdefault(code, draft)
                drafts.setdefault(id(draft), draft)
            self._add_member(table, row, draft)
        known = {id(known) for known in self.roll.drafts}
        for number, draft in drafts.items():
            own = [row for row in draft.rows if row.sheet == table.sheet]
            said = _household_values(table, own)
            draft.values = {**said, **draft.values}
            _warn_of_differences(table, own)
            self._warn_of_size(table, draft, own)
            if number not in known:
                self.roll.drafts.append(draft)

    def _add_member(self, table: Table, row: Row, draft: Draft) -> None:
        earlier = self.seen.get(row.person_number)
        draft.rows.append(row)
        if not earlier:
            self._remember(row, draft)
            self._check_phone(table, row, draft)
            return
        first, other = earlier
        if other is not draft:
            self._refuse_repeat(table, row, "member_in_two_households")
        elif row.person == first.person and _continues(row, draft):
            row.warn("duplicate_row")
            draft.rows.pop()
            draft.repeats.append(row)
        else:
            self._refuse_repeat(table, row, "duplicate_conflict")

    # --- both ---

    def _remember(self, row: Row, draft: Draft) -> None:
        if row.person_number:
            self.seen[row.person_number] = (row, draft)

    @staticmethod
    def _refuse_repeat(table: Table, row: Row, code: str) -> None:
        row.refuse(code, table.column("id_number") or table.column("code"))

    def _check_phone(self, table: Table, row: Row, draft: Draft) -> None:
        phone = row.person.get("phone")
        if isinstance(phone, str) and self.phones.setdefault(phone, draft) is not draft:
            row.warn("phone_shared", table.column("phone"))

    @staticmethod
    def _warn_of_size(table: Table, draft: Draft, own: list[Row]) -> None:
        column = table.column("household_size")
        stated = draft.values.get("household_size")
        counted = len(draft.rows) - sum(map(is_refused_repeat, draft.rows))
        if column and stated is not None and own and stated != counted:
            own[0].warn("household_size_differs", column)

    def finish(self) -> Roll:
        for draft in self.roll.drafts:
            if draft.code and len(draft.code) >= 18 and check_digit_fits(draft.code):
                draft.code = (
                    None  # somebody's identity number: it has grouped the rows, and is no code
                )
            if draft.of_members or len(draft.rows) > 1:
                self._settle_head(draft)
        return self.roll

    def _settle_head(self, draft: Draft) -> None:
        refused = [row for row in draft.rows if is_refused_repeat(row)]
        counted = draft.rows
        if refused:
            counted = [row for row in draft.rows if not is_refused_repeat(row)]
        heads = [row for row in counted if row.person.get("relation") == HEAD]
        if len(heads) == 1:
            draft.head = heads[0]
        elif not heads and (head := _head_among(refused) or _only(refused, counted)):
            draft.head = head  # refused, and with it the household
        elif not heads and len(counted) == 1:
            draft.head = counted[0]
            draft.head.warn("head_assumed", self.roll.relation_columns.get(draft.head.sheet))
            draft.head.person["relation"] = HEAD
        else:
            code = "two_heads" if heads else "no_head"
            draft.head = None
            for row in [*draft.rows, *draft.repeats]:
                row.refuse(code, self.roll.relation_columns.get(row.sheet))


def _head_among(rows: list[Row]) -> Row | None:
    return next((row for row in rows if row.person.get("relation") == HEAD), None)


def _only(refused: list[Row], counted: list[Row]) -> Row | None:
    """Where nobody is left who counts, any refused row stands for the household."""
    return refused[0] if refused and not counted else None


REPEATED = frozenset(["duplicate_conflict", "member_in_two_households"])


def is_refused_repeat(row: Row) -> bool:
    return bool(row.refusals) and any(finding.code in REPEATED for finding in row.refusals)


def _text(value: Value | None) -> str | None:
    return None if value is None else str(value)


def _says_the_same(table: Table, row: Row, first: Row, draft: Draft) -> bool:
    """Alike in every mapped column; a blank household cell only continues the one above."""
    if row.person != first.person:
        return False
    if row.sheet != first.sheet:
        return _household_values(table, [row]).items() <= draft.values.items()
    return row.household == first.household


def _continues(row: Row, draft: Draft) -> bool:
    """Whether the household cells of a row, where there are any, repeat those above."""
    own = [above for above in draft.rows if above.sheet == row.sheet and above is not row]
    return all(
        value == next((above.household[i] for above in own if i in above.household), value)
        for i, value in row.household.items()
    )


def _starts(table: Table, code_column: Column | None) -> Iterator[tuple[bool, Row]]:
    """The rows in order, and whether a household starts there."""
    if code_column and any(code_column.index in row.household for row in table.rows):
        yield from _starts_by(
            table, [_text(row.household.get(code_column.index)) for row in table.rows]
        )
        return
    numbers = [row.running_number or None for row in table.rows]
    head_column = table.column("head")
    heads = (
        [_text(row.household.get(head_column.index)) for row in table.rows] if head_column else []
    )
    # A number on every row may count persons; then the head's name, if there is one, decides.
    on_every_row = all(numbers) and len(set(numbers)) == len(numbers)
    if any(numbers) and not (on_every_row and any(heads)):
        if not (on_every_row and _counts_persons(table.rows)):
            yield from _starts_by(table, numbers)
            return
    elif any(heads):
        yield from _starts_by(table, heads)
        return
    for row in table.rows:
        yield row.person.get("relation") == HEAD, row


def _starts_by(table: Table, marks: list[str | None]) -> Iterator[tuple[bool, Row]]:
    current = None
    for mark, row in zip(marks, table.rows, strict=True):
        yield mark is not None and mark != current, row
        current = mark or current


def _counts_persons(rows: list[Row]) -> bool:
    relations = Counter(row.person.get("relation") == HEAD for row in rows)
    return relations[True] > 0 and relations[False] > len(rows) * MOSTLY_MEMBERS


def _household_values(table: Table, rows: list[Row]) -> dict[str, Value]:
    """Each field from the first row that has it; causes and units from all their columns."""
    said: Mapping[int, Value] = {}
    for cells in _distinct_cells(rows):
        said = {**cells, **said} if said else cells
    fields = table.field_at
    values = {fields[at]: said[at] for at in fields if at in said}
    values.pop("code", None)
    values.pop("head", None)
    if "per_capita_income" in values:
        stated = [at for at in table.places["per_capita_income"] if at in said]
        values["per_capita_period"] = "month" if stated[-1] in table.monthly else "year"
    if values.pop("unit", None) is not None:
        units = [str(said[at]) for at in table.places["unit"] if at in said]
        values["unit"] = "/".join(units)
    if values.pop("causes", None) is not None:
        told = [said[at] for at in table.places["causes"] if at in said]
        words = [word for value in told if isinstance(value, tuple) for word in value]
        values["causes"] = tuple(dict.fromkeys(words))
    return values


def _distinct_cells(rows: list[Row]) -> Iterator[Mapping[int, Value]]:
    last: Mapping[int, Value] | None = None
    for row in rows:
        if row.household is not last:
            last = row.household
            yield last


def _warn_of_differences(table: Table, rows: list[Row]) -> None:
    """A household cell that is repeated with another value: the first stays."""
    if all(row.household is rows[0].household for row in rows):
        return
    first: dict[int, Value] = {}
    by_index = {column.index: column for column in table.header.columns}
    for row in rows:
        for index, value in row.household.items():
            column = by_index[index]
            if column.field != "code" and first.setdefault(index, value) != value:
                row.warn("household_value_differs", column)
