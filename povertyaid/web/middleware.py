from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from povertyaid.web import drafts


class DeskMiddleware(SessionMiddleware):
    """Every request starts the idle time of a desk anew, but for those a page makes by itself.

    A bar that asks twice a second how far the work is would keep an unattended desk open.
    """

    def process_response(self, request, response):
        if getattr(response, "asked_by_itself", False) and not request.session.modified:
            return response
        return super().process_response(request, response)


class DraftMiddleware:
    """A form that arrives without its session is kept, and its sender asked to sign in.

    Stands before the CSRF check answers: a lost session often takes the CSRF cookie along. That
    is safe because nothing is saved here, and the signed mark says whose drawer it goes to.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method == "POST" and self.may_hold_a_draft(request):
            shown_to = drafts.shown_to(request)
            if shown_to and shown_to != request.user.pk and drafts.keep(request, shown_to):
                return whole_page(request, self.ask_who_it_was(request))
        return whole_page(request, self.get_response(request))

    @staticmethod
    def may_hold_a_draft(request):
        length = request.META.get("CONTENT_LENGTH") or "0"
        return (
            length.isdigit()
            and int(length) <= drafts.LONGEST_BYTES
            and request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}
        )

    @staticmethod
    def ask_who_it_was(request):
        if request.user.is_authenticated:
            # Another person has signed in at this desk since the form was opened.
            messages.error(
                request,
                _(
                    "Nothing was saved: the form had been opened by another person. "
                    "It is kept for that person."
                ),
            )
            return redirect(settings.LOGIN_REDIRECT_URL)
        messages.warning(
            request,
            _(
                "You were signed out after a time without work. What you typed is kept: "
                "sign in again, and the form opens as you left it."
            ),
        )
        return redirect_to_login(request.get_full_path())


def whole_page(request, response):
    """HTMX would put the sign-in page into the middle of a table: tell it to leave the page."""
    if (
        request.headers.get("HX-Request") == "true"
        and response.status_code in {301, 302}
        and not request.user.is_authenticated
    ):
        asked = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = asked._replace(scheme="", netloc="").geturl() if asked.path else request.path
        return HttpResponse(
            status=204, headers={"HX-Redirect": redirect_to_login(back).headers["Location"]}
        )
    return response
