"""Identity numbers and bank accounts at rest: encrypted, and found again by a keyed digest.

The keys are one JSON object, `{"encryption": {"1": KEY, "2": KEY}, "digest": KEY}`, each KEY
32 random bytes in base64. It comes from the environment variable POVERTYAID_KEYS or from
`keys.json` in the data folder, which the first process that needs it makes. The highest
number encrypts, every number decrypts, so a key is changed by adding one. The digest key
stays: another one would lose every person already on file.
"""

import base64
import binascii
import fcntl
import hashlib
import hmac
import json
import os
import secrets as randomness
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django import forms
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models

from povertyaid.lib.national_id import clean

__all__ = [
    "DecryptionError",
    "EncryptedTextField",
    "Keyring",
    "add_key",
    "decrypt",
    "digest",
    "encrypt",
]

KEY_BYTES = 32
ID_BYTES = 2
NONCE_BYTES = 12  # what GCM is defined for; random nonces are safe up to 2^32 values a key


class DecryptionError(ValueError):
    """The bytes are not ours: changed, moved from another column, or of a key we do not have."""


class Keyring:
    """The keys of one office. Never printed: its repr names key numbers only."""

    def __init__(self, encryption: Mapping[int, bytes], digest_key: bytes) -> None:
        if not encryption or not all(0 < number < 2 ** (8 * ID_BYTES) for number in encryption):
            raise ValueError("key numbers run from 1 to 65535, and there must be one")
        if {len(key) for key in [*encryption.values(), digest_key]} != {KEY_BYTES}:
            raise ValueError(f"every key has {KEY_BYTES} bytes")
        self.encryption = dict(sorted(encryption.items()))
        self.digest_key = digest_key
        self.newest = max(encryption)
        # Set up once: a roster of 100,000 rows asks for as many digests.
        self._keyed = hmac.new(digest_key, digestmod=hashlib.sha256)
        self._ciphers = {number: AESGCM(key) for number, key in encryption.items()}

    def __repr__(self) -> str:
        return f"<Keyring {sorted(self.encryption)}>"

    @classmethod
    def new(cls) -> "Keyring":
        """Fresh keys from the system's randomness."""
        return cls({1: randomness.token_bytes(KEY_BYTES)}, randomness.token_bytes(KEY_BYTES))

    @classmethod
    def from_json(cls, text: str) -> "Keyring":
        """Raises ImproperlyConfigured, naming the shape and not the keys."""
        try:
            data = json.loads(text)
            encryption = {
                int(number): base64.b64decode(key, validate=True)
                for number, key in data["encryption"].items()
            }
            return cls(encryption, base64.b64decode(data["digest"], validate=True))
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            raise ImproperlyConfigured(
                'The keys must be JSON: {"encryption": {"1": KEY}, "digest": KEY}, '
                f"each KEY {KEY_BYTES} bytes in base64."
            ) from None

    def to_json(self) -> str:
        """The same as from_json reads."""
        encryption = {
            str(number): base64.b64encode(key).decode() for number, key in self.encryption.items()
        }
        digest_key = base64.b64encode(self.digest_key).decode()
        return json.dumps({"encryption": encryption, "digest": digest_key}, indent=1) + "\n"

    def with_new_key(self) -> "Keyring":
        """The same keys and a newer one, which encrypts from now on."""
        fresh = {self.newest + 1: randomness.token_bytes(KEY_BYTES)}
        return Keyring(self.encryption | fresh, self.digest_key)

    def encrypt(self, text: str, *, context: str) -> bytes:
        """Key number, nonce, ciphertext and tag in one string of bytes."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self.newest].encrypt(nonce, text.encode(), context.encode())
        return self.newest.to_bytes(ID_BYTES) + nonce + sealed

    def decrypt(self, data: bytes, *, context: str) -> str:
        """Raises DecryptionError, and UnknownKeyError among them."""
        number = int.from_bytes(data[:ID_BYTES])
        if number not in self._ciphers:
            raise UnknownKeyError(f"key {number} is not among the keys of this office")
        nonce, sealed = data[ID_BYTES : ID_BYTES + NONCE_BYTES], data[ID_BYTES + NONCE_BYTES :]
        try:
            return self._ciphers[number].decrypt(nonce, sealed, context.encode()).decode()
        except (InvalidTag, ValueError):
            raise DecryptionError("these bytes were changed or belong to another column") from None

    def digest(self, text: str) -> str:
        """HMAC-SHA256 of the cleaned value, 64 hexadecimal digits."""
        keyed = self._keyed.copy()
        # Letters and digits alone leave nothing to clean but the small x: true of nearly all.
        is_plain = text.isascii() and text.isalnum()
        keyed.update((text.upper() if is_plain else clean(text)).encode())
        return keyed.hexdigest()


class UnknownKeyError(DecryptionError):
    """Encrypted with a key that this process has not read (yet)."""


def _keys_file() -> Path:
    return Path(settings.DATA_DIR) / "keys.json"


def _write_private(path: Path, text: str) -> None:
    """A new file that only its owner may read, complete before anybody sees it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _read_or_make(path: Path) -> str:
    """The keys file. Of several processes that start at once, the first makes it for all."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".keys-{os.getpid()}-{randomness.token_hex(4)}")
        _write_private(draft, Keyring.new().to_json())
        try:
            # A hard link appears whole or not at all, and never replaces another's file.
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


@lru_cache(maxsize=1)
def _keyring() -> Keyring:
    given = os.environ.get("POVERTYAID_KEYS", "")
    return Keyring.from_json(given or _read_or_make(_keys_file()))


def add_key() -> int:
    """Add a key to the keys file and answer its number; new values use it from now on.

    Raises ImproperlyConfigured where the keys come from the environment.
    """
    if os.environ.get("POVERTYAID_KEYS"):
        raise ImproperlyConfigured("The keys come from POVERTYAID_KEYS: add the new one there.")
    path = _keys_file()
    _read_or_make(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # Two additions at once would each write key N+1, and what the lost one sealed be lost.
        fcntl.flock(folder, fcntl.LOCK_EX)
        keyring = Keyring.from_json(path.read_text()).with_new_key()
        draft = path.with_name(f".keys-{os.getpid()}-{randomness.token_hex(4)}")
        _write_private(draft, keyring.to_json())
        draft.replace(path)
    finally:
        os.close(folder)
    _keyring.cache_clear()
    return keyring.newest


def encrypt(text: str, *, context: str) -> bytes:
    """AES-256-GCM with the newest key. `context` names the column and must be given again to read."""
    return _keyring().encrypt(text, context=context)


def decrypt(data: bytes, *, context: str) -> str:
    """What was encrypted in this context. Raises DecryptionError."""
    try:
        return _keyring().decrypt(data, context=context)
    except UnknownKeyError:
        # Another process may have added a key since this one read the file.
        _keyring.cache_clear()
        return _keyring().decrypt(data, context=context)


def digest(text: str) -> str:
    """Keyed digest (HMAC-SHA256, 64 hexadecimal digits) of the cleaned value, for exact look-up.

    Full-width digits, spaces and a small x do not matter: the same number, the same digest.
    """
    return _keyring().digest(text)


class EncryptedTextField(models.Field):
    """Text that lies encrypted in a bytea column. It can be read, and asked whether it is null.

    `context` binds a value to its column: bytes copied from another column do not decrypt. The
    empty string is stored as no bytes.
    """

    empty_strings_allowed = True
    lookups_allowed: ClassVar[frozenset[str]] = frozenset({"isnull"})

    def __init__(self, *args: Any, context: str, **kwargs: Any) -> None:
        self.context = context
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"context": self.context}

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in self.lookups_allowed:
            raise FieldError(f"{self.name} is encrypted: look it up by its digest.")
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.name} is encrypted: look it up by its digest.")

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        if value is None:
            return None
        data = bytes(value)
        return decrypt(data, context=self.context) if data else ""

    def to_python(self, value: Any) -> str | None:
        return value if value is None else str(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return encrypt(str(value), context=self.context) if value != "" else b""

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.CharField, **kwargs})
