"""The evidence that files themselves hold, and what 五清 and 六清 usually ask of it."""

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from households.evidence import ADD_PAPER, Evidence, Fact, Mend, register, usual
from households.models import Designation, DossierItem, IncomeSnapshot, Member, words
from households.models.dossier import STANDARD
from povertyaid.lib.money import format_yuan
from povertyaid.programmes.models import SchemeItem
from povertyaid.web.templatetags.words import counted

CHANGE = "households.change_household"
FORM, INCOMES, STATUSES = _("household file"), _("income snapshot"), _("official status")
JOIN = "、"

PRESENT = Member.objects.filter(household=OuterRef("household"), left_on=None)


def to_form(section):
    """The form of the file, at the section that holds the fact."""

    def mend(enrolment):
        page = reverse("households:edit", args=[enrolment.household_id])
        query = urlencode({"programme": enrolment.programme.code})
        return Mend(f"{page}?{query}#{section}", CHANGE, _("fill it in"))

    return mend


def to_incomes(enrolment):
    page = reverse("households:income-add", args=[enrolment.pk])
    return Mend(page, CHANGE, _("enter the income"))


def to_statuses(enrolment):
    page = reverse("households:designation-add", args=[enrolment.household_id])
    return Mend(page, CHANGE, _("add the status"))


def of_file(say, *, day=lambda _enrolment: None):
    """Evidence that is one field of the enrolment, in words."""
    return lambda enrolment, _staff: [Fact(str(say(enrolment)), FORM, day(enrolment))]


def tell_members(enrolment, _staff):
    n = enrolment.household.members.present().count()
    return [Fact(counted(n, "人"), FORM)]


def tell_head(enrolment, _staff):
    return [Fact(enrolment.household.head_name, FORM)]


def tell_numbers(enrolment, _staff):
    n = enrolment.household.members.present().exclude(id_digest="").count()
    return [Fact(now("%(n)s with a number on file") % {"n": counted(n, "人")}, FORM)]


def tell_incomes(**which):
    def tell(enrolment, _staff):
        incomes = enrolment.incomes.filter(**which).order_by("-year", "-pk")[:3]
        return [
            Fact(
                now("%(year)s %(stage)s: %(amount)s yuan a person")
                % {
                    "year": income.year,
                    "stage": income.get_stage_display(),
                    "amount": format_yuan(income.per_capita),
                },
                INCOMES,
            )
            for income in incomes
        ]

    return tell


def tell_statuses(enrolment, _staff):
    found = enrolment.household.designations.order_by("-valid_from", "-pk")[:3]
    return [Fact(str(one.get_kind_display()), STATUSES, one.valid_from) for one in found]


def tell_standard(enrolment, _staff):
    papers = DossierItem.objects.complete().filter(
        household=enrolment.household_id, programme=enrolment.programme_id,
        item__list_name=STANDARD,
    )  # fmt: skip
    n = papers.values("item").distinct().count()
    return [Fact(now("%(n)s, all checked complete") % {"n": counted(n, "项")}, STANDARD)]


def to_standard(enrolment):
    page = reverse("households:papers", args=[enrolment.household_id])
    return Mend(f"{page}#standard", ADD_PAPER, _("see what is missing"))


def has_income(**which):
    return Q(Exists(IncomeSnapshot.objects.filter(enrolment=OuterRef("pk"), **which)))


def _number_of(rows, by):
    """How many rows there are, as a number that is 0 where there are none."""
    counted_rows = rows.order_by().values(by).annotate(n=Count("pk", distinct=True)).values("n")
    return Coalesce(Subquery(counted_rows, output_field=IntegerField()), 0)


def standard_is_complete():
    """As many entries of the standard have a complete paper as the standard has entries."""
    entries = SchemeItem.objects.filter(programme=OuterRef("programme"), list_name=STANDARD)
    answered = entries.filter(
        dossier_items__household=OuterRef("household"),
        dossier_items__complete=True,
        dossier_items__voided_on=None,
    )
    return Q(Exists(entries)) & Q(
        Exact(_number_of(answered, "programme"), _number_of(entries, "programme"))
    )


def register_all():
    register(
        Evidence(
            "enrolled", _("enrolled in the programme"), Q(pk__isnull=False),
            _("The household is not in the programme."),
            of_file(lambda e: e.programme.name, day=lambda e: e.identified_on),
        ),
        Evidence(
            "head", _("head of household"),
            Q(Exists(PRESENT.filter(relation=words.HEAD))),
            _("The family has no head on file."), tell_head, to_form("members"),
        ),
        Evidence(
            "members", _("family members"), Q(Exists(PRESENT)),
            _("No member of the family is on file."), tell_members, to_form("members"),
        ),
        Evidence(
            "id_numbers", _("identity numbers of all members"),
            Q(Exists(PRESENT)) & ~Q(Exists(PRESENT.filter(id_digest=""))),
            _("Some members have no identity number on file."), tell_numbers, to_form("members"),
        ),
        Evidence(
            "category", _("category"), ~Q(category=""), _("The category is not given."),
            of_file(lambda e: e.category_word), to_form("enrolment"),
        ),
        Evidence(
            "identified", _("day of identification"), Q(identified_on__isnull=False),
            _("The day of identification is not given."),
            of_file(lambda _e: now("identified"), day=lambda e: e.identified_on),
            to_form("enrolment"),
        ),
        Evidence(
            "causes", _("causes of poverty"), ~Q(causes=[]),
            _("No cause of poverty is given."),
            of_file(lambda e: JOIN.join(e.cause_words)), to_form("enrolment"),
        ),
        Evidence(
            "needs", _("needs"), ~Q(needs=[]), _("No need is given."),
            of_file(lambda e: JOIN.join(e.need_words)), to_form("enrolment"),
        ),
        Evidence(
            "attitude", _("state of mind"), ~Q(attitude=""),
            _("The state of mind is not described."),
            of_file(lambda e: e.attitude), to_form("enrolment"),
        ),
        Evidence(
            "income_before", _("income before help"), has_income(stage="before"),
            _("The income before help is not entered."), tell_incomes(stage="before"), to_incomes,
        ),
        Evidence(
            "income_later", _("income of a year under help"),
            has_income(stage__in=["yearly", "exit", "monitor"]),
            _("No income of a year under help is entered."),
            tell_incomes(stage__in=["yearly", "exit", "monitor"]), to_incomes,
        ),
        Evidence(
            "target_income", _("income goal"), Q(target_income__isnull=False),
            _("The income goal is not given."),
            of_file(lambda e: now("%(amount)s yuan a person") % {"amount": format_yuan(e.target_income)}),
            to_form("enrolment"),
        ),
        Evidence(
            "target_exit", _("planned day of leaving poverty"), Q(target_exit_on__isnull=False),
            _("The day planned for leaving poverty is not given."),
            of_file(lambda _e: now("planned to leave poverty"), day=lambda e: e.target_exit_on),
            to_form("enrolment"),
        ),
        Evidence(
            "status", _("an official status"),
            Q(Exists(Designation.objects.filter(household=OuterRef("household")))),
            _("No official status is entered."), tell_statuses, to_statuses,
        ),
        Evidence(
            "standard", _("all entries of 一册五卡四帐四档案 checked complete"),
            standard_is_complete(),
            _("Some entries of 一册五卡四帐四档案 are missing, or nobody has checked them."),
            tell_standard, to_standard,
        ),
    )  # fmt: skip
    # 五清 of the article on 哈尔滨: known to be poor, the family, why, in what mind, what it needs.
    usual("底数清", all_of=["enrolled", "category"])
    usual("家庭情况清", all_of=["members", "id_numbers"])
    usual("致困原因清", all_of=["causes"])
    usual("思想状况清", all_of=["attitude"])
    usual("帮扶需求清", all_of=["needs"])
    # 六清 of the article on 绥化; who helps and what was done, the rooms above add.
    usual("帮扶对象清", all_of=["category", "identified"])
    usual("家庭现状清", all_of=["members", "income_before"])
    usual("帮扶目标清", one_of=["target_income", "target_exit"])
