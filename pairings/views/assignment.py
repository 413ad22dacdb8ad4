"""Assignment drafts: asked for, looked at, edited, accepted, put away."""

from collections import Counter

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from households.models import Enrolment
from pairings import exports, filters, work
from pairings.actions import assignment
from pairings.actions.drafting import helpers_of
from pairings.forms.assignment import AssignmentForm, OtherHelperForm
from pairings.forms.pick import written
from pairings.models import AssignmentDraft, AssignmentLine
from pairings.models.assignment import FAR
from pairings.views.deeds import data_of, deed_page, seen_version
from pairings.views.helper import SUGGESTED_AT_MOST
from pairings.views.numbers import NumbersStayOut
from povertyaid.audit.models import record
from povertyaid.lib.quantities import Kind
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.programmes.models import Programme
from povertyaid.web import workbook
from povertyaid.web.context import chosen_place
from povertyaid.web.templatetags.words import counted
from povertyaid.web.views import CreatePage, ListPage

DRAFTS = AssignmentDraft.objects.select_related("unit", "programme", "asked_by", "settled_by")
LINES = AssignmentLine.objects.select_related(
    "enrolment__household__unit", "helper__unit", "common", "pairing"
).defer(
    "enrolment__kept", "enrolment__household__bank_account", "enrolment__household__note",
    "helper__id_number",
)  # fmt: skip
PRINTED_AT_MOST = 5_000

change_pairs = permission_required("pairings.change_pairing", raise_exception=True)
take_away = permission_required(
    ("pairings.change_pairing", "households.export_household"), raise_exception=True
)


def own_draft(request, pk):
    return get_visible_or_404(DRAFTS, request.user, pk=pk)


def own_line(request, pk):
    lines = AssignmentLine.objects.select_related("draft__asked_by__unit", "enrolment__household")
    return get_visible_or_404(lines, request.user, pk=pk)


def crumbs(draft=None):
    found = [{"url": reverse("pairings:assignment-list"), "title": AssignmentList.title}]
    if draft is not None:
        found.append({"url": draft.get_absolute_url(), "title": draft.trail_code})
    return found


class AssignmentList(ListPage):
    """The drafts of the own units, the newest first."""

    title = gettext_lazy("Assignment drafts")
    permission_required = "pairings.change_pairing"
    queryset = DRAFTS.annotate(
        lines_waiting=Count(
            "lines", filter=Q(lines__helper__isnull=False, lines__is_out=False, lines__pairing=None)
        ),
        lines_paired=Count("lines", filter=Q(lines__pairing__isnull=False)),
    )
    ordering = ("-asked_at", "-pk")
    counts = Kind.ITEMS


class AssignmentCreate(CreatePage):
    """Ask for a draft; it is worked out in the background."""

    permission_required = "pairings.change_pairing"
    model = AssignmentDraft
    form_class = AssignmentForm
    title = gettext_lazy("Propose an assignment")
    saved_message = gettext_lazy("The draft is being made.")

    def get_initial(self):
        place = chosen_place(self.request)
        code = place.get("programme", {}).get("code")
        mine = Programme.objects.visible_to(self.request.user)
        asked = mine.filter(code=code) if code else mine.order_by("-starts_on", "code")
        return {"unit": self.request.user.unit, "programme": asked.first()}

    def save(self, form):
        return work.ask(form.save(commit=False), by=self.request.user)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs, breadcrumbs=crumbs())


class AssignmentDetail(NumbersStayOut, ListPage):
    """One draft: the counts first, then its lines, page by page; each can be changed."""

    permission_required = "pairings.change_pairing"
    model = AssignmentLine
    queryset = LINES
    filterset_class = filters.AssignmentLineFilter
    # Those that need a look first, then unit by unit.
    ordering = ("enrolment__household__unit__path", "enrolment__household__code", "role", "pk")
    sorts = {
        "unit": "enrolment__household__unit__path",
        "name": "enrolment__household__head_pinyin",
        "helper": "helper__name_pinyin",
        "far": "steps",
        "load": "load_after",
    }
    counts = Kind.ITEMS

    @cached_property
    def draft(self):
        return own_draft(self.request, self.kwargs["pk"])

    def get(self, request, *args, **kwargs):
        if self.draft.state == AssignmentDraft.State.MAKING:
            context = {"title": self.get_title(), "draft": self.draft, "breadcrumbs": crumbs()}
            job = work.job_of(self.draft)
            return render(request, "pairings/assignment_waiting.html", {**context, "job": job})
        return super().get(request, *args, **kwargs)

    def get_title(self):
        return _("Assignment draft %(code)s") % {"code": self.draft.trail_code}

    def get_queryset(self):
        return super().get_queryset().filter(draft=self.draft).marked_for(self.request.user)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs, draft=self.draft, breadcrumbs=crumbs())
        for row in context["object_list"]:
            row.why = exports.why(row)
            row.family, row.who = exports.family_of(row), exports.helper_of(row)
            row.is_far = row.steps is not None and row.steps >= FAR
        return context | {"sums": sums_of(self.draft), "loads": loads_of(self.draft)}


def sums_of(draft):
    """What the head of the page counts."""
    lines = AssignmentLine.objects.filter(draft=draft)
    named = Q(helper__isnull=False, is_out=False)
    return lines.aggregate(
        waiting=Count("pk", filter=named & Q(pairing=None)),
        households=Count("enrolment", filter=named & Q(pairing=None), distinct=True),
        helpers=Count("helper", filter=named & Q(pairing=None), distinct=True),
        left=Count("pk", filter=Q(helper=None, is_out=False)),
        far=Count("pk", filter=named & Q(steps__gte=FAR)),
        out=Count("pk", filter=Q(is_out=True)),
        problems=Count("pk", filter=~Q(problem="") & Q(is_out=False)),
        paired=Count("pk", filter=Q(pairing__isnull=False)),
    )


def loads_of(draft):
    """[(households of one helper, helpers before, helpers after)]: how even it was, and would be."""
    before = Counter({int(load): n for load, n in draft.loads.items()})
    after = Counter(before)
    given = draft.lines.filter(helper__isnull=False, is_out=False)
    # What a helper had is the same on each line, but for those chosen by hand later.
    rows = given.order_by().values("helper").annotate(n=Count("pk"))
    had = dict(given.order_by("-pk").values_list("helper", "load_before"))
    for row in rows:
        after[had[row["helper"]]] -= 1
        after[had[row["helper"]] + row["n"]] += 1
    return [
        (load, before[load], after[load])
        for load in range(max([*before, *after], default=0) + 1)
        if before[load] or after[load]
    ]


# ---- a line


@change_pairs
def choose(request, pk):
    """Another helper for a line, or the first one."""
    line = own_line(request, pk)
    get_visible_or_404(Enrolment, request.user, pk=line.enrolment_id)  # families move
    draft = own_draft(request, line.draft_id)
    form = OtherHelperForm(data_of(request), staff=request.user, draft=draft)
    household = line.enrolment.household

    def act(version):
        helper = form.cleaned_data["helper"]
        return assignment.choose(line, helper=helper, by=request.user, version=version)

    return deed_page(
        request, draft, form, act,
        message=_("The line has another helper."), title=_("Choose a helper"), verb=_("Choose"),
        about=f"{household.head_name} · {household.code} · {draft.trail_code}",
        text=_("Only helpers with room are offered."), breadcrumbs=crumbs(draft),
    )  # fmt: skip


@require_GET
@change_pairs
def suggest(request, pk):
    """What the box of a helper suggests for a line: of the draft's helpers those with room."""
    draft = own_draft(request, pk)
    found = helpers_of(draft).visible_to(request.user)
    found = found.exclude(pk__in=assignment.full_helpers(draft))
    if word := request.GET.get("q", "").strip()[:60]:
        found = found.called(word)
    found = found.select_related("unit").order_by("name_pinyin", "pk")[:SUGGESTED_AT_MOST]
    return JsonResponse(
        {"units": [{"text": written(one), "place": one.unit.name} for one in found]}
    )


@require_POST
@change_pairs
def take_out(request, pk):
    line = own_line(request, pk)
    return _done(request, line.draft, assignment.take_out, line, _("The line is taken out."))


@require_POST
@change_pairs
def put_back(request, pk):
    line = own_line(request, pk)
    return _done(request, line.draft, assignment.put_back, line, _("The line counts again."))


def _done(request, draft, act, row, message):
    """Do it against the version seen, say so, and go back to where one was in the draft."""
    try:
        act(row, by=request.user, version=seen_version(request))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, message)
    query = request.POST.get("query", "")
    return redirect(f"{draft.get_absolute_url()}{'?' if query else ''}{query}")


# ---- the draft


@require_POST
@change_pairs
def accept(request, pk):
    draft = own_draft(request, pk)
    try:
        _draft, made, refused = assignment.accept(
            draft, by=request.user, version=seen_version(request)
        )
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect(draft)
    told = _("%(n)s newly paired.") % {"n": counted(made, Kind.HOUSEHOLDS)}
    if not refused:
        messages.success(request, told)
        return redirect(draft)
    messages.warning(
        request,
        told
        + " "
        + _("Something stands against %(n)s lines since; they stay here.") % {"n": refused},
    )
    return redirect(f"{draft.get_absolute_url()}?show=problem")


@require_POST
@change_pairs
def drop(request, pk):
    draft = own_draft(request, pk)
    return _done(request, draft, assignment.drop, draft, _("The draft is put away."))


@require_POST
@take_away
def export(request, pk):
    """The draft as a workbook, all of its lines."""
    draft = own_draft(request, pk)
    lines = LINES.filter(draft=draft).marked_for(request.user)
    lines = lines.order_by(*AssignmentDetail.ordering)
    n = lines.count()
    sheet = workbook.Sheet(
        f"{draft.programme.name} {_('Assignment draft')}",
        exports.LINES,
        lines.iterator(2_000),
        notes=[
            _("Unit: %(unit)s") % {"unit": draft.unit.name},
            _("Exported on %(day)s by %(name)s, %(n)s")
            % {
                "day": timezone.localdate(),
                "name": request.user.full_name,
                "n": counted(n, Kind.ITEMS),
            },
        ],
    )
    record(draft, "exported", by=request.user, list="pairings:assignment-detail", rows=n)
    return workbook.response(sheet, name=f"{_('Assignment draft')} {draft.trail_code}")


@require_GET
@take_away
def print_list(request, pk):
    """Everybody's households on paper, helper by helper: for the meeting that decides."""
    draft = own_draft(request, pk)
    every = LINES.filter(draft=draft, is_out=False).marked_for(request.user)
    lines = every.filter(helper__isnull=False)
    lines = lines.order_by("helper__unit__path", "helper__name_pinyin", "helper", "pk")
    lines = list(lines[: PRINTED_AT_MOST + 1])
    left = every.filter(helper=None).order_by(*AssignmentDetail.ordering)[:PRINTED_AT_MOST]
    for line in (*lines, *left):
        line.why = exports.why(line)
        line.family, line.who = exports.family_of(line), exports.helper_of(line)
    n = min(len(lines), PRINTED_AT_MOST) + len(left)
    record(draft, "exported", by=request.user, list="pairings:assignment-print", rows=n)
    return render(
        request,
        "pairings/assignment_print.html",
        {
            "draft": draft,
            "lines": lines[:PRINTED_AT_MOST],
            "left": left,
            "is_cut": len(lines) > PRINTED_AT_MOST,
            "sums": sums_of(draft),
            "today": timezone.localdate(),
        },
    )
