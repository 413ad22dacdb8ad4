from django.urls import path

from households.views import lists
from pairings.helper_lists import HELPERS
from pairings.views import (
    activity,
    assignment,
    helper,
    helping_day,
    household,
    pairing,
    papers,
    phone,
    print_orders,
    unit,
    unpaired,
    visit,
    visit_day,
    visit_sections,
)

app_name = "pairings"
helper_lists = lists.pages(HELPERS)
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
    # /pairings/assignments/
    path("assignments/", assignment.AssignmentList.as_view(), name="assignment-list"),
    path("assignments/new/", assignment.AssignmentCreate.as_view(), name="assignment-create"),
    path("assignments/<int:pk>/", assignment.AssignmentDetail.as_view(), name="assignment-detail"),
    path("assignments/<int:pk>/suggest/", assignment.suggest, name="assignment-suggest"),
    path("assignments/<int:pk>/accept/", assignment.accept, name="assignment-accept"),
    path("assignments/<int:pk>/drop/", assignment.drop, name="assignment-drop"),
    path("assignments/<int:pk>/export/", assignment.export, name="assignment-export"),
    path("assignments/<int:pk>/print/", assignment.print_list, name="assignment-print"),
    path("assignments/lines/<int:pk>/choose/", assignment.choose, name="assignment-choose"),
    path("assignments/lines/<int:pk>/take-out/", assignment.take_out, name="assignment-take-out"),
    path("assignments/lines/<int:pk>/put-back/", assignment.put_back, name="assignment-put-back"),
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
    # papers of one household
    path("enrolments/<int:pk>/handbook/", papers.handbook, name="handbook"),
    path("enrolments/<int:pk>/handbook/in-full/", papers.handbook_in_full, name="handbook-in-full"),
    path("enrolments/<int:pk>/card/", papers.card, name="card"),
    path("households/<int:pk>/whole-file/", papers.whole_file, name="whole-file"),
    path(
        "households/<int:pk>/whole-file/in-full/",
        papers.whole_file_in_full,
        name="whole-file-in-full",
    ),
    # papers of many
    path("papers/of-households/", print_orders.of_households, name="papers-of-households"),
    path("papers/of-pairs/", print_orders.of_pairs, name="papers-of-pairs"),
    path("papers/<int:pk>/", print_orders.PapersDetail.as_view(), name="papers"),
    path("papers/<int:pk>/volume/", print_orders.volume, name="papers-volume"),
    path("papers/<int:pk>/folders/", print_orders.folders, name="papers-folders"),
    path("papers/<int:pk>/remove/", print_orders.remove, name="papers-remove"),
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
    # a list of helpers as a workbook
    path("helpers/imports/", helper_lists["list"], name="helper-import-list"),
    path("helpers/imports/new/", helper_lists["new"], name="helper-import-new"),
    path("helpers/imports/template/", helper_lists["template"], name="helper-import-template"),
    path("helpers/imports/<int:pk>/", helper_lists["detail"], name="helper-import-detail"),
    path(
        "helpers/imports/<int:pk>/columns/", helper_lists["columns"], name="helper-import-columns"
    ),
    path("helpers/imports/<int:pk>/import/", helper_lists["commit"], name="helper-import-commit"),
    path(
        "helpers/imports/<int:pk>/discard/", helper_lists["discard"], name="helper-import-discard"
    ),
    path("helpers/imports/<int:pk>/again/", helper_lists["again"], name="helper-import-again"),
    path(
        "helpers/imports/<int:pk>/refused/", helper_lists["refused"], name="helper-import-refused"
    ),
    path("helpers/<int:pk>/activities/", activity.of_helper, name="activities-of-helper"),
    # /pairings/visits/
    path("visits/", visit.VisitList.as_view(), name="visit-list"),
    path("visits/total/", visit.total, name="visit-total"),
    path("visits/export/", visit.export, name="visit-export"),
    path("visits/problems/", visit.ProblemList.as_view(), name="problem-list"),
    path("visits/choose/", visit_sections.ChooseList.as_view(), name="visit-choose"),
    path("visits/new/", visit.create, name="visit-create"),
    path("visits/count/", visit.count, name="visit-count"),
    path("visits/day/", visit_day.day, name="visit-day"),
    path("visits/helping-day/", helping_day.page, name="helping-day"),
    path("visits/helping-day/export/", helping_day.export, name="helping-day-export"),
    path("visits/<int:pk>/", visit.VisitDetail.as_view(), name="visit-detail"),
    path("visits/<int:pk>/edit/", visit.edit, name="visit-edit"),
    path("visits/<int:pk>/take-back/", visit.take_back, name="visit-take-back"),
    path("visits/<int:pk>/photos/", visit.add_photos, name="visit-photos"),
    path("visits/<int:pk>/sign/", visit.sign, name="visit-sign"),
    path("visits/<int:pk>/signature/", visit.signature, name="visit-signature"),
    path("visits/items/<int:pk>/solve/", visit.solve, name="visit-solve"),
    path("visits/photos/<int:pk>/", visit.photo, name="visit-photo"),
    path("visits/photos/<int:pk>/remove/", visit.remove_photo, name="visit-photo-remove"),
    # /pairings/visits/phone/: all that its service worker may see
    path("visits/phone/", phone.page, name="visit-phone"),
    path("visits/phone/worker.js", phone.worker, name="visit-phone-worker"),
    path("visits/phone/ready/", phone.ready, name="visit-phone-ready"),
    path("visits/phone/households/", phone.households, name="visit-phone-households"),
    path("visits/phone/send/", phone.send, name="visit-phone-send"),
    # on the pages of a household, a helper and a pair
    path("households/<int:pk>/visits/", visit_sections.of_household, name="visits_of_household"),
    path("helpers/<int:pk>/visits/", visit_sections.of_helper, name="visits_of_helper"),
    path("<int:pk>/visits/", visit_sections.of_pair, name="visits_of_pair"),
]
