"""What this room says of one household: everything it got, by year and form, loans apart."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from disbursements.models import GIVEN, Disbursement, Form
from households import sections


@dataclass
class Year:
    """What a family got in a year: the sum of each form in 元, and the rows, newest first."""

    year: int
    sums: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    rows: list[Disbursement] = field(default_factory=list)

    @property
    def given(self):
        """What it was given for good; a loan and an investment are no gift."""
        return sum((self.sums[form] for form in GIVEN if form in self.sums), Decimal(0))

    @property
    def lent(self):
        return self.sums.get(Form.LOAN, Decimal(0))

    @property
    def by_form(self):
        return [(label, self.sums[code]) for code, label in Form.choices if self.sums.get(code)]


def of_family(household, staff):
    """{"years": newest first, "given", "lent": over all years}; voided rows are left out."""
    rows = Disbursement.objects.visible_to(staff).counted().filter(household=household)
    rows = rows.select_related("programme", "member", "fund", "helper")
    rows = rows.defer("member__id_number", "helper__id_number")
    years: dict[int, Year] = {}
    for row in rows.order_by("-paid_on", "-pk"):
        one = years.setdefault(row.paid_on.year, Year(row.paid_on.year))
        one.sums[row.form] += row.amount
        one.rows.append(row)
    found = list(years.values())
    return {
        "years": found,
        "given": sum((one.given for one in found), Decimal(0)),
        "lent": sum((one.lent for one in found), Decimal(0)),
    }


def register():
    sections.register(
        "disbursements/_of_household_print.html",
        lambda household, staff: of_family(household, staff),
    )
