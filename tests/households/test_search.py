"""Finding a family by what a clerk knows of it; a person's number never gets into an address."""

import importlib
import re

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from households.models import Household
from tests.factories import EnrolmentFactory, HouseholdFactory, MemberFactory, id_number

LIST = reverse("households:list")
SEARCH = reverse("households:search")
FRAGMENT = {"HX-Request": "true"}
NUMBER = id_number(7, born="19650505")
OTHER = id_number(8, born="19650505")


@pytest.fixture
def family(riverside, programme):
    """张三 and his wife 欧阳娜娜; next to them 王建国, whom no search here means."""
    household = HouseholdFactory(unit=riverside, code="B-RIV-000123", head_name="张三")
    MemberFactory(household=household, name="张三", id_number=NUMBER)
    MemberFactory(household=household, name="欧阳娜娜", relation="配偶", sex="女", seq=2)
    other = HouseholdFactory(unit=riverside, code="B-RIV-000200")
    for one in (household, other):
        EnrolmentFactory(household=one, programme=programme)
    return household


@pytest.fixture
def found(client, clerk):
    """What stands in the list after a clerk has typed something and pressed Enter."""
    client.force_login(clerk)

    def ask(text, **conditions):
        address = client.post(SEARCH, {"q": text, **conditions})["Location"]
        response = client.get(address, headers=FRAGMENT)
        return list(response.context["object_list"])

    return ask


@pytest.mark.parametrize(
    "text",
    [
        "张三", "张", " 张 三 ", "三", "zhangsan", "Zhang San", "zhāng sān", "zhang", "zhangs", "zs",
        "ZS", "欧阳", "娜娜", "ouyangnana", "oynn", "B-RIV-000123", "b-riv-0001", "B-RIV-0001",
    ],
)  # fmt: skip
def test_a_family_is_found_by(found, family, text):
    assert found(text) == [family]


@pytest.mark.parametrize("text", ["李四", "hangsan", "000123", "zx", "建国三", "%", "_", "张%"])
def test_a_family_is_not_found_by(found, family, text):
    assert found(text) == []


@pytest.mark.parametrize("text", ["lch", "luochanghe", "luo chang he"])
def test_a_name_with_a_character_of_two_sounds_is_found_by_the_one_it_has(
    found, riverside, programme, text
):
    household = HouseholdFactory(unit=riverside, head_name="骆长和")
    MemberFactory(household=household, name="骆长和")
    EnrolmentFactory(household=household, programme=programme)

    assert found(text) == [household]


def test_a_name_on_file_is_found_by_the_sound_it_has_now(found, family):
    """A sound mended later is mended for the files that are there already."""
    Household.objects.filter(pk=family.pk).update(
        head_name="骆长和", head_pinyin="luo zhang he", head_initials="lzh"
    )
    assert found("luochanghe") == []

    migration = importlib.import_module("households.migrations.0009_names_spelled_anew")
    with connection.schema_editor() as editor:
        migration.spell_anew(apps, editor)

    assert found("luochanghe") == [family]


def test_who_left_the_family_does_not_lead_to_it(found, family):
    family.members.filter(seq=2).update(left_on="2013-01-01", leave_reason="married_out")

    assert found("欧阳娜娜") == []


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        NUMBER.lower(),
        f" {NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]} ",
        "".join(chr(ord(c) + 0xFEE0) for c in NUMBER),
        NUMBER + "41",
        NUMBER + "4100",
    ],
    ids=["as it is", "small x", "with gaps", "full width", "certificate", "second certificate"],
)
def test_a_person_is_found_by_the_number_however_written(found, family, text):
    assert found(text) == [family]


def test_a_holder_of_a_certificate_is_found_by_the_card(found, riverside):
    household = HouseholdFactory(unit=riverside)
    MemberFactory(household=household, id_number=OTHER + "41", id_kind="disability_certificate")

    assert found(OTHER) == [household]


def test_fifteen_digits_find_the_eighteen_of_today(found, riverside):
    number = OTHER
    household = HouseholdFactory(unit=riverside)
    MemberFactory(household=household, id_number=number)

    assert found(number[:6] + number[8:17]) == [household]


def test_a_search_by_number_looks_beyond_the_chosen_programme(found, family):
    family.enrolments.all().delete()

    assert found(NUMBER, programme="P1", state="exited") == [family]


def test_a_neighbours_person_is_found_by_nobody_else(client, clerk, neighbour, hillside):
    MemberFactory(household=HouseholdFactory(unit=hillside), id_number=NUMBER)

    client.force_login(clerk)
    for_stranger = client.post(SEARCH, {"q": NUMBER})["Location"]
    for_nobody = client.post(SEARCH, {"q": OTHER})["Location"]
    client.force_login(neighbour)
    for_neighbour = client.post(SEARCH, {"q": NUMBER})["Location"]

    assert for_stranger == for_nobody == f"{LIST}?found=none"
    assert for_neighbour != for_stranger


@pytest.mark.parametrize(
    "text",
    [NUMBER, NUMBER[:15], NUMBER[:17], NUMBER[:11], "13900000001", "6228480000000000001"],
    ids=["whole", "fifteen", "seventeen", "eleven", "phone", "account"],
)
@pytest.mark.parametrize("method", ["post", "get"])
def test_a_number_of_a_person_gets_into_no_address(client, clerk, family, method, text):
    client.force_login(clerk)

    response = getattr(client, method)(SEARCH if method == "post" else LIST, {"q": text})

    assert response.status_code == 302
    assert not re.search(r"\d{11}", response["Location"])
    page = client.get(response["Location"], headers=FRAGMENT).content.decode()
    assert text not in page


def test_no_browser_keeps_what_was_typed(client, clerk):
    client.force_login(clerk)

    box = re.search(r'<input[^>]*name="q"[^>]*>', client.get(LIST).content.decode()).group()

    assert 'autocomplete="off"' in box
    assert 'maxlength="100"' in box


def test_a_long_file_number_may_stand_in_an_address(client, clerk, riverside):
    HouseholdFactory(unit=riverside, code="41100032024-000012")
    client.force_login(clerk)

    response = client.post(SEARCH, {"q": "41100032024-00"})

    assert response["Location"] == f"{LIST}?q=41100032024-00"


def test_a_neighbours_file_number_is_told_from_a_phone_by_nobody(client, clerk, hillside):
    HouseholdFactory(unit=hillside, code="41100032024-000012")
    client.force_login(clerk)

    assert client.post(SEARCH, {"q": "41100032024"})["Location"] == f"{LIST}?found=none"


def test_the_conditions_of_the_form_come_along(client, clerk, programme):
    client.force_login(clerk)

    response = client.post(
        SEARCH,
        {"q": " 张三 ", "programme": "P1", "state": "", "sort": "-name", "found": "1", "x": "y"},
    )

    assert response["Location"] == f"{LIST}?q=%E5%BC%A0%E4%B8%89&programme=P1&sort=-name"


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("B-RIV 临江农场", "unit=B-RIV"),
        ("临江农场", "unit=B-RIV"),
        ("B-RIV", "unit=B-RIV"),
        ("没有的农场", "unit=%E6%B2%A1%E6%9C%89%E7%9A%84%E5%86%9C%E5%9C%BA"),
        (NUMBER, "unit=%3F"),
    ],
    ids=["chosen", "by name", "by code", "unknown", "a number in the wrong box"],
)
def test_a_unit_stands_in_the_address_by_its_code(client, clerk, typed, asked):
    client.force_login(clerk)

    assert client.post(SEARCH, {"unit": typed})["Location"] == f"{LIST}?{asked}"


def test_an_order_that_does_not_exist_does_not_come_along(client, clerk):
    client.force_login(clerk)

    assert client.post(SEARCH, {"sort": NUMBER})["Location"] == LIST


def test_nothing_found_by_number_says_what_to_do(client, clerk, family):
    client.force_login(clerk)

    page = client.get(LIST, {"found": "none"}, headers=FRAGMENT).content.decode()

    assert "本单位档案中没有这个号码" in page
    assert "须输入完整号码" in page


def test_found_keys_open_nothing_that_is_not_ones_own(client, clerk, hillside):
    stranger = HouseholdFactory(unit=hillside)
    client.force_login(clerk)

    response = client.get(LIST, {"found": stranger.pk}, headers=FRAGMENT)

    assert list(response.context["object_list"]) == []
