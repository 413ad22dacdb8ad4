"""What a file still lacks, said once: the list filters by it, the file page marks it, the home page counts it."""

from dataclasses import dataclass

from django.db.models import Count, Exists, Func, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from households.models.enrolment import Enrolment
from households.models.income import IncomeSnapshot
from households.models.member import Member

PRESENT = Member.objects.filter(household=OuterRef("pk"), left_on=None)


def present_members():
    """How many persons belong to the family now, counted for each row that is really read."""
    counted = PRESENT.order_by().values("household").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def _has_income(stage):
    return Exists(IncomeSnapshot.objects.filter(enrolment=OuterRef("pk"), stage=stage))


@dataclass(frozen=True)
class Gap:
    """One fact a file must have. `absent` is asked of the household, or of its enrolment."""

    code: str
    label: Promise
    absent: Q
    of_enrolment: bool = False
    section: str = "household"  # the part of the form that mends it

    def asked(self, enrolments):
        """The condition on a household; `enrolments` are those of one household that count."""
        return Exists(enrolments.filter(self.absent)) if self.of_enrolment else self.absent


GAPS = (
    Gap(
        "enrolment",
        _("a programme"),
        ~Q(Exists(Enrolment.objects.filter(household=OuterRef("pk")))),
        section="enrolment",
    ),
    Gap("members", _("family members"), ~Q(Exists(PRESENT)), section="members"),
    Gap(
        "size",
        _("members as many as stated"),
        Q(stated_size__isnull=False) & ~Q(stated_size=present_members()),
        section="members",
    ),
    Gap(
        "id_number",
        _("identity numbers"),
        Q(Exists(PRESENT.filter(id_digest=""))),
        section="members",
    ),
    Gap(
        "birth_date",
        _("birth dates"),
        Q(Exists(PRESENT.filter(birth_date=None))),
        section="members",
    ),
    Gap("address", _("address"), Q(address="")),
    Gap("phone", _("phone number"), Q(phone="") & ~Exists(PRESENT.exclude(phone=""))),
    Gap(
        "bank_account",
        _("bank account"),
        # The account is encrypted; that there is none can be seen from its length alone.
        Q(Exact(Func("bank_account", function="octet_length", output_field=IntegerField()), 0)),
    ),
    Gap("category", _("category"), Q(category=""), of_enrolment=True, section="enrolment"),
    Gap("causes", _("causes"), Q(causes=[]), of_enrolment=True, section="enrolment"),
    Gap("needs", _("needs"), Q(needs=[]), of_enrolment=True, section="enrolment"),
    Gap("attitude", _("state of mind"), Q(attitude=""), of_enrolment=True, section="enrolment"),
    Gap(
        "identified_on",
        _("day of identification"),
        Q(identified_on=None),
        of_enrolment=True,
        section="enrolment",
    ),
    Gap(
        "goal",
        _("goal"),
        Q(target_income=None, target_exit_on=None),
        of_enrolment=True,
        section="enrolment",
    ),
    Gap(
        "income_before",
        _("income before help"),
        ~Q(_has_income("before")),
        of_enrolment=True,
        section="incomes",
    ),
    Gap(
        "income_exit",
        _("income at exit"),
        Q(exited_on__isnull=False) & ~Q(_has_income("exit")),
        of_enrolment=True,
        section="incomes",
    ),
)
