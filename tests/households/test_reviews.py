"""Identification and exit: one proposes with the evidence, another decides, the state follows at once."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from households.actions import reviews
from households.actions.refusals import DecidedAlreadyError, RefusedError
from households.models import Enrolment, StatusReview
from povertyaid.audit.models import Entry
from povertyaid.programmes.models import Threshold
from tests.factories import (
    EnrolmentFactory,
    HouseholdFactory,
    IncomeSnapshotFactory,
    MemberFactory,
    ReferenceValueFactory,
    StaffFactory,
    StatusReviewFactory,
    ThresholdFactory,
)
from tests.households.page import confirm, errors_on, fields_of, warnings_on

REVIEWS = reverse("households:review-list")
DAY = datetime.date(2013, 11, 1)


@pytest.fixture
def enrolment(riverside, programme):
    """A poor family of three that is being helped."""
    household = HouseholdFactory(unit=riverside)
    MemberFactory(household=household)
    return EnrolmentFactory(household=household, programme=programme)


@pytest.fixture
def share(programme):
    """The line of article 000: 30 % of the bureau's per-capita income."""
    return ThresholdFactory(
        programme=programme, category="poor", basis="share", value=30, series="per_capita_income"
    )


def exit_page(enrolment):
    return reverse("households:propose-exit", args=[enrolment.pk])


def decide_page(review):
    return reverse("households:review-decide", args=[review.pk])


def send(client, page, **typed):
    return client.post(page, fields_of(client.get(page)) | typed)


def income_of(enrolment, each, year=2013, persons=3):
    return IncomeSnapshotFactory(
        enrolment=enrolment, stage="exit", year=year, persons=persons, wages=each * persons
    )


# ---- the line


def test_an_absolute_line_is_the_line_itself(enrolment):
    ThresholdFactory(programme=enrolment.programme, category="poor", value=6000)

    line = reviews.exit_line(enrolment, 2013)

    assert (line.value, line.met_by(Decimal(6000)), line.met_by(Decimal("5999.99"))) == (
        Decimal(6000),
        True,
        False,
    )


def test_a_strict_line_must_be_passed(enrolment):
    ThresholdFactory(programme=enrolment.programme, category="poor", value=6000, strict=True)

    line = reviews.exit_line(enrolment, 2013)

    assert (line.met_by(Decimal(6000)), line.met_by(Decimal("6000.01"))) == (False, True)


def test_a_share_is_of_the_lead_units_value_of_the_incomes_year(enrolment, share, bureau):
    ReferenceValueFactory(unit=bureau, year=2012, value=18000)
    ReferenceValueFactory(unit=bureau, year=2013, value=20000)

    assert reviews.exit_line(enrolment, 2012).value == 5400
    assert reviews.exit_line(enrolment, 2013).value == 6000


def test_a_share_without_its_reference_value_is_not_guessed(enrolment, share, riverside):
    ReferenceValueFactory(unit=riverside, year=2013, value=20000)

    line = reviews.exit_line(enrolment, 2013)

    assert (line.value, line.met_by(Decimal(99999)), line.is_required) == (None, None, True)
    assert "没有 2013 年参考值" in line.why


def test_the_monthly_subsistence_line_is_taken_for_a_year(enrolment, bureau):
    ThresholdFactory(
        programme=enrolment.programme, category="poor", basis="share", value=200,
        series="dibao_line",
    )  # fmt: skip
    ReferenceValueFactory(unit=bureau, series="dibao_line", year=2013, value=300)

    assert reviews.exit_line(enrolment, 2013).value == 7200


def test_the_line_is_the_one_valid_on_the_day(enrolment):
    for value, start in [(6000, None), (7000, "2013-01-01"), (8000, "2014-01-01")]:
        ThresholdFactory(
            programme=enrolment.programme, category="poor", value=value,
            valid_from=start and datetime.date.fromisoformat(start),
        )  # fmt: skip

    values = [
        reviews.exit_line(enrolment, 2013, on=datetime.date.fromisoformat(day)).value
        for day in ("2012-12-31", "2013-01-01", "2014-06-01")
    ]

    assert values == [6000, 7000, 8000]


def test_a_category_without_a_line_leaves_it_to_the_decision(enrolment):
    ThresholdFactory(programme=enrolment.programme, category="low_income", value=6000)

    line = reviews.exit_line(enrolment, 2013)

    assert (line.value, line.is_required, line.exit_label) == (None, False, "脱贫")


# ---- proposing


def test_a_family_entered_at_a_desk_is_identified_and_then_helped(
    client, enrolment, clerk, approver
):
    Enrolment.objects.filter(pk=enrolment.pk).update(
        status="identified", identified_on=None, identified_precision=""
    )
    income = IncomeSnapshotFactory(enrolment=enrolment, stage="before", year=2010)
    client.force_login(clerk)
    send(
        client, reverse("households:propose-identification", args=[enrolment.pk]),
        on="2011-03-05", note="入户核实,群众评议无异议",
    )  # fmt: skip
    client.force_login(approver)
    send(client, decide_page(StatusReview.objects.get()), decision="approve")

    enrolment.refresh_from_db()
    assert (enrolment.status, enrolment.identified_on) == ("helping", datetime.date(2011, 3, 5))
    assert enrolment.reviews.get().snapshot == income


def test_an_exit_is_proposed_on_an_income_and_the_line_is_frozen(
    client, enrolment, clerk, share, bureau
):
    value = ReferenceValueFactory(unit=bureau, year=2013, value=20000)
    income = income_of(enrolment, 6500)
    client.force_login(clerk)

    send(client, exit_page(enrolment), snapshot=str(income.pk), on="2013-11-01", note="收入稳定")

    value.value = 30000
    value.save()
    review = StatusReview.objects.get()
    assert (review.decision, review.line_value, review.snapshot) == ("pending", 6000, income)
    assert Entry.objects.get(deed="review_proposed").detail == {"kind": "exit", "programme": "P1"}
    enrolment.refresh_from_db()
    assert enrolment.status == "helping"


def test_the_page_shows_for_each_income_whether_it_reaches_the_line(
    client, enrolment, clerk, share, bureau
):
    ReferenceValueFactory(unit=bureau, year=2013, value=20000)
    for each, year in [(6500, 2013), (3000, 2012)]:
        income_of(enrolment, each, year)
    client.force_login(clerk)

    page = client.get(exit_page(enrolment))

    assert [(row["income"].year, row["met"]) for row in page.context["choices"]] == [
        (2013, True),
        (2012, None),
    ]
    text = page.content.decode()
    assert "达到标准" in text
    assert "没有 2012 年参考值" in text


def test_an_exit_below_the_line_needs_a_reason_that_the_approver_reads(
    client, enrolment, clerk, approver
):
    ThresholdFactory(programme=enrolment.programme, category="poor", value=6000)
    income = income_of(enrolment, 5000)
    client.force_login(clerk)
    page = exit_page(enrolment)
    data = fields_of(client.get(page)) | {
        "snapshot": str(income.pk), "on": "2013-11-01", "note": "子女就业",
    }  # fmt: skip

    asked = client.post(page, data)

    assert (warnings_on(asked), StatusReview.objects.count()) == (["line_not_met"], 0)
    client.post(page, confirm(data, asked, reason="子女年底结清工资"))
    client.force_login(approver)
    shown = client.get(decide_page(StatusReview.objects.get())).content.decode()
    assert "子女年底结清工资" in shown
    assert "未达标准" in shown


def test_the_action_itself_refuses_an_exit_below_the_line_without_a_reason(enrolment, clerk):
    ThresholdFactory(programme=enrolment.programme, category="poor", value=6000)

    with pytest.raises(RefusedError) as refusal:
        reviews.propose_exit(enrolment, snapshot=income_of(enrolment, 5000), on=DAY, by=clerk)

    assert refusal.value.code == "line_not_met"


def test_a_category_with_a_line_needs_an_income(client, enrolment, clerk):
    ThresholdFactory(programme=enrolment.programme, category="poor", value=6000)
    client.force_login(clerk)

    response = send(client, exit_page(enrolment), on="2013-11-01", note="收入稳定")

    assert errors_on(response) == {("form", "snapshot"): ["no_snapshot"]}
    with pytest.raises(RefusedError):
        reviews.propose_exit(enrolment, snapshot=None, on=DAY, by=clerk)


def test_a_line_that_cannot_be_checked_does_not_stop_the_proposal(client, enrolment, clerk, share):
    income = income_of(enrolment, 6500)
    client.force_login(clerk)

    send(client, exit_page(enrolment), snapshot=str(income.pk), on="2013-11-01", note="收入稳定")

    assert StatusReview.objects.get().line_value is None


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"on": "2100-01-01"}, {("form", "on"): ["future"]}),
        ({"on": "2010-01-01"}, {("form", "on"): ["before_identification"]}),
        ({"on": "2012-12-31"}, {("form", "snapshot"): ["later_income"]}),
        ({"note": ""}, {("form", "note"): ["required"]}),
    ],
    ids=["in the future", "before identification", "before the income's year", "no findings"],
)
def test_a_proposal_that_cannot_be_is_refused(client, enrolment, clerk, typed, errors):
    income = income_of(enrolment, 6500)
    client.force_login(clerk)
    given = {"snapshot": str(income.pk), "on": "2013-11-01", "note": "收入稳定"} | typed

    assert errors_on(send(client, exit_page(enrolment), **given)) == errors


def test_an_income_of_another_family_is_no_evidence(client, enrolment, clerk, riverside, programme):
    other = EnrolmentFactory(household=HouseholdFactory(unit=riverside), programme=programme)
    client.force_login(clerk)

    response = send(
        client, exit_page(enrolment),
        snapshot=str(income_of(other, 6500).pk), on="2013-11-01", note="收入稳定",
    )  # fmt: skip

    assert errors_on(response) == {("form", "snapshot"): ["invalid_choice"]}


def test_only_who_is_helped_can_exit_and_only_once_at_a_time(enrolment, clerk):
    reviews.propose_exit(enrolment, snapshot=None, on=DAY, by=clerk)
    with pytest.raises(RefusedError) as again:
        reviews.propose_exit(enrolment, snapshot=None, on=DAY, by=clerk)
    Enrolment.objects.filter(pk=enrolment.pk).update(status="identified")
    with pytest.raises(RefusedError) as too_early:
        reviews.propose_exit(enrolment, snapshot=None, on=DAY, by=clerk)

    assert (again.value.code, too_early.value.code) == ("already_pending", "wrong_state")


def test_nobody_writes_findings_for_nothing(client, enrolment, clerk):
    reviews.propose_exit(enrolment, snapshot=None, on=DAY, by=clerk)
    client.force_login(clerk)

    answer = client.get(exit_page(enrolment))

    assert answer.url == enrolment.household.get_absolute_url()
    assert "已有同类审核等待审定" in client.get(REVIEWS).content.decode()


def test_who_proposes_and_who_decides_are_different_powers(
    client, enrolment, approver, supervisor, neighbour
):
    answers = []
    for staff in (approver, supervisor, neighbour):
        client.force_login(staff)
        answers.append(client.post(exit_page(enrolment)).status_code)

    assert answers == [403, 403, 404]


# ---- deciding


@pytest.fixture
def proposal(enrolment, clerk):
    """An exit that the clerk proposed, with the line reached."""
    ThresholdFactory(programme=enrolment.programme, category="poor", value=6000)
    return reviews.propose_exit(
        enrolment, snapshot=income_of(enrolment, 6500), on=DAY, by=clerk, note="收入稳定"
    )


def test_approval_sets_state_day_and_word_at_once(client, proposal, approver):
    client.force_login(approver)

    response = send(client, decide_page(proposal), decision="approve", note="同意")

    enrolment = proposal.enrolment
    enrolment.refresh_from_db()
    assert response.url == REVIEWS
    assert (enrolment.status, enrolment.exited_on, enrolment.exit_label) == ("exited", DAY, "脱困")
    proposal.refresh_from_db()
    assert (proposal.decision, proposal.decided_by) == ("approved", approver)
    event = enrolment.events.order_by("-pgh_id").first()
    assert (event.acted_by, event.acted_reason) == (approver.pk, "同意")
    assert Entry.objects.get(deed="review_approved").by == approver


def test_a_rejection_says_what_to_mend_and_changes_no_state(client, proposal, approver):
    client.force_login(approver)

    silent = send(client, decide_page(proposal), decision="reject")
    assert errors_on(silent) == {("form", "note"): ["required"]}
    send(client, decide_page(proposal), decision="reject", note="缺工资证明")

    proposal.enrolment.refresh_from_db()
    proposal.refresh_from_db()
    assert (proposal.decision, proposal.decision_note) == ("rejected", "缺工资证明")
    assert proposal.enrolment.status == "helping"
    assert Threshold.objects.count() == 1
    # The word of the form and of the report, not a second one for the same thing.
    assert proposal.get_decision_display() == "退回"


def test_nobody_decides_the_own_proposal(enrolment, approver):
    proposal = StatusReviewFactory(enrolment=enrolment, proposed_by=approver)

    with pytest.raises(RefusedError) as refusal:
        reviews.decide(proposal, approve=True, by=approver)

    assert refusal.value.code == "own_proposal"


def test_the_action_itself_wants_a_word_with_a_rejection(proposal, approver):
    with pytest.raises(RefusedError) as refusal:
        reviews.decide(proposal, approve=False, by=approver, note=" ")

    assert refusal.value.code == "note_needed"


def test_the_proposer_is_told_that_a_colleague_decides(client, proposal, clerk):
    client.force_login(clerk)

    assert "由同事审定" in client.get(decide_page(proposal)).content.decode()


def test_a_day_of_identification_that_is_known_stays(enrolment, clerk, approver):
    Enrolment.objects.filter(pk=enrolment.pk).update(status="identified")
    enrolment.refresh_from_db()
    proposal = reviews.propose_identification(enrolment, on=DAY, by=clerk)

    reviews.decide(proposal, approve=True, by=approver)

    enrolment.refresh_from_db()
    assert (enrolment.status, enrolment.identified_on) == ("helping", datetime.date(2011, 3, 1))


def test_a_clerk_reads_a_proposal_but_cannot_decide_it(client, proposal, clerk, riverside):
    client.force_login(StaffFactory(unit=riverside, role="clerk"))

    page = client.get(decide_page(proposal))

    assert "审核通过</button>" not in page.content.decode()
    assert client.post(decide_page(proposal), {"decision": "approve"}).status_code == 403


def test_a_neighbours_proposal_does_not_exist(client, proposal, hillside):
    client.force_login(StaffFactory(unit=hillside, role="approver"))

    assert client.get(decide_page(proposal)).status_code == 404
    assert client.post(decide_page(proposal), {"decision": "approve"}).status_code == 404


def test_the_second_approver_is_told_who_was_first(proposal, approver, riverside):
    second = StaffFactory(unit=riverside, role="approver")
    reviews.decide(proposal, approve=False, by=approver, note="缺证明")

    with pytest.raises(DecidedAlreadyError) as refusal:
        reviews.decide(proposal, approve=True, by=second)

    assert approver.full_name in refusal.value.messages[0]
    proposal.enrolment.refresh_from_db()
    assert proposal.enrolment.status == "helping"


def test_an_approver_who_saw_older_evidence_is_told_first(client, proposal, approver, clerk):
    client.force_login(approver)
    data = fields_of(client.get(decide_page(proposal)))
    income = proposal.snapshot
    client.force_login(clerk)
    send(client, reverse("households:income-change", args=[income.pk]), wages="9000")
    client.force_login(approver)

    told = client.post(decide_page(proposal), data | {"decision": "approve"})

    assert "同事已改动过这份档案" in told.content.decode()
    assert "未达标准" in told.content.decode()
    proposal.enrolment.refresh_from_db()
    assert proposal.enrolment.status == "helping"


def test_approving_what_no_longer_holds_is_refused(proposal, approver):
    Enrolment.objects.filter(pk=proposal.enrolment_id).update(status="removed")

    with pytest.raises(RefusedError) as refusal:
        reviews.decide(proposal, approve=True, by=approver)

    assert refusal.value.code == "wrong_state"
    proposal.refresh_from_db()
    assert proposal.decision == "pending"


# ---- the list


def waiting(unit, programme, by, n):
    return [
        StatusReviewFactory(
            enrolment=EnrolmentFactory(household=HouseholdFactory(unit=unit), programme=programme),
            proposed_by=by,
        )
        for _ in range(n)
    ]


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_asks_as_many_questions_for_three_as_for_one(
    client, approver, riverside, programme, clerk, n, django_assert_num_queries
):
    waiting(riverside, programme, clerk, n)
    client.force_login(approver)

    with django_assert_num_queries(7):
        page = client.get(REVIEWS)

    assert len(page.context["object_list"]) == n


def test_the_approver_sees_what_colleagues_of_the_own_units_propose(
    client, approver, riverside, hillside, programme, clerk, neighbour
):
    [ours] = waiting(riverside, programme, clerk, 1)
    waiting(hillside, programme, neighbour, 1)
    waiting(riverside, programme, approver, 1)
    client.force_login(approver)

    assert list(client.get(REVIEWS).context["object_list"]) == [ours]


def test_the_clerk_sees_the_own_proposals_those_waiting_first(
    client, approver, riverside, programme, clerk
):
    done, waits = waiting(riverside, programme, clerk, 2)
    waiting(riverside, programme, StaffFactory(unit=riverside), 1)
    reviews.decide(done, approve=False, by=approver, note="缺证明")
    client.force_login(clerk)

    assert list(client.get(REVIEWS).context["object_list"]) == [waits, done]


def test_who_neither_proposes_nor_decides_has_no_such_list(client, supervisor, auditor):
    answers = []
    for staff in (supervisor, auditor):
        client.force_login(staff)
        answers.append(client.get(REVIEWS).status_code)

    assert answers == [403, 403]
