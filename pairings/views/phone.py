"""Visits written down on the telephone, at the family's table, also where there is no signal.

The page is a shell without anybody's data: a service worker keeps it, and the households come by
themselves. What is typed lies in the telephone until it has arrived; the key of the visit sees to it
that it is kept once, however often it was sent.
"""

import hashlib
import json
import uuid

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db.models import F, OuterRef, Subquery
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from households.filters import is_number_of_a_person, named
from households.models import Enrolment, Household
from pairings.actions import visits
from pairings.forms.visit import VisitForm
from pairings.models import Occasion, ServiceKind
from pairings.models.visit import last_visits
from pairings.own import lines_of
from pairings.views.visit import ADDS, new_visit
from povertyaid.web.context import chosen_place
from povertyaid.web.device import mark_of

OFFERED_AT_MOST = 200  # households to an office; a helper has a handful
KEEP_LIST_DAYS = 7  # in the telephone, without a signal

# What the page needs besides itself. The worker keeps these and nothing else.
FILES = {
    "bootstrap": "vendor/bootstrap.min.css",
    "office": "app/app.css",
    "style": "pairings/phone.css",
    "page": "pairings/phone.js",
    "drafts": "pairings/drafts.js",
    "signing": "pairings/signing.js",
    "icon": "app/favicon.svg",
}

adds_visits = permission_required(ADDS, raise_exception=True)


def words():
    """What the script says."""
    return {
        "offline": _("No connection"),
        "online": _("Connected"),
        "waiting": _("not sent yet ({n})"),
        "typing": _("being written"),
        "ready": _("waits to be sent"),
        "asked": _("please confirm"),
        "refused": _("please correct"),
        "signIn": _("Please sign in again; what you wrote is then sent by itself."),
        "others": _("{n} of another person wait here and are sent when that person signs in."),
        "sent": _("Kept: {name}, {day}"),
        "sentBefore": _(
            "{name}, {day} had arrived already as it was first written. What you changed since, "
            "please change there."
        ),
        "chooseHousehold": _("Please choose the household."),
        "signer": _("Please say who signed."),
        "noPicture": _("{name} is not a photograph that can be read."),
        "largePicture": _("{name} is too large."),
        "manyPictures": _("At most {n} photographs."),
        "remove": _("Remove"),
        "open": _("Go on writing"),
        "discard": _("Throw away"),
        "sure": _("Throw this visit away? It has not been sent."),
        "again": _("Send"),
        "reason": _("Reason"),
        "lastVisited": _("last visited {day}"),
        "neverVisited": _("not visited yet"),
        "noHouseholds": _("No household is paired with you yet."),
        "noList": _("The list of households comes with the first connection."),
        "nobody": _("Nobody is called so."),
        "noStore": _("This browser keeps nothing when the connection is lost. Please use another."),
        "fault": _("It did not arrive; it is sent again by itself."),
    }  # fmt: skip


@require_GET
@adds_visits
def page(request):
    """The shell: the same for everybody of a language, and nobody's data in it."""
    files = {name: static(path) for name, path in FILES.items()}
    return render(
        request,
        "pairings/phone.html",
        {
            "title": _("Record a visit"),
            "files": files,
            "words": words(),
            "occasions": Occasion.choices,
            "services": ServiceKind.choices,
            "problem": ServiceKind.PROBLEM.value,
            "photos": settings.PHOTOS_ON_A_VISIT,
            "photo_bytes": settings.PHOTO_MAX_BYTES,
            "list_days": KEEP_LIST_DAYS,
        },
    )


@require_GET
@adds_visits
def worker(request):
    """The service worker of this one page, with the names of what it keeps."""
    kept = [reverse("pairings:visit-phone"), *(static(path) for path in FILES.values())]
    rest = static("pairings/phone_worker.js")
    version = hashlib.sha256(json.dumps([*kept, rest]).encode()).hexdigest()[:12]
    text = (
        f"self.KEPT = {json.dumps(kept)};\n"
        f"self.CACHE = {json.dumps(f'visits-{version}')};\n"
        f"importScripts({json.dumps(rest)});\n"
    )
    response = HttpResponse(text, content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response


@require_GET
@adds_visits
def ready(request):
    """Who is signed in, and the mark without which nothing is taken; asked right before sending."""
    response = JsonResponse({"owner": mark_of(request.user), "token": get_token(request)})
    response.asked_by_itself = True  # a telephone left on the table keeps nobody signed in
    return response


@require_GET
@adds_visits
def households(request):
    """The own households by name and file number, and no more of them: this lies in the telephone."""
    word = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    rows = offered(request, word)
    return JsonResponse(
        {
            "owner": mark_of(request.user),
            "today": timezone.localdate().isoformat(),
            "own": visits.is_own_sign_in(request.user),
            "households": [
                {
                    "enrolment": row.pk,
                    "name": row.household.head_name,
                    "code": row.household.code,
                    "programme": row.programme.name,
                    "last": row.last_visited.isoformat() if row.last_visited else "",
                }
                for row in rows
            ],
        }
    )


def offered(request, word):
    """Whom one may have visited; of the own ones who has waited longest comes first."""
    staff = request.user
    rows = Enrolment.objects.visible_to(staff).filter(household__status=Household.Status.OPEN)
    rows = rows.exclude(status=Enrolment.Status.REMOVED)
    order = [F("household__code")]
    if visits.is_own_sign_in(staff):
        order.insert(0, F("last_visited").asc(nulls_first=True))
        own = lines_of(staff).filter(pairing__enrolment__isnull=False).order_by()
        rows = rows.filter(pk__in=own.values("pairing__enrolment"))
    elif place := chosen_place(request).get("programme"):
        rows = rows.filter(programme__code=place["code"])
    if word:
        if is_number_of_a_person(word, staff):
            return []
        rows = rows.filter(household__in=named(word))
    last = last_visits(household=OuterRef("household"), programme=OuterRef("programme"))
    rows = rows.annotate(last_visited=Subquery(last)).select_related("household", "programme")
    rows = rows.only("household__head_name", "household__code", "programme__name")
    return rows.order_by(*order)[:OFFERED_AT_MOST]


# ---- what arrives


def answer(state, **told):
    return JsonResponse({"state": state, **told})


def refused(sentences):
    return answer("refused", sentences=list(dict.fromkeys(map(str, sentences))))


def key_of(text):
    """The key under which the telephone wrote the visit, or None."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@require_POST
@adds_visits
def send(request):
    """One visit from the telephone. Whatever comes of it is said in words; sent again, it is known."""
    key = key_of(request.POST.get("key", ""))
    if key is None:
        return refused([_("This visit cannot be kept under its mark. Please open the page again.")])
    try:
        return kept_or_not(request, key)
    except ValidationError as refusal:
        return refused(refusal.messages)


def kept_or_not(request, key):
    if there := visits.already_kept(key, request.user):
        return answer("kept", address=address_of(there, request.user), again=True)
    form = form_of(request, key)
    if form is None:
        return refused(
            [_("This household is not among yours any more. Please let the union enter the visit.")]
        )
    if form.is_valid():
        visit = form.keep(by=request.user)
        return answer("kept", address=address_of(visit, request.user))
    # Another sending of the same may have arrived while this one was being read.
    if there := visits.already_kept(key, request.user):
        return answer("kept", address=address_of(there, request.user), again=True)
    sentences = [text for texts in form.errors.values() for text in texts]
    sentences += form.items.non_form_errors()
    for row in form.items.forms:
        sentences += [text for texts in row.errors.values() for text in texts]
    if sentences:
        return refused(sentences)
    return answer(
        "asked",
        doubts=[
            {
                "tick": doubt.tick_name, "value": doubt.tick_value,
                "reason": doubt.reason_name, "sentence": doubt.message,
            }
            for doubt in form.warnings
        ],
    )  # fmt: skip


def form_of(request, key):
    """The form of the visit as it was sent, or None where the household is not to be seen."""
    pk = request.POST.get("enrolment", "")
    rows = Enrolment.objects.visible_to(request.user).select_related("household__unit", "programme")
    enrolment = rows.filter(pk=pk).first() if pk.isdecimal() and len(pk) < 19 else None
    if enrolment is None:
        return None
    own, sent = None, request.POST.copy()
    if visits.is_own_sign_in(request.user):
        own = visits.helper_of(request.user, enrolment.programme)
        if own is None:
            return None
    elif not sent.get("helper"):
        line = visits.lead_of(enrolment)
        sent["helper"] = line.helper.trail_code if line else ""
    return VisitForm(
        sent, request.FILES, staff=request.user, instance=new_visit(enrolment, key=key), own=own
    )


def address_of(visit, staff):
    """The visit's page, where the person may open it."""
    seen = type(visit).objects.visible_to(staff).filter(pk=visit.pk).exists()
    return visit.get_absolute_url() if seen else ""
