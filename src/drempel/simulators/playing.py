"""Carries out one call of a simulator: its work, or the fault that the script has for it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final

from drempel.simulators.clock import SimulatorClock
from drempel.simulators.faults import Fault, FaultKind, FaultList
from drempel.transport.in_process import AnswerLost, NotReached

__all__ = ["Answer", "LateWork", "Send", "Work", "answer_json", "play", "send_answer"]

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]

JSON_HEADER: Final[Header] = (b"content-type", b"application/json")
HTML_HEADER: Final[Header] = (b"content-type", b"text/html; charset=utf-8")
PROXY_PAGE: Final = b"<!doctype html><html><head><title>Error</title></head><body><center><h1>Error</h1></center></body></html>"
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


@dataclass(slots=True)
class Answer:
    """What goes back: a status, headers, a body."""

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = ()


Work = Callable[[datetime], Answer]
"""The work of one call at a given time of the simulator's clock. It runs in one piece: nothing else comes between."""


def answer_json(status: int, value: Any, headers: tuple[Header, ...] = ()) -> Answer:
    return Answer(status, _encode(value).encode(), (JSON_HEADER, *headers))


async def send_answer(answer: Answer, send: Send) -> None:
    """Send over ASGI, with the length that keeps a connection alive."""
    headers = list(answer.headers)
    if answer.status != 204:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


class LateWork:
    """Work whose caller has long given up. It is done, in the order of its time, when the state is next looked at."""

    def __init__(self) -> None:
        self._waiting: list[tuple[datetime, int, Work]] = []
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, due: datetime, work: Work) -> None:
        heappush(self._waiting, (due, next(self._numbers), work))

    def clear(self) -> None:
        self._waiting.clear()

    def catch_up(self, now: datetime) -> None:
        """Do what is due. Cheap when nothing waits."""
        while self._waiting and self._waiting[0][0] <= now:
            due, _, work = heappop(self._waiting)
            work(due)


async def play(work: Work, *, fault: Fault | None, faults: FaultList, clock: SimulatorClock, late: LateWork) -> Answer:
    """Do the work and answer, unless the fault says otherwise. Raises `NotReached` or `AnswerLost` when no answer comes."""
    if fault is None:
        return work(clock.now())
    match fault.kind:
        case FaultKind.STATUS if not fault.done:
            return _scripted(fault, clock.now())
        case FaultKind.REFUSE:
            raise NotReached
        case FaultKind.LOST_BEFORE:
            raise AnswerLost
        case FaultKind.LATE:
            late.add(clock.now() + timedelta(seconds=fault.late_seconds), work)
            raise AnswerLost
        case FaultKind.HOLD_BEFORE:
            await faults.hold(fault.id)
            return work(clock.now())
        case FaultKind.SLOW if fault.work == "after":
            await clock.pause(fault.seconds)
            return work(clock.now())
        case _:
            return await _spoil(work(clock.now()), fault, faults=faults, clock=clock)


async def _spoil(answer: Answer, fault: Fault, *, faults: FaultList, clock: SimulatorClock) -> Answer:
    """The work is done; what happens to its answer."""
    match fault.kind:
        case FaultKind.STATUS:
            return _scripted(fault, clock.now())
        case FaultKind.LOST_AFTER:
            raise AnswerLost
        case FaultKind.HOLD_AFTER:
            await faults.hold(fault.id)
        case FaultKind.SLOW:
            await clock.pause(fault.seconds)
        case kind:
            raise AssertionError(kind)
    return answer


def _scripted(fault: Fault, now: datetime) -> Answer:
    headers: tuple[Header, ...] = ()
    if fault.retry_after is not None:
        value = str(fault.retry_after)
        if fault.retry_after_as == "date":
            value = format_datetime(now + timedelta(seconds=fault.retry_after), usegmt=True)
        headers = ((b"retry-after", value.encode()),)
    if fault.body == "json":
        return answer_json(fault.status, {"message": fault.message}, headers)
    if fault.body == "html":
        return Answer(fault.status, PROXY_PAGE, (HTML_HEADER, *headers))
    return Answer(fault.status, b"", headers)
