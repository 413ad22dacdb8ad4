"""`manage.py create_office`: how an office begins."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from povertyaid.audit.models import Entry
from povertyaid.org.models import OrgUnit, Staff

ASKED = {
    "code": "HD",
    "name": "哈东管理局",
    "kind": "bureau",
    "level": "bureau",
    "administrator": "admin.qiu",
    "full_name": "邱管理",
}


def test_an_office_begins_with_a_unit_and_an_administrator():
    out = StringIO()

    call_command("create_office", **ASKED, stdout=out)

    unit, staff = OrgUnit.objects.get(), Staff.objects.get()
    assert (unit.path, unit.keeps_files) == ("/HD/", False)
    assert (staff.role, staff.unit, staff.must_change_password) == ("administrator", unit, True)
    password = out.getvalue().split("一次性密码：")[1].split()[0]
    assert staff.check_password(password)
    assert set(Entry.objects.values_list("deed", "by")) == {
        ("unit_opened", staff.pk),
        ("staff_added", staff.pk),
    }


def test_the_second_office_of_the_same_code_is_refused():
    call_command("create_office", **ASKED, stdout=StringIO())

    with pytest.raises(CommandError, match="code"):
        call_command("create_office", **{**ASKED, "administrator": "other"}, stdout=StringIO())
    assert Staff.objects.count() == 1


def test_a_taken_sign_in_name_leaves_no_office_behind():
    call_command("create_office", **ASKED, stdout=StringIO())

    with pytest.raises(CommandError, match="登录名"):
        call_command("create_office", **{**ASKED, "code": "HX"}, stdout=StringIO())
    assert OrgUnit.objects.count() == 1


def test_an_unknown_kind_is_refused():
    with pytest.raises(CommandError):
        call_command("create_office", **{**ASKED, "kind": "castle"}, stdout=StringIO())
