import copy
from pathlib import Path

import pytest
from django.conf import settings as office


@pytest.fixture
def sample(settings):
    """The pages of `tests/web/sample.py` beside the real ones."""
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"].append(Path(__file__).parent / "templates")
    settings.TEMPLATES = templates
    settings.ROOT_URLCONF = "tests.web.sample"


@pytest.fixture
def page_for(browser, live_server, client):
    """A page of a real browser for a signed-in person. What the page complains of fails the test."""
    contexts, complaints = [], []

    def opened(person):
        client.force_login(person)
        context = browser.new_context(base_url=live_server.url, locale="zh-CN")
        contexts.append(context)
        cookie = client.cookies[office.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": office.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.complaints = complaints
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda said: complaints.append(said.text) if said.type == "error" else None
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
