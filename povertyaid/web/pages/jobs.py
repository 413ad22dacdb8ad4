"""Work in the background: how far it is, where its result lies, and how to call it off."""

import django_filters
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from povertyaid.jobs import work
from povertyaid.jobs.models import Job
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.web.forms import StyledForm
from povertyaid.web.views import DetailPage, ListPage, wants_fragment

STOP_ASKING = 286  # HTMX's own status: the part is not asked for again


class JobFilterForm(StyledForm, forms.Form):
    """The filter bar of the list of jobs."""


class JobFilter(django_filters.FilterSet):
    whose = django_filters.ChoiceFilter(
        label=_("asked for by"),
        choices=[("mine", _("myself"))],
        empty_label=_("everybody"),
        method="by_person",
    )
    state = django_filters.ChoiceFilter(
        label=_("state of the work"), choices=Job.State.choices, empty_label=_("all states of work")
    )
    usual = ("whose", "state")

    class Meta:
        model = Job
        fields = []
        form = JobFilterForm

    def by_person(self, queryset, name, value):
        return queryset.of(self.request.user)


class JobList(ListPage):
    title = _("Work in the background")
    permission_required = "jobs.view_job"
    queryset = Job.objects.select_related("unit", "asked_by")
    ordering = ("-asked_at", "-pk")
    filterset_class = JobFilter


class JobDetail(DetailPage):
    permission_required = "jobs.view_job"
    queryset = Job.objects.select_related("unit", "asked_by", "cancel_asked_by")

    def get_title(self):
        return self.object.title

    def get_context_data(self, **kwargs):
        here = {"title": JobList.title, "url": reverse("job-list")}
        return super().get_context_data(breadcrumbs=[here], **kwargs)


@require_GET
@permission_required("jobs.view_job", raise_exception=True)
def job_bar(request, pk):
    """The bar alone, as it asks for itself. With `follow` it goes on to the result once it is there."""
    return bar(request, get_visible_or_404(Job, request.user, pk=pk))


def bar(request, job):
    follow = request.GET.get("follow") == "1"
    response = render(request, "web/_job_bar.html", {"job": job, "follow": follow})
    response.asked_by_itself = True
    if job.is_ended:
        # While it is under way only what it tells is exchanged, so that the button stays in place.
        response.status_code = STOP_ASKING
        response["HX-Retarget"] = response["HX-Reselect"] = f"#job-{job.pk}"
        response["HX-Reswap"] = "outerHTML"
    if follow and job.is_done:
        response["HX-Redirect"] = job.address
    return response


@require_POST
@permission_required("jobs.cancel_job", raise_exception=True)
def job_cancel(request, pk):
    job = get_visible_or_404(Job, request.user, pk=pk)
    refused = None
    try:
        job = work.cancel(job, by=request.user)
    except ValidationError as refusal:
        refused = refusal
    if wants_fragment(request):
        return bar(request, job)
    if refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(
            request, _("The work is called off.") if job.is_ended else _("The work will leave off.")
        )
    return redirect(job)
