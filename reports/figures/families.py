"""The kinds of rows that figures are made of: how they are cut, and how a list of them looks."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Prefetch, Q
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households.models import Enrolment, Household, IncomeSnapshot, Member, StatusReview
from pairings.models import Helper, Pairing, PairingHelper
from povertyaid.lib.quantities import Kind
from povertyaid.org.models import OrgUnit
from reports.figures.cut import Cut
from reports.figures.lines import Lines, over
from reports.figures.parameters import category_word

# A file closed as merged or as a mistake never was a household of its own: its enrolment is
# counted with the file it went into, or not at all.
NO_OWN_HOUSEHOLD = [Household.CloseReason.MERGED, Household.CloseReason.ENTERED_BY_MISTAKE]


@dataclass(frozen=True)
class Column:
    """A column of the list behind a figure. `kind` makes it a number, right-aligned."""

    label: str | Promise
    read: Callable[[Any, Cut], Any]
    kind: Kind | None = None
    css: str = ""


class Family(ABC):
    """Rows of one model, cut and scoped; several figures of one family cost one statement."""

    unit = ""  # the lookups by which sums are grouped
    category = ""
    ordering: Sequence[str] = ("pk",)

    @abstractmethod
    def base(self, cut: Cut) -> Any:
        """The rows of a cut, without any figure's own condition."""

    def joined(self, other: "Family") -> "Family | None":
        """The family that serves both, if one statement can."""
        return self if type(other) is type(self) else None

    #: What a list never shows and the database need not send: numbers to decrypt, long texts.
    left_out: Sequence[str] = ()

    def listed(self, rows: Any) -> Any:
        """The rows with what the columns need, in order."""
        return rows.order_by(*self.ordering).defer(*self.left_out)

    @abstractmethod
    def columns(self) -> list[Column]:
        """How a list of the rows looks."""


def state_on(enrolment: Enrolment, cut: Cut) -> str:
    """The state as it was on the day of the cut: who left poverty later was still being helped."""
    status = Enrolment.Status
    if enrolment.status in {status.EXITED, status.CONSOLIDATING}:
        later = enrolment.exited_on and enrolment.exited_on > cut.as_of
        return str(status.HELPING.label if later else status(enrolment.status).label)
    return str(status(enrolment.status).label)


# --- what every row of a household answers --------------------------------------------------------


def _family_columns(at: Callable[[Any], Enrolment]) -> list[Column]:
    return [
        Column(
            gettext_lazy("Head of household"),
            lambda row, _cut: at(row).household.head_name,
            css="name",
        ),
        Column(gettext_lazy("File number"), lambda row, _cut: at(row).household.code),
        Column(gettext_lazy("Unit"), lambda row, _cut: at(row).household.unit.name, css="fact"),
        Column(
            gettext_lazy("Category"), lambda row, _cut: category_word(at(row).category), css="fact"
        ),
    ]


def enrolments_of(cut: Cut) -> Any:
    """Enrolments of the programme, on file by the day, removed ones among them.

    A household is on file from the day it was identified; where that day is not known, from
    the day the file was opened.
    """
    return (
        cut.scoped(Enrolment.objects.filter(programme=cut.programme))
        .exclude(household__close_reason__in=NO_OWN_HOUSEHOLD)
        .annotate(enrolled_on=Coalesce("identified_on", "household__opened_on"))
        .filter(enrolled_on__lte=cut.as_of)
    )


# A household found not to be poor leaves every count, on every day: it never was one of the poor.
REMOVED = Q(status=Enrolment.Status.REMOVED) | Q(
    household__close_reason=Household.CloseReason.NOT_POOR
)
COUNTED = ~Q(status=Enrolment.Status.REMOVED) & ~Q(
    household__close_reason=Household.CloseReason.NOT_POOR
)


class Enrolments(Family):
    """One row a household of the programme."""

    unit = "household__unit__path"
    category = "category"
    ordering = ("household__code",)
    left_out = ("kept", "household__bank_account", "household__note")

    def base(self, cut: Cut) -> Any:
        return enrolments_of(cut)

    def listed(self, rows: Any) -> Any:
        return super().listed(rows).select_related("household__unit")

    def columns(self) -> list[Column]:
        return [
            *_family_columns(lambda row: row),
            Column(gettext_lazy("State that day"), state_on, css="fact"),
            Column(gettext_lazy("Identified on"), lambda row, _cut: row.identified_on),
            Column(gettext_lazy("Planned exit"), lambda row, _cut: row.target_exit_on),
            Column(gettext_lazy("Left poverty on"), exit_day),
        ]


def exit_day(enrolment: Enrolment, cut: Cut) -> Any:
    return enrolment.exited_on if enrolment.exited_on and enrolment.exited_on <= cut.as_of else None


@dataclass(frozen=True)
class Incomes(Family):
    """One row a household of the programme, with the latest income of some stages beside it.

    The income of a stage is called `exit_income` and so on in expressions. With `lines`, a row
    also has the exit line of its category and year (`line`), how far its income at exit lies
    above (`over`) and whether the line must be exceeded (`is_strict`).
    """

    stages: tuple[str, ...] = ()
    lines: bool = False
    year: int | None = None

    unit = "household__unit__path"
    category = "category"
    ordering = ("household__code",)
    left_out = ("kept", "household__bank_account", "household__note")

    def joined(self, other: Family) -> Family | None:
        if not isinstance(other, Incomes) or other.year != self.year:
            return None
        stages = tuple(dict.fromkeys(self.stages + other.stages))
        return Incomes(stages, lines=self.lines or other.lines, year=self.year)

    def base(self, cut: Cut) -> Any:
        rows = enrolments_of(cut)
        for stage in self.stages:
            rows = self._with_income(rows, stage, cut)
        if self.lines:
            line, is_strict = Lines.of(cut).as_sql("category", "exit_income__year", "exited_on")
            rows = rows.annotate(
                line=line, is_strict=is_strict, over=over("exit_income__per_capita", line)
            )
        return rows

    def _with_income(self, rows: Any, stage: str, cut: Cut) -> Any:
        name = f"{stage}_income"
        if self.year is not None:
            this_year = Q(incomes__stage=stage, incomes__year=self.year)
            return rows.annotate(**{name: FilteredRelation("incomes", condition=this_year)})
        by_then = Q(incomes__stage=stage, incomes__year__lte=cut.as_of.year)
        later = IncomeSnapshot.objects.filter(
            enrolment=OuterRef("pk"),
            stage=stage,
            year__lte=cut.as_of.year,
            year__gt=OuterRef(f"{name}__year"),
        )
        rows = rows.annotate(**{name: FilteredRelation("incomes", condition=by_then)})
        # Without an income nothing is later than NULL, so the household stays. Said like this, and
        # not as "none, or none later", the database may join instead of asking row by row.
        return rows.filter(~Exists(later))

    def listed(self, rows: Any) -> Any:
        shown = ("year", "net_income", "persons", "per_capita")
        rows = rows.annotate(
            **{
                f"{stage}_{one}": F(f"{stage}_income__{one}")
                for stage in self.stages
                for one in shown
            }
        )
        return super().listed(rows).select_related("household__unit")

    def columns(self) -> list[Column]:
        columns = _family_columns(lambda row: row)
        if "exit" in self.stages:
            columns.append(Column(gettext_lazy("Left poverty on"), exit_day))
        for stage in self.stages:
            word = str(IncomeSnapshot.Stage(stage).label)
            columns += [
                Column(_("Year, %(stage)s") % {"stage": word}, _reader(f"{stage}_year")),
                Column(
                    _("Per person, %(stage)s") % {"stage": word},
                    _reader(f"{stage}_per_capita"),
                    Kind.YUAN_PER_PERSON_YEAR,
                    css="fact",
                ),
            ]
        if self.lines:
            columns.append(
                Column(gettext_lazy("Exit line"), _reader("line"), Kind.YUAN_PER_PERSON_YEAR)
            )
        return columns


class Members(Family):
    """One row a person who belonged to a household of the programme on the day."""

    unit = "household__unit__path"
    category = "enrolment__category"
    ordering = ("household__code", "seq", "pk")
    left_out = (
        *("id_number", "former_id_number", "note"),
        *("household__bank_account", "household__note"),
    )

    def base(self, cut: Cut) -> Any:
        of_programme = Q(household__enrolments__programme=cut.programme)
        return (
            cut.scoped(Member.objects.present_on(cut.as_of))
            .filter(Q(joined_on=None) | Q(joined_on__lte=cut.as_of))
            .exclude(household__close_reason__in=NO_OWN_HOUSEHOLD)
            .annotate(
                enrolment=FilteredRelation("household__enrolments", condition=of_programme),
                enrolled_on=Coalesce("enrolment__identified_on", "household__opened_on"),
            )
            .filter(enrolment__programme=cut.programme, enrolled_on__lte=cut.as_of)
        )

    def listed(self, rows: Any) -> Any:
        rows = rows.annotate(category_code=F("enrolment__category"))
        return super().listed(rows).select_related("household__unit")

    def columns(self) -> list[Column]:
        return [
            Column(gettext_lazy("Name"), lambda row, _cut: row.name, css="name"),
            Column(
                gettext_lazy("Relation to the head"), lambda row, _cut: row.relation, css="fact"
            ),
            Column(gettext_lazy("Head of household"), lambda row, _cut: row.household.head_name),
            Column(gettext_lazy("File number"), lambda row, _cut: row.household.code),
            Column(gettext_lazy("Unit"), lambda row, _cut: row.household.unit.name, css="fact"),
            Column(gettext_lazy("Category"), lambda row, _cut: category_word(row.category_code)),
            Column(gettext_lazy("Sex"), lambda row, _cut: row.sex),
            Column(gettext_lazy("Age that day"), lambda row, cut: row.age_on(cut.as_of)),
        ]


class Reviews(Family):
    """One row a review of a household of the programme."""

    unit = "enrolment__household__unit__path"
    category = "enrolment__category"
    ordering = ("reviewed_on", "pk")
    left_out = (
        *("note", "decision_note", "enrolment__kept"),
        *("enrolment__household__bank_account", "enrolment__household__note"),
    )

    def base(self, cut: Cut) -> Any:
        return cut.scoped(
            StatusReview.objects.filter(
                enrolment__programme=cut.programme, reviewed_on__lte=cut.as_of
            )
        ).exclude(enrolment__household__close_reason__in=NO_OWN_HOUSEHOLD)

    def listed(self, rows: Any) -> Any:
        return super().listed(rows).select_related("enrolment__household__unit", "snapshot")

    def columns(self) -> list[Column]:
        return [
            *_family_columns(lambda row: row.enrolment),
            Column(
                gettext_lazy("Kind of review"), lambda row, _cut: row.get_kind_display(), css="fact"
            ),
            Column(gettext_lazy("Day of review"), lambda row, _cut: row.reviewed_on),
            Column(
                gettext_lazy("Decision"), lambda row, _cut: row.get_decision_display(), css="fact"
            ),
            Column(
                gettext_lazy("Income it rests on"),
                lambda row, _cut: row.snapshot.per_capita if row.snapshot else None,
                Kind.YUAN_PER_PERSON_YEAR,
            ),
            Column(
                gettext_lazy("Line of that day"),
                lambda row, _cut: row.line_value,
                Kind.YUAN_PER_PERSON_YEAR,
            ),
        ]


class Helpers(Family):
    """One row a helper on the programme's roster that day; who was entered by mistake is none."""

    unit = "unit__path"
    ordering = ("name_pinyin", "pk")
    left_out = ("id_number",)

    def base(self, cut: Cut) -> Any:
        rows = cut.scoped(Helper.objects.on_roster(cut.as_of).filter(programme=cut.programme))
        return rows.exclude(leave_reason=Helper.LeaveReason.MISTAKE)

    def listed(self, rows: Any) -> Any:
        return super().listed(rows).select_related("unit")

    def columns(self) -> list[Column]:
        return [
            Column(gettext_lazy("Helper"), lambda row, _cut: row.name, css="name"),
            Column(
                gettext_lazy("Category of helper"),
                lambda row, _cut: row.get_category_display(),
                css="fact",
            ),
            Column(gettext_lazy("Home organisation"), lambda row, _cut: row.home, css="fact"),
            Column(gettext_lazy("Post or rank"), lambda row, _cut: row.rank),
            Column(
                gettext_lazy("Honour"),
                lambda row, _cut: (
                    f"{row.get_honour_level_display() if row.honour_level else ''} {row.honour}"
                ).strip(),
            ),
            Column(gettext_lazy("Unit"), lambda row, _cut: row.unit.name, css="fact"),
        ]


class Pairs(Family):
    """One row a pair of a household formed by the day, also one that has ended since."""

    unit = "unit__path"
    category = "enrolment__category"
    ordering = ("enrolment__household__code", "pk")
    left_out = (
        *("enrolment__kept", "enrolment__household__bank_account"),
        *("enrolment__household__note",),
    )

    def base(self, cut: Cut) -> Any:
        rows = cut.scoped(
            Pairing.objects.filter(
                programme=cut.programme, enrolment__isnull=False, starts_on__lte=cut.as_of
            )
        )
        return rows.exclude(end_reason=Pairing.EndReason.MISTAKE)

    def listed(self, rows: Any) -> Any:
        lines = PairingHelper.objects.select_related("helper").order_by("role", "starts_on", "pk")
        return (
            super()
            .listed(rows)
            .select_related("enrolment__household__unit")
            .prefetch_related(Prefetch("lines", lines, to_attr="listed_lines"))
        )

    def columns(self) -> list[Column]:
        return [
            *_family_columns(lambda row: row.enrolment),
            Column(
                gettext_lazy("Helpers that day"),
                lambda row, cut: "、".join(
                    line.helper.name for line in row.listed_lines if line.stood_on(cut.as_of)
                ),
                css="fact",
            ),
            Column(gettext_lazy("Scheme"), lambda row, _cut: row.get_scheme_display()),
            Column(gettext_lazy("Paired on"), lambda row, _cut: row.starts_on),
            Column(
                gettext_lazy("Ended on"),
                lambda row, cut: row.ends_on if row.ends_on and row.ends_on <= cut.as_of else None,
            ),
        ]


class PairModes(Pairs):
    """One row a pair that stood on the day, with how many help whom (`mode`, `helper_count`)."""

    def base(self, cut: Cut) -> Any:
        return super().base(cut).on_day(cut.as_of).with_mode(cut.as_of)

    def columns(self) -> list[Column]:
        return [
            *super().columns(),
            Column(
                gettext_lazy("Mode"),
                lambda row, _cut: Pairing.Mode(row.mode).label if row.mode else "",
            ),
        ]


class Units(Family):
    """One row a unit that existed on the day."""

    unit = "path"
    ordering = ("path",)

    def base(self, cut: Cut) -> Any:
        open_then = Q(closed_on=None) | Q(closed_on__gt=cut.as_of)
        return cut.scoped(OrgUnit.objects.filter(open_then))

    def listed(self, rows: Any) -> Any:
        return super().listed(rows).select_related("parent")

    def columns(self) -> list[Column]:
        return [
            Column(gettext_lazy("Unit"), lambda row, _cut: row.name, css="name"),
            Column(gettext_lazy("Unit code"), lambda row, _cut: row.code),
            Column(
                gettext_lazy("Kind of unit"), lambda row, _cut: row.get_kind_display(), css="fact"
            ),
            Column(gettext_lazy("Level"), lambda row, _cut: row.get_level_display(), css="fact"),
            Column(
                gettext_lazy("Parent unit"), lambda row, _cut: row.parent.name if row.parent else ""
            ),
        ]


def _reader(name: str) -> Callable[[Any, Cut], Any]:
    return lambda row, _cut: getattr(row, name)
