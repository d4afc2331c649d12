"""Secrets at rest: AES-256-GCM, bound to the place where they are kept.

Each comma-separated part of SECRET_KEY gives one key. The first encrypts, all decrypt, so a key is changed in three steps: put the new one in
front, rotate, take the old one away. A cipher text names its key and is bound to table, row and field: copied to another row it does not open.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

__all__ = ["FINGERPRINT_KEY_BYTES", "Keyring", "WrongSecretKey"]

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
KEY_ID_CHARACTERS: Final = 8
FINGERPRINT_KEY_BYTES: Final = 32
FINGERPRINT_CHARACTERS: Final = 32
FINGERPRINTS_REMEMBERED: Final = 2048
_FORM: Final = "v1"


class WrongSecretKey(Exception):
    """The stored secrets cannot be read with the SECRET_KEY that was given."""

    def __init__(self) -> None:
        super().__init__(
            "The secrets in this database were encrypted under another key. Give the DREMPEL_SECRET_KEY that was used before "
            "(or its secret.key file); while changing keys give both, the new one first: NEW,OLD."
        )


@dataclass(frozen=True, slots=True)
class _Key:
    id: str
    cipher: AESGCM


class Keyring:
    """The keys of one SECRET_KEY. Raises `ValueError` with a sentence if it holds none."""

    def __init__(self, secret_key: str) -> None:
        parts = [part.strip() for part in secret_key.split(",")]
        if not all(parts):
            raise ValueError(
                "DREMPEL_SECRET_KEY is empty or has an empty part. Give one key, or several separated by one comma each."
            )
        keys = [_derived(part) for part in parts]
        self._first = keys[0]
        self._by_id = {key.id: key for key in keys}
        self._fingerprinting: hmac.HMAC | None = None
        self._remembered = lru_cache(maxsize=FINGERPRINTS_REMEMBERED)(self._fingerprint)

    def encrypt(self, plain: str, *, table: str, row: str | int, field: str) -> str:
        """A text for this field of this row, under the first key."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._first.cipher.encrypt(nonce, plain.encode(), _bound_to(self._first.id, table, row, field))
        return f"{_FORM}.{self._first.id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, text: str, *, table: str, row: str | int, field: str) -> str:
        """Raises `WrongSecretKey`, also for a text that was written for another place or altered."""
        form, _, rest = text.partition(".")
        key_id, _, body = rest.partition(".")
        key = self._by_id.get(key_id)
        if form != _FORM or key is None:
            raise WrongSecretKey
        try:
            raw = base64.urlsafe_b64decode(body)
            return key.cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound_to(key_id, table, row, field)).decode()
        except (ValueError, InvalidTag):
            raise WrongSecretKey from None

    def is_under_first(self, text: str) -> bool:
        """Whether a cipher text needs no rotation."""
        return text.startswith(f"{_FORM}.{self._first.id}.")

    def use_fingerprint_key(self, key: bytes) -> None:
        """The database's own random key for fingerprints; it stays when SECRET_KEY changes, or every fingerprint would."""
        self._fingerprinting = hmac.new(key, digestmod="sha256")
        self._remembered.cache_clear()

    def fingerprint(self, text: str) -> str:
        """A keyed hash, 32 hexadecimal characters: equal for equal text, tells nothing of the text. Ready once a store was opened with it.

        Remembered for the last texts, in memory only: each decision about a booking asks again.
        """
        return self._remembered(text)

    def _fingerprint(self, text: str) -> str:
        assert self._fingerprinting is not None, "open the store first"
        # A copy of what already knows the key: to begin with the key each time costs twice as much.
        keyed = self._fingerprinting.copy()
        keyed.update(text.encode())
        return keyed.hexdigest()[:FINGERPRINT_CHARACTERS]


def _derived(part: str) -> _Key:
    def derive(purpose: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"drempel " + purpose).derive(part.encode())

    return _Key(id=derive(b"key id").hex()[:KEY_ID_CHARACTERS], cipher=AESGCM(derive(b"secrets at rest")))


def _bound_to(key_id: str, table: str, row: str | int, field: str) -> bytes:
    return f"{key_id}:{table}:{row}:{field}".encode()
