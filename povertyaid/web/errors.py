"""What a refused or failed request is told: the same dress as every page, and nothing else."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from povertyaid.web import drafts


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


def csrf_failure(request, reason=""):
    """Signing in again in another window changes the mark against forgery: the text is kept."""
    shown_to = drafts.shown_to(request)
    if shown_to and shown_to == request.user.pk and drafts.keep(request, shown_to):
        messages.warning(
            request,
            _(
                "Nothing has been saved: you have signed in anew since the form was opened. "
                "Please look it over and save it again."
            ),
        )
        return redirect(request.get_full_path())
    return render(request, "403_csrf.html", status=403)
