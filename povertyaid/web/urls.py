from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from povertyaid.web.pages import audit, desk, home, jobs, programmes, signin, staff, units

urlpatterns = [
    # /: what waits for me today
    path("", home.home, name="home"),
    path("home/cards/<slug:name>/", home.home_card, name="home-card"),
    # in and out
    path("sign-in/", signin.SignIn.as_view(), name="sign-in"),
    path("sign-out/", signin.sign_out, name="sign-out"),
    path("password/", signin.ChangePassword.as_view(), name="change-password"),
    path("profile/", signin.profile, name="profile"),
    # units/
    path("units/", units.unit_list, name="unit-list"),
    path("units/suggest/", units.unit_suggest, name="unit-suggest"),
    path("units/<int:pk>/", units.unit_detail, name="unit-detail"),
    path("units/<int:pk>/children/", units.unit_children, name="unit-children"),
    path("units/<int:pk>/new/", units.UnitCreate.as_view(), name="unit-create"),
    path("units/<int:pk>/edit/", units.UnitEdit.as_view(), name="unit-edit"),
    path("units/<int:pk>/move/", units.unit_move, name="unit-move"),
    path("units/<int:pk>/close/", units.unit_close, name="unit-close"),
    path("units/<int:pk>/reopen/", units.unit_reopen, name="unit-reopen"),
    # staff/
    path("staff/", staff.StaffList.as_view(), name="staff-list"),
    path("staff/new/", staff.staff_create, name="staff-create"),
    path("staff/<int:pk>/", staff.staff_detail, name="staff-detail"),
    path("staff/<int:pk>/edit/", staff.StaffEdit.as_view(), name="staff-edit"),
    path("staff/<int:pk>/switch-off/", staff.staff_switch_off, name="staff-switch-off"),
    path("staff/<int:pk>/switch-on/", staff.staff_switch_on, name="staff-switch-on"),
    path("staff/<int:pk>/unlock/", staff.staff_unlock, name="staff-unlock"),
    path("staff/<int:pk>/password/", staff.staff_reset_password, name="staff-reset-password"),
    # programmes/
    path("programmes/", programmes.ProgrammeList.as_view(), name="programme-list"),
    path("programmes/new/", programmes.ProgrammeCreate.as_view(), name="programme-create"),
    path("programmes/<int:pk>/", programmes.programme_detail, name="programme-detail"),
    path("programmes/<int:pk>/edit/", programmes.ProgrammeEdit.as_view(), name="programme-edit"),
    path("programmes/<int:pk>/items/new/", programmes.item_create, name="item-create"),
    path("programmes/items/<int:pk>/edit/", programmes.item_edit, name="item-edit"),
    path("programmes/items/<int:pk>/up/", programmes.item_shift, {"way": "up"}, name="item-up"),
    path(
        "programmes/items/<int:pk>/down/", programmes.item_shift, {"way": "down"}, name="item-down"
    ),
    path("programmes/items/<int:pk>/remove/", programmes.item_remove, name="item-remove"),
    path("programmes/<int:pk>/lines/new/", programmes.line_create, name="line-create"),
    path("programmes/lines/<int:pk>/edit/", programmes.line_edit, name="line-edit"),
    path("programmes/lines/<int:pk>/remove/", programmes.line_remove, name="line-remove"),
    path("programmes/<int:pk>/values/new/", programmes.value_create, name="value-create"),
    path(
        "programmes/<int:pk>/values/<int:value_pk>/edit/", programmes.value_edit, name="value-edit"
    ),
    path("programmes/<int:pk>/targets/new/", programmes.target_create, name="target-create"),
    path("programmes/targets/<int:pk>/edit/", programmes.target_edit, name="target-edit"),
    path("programmes/targets/<int:pk>/remove/", programmes.target_remove, name="target-remove"),
    # audit/
    path("audit/", audit.EntryList.as_view(), name="audit-list"),
    path("audit/export/", audit.entry_export, name="audit-export"),
    path("audit/<int:pk>/row/", audit.entry_row, name="audit-row"),
    path("audit/history/<slug:kind>/<int:pk>/", audit.history, name="history"),
    # jobs/
    path("jobs/", jobs.JobList.as_view(), name="job-list"),
    path("jobs/<int:pk>/", jobs.JobDetail.as_view(), name="job-detail"),
    path("jobs/<int:pk>/bar/", jobs.job_bar, name="job-bar"),
    path("jobs/<int:pk>/cancel/", jobs.job_cancel, name="job-cancel"),
    # small answers the frame needs
    path("place/", desk.place, name="place"),
    path("still-here/", desk.still_here, name="still-here"),
    path("drafts/discard/", desk.discard_draft, name="discard-draft"),
    path("language/", login_not_required(set_language), name="set_language"),
]
