"""The table of headings that an office's rosters use, beside those everyone knows."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from households.forms.roster import HeadingForm
from households.models import RosterHeading
from households.roster.sentences import FIELD_WORDS
from povertyaid.audit.models import record
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.web.views import CreatePage, EditPage, ListPage


class HeadingList(ListPage):
    """The office's own words for headings."""

    permission_required = "households.change_rosterheading"
    queryset = RosterHeading.objects.select_related("unit", "added_by")
    ordering = ("heading", "unit__path")
    title = _("Headings of rosters")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        for row in context["object_list"]:
            row.field_word = FIELD_WORDS[row.field] if row.field else _("means nothing we keep")
        return context


class HeadingPage:
    """What adding and changing have in common."""

    permission_required = "households.change_rosterheading"
    model = RosterHeading
    form_class = HeadingForm

    def save(self, form):
        heading = form.save(commit=False)
        heading.added_at, heading.added_by = timezone.now(), self.request.user
        heading.save()
        record(heading, self.deed, by=self.request.user, field=heading.field)
        return heading

    def get_success_url(self):
        return reverse("households:heading-list")

    def get_context_data(self, **kwargs):
        crumb = {"url": reverse("households:heading-list"), "title": HeadingList.title}
        return super().get_context_data(**kwargs, breadcrumbs=[crumb])


class HeadingCreate(HeadingPage, CreatePage):
    title = _("Add a heading")
    deed = "heading_added"

    def get_initial(self):
        return {"unit": self.request.user.unit}


class HeadingEdit(HeadingPage, EditPage):
    title = _("Change a heading")
    deed = "heading_changed"


@require_POST
@permission_required("households.change_rosterheading", raise_exception=True)
def remove(request, pk):
    """Take a heading out of the table; rosters already imported stay as they are."""
    heading = get_visible_or_404(RosterHeading, request.user, pk=pk)
    with transaction.atomic():
        record(heading, "heading_removed", by=request.user, field=heading.field)
        heading.delete()
    messages.success(request, now("The heading was taken out of the table."))
    return redirect("households:heading-list")
