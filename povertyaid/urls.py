"""One line per room."""

from django.urls import include, path

urlpatterns = [
    path("households/", include("households.urls")),
    path("pairings/", include("pairings.urls")),
    path("ledger/", include("disbursements.urls")),
    path("reports/", include("reports.urls")),
    path("", include("povertyaid.web.urls")),
]
handler403 = "povertyaid.web.errors.permission_denied"
handler404 = "povertyaid.web.errors.page_not_found"
handler500 = "povertyaid.web.errors.server_error"
