"""Photographs and signatures of visits: what is taken, how it is kept, who sees it."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from pairings.actions import visits
from pairings.actions.refusals import RefusedError
from pairings.models import Visit, VisitPhoto
from povertyaid.lib import pictures, sealed_files
from tests.households.page import fields_of
from tests.pairings.page import address, paired, send, told
from tests.pairings.visiting import ON, drawn, jpeg, new_for, photo, visited


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    settings.UPLOADS_DIR = tmp_path / "uploads"
    return settings.UPLOADS_DIR / visits.ROOM


@pytest.fixture
def own(helping, helper):
    return helping("于海涛", staff=helper)


@pytest.fixture
def zhang(enrolled, own, clerk):
    enrolment = enrolled("张三")
    paired(enrolment, own, clerk)
    return enrolment


@pytest.fixture
def visit(zhang, own, clerk):
    return visited(zhang, own, by=clerk)


def file(data, name="IMG_0001.jpg", kind="image/jpeg"):
    return SimpleUploadedFile(name, data, kind)


def signature():
    return pictures.drawing(drawn(), most_bytes=10**6)


def test_photographs_come_with_the_visit(desk, zhang, folder):
    page = new_for(zhang)
    data = fields_of(desk.get(page)) | {
        "visited_on": "2012-06-05",
        "photos": [file(jpeg()), file(jpeg(colour="red")), file(jpeg())],
        "signature": file(drawn(), "sign.png", "image/png"),
        "signed_by": "张三",
    }

    desk.post(page, data)

    visit = Visit.objects.get()
    assert visit.signed_by == "张三"
    assert visit.photos.count() == 2  # the same twice is one
    for stored in folder.iterdir():
        assert b"JFIF" not in stored.read_bytes()
    page = desk.get(visit.get_absolute_url()).content.decode()
    for one in visit.photos.all():
        assert reverse("pairings:visit-photo", args=[one.pk]) in page
    assert address("visit-signature", visit) in page


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"MZ\x90\x00" + b"\0" * 2000, "photo.jpg", "不是能识别的照片"),
        (b"\xff\xd8\xff" + b"\0" * (40 * 1024 * 1024), "IMG.jpg", "太大"),
        (b"", "IMG.jpg", "不是能识别的照片"),
    ],
    ids=["a program by another name", "40 MB", "nothing"],
)
def test_what_is_no_photograph_is_refused_in_words(desk, zhang, folder, data, name, words):
    page = new_for(zhang)
    sent = fields_of(desk.get(page)) | {"visited_on": "2012-06-05", "photos": [file(data, name)]}

    response = desk.post(page, sent)

    assert words in " ".join(told(response))
    assert not Visit.objects.exists()
    assert not folder.exists()


def test_too_many_photographs_are_refused(desk, zhang, settings, visit):
    settings.PHOTOS_ON_A_VISIT = 2
    page = address("visit-photos", visit)
    colours = ("red", "green", "blue")

    many = desk.post(
        page, fields_of(desk.get(page)) | {"photos": [file(jpeg(colour=c)) for c in colours]}
    )
    desk.post(page, fields_of(desk.get(page)) | {"photos": [file(jpeg())], "caption": "屋顶"})
    more = desk.post(
        page, fields_of(desk.get(page)) | {"photos": [file(jpeg(colour=c)) for c in colours[:2]]}
    )

    assert "最多" in told(many)[0]
    assert "最多" in told(more)[0]
    assert list(visit.photos.values_list("caption", flat=True)) == ["屋顶"]


def test_photographs_that_are_too_large_together_are_refused(desk, settings, visit):
    page = address("visit-photos", visit)
    two = {"photos": [file(jpeg()), file(jpeg(colour="red"))]}
    settings.PHOTOS_AT_ONCE_BYTES = len(jpeg()) + 1

    response = desk.post(page, fields_of(desk.get(page)) | two)

    assert "一次发送" in told(response)[0]


def test_a_photograph_is_sent_for_this_person_and_moment_only(desk, visit, clerk):
    visits.add_photos(visit, [photo()], by=clerk)
    one = visit.photos.get()

    answer = desk.get(address("visit-photo", one))

    assert Image.open(io.BytesIO(answer.content)).format == "JPEG"
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == f'inline; filename="visit-{visit.pk}-{one.pk}.jpeg"'


def test_the_neighbour_sees_no_picture(client, neighbour, visit, clerk):
    visits.add_photos(visit, [photo()], by=clerk)
    visits.sign(visit, signature(), signed_by="张三", by=clerk)
    client.force_login(neighbour)

    assert client.get(address("visit-photo", visit.photos.get())).status_code == 404
    assert client.get(address("visit-signature", visit)).status_code == 404


def test_a_photograph_whose_file_is_gone_is_not_there(desk, visit, clerk, folder):
    visits.add_photos(visit, [photo()], by=clerk)
    for stored in folder.iterdir():
        stored.unlink()

    assert desk.get(address("visit-photo", visit.photos.get())).status_code == 404


def test_a_photograph_whose_file_is_damaged_is_not_there(desk, visit, clerk, folder):
    visits.add_photos(visit, [photo()], by=clerk)
    for stored in folder.iterdir():
        stored.write_bytes(stored.read_bytes()[:-1] + b"?!")

    assert desk.get(address("visit-photo", visit.photos.get())).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_photograph_is_removed_with_its_file(desk, visit, clerk, folder):
    visits.add_photos(visit, [photo(), photo("red")], by=clerk)
    goes = visit.photos.first()

    send(desk, address("visit-photo-remove", goes), reason="拍到邻居")

    assert VisitPhoto.objects.count() == 1
    assert [stored.name for stored in folder.iterdir()] == [VisitPhoto.objects.get().stored_as]


def test_a_visit_is_signed_once(desk, visit, clerk):
    page = address("visit-sign", visit)
    fields = fields_of(desk.get(page))
    assert fields["signed_by"] == "张三"

    empty = desk.post(page, fields | {"signature": file(drawn(empty=True), "s.png")})
    desk.post(page, fields | {"signature": file(drawn(), "s.png")})

    assert "空白" in told(empty)[0]
    answer = desk.get(address("visit-signature", visit))
    assert Image.open(io.BytesIO(answer.content)).format == "PNG"
    with pytest.raises(RefusedError) as refusal:
        visits.sign(visit, signature(), signed_by="别人", by=clerk)
    assert refusal.value.code == "signed"


def test_a_refused_visit_leaves_no_file(zhang, own, clerk, folder):
    visited(zhang, own, by=clerk)

    with pytest.raises(Exception, match="已经录入"):
        visited(
            zhang, own, by=clerk, on=ON, photos=[photo()], signature=signature(), signed_by="张"
        )

    assert list(folder.iterdir()) == []


def test_files_of_unfinished_sendings_go_at_night(visit, clerk, folder, monkeypatch):
    visits.add_photos(visit, [photo()], by=clerk)
    visits.sign(visit, signature(), signed_by="张三", by=clerk)
    (folder / "forgotten").write_bytes(b"x")
    monkeypatch.setattr(sealed_files, "ORPHAN_SECONDS", -1)

    assert visits.remove_forgotten_files() == 1
    assert len(list(folder.iterdir())) == 2
