"""Who helps whom: helpers on the roster, pairs formed, their modes, helpers that are on pairs."""

from decimal import Decimal

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from pairings.models import Helper, Pairing, PairingHelper
from povertyaid.lib.quantities import Kind
from reports.figures.cut import Cut
from reports.figures.families import Family, Helpers, PairModes, Pairs
from reports.figures.indicator import Part, SumIndicator, Sums
from reports.figures.lines import spellings
from reports.figures.parameters import CATEGORY, Choice, Flag, Params, Several, Word

CATEGORIES = Several(
    "categories",
    _("categories of helpers"),
    {code or "none": label for code, label in Helper.Category.choices},
)
HELPER_KIND = Choice("kind", _("kind"), dict(Helper.Kind.choices))
HONOUR_LEVEL = Choice(
    "honour_level",
    _("level of the honour"),
    {code: label for code, label in Helper.HonourLevel.choices if code},
)
IN_POST_LOCAL = Flag("in_post_local", _("in post and local"))
SCHEME = Choice("scheme", _("scheme"), dict(Pairing.Scheme.choices))
MODE = Choice("mode", _("mode"), dict(Pairing.Mode.choices))
OF_UNITS = {Helper.Category.UNIT, Helper.Category.ADVANCED_COLLECTIVE}


class HelperIndicator(SumIndicator):
    """Counts helpers: persons where only persons are asked for, else entries of the roster."""

    kind = Kind.ITEMS
    measure = "个"

    def kind_in(self, cut: Cut, params: Params) -> Kind:
        categories = set(params.get("categories", ()))
        persons = params.get("kind") == Helper.Kind.PERSON or (
            categories and not categories & OF_UNITS and params.get("kind") != Helper.Kind.UNIT
        )
        return Kind.PERSONS if persons else Kind.ITEMS

    def measure_in(self, cut: Cut, params: Params) -> str:
        kind = self.kind_in(cut, params)
        return str(kind.value) if kind is Kind.PERSONS else self.measure

    def family(self, params: Params) -> Family:
        return Helpers()

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        return (Part("helpers", _("Helpers"), self.kind_in(cut, params)),)

    def compute(self, sums: Sums) -> Decimal | None:
        return sums["helpers"]


class HelpersOnRoster(HelperIndicator):
    code = "Q-06"
    label = _("Helpers on the roster")
    definition = _(
        "Persons and units on the programme's roster of helpers who had not left by the day, by "
        "kind, category, honour and whether in post and local."
    )
    parameters = (HELPER_KIND, CATEGORIES, HONOUR_LEVEL, IN_POST_LOCAL)

    def condition(self, cut: Cut, params: Params) -> Q:
        wanted = Q()
        if "categories" in params:
            wanted &= Q(category__in=["" if c == "none" else c for c in params["categories"]])
        for name in ("kind", "honour_level", "in_post_local"):
            if name in params:
                wanted &= Q(**{name: params[name]})
        return wanted


class HelpersOnPairs(HelperIndicator):
    code = "Q-44"
    label = _("Helpers on pairs")
    definition = _(
        "Helpers on the roster who had joined a pair by the day, each counted once however many "
        "pairs there are; with a household, those on its pairs."
    )
    parameters = (HELPER_KIND, SCHEME, Word("hh", _("file number")))

    def condition(self, cut: Cut, params: Params) -> Q:
        lines = PairingHelper.objects.filter(
            helper=OuterRef("pk"), pairing__programme=cut.programme, starts_on__lte=cut.as_of
        ).exclude(pairing__end_reason=Pairing.EndReason.MISTAKE)
        if "scheme" in params:
            lines = lines.filter(pairing__scheme=params["scheme"])
        if "hh" in params:
            lines = lines.filter(pairing__enrolment__household__code=params["hh"])
        wanted = Q(Exists(lines))
        return wanted & Q(kind=params["kind"]) if "kind" in params else wanted


class PairsFormed(SumIndicator):
    code = "Q-07"
    label = _("Pairs")
    definition = _(
        "Pairs of a household with its helpers, formed by the day: one household is one pair, "
        "however many help it. Pairs that ended since are counted; with “standing”, only those that "
        "stood on the day."
    )
    kind = Kind.PAIRS
    parameters = (SCHEME, CATEGORY, Flag("standing", _("standing")))
    day = "starts_on"
    grows = ("pairs",)

    def family(self, params: Params) -> Family:
        return Pairs()

    def condition(self, cut: Cut, params: Params) -> Q:
        wanted = Q()
        if "scheme" in params:
            wanted &= Q(scheme=params["scheme"])
        if "category" in params:
            wanted &= Q(enrolment__category__in=spellings(params["category"]))
        if "standing" in params:
            stands = Q(ends_on=None) | Q(ends_on__gt=cut.as_of)
            wanted &= stands if params["standing"] else ~stands
        return wanted

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        return (Part("pairs", _("Pairs"), Kind.PAIRS),)

    def compute(self, sums: Sums) -> Decimal | None:
        return sums["pairs"]


MODE_FIELDS = {
    "modes": _("how many different modes"),
    "pairs": _("how many pairs"),
    "helpers": _("helpers to a pair on average"),
}


class PairModeCount(SumIndicator):
    code = "Q-07b"
    label = _("Modes of pairs")
    definition = _(
        "Of the pairs that stood on the day, the modes as computed from how many help whom: a unit "
        "among the helpers is 单位帮一, two helpers are 二帮一, more are 多帮一, one helper with several "
        "households is 一帮多, else it is 一帮一. Or the number of pairs, or helpers to a pair."
    )
    kind = Kind.ITEMS
    parameters = (MODE, Choice("field", _("what of it"), MODE_FIELDS))

    def kind_in(self, cut: Cut, params: Params) -> Kind:
        kinds = {"pairs": Kind.PAIRS, "helpers": Kind.TIMES}
        return kinds.get(params.get("field", "modes"), Kind.ITEMS)

    def measure_in(self, cut: Cut, params: Params) -> str:
        signs = {"pairs": str(Kind.PAIRS.value), "helpers": "人/对"}
        return signs.get(params.get("field", "modes"), "种")

    def family(self, params: Params) -> Family:
        return PairModes()

    def condition(self, cut: Cut, params: Params) -> Q:
        if "mode" in params:
            return Q(mode=params["mode"])
        return Q(helper_count__gt=0)

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        pairs = Part("pairs", _("Pairs"), Kind.PAIRS)
        match params.get("field", "modes"):
            case "pairs":
                return (pairs,)
            case "helpers":
                amount = Part("helpers", _("Helpers"), Kind.PERSON_TIMES, amount="helper_count")
                return (pairs, amount)
        # One part a mode, so that the sums of several bureaus add up without a distinct.
        return tuple(
            Part(f"mode_{mode}", label, Kind.PAIRS, when=Q(mode=mode))
            for mode, label in Pairing.Mode.choices
        )

    def compute(self, sums: Sums) -> Decimal | None:
        if "pairs" not in sums:
            return Decimal(sum(1 for name, n in sums.items() if name.startswith("mode_") and n))
        if "helpers" not in sums:
            return sums["pairs"]
        return sums["helpers"] / sums["pairs"] if sums["pairs"] else None
