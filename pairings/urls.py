from django.urls import path

from pairings.views import (
    helper,
    helping_day,
    household,
    pairing,
    phone,
    unpaired,
    visit,
    visit_day,
    visit_sections,
)

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
