"""The four pages every noun has: they join scope, permission, filter, fragment and a save that happens once.

A page that does not fit is written as a function; that is not a defeat.
"""

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.views.generic import CreateView, DetailView, ListView, UpdateView

from povertyaid.audit.history import acting
from povertyaid.audit.models import record
from povertyaid.lib.quantities import Kind
from povertyaid.web import drafts


class StaffPage(PermissionRequiredMixin):
    """A page for signed-in staff, showing only the rows they may see."""

    title = ""

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.user)

    def get_title(self):
        return self.title or self.object

    def get_context_data(self, **kwargs):
        return super().get_context_data(title=self.get_title(), **kwargs)


def wants_fragment(request):
    """Whether HTMX asks for a part of the page; a step back in history wants the whole."""
    asked = request.headers
    return asked.get("HX-Request") == "true" and not (
        asked.get("HX-Boosted") or asked.get("HX-History-Restore-Request")
    )


class ListPage(StaffPage, ListView):
    """A filtered, sorted, paged table. HTMX asks for the rows alone."""

    filterset_class = None
    sorts = {}  # word after `?sort=` → the field it sorts by; "-word" turns it round
    counts = Kind.ITEMS  # what one row is: 263 户
    paginate_by = 50
    filterset = None

    def get_queryset(self):
        rows = super().get_queryset()
        if not self.filterset_class:
            return rows
        self.filterset = self.filterset_class(self.request.GET, queryset=rows, request=self.request)
        # A filter that cannot be read shows nothing: to ignore it would show too much.
        return self.filterset.qs if self.filterset.is_valid() else rows.none()

    def get_ordering(self):
        sort = self.request.GET.get("sort", "")
        if sort.removeprefix("-") in self.sorts:
            return [("-" if sort[0] == "-" else "") + self.sorts[sort.removeprefix("-")], "pk"]
        return super().get_ordering()

    def paginate_queryset(self, queryset, page_size):
        paginator = self.get_paginator(queryset, page_size)
        page = paginator.get_page(self.request.GET.get("page"))  # beyond the end: the last page
        return paginator, page, page.object_list, page.has_other_pages()

    def get_totals(self, rows):
        """(label, text) of the sums this list is about, over all its pages."""
        return []

    def get_context_data(self, **kwargs):
        rows = self.object_list
        return super().get_context_data(
            filter=self.filterset,
            counts=self.counts,
            totals=self.get_totals(rows),
            rows_template=self.template_for("_{}_rows.html"),
            **kwargs,
        )

    def template_for(self, shape):
        opts = self.object_list.model._meta
        return f"{opts.app_label}/{shape.format(opts.model_name)}"

    def get_template_names(self):
        if wants_fragment(self.request):
            return [self.template_for("_{}_rows.html")]
        return [self.template_for("{}_list.html"), "web/object_list.html"]

    def render_to_response(self, context, **kwargs):
        response = super().render_to_response(context, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response


class DetailPage(StaffPage, DetailView):
    """One row; somebody else's answers 404 exactly as if it did not exist."""


class FormPage(StaffPage):
    """Check the form, save it once, say so, go back. What was typed outlives a lost session."""

    deed = ""
    saved_message = _("Saved.")

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs() | {"staff": self.request.user}
        if typed := drafts.typed_before(self.request):
            kwargs["data"] = typed
        return kwargs

    def save(self, form):
        """Write what the form says, by an action where there is one; answer the saved row."""
        with acting(self.request.user, form.reasons_given()):
            row = form.save()
            record(row, self.deed, by=self.request.user, reason=form.reasons_given())
        return row

    def get_success_url(self):
        return self.object.get_absolute_url()

    def form_valid(self, form):
        def save():
            self.object = self.save(form)
            return self.get_success_url()

        try:
            address, first = drafts.once(self.request, save)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        if first:
            messages.success(self.request, self.saved_message)
        return HttpResponseRedirect(address)

    def form_invalid(self, form):
        if address := drafts.sent_before(self.request):
            return HttpResponseRedirect(address)
        return super().form_invalid(form)

    def get_template_names(self):
        return [*super().get_template_names(), "web/object_form.html"]


class CreatePage(FormPage, CreateView):
    deed = "created"


class EditPage(FormPage, UpdateView):
    deed = "changed"
