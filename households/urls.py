from django.urls import path

from households.views import (
    designations,
    dossier,
    file,
    household,
    incomes,
    lifecycle,
    reveal,
    reviews,
    roster,
)

app_name = "households"
urlpatterns = [
    # /households/
    path("", household.HouseholdList.as_view(), name="list"),
    path("total/", household.total, name="total"),
    path("search/", household.search, name="search"),
    path("export/", household.export, name="export"),
    path("columns/", household.columns, name="columns"),
    # entering and changing
    path("new/", file.create, name="create"),
    path("<int:pk>/edit/", file.edit, name="edit"),
    path("<int:pk>/close/", lifecycle.close, name="close"),
    path("<int:pk>/reopen/", lifecycle.reopen, name="reopen"),
    path("<int:pk>/move/", lifecycle.move, name="move"),
    path("<int:pk>/merge/", lifecycle.merge, name="merge"),
    path("<int:pk>/split/", lifecycle.split, name="split"),
    path("<int:pk>/reveal/<slug:field>/", reveal.household, name="reveal-household"),
    path("members/<int:pk>/reveal/<slug:field>/", reveal.member, name="reveal-member"),
    path("<int:pk>/statuses/new/", designations.add, name="designation-add"),
    path("statuses/<int:pk>/end/", designations.end, name="designation-end"),
    path("enrolments/<int:pk>/incomes/new/", incomes.add, name="income-add"),
    path("incomes/<int:pk>/edit/", incomes.change, name="income-change"),
    path(
        "enrolments/<int:pk>/propose-identification/",
        reviews.propose_identification,
        name="propose-identification",
    ),
    path("enrolments/<int:pk>/propose-exit/", reviews.propose_exit, name="propose-exit"),
    path("reviews/", reviews.ReviewList.as_view(), name="review-list"),
    path("reviews/<int:pk>/", reviews.decide, name="review-decide"),
    # rosters
    path("rosters/", roster.RosterList.as_view(), name="roster-list"),
    path("rosters/new/", roster.upload, name="roster-upload"),
    path("rosters/<int:pk>/", roster.RosterDetail.as_view(), name="roster-detail"),
    path("rosters/<int:pk>/import/", roster.commit, name="roster-commit"),
    path("rosters/<int:pk>/discard/", roster.discard, name="roster-discard"),
    path("rosters/<int:pk>/headings/", roster.headings, name="roster-headings"),
    path("rosters/<int:pk>/correct/", roster.correct, name="roster-correct"),
    path("rosters/<int:pk>/again/", roster.check_again, name="roster-again"),
    path("rosters/<int:pk>/families/", roster.same_families, name="roster-families"),
    path("rosters/<int:pk>/decide/", roster.decide, name="roster-decide"),
    path("rosters/<int:pk>/undo/", roster.undo, name="roster-undo"),
    path("rosters/<int:pk>/errors/", roster.errors, name="roster-errors"),
    path("rosters/<int:pk>/original/", roster.original, name="roster-original"),
    path(
        "rosters/<int:pk>/missing/",
        roster.FamiliesOfRoster.as_view(),
        {"kind": "missing"},
        name="roster-missing",
    ),
    path(
        "rosters/<int:pk>/returned/",
        roster.FamiliesOfRoster.as_view(),
        {"kind": "returned"},
        name="roster-returned",
    ),
    path(
        "rosters/<int:pk>/held-back/",
        roster.FamiliesOfRoster.as_view(),
        {"kind": "held-back"},
        name="roster-held-back",
    ),
    # /households/<pk>/
    path("<int:pk>/", dossier.HouseholdDetail.as_view(), name="detail"),
    path("<int:pk>/print/", dossier.HouseholdPrint.as_view(), name="print"),
]
