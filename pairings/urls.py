from django.urls import path

from pairings.views import helper, household, pairing, papers, print_orders, unpaired

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
]
