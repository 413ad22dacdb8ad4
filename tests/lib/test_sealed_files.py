"""Files people hand in: kept as they were, unreadable to others, gone with the row that was refused."""

import os
import time

import pytest

from povertyaid.lib import sealed_files
from povertyaid.lib.secrets import DecryptionError

ROOM, CONTEXT = "trial", "trial.file"
BYTES = b"\xff\xd8 a photograph \x00\x01"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.UPLOADS_DIR = tmp_path


def test_a_file_comes_back_as_it_was_handed_in():
    with sealed_files.sealed(ROOM, BYTES, context=CONTEXT) as name:
        pass

    assert sealed_files.opened(ROOM, name, context=CONTEXT) == BYTES
    path = sealed_files.folder(ROOM) / name
    assert b"photograph" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("sealed", [True, False], ids=["at once", "piece by piece"])
def test_a_file_and_its_name_are_on_the_disk_before_its_row(monkeypatch, sealed):
    on_disk = []
    monkeypatch.setattr(os, "fsync", lambda n: on_disk.append(os.fstat(n)))

    if sealed:
        with sealed_files.sealed(ROOM, BYTES, context=CONTEXT) as name:
            assert len(on_disk) == 2
    else:
        name = written(BYTES)

    path = sealed_files.folder(ROOM) / name
    assert [one.st_ino for one in on_disk] == [path.stat().st_ino, path.parent.stat().st_ino]
    assert on_disk[0].st_size == path.stat().st_size


def test_a_refused_row_leaves_no_file():
    with pytest.raises(RuntimeError), sealed_files.sealed(ROOM, BYTES, context=CONTEXT):
        raise RuntimeError

    assert list(sealed_files.folder(ROOM).iterdir()) == []


def test_a_file_of_another_room_cannot_be_opened_as_ones_own():
    with sealed_files.sealed(ROOM, BYTES, context="another.file") as name:
        pass

    with pytest.raises(DecryptionError):
        sealed_files.opened(ROOM, name, context=CONTEXT)


def test_a_file_that_is_gone_is_told():
    with pytest.raises(sealed_files.FileGoneError):
        sealed_files.opened(ROOM, "0" * 32, context=CONTEXT)


def test_files_no_row_knows_are_taken_away_after_a_day():
    with sealed_files.sealed(ROOM, BYTES, context=CONTEXT) as known:
        pass
    with sealed_files.sealed(ROOM, BYTES, context=CONTEXT) as orphan:
        pass
    with sealed_files.sealed(ROOM, BYTES, context=CONTEXT) as young:
        pass
    old = time.time() - sealed_files.ORPHAN_SECONDS - 60
    for name in (known, orphan):
        os.utime(sealed_files.folder(ROOM) / name, (old, old))

    assert sealed_files.remove_orphans(ROOM, {known}) == 1
    left = {path.name for path in sealed_files.folder(ROOM).iterdir()}
    assert left == {known, young}
    assert sealed_files.remove_orphans("never used", set()) == 0


# ---- too large to be held


@pytest.fixture
def _small_pieces(monkeypatch):
    monkeypatch.setattr(sealed_files, "PIECE_BYTES", 10)


def written(*pieces, context=CONTEXT):
    with sealed_files.sealing(ROOM, context=context) as seal:
        for piece in pieces:
            seal.write(piece)
    return seal.name


def read(name):
    return b"".join(sealed_files.unsealed(ROOM, name, context=CONTEXT))


@pytest.mark.usefixtures("_small_pieces")
@pytest.mark.parametrize("data", [b"", b"short", b"0123456789", BYTES * 7], ids=len)
def test_what_is_written_piece_by_piece_is_read_back(data):
    name = written(*(data[n : n + 3] for n in range(0, len(data), 3)))

    assert read(name) == data
    path = sealed_files.folder(ROOM) / name
    assert path.stat().st_mode & 0o077 == 0
    assert b"photograph" not in path.read_bytes()


@pytest.mark.usefixtures("_small_pieces")
@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body[: len(body) // 2],
        lambda body: body[len(body) // 2 :],
        lambda body: body[len(body) // 2 :] + body[: len(body) // 2],
    ],
    ids=["its end cut off", "its beginning cut off", "its pieces exchanged"],
)
def test_pieces_that_were_meddled_with_are_not_read(spoil):
    name = written(b"0123456789abcdefghij")
    path = sealed_files.folder(ROOM) / name
    path.write_bytes(spoil(path.read_bytes()))

    with pytest.raises(DecryptionError):
        read(name)


def test_a_piece_of_another_file_is_not_read():
    one, other = written(b"one"), written(b"other")
    folder = sealed_files.folder(ROOM)
    (folder / one).replace(folder / other)

    with pytest.raises(DecryptionError):
        read(other)


def test_writing_that_breaks_off_leaves_no_file():
    def pieces():
        yield BYTES
        raise RuntimeError

    with pytest.raises(RuntimeError), sealed_files.sealing(ROOM, context=CONTEXT) as seal:
        seal.write(b"".join(pieces()))

    assert list(sealed_files.folder(ROOM).iterdir()) == []


def test_a_large_file_that_is_gone_is_told_before_anything_is_answered():
    with pytest.raises(sealed_files.FileGoneError):
        sealed_files.unsealed(ROOM, "0" * 32, context=CONTEXT)
