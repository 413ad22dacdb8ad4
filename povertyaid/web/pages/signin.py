"""In and out: sign-in with lock-out, sign-out, one's own password and particulars."""

from axes.helpers import get_client_ip_address
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.functional import lazy
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from povertyaid.audit.models import Entry, record
from povertyaid.org import actions
from povertyaid.org.models import Staff
from povertyaid.web import drafts
from povertyaid.web.errors import AGAIN
from povertyaid.web.forms import PhoneField, StyledForm
from povertyaid.web.gate import needs_new_password
from povertyaid.web.pages.verbs import typed

SIGN_INS_SHOWN = 10
SIGN_IN_DEEDS = ["signed_in", "sign_in_failed", "locked_out"]


def lock_minutes():
    return round(settings.AXES_COOLOFF_TIME * 60)


# ---- sign-in


class SignInForm(StyledForm, AuthenticationForm):
    """The same words for a wrong name and a wrong password: neither is to be found out here."""

    lengths = {"username": "full", "password": "full"}
    error_messages = {
        "invalid_login": _(
            "The sign-in name or the password is not right. Please check capitals and the input "
            "method, then try again."
        ),
        "inactive": _("The sign-in name or the password is not right."),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("sign-in name")
        self.fields["password"].label = _("password")

    def clean_username(self):
        """A name longer than any of ours is nobody's, and too long for the list of failures."""
        username = self.cleaned_data["username"]
        if len(username) > Staff._meta.get_field("username").max_length:
            raise self.get_invalid_login_error()
        return username


class SignIn(auth_views.LoginView):
    form_class = SignInForm
    template_name = "web/sign_in.html"
    redirect_authenticated_user = True
    extra_context = {"title": _("Sign in")}

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            tries=settings.AXES_FAILURE_LIMIT, minutes=lock_minutes(), **kwargs
        )

    def form_valid(self, form):
        response = super().form_valid(form)
        staff = form.get_user()
        record(staff, "signed_in", by=staff, address=get_client_ip_address(self.request) or "")
        if AGAIN in self.request.GET:
            messages.warning(
                self.request,
                _("Nothing has been done yet: please press the button on this page once more."),
            )
        return response

    def form_invalid(self, form):
        if username := form.cleaned_data.get("username"):
            record_failure(self.request, username)
        return super().form_invalid(form)


def record_failure(request, username):
    """Write down who was tried, from where; never what was typed.

    A name nobody has may be a password in the wrong box, so only known names are kept. What
    comes after the lock is not written: it would only fill the trail.
    """
    locked = getattr(request, "axes_locked_out", False)
    if locked and request.axes_failures_since_start is None:
        return
    staff = Staff.objects.select_related("unit").filter(username=username).first()
    Entry.objects.create(
        by=None,
        deed="locked_out" if locked else "sign_in_failed",
        target_kind=Staff._meta.label_lower,
        target_id=staff.pk if staff else None,
        target_code=staff.username if staff else "",
        unit_path=staff.unit.path if staff else Entry.NO_UNIT,
        detail={"address": get_client_ip_address(request) or ""},
    )


def locked_out(request, original_response=None, credentials=None):
    """What django-axes answers while an account is closed; the same for a name nobody has."""
    context = {
        "title": _("Sign-in is closed for a while"),
        "tries": settings.AXES_FAILURE_LIMIT,
        "minutes": lock_minutes(),
    }
    response = render(request, "web/locked_out.html", context, status=429)
    response["Retry-After"] = lock_minutes() * 60
    return response


@login_not_required
@require_POST
def sign_out(request):
    """Also for somebody who has been signed out meanwhile: the page then simply says so."""
    if request.user.is_authenticated:
        record(request.user, "signed_out", by=request.user)
    logout(request)
    messages.success(request, _("You have signed out."))
    return redirect("sign-in")


# ---- one's own password


def _rules():
    return format_html(
        "<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((t,) for t in _rule_texts()))
    )


def _rule_texts():
    return [
        *password_validators_help_texts(),
        _("It must differ from the present one."),
    ]


password_rules = lazy(_rules, str)


class NewPasswordForm(StyledForm, SetPasswordForm):
    """For who has just signed in with a password somebody else gave."""

    lengths = {"new_password1": "full", "new_password2": "full"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].label = _("new password")
        self.fields["new_password1"].help_text = password_rules()
        self.fields["new_password2"].label = _("new password once more")
        self.fields["new_password2"].help_text = ""

    def clean_new_password1(self):
        password = self.cleaned_data.get("new_password1", "")
        if password and self.user.check_password(password):
            raise ValidationError(
                _("This is the present password. Please choose another."), code="same"
            )
        return password

    def save(self, commit=True):
        actions.change_password(self.user, self.cleaned_data["new_password1"], by=self.user)
        return self.user


class ChangePasswordForm(NewPasswordForm, PasswordChangeForm):
    """For everybody else: the present password stands surety for the person at the desk."""

    lengths = {"old_password": "full", **NewPasswordForm.lengths}
    field_order = ["old_password", "new_password1", "new_password2"]
    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": _("The present password is not right. Please type it again."),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = _("present password")


@method_decorator(sensitive_post_parameters(), name="dispatch")
class ChangePassword(auth_views.RedirectURLMixin, auth_views.PasswordChangeView):
    template_name = "web/password_change.html"
    next_page = reverse_lazy("home")
    extra_context = {"title": _("Change password")}

    def get_form_class(self):
        return NewPasswordForm if self.is_forced else ChangePasswordForm

    @property
    def is_forced(self):
        return needs_new_password(self.request.user)

    def get_context_data(self, **kwargs):
        asked = self.get_redirect_url()
        return super().get_context_data(is_forced=self.is_forced, next=asked, **kwargs)

    def form_valid(self, form):
        messages.success(self.request, _("Your new password is valid from now on."))
        return super().form_valid(form)


# ---- one's own particulars


class ProfileForm(StyledForm, forms.Form):
    """What a person may change of the own account. Name, role and unit are the administrator's."""

    phone = PhoneField(label=_("phone"), max_length=40, required=False)


@require_http_methods(["GET", "POST"])
def profile(request):
    """Who one is here, and the last sign-ins, so that a stranger's is noticed."""
    staff = request.user
    form = ProfileForm(typed(request), staff=staff, initial={"phone": staff.phone})
    if request.method == "POST" and form.is_valid():
        drafts.once(request, lambda: save_profile(staff, form))
        messages.success(request, _("Saved."))
        return redirect("profile")
    sign_ins = Entry.objects.about(staff).filter(deed__in=SIGN_IN_DEEDS)[:SIGN_INS_SHOWN]
    return render(
        request,
        "web/profile.html",
        {"title": _("My account"), "form": form, "sign_ins": sign_ins},
    )


def save_profile(staff, form):
    actions.save_staff(staff, by=staff, phone=form.cleaned_data["phone"])
    return reverse("profile")
