"""Who takes part in helping: units that are helped, helpers at work, growth from round to round."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pairings.models import Attendance, Helper, Pairing, PairingHelper
from povertyaid.lib.quantities import Kind
from povertyaid.org.models import OrgUnit
from reports.figures.cut import Cut
from reports.figures.families import Column, Family, Helpers, Pairs, Units
from reports.figures.frame import KINDS
from reports.figures.indicator import Part, SumIndicator, Sums
from reports.figures.numbers import percentage, plain
from reports.figures.pairs import CATEGORIES, IN_POST_LOCAL
from reports.figures.parameters import Flag, Params

TRUE_PAIRS = ~Q(pairing__end_reason=Pairing.EndReason.MISTAKE)
STANDING = Flag("standing", _("standing"))


class HelpedUnits(Units):
    """One row a unit with which a pair was formed by the day, also one that was closed since."""

    def base(self, cut: Cut) -> Any:
        formed = Pairing.objects.filter(
            programme=cut.programme, target_unit=OuterRef("pk"), starts_on__lte=cut.as_of
        ).exclude(end_reason=Pairing.EndReason.MISTAKE)
        return cut.scoped(OrgUnit.objects.filter(Exists(formed)))

    def columns(self) -> list[Column]:
        return [
            *super().columns(),
            Column(
                _("Left difficulty on"),
                lambda row, cut: (
                    row.out_of_difficulty_on
                    if row.out_of_difficulty_on and row.out_of_difficulty_on <= cut.as_of
                    else None
                ),
            ),
        ]


class UnitsInDifficulty(SumIndicator):
    code = "Q-08"
    label = _("Units in difficulty that are helped")
    definition = _(
        "Enterprises in difficulty and poor villages with which a pair was formed by the day, each "
        "counted once however many help it."
    )
    kind = Kind.ITEMS
    measure = "家"
    parameters = (KINDS,)
    is_personal = False

    def family(self, params: Params) -> Family:
        return HelpedUnits()

    def condition(self, cut: Cut, params: Params) -> Q:
        wanted = Q(in_difficulty=True)
        return wanted & Q(kind__in=params["kinds"]) if "kinds" in params else wanted

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        return (Part("units", _("Units in difficulty that are helped"), Kind.ITEMS),)

    def compute(self, sums: Sums) -> Decimal | None:
        return sums["units"]


class TakingPart(SumIndicator):
    code = "Q-09"
    label = _("Share of helpers taking part")
    definition = _(
        "Of the model workers on the roster who are in post and local (or of the helpers asked "
        "for), those who had joined a pair or come to an activity by the day, as a percentage."
    )
    kind = Kind.PERCENT
    parameters = (CATEGORIES, IN_POST_LOCAL)

    def family(self, params: Params) -> Family:
        return Helpers()

    def condition(self, cut: Cut, params: Params) -> Q:
        categories = params.get("categories", (Helper.Category.MODEL_WORKER,))
        return Q(
            category__in=["" if one == "none" else one for one in categories],
            in_post_local=params.get("in_post_local", True),
        )

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        lines = PairingHelper.objects.filter(
            TRUE_PAIRS, helper=OuterRef("pk"), starts_on__lte=cut.as_of
        )
        came = Attendance.objects.filter(
            helper=OuterRef("pk"), activity__voided_on=None, activity__held_on__lte=cut.as_of
        )
        at_work = Q(Exists(lines)) | Q(Exists(came))
        return (
            Part("taking_part", _("Taking part"), Kind.PERSONS, when=at_work),
            Part("helpers", _("Helpers"), Kind.PERSONS),
        )

    def compute(self, sums: Sums) -> Decimal | None:
        return percentage(sums["taking_part"], sums["helpers"])

    def working(self, figure: Any) -> str:
        return f"{figure.sums['taking_part']:,} ÷ {figure.sums['helpers']:,} × 100"


class PairsOfRounds(Pairs):
    """Pairs of the programme formed by the day, and those of the round before it."""

    def base(self, cut: Cut) -> Any:
        rounds = [cut.programme.pk, cut.programme.previous_id]
        rows = Pairing.objects.filter(
            programme__in=[one for one in rounds if one], enrolment__isnull=False,
            starts_on__lte=cut.as_of,
        )  # fmt: skip
        return cut.scoped(rows).exclude(end_reason=Pairing.EndReason.MISTAKE)

    def listed(self, rows: Any) -> Any:
        return super().listed(rows).select_related("enrolment__household__unit", "programme")

    def columns(self) -> list[Column]:
        return [
            *super().columns(),
            Column(_("Round"), lambda row, _cut: row.programme.round_no, css="fact"),
        ]


class PairGrowth(SumIndicator):
    code = "Q-10"
    label = _("Growth of pairs over the round before")
    definition = _(
        "By how many per cent the pairs of this round, formed by the day, exceed those of the round "
        "before it."
    )
    kind = Kind.PERCENT

    def family(self, params: Params) -> Family:
        return PairsOfRounds()

    def condition(self, cut: Cut, params: Params) -> Q:
        return Q()

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        return (
            Part("now", _("This round"), Kind.PAIRS, when=Q(programme=cut.programme)),
            Part("before", _("The round before"), Kind.PAIRS, when=~Q(programme=cut.programme)),
        )

    def compute(self, sums: Sums) -> Decimal | None:
        return sums["now"] * 100 / sums["before"] - 100 if sums["before"] else None

    def note(self, cut: Cut, params: Params, sums: Sums) -> str:
        return "" if sums["before"] else gettext("No pair of the round before is on file.")

    def working(self, figure: Any) -> str:
        if not figure.sums["before"]:
            return ""
        return f"{plain(figure.sums['now'])} ÷ {plain(figure.sums['before'])} × 100 − 100"


@dataclass(frozen=True)
class Leaders(Helpers):
    """One row a helper who leads pairs of households formed by the day, with how many (`led`)."""

    standing: bool = False  # only pairs that stood on the day

    def joined(self, other: Family) -> Family | None:
        return self if other == self else None

    def base(self, cut: Cut) -> Any:
        lines = PairingHelper.objects.filter(
            TRUE_PAIRS, helper=OuterRef("pk"), role=PairingHelper.Role.LEAD,
            pairing__programme=cut.programme, pairing__enrolment__isnull=False,
            starts_on__lte=cut.as_of,
        )  # fmt: skip
        if self.standing:
            lines = lines.on_day(cut.as_of).filter(
                Q(pairing__ends_on=None) | Q(pairing__ends_on__gt=cut.as_of)
            )
        # Who leads is found in one join; how many is then asked only of these.
        return super().base(cut).filter(Exists(lines)).annotate(led=counted_pairs(lines))


def counted_pairs(lines: Any) -> Any:
    pairs = lines.order_by().values("helper").annotate(n=Count("pairing", distinct=True))
    return Coalesce(Subquery(pairs.values("n"), output_field=IntegerField()), Value(0))


class LedPerCadre(SumIndicator):
    code = "Q-41"
    label = _("Pairs that a cadre leads")
    definition = _(
        "How many pairs of households a cadre on the roster leads on average, among those who lead "
        "any: pairs formed by the day, with “standing” only those that stood on the day."
    )
    kind = Kind.TIMES
    measure = "户/人"
    parameters = (CATEGORIES, STANDING)

    def family(self, params: Params) -> Family:
        return Leaders(bool(params.get("standing")))

    def condition(self, cut: Cut, params: Params) -> Q:
        categories = params.get("categories", (Helper.Category.CADRE,))
        return Q(category__in=["" if one == "none" else one for one in categories])

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        return (
            Part("pairs", _("Pairs led"), Kind.PAIRS, amount="led"),
            Part("helpers", _("Helpers"), Kind.PERSONS),
        )

    def compute(self, sums: Sums) -> Decimal | None:
        return sums["pairs"] / sums["helpers"] if sums["helpers"] else None

    def working(self, figure: Any) -> str:
        return f"{plain(figure.sums['pairs'])} ÷ {plain(figure.sums['helpers'])}"
