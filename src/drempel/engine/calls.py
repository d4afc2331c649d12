"""The way to every outside call: pauses before it, what its failure pauses after it.

401 after one fresh token pauses the credential, 403 pauses only that site, 401 of a booking system pauses that source, 429 holds back everybody
who uses the same credential. A pause ends at saved settings, or by one probe per longest retry pause (design section 2, row *Credential*).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final, TypeVar

from drempel.domain.failures import CATALOGUE, Failure
from drempel.engine.limits import Limits
from drempel.engine.pace import Pace
from drempel.engine.ports import CallClass, CallFailed, Clock, Pause, Store, Watcher

__all__ = ["Calls", "Target", "credential_target", "site_target", "source_target"]

T = TypeVar("T")
PAUSES_FRESH_SECONDS: Final = 1.0
HOLD_FRESH_SECONDS: Final = 0.05
LINE_SECONDS_MAX: Final = 8.0
"""Longer than this nobody waits with a booking in hand: it is given back, and comes again in the order of claims."""
TRIES_IN_LINE: Final = 3


class Target:
    """What a call goes to: the keys of the pauses that hold it back, and the key that each refusal pauses."""

    def __init__(self, *, credential: str, site: str | None, names: Mapping[str, str]) -> None:
        self.credential = credential
        self.site = site
        self.throttle = f"throttle:{credential}"
        self.names = dict(names)

    @property
    def keys(self) -> tuple[str, ...]:
        """The pauses that hold this call back."""
        return (self.throttle, self.credential, self.site) if self.site else (self.throttle, self.credential)


def source_target(source: str) -> Target:
    """Calls to a booking system."""
    return Target(credential=f"source:{source}", site=None, names={"source": source})


def credential_target(connection_id: int, *, integration: str) -> Target:
    """Calls to Resivo that belong to no site."""
    return Target(credential=f"credential:{connection_id}", site=None, names={"integration": integration})


def site_target(connection_id: int, site_id: str, *, integration: str) -> Target:
    """Calls to one site at Resivo."""
    names = {"integration": integration, "site": site_id}
    return Target(credential=f"credential:{connection_id}", site=f"site:{connection_id}:{site_id}", names=names)


class Held(CallFailed):
    """Not sent: a pause holds this call back until `retry_after` has passed."""

    def __init__(self, failure: Failure, *, wait: timedelta, pause_key: str | None) -> None:
        super().__init__(CallClass.NOT_SENT, failure, retry_after=wait)
        # A throttle ends by itself, at a time that everybody knows: nobody waits to be told, so it has no key.
        self.pause_key = pause_key


class Calls:
    """Makes outside calls, one instance for each process; pauses are shared through the store."""

    def __init__(self, *, store: Store, clock: Clock, limits: Limits, watcher: Watcher) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits
        self._watcher = watcher
        self._pauses: Mapping[str, Pause] = {}
        self._read_at = float("-inf")
        self._paces: dict[str, Pace] = {}

    async def admit(self, target: Target) -> frozenset[str]:
        """Return if a call may be made now: the keys of the pauses that it passed, which it ends if it goes well.

        Raises `Held`; takes the one probe if it is due.
        """
        await self._stand_in_line(target)
        passed: set[str] = set()
        for key in target.keys:
            pause = (await self._known_pauses(PAUSES_FRESH_SECONDS)).get(key)
            if pause is not None and await self._pass(pause, target):
                passed.add(key)
        return frozenset(passed)

    async def _stand_in_line(self, target: Target) -> None:
        """Wait for this credential's turn. Who would wait too long gives the booking back instead: raises `Held`."""
        pace = self._paces.setdefault(target.throttle, Pace())
        now = self._clock.monotonic()
        wait = pace.wait(now)
        if wait > LINE_SECONDS_MAX:
            raise Held(_busy(target, "429"), wait=timedelta(seconds=wait), pause_key=None)
        pace.take(now)
        if wait:
            await self._clock.sleep(wait)

    async def make(
        self,
        target: Target,
        operation: str,
        call: Callable[[], Awaitable[T]],
        *,
        admitted: frozenset[str] | None = None,
        optional: bool = False,
    ) -> T:
        """Make one call. Raises `CallFailed` with the failure's blanks filled, after noting what it pauses.

        `admitted`: what `admit` returned, if it was asked before. `optional`: a right that is missing for this call alone (customers, the
        booking field, the filter) says nothing about the others.
        """
        for _ in range(TRIES_IN_LINE):
            try:
                return await self._make_once(target, operation, call, admitted=admitted, optional=optional)
            except CallFailed as error:
                pause = _soon(error)
                if pause is None or admitted is not None:
                    raise
            # Answered, not done, and asked to come back in a moment: what this run has read stays good, so it waits and says it again.
            await self._clock.sleep(pause.total_seconds())
        return await self._make_once(target, operation, call, admitted=admitted, optional=optional)

    async def _make_once(
        self,
        target: Target,
        operation: str,
        call: Callable[[], Awaitable[T]],
        *,
        admitted: frozenset[str] | None,
        optional: bool,
    ) -> T:
        passed = await self.admit(target) if admitted is None else admitted
        began = self._clock.monotonic()
        try:
            result = await call()
        except CallFailed as error:
            self._watcher.measure(
                "call_seconds", self._clock.monotonic() - began, operation=operation, outcome=error.call_class.value
            )
            error.failure = _filled(error.failure, target)
            if not (optional and error.call_class in {CallClass.CREDENTIAL_REFUSED, CallClass.SITE_REFUSED}):
                await self._note_refusal(target, error)
            raise
        self._watcher.measure("call_seconds", self._clock.monotonic() - began, operation=operation, outcome="ok")
        if (pace := self._paces.get(target.throttle)) is not None:
            pace.went_well(self._clock.monotonic())
        await self._note_success(passed)
        return result

    async def _known_pauses(self, fresh_seconds: float) -> Mapping[str, Pause]:
        now = self._clock.monotonic()
        if now - self._read_at >= fresh_seconds:
            self._read_at = now
            self._pauses = await self._store.pauses()
        return self._pauses

    async def _pass(self, pause: Pause, target: Target) -> bool:
        """Whether a pause was passed; False if it is there no more."""
        # Before anybody is held, look once more: settings may have been saved, or a person said retry, a moment ago.
        known = (await self._known_pauses(HOLD_FRESH_SECONDS)).get(pause.key)
        if known is None:
            return False
        pause = known
        now = await self._store.now()
        wait = pause.probe_at - now
        throttled = pause.key == target.throttle
        if wait <= timedelta():
            if throttled or await self._store.take_probe(pause.key, next_probe_at=now + self._limits.retry_longest):
                return True
            wait = self._limits.retry_longest
        if throttled and wait.total_seconds() <= LINE_SECONDS_MAX:
            await self._clock.sleep(wait.total_seconds())
            return True
        code = pause.code if pause.code in CATALOGUE else "resivo.busy"
        failure = _filled(Failure(code, {"detail": pause.detail}), target)
        raise Held(failure, wait=wait, pause_key=None if throttled else pause.key)

    async def _note_refusal(self, target: Target, error: CallFailed) -> None:
        match error.call_class:
            case CallClass.CREDENTIAL_REFUSED:
                key, wait = target.credential, self._limits.retry_longest
            case CallClass.SITE_REFUSED:
                key, wait = target.site or target.credential, self._limits.retry_longest
            case CallClass.RETRY_LATER if error.retry_after is not None:
                key, wait = target.throttle, error.retry_after
                pace = self._paces.setdefault(target.throttle, Pace())
                pace.refused(self._clock.monotonic(), retry_after=wait.total_seconds())
            case _:
                return
        now = await self._store.now()
        detail = error.failure.params.get("detail", "")
        began = await self._store.pause(key, code=error.failure.code, detail=detail, probe_at=now + wait)
        self._read_at = float("-inf")
        if key == target.throttle:
            return
        error.pause_key = key
        error.retry_after = wait
        if began:
            self._watcher.warn("pause.began", key=key, code=error.failure.code)

    async def _note_success(self, passed: frozenset[str]) -> None:
        """End the pauses that this call passed. One that began while it was under way is another matter."""
        for key in passed:
            if await self._store.unpause(key):
                self._read_at = float("-inf")
                if not key.startswith("throttle:"):
                    self._watcher.note("pause.ended", key=key)


def _soon(error: CallFailed) -> timedelta | None:
    """The pause after a 429 that is short enough to be waited for with the booking in hand."""
    if isinstance(error, Held) or error.call_class is not CallClass.RETRY_LATER or error.retry_after is None:
        return None
    return error.retry_after if error.retry_after.total_seconds() <= LINE_SECONDS_MAX else None


def _busy(target: Target, detail: str) -> Failure:
    code = "source.unreachable" if "source" in target.names else "resivo.busy"
    return Failure(code, {**target.names, "detail": detail})


def _filled(failure: Failure, target: Target) -> Failure:
    return Failure(failure.code, {**target.names, **failure.params}, failure.next_step)
