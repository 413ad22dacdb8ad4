"""Closing, reopening, moving, merging and splitting files: each a page, a reason, one deed."""

from django.contrib.auth.decorators import permission_required
from django.shortcuts import render
from django.utils.translation import gettext as _

from households.actions import files
from households.forms.lifecycle import (
    CloseForm,
    MergeForm,
    MoveForm,
    OtherFileForm,
    ReopenForm,
    SplitForm,
)
from households.models import Household
from households.views.saving import data_of, deed_page, seen_version
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.programmes.models import Programme

change_files = permission_required("households.change_household", raise_exception=True)


def own_file(request, pk):
    return get_visible_or_404(Household.objects.select_related("unit"), request.user, pk=pk)


@change_files
def close(request, pk):
    household = own_file(request, pk)
    form = CloseForm(data_of(request), staff=request.user)

    def act(version):
        given = form.cleaned_data
        return files.close(
            household, on=given["on"], close_reason=given["close_reason"],
            by=request.user, reason=form.told(), version=version,
        )  # fmt: skip

    return deed_page(
        request, household, form, act,
        template="households/deed_form.html", message=_("The file is closed."),
        title=_("Close the file"), verb=_("Close the file"), danger=True,
        text=_(
            "A closed file is kept and can be read, but not changed. "
            "Its members may then be entered in another file."
        ),
    )  # fmt: skip


@change_files
def reopen(request, pk):
    household = own_file(request, pk)
    form = ReopenForm(data_of(request), staff=request.user)

    def act(version):
        return files.reopen(household, by=request.user, reason=form.told(), version=version)

    return deed_page(
        request, household, form, act,
        template="households/deed_form.html", message=_("The file is open again."), closed=True,
        title=_("Reopen the file"), verb=_("Reopen the file"),
        text=_("The members become members of this file again, unless another file has them."),
    )  # fmt: skip


@change_files
def move(request, pk):
    household = own_file(request, pk)
    form = MoveForm(data_of(request), staff=request.user, household=household)

    def act(version):
        return files.move(
            household, to=form.cleaned_data["to"], by=request.user, reason=form.told(),
            version=version,
        )  # fmt: skip

    return deed_page(
        request, household, form, act,
        template="households/deed_form.html", message=_("The file is moved."),
        title=_("Move the file to another unit"), verb=_("Move the file"),
        text=_("The file keeps its number and everything in it."),
    )  # fmt: skip


@change_files
def merge(request, pk):
    """First the other file's number; then both side by side, and which of them stays."""
    household = own_file(request, pk)
    asked = OtherFileForm(
        request.GET if "other" in request.GET else None,
        staff=request.user,
        household=household,
        also_closed=request.method == "POST",  # a second press finds it closed by the first
    )
    if not asked.is_valid():
        context = {"household": household, "form": asked, "title": _("Merge two files")}
        return render(request, "households/merge_ask.html", context)
    other = asked.cleaned_data["other"]
    form = MergeForm(data_of(request), staff=request.user, files=[household, other])

    def act(_version):
        stays, goes = form.chosen()
        seen = {household.pk: seen_version(request), other.pk: _other_version(request)}
        return files.merge(
            stays, goes, on=form.cleaned_data["on"], by=request.user, reason=form.told(),
            versions=(seen[stays.pk], seen[goes.pk]),
        )  # fmt: skip

    return deed_page(
        request, household, form, act,
        template="households/merge_form.html", message=_("The two files are one."),
        title=_("Merge two files"), other=other, **_compared(household, other),
    )  # fmt: skip


def _other_version(request):
    text = request.POST.get("_other_version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _compared(household, other):
    """What the page shows before one decides: the same persons, and the same programmes."""
    same = files.same_persons(household, other)
    programmes = {
        enrolment.programme: enrolment
        for enrolment in household.enrolments.select_related("programme")
    }
    return {
        "same_persons": [(mine, theirs) for theirs, mine in same.items()],
        "same_programmes": [
            (programmes[enrolment.programme], enrolment)
            for enrolment in other.enrolments.select_related("programme")
            if enrolment.programme in programmes
        ],
        "files": [
            (file, file.members.present().order_by("seq", "pk"), file.enrolments.count())
            for file in (household, other)
        ],
    }


@change_files
def split(request, pk):
    household = own_file(request, pk)
    programmes = Programme.objects.filter(enrolments__in=household.enrolments.counted())
    form = SplitForm(
        data_of(request), staff=request.user, household=household, programmes=programmes
    )

    def act(version):
        given = form.cleaned_data
        return files.split(
            household, members=given["members"], head=given["head"], heir=given["heir"],
            programmes=given["programmes"], on=given["on"], by=request.user,
            reason=form.told(), version=version,
        )  # fmt: skip

    return deed_page(
        request, household, form, act,
        template="households/deed_form.html", message=_("The new household has its own file."),
        title=_("Split the household"), verb=_("Open the new file"),
        text=_(
            "Those who leave get a file of their own with the next number of the unit. "
            "In the old file they stay readable, with the day they left."
        ),
    )  # fmt: skip
