"""A call that is held back before it is sent, or gets no answer, and the words for it."""

from __future__ import annotations

from datetime import timedelta

from drempel.domain.failures import Failure
from drempel.engine.ports import CallClass, CallFailed
from drempel.engine.targets import Target
from drempel.engine.waiting_line import LINE_SECONDS_MAX

__all__ = ["Held", "busy", "filled", "is_silence", "is_soon"]


class Held(CallFailed):
    """Not sent: a pause holds this call back until `retry_after` has passed."""

    def __init__(self, failure: Failure, *, wait: timedelta, pause_key: str | None) -> None:
        super().__init__(CallClass.NOT_SENT, failure, retry_after=wait)
        # A line moves on by itself: nobody waits to be told, so it has no key.
        self.pause_key = pause_key


def is_soon(error: CallFailed) -> bool:
    """Whether it was answered with a pause that is short enough to be waited for with the booking in hand."""
    if isinstance(error, Held) or error.call_class is not CallClass.RETRY_LATER or error.retry_after is None:
        return False
    return error.retry_after.total_seconds() <= LINE_SECONDS_MAX


def busy(target: Target, detail: str) -> Failure:
    code = "source.unreachable" if "source" in target.names else "resivo.busy"
    return Failure(code, {**target.names, "detail": detail})


def filled(failure: Failure, target: Target) -> Failure:
    return Failure(failure.code, {**target.names, **failure.params}, failure.next_step)


def is_silence(error: CallFailed) -> bool:
    """Whether nothing usable came back at all. Who asks us to wait, or refuses, is there."""
    if error.call_class is CallClass.RETRY_LATER:
        return error.retry_after is None
    return error.call_class in {CallClass.NOT_SENT, CallClass.OUTCOME_UNKNOWN}
