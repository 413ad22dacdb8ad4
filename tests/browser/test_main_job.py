"""The main job, as a clerk does it: sign in, import a roster, correct a file, enter a new one, print."""

import datetime
import io
import re
from pathlib import Path

import pypdf
import pytest

from households.models import Household, Member
from povertyaid.audit.models import Entry
from tests.browser.acts import fits, follow, sign_in
from tests.factories import ThresholdFactory, id_number

ROSTER = Path(__file__).parent.parent.parent / "fixtures/rosters/c_members.xlsx"

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("transactional_db")]


def test_a_clerk_does_the_main_job(page, clerk, riverside, programme, hillside):
    programme.as_of = None
    programme.save()
    ThresholdFactory(programme=programme, category="poor")

    # Sign in.
    sign_in(page, "clerk")
    assert "今日待办" in page.inner_text("h1")

    # Import a roster: preview first, nothing written; then the receipt.
    page.goto("/households/rosters/new/")
    page.set_input_files("[name=file]", ROSTER)
    page.select_option("[name=programme]", label=programme.name)
    assert fits(page)
    follow(page, "main form .btn-primary")
    page.wait_for_url(re.compile(r"/households/rosters/\d+/"))
    assert Household.objects.count() == 0
    assert "79" in page.inner_text("dl.sums")
    assert fits(page)
    for tick in page.locator("[name=confirmed]").all():
        tick.check()
    follow(page, "#commit .btn-primary")
    assert "回执" in page.inner_text("main")
    assert Member.objects.count() == 79

    # Find a family by pinyin initials and correct its address.
    page.goto("/households/?q=zxc")
    assert fits(page)
    follow(page, "text=周喜诚")
    assert fits(page)
    follow(page, "text=修改档案")
    page.fill("[name$=address]", "东岗乡长发村6组112号")
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/households/\d+/$"))
    assert "东岗乡长发村6组112号" in page.inner_text("main")

    # Enter a new family: the number fills sex and birth date; a doubt is confirmed with a reason.
    page.goto("/households/new/")
    page.fill("[name$=address]", "一委三组")
    page.fill("[name=members-0-name]", "㛃䶮")
    page.fill("[name=members-0-id_number]", id_number(7, born="19700301", male=False))
    page.press("[name=members-0-id_number]", "Tab")
    assert page.input_value("[name=members-0-sex]") == "女"
    assert page.input_value("[name=members-0-birth_date]") == "1970-03-01"
    page.click("text=增加成员")
    page.fill("[name=members-1-name]", "㛃小宝")
    page.select_option("[name=members-1-relation]", label="之子")
    assert fits(page)
    follow(page, "text=保存档案")
    box = page.locator("form .box-warn")
    assert "㛃小宝" in box.inner_text() or "证件号码" in box.inner_text()
    for tick in box.locator("[type=checkbox]").all():
        tick.check()
    for reason in box.locator("textarea, input[type=text]").all():
        reason.fill("出生证明已核对，尚未办理身份证")
    page.click("text=保存档案")
    page.wait_for_url(re.compile(r"/households/\d+/$"))
    family = Household.objects.get(head_name="㛃䶮")
    assert family.unit == riverside
    assert family.members.count() == 2
    opened = Entry.objects.get(target_kind="households.household", target_id=family.pk)
    assert (opened.deed, opened.by) == ("opened", clerk)
    assert "出生证明" in opened.reason

    # Print the exit report.
    today = datetime.date.today().isoformat()  # noqa: DTZ011 -- the page's own day
    page.goto(f"/reports/exit/?programme={programme.code}&unit={riverside.code}&as_of={today}")
    assert fits(page)
    printed = page.context.request.get(page.get_attribute("text=生成 PDF", "href"))
    assert printed.headers["content-type"] == "application/pdf"
    pdf = pypdf.PdfReader(io.BytesIO(printed.body()))
    text = "".join(sheet.extract_text() for sheet in pdf.pages)
    assert "脱贫退出汇总" in text
    assert "填报单位（盖章）" in text
