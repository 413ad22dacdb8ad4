"""Who works here: found, added, changed, switched off, let in again."""

import django_filters
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from povertyaid.audit.models import Entry
from povertyaid.lib.quantities import Kind
from povertyaid.org import actions
from povertyaid.org.locks import locked_usernames
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.web import drafts
from povertyaid.web.forms import PhoneField, StyledForm
from povertyaid.web.pages.signin import SIGN_IN_DEEDS, SIGN_INS_SHOWN
from povertyaid.web.pages.verbs import ReasonForm, act, crumbs_to, typed
from povertyaid.web.unit_field import UnitPick
from povertyaid.web.views import EditPage, ListPage


def with_locks(staff):
    """Adds `is_locked`: closed for a while after failed sign-ins."""
    return staff.annotate(
        is_locked=Exists(locked_usernames().filter(username=OuterRef("username")))
    )


# ---- finding


class UnitPickFilter(django_filters.Filter):
    """A unit and everything below it."""

    field_class = UnitPick

    def filter(self, qs, value):
        return qs.within(value) if value else qs


class StaffFilterForm(StyledForm, forms.Form):
    """The filter bar of the staff list."""


class StaffFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=_("name, pinyin or sign-in name"), method="by_name")
    unit = UnitPickFilter(label=_("unit"))
    role = django_filters.ChoiceFilter(
        label=_("role"), choices=Staff.Role.choices, empty_label=_("all roles")
    )
    account = django_filters.ChoiceFilter(
        label=_("account"),
        choices=[
            ("on", _("in use")),
            ("off", _("switched off")),
            ("locked", _("locked")),
            ("first", _("waits for the first sign-in")),
        ],
        empty_label=_("all accounts"),
        method="by_account",
    )
    usual = ("q", "unit", "role", "account")

    class Meta:
        model = Staff
        fields = []
        form = StaffFilterForm

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.form.fields["unit"].units = OrgUnit.objects.visible_to(self.request.user)

    def by_name(self, queryset, name, value):
        return queryset.called(value)

    def by_account(self, queryset, name, value):
        return {
            "on": queryset.active(),
            "off": queryset.filter(is_active=False),
            "locked": queryset.filter(is_locked=True),
            "first": queryset.active().filter(must_change_password=True),
        }[value]


class StaffList(ListPage):
    title = _("Staff")
    permission_required = "org.view_staff"
    queryset = with_locks(Staff.objects.select_related("unit"))
    ordering = "username"
    sorts = {
        "name": "name_pinyin",
        "username": "username",
        "unit": "unit__path",
        "in": "last_login",
    }
    counts = Kind.PERSONS
    filterset_class = StaffFilter

    def get_queryset(self):
        # The lock is a matter of minutes: the condition must be made anew with every page.
        self.queryset = with_locks(Staff.objects.select_related("unit"))
        return super().get_queryset()


@require_GET
@permission_required("org.view_staff", raise_exception=True)
def staff_detail(request, pk):
    person = get_visible_or_404(
        with_locks(Staff.objects.select_related("unit")), request.user, pk=pk
    )
    return render(request, "org/staff_detail.html", about(request, person))


def about(request, person, **more):
    sign_ins = (
        Entry.objects.about(person).visible_to(request.user).filter(deed__in=SIGN_IN_DEEDS)
        if request.user.has_perm("audit.view_entry")
        else Entry.objects.none()
    )
    return {
        "title": person.full_name,
        "person": person,
        "sign_ins": sign_ins[:SIGN_INS_SHOWN],
        "is_self": person.pk == request.user.pk,
        "breadcrumbs": crumbs_to(person, request.user)[:-1],
        **more,
    }


# ---- adding and changing


class StaffForm(StyledForm, forms.Form):
    """Name, unit, role. The unit is one of the administrator's own subtree, whatever is sent."""

    full_name = forms.CharField(label=_("name"), max_length=60)
    username = forms.CharField(
        label=_("sign-in name"),
        max_length=60,
        validators=[actions.check_username],
        help_text=_("One name for one person; it cannot be changed later."),
    )
    unit = UnitPick(label=_("unit"))
    role = forms.ChoiceField(label=_("role"), choices=Staff.Role.choices)
    phone = PhoneField(label=_("phone"), max_length=40, required=False)
    lengths = {"full_name": 12, "username": 20, "unit": 30, "role": 12}

    def __init__(self, *args, instance=None, **kwargs):
        self.instance = instance
        if instance is not None:
            known = {name: getattr(instance, name) for name in self.base_fields}
            kwargs["initial"] = known | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.fields["unit"].units = OrgUnit.objects.visible_to(self.staff).open()
        self.fields["role"].help_text = _("What each role may do stands below the form.")
        if instance is not None:
            del self.fields["username"]
            if instance.pk == self.staff.pk:
                # Nobody raises the own role or leaves the own unit; a forged value is not read.
                self.fields["unit"].disabled = self.fields["role"].disabled = True

    def reasons_given(self):
        return ""


ROLE_WORDS = [
    (Staff.Role.CLERK, _("opens and corrects files, imports rosters, proposes reviews")),
    (Staff.Role.APPROVER, _("decides what a clerk proposes; never the own proposal")),
    (Staff.Role.SUPERVISOR, _("reads everything below the unit, sets targets, prints and signs")),
    (Staff.Role.HELPER, _("sees the own households and records visits")),
    (Staff.Role.ADMINISTRATOR, _("keeps units, staff, programmes and lines; opens no file")),
    (Staff.Role.AUDITOR, _("reads who did what and who looked at whom")),
]


@never_cache
@sensitive_variables("password")
@require_http_methods(["GET", "POST"])
@permission_required("org.add_staff", raise_exception=True)
def staff_create(request):
    """Add a person. The page that answers shows the one-time password, and no page after it."""
    asked = OrgUnit.objects.visible_to(request.user).open().coded(request.GET.get("unit", ""))
    form = StaffForm(
        typed(request),
        staff=request.user,
        initial={"unit": asked.first() or request.user.unit},
    )
    if request.method == "POST" and form.is_valid():
        made = {}

        def save():
            made["staff"], made["password"] = actions.add_staff(
                by=request.user, **form.cleaned_data
            )
            return made["staff"].get_absolute_url()

        try:
            address, first = drafts.once(request, save)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            if not first:
                messages.warning(
                    request,
                    _(
                        "The person had been added already. If the one-time password was not noted, "
                        "please reset it here."
                    ),
                )
                return redirect(address)
            return show_password(request, made["staff"], made["password"])
    crumb = {"title": _("Staff"), "url": reverse("staff-list")}
    context = {
        "title": _("Add a person"),
        "form": form,
        "roles": ROLE_WORDS,
        "breadcrumbs": [crumb],
    }
    return render(request, "org/staff_form.html", context)


@sensitive_variables()
def show_password(request, person, password):
    """Straight from memory into this one answer: not into the session, a cookie or a log."""
    return render(
        request,
        "org/staff_password.html",
        {
            "title": _("One-time password of %(name)s") % {"name": person.full_name},
            "person": person,
            "password": password,
            "breadcrumbs": crumbs_to(person, request.user),
        },
    )


class StaffEdit(EditPage):
    permission_required = "org.change_staff"
    queryset = Staff.objects.select_related("unit")
    form_class = StaffForm
    template_name = "org/staff_form.html"
    context_object_name = "person"

    def get_title(self):
        return _("Edit %(unit)s") % {"unit": self.object.full_name}

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            roles=ROLE_WORDS, breadcrumbs=crumbs_to(self.object, self.request.user), **kwargs
        )

    def save(self, form):
        return actions.save_staff(self.object, by=self.request.user, **form.cleaned_data)


def changeable_person(request, pk):
    """A visible person; the own account is for another administrator."""
    person = get_visible_or_404(Staff.objects.select_related("unit"), request.user, pk=pk)
    if person.pk == request.user.pk:
        raise PermissionDenied
    return person


@require_http_methods(["GET", "POST"])
@permission_required("org.change_staff", raise_exception=True)
def staff_switch_off(request, pk):
    person = changeable_person(request, pk)
    return act(
        request,
        person,
        lambda **answers: actions.switch_off(person, by=request.user, **answers),
        form_class=ReasonForm,
        title=_("Switch off the account of %(name)s") % {"name": person.full_name},
        text=_(
            "The person can no longer sign in, and an open session ends at once. What the person has done stays under the name."
        ),
        verb=_("Switch the account off"),
        done=_("The account is switched off."),
        danger=True,
    )


@require_http_methods(["GET", "POST"])
@permission_required("org.change_staff", raise_exception=True)
def staff_switch_on(request, pk):
    person = changeable_person(request, pk)
    return act(
        request,
        person,
        lambda **answers: actions.switch_on(person, by=request.user, **answers),
        form_class=ReasonForm,
        title=_("Switch on the account of %(name)s") % {"name": person.full_name},
        text=_("The person can sign in again with the password known to the person."),
        verb=_("Switch the account on"),
        done=_("The account is switched on."),
    )


@require_http_methods(["GET", "POST"])
@permission_required("org.change_staff", raise_exception=True)
def staff_unlock(request, pk):
    person = changeable_person(request, pk)
    return act(
        request,
        person,
        lambda **answers: actions.unlock(person, by=request.user, **answers),
        title=_("Unlock the account of %(name)s") % {"name": person.full_name},
        text=_(
            "After several failed sign-ins the account is closed for a while. Please make sure by telephone that it was the person, then unlock it."
        ),
        verb=_("Unlock the account"),
        done=_("The account is unlocked."),
    )


@never_cache
@sensitive_variables("password")
@require_http_methods(["GET", "POST"])
@permission_required("org.change_staff", raise_exception=True)
def staff_reset_password(request, pk):
    """A new one-time password, shown on the answer to this one press."""
    person = changeable_person(request, pk)
    if request.method == "POST":
        made = {}

        def save():
            made["password"] = actions.reset_password(person, by=request.user)
            return person.get_absolute_url()

        address, first = drafts.once(request, save)
        if first:
            return show_password(request, person, made["password"])
        messages.warning(
            request, _("The password had just been reset. If it was not noted, reset it once more.")
        )
        return redirect(address)
    return act(
        request,
        person,
        None,
        title=_("Reset the password of %(name)s") % {"name": person.full_name},
        text=_(
            "The present password stops working at once. The new one is shown once; the person must replace it at the next sign-in."
        ),
        verb=_("Reset the password"),
        done="",
    )
