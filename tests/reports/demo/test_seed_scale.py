from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from households.models import (
    Enrolment,
    Household,
    IdentityClaim,
    IncomeSnapshot,
    Member,
    StatusReview,
)
from povertyaid.lib import pinyin
from povertyaid.lib.national_id import check_digit_fits, parse
from povertyaid.lib.secrets import digest
from povertyaid.org.models import OrgUnit, Staff


def plant(households, *arguments):
    out = StringIO()
    call_command("seed_scale", "--households", str(households), *arguments, stdout=out)
    return out.getvalue()


def test_a_province_stands_with_everything_a_file_has():
    said = plant(2_000)

    assert said.startswith("2000 / 2000 户，每秒")
    assert Household.objects.count() == Enrolment.objects.count() == 2_000
    assert IdentityClaim.objects.count() == Member.objects.count() > 4_500
    assert set(Enrolment.objects.values_list("status", flat=True)) == set(Enrolment.Status.values)
    levels = OrgUnit.objects.values_list("level", flat=True)
    assert set(levels) == {"province", "city", "county", "township", "village"}
    for member in Member.objects.order_by("pk")[:200]:
        number = parse(member.id_number)
        assert check_digit_fits(member.id_number)
        assert (number.sex, number.birth_date) == (member.sex, member.birth_date)
        assert member.id_digest == digest(member.id_number)
        assert member.name_initials == pinyin.initials(member.name)
    exits = IncomeSnapshot.objects.filter(stage="exit")
    assert exits.count() == Enrolment.objects.exclude(exited_on=None).count()
    assert StatusReview.objects.pending().exists()


def test_the_history_is_as_the_triggers_would_have_written_it():
    plant(200)

    clerk = Staff.objects.get(username="scale-clerk")
    for model in (Household, Member, Enrolment, IncomeSnapshot, StatusReview):
        events = model._meta.get_field("events").related_model.objects.all()
        assert events.count() == model.objects.count()
        assert set(events.values_list("pgh_label", "acted_by")) == {("insert", clerk.pk)}
    member = Member.objects.first()
    Member.objects.filter(pk=member.pk).update(note="改过")
    assert list(member.events.order_by("pgh_id").values_list("pgh_label", "note")) == [
        ("insert", ""),
        ("update", "改过"),
    ]


def test_the_same_seed_draws_the_same_province():
    plant(100, "--seed", "7")

    names = list(Household.objects.order_by("code").values_list("code", "head_name")[:3])
    numbers = Member.objects.values_list("id_digest", flat=True)
    assert names[0][0] == "SCALE-C00001-000001"
    assert len(set(numbers)) == Member.objects.count()


def test_there_is_one_province_in_an_office():
    plant(100)

    with pytest.raises(CommandError, match="POVERTYAID_DATA"):
        plant(100)
    assert Household.objects.count() == 100


@pytest.mark.parametrize("number", [0, -5])
def test_a_province_needs_a_household(number):
    with pytest.raises(CommandError, match="至少为 1"):
        plant(number)
