"""What the page does while one types, in a real browser: nothing here is needed for the work, all of it is felt."""

import pytest

from povertyaid.programmes.models import Programme
from tests import factories

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("transactional_db", "sample"),
]


@pytest.fixture
def page(page_for, administrator):
    return page_for(administrator)


@pytest.fixture
def units(bureau):
    for name in ["临江农场", "靠山农场", "闫家岗农场", *(f"第{n}管理区" for n in range(10))]:
        factories.OrgUnitFactory(name=name, parent=bureau)


def test_a_long_select_is_searched_by_chinese_pinyin_and_initials(page, units):
    for word in ("闫家", "yanjiagang", "yjg"):
        page.goto("/sample/new/")
        page.click("#id_lead_unit")
        page.keyboard.type(word)
        page.keyboard.press("Enter")

        assert page.input_value("#id_lead_unit") == "闫家岗农场"
        chosen = page.locator("select[name=lead_unit] option:checked")
        assert chosen.inner_text() == "闫家岗农场"
        page.select_option("select[name=lead_unit]", "")


def test_a_word_that_fits_nothing_changes_nothing(page, units):
    page.goto("/sample/new/")

    page.click("#id_lead_unit")
    page.keyboard.type("没有")
    assert page.locator(".combo-list").inner_text() == "没有符合的条目"
    page.keyboard.press("Tab")

    assert page.locator("select[name=lead_unit]").input_value() == ""
    assert page.locator("#id_lead_unit").input_value() == "请选择"


def test_the_identity_number_fills_what_it_implies_but_never_over_what_was_typed(page):
    page.goto("/sample/family/")

    page.fill("[name=person-0-id_number]", "11010519491231002X")
    assert page.input_value("[name=person-0-birth_date]") == "1949-12-31"
    assert page.input_value("[name=person-0-sex]") == "女"
    assert page.locator(".live-note").inner_text() == "号码校验无误：女，1949-12-31 出生。"
    page.fill("[name=person-0-id_number]", "110105197001010019")

    assert page.input_value("[name=person-0-birth_date]") == "1949-12-31"


def test_a_slip_in_the_number_is_said_as_soon_as_the_box_is_left(page):
    slips = {
        "110105194912310021": "校验码不符，请与证件核对。",
        "1101051949123100": "身份证号应为 18 位，现为 16 位。",
        "11010519491331002X": "号码中的出生日期不存在。",
        "11010519491231OO2X": "身份证号只能是数字，末位可以是 X。",
    }
    page.goto("/sample/family/")

    for number, said in slips.items():
        page.fill("[name=person-0-id_number]", number)
        page.focus("[name=person-0-name]")
        assert page.locator(".live-note").inner_text() == said


def test_dates_and_amounts_are_written_back_one_way(page):
    page.goto("/sample/family/")

    page.fill("[name=person-0-birth_date]", "1970年1月5日")
    page.fill("[name=person-0-income]", "1.5万")
    page.focus("[name=person-0-name]")

    assert page.input_value("[name=person-0-birth_date]") == "1970-01-05"
    assert page.input_value("[name=person-0-income]") == "15,000.00"
    # What is no date is left as it is, for its writer to see.
    page.fill("[name=person-0-birth_date]", "2023-02-30")
    page.focus("[name=person-0-name]")
    assert page.input_value("[name=person-0-birth_date]") == "2023-02-30"


def test_rows_are_added_and_removed_in_place(page):
    page.goto("/sample/family/")
    page.fill("[name=person-0-name]", "王建国")

    page.get_by_role("button", name="添加成员").click()
    page.keyboard.type("李秀兰")
    page.get_by_role("button", name="添加成员").click()
    page.keyboard.type("王小明")
    assert page.locator("[data-row-number]").all_inner_texts() == ["1", "2", "3"]
    page.locator("[data-row]", has=page.locator("[name=person-1-name]")).get_by_role(
        "button", name="移除"
    ).click()
    assert page.locator("[data-row-number]:visible").all_inner_texts() == ["1", "2"]
    page.get_by_role("button", name="保存档案").click()

    assert [text.split()[0] for text in page.locator(".came").all_inner_texts()] == [
        "王建国",
        "王小明",
    ]


def test_enter_goes_to_the_next_box_and_ctrl_s_saves(page):
    page.goto("/sample/family/")
    page.focus("[name=person-0-name]")

    page.keyboard.type("王建国")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "person-0-id_number"
    page.keyboard.press("Control+s")

    assert page.locator(".came").inner_text().startswith("王建国")


def test_leaving_with_unsaved_changes_asks_and_saving_does_not(page):
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/sample/family/")
    page.goto("/sample/family/")
    assert asked == []
    page.fill("[name=person-0-name]", "王建国")

    page.goto("/sample/family/")
    assert asked == ["beforeunload"]
    page.fill("[name=person-0-name]", "王建国")
    page.get_by_role("button", name="保存档案").click()

    assert asked == ["beforeunload"]


def test_a_double_click_on_save_saves_once(page, bureau):
    page.goto("/sample/new/")
    page.fill("[name=code]", "P9")
    page.fill("[name=name]", "新工程")
    page.select_option("select[name=lead_unit]", str(bureau.pk))
    page.fill("[name=starts_on]", "2011-03-01")

    page.locator("button.btn-primary").dblclick()
    page.wait_for_url("**/edit/")

    assert Programme.objects.count() == 1


def test_what_was_typed_survives_the_end_of_the_session(page, administrator):
    page.goto("/sample/family/")
    page.fill("[name=person-0-name]", "打了一半")
    page.get_by_role("button", name="添加成员").click()
    page.keyboard.type("第二个人")
    page.context.clear_cookies()

    page.get_by_role("button", name="保存档案").click()
    assert "填写的内容已保留" in page.locator("main").inner_text()
    page.fill("[name=username]", "administrator")
    page.fill("[name=password]", factories.PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/sample/family/")

    assert "已找回" in page.locator("main").inner_text()
    assert page.input_value("[name=person-1-name]") == "第二个人"


def test_choosing_rows_opens_the_bar_and_all_that_match_are_said_in_words(page, units):
    page.goto("/sample/")
    assert not page.locator("#batch").is_visible()

    page.locator("input[name=pk]").first.check()
    assert "已选 1 条" in page.locator("#batch").inner_text()
    page.locator("[data-tick-page]").check()
    assert "已选 2 条" in page.locator("#batch").inner_text()
    page.get_by_label("全选符合条件的 14 项").check()

    assert page.locator("input[name=pk]").first.is_disabled()


def test_filtering_replaces_the_rows_and_keeps_a_clean_address(page, units):
    page.goto("/sample/")

    page.fill("input[name=q]", "管理区")
    page.get_by_role("button", name="查询").click()
    page.wait_for_url("**/sample/?q=*")

    assert "共 10 项" in page.locator("#rows").inner_text().replace("\N{NO-BREAK SPACE}", " ")
    assert "kind=" not in page.url


def test_on_a_phone_the_navigation_folds_and_nothing_is_wider_than_the_screen(page, units):
    page.set_viewport_size({"width": 390, "height": 800})

    for address in ("/sample/", "/sample/new/", "/sample/family/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert not page.locator("#navigation").is_visible()
    page.get_by_label("菜单").click()

    assert page.locator("#navigation").is_visible()


def test_an_unattended_desk_is_told_before_it_signs_itself_out(page):
    page.clock.install()
    page.goto("/sample/family/")
    notice = page.locator("[data-idle-seconds]")

    page.clock.fast_forward("27:00")
    assert not notice.is_visible()
    page.clock.fast_forward("01:30")
    assert "即将退出登录" in notice.inner_text()
    page.get_by_role("button", name="继续工作").click()
    notice.wait_for(state="hidden")
    page.clock.fast_forward("31:00")

    assert "登录已超时" in notice.inner_text()


def test_a_part_that_does_not_come_is_said_in_words(page, units):
    page.goto("/sample/")
    page.route("**/sample/?*", lambda route: route.abort())

    page.fill("input[name=q]", "管理区")
    page.get_by_role("button", name="查询").click()

    page.wait_for_selector("[data-failure]:not([hidden])")
    assert "没有取到" in page.locator("[data-failure]").inner_text()
    page.complaints.clear()  # the browser's own word on the broken connection


def test_without_script_the_work_goes_on(browser, live_server, page, bureau):
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, locale="zh-CN"
    )
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto("/sample/new/")
    plain.fill("[name=code]", "P9")
    plain.fill("[name=name]", "新工程")
    plain.select_option("[name=lead_unit]", str(bureau.pk))
    plain.fill("[name=starts_on]", "2011.3.1")

    plain.locator("button.btn-primary").click()

    assert "已保存。" in plain.locator("main").inner_text()
    context.close()
