import pytest

from tests import factories


def test_the_lists_of_the_top_bar_hold_what_one_may_see(client, clerk, programme, hillside):
    elsewhere = factories.ProgrammeFactory(name="外县工程")
    client.force_login(clerk)

    page = client.get("/place/").content.decode()

    assert programme.name in page
    assert "临江农场" in page
    assert elsewhere.name not in page
    assert hillside.name not in page


@pytest.mark.parametrize("word", ["临江", "ljnc", "lj", "LJ"])
def test_a_unit_is_found_by_name_and_initials(client, supervisor, riverside, hillside, word):
    client.force_login(supervisor)

    page = client.get("/place/", {"part": "unit", "q": word}, headers={"HX-Request": "true"})

    assert "临江农场" in page.content.decode()
    assert "靠山农场" not in page.content.decode()
    assert "<html" not in page.content.decode()


def test_a_word_that_fits_no_unit_is_answered_in_words(client, supervisor):
    client.force_login(supervisor)

    page = client.get("/place/", {"part": "unit", "q": "没有"}).content.decode()

    assert "没有符合的单位" in page


def test_the_choice_is_kept_and_goes_along_in_the_navigation(
    client, supervisor, riverside, programme
):
    client.force_login(supervisor)

    client.post("/place/", {"programme": "P1", "next": "/"})
    answer = client.post("/place/", {"unit": "B-RIV", "next": "/"}, follow=True)

    page = answer.content.decode()
    assert "/households/?programme=P1&amp;unit=B-RIV" in page
    assert programme.name in page
    client.post("/place/", {"programme": "", "next": "/"})
    assert "programme=P1" not in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("back", "to"),
    [
        ("/households/?programme=P0&q=a&page=3", "/households/?q=a&programme=P1"),
        ("/households/?q=a&page=3", "/households/?q=a&page=3"),
        ("/households/7/", "/households/7/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("", "/"),
    ],
)
def test_one_goes_back_to_the_same_page_now_of_the_chosen_programme(
    client, supervisor, programme, back, to
):
    client.force_login(supervisor)

    assert client.post("/place/", {"programme": "P1", "next": back}).headers["Location"] == to


def test_a_unit_one_may_not_see_cannot_be_chosen(client, clerk, hillside):
    client.force_login(clerk)

    assert client.post("/place/", {"unit": "B-HIL"}).status_code == 404
    assert client.post("/place/", {"unit": "NONE"}).status_code == 404


def test_going_on_working_starts_the_idle_time_anew(client, clerk):
    client.force_login(clerk)

    assert client.get("/still-here/").status_code == 204
    client.logout()
    assert client.get("/still-here/").status_code == 302


def test_a_page_tells_its_browser_when_the_desk_is_left(client, clerk, settings):
    client.force_login(clerk)

    page = client.get("/").content.decode()

    assert f'data-idle-seconds="{settings.SESSION_COOKIE_AGE}"' in page
    assert 'data-still-here="/still-here/"' in page
