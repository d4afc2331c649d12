"""What happened lately: events of bookings and edits in one list, paged without losing or repeating anything."""

from __future__ import annotations

from dataclasses import replace

from drempel.adapters.store import SqlStore
from drempel.domain.events import Event
from drempel.engine.insight import Activity, ActivityCursor, ActivityKind, ActivityLine
from drempel.engine.ports import Change
from drempel.engine.trail import TrailEntry, person_actor
from tests.clock import ManualClock
from tests.contract.store_kit import HOUR, SETUP, integration, source

ANNA = person_actor("Anna")
DOORS = Activity("club", "doors")


async def happen(store: SqlStore, clock: ManualClock, *types: str, booking: str = "1", of: str = "club") -> None:
    """Events of one booking, an hour apart."""
    await store.hint(of, booking)
    for name in types:
        clock.advance(HOUR)

        def change(*_: object, name: str = name) -> Change:
            return Change(events=[Event(at=clock.now(), type=name)])

        await store.amend(of, booking, change)


def told(lines: list[ActivityLine]) -> list[str]:
    return [line.type or (line.edit.type if line.edit is not None else "") for line in lines]


async def edit(store: SqlStore, clock: ManualClock, type_: str, about: str, **more: str) -> None:
    clock.advance(HOUR)
    await store.trail.add(TrailEntry(actor=ANNA, type=type_, about=about, **more))


async def test_events_and_edits_stand_in_one_list_by_their_time(store: SqlStore, clock: ManualClock) -> None:
    await store.write_setup(replace(SETUP, sources=(*SETUP.sources, source("other"))))
    await happen(store, clock, "booking.read", "access.created")
    await edit(store, clock, "integration.pause", "doors")
    await happen(store, clock, "failure", booking="2")
    await happen(store, clock, "access.revoked", of="other")
    await edit(store, clock, "setup.change", "changed integration doors: now active")
    await edit(store, clock, "setup.change", "changed integration doors2: now active")
    await edit(store, clock, "setup.change", "changed source club: poll seconds 300 -> 60")
    await edit(store, clock, "setup.tick", "doors: messages")
    lines, older = await store.insight.activity(DOORS, limit=50, before=None)
    assert told(lines) == ["setup.tick", "setup.change", "failure", "integration.pause", "access.created"]
    assert older is None
    assert [line.booking_id for line in lines] == ["", "", "2", "", "1"]
    of_source, _ = await store.insight.activity(Activity("club"), limit=50, before=None)
    assert told(of_source) == ["setup.change", "failure", "access.created"]


async def test_each_kind_shows_what_it_says(store: SqlStore, clock: ManualClock) -> None:
    await store.write_setup(SETUP)
    await happen(store, clock, "access.created", "failure", "person.retry", "access.outcome_unknown", "access.revoked")
    await edit(store, clock, "integration.resume", "doors")

    async def of(kind: ActivityKind) -> list[str]:
        return told((await store.insight.activity(DOORS, limit=50, before=None, kind=kind))[0])

    assert await of(ActivityKind.ACCESS) == ["access.revoked", "access.created"]
    assert await of(ActivityKind.FAILURES) == ["access.outcome_unknown", "failure"]
    assert await of(ActivityKind.ORDERS) == ["integration.resume", "person.retry"]


async def test_pages_leave_nothing_out_and_repeat_nothing(store: SqlStore, clock: ManualClock) -> None:
    await store.write_setup(SETUP)
    for number in range(7):
        await happen(store, clock, *["access.created"] * (number % 3), booking=str(number))
        if number % 2:
            await edit(store, clock, "setup.tick", f"doors: {number}")
    every, _ = await store.insight.activity(DOORS, limit=100, before=None)
    before: ActivityCursor | None = None
    seen: list[ActivityLine] = []
    for _ in range(20):
        page, before = await store.insight.activity(DOORS, limit=2, before=before)
        seen += page
        if before is None:
            break
    assert seen == every
    assert len(every) == 9


async def test_a_name_with_a_sign_of_patterns_is_that_name_alone(store: SqlStore, clock: ManualClock) -> None:
    await store.write_setup(replace(SETUP, integrations=(*SETUP.integrations, integration("d_ors", source="club"))))
    await edit(store, clock, "setup.tick", "doors: messages")
    lines, _ = await store.insight.activity(Activity("club", "d_ors"), limit=10, before=None)
    assert lines == []


async def test_the_last_hints_stand_with_the_state_of_their_bookings(store: SqlStore, clock: ManualClock) -> None:
    await store.write_setup(SETUP)
    for booking in ("1", "2", "1"):
        clock.advance(HOUR)
        await store.hint("club", booking)
    await store.wake("club", ["3"])
    hints = await store.insight.hints("club", limit=10)
    assert [(hint.booking_id, hint.at) for hint in hints] == [("1", clock.now()), ("2", clock.now() - HOUR)]
    assert [hint.state.value for hint in hints] == ["none", "none"]
    assert len(await store.insight.hints("club", limit=1)) == 1
