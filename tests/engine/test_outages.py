"""Who does not answer, told once and by the names of the set-up; and when it is told."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest

from drempel.adapters.store import SqlStore
from drempel.domain.failures import Failure
from drempel.engine.calls import Calls, site_target, source_target
from drempel.engine.held_back import Place, held_back
from drempel.engine.limits import Limits
from drempel.engine.outages import outages
from drempel.engine.ports import CallClass, CallFailed
from tests.clock import ManualClock
from tests.engine.stand_in import NOW
from tests.engine.test_held_back import SETUP, a_pause

CLUB = source_target("club")
LIMITS = Limits()


def test_each_other_side_is_told_once_and_the_oldest_first() -> None:
    pauses = [
        a_pause("silence:credential:7", "resivo.unreachable", 9),
        a_pause("silence:source:club", "source.unreachable", 5),
        a_pause("silence:credential:7", "resivo.unreachable", 3),
    ]
    found = outages(pauses, SETUP, now=NOW)
    assert [(one.place, one.name) for one in found] == [(Place.CREDENTIAL, "doors"), (Place.SOURCE, "club")]
    assert found[1].failure.message == "The booking system club did not answer (401)."
    assert held_back(pauses, SETUP) == []


@pytest.mark.parametrize("key", ["source:club", "credential:7", "throttle:credential:7", "silence", "silence:elsewhere:1"])
def test_what_holds_back_is_no_outage(key: str) -> None:
    assert outages([a_pause(key, "source.unreachable")], SETUP, now=NOW) == []


def test_a_failure_of_another_version_is_left_out() -> None:
    assert outages([a_pause("silence:source:club", "of.another.version")], SETUP, now=NOW) == []


# ------------------------------------------------------------------------------------------------------------------- when it is told


class Told:
    """What the log says."""

    def __init__(self) -> None:
        self.facts: list[str] = []

    def note(self, event: str, /, **data: str | float) -> None:
        self.facts.append(f"{event} {data['key']}")

    warn = note

    def measure(self, name: str, value: float, /, **labels: str) -> None: ...


class Line:
    """Calls to the booking system that fail or not, as told."""

    def __init__(self, store: SqlStore, clock: ManualClock) -> None:
        self.store, self.clock, self.told = store, clock, Told()
        self.calls = Calls(store=store, clock=clock, limits=LIMITS, watcher=self.told)

    async def call(self, error: CallFailed | None = None) -> None:
        async def answer() -> None:
            if error is not None:
                raise error

        with contextlib.suppress(CallFailed):
            await self.calls.make(CLUB, "read_booking", answer)
        self.clock.advance(timedelta(seconds=1))  # what is known of pauses is asked for anew each second

    async def silence(self) -> None:
        await self.call(failed(CallClass.NOT_SENT))

    async def is_told(self) -> bool:
        return CLUB.silence in await self.store.pauses()


def failed(call_class: CallClass, *, wait: timedelta | None = None) -> CallFailed:
    code = "source.refused" if call_class is CallClass.CREDENTIAL_REFUSED else "source.unreachable"
    return CallFailed(call_class, Failure(code, {"detail": "refused"}), retry_after=wait)


@pytest.fixture
def line(store: SqlStore, clock: ManualClock) -> Line:
    return Line(store, clock)


async def test_silence_is_told_after_a_call_time_out_with_its_beginning_and_ends_with_the_first_answer(line: Line) -> None:
    began = line.clock.now()
    await line.silence()
    assert not await line.is_told()
    line.clock.advance(LIMITS.call_timeout)
    await line.silence()
    pause = (await line.store.pauses())[CLUB.silence]
    assert (pause.since, pause.code, pause.detail) == (began, "source.unreachable", "refused")
    for _ in range(3):
        await line.silence()
    assert line.told.facts == [f"silence.began {CLUB.silence}"]
    await line.call()
    assert not await line.is_told()
    assert line.told.facts[1:] == [f"silence.ended {CLUB.silence}"]


async def test_one_answer_between_makes_it_two_lost_calls_and_no_outage(line: Line) -> None:
    await line.silence()
    line.clock.advance(LIMITS.call_timeout)
    await line.call()
    await line.silence()
    assert not await line.is_told()


@pytest.mark.parametrize(
    ("call_class", "wait"),
    [
        (CallClass.CREDENTIAL_REFUSED, None),
        (CallClass.NOT_FOUND, None),
        (CallClass.UNREADABLE, None),
        (CallClass.RETRY_LATER, LIMITS.retry_longest),
    ],
)
async def test_who_refuses_or_asks_us_to_wait_is_there(line: Line, call_class: CallClass, wait: timedelta | None) -> None:
    await line.silence()
    line.clock.advance(LIMITS.call_timeout)
    await line.call(failed(call_class, wait=wait))
    assert not await line.is_told()


async def test_another_process_that_hears_an_answer_ends_it_for_all(line: Line, store: SqlStore, clock: ManualClock) -> None:
    await line.silence()
    clock.advance(LIMITS.call_timeout)
    await line.silence()
    await Line(store, clock).call()
    assert not await line.is_told()


async def test_the_sites_of_one_credential_are_one_other_side() -> None:
    assert site_target(7, "north", integration="doors").silence == site_target(7, "south", integration="doors").silence
