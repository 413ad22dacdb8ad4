"""Activities: found, read, recorded, changed, taken back; who was there, on the page and on paper."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpResponse
from django.http.response import content_disposition_header
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from households.forms.lifecycle import ReasonForm
from households.models import Enrolment, Household, Member, words
from pairings import activity_list
from pairings.actions import activities
from pairings.forms import attendance as attending
from pairings.forms.activity import ActivityForm, CountForm, SheetForm
from pairings.models import Activity, Attendance, Helper
from pairings.models.pairing import TO_BE_PAIRED
from pairings.sections import SHOWN_AT_MOST, parts_taken
from pairings.views.deeds import data_of, deed_page, seen_version
from pairings.views.numbers import NumbersStayOut
from pairings.views.sending import send_list
from povertyaid.audit.models import record
from povertyaid.lib.quantities import Kind
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.programmes.models import Programme
from povertyaid.web import drafts
from povertyaid.web.context import chosen_place, say_place
from povertyaid.web.pdf import PdfError, render_pdf
from povertyaid.web.views import CreatePage, DetailPage, EditPage, ListPage, wants_fragment

NAMES_ON_A_PAGE = 100
NAMES_ON_PAPER = 250  # in one PDF; more are printed in parts, with one numbering
LINES_ON_SHEET = 20  # empty ones behind the names of an activity
TAKEN_OFF_AT_ONCE = 1000
ACTIVITIES = Activity.objects.select_related("unit", "programme")

change_activities = permission_required("pairings.change_activity", raise_exception=True)
take_away = permission_required(
    ("pairings.view_activity", "households.export_household"), raise_exception=True
)


class ActivityList(NumbersStayOut, ListPage):
    """What people came together for, and how many came."""

    title = gettext_lazy("Activities")
    permission_required = "pairings.view_activity"
    queryset = ACTIVITIES
    filterset_class = activity_list.ActivityFilter
    ordering = ("-held_on", "-pk")
    sorts = {"on": "held_on", "unit": "unit__path", "kind": "kind"}
    counts = Kind.ITEMS

    def get_queryset(self):
        rows = super().get_queryset()
        say_place(self.request, programme=self.filterset.programme_asked)
        return rows

    def paginate_queryset(self, queryset, page_size):
        """Who was there is counted for the rows of the page alone."""
        return super().paginate_queryset(queryset.with_numbers(), page_size)

    def get_totals(self, rows):
        # A helper's sign-in sees some of those who came: sums over them would say too little.
        return [] if self.request.user.role == "helper" else activity_list.totals_of(rows)


@require_POST
@take_away
def export(request):
    """The list as a workbook: what the page shows, all of it."""
    return send_list(
        request, activity_list.ActivityFilter, ACTIVITIES,
        rows=lambda found, filterset: found.with_numbers().order_by("-held_on", "-pk"),
        columns=activity_list.COLUMNS, title=_("Activities"), back="pairings:activity-list",
    )  # fmt: skip


# ---- who was there


def on_list(activity, staff):
    """Who was there, families in the order of their units and files, then helpers."""
    rows = Attendance.objects.visible_to(staff).filter(activity=activity)
    rows = rows.select_related("member__household__unit", "helper__unit").defer(
        "member__id_number", "member__former_id_number", "member__note",
        "member__household__bank_account", "member__household__note", "helper__id_number",
    )  # fmt: skip
    return rows.order_by(
        F("member__household__unit__path").asc(nulls_last=True), "member__household__code",
        "member__seq", "helper__name_pinyin", "pk",
    )  # fmt: skip


def with_files(rows, staff):
    """Tell of each row whether the family's file may be opened: people move, the list stays."""
    rows = list(rows)
    keys = {row.member.household_id for row in rows if row.member_id}
    seen = set()
    if keys and staff.has_perm("households.view_household"):
        seen = Household.objects.visible_to(staff).filter(pk__in=keys)
        seen = set(seen.order_by().values_list("pk", flat=True))
    for row in rows:
        row.household = row.member.household if row.member_id else None
        row.file_is_seen = bool(row.household) and row.household.pk in seen
    return rows


class ActivityDetail(DetailPage):
    """An activity, with the names of those who were there."""

    permission_required = "pairings.view_activity"
    queryset = ACTIVITIES.with_numbers().select_related("unit", "programme", "recorded_by")

    def get_title(self):
        return self.object.called

    def get_context_data(self, **kwargs):
        staff = self.request.user
        page = Paginator(on_list(self.object, staff), NAMES_ON_A_PAGE).get_page(
            self.request.GET.get("page")
        )
        page.object_list = with_files(page.object_list, staff)
        may_change = staff.has_perm("pairings.change_activity") and self.object.counts
        return super().get_context_data(
            names=page, first=page.start_index(), may_change=may_change,
            sees_some=staff.role == "helper", parts=parts_of(page.paginator.count), **kwargs,
        )  # fmt: skip


class ActivityPage:
    """What recording and changing have in common."""

    model = Activity
    form_class = ActivityForm

    def get_context_data(self, **kwargs):
        crumb = {"url": reverse("pairings:activity-list"), "title": ActivityList.title}
        return super().get_context_data(**kwargs, breadcrumbs=[crumb])


class ActivityCreate(ActivityPage, CreatePage):
    permission_required = "pairings.add_activity"
    title = gettext_lazy("Record an activity")

    def get_initial(self):
        code = chosen_place(self.request).get("programme", {}).get("code")
        mine = Programme.objects.visible_to(self.request.user)
        asked = mine.filter(code=code) if code else mine.order_by("-starts_on", "code")
        return {"unit": self.request.user.unit, "programme": asked.first()}

    def save(self, form):
        self.to_names = form.wants_names
        return activities.enter(
            form.save(commit=False), by=self.request.user, reason=form.reasons_given()
        )

    def get_success_url(self):
        if self.to_names:
            return reverse("pairings:activity-attend", args=[self.object.pk])
        return super().get_success_url()


class ActivityEdit(ActivityPage, EditPage):
    permission_required = "pairings.change_activity"
    title = gettext_lazy("Change an activity")

    def save(self, form):
        return activities.change(
            form.save(commit=False), by=self.request.user, reason=form.reasons_given(),
            version=seen_version(self.request),
        )  # fmt: skip


def own_activity(request, pk):
    return get_visible_or_404(ACTIVITIES.with_numbers(), request.user, pk=pk)


@change_activities
def take_back(request, pk):
    activity = own_activity(request, pk)
    form = ReasonForm(data_of(request), staff=request.user)

    def act(version):
        return activities.take_back(activity, by=request.user, reason=form.told(), version=version)

    return deed_page(
        request, activity, form, act,
        message=_("The activity is taken back."), title=_("Take the activity back"),
        verb=_("Take the activity back"), about=about(activity), danger=True,
        text=_("It counts nowhere any more; it stays on file with the reason."),
    )  # fmt: skip


@change_activities
def restore(request, pk):
    activity = own_activity(request, pk)
    form = ReasonForm(data_of(request), staff=request.user)

    def act(version):
        return activities.restore(activity, by=request.user, reason=form.told(), version=version)

    return deed_page(
        request, activity, form, act,
        message=_("The activity counts again."), title=_("Restore the activity"),
        verb=_("Restore"), about=about(activity),
    )  # fmt: skip


@change_activities
def count_instead(request, pk):
    activity = own_activity(request, pk)
    known = {"headcount": activity.people, "household_count": activity.households}
    form = CountForm(data_of(request), staff=request.user, initial=known)

    def act(version):
        given = form.cleaned_data
        return activities.count_instead(
            activity, headcount=given["headcount"], household_count=given["household_count"],
            lifted_count=given["lifted_count"], by=request.user, reason=form.told(),
            version=version,
        )  # fmt: skip

    return deed_page(
        request, activity, form, act,
        message=_("The activity is counted."), title=_("Count instead of names"),
        verb=_("Keep the number only"), about=about(activity), danger=True,
        text=_(
            "The number takes the place of the names of helped people; the history keeps who stood "
            "on the list. Helpers stay on it."
        ),
    )  # fmt: skip


def about(activity):
    return f"{activity.called} · {activity.held_on.isoformat()} · {activity.unit.name}"


@change_activities
def attend(request, pk):
    """Find people or paste a list of them, tick, and put the ticked ones on the list."""
    activity = own_activity(request, pk)
    if not activity.counts:
        messages.error(request, _("This activity was taken back. Please restore it first."))
        return redirect(activity)
    sent = request.POST if request.method == "POST" else drafts.typed_before(request) or {}
    ticks = sent.getlist("who") if sent else []
    error = ""
    if request.method == "POST" and "add" in sent:
        people = attending.ticked(ticks, activity, request.user)
        try:
            if answered := _put_on(request, activity, people, replace="replace" in sent):
                return answered
            error = _("Please tick who was there.")
        except ValidationError as refusal:
            error = " ".join(refusal.messages)
    return render(
        request,
        "pairings/activity_attend.html",
        {
            "title": _("Who was there"),
            "activity": activity,
            "about": about(activity),
            "error": error,
            "q": sent.get("q", "").strip()[:60],
            "pasted": sent.get("pasted", "")[: attending.PASTED_LENGTH_AT_MOST],
            "at_most": attending.PASTED_AT_MOST,
            **_offered(sent, ticks, activity, request.user),
        },
    )


def _put_on(request, activity, people, *, replace):
    """Put people on the list once; answer where to go, or None where nobody is ticked."""
    if not people:
        return None
    done = {}

    def save():
        _row, done["n"] = activities.attend(
            activity,
            members=[one.row for one in people if not one.is_helper],
            helpers=[one.row for one in people if one.is_helper],
            replace_number=replace,
            by=request.user,
        )
        return activity.get_absolute_url()

    address, first = drafts.once(request, save)
    if first:
        messages.success(request, put_on_words(done["n"]))
    return redirect(address)


def put_on_words(n):
    if not n:
        return _("All of them were on the list already.")
    return ngettext(
        "%(n)s person was put on the list.", "%(n)s people were put on the list.", n
    ) % {"n": f"{n:,}"}


def _offered(sent, ticks, activity, staff):
    """What the page lays out: who is ticked already, whom the word finds, whom the paste means."""
    found, more = attending.found(sent.get("q", "")[:60], activity, staff) if sent else ([], False)
    lines, left_out = [], False
    if sent and "match" in sent:
        lines, left_out = attending.matched(sent.get("pasted", ""), activity, staff)
        matches = [line.people[0].tick for line in lines if line.outcome == attending.MATCHED]
        ticks = [*ticks, *matches]
    there = set(activity.attendances.order_by().values_list("member", "helper"))
    on_it = {f"m{m}" if m else f"h{h}" for m, h in there}
    chosen = attending.ticked(ticks, activity, staff)
    ticked = {one.tick for one in chosen}
    doubtful = [line for line in lines if line.outcome == attending.SEVERAL]
    asked_again = {one.tick for one in found} | {
        one.tick for line in doubtful for one in line.people
    }
    return {
        "found": found,
        "more": more,
        "was_asked": bool(sent and sent.get("q", "").strip() and not lines),
        "chosen": [one for one in chosen if one.tick not in asked_again],
        "ticked": ticked,
        "on_it": on_it,
        "lines": lines,
        "left_out": left_out,
        "doubtful": doubtful,
        "unknown": [line for line in lines if line.outcome == attending.NOBODY],
        "n_matched": sum(line.outcome == attending.MATCHED for line in lines),
        "n_there": sum(line.outcome == attending.THERE for line in lines),
    }


@require_POST
@change_activities
def leave_off(request, pk):
    """Take the ticked ones off the list; the history keeps them."""
    activity = own_activity(request, pk)
    keys = [key for key in request.POST.getlist("pk") if key.isdecimal() and len(key) < 19]
    rows = Attendance.objects.visible_to(request.user).filter(activity=activity)
    rows = list(rows.filter(pk__in=keys[:TAKEN_OFF_AT_ONCE]))
    if not rows:
        messages.error(request, _("Please tick who is to go off the list."))
        return redirect(activity)
    try:
        _row, n = activities.leave_off(activity, attendances=rows, by=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        told = ngettext(
            "%(n)s person was taken off the list.", "%(n)s people were taken off the list.", n
        )
        messages.success(request, told % {"n": f"{n:,}"})
    return redirect(activity)


# ---- on paper


def parts_of(n):
    """The parts in which a list is printed; one that fits has none."""
    return range(1, -(-n // NAMES_ON_PAPER) + 1) if n > NAMES_ON_PAPER else ()


def part_asked(request, n):
    text = request.GET.get("part", "1")
    part = int(text) if text.isdecimal() and len(text) < 5 else 1
    return min(max(part, 1), max(-(-n // NAMES_ON_PAPER), 1))


def pdf_page(request, template, name, back, *, of, **context):
    """The paper; `of` is the row in whose trail stands that its names left the program on it."""
    context |= {"today": timezone.localdate(), "person": request.user}
    html = render_to_string(template, context, request)
    try:
        content = render_pdf(html, base_url=request.build_absolute_uri())
    except PdfError as error:
        messages.error(request, str(error))
        return redirect(back)
    if names := len(context["rows"]):
        page = f"pairings:{request.resolver_match.url_name}"
        record(of, "exported", by=request.user, list=page, rows=names)
    disposition = content_disposition_header(False, f"{name}.pdf")
    return HttpResponse(content, "application/pdf", headers={"Content-Disposition": disposition})


def listed_part(request, activity):
    """The names of the part that is asked for, with what the paper says of parts."""
    rows = on_list(activity, request.user)
    n = rows.count()
    part = part_asked(request, n)
    first = (part - 1) * NAMES_ON_PAPER
    shown = with_files(rows[first : first + NAMES_ON_PAPER], request.user)
    return {"rows": shown, "first": first, "n": n, "part": part, "parts": len(parts_of(n))}


@require_GET
@take_away
def print_list(request, pk):
    """The list of those who were there, fit to be stamped."""
    activity = own_activity(request, pk)
    return pdf_page(
        request, "pairings/activity_print.html", f"{_('Attendance list')} {activity.trail_code}",
        activity, of=activity, activity=activity, **listed_part(request, activity),
    )  # fmt: skip


@require_GET
@take_away
def sign_in_sheet(request, pk):
    """A sheet with the names on the list, and lines for whoever comes besides."""
    activity = own_activity(request, pk)
    told = listed_part(request, activity)
    is_last = told["part"] >= told["parts"]
    told["rows"] = [as_signer(row) for row in told["rows"]]
    return sheet_page(
        request, activity, of=activity, unit=activity.unit, called=activity.called, on=activity.held_on,
        place=activity.place, programme=activity.programme,
        blank=LINES_ON_SHEET if is_last else 0, **told,
    )  # fmt: skip


def as_signer(row):
    if row.helper_id:
        return signer_of_helper(row.helper)
    if row.file_is_seen:
        return signer_of_member(row.member)
    return {"name": row.member.name, "from": "", "code": ""}


def signer_of_member(member):
    return {"name": member.name, "from": member.household.unit.name, "code": member.household.code}


def signer_of_helper(helper):
    return {"name": helper.name, "from": helper.home or helper.unit.name, "code": helper.rank}


def sheet_page(request, back, **context):
    name = f"{_('Sign-in sheet')} {context['unit'].name}"
    after = context["first"] + len(context["rows"]) + 1
    context["blank"] = range(after, after + context["blank"])
    return pdf_page(request, "pairings/activity_sheet.html", name, back, **context)


@permission_required("pairings.add_activity", raise_exception=True)
def new_sheet(request):
    """A sheet for an activity that is still to come; nothing is kept of it."""
    code = chosen_place(request).get("programme", {}).get("code")
    known = {
        "unit": request.user.unit,
        "programme": Programme.objects.visible_to(request.user).filter(code=code).first()
        if code
        else None,
    }
    form = SheetForm(data_of(request), staff=request.user, initial=known)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        rows = signers(given, request.user)
        if len(rows) > NAMES_ON_PAPER:
            form.add_error(
                "unit",
                _("More than %(n)s names. Please choose a smaller unit.") % {"n": NAMES_ON_PAPER},
            )
        else:
            return sheet_page(
                request, "pairings:activity-sheet-new", of=given["unit"], unit=given["unit"],
                called=given["title"],
                on=given["on"], place=given["place"], programme=given["programme"],
                blank=given["lines"], rows=rows, first=0, n=len(rows), part=1, parts=0,
            )  # fmt: skip
    return render(
        request,
        "pairings/activity_sheet_form.html",
        {
            "title": _("Sign-in sheet"),
            "form": form,
            "breadcrumbs": [
                {"url": reverse("pairings:activity-list"), "title": ActivityList.title}
            ],
        },
    )


def signers(given, staff):
    """Whose names stand on the sheet; one more than fit, so that it is seen."""
    if given["names"] == "helpers":
        rows = Helper.objects.visible_to(staff).on_roster().within(given["unit"])
        rows = rows.filter(programme=given["programme"]).select_related("unit").defer("id_number")
        rows = rows.order_by("unit__path", "name_pinyin", "pk")
        return [signer_of_helper(row) for row in rows[: NAMES_ON_PAPER + 1]]
    if given["names"] == "heads":
        helped = Enrolment.objects.visible_to(staff).within(given["unit"])
        helped = helped.filter(
            programme=given["programme"], status__in=TO_BE_PAIRED,
            household__status=Household.Status.OPEN,
        )  # fmt: skip
        rows = Member.objects.present().filter(
            relation=words.HEAD, household__in=helped.values("household")
        )
        rows = rows.select_related("household__unit").only(
            "name", "household__code", "household__unit__name"
        )
        rows = rows.order_by("household__unit__path", "household__code")
        return [signer_of_member(row) for row in rows[: NAMES_ON_PAPER + 1]]
    return []


# ---- on the pages of those who were there


def section(request, *, title, rows, back, back_title, named):
    rows, more = parts_taken(rows, request.user)
    part, page = "pairings/_activities_of.html", "pairings/activities_of.html"
    return render(
        request,
        part if wants_fragment(request) else page,
        {
            "title": title, "rows": rows, "more": more, "named": named,
            "at_most": SHOWN_AT_MOST, "back": back, "back_title": back_title,
        },
    )  # fmt: skip


@require_GET
@permission_required("pairings.view_activity", raise_exception=True)
def of_household(request, pk):
    """What members of a household took part in; its file fetches it by itself."""
    household = get_visible_or_404(Household, request.user, pk=pk)
    return section(
        request, title=_("Took part in"), rows=Attendance.objects.of_household(household),
        back=household.get_absolute_url(), back_title=household.head_name, named=True,
    )  # fmt: skip


@require_GET
@permission_required(("pairings.view_helper", "pairings.view_activity"), raise_exception=True)
def of_helper(request, pk):
    helper = get_visible_or_404(Helper.objects.defer("id_number"), request.user, pk=pk)
    return section(
        request, title=_("Took part in"), rows=Attendance.objects.of_helper(helper),
        back=helper.get_absolute_url(), back_title=helper.name, named=False,
    )  # fmt: skip
