"""A browser at both widths."""

import pytest


@pytest.fixture(params=[1440, 390], ids=["desk", "phone"])
def page(request, browser, live_server):
    """A fresh browser at both widths. What the page complains of fails the test."""
    context = browser.new_context(
        base_url=live_server.url,
        locale="zh-CN",
        viewport={"width": request.param, "height": 900},
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert complaints == []
