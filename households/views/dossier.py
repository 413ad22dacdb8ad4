"""The file of one household: everything about it on one page, and the same on paper."""

import re
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import BooleanField, ExpressionWrapper, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from households import clears, sections
from households.actions.reviews import MAY_BE_IDENTIFIED, MAY_EXIT, exit_line
from households.exports import as_known
from households.models import Enrolment, Household, IncomeSnapshot, StatusReview, kept
from households.models.gaps import GAPS
from povertyaid.lib import money, national_id
from povertyaid.web import charts
from povertyaid.web.pdf import PdfError, render_pdf
from povertyaid.web.views import DetailPage

# 五清: what the programmes call a clear file. These are marked done or missing; any other gap
# is marked only where there is one.
FIVE_CLEAR = ("enrolment", "members", "causes", "attitude", "needs")

# Gaps that a 清 speaks of under another code.
SAID_BY = {
    "enrolment": {"enrolled"},
    "id_number": {"id_numbers"},
    "identified_on": {"identified"},
    "goal": {"target_income", "target_exit"},
}

CHART_EDGE, CHART_STEP = 160, 110  # a small drawing, as wide as its bars need

# Phones, accounts and identity numbers, also written in groups: 139 0000 0001, 239901-19700101-0011.
LONG_NUMBER = re.compile(
    r"[0-9]{11,}[Xx]?|[0-9]{6}[ -][0-9]{8}[ -][0-9]{3}[0-9Xx]|[0-9]{3}[ -][0-9]{4}[ -][0-9]{4}"
    r"|[0-9]{4}(?: [0-9]{4}){2,}(?: [0-9]{1,3})?"
)
PLAIN_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")


@dataclass(frozen=True)
class Mark:
    """One small mark in the head of the page; `mend` is the page on which it can be put right."""

    label: str
    is_missing: bool
    mend: str = ""


def marks(household, enrolment, dossier=None):
    """What the list's filter asks is asked here of one household, in the same words.

    Where the programme says what a complete file holds, its 清 are marked, done or missing.
    """
    own = [Mark(c.label, not c.is_full, c.mend) for c in dossier.clears] if dossier else []
    marked_anyway = () if own else FIVE_CLEAR
    told_already = dossier.codes if dossier else set()
    enrolments = Enrolment.objects.filter(pk=enrolment.pk if enrolment else None)
    asked = {
        f"lacks_{gap.code}": ExpressionWrapper(Q(gap.asked(enrolments)), BooleanField())
        for gap in GAPS
    }
    lacks = Household.objects.filter(pk=household.pk).values(**asked).get()
    found = []
    for gap in GAPS:
        is_missing = lacks[f"lacks_{gap.code}"]
        if told_already & SAID_BY.get(gap.code, {gap.code}):
            continue
        if is_missing or gap.code in marked_anyway:
            unknown = gap.of_enrolment and enrolment is None
            found.append(Mark(gap.label, is_missing or unknown, mend(gap, household, enrolment)))
    return own + sorted(found, key=lambda mark: mark.is_missing)


def mend(gap, household, enrolment):
    if enrolment and gap.section == "incomes":
        return reverse("households:income-add", args=[enrolment.pk])
    edit = reverse("households:edit", args=[household.pk])
    of = f"?programme={enrolment.programme.code}" if enrolment and gap.of_enrolment else ""
    return f"{edit}{of}#{gap.section}"


def without_numbers(text):
    """A roster's own columns as written, but for phones, accounts and identity numbers in them."""
    plain = str(text).translate(PLAIN_DIGITS)
    return LONG_NUMBER.sub(lambda number: national_id.mask_account(number.group()), plain)


def enrolments_of(household):
    """Every programme the household is or was in, newest first, with all that belongs to it."""
    reviews = StatusReview.objects.select_related("proposed_by", "decided_by", "snapshot")
    incomes = IncomeSnapshot.objects.order_by("year", "pk")
    found = (
        household.enrolments.select_related("programme", "principal")
        .prefetch_related(
            "programme__thresholds",
            Prefetch("incomes", incomes),
            Prefetch("reviews", reviews.order_by("-reviewed_on", "-pk")),
        )
        .order_by("-programme__starts_on", "programme__code")
    )
    rows = list(found)
    for enrolment in rows:
        enrolment.identified = as_known(enrolment.identified_on, enrolment.identified_precision)
        enrolment.from_roster = [
            (heading, without_numbers(text)) for heading, text in kept.to_show(enrolment.kept)
        ]
        enrolment.may_be_identified = enrolment.status in MAY_BE_IDENTIFIED
        enrolment.may_exit = enrolment.status in MAY_EXIT
        enrolment.snapshots = list(enrolment.incomes.all())
        newest = enrolment.snapshots[-1].year if enrolment.snapshots else None
        enrolment.line = exit_line(enrolment, newest) if newest else None
        enrolment.chart = income_chart(enrolment) if newest else None
    return rows


def income_chart(enrolment):
    """Per-capita income over the years with the line to be reached. A loss is not drawn as a bar."""
    line = enrolment.line.value
    return charts.bars(
        _("Net income per person"),
        [
            (
                f"{income.year} {income.get_stage_display()}",
                [income.per_capita if income.per_capita >= 0 else None],
            )
            for income in enrolment.snapshots
        ],
        series=[_("net income per person")],
        unit=_("yuan"),
        lines=[(_("line"), line)] if line is not None else [],
        show=money.format_yuan,
        across=CHART_EDGE + CHART_STEP * len(enrolment.snapshots),
    )


def members_of(household, day):
    """Present members and, apart, those who left; each with the age and what the birth date is."""
    members = list(household.members.order_by("seq", "pk"))
    for member in members:
        member.age = member.age_on(day)
        member.born = as_known(member.birth_date, member.birth_precision)
    return [m for m in members if m.is_present], [m for m in members if not m.is_present]


def kin_of(household, staff):
    """Files this one was merged into, split off from, or grew out of: those one may see, by key."""
    named = [household.merged_into_id, household.split_from_id]
    related = Q(merged_into=household) | Q(split_from=household) | Q(pk__in=[k for k in named if k])
    return Household.objects.visible_to(staff).filter(related).order_by("code").in_bulk()


def dossier(household, staff):
    """What page and paper show of a household, in a number of queries its members do not change."""
    today = timezone.localdate()
    present, left = members_of(household, today)
    kin = kin_of(household, staff)
    enrolments = enrolments_of(household)
    newest = enrolments[:1]
    told = clears.tell(household, newest, staff, facts=False)
    return {
        "today": today,
        "marks": marks(household, *newest or [None], *told),
        "members": present,
        "former_members": left,
        "enrolments": enrolments,
        "designations": household.designations.select_related("member", "issuer").order_by(
            "-valid_from", "-pk"
        ),
        "merged_into": kin.pop(household.merged_into_id, None),
        "split_from": kin.pop(household.split_from_id, None),
        "kin": kin.values(),
    }


def papers_of(household):
    """Papers in the file, by programme; with how many scans each has."""
    return (
        household.dossier_items.counted()
        .with_scan_count()
        .select_related("programme", "item", "checked_by")
        .order_by("-programme__starts_on", "programme__code", "kind", "title", "pk")
    )


class HouseholdDetail(DetailPage):
    """A household's file on one page, in the order in which a reader asks."""

    permission_required = "households.view_household"
    queryset = Household.objects.select_related("unit")

    def get_title(self):
        return self.object.head_name or self.object.code

    def get_context_data(self, **kwargs):
        return super().get_context_data(**dossier(self.object, self.request.user), **kwargs)


class HouseholdPrint(HouseholdDetail):
    """一户一档: the same file as a form on A4, with the places to sign."""

    template_name = "households/household_print.html"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        staff, household = self.request.user, self.object
        return context | {
            "sections": sections.of(household, staff),
            "dossiers": clears.tell(household, context["enrolments"], staff),
            "papers": papers_of(household),
        }

    def render_to_response(self, context, **kwargs):
        html = render_to_string(self.template_name, context, self.request)
        try:
            content = render_pdf(html, base_url=self.request.build_absolute_uri())
        except PdfError as error:
            messages.error(self.request, str(error))
            return redirect(self.object)
        name = f"{_('Household file')} {self.object.code}.pdf"
        disposition = content_disposition_header(False, name)
        return HttpResponse(
            content, "application/pdf", headers={"Content-Disposition": disposition}
        )
