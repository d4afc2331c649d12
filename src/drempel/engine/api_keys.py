"""Keys for REST: shown once, kept as a hash. The key itself is long and random, so a plain hash is enough and fast."""

from __future__ import annotations

import hashlib
from typing import Final

__all__ = ["KEY_PREFIX", "key_hash"]

KEY_PREFIX: Final = "drk_"
"""What every key begins with, so that one that leaks is recognized for what it is."""


def key_hash(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
