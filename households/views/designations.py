"""Giving a family an official status, and ending it."""

from django.contrib.auth.decorators import permission_required
from django.utils.translation import gettext as _

from households.actions import designations
from households.forms.designation import DesignationForm, EndForm
from households.models import Designation
from households.views.lifecycle import own_file
from households.views.saving import data_of, deed_page
from povertyaid.org.scoping import get_visible_or_404

change_files = permission_required("households.change_household", raise_exception=True)


@change_files
def add(request, pk):
    household = own_file(request, pk)
    form = DesignationForm(data_of(request), staff=request.user, household=household)

    def act(version):
        given = {name: form.cleaned_data[name] for name in form.Meta.fields}
        designations.add(household, by=request.user, version=version, **given)
        return household

    return deed_page(
        request, household, form, act,
        template="households/deed_form.html", message=_("The status is saved."),
        title=_("Add an official status"), verb=_("Save"),
    )  # fmt: skip


@change_files
def end(request, pk):
    designation = get_visible_or_404(
        Designation.objects.select_related("household__unit", "member"), request.user, pk=pk
    )
    household = designation.household
    form = EndForm(data_of(request), staff=request.user)

    def act(version):
        designations.end(
            designation, on=form.cleaned_data["on"], by=request.user,
            reason=form.cleaned_data["reason"], version=version,
        )  # fmt: skip
        return household

    whose = designation.member.name if designation.member else _("the whole household")
    return deed_page(
        request, household, form, act,
        template="households/deed_form.html", message=_("The status is ended."),
        title=_("End an official status"), verb=_("End the status"),
        text=_("%(status)s of %(whose)s, valid from %(day)s.")
        % {
            "status": designation.get_kind_display(),
            "whose": whose,
            "day": designation.valid_from.isoformat(),
        },
    )  # fmt: skip
