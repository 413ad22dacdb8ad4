"""What a refused or failed request is told: the same dress as every page, and nothing else."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from povertyaid.web import drafts
from povertyaid.web.pages.desk import safe_next

AGAIN = "again"  # in the address of the sign-in page: a button was pressed in vain


@requires_csrf_token
def permission_denied(request, exception=None):
    return render(request, "403.html", status=403)


@requires_csrf_token
def page_not_found(request, exception=None):
    return render(request, "404.html", status=404)


@requires_csrf_token
def server_error(request):
    """Asks neither the database nor the session: either may be what failed."""
    return render(None, "500.html", status=500)


def method_not_allowed(request, refusal):
    """`refusal` is Django's, without a word in it; it knows what the address does take."""
    answer = render(request, "405.html", status=405)
    answer.headers["Allow"] = refusal.headers["Allow"]
    return answer


def too_large(request):
    """Of more than any page takes; asks nothing of the form, which is not read."""
    most = settings.FILES_AT_ONCE_BYTES // 1024**2
    return render(request, "413.html", {"megabytes": most}, status=413)


def length_not_told(request):
    return render(request, "413.html", status=411)


def page_of_the_form(request):
    """The page a button stood on, if it is one of ours; else the home page."""
    page = urlsplit(request.headers.get("Referer", ""))
    if page.netloc != request.get_host():
        return "/"
    return safe_next(request, page._replace(scheme="", netloc="", fragment="").geturl())


def sign_in_and_press_again(request):
    """After a lost session; `signin.SignIn` repeats on the page itself that nothing was done."""
    messages.warning(
        request,
        _(
            "You were signed out after a time without work. Nothing has been done yet: "
            "sign in again, and press the button once more."
        ),
    )
    answer = redirect_to_login(page_of_the_form(request))
    return redirect(f"{answer.url}&{AGAIN}=1")


def csrf_failure(request, reason=""):
    """Signing in again in another window changes the mark against forgery: the text is kept."""
    if not request.user.is_authenticated and getattr(
        request.resolver_match.func, "login_required", True
    ):
        return sign_in_and_press_again(request)
    shown = drafts.shown(request)
    if shown and shown.staff_pk == request.user.pk and drafts.keep(request, shown):
        messages.warning(
            request,
            _(
                "Nothing has been saved: you have signed in anew since the form was opened. "
                "Please look it over and save it again."
            ),
        )
        return redirect(shown.page)
    return render(request, "403_csrf.html", status=403)
