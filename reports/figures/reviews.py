"""Reviews of households: identification and exit, waiting, passed and refused."""

from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.models import StatusReview
from povertyaid.lib.quantities import Kind
from reports.figures.cut import Cut
from reports.figures.families import Family, Reviews
from reports.figures.indicator import Part, SumIndicator, Sums
from reports.figures.lines import spellings
from reports.figures.parameters import CATEGORY, Choice, Params

REVIEW_KIND = Choice("kind", _("kind of review"), dict(StatusReview.Kind.choices))
DECISION = Choice("decision", _("decision"), dict(StatusReview.Decision.choices))


class ReviewCount(SumIndicator):
    code = "Q-54"
    label = _("Reviews")
    definition = _(
        "Reviews of the programme's households with a day of review up to the day, by kind and "
        "decision. One household may have several."
    )
    kind = Kind.ENTRIES
    measure = "件"
    parameters = (REVIEW_KIND, DECISION, CATEGORY)

    def family(self, params: Params) -> Family:
        return Reviews()

    def condition(self, cut: Cut, params: Params) -> Q:
        wanted = Q()
        for name in ("kind", "decision"):
            if name in params:
                wanted &= Q(**{name: params[name]})
        if "category" in params:
            wanted &= Q(enrolment__category__in=spellings(params["category"]))
        return wanted

    def parts(self, cut: Cut, params: Params) -> tuple[Part, ...]:
        return (Part("reviews", _("Reviews"), Kind.ENTRIES),)

    def compute(self, sums: Sums) -> Decimal | None:
        return sums["reviews"]
