"""Passwords by argon2id, in threads of their own: what is slow on purpose must not hold up a hint, nor eat the machine's memory."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from drempel.engine.sign_in import TooManyAtOnce

__all__ = ["Argon2Passwords", "draw_token"]

T = TypeVar("T")

MEMORY_KIB: Final = 32 * 1024
ROUNDS: Final = 3
AT_ONCE: Final = 2
WAITING_MAX: Final = 16
"""More than these would wait for seconds; they are told to come again."""
VOUCHED_AT_ONCE: Final = 1
VOUCHED_WAITING_MAX: Final = 4
"""A line of their own for whom we know something of: few, because it is beside the other and not in place of it."""
TOKEN_BYTES: Final = 32


def draw_token() -> str:
    """256 bits of chance, as 43 characters that fit into addresses and cookies."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class Argon2Passwords:
    """`drempel.engine.sign_in.Passwords`. Costs are handed in, so that tests are quick.

    Two lines: strangers can fill theirs, and who is vouched for is computed in the other. The worst memory is that of all threads of both: with
    32 MiB each, (2 + 1) * 32 = 96 MiB. Who waits in line costs no more than the password that was typed.
    """

    def __init__(
        self, *, memory_kib: int = MEMORY_KIB, rounds: int = ROUNDS, at_once: int = AT_ONCE, waiting_max: int = WAITING_MAX
    ) -> None:
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1, type=Type.ID)
        self._anybody = _Line(at_once=at_once, waiting_max=waiting_max)
        self._vouched = _Line(at_once=VOUCHED_AT_ONCE, waiting_max=VOUCHED_WAITING_MAX)
        # What nobody's password is compared with: the same cost, and no password that fits.
        self._nobody: str | None = None

    async def hash(self, password: str, *, vouched: bool) -> str:
        return await self._aside(partial(self._hasher.hash, _bytes(password)), vouched=vouched)

    async def fits(self, password: str, kept: str | None, *, vouched: bool) -> bool:
        return await self._aside(partial(self._fits, password, kept), vouched=vouched)

    def is_outdated(self, kept: str) -> bool:
        return self._hasher.check_needs_rehash(kept)

    def close(self) -> None:
        """Those that wait are given up; what is computed is finished."""
        for line in (self._anybody, self._vouched):
            line.close()

    def _fits(self, password: str, kept: str | None) -> bool:
        if self._nobody is None:
            self._nobody = self._hasher.hash(secrets.token_bytes(TOKEN_BYTES))
        try:
            return self._hasher.verify(self._nobody if kept is None else kept, _bytes(password)) and kept is not None
        except (VerificationError, InvalidHashError):
            return False

    async def _aside(self, work: Callable[[], T], *, vouched: bool) -> T:
        # A whole house may come in at eight: who finds the small line full may stand in the other.
        lines = (self._vouched, self._anybody) if vouched else (self._anybody,)
        line = next((each for each in lines if each.room > 0), None)
        if line is None:
            raise TooManyAtOnce
        return await line.aside(work)


class _Line:
    """Some threads, and places to wait for them."""

    def __init__(self, *, at_once: int, waiting_max: int) -> None:
        self._threads = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="passwords")
        self.room = at_once + waiting_max

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def aside(self, work: Callable[[], T]) -> T:
        """Only where there is room."""
        self.room -= 1
        future = self._threads.submit(work)
        # Counted until it is really done: one whose asker went away is computed all the same.
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _done: self._leave(loop))
        return await asyncio.wrap_future(future)

    def _leave(self, loop: asyncio.AbstractEventLoop) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody counts any more
            loop.call_soon_threadsafe(self._make_room)

    def _make_room(self) -> None:
        self.room += 1


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
