import datetime
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from households.models import Enrolment, Household, Member, StatusReview
from pairings.models import Activity, Helper, Pairing, PairingHelper, Visit, VisitItem
from povertyaid.audit.models import Entry
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.programmes.models import Programme
from reports.demo import setup
from reports.figures.catalogue import INDICATORS, find
from tests.factories import OrgUnitFactory, StaffFactory

FIGURES = Path(__file__).parents[3] / "fixtures" / "figures"
PRINTED = {"S0": 45, "S1": 72, "S2": 53, "S3": 93, "S4": 48}
WRITTEN = (
    *(OrgUnit, Staff, Household, Member, Enrolment, StatusReview, Entry),
    *(Helper, Pairing, PairingHelper, Visit, VisitItem, Activity),
)
YEAR_END_2011, YEAR_END_2013 = datetime.date(2011, 12, 31), datetime.date(2013, 12, 31)


def seed(*arguments):
    out = StringIO()
    call_command("seed_demo", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_running_again_changes_nothing():
    seed("--programme", "S0")
    Household.objects.filter(code="S0-HQ-2-000001").update(note="改过的备注")
    Programme.objects.filter(code="S0").update(name="改过的名称")
    farm = OrgUnit.objects.get(code="S0-HQ")
    OrgUnitFactory(code="S0-HQ-9", kind="zone", level="zone", parent=farm)
    before = [model.objects.count() for model in WRITTEN]

    said = seed("--programme", "S0")

    after = [model.objects.count() for model in WRITTEN]
    assert after == before
    assert Household.objects.get(code="S0-HQ-2-000001").note == "改过的备注"
    assert Programme.objects.get(code="S0").name == "改过的名称"
    assert "S0：家庭档案已存在，未作改动。" in said


@pytest.mark.parametrize("code", ["S0", "S1", "S2", "S3", "S4"])
def test_set_up_alone_makes_no_household(code):
    seed("--programme", code, "--setup-only")

    programme = Programme.objects.get(code=code)
    assert programme.lead_unit.code == code
    assert programme.scheme_items.exists()
    roles = set(Staff.objects.filter(unit__code=code).values_list("role", flat=True))
    assert roles == set(Staff.Role.values)
    assert not Household.objects.exists()


def test_several_programmes_are_built_in_their_order():
    said = seed("--programme", "S4", "S1", "--setup-only")

    assert [line[:2] for line in said.splitlines()] == ["S1", "S4"]
    assert not Household.objects.exists()


def test_real_staff_are_warned_of_public_passwords():
    StaffFactory(username="real")

    said = seed("--programme", "S1", "--setup-only")

    assert "本办公室已有正式账号" in said


def test_the_accounts_are_listed_with_unit_and_password():
    seed("--programme", "S1", "--setup-only")
    StaffFactory(username="real", full_name="正式人员")
    Staff.objects.filter(username="s1-auditor").update(is_active=False)
    changed = Staff.objects.get(username="s1-clerk")
    changed.set_password("another-password-1")
    changed.save()

    out = StringIO()
    call_command("demo_accounts", "--json", stdout=out)
    rows = {row["username"]: row for row in json.loads(out.getvalue())}

    assert rows["s1-approver"] == {
        "username": "s1-approver",
        "role": "审核员",
        "unit": "绥化市",
        "password": setup.password(),
    }
    assert rows["s1-clerk"]["password"] == "（密码已更改）"
    assert rows["s1-auditor"]["password"] == "（已停用）"
    assert "real" not in rows


def test_the_table_of_accounts_is_aligned():
    seed("--programme", "S4", "--setup-only")

    out = StringIO()
    call_command("demo_accounts", stdout=out)

    lines = out.getvalue().splitlines()
    assert len(lines) == 9
    assert lines[1].startswith("s4-clerk")


def test_an_office_without_demonstration_has_no_accounts_to_list():
    out = StringIO()
    call_command("demo_accounts", stdout=out)

    assert out.getvalue() == "没有演示账号。运行 seed_demo 可生成。\n"


@pytest.mark.parametrize("code", PRINTED)
def test_every_printed_figure_has_a_query_and_a_band(code):
    figures = json.loads((FIGURES / f"{code}.json").read_text(encoding="utf-8"))

    assert [figure["id"] for figure in figures] == [
        f"{code}-{number:03d}" for number in range(1, PRINTED[code] + 1)
    ]
    for figure in figures:
        low, high = figure["accept"]
        assert low is None or high is None or low <= figure["printed"] <= high
        assert figure["reproduce"] in {"records", "config", "reported", "none"}
        # What is counted has a query; what is none, or only a wording, has nothing to count.
        assert figure["indicator"] or figure["reproduce"] != "records"
        assert figure["indicator"] is None or figure["reproduce"] != "none"
        if figure["indicator"] in INDICATORS:
            find(figure["indicator"]).read_parameters(figure["params"])
    codes = {figure["params"]["hh"] for figure in figures if "hh" in figure["params"]}
    assert codes <= {case["code"] for case in setup.description(code).get("cases", [])}
