"""Every rule that the database holds is broken once, and refused under its own name."""

import datetime
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone, translation

from tests import factories

OURS = {
    *("org", "audit", "programmes", "jobs", "web"),
    *("households", "pairings", "disbursements", "reports"),
}
DAY = datetime.date(2013, 6, 1)
BEFORE = datetime.date(2001, 1, 1)
NOW = datetime.datetime(2013, 6, 1, tzinfo=datetime.UTC)

CONSTRAINTS = {
    constraint.name: (model, constraint)
    for model in apps.get_models()
    if model._meta.app_label in OURS
    for constraint in model._meta.constraints
}


def row(factory, **facts):
    """A row that is as it should be, to be spoilt by `facts`."""

    def spoil():
        good = factory()
        type(good).objects.filter(pk=good.pk).update(**facts)

    return spoil


def twice(factory, *same, **facts):
    """Two rows that agree in what only one may have."""

    def spoil():
        first = factory(**facts)
        factory(**facts, **{name: getattr(first, name) for name in same})

    return spoil


def own_decision():
    review = factories.StatusReviewFactory()
    decide(review, decided_by=review.proposed_by)


def decide(review, **facts):
    facts = {"decision": "approved", "decided_at": timezone.now(), **facts}
    type(review).objects.filter(pk=review.pk).update(**facts)


def merged_without_closing():
    stays, goes = factories.HouseholdFactory(), factories.HouseholdFactory()
    type(goes).objects.filter(pk=goes.pk).update(merged_into=stays)


def two_with_one_number():
    first = factories.MemberFactory()
    second = factories.MemberFactory(household=first.household, relation="配偶")
    type(second).objects.filter(pk=second.pk).update(id_digest=first.id_digest)


def undone_by_somebody_at_no_time():
    roster = factories.RosterImportFactory()
    type(roster).objects.filter(pk=roster.pk).update(undone_by=factories.StaffFactory())


def paired_and_taken_out():
    line = factories.AssignmentLineFactory(is_out=True)
    pair = factories.PairingFactory(enrolment=line.enrolment)
    type(line).objects.filter(pk=line.pk).update(pairing=pair)


def two_drafts():
    staff = factories.StaffFactory()
    for _nth in range(2):
        apps.get_model("web.Draft").objects.create(kept_by=staff, path="/", body="x")


def unit_that_signs_in():
    helper = factories.HelperFactory(kind="unit")
    type(helper).objects.filter(pk=helper.pk).update(staff=factories.StaffFactory())


def one_sign_in_for_two():
    staff, programme = factories.StaffFactory(), factories.ProgrammeFactory()
    for _nth in range(2):
        factories.HelperFactory(programme=programme, staff=staff)


def area_of_any_scheme():
    pair = factories.PairingFactory()
    type(pair).objects.filter(pk=pair.pk).update(area=factories.OrgUnitFactory())


def unit_paired_twice():
    unit, programme = factories.OrgUnitFactory(), factories.ProgrammeFactory()
    for _nth in range(2):
        factories.PairingFactory(
            enrolment=None, target_unit=unit, unit=unit, programme=programme, scheme="enterprise"
        )


def member_without_household():
    paid = factories.DisbursementFactory()
    member = factories.MemberFactory(household=paid.household)
    type(paid).objects.filter(pk=paid.pk).update(household=None, member=member)


BAD = {
    "orgunit_path_ends_in_its_code": row(factories.OrgUnitFactory, path="/elsewhere/"),
    "orgunit_kind_is_known": row(factories.OrgUnitFactory, kind="nonsense"),
    "orgunit_level_is_known": row(factories.OrgUnitFactory, level="nonsense"),
    "staff_role_is_known": row(factories.StaffFactory, role="nonsense"),
    "draft_is_one_for_each_person_and_page": two_drafts,
    "programme_counting_unit_is_known": row(factories.ProgrammeFactory, counting_unit="nonsense"),
    "programme_ends_after_it_starts": row(factories.ProgrammeFactory, ends_on=BEFORE),
    "programme_helping_day_is_a_day_of_the_month": row(factories.ProgrammeFactory, helping_day=32),
    "schemeitem_stands_once_in_its_list": twice(
        factories.SchemeItemFactory, "programme", label="底数清"
    ),
    "referencevalue_one_per_unit_series_year": twice(factories.ReferenceValueFactory, "unit"),
    "referencevalue_series_is_known": row(factories.ReferenceValueFactory, series="nonsense"),
    "referencevalue_not_negative": row(factories.ReferenceValueFactory, value=Decimal("-0.01")),
    "threshold_one_per_category_and_day": twice(factories.ThresholdFactory, "programme"),
    "threshold_basis_is_known": row(factories.ThresholdFactory, basis="nonsense"),
    "threshold_series_is_known": row(factories.ThresholdFactory, basis="share", series="nonsense"),
    "threshold_share_names_its_series": row(factories.ThresholdFactory, basis="share"),
    "threshold_exit_label_is_known": row(factories.ThresholdFactory, exit_label="nonsense"),
    "threshold_value_positive": row(factories.ThresholdFactory, value=0),
    "target_code_once_in_programme": twice(factories.TargetFactory, "programme", code="T1"),
    "target_due_after_it_starts": row(factories.TargetFactory, due_on=BEFORE),
    "target_achieved_after_it_starts": row(factories.TargetFactory, achieved_on=BEFORE),
    "job_state_is_known": row(factories.JobFactory, state="nonsense"),
    "job_finished_iff_ended": row(factories.JobFactory, finished_at=NOW),
    "job_started_iff_taken_up": row(factories.JobFactory, started_at=NOW),
    "job_done_at_most_total": row(factories.JobFactory, done=2, total=1),
    "job_failed_with_a_sentence": row(factories.JobFactory, sentence="坏了"),
    "job_cancel_asked_at_iff_by": row(factories.JobFactory, cancel_asked_at=NOW),
    "job_address_is_a_path_of_the_office": row(factories.JobFactory, address="//elsewhere/"),
    "household_status_is_known": row(factories.HouseholdFactory, status="nonsense"),
    "household_closed_on_iff_closed": row(factories.HouseholdFactory, status="closed"),
    "household_closed_after_it_was_opened": row(
        factories.HouseholdFactory, status="closed", close_reason="other", closed_on=BEFORE
    ),
    "household_merged_only_when_closed": merged_without_closing,
    "household_close_reason_is_known": row(
        factories.HouseholdFactory, status="closed", close_reason="nonsense", closed_on=DAY
    ),
    "member_has_a_name": row(factories.MemberFactory, name=""),
    "member_sex_is_known": row(factories.MemberFactory, sex="无"),
    "member_id_kind_is_known": row(factories.MemberFactory, id_kind="nonsense"),
    "member_digest_iff_number": row(factories.MemberFactory, id_digest=""),
    "member_birth_precision_iff_birth_date": row(factories.MemberFactory, birth_precision=""),
    "member_left_with_a_reason": row(factories.MemberFactory, left_on=DAY),
    "member_leave_reason_is_known": row(
        factories.MemberFactory, left_on=DAY, leave_reason="nonsense"
    ),
    "member_left_after_joining": row(
        factories.MemberFactory, joined_on=DAY, left_on=BEFORE, leave_reason="other"
    ),
    "member_one_head_per_household": twice(factories.MemberFactory, "household"),
    "member_number_once_in_household": two_with_one_number,
    "enrolment_once_per_programme": twice(factories.EnrolmentFactory, "household", "programme"),
    "enrolment_status_is_known": row(factories.EnrolmentFactory, status="nonsense"),
    "enrolment_exit_label_iff_exited": row(factories.EnrolmentFactory, exit_label="脱困"),
    "enrolment_exited_on_iff_state_says_so": row(
        factories.EnrolmentFactory, exited_on=DAY, exit_label="脱困"
    ),
    "enrolment_identified_precision_iff_known": row(
        factories.EnrolmentFactory, identified_precision=""
    ),
    "enrolment_target_income_positive": row(factories.EnrolmentFactory, target_income=0),
    "income_once_per_stage_and_year": twice(factories.IncomeSnapshotFactory, "enrolment"),
    "income_has_persons": row(factories.IncomeSnapshotFactory, persons=0),
    "income_stage_is_known": row(factories.IncomeSnapshotFactory, stage="nonsense"),
    "income_year_is_plausible": row(factories.IncomeSnapshotFactory, year=1979),
    "income_parts_or_stated_not_both": row(factories.IncomeSnapshotFactory, stated_net=9000),
    "income_parts_not_negative": row(factories.IncomeSnapshotFactory, wages=-1),
    "review_kind_is_known": row(factories.StatusReviewFactory, kind="nonsense"),
    "review_decided_at_and_by_iff_decided": row(factories.StatusReviewFactory, decision="approved"),
    "review_maker_is_not_checker": own_decision,
    "review_one_pending_per_kind": twice(factories.StatusReviewFactory, "enrolment"),
    "designation_kind_is_known": row(factories.DesignationFactory, kind="nonsense"),
    "designation_ends_after_it_starts": row(factories.DesignationFactory, valid_to=BEFORE),
    "helper_has_a_name": row(factories.HelperFactory, name=""),
    "helper_kind_is_known": row(factories.HelperFactory, kind="nonsense"),
    "helper_category_is_known": row(factories.HelperFactory, category="nonsense"),
    "helper_honour_level_is_known": row(factories.HelperFactory, honour_level="nonsense"),
    "helper_left_with_a_reason": row(factories.HelperFactory, left_on=DAY),
    "helper_leave_reason_is_known": row(
        factories.HelperFactory, left_on=DAY, leave_reason="nonsense"
    ),
    "helper_only_a_person_signs_in": unit_that_signs_in,
    "helper_one_per_sign_in_and_programme": one_sign_in_for_two,
    "helper_number_once_on_a_roster": twice(
        factories.HelperFactory, "programme", "unit", id_digest="f"
    ),
    "pairing_has_one_target": row(factories.PairingFactory, enrolment=None),
    "assignmentdraft_scheme_is_known": row(factories.AssignmentDraftFactory, scheme="nonsense"),
    "assignmentdraft_aim_is_known": row(factories.AssignmentDraftFactory, aim="nonsense"),
    "assignmentdraft_state_is_known": row(factories.AssignmentDraftFactory, state="nonsense"),
    "assignmentdraft_settled_iff_decided": row(factories.AssignmentDraftFactory, state="dropped"),
    "assignmentdraft_numbers_are_possible": row(factories.AssignmentDraftFactory, per_household=0),
    "assignmentline_role_is_known": row(factories.AssignmentLineFactory, role="nonsense"),
    "assignmentline_reason_is_known": row(factories.AssignmentLineFactory, reason="nonsense"),
    "assignmentline_problem_is_known": row(factories.AssignmentLineFactory, problem="nonsense"),
    "assignmentline_paired_with_a_helper": paired_and_taken_out,
    "assignmentline_helper_once_a_household": twice(
        factories.AssignmentLineFactory, "draft", "enrolment", "helper"
    ),
    "pairing_scheme_is_known": row(factories.PairingFactory, scheme="nonsense"),
    "pairing_area_only_where_areas_are_shared_out": area_of_any_scheme,
    "pairing_ended_with_a_reason": row(factories.PairingFactory, ends_on=DAY),
    "pairing_end_reason_is_known": row(
        factories.PairingFactory, ends_on=DAY, end_reason="nonsense"
    ),
    "pairing_ends_after_it_starts": row(
        factories.PairingFactory, ends_on=BEFORE, end_reason="other"
    ),
    "pairing_one_at_a_time_per_household_and_scheme": twice(factories.PairingFactory, "enrolment"),
    "pairing_one_at_a_time_per_unit_and_scheme": unit_paired_twice,
    "printorder_kind_is_known": row(factories.PrintOrderFactory, kind="nonsense"),
    "printorder_names_households": row(factories.PrintOrderFactory, households=[]),
    "printorder_of_a_programme_unless_whole_files": row(
        factories.PrintOrderFactory, programme=None
    ),
    "printorder_full_numbers_with_a_reason": row(factories.PrintOrderFactory, in_full=True),
    "printorder_files_lie_while_it_is_kept": row(factories.PrintOrderFactory, made_on=DAY),
    "pairinghelper_role_is_known": row(factories.PairingHelperFactory, role="nonsense"),
    "pairinghelper_ends_after_it_starts": row(factories.PairingHelperFactory, ends_on=BEFORE),
    "pairinghelper_once_at_a_time_on_a_pair": twice(
        factories.PairingHelperFactory, "pairing", "helper", role="member"
    ),
    "pairinghelper_one_lead_at_a_time": twice(factories.PairingHelperFactory, "pairing"),
    "orgunit_only_who_was_in_difficulty_leaves_it": row(
        factories.OrgUnitFactory, out_of_difficulty_on=DAY
    ),
    "dossieritem_kind_is_known": row(factories.DossierItemFactory, kind="nonsense"),
    "dossieritem_has_a_title": row(factories.DossierItemFactory, title=""),
    "dossieritem_taken_out_with_a_reason": row(factories.DossierItemFactory, voided_on=DAY),
    "dossieritem_checked_at_and_by_together": row(factories.DossierItemFactory, checked_at=NOW),
    "dossierfile_taken_off_with_a_reason": row(factories.DossierFileFactory, voided_on=DAY),
    "dossierfile_has_pages": row(factories.DossierFileFactory, pages=0),
    "dossierrule_asks_for_something": row(factories.DossierRuleFactory, all_of=[]),
    "dossierfile_type_is_known": row(factories.DossierFileFactory, type="exe"),
    "dossierfile_is_not_empty": row(factories.DossierFileFactory, size=0),
    "dossierfile_once_on_a_paper": twice(factories.DossierFileFactory, "item", digest="0" * 64),
    "visit_names_a_household_or_counts": row(factories.VisitFactory, headcount=3),
    "visit_occasion_is_known": row(factories.VisitFactory, occasion="nonsense"),
    "visit_signature_says_whose": row(factories.VisitFactory, signature_stored_as="0" * 32),
    "visit_taken_back_with_a_reason": row(factories.VisitFactory, void_reason="重复录入"),
    "visit_once_a_day_by_the_same": twice(factories.VisitFactory, "household", "programme"),
    "visititem_kind_is_known": row(factories.VisitItemFactory, kind="nonsense"),
    "visititem_counts_something": row(factories.VisitItemFactory, times=0),
    "visititem_only_a_problem_is_solved": row(factories.VisitItemFactory, solved_on=DAY),
    "visitphoto_once_on_a_visit": twice(factories.VisitPhotoFactory, "visit", digest="0" * 64),
    "visitphoto_has_a_size": row(factories.VisitPhotoFactory, width=0),
    "activity_kind_is_known": row(factories.ActivityFactory, kind="nonsense"),
    "activity_group_is_known": row(factories.ActivityFactory, beneficiary_group="nonsense"),
    "activity_has_sessions": row(factories.ActivityFactory, sessions=0),
    "activity_taken_back_with_a_reason": row(factories.ActivityFactory, voided_on=DAY),
    "attendance_is_of_one_person": row(factories.AttendanceFactory, member=None),
    "attendance_once_at_an_activity": twice(factories.AttendanceFactory, "activity", "member"),
    "fund_has_a_name": row(factories.FundFactory, name=""),
    "fund_kind_is_known": row(factories.FundFactory, kind="nonsense"),
    "fund_named_once_in_a_unit": twice(factories.FundFactory, "unit", name="帮扶资金"),
    "fundinflow_kind_is_known": row(factories.FundInflowFactory, kind="nonsense"),
    "fundinflow_form_is_known": row(factories.FundInflowFactory, form="loan"),
    "fundinflow_amount_positive": row(factories.FundInflowFactory, amount=0),
    "fundinflow_taken_back_with_a_reason": row(factories.FundInflowFactory, voided_on=DAY),
    "disbursement_names_a_household_or_counts": row(
        factories.DisbursementFactory, household_count=3
    ),
    "disbursement_member_of_a_household": member_without_household,
    "disbursement_form_is_known": row(factories.DisbursementFactory, form="nonsense"),
    "disbursement_has_a_kind": row(factories.DisbursementFactory, kind=""),
    "disbursement_amount_positive": row(factories.DisbursementFactory, amount=0),
    "disbursement_counts_somebody": row(factories.DisbursementFactory, household=None, headcount=0),
    "disbursement_quantity_with_its_unit": row(factories.DisbursementFactory, quantity=5),
    "disbursement_voided_with_a_reason": row(factories.DisbursementFactory, void_reason="重复"),
    "listimport_state_is_known": row(factories.ListImportFactory, state="nonsense", settled_at=NOW),
    "listimport_settled_by_somebody": row(factories.ListImportFactory, state="imported"),
    "listline_once_in_its_place": twice(factories.ListLineFactory, "of", "position"),
    "listline_outcome_is_known": row(factories.ListLineFactory, outcome="nonsense"),
    "rosterimport_state_is_known": row(
        factories.RosterImportFactory, state="nonsense", settled_at=timezone.now()
    ),
    "rosterimport_settled_iff_nothing_waits": row(factories.RosterImportFactory, state="imported"),
    "rosterimport_failed_with_a_reason": row(factories.RosterImportFactory, reason="empty"),
    "rosterimport_undone_by_and_at_together": undone_by_somebody_at_no_time,
    "rosterimport_undone_iff_taken_back": row(factories.RosterImportFactory, undone_at=NOW),
    "rosterimport_every_name_with_its_version": row(factories.RosterImportFactory, named=[1]),
    "rosterchange_once_per_file": twice(factories.RosterChangeFactory, "roster", household_id=1),
    "rostercorrection_once_per_cell": twice(factories.RosterCorrectionFactory, "roster"),
    "rostercorrection_row_as_a_spreadsheet_counts": row(factories.RosterCorrectionFactory, row=0),
    "rosterheading_once_per_unit": twice(factories.RosterHeadingFactory, "unit", heading="证件"),
    "rosterlayout_once_per_unit": twice(factories.RosterLayoutFactory, "unit", fingerprint="f"),
    "rosterimport_counts_add_up": row(factories.RosterImportFactory, rows_read=1),
    "rosterline_once_in_its_place": twice(factories.RosterLineFactory, "roster", "position"),
    "rosterline_outcome_is_known": row(factories.RosterLineFactory, outcome="nonsense"),
    "rosterline_refused_with_a_reason": row(factories.RosterLineFactory, outcome="refused"),
}


def test_every_constraint_has_its_bad_row_and_every_bad_row_its_constraint():
    assert BAD.keys() == CONSTRAINTS.keys(), (
        "Give each constraint a row that breaks it, in tests/test_constraints.py."
    )


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_the_database_refuses(name):
    """Alone: other constraints of the table are taken away, so that none answers in its stead."""
    model, _constraint = CONSTRAINTS[name]
    keep_alone(model, name)

    with pytest.raises(IntegrityError, match=f'constraint "{name}"'), transaction.atomic():
        BAD[name]()


def keep_alone(model, name):
    """Within the test's transaction, which undoes it."""
    with connection.cursor() as cursor:
        for other in model._meta.constraints:
            if other.name != name and isinstance(other, models.CheckConstraint):
                cursor.execute(
                    f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT "{other.name}"'
                )


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_a_clerk_is_told_in_chinese_what_to_do(name):
    _model, constraint = CONSTRAINTS[name]

    with translation.override("en"):
        english = str(constraint.violation_error_message)
    with translation.override("zh-hans"):
        chinese = str(constraint.violation_error_message)

    assert english != models.BaseConstraint.default_violation_error_message % {"name": name}
    assert chinese != english
