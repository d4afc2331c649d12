"""The script of faults, and what each fault does to one call."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drempel.simulators.clock import SimulatorClock
from drempel.simulators.faults import FaultList
from drempel.simulators.playing import Answer, LateWork, play
from drempel.transport.in_process import AnswerLost, NotReached

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


class Stage:
    """One kind of call, whose work is counted."""

    def __init__(self) -> None:
        self.faults = FaultList(["create", "read"])
        self.clock = SimulatorClock(frozen_at=NOON)
        self.late = LateWork()
        self.done: list[datetime] = []

    def work(self, now: datetime) -> Answer:
        self.done.append(now)
        return Answer(201, b"made")

    async def call(self, operation: str = "create") -> Answer:
        fault = self.faults.take(operation)
        return await play(self.work, fault=fault, faults=self.faults, clock=self.clock, late=self.late)


async def test_without_a_fault_the_work_is_done() -> None:
    stage = Stage()
    assert (await stage.call()).status == 201
    assert stage.done == [NOON]


def test_faults_are_consumed_in_their_order() -> None:
    faults = FaultList(["create", "read"])
    first = faults.add(operation="create", kind="lost_after", times=2)
    second = faults.add(operation="*", kind="refuse", after=1)
    taken = [faults.take(operation) for operation in ("create", "read", "create", "read", "create")]
    assert [fault.id if fault else None for fault in taken] == [first, None, first, second, None]
    assert len(faults) == 0


def test_a_fault_without_end_stays() -> None:
    faults = FaultList(["create"])
    faults.add(operation="create", kind="lost_before", times=None)
    assert all(faults.take("create") for _ in range(100))
    faults.clear()
    assert faults.take("create") is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"operation": "fly", "kind": "refuse"},
        {"operation": "create", "kind": "explode"},
        {"operation": "create", "kind": "refuse", "status": 500},
        {"operation": "create", "kind": "status", "late_seconds": 5},
        {"operation": "create", "kind": "status", "status": 99},
        {"operation": "create", "kind": "status", "body": "xml"},
        {"operation": "create", "kind": "late", "late_seconds": -1},
        {"operation": "create", "kind": "refuse", "times": 0},
        {"operation": "create", "kind": "refuse", "colour": "red"},
    ],
)
def test_a_fault_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        FaultList(["create"]).add(**wrong)


@pytest.mark.parametrize(
    ("kind", "error", "works"), [("refuse", NotReached, 0), ("lost_before", AnswerLost, 0), ("lost_after", AnswerLost, 1)]
)
async def test_a_lost_answer_says_nothing_about_the_work(kind: str, error: type[Exception], works: int) -> None:
    stage = Stage()
    stage.faults.add(operation="create", kind=kind)
    with pytest.raises(error):
        await stage.call()
    assert len(stage.done) == works


@pytest.mark.parametrize(
    ("options", "headers", "body"),
    [
        ({"status": 500}, {b"content-type": b"application/json"}, b'{"message":"Scripted fault"}'),
        ({"status": 503, "body": "empty", "retry_after": 7}, {b"retry-after": b"7"}, b""),
        (
            {"status": 429, "body": "empty", "retry_after": 60, "retry_after_as": "date"},
            {b"retry-after": b"Sat, 14 Mar 2026 12:01:00 GMT"},
            b"",
        ),
    ],
)
async def test_a_status_is_answered_without_work(options: dict[str, Any], headers: dict[bytes, bytes], body: bytes) -> None:
    stage = Stage()
    stage.faults.add(operation="create", kind="status", **options)
    answer = await stage.call()
    assert (answer.status, dict(answer.headers), answer.body) == (options["status"], headers, body)
    assert stage.done == []


async def test_a_proxy_may_answer_an_error_after_the_work_was_done() -> None:
    stage = Stage()
    stage.faults.add(operation="create", kind="status", status=503, body="html", done=True)
    answer = await stage.call()
    assert answer.status == 503
    assert answer.body.startswith(b"<!doctype html>")
    assert stage.done == [NOON]


async def test_late_work_is_done_in_the_order_of_its_time() -> None:
    stage = Stage()
    for seconds in (90, 30):
        stage.faults.add(operation="create", kind="late", late_seconds=seconds)
        with pytest.raises(AnswerLost):
            await stage.call()
    stage.late.catch_up(NOON + timedelta(seconds=29))
    assert stage.done == []
    stage.late.catch_up(NOON + timedelta(hours=1))
    assert stage.done == [NOON + timedelta(seconds=30), NOON + timedelta(seconds=90)]
    assert len(stage.late) == 0


@pytest.mark.parametrize(("kind", "works_while_held"), [("hold_before", 0), ("hold_after", 1)])
async def test_a_held_call_waits_for_its_release(kind: str, works_while_held: int) -> None:
    stage = Stage()
    held = stage.faults.add(operation="create", kind=kind)
    call = asyncio.create_task(stage.call())
    await stage.faults.wait_until_held(held)
    assert stage.faults.held() == [held]
    assert len(stage.done) == works_while_held
    stage.faults.release(held)
    assert (await call).status == 201
    assert stage.faults.held() == []
    assert len(stage.done) == 1


async def test_forgetting_the_script_releases_what_it_holds() -> None:
    stage = Stage()
    held = stage.faults.add(operation="create", kind="hold_before")
    call = asyncio.create_task(stage.call())
    await stage.faults.wait_until_held(held)
    stage.faults.clear()
    assert (await call).status == 201


def test_what_never_was_cannot_be_released() -> None:
    with pytest.raises(KeyError):
        FaultList(["create"]).release("fault-1")


@pytest.mark.parametrize("work", ["before", "after"])
async def test_a_slow_answer_takes_its_time(work: str) -> None:
    stage = Stage()
    stage.faults.add(operation="create", kind="slow", seconds=0, work=work)
    assert (await stage.call()).status == 201
    assert len(stage.done) == 1


def test_the_script_can_be_shown() -> None:
    faults = FaultList(["create"])
    faults.add(operation="create", kind="late", late_seconds=5)
    assert faults.as_json() == [
        {"id": "fault-1", "operation": "create", "kind": "late", "times": 1, "after": 0, "late_seconds": 5.0}
    ]
