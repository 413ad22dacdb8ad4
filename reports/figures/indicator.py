"""An indicator: which rows, which sum. A figure: one value of it, together with its rows."""

import datetime
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Case, Count, DecimalField, F, Q, Sum, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode

from povertyaid.lib.quantities import Kind, Quantity
from reports.figures.cut import Cut
from reports.figures.families import Column, Family
from reports.figures.numbers import rounded, written
from reports.figures.parameters import Parameter, Params, read_parameters

AMOUNT = DecimalField(max_digits=24, decimal_places=4)
Sums = Mapping[str, Decimal]


@dataclass(frozen=True)
class Part:
    """What each row adds to a sum: itself (one), or an amount of its own.

    `when` narrows it to some of the indicator's rows: of all households, those that left.
    """

    name: str
    label: str | Promise
    kind: Kind
    amount: str | None = None  # the lookup of the amount; None: the row counts one
    when: Q = field(default_factory=Q)

    def total(self, condition: Q) -> Any:
        """The aggregate over a family's rows that satisfy the indicator's condition."""
        narrowed = (condition & self.when) or None
        if self.amount is None:
            return Count("pk", filter=narrowed)
        return Coalesce(Sum(self.amount, filter=narrowed), Value(Decimal(0)), output_field=AMOUNT)

    def of_row(self) -> Any:
        """The same for one row: what it adds, zero where it adds nothing."""
        one: Any = Value(Decimal(1)) if self.amount is None else F(self.amount)
        if self.when:
            one = Case(When(self.when, then=one), default=Value(Decimal(0)), output_field=AMOUNT)
        return Coalesce(one, Value(Decimal(0)), output_field=AMOUNT)


@dataclass(frozen=True)
class Figure:
    """One printed number: what it is called, what it is, and the rows that it was made of.

    The page, the PDF, the workbook, the list behind it and the JSON all come from this object.
    `value` is None where there is nothing to compute it from; `note` then says why.
    """

    code: str
    label: str
    value: Decimal | None
    kind: Kind
    measure: str  # the sign printed behind the number: the kind's own, or 个, 级, 亩
    row_count: int
    indicator: "Indicator"
    cut: Cut
    params: Params
    sums: Sums = field(default_factory=dict)
    note: str = ""

    @property
    def text(self) -> str:
        return written(self.value, self.kind)

    @property
    def quantity(self) -> Quantity | None:
        return None if self.value is None else Quantity(self.value, self.kind)

    def rows(self) -> Any:
        """Exactly the rows behind the number, within the reader's scope."""
        return self.indicator.rows(self.cut, self.params)

    @property
    def url(self) -> str:
        """The address of the list behind the number."""
        asked = self.cut.query() | {"indicator": self.indicator.code}
        asked |= self.indicator.written_parameters(self.params)
        return f"{reverse('reports:rows')}?{urlencode(asked)}"


class Indicator(ABC):
    """A question that the office asks again and again, with its definition (口径)."""

    code: ClassVar[str]
    label: ClassVar[str | Promise]
    definition: ClassVar[str | Promise]
    kind: ClassVar[Kind]
    measure: ClassVar[str] = ""
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    required: ClassVar[tuple[str, ...]] = ()
    is_personal: ClassVar[bool] = False

    def read_parameters(self, given: Mapping[str, object]) -> Params:
        """Raises ParameterError."""
        return read_parameters(self.parameters, given, required=self.required)

    def check_parameters(self, params: Params, cut: Cut) -> None:
        """What only the programme knows of them. Raises ParameterError."""
        for parameter in self.parameters:
            if parameter.name in params:
                parameter.check(params[parameter.name], cut)

    def written_parameters(self, params: Params) -> dict[str, str]:
        known = {parameter.name: parameter for parameter in self.parameters}
        return {name: known[name].write(value) for name, value in params.items()}

    def shown_parameters(self, params: Params) -> list[tuple[str, str]]:
        """Name and value in words, in the declared order."""
        return [
            (str(parameter.label), parameter.show(params[parameter.name]))
            for parameter in self.parameters
            if parameter.name in params
        ]

    def kind_in(self, cut: Cut, params: Params) -> Kind:
        """What is counted; some indicators count households or persons as the programme does."""
        return self.kind

    def measure_in(self, cut: Cut, params: Params) -> str:
        return self.measure or str(self.kind_in(cut, params).value)

    @abstractmethod
    def rows(self, cut: Cut, params: Params) -> Any:
        """The contributing rows, scoped to the cut: a queryset."""

    @abstractmethod
    def figure(self, cut: Cut, params: Params, *, code: str = "", label: str = "") -> Figure:
        """One value with its rows; `code` and `label` name it inside a paper."""

    @abstractmethod
    def listed(self, cut: Cut, params: Params) -> Any:
        """The rows with everything a list of them shows."""

    @abstractmethod
    def columns(self, cut: Cut, params: Params) -> Sequence[Column]:
        """How a list of the rows looks."""

    def parts(self, cut: Cut, params: Params) -> Sequence[Part]:
        """What the rows add up to; none where the figure is read, not summed."""
        return ()

    def working(self, figure: Figure) -> str:
        """How the sums give the value, in one line; empty where the sum is the value."""
        return ""


class SumIndicator(Indicator):
    """Rows of one family that satisfy a condition, and sums over them.

    Everything is a sum, so figures of units add up to those of the unit above, and one
    statement gives the figures of all units and categories at once.
    """

    is_personal = True
    #: The lookup of the day on which a row begins to count in the parts named in `grows`.
    day: ClassVar[str] = ""
    grows: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def family(self, params: Params) -> Family:
        """The kind of rows it counts."""

    @abstractmethod
    def condition(self, cut: Cut, params: Params) -> Q:
        """Which rows of the family are its own."""

    @abstractmethod
    def compute(self, sums: Sums) -> Decimal | None:
        """The value from the sums of the parts, not yet rounded."""

    def note(self, cut: Cut, params: Params, sums: Sums) -> str:
        return ""

    def rows(self, cut: Cut, params: Params) -> Any:
        return self.family(params).base(cut).filter(self.condition(cut, params))

    def listed(self, cut: Cut, params: Params) -> Any:
        rows = self.family(params).listed(self.rows(cut, params))
        return rows.annotate(
            **{f"part_{part.name}": part.of_row() for part in self.parts(cut, params)}
        )

    def columns(self, cut: Cut, params: Params) -> Sequence[Column]:
        return self.family(params).columns()

    def aggregates(self, cut: Cut, params: Params) -> dict[str, Any]:
        """`rows` and one sum for each part, each narrowed to this indicator's rows."""
        condition = self.condition(cut, params)
        return {"rows": Count("pk", filter=condition or None)} | {
            part.name: part.total(condition) for part in self.parts(cut, params)
        }

    def figure(self, cut: Cut, params: Params, *, code: str = "", label: str = "") -> Figure:
        sums = self.family(params).base(cut).aggregate(**self.aggregates(cut, params))
        return self.figure_of(sums, cut, params, code=code, label=label)

    def figure_of(
        self, sums: Mapping[str, Any], cut: Cut, params: Params, *, code: str = "", label: str = ""
    ) -> Figure:
        """A figure of sums that were fetched together with others."""
        exact = {name: Decimal(value) for name, value in sums.items()}
        kind = self.kind_in(cut, params)
        return Figure(
            code=code or self.code,
            label=label or str(self.label),
            value=rounded(self.compute(exact), kind),
            kind=kind,
            measure=self.measure_in(cut, params),
            row_count=int(exact["rows"]),
            indicator=self,
            cut=cut,
            params=params,
            sums=exact,
            note=self.note(cut, params, exact),
        )

    def first_reached(self, cut: Cut, params: Params, goal: Decimal) -> datetime.date | None:
        """The first day on which the value stood at the goal; None if never, or not datable.

        One statement. The rows are those of the day of the cut; the parts in `grows` fill up.
        """
        if not self.day:
            return None
        by_day = list(
            self.family(params)
            .base(cut)
            .values(event=F(self.day))
            .annotate(**self.aggregates(cut, params))
            .order_by("event")
        )
        sums = add_up(by_day, self.names(cut, params))
        for name in self.grows:
            sums[name] = Decimal(0)
        for one in by_day:
            if one["event"] is None:
                continue
            for name in self.grows:
                sums[name] += one[name]
            value = rounded(self.compute(sums), self.kind_in(cut, params))
            if value is not None and value >= goal:
                return one["event"]
        return None

    def names(self, cut: Cut, params: Params) -> list[str]:
        return ["rows", *(part.name for part in self.parts(cut, params))]


class ReadIndicator(Indicator):
    """A value that is read from one row or a few, not summed: a line, a date, a named list."""

    #: How the list of rows looks: label, and how to read it from a row.
    listing: ClassVar[tuple[Column, ...]]
    ordering: ClassVar[tuple[str, ...]] = ("pk",)

    @abstractmethod
    def read(self, rows: list[Any], cut: Cut, params: Params) -> Decimal | int | None:
        """The value, from the few rows that hold it."""

    def kind_of(self, rows: list[Any], cut: Cut, params: Params) -> Kind:
        """The kind where the row itself says it: a line in yuan, or a line in per cent."""
        return self.kind_in(cut, params)

    def note(self, rows: list[Any], cut: Cut, params: Params) -> str:
        return ""

    def listed(self, cut: Cut, params: Params) -> Any:
        return self.rows(cut, params).order_by(*self.ordering)

    def columns(self, cut: Cut, params: Params) -> Sequence[Column]:
        return self.listing

    def figure(self, cut: Cut, params: Params, *, code: str = "", label: str = "") -> Figure:
        return self.figure_of(list(self.listed(cut, params)), cut, params, code=code, label=label)

    def figure_of(
        self, rows: list[Any], cut: Cut, params: Params, *, code: str = "", label: str = ""
    ) -> Figure:
        """A figure of rows that were fetched together with others."""
        value = self.read(rows, cut, params)
        kind = self.kind_of(rows, cut, params)
        declared = self.kind_in(cut, params)
        return Figure(
            code=code or self.code,
            label=label or str(self.label),
            value=None if value is None else Decimal(value),
            kind=kind,
            measure=self.measure_in(cut, params) if kind is declared else str(kind.value),
            row_count=len(rows),
            indicator=self,
            cut=cut,
            params=params,
            note=self.note(rows, cut, params),
        )


def add_up(rows: Iterable[Mapping[str, Any]], names: Iterable[str]) -> dict[str, Decimal]:
    """The sums of sums, over units or categories."""
    sums = {name: Decimal(0) for name in names}
    for row in rows:
        for name in sums:
            sums[name] += row[name]
    return sums
