"""Which accounts are closed for a while after failed sign-ins (django-axes keeps the count)."""

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Sum
from django.utils import timezone


def locked_usernames():
    """Sign-in names with as many failures from one address as close an account. A queryset."""
    return (
        AccessAttempt.objects.filter(attempt_time__gte=timezone.now() - get_cool_off())
        .order_by()
        .values("username", "ip_address")
        .annotate(failures=Sum("failures_since_start"))
        .filter(failures__gte=settings.AXES_FAILURE_LIMIT)
        .values("username")
    )
