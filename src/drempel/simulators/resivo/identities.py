"""Ids, tokens and door links that look random and repeat with their seed."""

from __future__ import annotations

import secrets
from hashlib import blake2b
from itertools import count
from uuid import UUID

__all__ = ["Identities"]


class Identities:
    """The same seed gives the same ids in the same order; None gives ids that were never seen before."""

    def __init__(self, seed: int | None) -> None:
        self._key = secrets.token_bytes(16) if seed is None else str(seed).encode()[:64]
        self._numbers = count()

    def renew(self, salt: str) -> None:
        """Go on with other ids than before: a state that was put may hold those that would come next."""
        self._key = blake2b(salt.encode(), digest_size=16, key=self._key).digest()

    def uuid(self) -> str:
        """A UUID version 4 in lower case."""
        return str(UUID(bytes=self._digest(16), version=4))

    def secret(self) -> str:
        return self._digest(20).hex()

    def _digest(self, size: int) -> bytes:
        return blake2b(str(next(self._numbers)).encode(), digest_size=size, key=self._key).digest()
