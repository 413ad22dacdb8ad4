"""What waits for me today in the files: the cards that households lay on the home page.

Each card asks a fixed number of queries and reads a bounded number of rows; what goes through
all files of a person's units is fetched after the page stands (`later`).
"""

from django.db.models import Count, Exists, F, Func, OuterRef, Q, TextField, Value
from django.db.models.functions import Substr
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from households import clears
from households.models import Enrolment, Household, RosterImport, StatusReview
from households.models.gaps import GAPS
from povertyaid.audit.models import Entry
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.programmes.models import Programme
from povertyaid.web.context import chosen_place
from povertyaid.web.home import register_card

SHOWN = 5
MINE_SHOWN = 8
LOOKED_THROUGH = 200  # of my last deeds, to find the files behind them
COUNTED_AT_MOST = 20_000  # files: beyond, counting every gap takes longer than anybody waits
Role = Staff.Role


# ---- clerk


def sent_back(request):
    """My proposals that were rejected and that nobody has proposed again since."""
    newer = StatusReview.objects.filter(
        enrolment=OuterRef("enrolment"),
        kind=OuterRef("kind"),
        proposed_at__gt=OuterRef("decided_at"),
    ).exclude(pk=OuterRef("pk"))
    rejected = (
        StatusReview.objects.visible_to(request.user)
        .filter(decision=StatusReview.Decision.REJECTED, proposed_by=request.user)
        .exclude(Exists(newer))
        .select_related("enrolment__household", "decided_by")
        .order_by("-decided_at", "-pk")[:SHOWN]
    )
    return {"reviews": rejected} if rejected else None


def gaps(request):
    """How many open files lack which fact; each number leads to the list of them."""
    files = Household.objects.visible_to(request.user).open()
    n = files.order_by()[: COUNTED_AT_MOST + 1].count()
    if n > COUNTED_AT_MOST:
        return {"too_many": True}
    enrolments = Enrolment.objects.filter(household=OuterRef("pk"))
    counted = files.aggregate(
        **{gap.code: Count("pk", filter=gap.asked(enrolments)) for gap in GAPS}
    )
    lacking = [
        {"label": gap.label, "n": counted[gap.code], "url": list_of(missing=gap.code)}
        for gap in GAPS
        if counted[gap.code]
    ]
    return {"n": n, "lacking": sorted(lacking, key=lambda line: -line["n"])}


def incomplete(request):
    """How many files of the programme one works in lack which 清; each number leads to them."""
    programmes = Programme.objects.visible_to(request.user)
    code = chosen_place(request).get("programme", {}).get("code")
    with_rules = programmes.filter(scheme_items__dossier_rule__isnull=False).distinct()
    programme = (with_rules.filter(code=code).first() if code else None) or with_rules.order_by(
        "-starts_on", "code"
    ).first()
    if programme is None:
        return None
    rules = clears.rules_of([programme])[programme.pk]
    files = Enrolment.objects.visible_to(request.user).counted()
    files = files.filter(programme=programme, household__status=Household.Status.OPEN).order_by()
    if files[: COUNTED_AT_MOST + 1].count() > COUNTED_AT_MOST:
        return None
    counted = files.aggregate(
        files=Count("pk"),
        complete=Count("pk", filter=~clears.lacking(rules)),
        **{f"n_{rule.pk}": Count("pk", filter=~clears.full(rule)) for rule in rules},
    )
    work = reverse("households:dossier-list")
    lacking = [
        {
            "label": rule.item.label,
            "n": counted[f"n_{rule.pk}"],
            "url": f"{work}?{urlencode({'programme': programme.code, 'clears': rule.pk})}",
        }
        for rule in rules
        if counted[f"n_{rule.pk}"]
    ]
    return {
        "programme": programme,
        "files": counted["files"],
        "complete": counted["complete"],
        "lacking": sorted(lacking, key=lambda line: -line["n"]),
        "url": f"{work}?{urlencode({'programme': programme.code})}",
    }


def list_of(**asked):
    return f"{reverse('households:list')}?{urlencode({'programme': 'all', 'file': 'open'} | asked)}"


def rosters(request):
    """Rosters that wait to be imported, and the last that were."""
    newest = list(
        RosterImport.objects.visible_to(request.user)
        .exclude(state=RosterImport.State.DISCARDED)
        .select_related("programme", "unit")
        .newest_first()[:SHOWN]
    )
    return {"rosters": newest} if newest else None


def changed_by_me(request):
    """The files I worked on last, as far as I may still see them."""
    deeds = Entry.objects.filter(by=request.user, target_kind=Household._meta.label_lower)
    keys = list(
        dict.fromkeys(
            deeds.order_by("-at", "-pk").values_list("target_id", flat=True)[:LOOKED_THROUGH]
        )
    )[:MINE_SHOWN]
    visible = (
        Household.objects.visible_to(request.user)
        .filter(pk__in=keys)
        .select_related("unit")
        .defer("bank_account")
        .in_bulk()
    )
    return {"files": [visible[key] for key in keys if key in visible]}


# ---- approver


def to_decide(request):
    """Proposals of others that wait for me, the oldest first."""
    waiting = StatusReview.objects.decidable_by(request.user)
    kinds = {
        line["kind"]: line["n"]
        for line in waiting.order_by().values("kind").annotate(n=Count("pk"))
    }
    oldest = waiting.select_related("enrolment__household__unit", "proposed_by").order_by(
        "proposed_at", "pk"
    )[:SHOWN]
    kinds_in_words = [
        (StatusReview.Kind(kind).label, kinds[kind]) for kind in StatusReview.Kind if kind in kinds
    ]
    return {"kinds": kinds_in_words, "n": sum(kinds.values()), "reviews": oldest}


# ---- supervisor


def by_unit(request):
    """The units right below mine: households enrolled, households out of poverty, the rate.

    Of the programme one works in, else of the newest. Which unit below an enrolment belongs to
    is the next part of its path: one statement, however many levels there are.
    """
    programmes = Programme.objects.visible_to(request.user)
    code = chosen_place(request).get("programme", {}).get("code")
    programme = programmes.filter(code=code).first() if code else None
    programme = programme or programmes.order_by("-starts_on", "code").first()
    if programme is None:
        return None
    today = timezone.localdate()
    as_of = min(programme.as_of or today, today)
    path = request.user.unit.path
    counted = (
        Enrolment.objects.counted()
        .within(request.user.unit)
        .filter(programme=programme, household__status=Household.Status.OPEN)
        .order_by()
        .annotate(rest=Substr(F("household__unit__path"), len(path) + 1))
        .annotate(part=first_part("rest"))
        .values("part")
        .annotate(enrolled=Count("pk"), exited=Count("pk", filter=Q(exited_on__lte=as_of)))
    )
    sums = {line["part"]: line for line in counted}
    children = OrgUnit.objects.filter(parent=request.user.unit, code__in=[p for p in sums if p])
    lines = [
        line_of(unit.name, unit.code, sums[unit.code], programme)
        for unit in children.order_by("name_pinyin")
    ]
    if "" in sums:
        own = request.user.unit
        lines.insert(0, line_of(own.name, own.code, sums[""], programme))
    return {"programme": programme, "as_of": as_of, "lines": lines} if lines else None


def first_part(column):
    return Func(column, Value("/"), Value(1), function="split_part", output_field=TextField())


def line_of(name, code, sums, programme):
    enrolled, exited = sums["enrolled"], sums["exited"]
    return {
        "name": name,
        "enrolled": enrolled,
        "exited": exited,
        "rate": f"{100 * exited / enrolled:.2f}",  # as the report prints it
        "url": f"{reverse('households:list')}?{urlencode({'unit': code, 'programme': programme.code})}",
    }


def register():
    register_card(
        "sent-back",
        _("Sent back to me"),
        [Role.CLERK],
        "households/cards/sent_back.html",
        sent_back,
        order=10,
    )
    register_card(
        "gaps",
        _("What the files still lack"),
        [Role.CLERK],
        "households/cards/gaps.html",
        gaps,
        order=20,
        later=True,
    )
    register_card(
        "clears",
        _("Dossiers that are not complete"),
        [Role.CLERK],
        "households/cards/clears.html",
        incomplete,
        order=21,
        later=True,
    )
    register_card(
        "rosters",
        _("Rosters lately"),
        [Role.CLERK],
        "households/cards/rosters.html",
        rosters,
        order=30,
        wide=False,
    )
    register_card(
        "mine",
        _("Files I worked on last"),
        [Role.CLERK],
        "households/cards/mine.html",
        changed_by_me,
        order=40,
        wide=False,
    )
    register_card(
        "to-decide",
        _("Waiting for my decision"),
        [Role.APPROVER],
        "households/cards/to_decide.html",
        to_decide,
        order=10,
    )
    register_card(
        "by-unit",
        _("Units below, one by one"),
        [Role.SUPERVISOR],
        "households/cards/by_unit.html",
        by_unit,
        order=30,
        later=True,
    )
