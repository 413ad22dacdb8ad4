"""A clerk's whole way with a difficult roster: upload, headings, cells, the marked file, import, receipt, undo."""

import io
import re

import openpyxl
import pypdf
import pytest

from households.models import Household, Member, RosterImport
from tests.browser.acts import fits, follow, sign_in
from tests.households.roster.sheets import number, workbook

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("transactional_db")]

HEADER = ["编号", "户号", "当事人", "与户主关系", "证件", "家庭住址", "手机"]
ROWS = [
    [1, "X-1", "王建国", "户主", number(1), "一委一组", "15400000001"],
    [2, "X-1", "李秀英", "配偶", number(2), "", "15400000002"],
    [3, "X-2", "张伟", "户主", number(3)[:17], "一委二组", "15400000003"],
    [4, "X-3", "赵敏", "户主", number(4)[:17], "一委三组", "15400000004"],
    [5, "X-4", "陈刚", "户主", 2.39999e17, "一委四组", "15400000005"],
]


def bring(page, content, name, programme):
    page.goto("/households/rosters/new/")
    page.set_input_files(
        "[name=file]", {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    page.select_option("[name=programme]", label=programme.name)
    follow(page, "main form .btn-primary")


def test_a_clerk_goes_the_whole_way(page, clerk, riverside, programme, hillside):
    sign_in(page, "clerk")

    # Upload; two headings nobody knows are proposed from what stands below them, and confirmed.
    bring(page, workbook(["困难职工花名册"], HEADER, *ROWS), "五月.xlsx", programme)
    assert page.url.endswith("/headings/")
    assert fits(page)
    assert page.locator("select", has=page.locator("option:checked", has_text="证件号码")).count()
    assert number(1) not in page.content()
    follow(page, "text=确认并继续")
    page.wait_for_url(re.compile(r"/households/rosters/\d+/$"))
    assert fits(page)
    roster = RosterImport.objects.get()
    assert roster.counts == {
        "read": 7, "created": 2, "updated": 0, "unchanged": 0, "refused": 3, "skipped": 2,
    }  # fmt: skip

    # Two bad cells are corrected right there.
    follow(page, "text=未收 3")
    page.fill(f"[name=cell-{roster.lines.get(row=5).position}-E]", number(3))
    page.fill(f"[name=cell-{roster.lines.get(row=6).position}-E]", number(4))
    follow(page, "text=更正并重新核对")
    assert "已更正 2 个单元格" in page.inner_text("main")
    roster.refresh_from_db()
    assert (roster.rows_created, roster.rows_refused) == (4, 1)

    # The last is mended in the clerk's own file, which comes back.
    page.click("summary:has-text('下载')")
    with page.expect_download() as coming:
        page.click("text=标出全部错误的原表")
    book = openpyxl.load_workbook(io.BytesIO(coming.value.path().read_bytes()))
    sheet = book.active
    assert "身份证号" in sheet["E7"].comment.text
    assert [sheet.cell(1, 1).value, sheet["E5"].value] == ["困难职工花名册", number(3)]
    sheet["E7"] = number(5)
    stream = io.BytesIO()
    book.save(stream)
    bring(page, stream.getvalue(), "五月（更正）.xlsx", programme)
    page.wait_for_url(re.compile(r"/households/rosters/\d+/$"))
    corrected = RosterImport.objects.latest("pk")
    assert (corrected.follows, corrected.rows_created, corrected.rows_refused) == (roster, 5, 0)

    # Import, and print the receipt.
    follow(page, "text=导入 5 行")
    assert "花名册已导入。以下是回执。" in page.inner_text("main")
    assert (Household.objects.count(), Member.objects.count()) == (4, 5)
    text = "".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(page.pdf())).pages)
    assert f"回执R{corrected.pk}" in re.sub(r"\s", "", text)
    assert "更正并重新核对" not in text

    # Undo the whole.
    follow(page, "text=撤销导入")
    assert fits(page)
    follow(page, "main .btn-danger")
    assert "导入已撤销，4 份档案恢复原样" in page.inner_text("main")
    assert not Household.objects.exists()
    assert not Member.objects.exists()
