"""A pair from the first day to the last, through the pages a clerk uses."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from households.actions import files
from households.actions.refusals import RefusedError
from pairings.actions import helpers, pairs
from pairings.forms.pick import written
from pairings.models import Pairing, PairingHelper, unpaired
from povertyaid.audit.models import Entry
from tests.factories import HelperFactory, OrgUnitFactory, ProgrammeFactory, id_number
from tests.pairings.page import DAY, LATER, address, errors_of, paired, send, told, who

CREATE = reverse("pairings:create")


def pair_page(*enrolments):
    return CREATE + "?" + "&".join(f"enrolment={one.pk}" for one in enrolments)


def code_of(refused):
    return refused.value.code


# ---- pairing


def test_a_household_is_paired_from_its_list(desk, enrolled, helping, clerk):
    enrolment, helper = enrolled(), helping()
    chosen = desk.post(reverse("pairings:choose"), {"pk": enrolment.pk})
    assert chosen["Location"] == pair_page(enrolment)

    answer = send(
        desk, chosen["Location"],
        helper=written(helper), scheme="one_to_one", on="2012-05-01", note="场领导包户",
    )  # fmt: skip

    pair = Pairing.objects.get()
    line = pair.lines.get()
    assert answer["Location"] == pair.get_absolute_url()
    assert (pair.enrolment, pair.unit, pair.starts_on) == (enrolment, enrolment.household.unit, DAY)
    assert (line.helper, line.role, line.starts_on, line.note) == (
        helper,
        "lead",
        DAY,
        "场领导包户",
    )
    assert line.events.get().acted_by == clerk.pk
    entry = Entry.objects.get(deed="paired")
    assert (entry.target_code, entry.by) == (enrolment.household.code, clerk)


def test_several_households_get_one_helper_in_one_form(desk, enrolled, helping):
    households = [enrolled(name) for name in ("张三", "李四", "王五")]

    desk.post(reverse("pairings:choose"), {"all": "1"})
    send(desk, pair_page(*households), helper="于海涛", scheme="one_to_one", on="2012-05-01") if (
        helping("于海涛")
    ) else None

    assert Pairing.objects.current().count() == 3
    assert list(unpaired(type(households[0]).objects.all())) == []
    assert set(Pairing.objects.with_mode().values_list("mode", flat=True)) == {"one_for_many"}


def test_one_refusal_leaves_all_of_them_unpaired(desk, enrolled, helping):
    good, left = enrolled("张三"), enrolled("李四", identified_on=LATER)
    helper = helping()

    answer = send(
        desk, pair_page(good, left), helper=written(helper), scheme="one_to_one", on="2012-05-01"
    )

    assert any("2013-02-01" in text for text in told(answer))
    assert not Pairing.objects.exists()


@pytest.mark.parametrize(
    ("facts", "on", "code"),
    [
        ({"identified_on": LATER}, DAY, "before_enrolment"),
        ({"status": "exited", "exited_on": DAY, "exit_label": "脱困"}, LATER, "after_exit"),
        ({"status": "removed"}, DAY, "removed"),
    ],
    ids=["before the enrolment", "after the exit", "removed"],
)
def test_no_household_is_paired_outside_its_time(enrolled, helping, clerk, facts, on, code):
    with pytest.raises(RefusedError) as refused:
        paired(enrolled(**facts), helping(), clerk, on=on)

    assert code_of(refused) == code


def test_a_closed_file_is_not_paired(enrolled, helping, clerk):
    enrolment = enrolled()
    files.close(enrolment.household, on=LATER, close_reason="moved_away", by=clerk)

    with pytest.raises(RefusedError) as refused:
        paired(enrolment, helping(), clerk)

    assert code_of(refused) == "closed"


def test_who_has_left_begins_nothing(desk, enrolled, helping, clerk):
    helper = helping()
    helpers.leave(helper, on=DAY, leave_reason="retired", by=clerk)

    with pytest.raises(RefusedError) as refused:
        paired(enrolled(), helper, clerk, on=LATER)
    answer = send(
        desk,
        pair_page(enrolled("李四")),
        helper=written(helper),
        scheme="one_to_one",
        on="2013-02-01",
    )

    assert code_of(refused) == "has_left"
    assert errors_of(answer) == {"helper": ["unknown"]}


def test_a_helper_of_another_programme_is_not_chosen(desk, enrolled, riverside):
    stranger = HelperFactory(programme=ProgrammeFactory(), unit=riverside)

    answer = send(
        desk, pair_page(enrolled()), helper=written(stranger), scheme="one_to_one", on="2012-05-01"
    )

    assert errors_of(answer) == {"helper": ["unknown"]}


def test_nobody_helps_the_own_family(desk, enrolled, helping):
    family = enrolled(number=id_number(5))
    cousin = helping()
    send(desk, address("helper-edit", cousin), id_number=id_number(5))

    answer = send(
        desk, pair_page(family), helper=written(cousin), scheme="one_to_one", on="2012-05-01"
    )

    assert any("不能帮扶自己家" in text for text in told(answer))
    assert not Pairing.objects.exists()


def test_a_number_that_shows_kinship_later_is_refused_too(desk, enrolled, helping, clerk):
    helper = helping()
    paired(enrolled(number=id_number(5)), helper, clerk)

    answer = send(desk, address("helper-edit", helper), id_number=id_number(5))

    assert any("不能帮扶自己家" in text for text in told(answer))
    helper.refresh_from_db()
    assert helper.id_digest == ""


def test_a_second_pair_of_one_scheme_is_refused_with_the_way_out(enrolled, helping, clerk):
    enrolment = enrolled()
    paired(enrolment, helping(), clerk)

    with pytest.raises(RefusedError) as refused:
        paired(enrolment, helping("赵铁柱"), clerk, on=LATER)
    paired(enrolment, helping("钱进"), clerk, scheme="hand_in_hand")

    assert code_of(refused) == "already_paired"
    assert Pairing.objects.count() == 2


def test_an_area_belongs_to_the_committee_only(desk, enrolled, helping, riverside):
    page = pair_page(enrolled())
    area = OrgUnitFactory(parent=riverside)
    typed = {"helper": written(helping()), "area": area.code, "on": "2012-05-01"}

    refused = send(desk, page, scheme="one_to_one", **typed)
    send(desk, page, scheme="area", **typed)

    assert errors_of(refused) == {"area": ["area_without_scheme"]}
    assert Pairing.objects.get().area == area


def test_a_day_in_the_future_is_refused(desk, enrolled, helping):
    answer = send(
        desk, pair_page(enrolled()), helper=written(helping()), scheme="area", on="2199-01-01"
    )

    assert errors_of(answer) == {"on": ["future"]}


def test_a_unit_in_difficulty_is_paired(desk, helping, programme, riverside):
    mill = OrgUnitFactory(parent=riverside, kind="enterprise", name="临江面粉厂")

    send(
        desk, reverse("pairings:create-for-unit"), programme=programme.pk, unit=mill.code,
        helper=written(helping(kind="unit")), scheme="enterprise", on="2012-05-01",
    )  # fmt: skip

    pair = Pairing.objects.with_mode().get()
    assert (pair.target_unit, pair.unit, pair.mode) == (mill, mill, "unit")
    assert "临江面粉厂" in desk.get(pair.get_absolute_url()).content.decode()


# ---- who is on it


@pytest.fixture
def pair(enrolled, helping, clerk):
    """于海涛 leads a pair with 王建国's household since May 2012."""
    return paired(enrolled(), helping(), clerk)


def test_a_second_helper_joins_and_the_mode_follows(desk, pair, helping):
    send(desk, address("join", pair), helper=written(helping("赵铁柱")), on="2012-06-01")

    assert who(pair) == ["于海涛", "赵铁柱"]
    assert who(pair, on=DAY) == ["于海涛"]
    assert pair.lines.get(helper__name="赵铁柱").role == "member"
    assert Pairing.objects.with_mode().get().mode == "two"
    assert Pairing.objects.with_mode(DAY).get().mode == "one"
    assert "二帮一" in desk.get(pair.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("n", "kind", "mode"),
    [(0, "person", "one"), (1, "person", "two"), (2, "person", "many"), (1, "unit", "unit")],
)
def test_the_mode_is_computed_from_the_numbers(pair, helping, clerk, n, kind, mode):
    for nth in range(n):
        helper = helping(f"帮手{nth}", kind=kind)
        pairs.join(pair, helper=helper, on=LATER, by=clerk)

    assert Pairing.objects.with_mode().get(pk=pair.pk).mode == mode


def test_a_second_lead_is_refused(pair, helping, clerk):
    with pytest.raises(RefusedError) as refused:
        pairs.join(pair, helper=helping("赵铁柱"), role="lead", on=LATER, by=clerk)

    assert code_of(refused) == "has_lead"


def test_nobody_joins_twice(pair, clerk):
    with pytest.raises(RefusedError) as refused:
        pairs.join(pair, helper=pair.lines.get().helper, on=LATER, by=clerk)

    assert code_of(refused) == "already_on_pair"


def test_one_of_two_is_released_but_not_the_last(desk, pair, helping, clerk):
    first, second = pair.lines.get().helper, helping("赵铁柱")
    pairs.join(pair, helper=second, on=DAY, by=clerk)
    send(desk, address("release", pair), helper=first.pk, on="2013-02-01", reason="调离")

    refused = send(desk, address("release", pair), helper=second.pk, on="2013-03-01", reason="调离")

    assert who(pair) == ["赵铁柱"]
    assert any("唯一" in text for text in told(refused))


def test_nothing_ends_before_it_began(desk, pair):
    for name, typed in (("end", {"end_reason": "other"}),):
        answer = send(desk, address(name, pair), on="2012-04-30", reason="写错", **typed)
        assert any("2012-05-01" in text for text in told(answer))

    pair.refresh_from_db()
    assert pair.stands


def test_a_pair_is_handed_over_and_every_day_has_one_answer(desk, pair, helping, clerk):
    helper = helping("赵铁柱")

    send(
        desk, address("hand-over", pair), to=written(helper), on="2013-02-01", reason="于海涛调离",
    )  # fmt: skip

    assert who(pair) == ["赵铁柱"]
    assert who(pair, on=LATER) == ["赵铁柱"]
    assert who(pair, on=LATER - datetime.timedelta(days=1)) == ["于海涛"]
    line = pair.lines.get(helper=helper)
    assert (line.role, line.note) == ("lead", "于海涛调离")


def test_the_second_to_hand_over_is_told_of_the_first(client, desk, pair, helping):
    mine, theirs = helping("赵铁柱"), helping("钱进")
    page = address("hand-over", pair)
    from tests.households.page import fields_of  # noqa: PLC0415 -- only here

    opened = fields_of(desk.get(page))
    send(desk, page, to=written(theirs), on="2013-02-01", reason="调离")

    answer = desk.post(page, opened | {"to": written(mine), "on": "2013-02-01", "reason": "调离"})

    assert who(pair) == ["钱进"]
    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_a_stale_page_of_a_pair_waits_for_a_second_look(pair, helping, clerk):
    pairs.join(pair, helper=helping("赵铁柱"), on=DAY, by=clerk)

    with pytest.raises(RefusedError) as refused:
        pairs.end(pair, on=LATER, end_reason="other", by=clerk, version=1)

    assert code_of(refused) == "stale"


# ---- ending and taking up again


def test_a_pair_ends_with_everybody_on_it_and_can_be_taken_up_again(desk, pair, helping, clerk):
    pairs.join(pair, helper=helping("赵铁柱"), on=DAY, by=clerk)
    send(desk, address("end", pair), on="2013-02-01", end_reason="out_of_poverty", reason="已脱困")
    assert who(pair) == []
    assert not Pairing.objects.current().exists()
    assert Pairing.objects.current(DAY).count() == 1

    send(desk, address("reopen", pair), reason="误办")

    assert who(pair) == ["于海涛", "赵铁柱"]
    pair.refresh_from_db()
    assert (pair.ends_on, pair.end_reason) == (None, "")


def test_it_is_not_taken_up_again_over_another(pair, helping, clerk):
    pairs.end(pair, on=LATER, end_reason="other", by=clerk)
    paired(pair.enrolment, helping("赵铁柱"), clerk, on=LATER)

    with pytest.raises(RefusedError) as refused:
        pairs.reopen(pair, reason="误办", by=clerk)

    assert code_of(refused) == "already_paired"


@pytest.mark.parametrize("deed", ["join", "release", "hand_over", "end"])
def test_nothing_is_done_to_a_pair_that_ended(pair, helping, clerk, deed):
    first, other = pair.lines.get().helper, helping("赵铁柱")
    pairs.end(pair, on=LATER, end_reason="other", by=clerk)
    act = {
        "join": lambda: pairs.join(pair, helper=other, on=LATER, by=clerk),
        "release": lambda: pairs.release(pair, helper=first, on=LATER, by=clerk),
        "hand_over": lambda: pairs.hand_over(pair, helper=first, to=other, on=LATER, by=clerk),
        "end": lambda: pairs.end(pair, on=LATER, end_reason="other", by=clerk),
    }

    with pytest.raises(RefusedError) as refused:
        act[deed]()

    assert code_of(refused) == "ended"


def test_a_pair_is_not_current_once_the_file_is_closed(pair, clerk):
    files.close(pair.enrolment.household, on=LATER, close_reason="moved_away", by=clerk)

    assert not Pairing.objects.current().exists()
    assert Pairing.objects.current(DAY).get() == pair
    assert not PairingHelper.objects.current().exists()


def test_a_pair_goes_along_with_the_file(pair, clerk, riverside, bureau):
    zone = OrgUnitFactory(parent=riverside)

    files.move(pair.enrolment.household, to=zone, by=clerk, reason="搬迁")

    pair.refresh_from_db()
    assert pair.unit == zone


# ---- the database


def test_the_database_refuses_what_an_action_would_have_missed(pair):
    with pytest.raises(ValidationError) as told_of:
        PairingHelper(
            pairing=pair, helper=pair.lines.get().helper, role="member", starts_on=LATER
        ).validate_constraints()

    assert "这位帮扶人当时已在这个对子里" in str(told_of.value)
    with transaction.atomic():
        pair.refresh_from_db()


# ---- who may


@pytest.mark.parametrize("name", ["join", "release", "hand-over", "end", "reopen"])
def test_only_who_keeps_pairs_changes_them(client, pair, approver, supervisor, neighbour, name):
    answers = []
    for staff in (approver, supervisor, neighbour):
        client.force_login(staff)
        answers.append(client.post(address(name, pair), {}).status_code)

    assert answers == [403, 403, 404]
