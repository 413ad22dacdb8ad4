import base64
import json
import multiprocessing
import stat

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models
from django.db.migrations.writer import MigrationWriter
from hypothesis import given
from hypothesis import strategies as st

from povertyaid.lib import secrets
from povertyaid.lib.secrets import DecryptionError, EncryptedTextField, Keyring

KEYRING = Keyring({1: b"a" * 32}, b"d" * 32)


@pytest.fixture
def office(settings, tmp_path, monkeypatch):
    """An office whose data folder is empty."""
    monkeypatch.delenv("POVERTYAID_KEYS", raising=False)
    settings.DATA_DIR = tmp_path / "office"
    secrets._keyring.cache_clear()
    yield settings.DATA_DIR
    secrets._keyring.cache_clear()


@given(st.text(), st.text())
def test_what_was_encrypted_reads_back_in_its_context(text, context):
    sealed = KEYRING.encrypt(text, context=context)

    assert KEYRING.decrypt(sealed, context=context) == text


def test_the_same_number_is_never_encrypted_alike():
    assert KEYRING.encrypt("1", context="c") != KEYRING.encrypt("1", context="c")


def test_bytes_of_another_column_do_not_decrypt():
    sealed = KEYRING.encrypt("11010519491231002X", context="member.id_number")

    with pytest.raises(DecryptionError):
        KEYRING.decrypt(sealed, context="member.bank_account")


@given(st.data())
def test_a_changed_byte_is_noticed(data):
    sealed = bytearray(KEYRING.encrypt("11010519491231002X", context="c"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises(DecryptionError):
        KEYRING.decrypt(bytes(sealed), context="c")


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x00\x01", b"\x00\x01" + b"n" * 12])
def test_too_few_bytes_are_noticed(data):
    with pytest.raises(DecryptionError):
        KEYRING.decrypt(data, context="c")


def test_the_newest_key_encrypts_and_every_key_decrypts():
    old = KEYRING.encrypt("老", context="c")
    rotated = KEYRING.with_new_key()
    new = rotated.encrypt("新", context="c")

    assert (old[:2], new[:2]) == (b"\x00\x01", b"\x00\x02")
    assert rotated.decrypt(old, context="c") == "老"
    assert rotated.decrypt(new, context="c") == "新"
    assert rotated.digest("1") == KEYRING.digest("1")


def test_a_digest_finds_a_number_however_it_is_written():
    assert KEYRING.digest(" 11010519491231002x") == KEYRING.digest("11010519491231002X")
    assert KEYRING.digest("１") == KEYRING.digest("1")
    assert KEYRING.digest("1") != KEYRING.digest("2")
    assert KEYRING.digest("1") != Keyring({1: b"a" * 32}, b"e" * 32).digest("1")
    assert len(KEYRING.digest("")) == 64


def test_keys_never_show_themselves():
    assert repr(KEYRING) == "<Keyring [1]>"


def test_the_keys_file_is_made_on_first_use_for_the_owner_alone(office):
    sealed = secrets.encrypt("张三", context="c")

    assert secrets.decrypt(sealed, context="c") == "张三"
    assert stat.S_IMODE((office / "keys.json").stat().st_mode) == 0o600
    assert [path.name for path in office.iterdir()] == ["keys.json"]


def test_an_added_key_reaches_a_process_that_is_running(office):
    before = secrets.encrypt("旧", context="c")
    running = secrets._keyring()
    number = secrets.add_key()
    after = secrets.encrypt("新", context="c")

    assert number == 2
    assert running.newest == 1
    with pytest.raises(secrets.UnknownKeyError):
        running.decrypt(after, context="c")
    assert secrets.decrypt(before, context="c") == "旧"
    assert secrets.decrypt(after, context="c") == "新"
    assert stat.S_IMODE((office / "keys.json").stat().st_mode) == 0o600


def _first_digest(folder, start, answers):
    start.wait()
    text = secrets._read_or_make(folder / "keys.json")
    answers.put(Keyring.from_json(text).digest("1"))


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path):
    fork = multiprocessing.get_context("fork")
    start, answers = fork.Event(), fork.Queue()
    workers = [
        fork.Process(target=_first_digest, args=(tmp_path / "data", start, answers))
        for _ in range(6)
    ]
    for worker in workers:
        worker.start()
    start.set()
    digests = {answers.get(timeout=30) for _ in workers}
    for worker in workers:
        worker.join()

    assert len(digests) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["keys.json"]


def test_keys_may_come_from_the_environment(office, monkeypatch):
    monkeypatch.setenv("POVERTYAID_KEYS", KEYRING.to_json())

    assert secrets.digest("1") == KEYRING.digest("1")
    assert not office.exists()
    with pytest.raises(ImproperlyConfigured, match="POVERTYAID_KEYS"):
        secrets.add_key()


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        "{}",
        json.dumps({"encryption": {}, "digest": ""}),
        json.dumps({"encryption": {"1": "c2hvcnQ="}, "digest": "c2hvcnQ="}),
        json.dumps(
            {"encryption": {"0": base64.b64encode(b"k" * 32).decode()}, "digest": "c2hvcnQ="}
        ),
        json.dumps({"encryption": {"one": "c2hvcnQ="}, "digest": "c2hvcnQ="}),
    ],
)
def test_keys_of_another_shape_are_refused_without_repeating_them(text):
    with pytest.raises(ImproperlyConfigured) as refused:
        Keyring.from_json(text)

    assert "c2hv" not in str(refused.value)


def test_keys_written_down_read_back():
    rotated = KEYRING.with_new_key()

    assert Keyring.from_json(rotated.to_json()).to_json() == rotated.to_json()


def a_field(**kwargs):
    field = EncryptedTextField(context="member.id_number", **kwargs)
    field.set_attributes_from_name("id_number")
    return field


def test_a_column_holds_bytes_and_python_text(office):
    field = a_field()

    stored = field.get_db_prep_value("11010519491231002X", connection=None)

    assert isinstance(stored, bytes)
    assert b"1949" not in stored
    assert field.from_db_value(memoryview(stored), None, None) == "11010519491231002X"
    assert field.get_internal_type() == "BinaryField"


def test_a_column_keeps_null_and_empty_apart(office):
    field = a_field(null=True)

    assert field.get_db_prep_value(None, connection=None) is None
    assert field.from_db_value(None, None, None) is None
    assert field.get_db_prep_value("", connection=None) == b""
    assert field.from_db_value(b"", None, None) == ""
    assert field.to_python(None) is None
    assert field.to_python(12) == "12"


def test_a_column_is_looked_up_by_its_digest_only():
    with pytest.raises(FieldError, match="digest"):
        a_field().get_lookup("exact")
    with pytest.raises(FieldError, match="digest"):
        a_field().get_transform("upper")
    assert a_field().get_lookup("isnull") is not None


def test_a_column_carries_its_context_into_migrations():
    written, _imports = MigrationWriter.serialize(a_field(null=True))

    assert "context='member.id_number'" in written
    assert "null=True" in written


def test_a_form_asks_for_it_as_text():
    assert type(a_field().formfield()).__name__ == "CharField"
    assert isinstance(a_field(), models.Field)
