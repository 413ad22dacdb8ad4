"""What stands between a signed-in person and every page."""

import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

# Where one may go before the new password is chosen.
OPEN_BEFORE = {"change-password", "sign-out", "set_language"}


def needs_new_password(staff):
    """Whether the password was given by somebody else, or is older than the office allows."""
    if staff.must_change_password:
        return True
    changed, days = staff.password_changed_at, settings.PASSWORD_DAYS
    return bool(days and changed and changed < timezone.now() - datetime.timedelta(days=days))


class GateMiddleware:
    """No page before a password of one's own; no page left behind on a shared machine.

    Whoever signs out and hands the desk over must not be followed by the Back button showing a
    family's file, so a signed-in person's pages are not stored by the browser.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    def process_view(self, request, view, args, kwargs):
        if not request.user.is_authenticated or not needs_new_password(request.user):
            return None
        if request.resolver_match.view_name in OPEN_BEFORE:
            return None
        asked = request.get_full_path() if request.method == "GET" else ""
        to = reverse("change-password") + (
            f"?{urlencode({'next': asked}, safe='/')}" if asked else ""
        )
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=204, headers={"HX-Redirect": reverse("change-password")})
        return redirect(to)
