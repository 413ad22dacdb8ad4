from django.urls import path

from disbursements.payment_lists import PAYMENTS
from disbursements.views import fund, ledger
from households.views import lists

app_name = "disbursements"
payment_lists = lists.pages(PAYMENTS)
urlpatterns = [
    # /ledger/
    path("", ledger.Ledger.as_view(), name="ledger"),
    path("export/", ledger.export, name="export"),
    path("new/", ledger.to_whom, name="to-whom"),
    path("new-counted/", ledger.create_counted, name="create-counted"),
    path("enrolments/<int:pk>/new/", ledger.create, name="create"),
    path("<int:pk>/", ledger.PaymentDetail.as_view(), name="detail"),
    path("<int:pk>/edit/", ledger.edit, name="edit"),
    path("<int:pk>/void/", ledger.void, name="void"),
    path("households/<int:pk>/", ledger.of_household, name="of_household"),
    # /ledger/funds/
    path("funds/", fund.FundList.as_view(), name="fund-list"),
    path("funds/new/", fund.FundCreate.as_view(), name="fund-create"),
    path("funds/<int:pk>/", fund.FundDetail.as_view(), name="fund-detail"),
    path("funds/<int:pk>/edit/", fund.FundEdit.as_view(), name="fund-edit"),
    path("funds/<int:pk>/close/", fund.close, name="fund-close"),
    path("funds/<int:pk>/reopen/", fund.reopen, name="fund-reopen"),
    path("funds/<int:pk>/receive/", fund.receive, name="receive"),
    path("inflows/<int:pk>/take-back/", fund.take_back, name="take-back"),
    # a list of payments as a workbook
    path("imports/", payment_lists["list"], name="import-list"),
    path("imports/new/", payment_lists["new"], name="import-new"),
    path("imports/template/", payment_lists["template"], name="import-template"),
    path("imports/<int:pk>/", payment_lists["detail"], name="import-detail"),
    path("imports/<int:pk>/columns/", payment_lists["columns"], name="import-columns"),
    path("imports/<int:pk>/import/", payment_lists["commit"], name="import-commit"),
    path("imports/<int:pk>/discard/", payment_lists["discard"], name="import-discard"),
    path("imports/<int:pk>/again/", payment_lists["again"], name="import-again"),
    path("imports/<int:pk>/refused/", payment_lists["refused"], name="import-refused"),
]
