from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from povertyaid.web.pages import desk, home, signin

urlpatterns = [
    # /: what waits for me today
    path("", home.home, name="home"),
    path("home/cards/<slug:name>/", home.home_card, name="home-card"),
    # in and out
    path("sign-in/", signin.SignIn.as_view(), name="sign-in"),
    path("sign-out/", signin.sign_out, name="sign-out"),
    path("password/", signin.ChangePassword.as_view(), name="change-password"),
    path("profile/", signin.profile, name="profile"),
    # small answers the frame needs
    path("place/", desk.place, name="place"),
    path("still-here/", desk.still_here, name="still-here"),
    path("drafts/discard/", desk.discard_draft, name="discard-draft"),
    path("language/", login_not_required(set_language), name="set_language"),
]
