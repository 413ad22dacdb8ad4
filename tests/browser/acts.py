"""What a person does at a page, and sees of it as a whole."""

from tests.factories import PASSWORD


def sign_in(page, username):
    page.goto("/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.press("[name=password]", "Enter")


def fits(page):
    """Nothing sticks out to the side."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def follow(page, selector):
    """Press what leads to another page, and wait until that page has come with its scripts.

    A click alone answers as soon as it is made; the next key would still go to the old page, or
    to a new one that does not listen yet.
    """
    with page.expect_navigation():
        page.click(selector)
