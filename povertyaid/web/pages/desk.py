"""Small answers the frame needs: where one works, that one is still here, what may be thrown away."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from povertyaid.org.models import OrgUnit
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.programmes.models import Programme
from povertyaid.web import drafts
from povertyaid.web.context import choose_place, chosen_place

UNITS_SHOWN = 40


def safe_next(request, address):
    """Where to go back to: only a path within this office, else the home page."""
    ours = address.startswith("/") and url_has_allowed_host_and_scheme(
        address, {request.get_host()}
    )
    return address if ours else "/"


@require_http_methods(["GET", "POST"])
def place(request):
    """Choose the programme and the unit to work in. HTMX fetches the lists of the top bar here."""
    if request.method == "POST":
        return choose(request)
    part, word = request.GET.get("part", ""), request.GET.get("q", "").strip()[:60]
    context = {
        "title": _("Choose programme and unit"),
        "part": part,
        "word": word,
        "next": safe_next(request, request.GET.get("next", "")),
        "chosen": chosen_place(request),
    }
    if part != "unit":
        context["programmes"] = Programme.objects.visible_to(request.user)
    if part != "programme":
        context |= units_for(request, word)
    whole = request.headers.get("HX-Request") != "true"
    return render(request, "web/place.html" if whole else "web/_place_lists.html", context)


def units_for(request, word):
    """Units whose name, pinyin or initials fit, else those right below the chosen one."""
    units = OrgUnit.objects.visible_to(request.user).open()
    if word:
        return {"units": units.called(word).order_by("path")[:UNITS_SHOWN]}
    code = chosen_place(request).get("unit", {}).get("code", request.user.unit.code)
    middle = units.filter(code=code).first() or request.user.unit
    parts = middle.path.strip("/").split("/")
    above = ["/" + "/".join(parts[:depth]) + "/" for depth in range(1, len(parts) + 1)]
    return {
        "line_up": units.filter(path__in=above),
        "units": units.filter(parent=middle).order_by("name_pinyin")[:UNITS_SHOWN],
    }


def choose(request):
    """Remember the choice, and go back to the same page with it."""
    chosen = {}
    for name, model in (("programme", Programme), ("unit", OrgUnit)):
        code = request.POST.get(name)
        if code:
            chosen[name] = get_visible_or_404(model.objects.coded(code), request.user)
        elif code == "":
            chosen[name] = None
    choose_place(request, **chosen)
    return redirect(with_place(safe_next(request, request.POST.get("next", "")), chosen))


def with_place(address, query):
    """The same address, where it names a programme or unit now naming the chosen one."""
    parts = urlsplit(address)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if not any(name in query for name, value in pairs):
        return address
    changed = [(n, v) for n, v in pairs if n not in query and n != "page"]
    changed += [(n, row.code) for n, row in query.items() if row]
    return parts._replace(query=urlencode(changed)).geturl()


@never_cache
@require_GET
def still_here(request):
    """Asked by the page when somebody goes on working; being asked starts the idle time anew."""
    return HttpResponse(status=204)


@require_POST
def discard_draft(request):
    path = request.POST.get("path", "").replace("\x00", "")
    drafts.discard(request.user, path)
    return redirect(safe_next(request, path))
