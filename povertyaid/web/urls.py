from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from povertyaid.web.pages import desk

urlpatterns = [
    path("place/", desk.place, name="place"),
    path("still-here/", desk.still_here, name="still-here"),
    path("drafts/discard/", desk.discard_draft, name="discard-draft"),
    path("language/", login_not_required(set_language), name="set_language"),
]
