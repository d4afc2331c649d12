"""The way to every outside call: pauses before it, what its failure pauses after it.

401 after one fresh token pauses the credential, 403 pauses only that site, 401 of a booking system pauses that source, 429 holds back everybody
who uses the same credential. A pause ends at saved settings, or by one probe per longest retry pause (design section 2, row *Credential*).
Who gives no answer at all is not held back; since when is kept among the pauses, for people (`engine.outages`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from typing import Final, TypeVar

from drempel.domain.failures import CATALOGUE, Failure
from drempel.engine.held import Held, busy, filled, is_silence, is_soon
from drempel.engine.known_of_calls import KnownOfCalls
from drempel.engine.limits import RETRY_AFTER_KEPT, Limits
from drempel.engine.pace import WINDOW
from drempel.engine.ports import CallClass, CallFailed, Clock, Pause, Store, Watcher
from drempel.engine.targets import Target, credential_target, site_target, source_target
from drempel.engine.waiting_line import LINE_SECONDS_MAX, Rank, TooLong, Urgency, WaitingLine

__all__ = ["Calls", "Target", "credential_target", "site_target", "source_target"]

T = TypeVar("T")
PAUSES_FRESH_SECONDS: Final = 1.0
HOLD_FRESH_SECONDS: Final = 0.05
PATIENCE_SECONDS_MIN: Final = 2.0
"""So long a call waits for its turn however long the calls of its booking before it have waited for theirs."""
TRIES_IN_LINE: Final = 3
SILENCE_NOTED_SECONDS: Final = 300.0


class Calls:
    """Makes outside calls, one instance for each process; pauses and paces are shared through the store."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        limits: Limits,
        watcher: Watcher,
        known: KnownOfCalls | None = None,
        urgency: Callable[[], Urgency] | None = None,
        patience_seconds: float = LINE_SECONDS_MAX,
    ) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits
        self._watcher = watcher
        self._known = known or KnownOfCalls()
        self.urgency = urgency or (lambda: Urgency(Rank.BACKGROUND, clock.now()))
        self._patience_seconds = patience_seconds
        self._stood_seconds = 0.0

    def ordered_by(self, urgency: Callable[[], Urgency], *, patience_seconds: float = LINE_SECONDS_MAX) -> Calls:
        """The calls of one booking: in line they stand by its urgency, and all of them together wait no longer than it stays fresh.

        With a patience of 0 none of them waits at all: each that would have to raises `Held`.
        """
        return Calls(
            store=self._store,
            clock=self._clock,
            limits=self._limits,
            watcher=self._watcher,
            known=self._known,
            urgency=urgency,
            patience_seconds=patience_seconds,
        )

    def check_patience(self, target: Target) -> None:
        """Raises `Held` if this call would have to wait and must not."""
        if not self._patience_seconds and self._line_before(target) is not None:
            raise Held(busy(target, "429"), wait=timedelta(), pause_key=None)

    @property
    def under_way(self) -> int:
        """How many calls of this process are out and not answered yet."""
        return self._known.under_way

    def room(self, targets: Iterable[Target]) -> int | None:
        """How many bookings that call these may be in hand; None if one of them is not held back, as far as is known here."""
        lines = [self._line_before(target) for target in targets]
        return None if None in lines else max((line.room for line in lines if line is not None), default=None)

    async def look_again(self) -> None:
        """Ask the store what is held back, if that was not done within the last second."""
        await self._known_pauses(PAUSES_FRESH_SECONDS)

    async def admit(self, target: Target) -> frozenset[str]:
        """Return if a call may be made now: the keys of the pauses that it passed, which it ends if it goes well.

        Raises `Held`; takes the one probe if it is due.
        """
        await self._stand_in_line(target)
        passed: set[str] = set()
        for key in target.keys[1:]:
            pause = (await self._known_pauses(PAUSES_FRESH_SECONDS)).get(key)
            if pause is not None and await self._pass(pause, target):
                passed.add(key)
        return frozenset(passed)

    async def _stand_in_line(self, target: Target) -> None:
        """Wait for this credential's turn. Who would wait too long gives the booking back instead: raises `Held`."""
        await self._known_pauses(PAUSES_FRESH_SECONDS)
        line = self._line_before(target)
        if line is None:
            return
        self.check_patience(target)
        began = self._clock.monotonic()
        try:
            await line.stand(self.urgency, patience=max(self._patience_seconds - self._stood_seconds, PATIENCE_SECONDS_MIN))
        except TooLong as late:
            raise Held(busy(target, "429"), wait=timedelta(seconds=late.wait_seconds), pause_key=None) from late
        finally:
            self._stood_seconds += self._clock.monotonic() - began
        if line.is_open:
            self._known.read_at = float("-inf")

    def _line_before(self, target: Target) -> WaitingLine | None:
        """The line that this call stands in, if it is held back as far as is known here."""
        throttle = (self._known.pauses or {}).get(target.throttle)
        if throttle is not None and throttle.apart is not None:
            line = self._line(target)
            line.note_apart(throttle.apart)
            return line
        # Refused a moment ago, and what was read of the store is older than that.
        known = self._known.lines.get(target.throttle)
        return known if known is not None and not known.is_open else None

    def _line(self, target: Target) -> WaitingLine:
        line = self._known.lines.get(target.throttle)
        if line is None:
            line = self._known.lines[target.throttle] = WaitingLine(target.throttle, store=self._store, clock=self._clock)
        return line

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
                # Asked to come back in a moment: what this run has read stays good, so it stands in line once more.
                if admitted is not None or not is_soon(error):
                    raise
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
            result = await self._counted(call)
        except CallFailed as error:
            self._watcher.measure(
                "call_seconds", self._clock.monotonic() - began, operation=operation, outcome=error.call_class.value
            )
            error.failure = filled(error.failure, target)
            if is_silence(error):
                await self._note_silence(target, error)
            else:
                await self._note_answer(target)
            if not (optional and error.call_class in {CallClass.CREDENTIAL_REFUSED, CallClass.SITE_REFUSED}):
                await self._note_refusal(target, error)
            raise
        self._watcher.measure("call_seconds", self._clock.monotonic() - began, operation=operation, outcome="ok")
        self._known.went_well[target.throttle].append(self._clock.monotonic())
        if (line := self._known.lines.get(target.throttle)) is not None:
            line.went_well()
        await self._note_success(passed)
        await self._note_answer(target)
        return result

    async def _counted(self, call: Callable[[], Awaitable[T]]) -> T:
        self._known.under_way += 1
        try:
            return await call()
        finally:
            self._known.under_way -= 1

    async def _known_pauses(self, fresh_seconds: float) -> Mapping[str, Pause]:
        known, now = self._known, self._clock.monotonic()
        if known.pauses is None or now - known.read_at >= fresh_seconds:
            # Meanwhile the others go by what is known; where nothing is, each asks for itself.
            known.read_at = now
            known.pauses = await self._store.pauses()
        return known.pauses

    async def _pass(self, pause: Pause, target: Target) -> bool:
        """Whether a pause was passed; False if it is there no more."""
        # Before anybody is held, look once more: settings may have been saved, or a person said retry, a moment ago.
        known = (await self._known_pauses(HOLD_FRESH_SECONDS)).get(pause.key)
        if known is None:
            return False
        pause = known
        now = await self._store.now()
        wait, longest = pause.probe_at - now, self._limits.retry_longest
        # Further away than a probe ever is put off: a clock that has been set back wrote it.
        if wait <= timedelta() or pause.since > now or wait > longest:
            if await self._store.take_probe(pause.key, next_probe_at=now + longest):
                return True
            wait = longest
        code = pause.code if pause.code in CATALOGUE else "resivo.busy"
        raise Held(filled(Failure(code, {"detail": pause.detail}), target), wait=wait, pause_key=pause.key)

    async def _note_refusal(self, target: Target, error: CallFailed) -> None:
        if error.retry_after is not None:
            # A longer one is probed, as every other pause is: a revoke must not wait for a day because of one answer, which may be a mistake.
            error.retry_after = min(error.retry_after, max(RETRY_AFTER_KEPT, self._limits.retry_longest))
        match error.call_class:
            case CallClass.CREDENTIAL_REFUSED:
                key, wait = target.credential, self._limits.retry_longest
            case CallClass.SITE_REFUSED:
                key, wait = target.site or target.credential, self._limits.retry_longest
            case CallClass.RETRY_LATER if error.retry_after is not None:
                await self._slow_down(target, error.failure, error.retry_after)
                return
            case _:
                return
        now = await self._store.now()
        detail = error.failure.params.get("detail", "")
        began = await self._store.pause(key, code=error.failure.code, detail=detail, probe_at=now + wait)
        self._known.read_at = float("-inf")
        error.pause_key = key
        error.retry_after = wait
        if began:
            self._watcher.warn("pause.began", key=key, code=error.failure.code)

    async def _slow_down(self, target: Target, failure: Failure, retry_after: timedelta) -> None:
        """Everybody who uses this credential goes slower from now on. Many refusals of one moment are told once."""
        if not self._line(target).refused(retry_after):
            return
        since = self._clock.monotonic() - WINDOW.total_seconds()
        await self._store.slow_down(
            target.throttle,
            code=failure.code,
            detail=failure.params.get("detail", ""),
            retry_after=retry_after,
            well_lately=sum(1 for at in self._known.went_well[target.throttle] if at >= since),
        )
        self._known.read_at = float("-inf")

    async def _note_success(self, passed: frozenset[str]) -> None:
        """End the pauses that this call passed. One that began while it was under way is another matter."""
        for key in passed:
            if await self._store.unpause(key):
                self._known.read_at = float("-inf")
                self._watcher.note("pause.ended", key=key)

    async def _note_silence(self, target: Target, error: CallFailed) -> None:
        """Kept once a call time-out has passed without any answer: one that is lost is nothing to tell a person."""
        monotonic = self._clock.monotonic()
        silent = timedelta(seconds=monotonic - self._known.silent_since.setdefault(target.silence, monotonic))
        noted = self._known.silence_noted.get(target.silence, float("-inf"))
        if silent < self._limits.call_timeout or monotonic - noted < SILENCE_NOTED_SECONDS:
            return
        self._known.silence_noted[target.silence] = monotonic
        # Told to people; nothing rests on it, least of all what became of this call.
        with contextlib.suppress(Exception):
            now = await self._store.now()
            detail = error.failure.params.get("detail", "")
            began = await self._store.pause(
                target.silence, code=error.failure.code, detail=detail, probe_at=now, since=now - silent
            )
            self._known.read_at = float("-inf")
            if began:
                self._watcher.warn("silence.began", key=target.silence, code=error.failure.code)

    async def _note_answer(self, target: Target) -> None:
        """Whatever it said: the other side is there."""
        self._known.silent_since.pop(target.silence, None)
        if target.silence in (self._known.pauses or {}):
            # The first of many calls says so.
            self._known.pauses = {key: pause for key, pause in (self._known.pauses or {}).items() if key != target.silence}
            with contextlib.suppress(Exception):
                if await self._store.unpause(target.silence):
                    self._watcher.note("silence.ended", key=target.silence)
