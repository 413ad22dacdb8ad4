import pytest

from povertyaid.audit.models import Entry
from povertyaid.programmes.models import Programme
from tests import factories

pytestmark = pytest.mark.usefixtures("sample")

LIST = "/sample/"
NEW = "/sample/new/"


def shown(response):
    return [row.code for row in response.context["object_list"]]


# ---- lists


def test_a_list_shows_the_own_subtree_only(client, clerk, hillside):
    client.force_login(clerk)

    response = client.get(LIST)

    assert shown(response) == ["B-RIV"]
    assert hillside.name not in response.content.decode()


def test_a_role_without_the_permission_is_refused(client, helper):
    client.force_login(helper)

    assert client.get(LIST).status_code == 403


def test_somebody_not_signed_in_is_sent_to_sign_in(client):
    assert client.get(LIST).headers["Location"] == "/sign-in/?next=/sample/"


def test_a_filter_narrows_the_list_and_shows_what_it_is_set_to(
    client, supervisor, riverside, hillside
):
    client.force_login(supervisor)

    response = client.get(LIST, {"q": "临江", "kind": ["farm", "zone"], "sort": "name"})

    assert shown(response) == ["B-RIV"]
    page = response.content.decode()
    assert "名称：临江" in page
    # Each condition can be taken off alone; the order and the other conditions stay.
    assert 'href="?kind=farm&amp;kind=zone&amp;sort=name"' in page
    assert 'href="?q=%E4%B8%B4%E6%B1%9F&amp;kind=zone&amp;sort=name"' in page


@pytest.mark.parametrize("query", ["kind=nonsense", "q=%00", "kind=farm&kind=%27--"])
def test_a_filter_that_cannot_be_read_shows_nothing_and_says_why(client, clerk, query):
    client.force_login(clerk)

    response = client.get(f"{LIST}?{query}")

    assert response.status_code == 200
    assert shown(response) == []
    assert "box-bad" in response.content.decode()


@pytest.mark.parametrize(
    ("page", "number"),
    [("2", 2), ("99", 2), ("0", 2), ("-1", 2), ("x", 1), ("", 1), ("9" * 30, 2)],
)
def test_a_page_that_does_not_exist_is_answered_with_one_that_does(
    client, supervisor, riverside, hillside, page, number
):
    client.force_login(supervisor)  # bureau and two farms, two on a page

    response = client.get(LIST, {"page": page})

    assert response.context["page_obj"].number == number


def test_a_list_is_sorted_as_asked_and_turned_round(client, supervisor, riverside, hillside):
    client.force_login(supervisor)

    assert shown(client.get(LIST, {"sort": "name"})) == ["B", "B-HIL"]
    assert shown(client.get(LIST, {"sort": "-name"})) == ["B-RIV", "B-HIL"]


@pytest.mark.parametrize("sort", ["nonsense", "-code", "-", "--name", "path", "%00"])
def test_an_order_nobody_offers_is_the_usual_order(client, supervisor, riverside, hillside, sort):
    client.force_login(supervisor)

    assert shown(client.get(LIST, {"sort": sort})) == ["B", "B-HIL"]


def test_the_heads_and_the_pages_keep_the_filter(client, supervisor, riverside, hillside):
    client.force_login(supervisor)

    page = client.get(LIST, {"kind": ["farm", "bureau"], "page": "2"}).content.decode()

    assert 'href="?kind=farm&amp;kind=bureau&amp;sort=name"' in page
    assert 'href="?kind=farm&amp;kind=bureau&amp;page=1"' in page


def test_htmx_gets_the_rows_alone(client, clerk):
    client.force_login(clerk)

    part = client.get(LIST, headers={"HX-Request": "true"})
    whole = client.get(LIST)

    assert "<html" not in part.content.decode()
    assert "<html" in whole.content.decode()
    assert "HX-Request" in part.headers["Vary"]
    assert "HX-Request" in whole.headers["Vary"]


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_htmx_gets_the_whole_page_when_it_shows_it_whole(client, clerk, header):
    client.force_login(clerk)

    response = client.get(LIST, headers={"HX-Request": "true", header: "true"})

    assert "<html" in response.content.decode()


def test_an_empty_list_says_why_and_offers_the_way_out(client, clerk):
    client.force_login(clerk)

    page = client.get(LIST, {"q": "没有这个"}).content.decode()

    assert "没有符合条件的记录" in page
    assert "清除全部条件" in page


def test_the_number_that_all_means_is_said_in_words(client, supervisor, riverside, hillside):
    client.force_login(supervisor)

    page = client.get(LIST).content.decode()

    assert "全选符合条件的 3\N{NO-BREAK SPACE}项" in page


def test_a_list_costs_the_same_queries_for_one_row_and_three(
    client, supervisor, bureau, django_assert_num_queries
):
    client.force_login(supervisor)
    # session, person, count, rows, totals; saving the session: savepoint, update, release
    with django_assert_num_queries(8):
        client.get(LIST)
    factories.OrgUnitFactory.create_batch(2, parent=bureau)
    with django_assert_num_queries(8):
        client.get(LIST)


# ---- one row


def test_a_neighbours_row_does_not_exist(client, clerk, hillside):
    client.force_login(clerk)

    assert client.get(f"/sample/{hillside.pk}/").status_code == 404


def test_the_page_of_a_row_bears_its_name(client, clerk, riverside):
    client.force_login(clerk)

    response = client.get(f"/sample/{riverside.pk}/")

    assert "<title>临江农场 · 帮扶台账</title>" in response.content.decode()


# ---- forms


def wish(unit, **changes):
    return {
        "code": "P9", "name": "新工程", "lead_unit": unit.pk, "starts_on": "2011年3月1日",
    } | changes  # fmt: skip


def test_saving_writes_the_row_says_so_and_names_who(client, administrator, bureau):
    client.force_login(administrator)

    response = client.post(NEW, wish(bureau), follow=True)

    programme = Programme.objects.get()
    assert f"{programme.starts_on}" == "2011-03-01"
    assert "已保存。" in response.content.decode()
    entry = Entry.objects.about(programme).get()
    assert (entry.deed, entry.by) == ("created", administrator)


def test_a_form_that_is_not_right_says_what_and_where_and_writes_nothing(
    client, administrator, bureau
):
    client.force_login(administrator)

    response = client.post(NEW, wish(bureau, name="", starts_on="2023-02-30"))

    page = response.content.decode()
    assert "有 2 处需要改正，内容尚未保存" in page
    assert '<a href="#id_name">' in page
    assert '<a href="#id_starts_on">' in page
    assert "没有这一天" in page
    assert 'value="2023-02-30"' in page
    assert not Programme.objects.exists()


def test_a_refusal_by_the_action_undoes_everything_and_is_said_on_the_form(
    client, administrator, bureau
):
    client.force_login(administrator)

    response = client.post(NEW, wish(bureau, code="TAKEN"))

    assert "工程代码已停用" in response.content.decode()
    assert not Programme.objects.exists()
    assert not Entry.objects.filter(deed="created").exists()


def test_a_unit_one_may_not_see_cannot_be_chosen(client, administrator, bureau):
    stranger = factories.OrgUnitFactory(code="X")
    client.force_login(administrator)

    response = client.post(NEW, wish(stranger))

    assert response.status_code == 200
    assert not Programme.objects.exists()


def test_a_neighbours_row_can_neither_be_opened_nor_saved(client, administrator):
    stranger = factories.ProgrammeFactory(name="别人的工程")
    client.force_login(administrator)
    url = f"/sample/{stranger.pk}/edit/"

    assert client.get(url).status_code == 404
    assert client.post(url, wish(stranger.lead_unit)).status_code == 404
    stranger.refresh_from_db()
    assert stranger.name == "别人的工程"


def test_a_warning_waits_for_a_tick_and_a_reason_and_the_reason_is_kept(
    client, administrator, bureau
):
    client.force_login(administrator)

    asked = client.post(NEW, wish(bureau, name="帮"))
    assert "请再核对" in asked.content.decode()
    assert not Programme.objects.exists()
    warning = asked.context["form"].warnings[0]
    ticked = wish(bureau, name="帮") | {warning.tick_name: warning.tick_value}
    asked = client.post(NEW, ticked)
    assert "请简要说明理由" in asked.content.decode()
    assert not Programme.objects.exists()
    client.post(NEW, ticked | {warning.reason_name: "文件原名"})

    entry = Entry.objects.about(Programme.objects.get()).get()
    assert entry.reason == "名称只有一个字。 文件原名"
