"""The frame, its partials, and what a refused or failed request is told."""

import hashlib
import re

import pytest
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import path
from django.utils import translation

from povertyaid.web import errors
from tests.web import sample as sample_urls

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
STATIC = settings.BASE_DIR / "static"


def ids(files):
    return [str(file.relative_to(settings.BASE_DIR)) for file in files]


# ---- what the content security policy and the office ask of every template


# A paper carries its styles inside, so that the saved file prints too; no browser runs it here.
PAGES = [template for template in TEMPLATES if template.parent.name != "print"]


@pytest.mark.parametrize("template", PAGES, ids=ids(PAGES))
def test_no_page_holds_script_or_style_of_its_own(template):
    text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", template.read_text())

    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)


@pytest.mark.parametrize("template", TEMPLATES, ids=ids(TEMPLATES))
def test_nothing_is_fetched_from_elsewhere(template):
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", template.read_text())


def test_the_files_of_others_are_those_written_down():
    written = (STATIC / "vendor" / "README.md").read_text()

    for name in ("bootstrap.min.css", "bootstrap.bundle.min.js"):
        content = (STATIC / "vendor" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() in written
        assert b"sourceMappingURL" not in content


def contrast(one, other):
    """WCAG 2.2: (L1 + 0.05) / (L2 + 0.05) of relative luminances."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_tag_can_be_read():
    css = (STATIC / "app" / "app.css").read_text()
    tags = re.findall(r"\.tag-\w+ {[^}]*background: (#\w{6}); color: (#\w{6})", css)

    assert len(tags) == 7
    assert min(contrast(ground, ink) for ground, ink in tags) >= 4.5


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ink", "paper"), ("ink-soft", "ground"), ("ink-faint", "ground"), ("link", "ground"),
        ("accent", "paper"), ("paper", "accent"), ("bad", "bad-ground"), ("warn-ink", "warn-ground"),
        ("good-ink", "good-ground"), ("accent-deep", "accent-tint"),
    ],
)  # fmt: skip
def test_every_ink_can_be_read_on_its_ground(ink, ground):
    css = (STATIC / "app" / "app.css").read_text()
    colour = dict(re.findall(r"--([\w-]+): (#\w{6});", css))

    assert contrast(colour[ink], colour[ground]) >= 4.5


# ---- the frame


@pytest.fixture
def page(client, clerk, sample):
    client.force_login(clerk)
    return client.get("/sample/").content.decode()


def test_a_page_names_itself_and_the_product(page):
    assert "<title>单位一览 · 帮扶台账</title>" in page
    assert '<html lang="zh-hans">' in page
    assert '<a class="skip" href="#content">跳到正文</a>' in page


def test_the_page_says_who_and_where_one_is(page):
    assert "录入员小林" in page
    assert "录入员" in page
    assert "临江农场" in page


def test_no_english_is_left_on_the_chinese_page(page):
    body = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    words = set(re.findall(r"[A-Za-z]{3,}", body))

    assert words == {"English"}  # the other language, named in itself


def test_only_groups_that_exist_and_that_the_role_may_open_are_shown(
    client, helper, administrator, sample
):
    client.force_login(helper)
    assert "单位一览" not in client.get("/").content.decode()
    assert '<div class="group" id="group-2">管理' not in client.get("/").content.decode()
    client.force_login(administrator)
    assert "结对帮扶" not in client.get("/").content.decode()


def test_the_language_is_changed_and_one_stays_on_the_page(client, clerk, sample):
    client.force_login(clerk)

    changed = client.post("/language/", {"language": "en", "next": "/sample/?q=x"})

    assert changed.headers["Location"] == "/sample/?q=x"
    page = client.get("/sample/").content.decode()
    assert '<html lang="en">' in page
    assert "Aid Ledger" in page
    assert '<button class="plain" name="language" value="zh-hans" lang="zh-hans">简体中文' in page


def test_a_page_forbids_script_that_is_not_ours(client, clerk, sample):
    client.force_login(clerk)

    policy = client.get("/sample/").headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


# ---- refusals and failures


def broken(request):
    raise RuntimeError("張三 511702198001010558")


class Broken:
    urlpatterns = [*sample_urls.urlpatterns, path("broken/", broken)]
    handler403, handler404, handler500 = (
        errors.permission_denied,
        errors.page_not_found,
        errors.server_error,
    )


@pytest.mark.usefixtures("sample")
def test_no_such_page_and_a_neighbours_row_are_answered_alike(client, clerk, hillside):
    client.force_login(clerk)
    csrf = re.compile(r'(name="csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]*"|value="/[^"]*"')

    nothing = client.get("/sample/999999/")
    neighbours = client.get(f"/sample/{hillside.pk}/")

    assert (nothing.status_code, neighbours.status_code) == (404, 404)
    assert csrf.sub("", nothing.content.decode()) == csrf.sub("", neighbours.content.decode())
    assert "没有这个页面" in nothing.content.decode()
    assert hillside.name not in neighbours.content.decode()


@pytest.mark.usefixtures("sample")
def test_a_page_beyond_the_role_is_refused_in_words(client, clerk):
    client.force_login(clerk)

    response = client.get("/sample/new/")

    assert response.status_code == 403
    assert "您的角色不能使用这个页面" in response.content.decode()


def test_no_such_page_is_also_answered_to_somebody_not_signed_in(client):
    response = client.get("/nothing-here/")

    assert response.status_code == 404
    assert "没有这个页面" in response.content.decode()


def test_a_failure_tells_nothing_and_is_in_the_same_dress(settings, clerk):
    settings.ROOT_URLCONF = Broken
    client = Client(raise_request_exception=False)
    client.force_login(clerk)

    response = client.get("/broken/")

    page = response.content.decode()
    assert response.status_code == 500
    assert "系统出现故障" in page
    assert "張三" not in page
    assert "RuntimeError" not in page


def test_a_failure_needs_neither_database_nor_hashed_names(settings, django_assert_num_queries):
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    with django_assert_num_queries(0):
        response = errors.server_error(RequestFactory().get("/"))

    assert isinstance(response, HttpResponse)
    assert 'href="/static/app/app.css"' in response.content.decode()


# ---- every partial


def partial(name, **context):
    with translation.override("zh-hans"):
        return render_to_string(f"web/{name}", context, request=context.pop("request", None))


def test_a_message_is_green_yellow_or_red():
    class Said:
        def __init__(self, level_tag):
            self.level_tag = level_tag

        def __str__(self):
            return self.level_tag

    page = partial(
        "_messages.html", messages=[Said("success"), Said("warning"), Said("error"), Said("info")]
    )

    assert [c for c in ("box-good", "box-warn", "box-bad", "box-note") if c not in page] == []
    assert page.count('role="alert"') == 1


def test_an_empty_place_says_why_and_offers_the_next_step():
    page = partial(
        "_empty.html", title="还没有名册", text="先导入一份。", url="/x/", verb="导入名册"
    )

    assert "还没有名册" in page
    assert '<a class="btn btn-quiet" href="/x/">导入名册</a>' in page


def test_a_deed_is_confirmed_with_the_way_on_and_the_way_back(clerk):
    request = RequestFactory().get("/x/")
    request.user = clerk

    page = partial(
        "_confirm.html", text="将注销。", verb="注销档案", back="/b/", danger=True, request=request
    )

    assert '<button class="btn btn-danger">注销档案</button>' in page
    assert 'href="/b/">返回</a>' in page
    assert 'name="_submit"' in page


def test_pages_of_a_long_list_are_told_and_linked():
    request = RequestFactory().get("/", {"q": "a"})
    page_obj = Paginator(range(1000), 50).page(10)
    from povertyaid.web.templatetags.words import pagination  # noqa: PLC0415 -- the tag alone

    page = partial("_pagination.html", **pagination({"request": request}, page_obj))

    assert "第 451–500 条，共 1000 条" in page
    assert '<span class="here" aria-current="page">10</span>' in page
    assert 'href="?q=a&amp;page=11">下一页' in page


def test_one_page_needs_no_pagination():
    from povertyaid.web.templatetags.words import pagination  # noqa: PLC0415 -- the tag alone

    context = pagination({"request": RequestFactory().get("/")}, Paginator([1], 50).page(1))

    assert partial("_pagination.html", **context).strip() == ""
