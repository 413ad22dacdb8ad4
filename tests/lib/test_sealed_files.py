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
