"""A list as a workbook: the same filter as on the page, written down who took it away."""

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from povertyaid.audit.models import record
from povertyaid.lib.quantities import Kind
from povertyaid.web import workbook
from povertyaid.web.templatetags.words import counted

EXPORT_AT_MOST = 100_000


def send_list(request, filter_class, queryset, *, rows, columns, title, back, counts=Kind.ITEMS):
    """`rows(found, filterset)` gives what the columns read, in order."""
    asked = QueryDict(request.POST.get("query", ""))
    filterset = filter_class(asked, queryset=queryset.visible_to(request.user), request=request)
    found = filterset.qs if filterset.is_valid() else queryset.none()
    n = found.count()
    if not 0 < n <= EXPORT_AT_MOST:
        too_many = _(
            "That is more than fits into one workbook. Choose a unit, and export the parts."
        )
        messages.error(request, too_many if n else _("There is nothing to export."))
        return redirect(f"{reverse(back)}?{asked.urlencode()}")
    unit = filterset.form.cleaned_data["unit"] or request.user.unit
    programme = filterset.programme_asked
    today = timezone.localdate()
    sheet = workbook.Sheet(
        title if programme is None else f"{programme.name} {title}",
        columns,
        rows(found, filterset),
        notes=[
            _("Unit: %(unit)s") % {"unit": unit.name},
            _("Exported on %(day)s by %(name)s, %(n)s")
            % {"day": today, "name": request.user.full_name, "n": counted(n, counts)},
        ],
    )
    answer = workbook.response(sheet, name=f"{title} {unit.name} {today}")
    record(
        unit, "exported", by=request.user, list=back, rows=n,
        programme=programme.code if programme else "",
        # Which conditions were set, not what they said: a search may be somebody's name.
        filters=sorted(name for name in filterset.filters if filterset.data.get(name)),
    )  # fmt: skip
    return answer
