from django.urls import path

from pairings.views import activity, helper, household, pairing, unit, unpaired

app_name = "pairings"
urlpatterns = [
    # /pairings/
    path("", pairing.PairingList.as_view(), name="list"),
    path("export/", pairing.export, name="export"),
    path("unpaired/", unpaired.UnpairedList.as_view(), name="unpaired"),
    path("unpaired/choose/", unpaired.choose, name="choose"),
    path("new/", pairing.create, name="create"),
    path("new-for-unit/", pairing.create_for_unit, name="create-for-unit"),
    path("<int:pk>/", pairing.PairingDetail.as_view(), name="detail"),
    path("<int:pk>/join/", pairing.join, name="join"),
    path("<int:pk>/release/", pairing.release, name="release"),
    path("<int:pk>/hand-over/", pairing.hand_over, name="hand-over"),
    path("<int:pk>/end/", pairing.end, name="end"),
    path("<int:pk>/reopen/", pairing.reopen, name="reopen"),
    # on the file of a household
    path("households/<int:pk>/", household.of_household, name="of_household"),
    path("households/<int:pk>/activities/", activity.of_household, name="activities-of-household"),
    # /pairings/activities/
    path("activities/", activity.ActivityList.as_view(), name="activity-list"),
    path("activities/export/", activity.export, name="activity-export"),
    path("activities/new/", activity.ActivityCreate.as_view(), name="activity-create"),
    path("activities/sign-in-sheet/", activity.new_sheet, name="activity-sheet-new"),
    path("activities/<int:pk>/", activity.ActivityDetail.as_view(), name="activity-detail"),
    path("activities/<int:pk>/edit/", activity.ActivityEdit.as_view(), name="activity-edit"),
    path("activities/<int:pk>/take-back/", activity.take_back, name="activity-take-back"),
    path("activities/<int:pk>/restore/", activity.restore, name="activity-restore"),
    path("activities/<int:pk>/count/", activity.count_instead, name="activity-count"),
    path("activities/<int:pk>/attendance/", activity.attend, name="activity-attend"),
    path("activities/<int:pk>/attendance/remove/", activity.leave_off, name="activity-leave-off"),
    path("activities/<int:pk>/attendance/print/", activity.print_list, name="activity-print"),
    path("activities/<int:pk>/sign-in-sheet/", activity.sign_in_sheet, name="activity-sheet"),
    # on the page of a unit, and units in difficulty
    path("units/", unit.UnitsInDifficulty.as_view(), name="difficulty-list"),
    path("units/export/", unit.export, name="difficulty-export"),
    path("units/new/", unit.enter, name="difficulty-enter"),
    path("units/<int:pk>/", unit.of_unit, name="of-unit"),
    path("units/<int:pk>/leave-difficulty/", unit.leave, name="difficulty-leave"),
    path("units/<int:pk>/back-in-difficulty/", unit.come_back, name="difficulty-return"),
    # /pairings/helpers/
    path("helpers/", helper.HelperList.as_view(), name="helper-list"),
    path("helpers/export/", helper.export, name="helper-export"),
    path("helpers/suggest/", helper.suggest, name="helper-suggest"),
    path("helpers/new/", helper.HelperCreate.as_view(), name="helper-create"),
    path("helpers/<int:pk>/", helper.HelperDetail.as_view(), name="helper-detail"),
    path("helpers/<int:pk>/edit/", helper.HelperEdit.as_view(), name="helper-edit"),
    path("helpers/<int:pk>/leave/", helper.leave, name="helper-leave"),
    path("helpers/<int:pk>/return/", helper.come_back, name="helper-return"),
    path("helpers/<int:pk>/hand-over/", helper.hand_over, name="helper-hand-over"),
    path("helpers/<int:pk>/activities/", activity.of_helper, name="activities-of-helper"),
]
