"""What a file still lacks, said once: the list filters by it, the file page marks it, the home page counts it."""

from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Count, Exists, Func, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from households.models.enrolment import Enrolment
from households.models.income import IncomeSnapshot
from households.models.member import Member
from households.models.words import HEAD

NO_CONDITION = Q()
PRESENT = Member.objects.filter(household=OuterRef("pk"), left_on=None)


def present_members(such=NO_CONDITION):
    """How many (such) persons belong to the family now, counted for each row that is really read."""
    counted = (
        PRESENT.filter(such).order_by().values("household").annotate(n=Count("pk")).values("n")
    )
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def _has_income(stage):
    return Exists(IncomeSnapshot.objects.filter(enrolment=OuterRef("pk"), stage=stage))


HOUSEHOLD, MEMBER, ENROLMENT = "household", "member", "enrolment"


@dataclass(frozen=True)
class Gap:
    """One fact a file must have. `absent` is asked `of` the household, a present member or an enrolment."""

    code: str
    label: Promise
    absent: Q
    of: str = HOUSEHOLD
    section: str = "household"  # the part of the form that mends it

    @property
    def of_enrolment(self):
        return self.of == ENROLMENT

    def asked(self, enrolments):
        """The condition on a household; `enrolments` are those of one household that count."""
        return of_household(self.of, self.absent, enrolments)


def of_household(of, absent, enrolments):
    match of:
        case "enrolment":
            return Exists(enrolments.filter(absent))
        case "member":
            return Exists(PRESENT.filter(absent))
    return absent


def anything_missing(enrolments):
    """The condition that a household lacks whatever; each table is gone through once, not once for each gap."""
    asked = Q()
    for of in (HOUSEHOLD, ENROLMENT, MEMBER):
        absent = reduce(or_, (gap.absent for gap in GAPS if gap.of == of))
        asked |= Q(of_household(of, absent, enrolments))
    return asked


GAPS = (
    Gap(
        "enrolment",
        _("a programme"),
        ~Q(Exists(Enrolment.objects.filter(household=OuterRef("pk")))),
        section="enrolment",
    ),
    # Nearly every family has a head, and the heads alone are soon looked through.
    Gap(
        "members",
        _("family members"),
        ~Q(Exists(PRESENT.filter(relation=HEAD))) & Q(Exact(present_members(), 0)),
        section="members",
    ),
    Gap(
        "size",
        _("members as many as stated"),
        Q(stated_size__isnull=False) & ~Q(stated_size=present_members()),
        section="members",
    ),
    Gap(
        "id_number",
        _("identity numbers"),
        Q(id_digest=""),
        of=MEMBER,
        section="members",
    ),
    Gap(
        "birth_date",
        _("birth dates"),
        Q(birth_date=None),
        of=MEMBER,
        section="members",
    ),
    Gap("address", _("address"), Q(address="")),
    # Counted, not asked whether there is one: that would look through the phones of all members.
    Gap("phone", _("phone number"), Q(phone="") & Q(Exact(present_members(~Q(phone="")), 0))),
    Gap(
        "bank_account",
        _("bank account"),
        # The account is encrypted; that there is none can be seen from its length alone.
        Q(Exact(Func("bank_account", function="octet_length", output_field=IntegerField()), 0)),
    ),
    Gap("category", _("category"), Q(category=""), of=ENROLMENT, section="enrolment"),
    Gap("causes", _("causes"), Q(causes=[]), of=ENROLMENT, section="enrolment"),
    Gap("needs", _("needs"), Q(needs=[]), of=ENROLMENT, section="enrolment"),
    Gap("attitude", _("state of mind"), Q(attitude=""), of=ENROLMENT, section="enrolment"),
    Gap(
        "identified_on",
        _("day of identification"),
        Q(identified_on=None),
        of=ENROLMENT,
        section="enrolment",
    ),
    Gap(
        "goal",
        _("goal"),
        Q(target_income=None, target_exit_on=None),
        of=ENROLMENT,
        section="enrolment",
    ),
    Gap(
        "income_before",
        _("income before help"),
        ~Q(_has_income("before")),
        of=ENROLMENT,
        section="incomes",
    ),
    Gap(
        "income_exit",
        _("income at exit"),
        Q(exited_on__isnull=False) & ~Q(_has_income("exit")),
        of=ENROLMENT,
        section="incomes",
    ),
)
