"""The helping day of a month: expected against done, unit by unit, and who has not been visited yet."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import F
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from pairings import helping_day
from pairings.actions.visits import is_own_sign_in
from pairings.exports import JOIN, lines_of, mask, names_of
from pairings.forms.visit import ProgrammeByCode
from pairings.models import Pairing
from povertyaid.audit.models import record
from povertyaid.lib.quantities import Kind
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme
from povertyaid.web import workbook
from povertyaid.web.context import chosen_place, say_place
from povertyaid.web.forms import PartialDateField, StyledForm
from povertyaid.web.templatetags.words import counted
from povertyaid.web.unit_field import UnitPick
from povertyaid.web.workbook import Column

PAGE = 50
PRINTED_AT_MOST = 1000
EXPORT_AT_MOST = 100_000
USUAL_DAY = 5  # where a programme says none, and somebody asks all the same

sees_visits = permission_required("pairings.view_visit", raise_exception=True)


class HelpingDayForm(StyledForm, forms.Form):
    """Of which programme, where, in which month, and what counts as a visit."""

    lengths = {"programme": 30, "unit": 20, "month": 8}

    programme = ProgrammeByCode(
        empty_label=None,
        error_messages={
            "invalid_choice": gettext_lazy(
                "This programme is none of yours. Please choose another."
            )
        },
    )
    unit = UnitPick(label=gettext_lazy("unit"), required=False)
    month = PartialDateField(
        label=gettext_lazy("month shown"),
        required=False,
        help_text=gettext_lazy("For example 2017-05"),
    )
    counting = forms.ChoiceField(
        label=gettext_lazy("what counts"),
        choices=[
            (helping_day.THAT_OCCASION, gettext_lazy("visits of the helping day")),
            (helping_day.ANY_VISIT, gettext_lazy("any visit of the month")),
        ],
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["programme"].offer(self.staff)
        self.fields["unit"].units = OrgUnit.objects.visible_to(self.staff)

    def clean_month(self):
        when = self.cleaned_data["month"]
        if when and when.precision == "year":
            raise forms.ValidationError(_("Please write the month, for example 2017-05."), "month")
        return when


class Asked:
    """What an address asks for, and everything the page says about it."""

    def __init__(self, request, query):
        self.staff = request.user
        today = timezone.localdate()
        programmes = Programme.objects.visible_to(self.staff)
        chosen = chosen_place(request).get("programme")
        usual = programmes.filter(code=chosen["code"]).first() if chosen else None
        # Who has chosen none is shown one with a helping day, where there is one.
        likely = F("helping_day").asc(nulls_last=True), "-starts_on", "code"
        usual = usual or programmes.order_by(*likely).first()
        data = {
            "programme": query.get("programme") or (usual.code if usual else ""),
            "unit": query.get("unit", ""),
            "month": query.get("month") or f"{today:%Y-%m}",
            "counting": query.get("counting") or helping_day.THAT_OCCASION,
        }
        if data["programme"] == "all" and usual:
            data["programme"] = usual.code
        self.query = data
        self.form = HelpingDayForm(data, staff=self.staff)
        self.is_valid = self.form.is_valid()
        if self.is_valid:
            given = self.form.cleaned_data
            self.programme, self.counting = given["programme"], given["counting"]
            self.unit = given["unit"] or self.staff.unit
            when = given["month"].date
            day = self.programme.helping_day or USUAL_DAY
            self.month = helping_day.Month(when.year, when.month, day)

    @cached_property
    def pairs(self):
        pairs = Pairing.objects.visible_to(self.staff)
        # A helper's own households may lie elsewhere than the helper's unit.
        everywhere = is_own_sign_in(self.staff) and not self.form.cleaned_data["unit"]
        return pairs if everywhere else pairs.within(self.unit)

    @property
    def not_yet(self):
        return helping_day.not_yet(self.programme, self.month, self.pairs, self.counting)

    def standing(self):
        return helping_day.by_unit(self.programme, self.month, self.unit, self.pairs, self.counting)

    def shown(self, keys):
        return [as_told(row) for row in helping_day.shown(list(keys), self.month)]

    def definition(self):
        """What is counted, in words, for the page and the paper."""
        what = (
            _("a visit with the occasion “helping day” from %(first)s to %(last)s")
            if self.counting == helping_day.THAT_OCCASION
            else _("any recorded visit to the household from %(first)s to %(last)s")
        ) % {"first": self.month.first, "last": self.month.last}
        return _(
            "Expected are pairs of households that stood on %(day)s with the file open; done are "
            "those with %(what)s. Visits counted together without names do not count here."
        ) % {"day": self.month.day, "what": what}


def as_told(row):
    row.day = True  # `listed_lines` are those of the day
    row.helper_names = names_of(row)
    row.phones = list(filter(None, (mask(line.helper.phone) for line in lines_of(row))))
    return row


@require_GET
@sees_visits
def page(request):
    """Expected against done, and below it who has not been visited yet."""
    asked = Asked(request, request.GET)
    context = {"title": _("Helping day"), "asked": asked, "form": asked.form}
    if asked.is_valid:
        say_place(request, programme=asked.programme)
        printed = "print" in request.GET
        pages = Paginator(asked.not_yet.values_list("pk", flat=True), PAGE)
        n = pages.count
        if printed and n <= PRINTED_AT_MOST:
            keys, page_obj = pages.object_list, None
        else:
            page_obj = pages.get_page(request.GET.get("page"))
            keys = page_obj.object_list
        context |= {
            "standing": asked.standing(),
            "rows": asked.shown(keys),
            "n": n,
            "page_obj": page_obj,
            "printed": printed,
            "too_many": printed and n > PRINTED_AT_MOST,
            "most": PRINTED_AT_MOST,
            "query": QueryDict(mutable=True),
        }
        context["query"].update(asked.query)
    return render(request, "pairings/helping_day.html", context)


LINES = [
    Column(gettext_lazy("unit"), "name"),
    Column(gettext_lazy("expected"), "expected", "whole", unit=Kind.PAIRS.value),
    Column(gettext_lazy("visited already"), "done", "whole", unit=Kind.PAIRS.value),
    Column(gettext_lazy("not visited"), "missing", "whole", unit=Kind.PAIRS.value),
    Column(gettext_lazy("share"), lambda line: "" if line.percent is None else f"{line.percent}%"),
]
WAITING = [
    Column(gettext_lazy("head of household"), "target_name"),
    Column(gettext_lazy("file number"), "trail_code"),
    Column(gettext_lazy("unit"), "unit.name"),
    Column(gettext_lazy("helpers"), lambda row: JOIN.join(row.helper_names)),
    Column(gettext_lazy("phone"), lambda row: JOIN.join(row.phones)),
    Column(gettext_lazy("paired on"), "starts_on", "day"),
]


@require_POST
@permission_required(("pairings.view_visit", "households.export_household"), raise_exception=True)
def export(request):
    """Both tables as a workbook: what the page shows, all of it."""
    asked = Asked(request, QueryDict(request.POST.get("query", "")))
    back = (
        f"{reverse('pairings:helping-day')}?{QueryDict(request.POST.get('query', '')).urlencode()}"
    )
    if not asked.is_valid:
        return redirect(back)
    keys = list(asked.not_yet.values_list("pk", flat=True)[: EXPORT_AT_MOST + 1])
    if len(keys) > EXPORT_AT_MOST:
        messages.error(
            request,
            _("That is more than fits into one workbook. Choose a unit, and export the parts."),
        )
        return redirect(back)
    standing = asked.standing()
    title = _("Helping day %(month)s") % {"month": asked.month.text}
    notes = [
        f"{asked.programme.name} · {asked.unit.name}",
        asked.definition(),
        _("Exported on %(day)s by %(name)s, %(n)s")
        % {
            "day": timezone.localdate(), "name": request.user.full_name,
            "n": counted(len(keys), Kind.PAIRS),
        },
    ]  # fmt: skip
    answer = workbook.response(
        workbook.Sheet(title, LINES, [*standing.lines, standing.sum], notes=notes),
        workbook.Sheet(_("Not visited yet"), WAITING, asked.shown(keys), notes=notes),
        name=f"{title} {asked.unit.name}",
    )
    record(
        asked.unit, "exported", by=request.user, list="pairings:helping-day", rows=len(keys),
        programme=asked.programme.code,
    )  # fmt: skip
    return answer
