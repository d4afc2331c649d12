"""A run is played with visitors and secrets that are like no others; then everything that it wrote is searched for them."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest

from drempel.domain.events import Event
from drempel.engine.levers import Levers
from drempel.engine.trail import COMMAND_LINE
from tests.cli.saying import logging_as_it_was
from tests.databases import Place
from tests.privacy.played import EMAILS, HALL, KEY, Played, a_run, play
from tests.privacy.searching import found_in
from tests.simulation.world import LIMITS


@pytest.fixture(autouse=True)
def _logging() -> Any:
    with logging_as_it_was():
        yield


async def was_played(run: Played, made: list[str]) -> None:
    """The run was one: a test that searches a run in which nothing happened proves nothing."""
    views = [await run.store.booking("club", booking) for booking in made]
    seen = {event.type for view in views for event in view.history}
    assert {"access.created", "access.found", "access.revoked", "access.not_done", "access.outcome_unknown", "failure"} <= seen
    assert any(event.data.get("code") == "access.refused" for view in views for event in view.history)
    assert "access.created" in run.log.getvalue()


@pytest.mark.parametrize(("log_format", "log_level"), [("json", "info"), ("console", "debug")])
async def test_no_visitor_and_no_secret_stands_in_anything_that_a_run_writes_or_shows(
    place: Place, log_format: str, log_level: str
) -> None:
    async with a_run(place, log_format=log_format, log_level=log_level) as run:
        made = await play(run)
        await was_played(run, made)
        secrets = await run.secrets()
        assert len(secrets) > 20
        assert found_in(await run.places(), secrets) == []
        await erase_all(run, made)
        assert found_in(await run.places(), secrets) == []


async def erase_all(run: Played, made: list[str]) -> None:
    erased = await run.ask("POST", f"/api/v1/bookings/club/{made[0]}/erase", key=KEY)
    assert erased.status == 202
    for booking in made[1:]:
        await Levers(run.store).by(COMMAND_LINE).erase("club", booking)
    run.stage.world.resivo.faults.clear()
    await run.stage.pass_time(12 * 3600)
    for _ in range(3):
        run.stage.world.advance(LIMITS.sweep)
        await run.stage.sweep()
    for booking in made:
        assert (await run.store.booking("club", booking)).record.erased_at is not None


async def test_of_what_was_erased_no_hash_no_place_and_no_history_is_left_in_any_cell_or_byte(place: Place) -> None:
    async with a_run(place) as run:
        made = await play(run)
        views = [await run.store.booking("club", booking) for booking in made]
        traces = {"the object": HALL}
        for view in views:
            traces[f"the reading of {view.record.booking_id}"] = view.record.facts_seen
            for one in view.sets:
                of = f"set {one.number} of {view.record.booking_id}"
                traces |= {f"recipients of {of}": one.intent.recipients, f"e-mail of {of}": one.facts.email or ""}
                traces |= {f"mobile of {of}": one.facts.mobile or ""}
        polled = await run.store.poll_rows("club")
        traces |= {f"polled row of {booking}": polled[booking] for booking in made if polled.get(booking)}
        traces = {name: trace for name, trace in traces.items() if trace}
        before = found_in({**await run.tables(), **run.files()}, traces)
        assert {line.partition(" stands")[0] for line in before} == set(traces), "all of it was there"
        await erase_all(run, made)
        assert found_in({**await run.tables(), **run.files()}, traces) == []


# ------------------------------------------------------------------------------------------------------- the search can fail


class LeakingWatcher:
    """Tells of each fact whom it is about."""

    def __init__(self, inner: Any, written: str) -> None:
        self._inner = inner
        self._written = written

    def note(self, event: str, /, **data: Any) -> None:
        self._inner.note(event, seen=self._written, **data)

    warn = note

    def measure(self, name: str, value: float, /, **labels: str) -> None:
        self._inner.measure(name, value, **labels)


class LeakingStore:
    """Writes into each history whom it is about."""

    def __init__(self, inner: Any, written: str) -> None:
        self._inner = inner
        self._written = written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def complete(self, lease: Any, record: Any, change: Any) -> None:
        change.events.append(Event(at=lease.now, type="visitor.no_sms", data={"reason": self._written}))
        await self._inner.complete(lease, record, change)


WAYS = {
    "URL-encoded": quote(EMAILS[1], safe=""),
    "JSON-escaped": json.dumps(EMAILS[0])[1:-1].partition("@")[0],
    "base64": base64.b64encode(f"visitor={EMAILS[1]};".encode()).decode(),
    "casefolded": EMAILS[1].partition("@")[0].casefold(),
    "half": EMAILS[1].partition("@")[0],
}


@pytest.mark.parametrize("written", WAYS.values(), ids=WAYS)
async def test_an_address_that_is_logged_or_kept_in_any_form_is_found(sqlite_place: Place, written: str) -> None:
    async with a_run(
        sqlite_place, watcher_of=lambda w: LeakingWatcher(w, written), store_of=lambda s: LeakingStore(s, written)
    ) as run:
        run.stage.book()
        await run.stage.work()
        found = found_in(await run.places(), await run.secrets())
    assert any(line.endswith("stands in the log") for line in found)
    assert any(line.endswith("stands in table events") for line in found)
    assert any("stands in file " in line for line in found)
    assert any("stands in why " in line for line in found)
    assert any("stands in GET /api/v1/bookings/club/" in line for line in found)
