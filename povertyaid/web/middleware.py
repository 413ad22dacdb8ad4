from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from povertyaid.web import drafts, errors


class DeskMiddleware(SessionMiddleware):
    """Every request starts the idle time of a desk anew, but for those a page makes by itself.

    A bar that asks twice a second how far the work is would keep an unattended desk open.
    """

    def process_response(self, request, response):
        if getattr(response, "asked_by_itself", False) and not request.session.modified:
            return response
        return super().process_response(request, response)


class SizeMiddleware:
    """What is too large is answered before it is read: every reader of a form reads it to its end.

    Stands after what knows the person and before whoever looks into a form. Signed out, nobody has
    a file to hand in; the telephone and the desk are told to sign in, as for any other form.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = request.META.get("CONTENT_LENGTH") or ""
        if request.headers.get("Transfer-Encoding") and not length:
            return errors.length_not_told(request)  # nothing stops it when it has become too large
        size = int(length) if length.isdecimal() else 0
        if size > settings.SENT_AT_ONCE_BYTES:
            return errors.too_large(request)
        if size > settings.SENT_SIGNED_OUT_BYTES and not request.user.is_authenticated:
            return whole_page(request, errors.sign_in_and_press_again(request))
        return self.get_response(request)


class DraftMiddleware:
    """A form that arrives without its session is kept, and its sender asked to sign in.

    Stands before the CSRF check answers: a lost session often takes the CSRF cookie along. That
    is safe because nothing is saved here, and the signed mark says whose drawer it goes to.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method == "POST" and self.may_hold_a_draft(request):
            shown = drafts.shown(request)
            if shown and shown.staff_pk != request.user.pk and drafts.keep(request, shown):
                return whole_page(request, self.ask_who_it_was(request, shown.page))
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
    def ask_who_it_was(request, page):
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
        return redirect_to_login(page)


class SignInMiddleware(LoginRequiredMiddleware):
    """Every page is closed that does not say otherwise, and comes back after sign-in.

    A button cannot be pressed again by its address: who pressed one comes back to the page it
    stands on, and is told there that nothing was done (`signin.SignIn`).
    """

    def handle_no_permission(self, request, view_func):
        if request.method != "POST":
            return super().handle_no_permission(request, view_func)
        return errors.sign_in_and_press_again(request)


class OtherMethodMiddleware:
    """An address that takes a button only, or only looks, is answered in the dress of every page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        return (
            errors.method_not_allowed(request, response)
            if response.status_code == 405
            else response
        )


def whole_page(request, response):
    """HTMX would put the sign-in page into the middle of a table: tell it to leave the page."""
    if (
        request.headers.get("HX-Request") == "true"
        and response.status_code in {301, 302}
        and not request.user.is_authenticated
    ):
        if request.method == "POST":
            return HttpResponse(status=204, headers={"HX-Redirect": response.headers["Location"]})
        asked = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = asked._replace(scheme="", netloc="").geturl() if asked.path else request.path
        return HttpResponse(
            status=204, headers={"HX-Redirect": redirect_to_login(back).headers["Location"]}
        )
    return response
