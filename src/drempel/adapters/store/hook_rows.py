"""Hook tokens, written encrypted."""

from __future__ import annotations

import secrets
from typing import Final

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.secrets import Keyring
from drempel.adapters.store.tables import hook_tokens

__all__ = ["new_hook_token", "put_hook_token"]

HOOK_TOKEN_BYTES: Final = 24


def new_hook_token() -> str:
    """The unguessable part of a hook address."""
    return secrets.token_urlsafe(HOOK_TOKEN_BYTES)


async def put_hook_token(connection: AsyncConnection, keyring: Keyring, source: str, token: str) -> None:
    """Store the current hook token of a source; it is bound to its row, so the row comes first."""
    added = insert(hook_tokens).values(source=source, token="").returning(hook_tokens.c.id)
    key = (await connection.execute(added)).scalar_one()
    sealed = keyring.encrypt(token, table="hook_tokens", row=key, field="token")
    await connection.execute(update(hook_tokens).where(hook_tokens.c.id == key).values(token=sealed))
