"""What is sent is measured before it is read."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse


class Unread(io.BytesIO):
    """A sending of which nothing may be read."""

    def read(self, *_args):
        raise AssertionError("it was read")


def send(client, size, **said):
    return client.generic(
        "POST", reverse("households:papers-bring"), content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": str(size), "wsgi.input": Unread(), **said},
    )  # fmt: skip


def test_more_than_any_page_takes_is_refused_in_words(client, clerk, settings):
    client.force_login(clerk)

    answer = send(client, settings.SENT_AT_ONCE_BYTES + 1)

    assert answer.status_code == 413
    assert "合计不得超过 300 MB" in answer.content.decode()


def test_who_is_not_signed_in_hands_in_no_files(client, settings, db):
    answer = send(client, settings.SENT_SIGNED_OUT_BYTES + 1)

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("sign-in"))


def test_nobody_gets_round_it_by_not_saying_how_large(client, clerk):
    client.force_login(clerk)

    answer = send(client, "", HTTP_TRANSFER_ENCODING="chunked")

    assert answer.status_code == 411
    assert "没有说明大小" in answer.content.decode()


def test_what_pages_take_goes_through(client, clerk, settings):
    settings.SENT_SIGNED_OUT_BYTES = 10
    client.force_login(clerk)

    answer = client.post(
        reverse("households:papers-bring"), {"scans": SimpleUploadedFile("1.pdf", b"0" * 1000)}
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "name", ["ROSTER_MAX_BYTES", "DOSSIER_PAPER_MAX_BYTES", "PHOTOS_AT_ONCE_BYTES"]
)
def test_every_page_gets_what_it_says_it_takes(settings, name):
    assert getattr(settings, name) < settings.SENT_AT_ONCE_BYTES
