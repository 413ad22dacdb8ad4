"""What waits for me today: the cards of one's role, laid out."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from povertyaid.web.home import card_named, cards_of
from povertyaid.web.views import wants_fragment


@require_GET
def home(request):
    laid_out = []
    for card in cards_of(request.user.role):
        context = {} if card.later else card.build(request)
        if context is not None:
            laid_out.append((card, context))
    return render(
        request,
        "web/home.html",
        {"title": _("To do today"), "today": timezone.localdate(), "cards": laid_out},
    )


@require_GET
def home_card(request, name):
    """One card that is fetched when the page stands; without HTMX it is a page of its own."""
    card = card_named(name, request.user.role)
    if card is None:
        raise Http404
    context = {"title": card.title, "template": card.template, "card": card.build(request)}
    page = "web/_home_card.html" if wants_fragment(request) else "web/home_card.html"
    return render(request, page, context)
