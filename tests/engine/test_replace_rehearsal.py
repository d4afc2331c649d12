"""What replacing would do, told before: the same as is done then, and nothing is written by the telling."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from drempel.domain.access import SetState
from drempel.domain.mapping import ObjectMapping
from drempel.engine.replace_rehearsal import RehearsedReplacement
from drempel.engine.replacing import mark_differing
from drempel.engine.setup import SetupWrite
from drempel.wiring.planning import StoredReplacements
from tests.engine.planning import Scribe, rows_of, today
from tests.simulation.stage import HOUR, Stage
from tests.simulation.world import BEGIN, LIMITS

EARLIER = timedelta(minutes=45)


async def rehearsed(stage: Stage) -> list[RehearsedReplacement]:
    """Asserts that it left everything as it was."""
    scribe, rows = Scribe(stage.world.transport), rows_of(stage)
    replacements = StoredReplacements(store=stage.store, transport=scribe, clock=stage.world.clock, limits=LIMITS)
    heard: list[tuple[int, int | None]] = []
    found = await replacements.rehearse("doors", progress=lambda done, total: heard.append((done, total)))
    assert scribe.wrote == []
    assert rows_of(stage) == rows
    assert heard == [(done, len(found)) for done in range(len(found) + 1)]
    return found


async def edit(stage: Stage, **changes: Any) -> None:
    await stage.store.write_setup(SetupWrite(integrations=(await today(stage, **changes),)))
    await stage.work()


async def test_where_everything_fits_there_is_nothing_to_tell(stage: Stage) -> None:
    stage.book()
    await stage.work()
    assert await rehearsed(stage) == []


async def test_what_is_told_is_what_is_done_with_a_message_for_each_recipient(stage: Stage) -> None:
    booking = stage.book(start=BEGIN + 3 * HOUR)
    await stage.work()
    (old,) = (await stage.view(booking)).sets
    before = len(stage.resivo.messages_to("ada@example.com"))
    await edit(stage, time_before=EARLIER)
    (told,) = await rehearsed(stage)
    (access,) = told.accesses
    assert (told.record.booking_id, told.failure, told.reason) == (booking, None, "")
    assert (access.old_window, access.old_doors) == (old.intent.window, old.intent.component_names)
    assert access.new_window is not None
    assert access.new_window.valid_from == BEGIN + 3 * HOUR - EARLIER
    assert (access.new_doors, access.revoked, access.emails, access.sms) == (access.old_doors, True, 1, 1)
    one = (await stage.store.setup()).integrations["doors"]
    await stage.store.amend("club", booking, lambda record, sets, now: mark_differing(record, sets, one, now=now))
    await stage.work()
    (made,) = [each for each in (await stage.view(booking)).sets if each.state is SetState.LIVE]
    assert (made.intent.window, made.intent.component_names) == (access.new_window, access.new_doors)
    assert len(stage.resivo.messages_to("ada@example.com")) == before + 1


async def test_a_renamed_door_whose_new_name_is_taken_over_is_nothing_to_replace(stage: Stage) -> None:
    booking = stage.book(start=BEGIN + 3 * HOUR)
    await stage.work()
    (before,) = (await stage.view(booking)).sets
    stage.resivo.rename_component(stage.world.component_ids["Hall 1"], "Zaal 1")
    one = (await stage.store.setup()).integrations["doors"]
    await edit(stage, mappings=tuple(renamed(each, "Hall 1", "Zaal 1") for each in one.mappings))
    assert await rehearsed(stage) == []
    (after,) = (await stage.view(booking)).sets
    assert (after.authorization_id, after.state) == (before.authorization_id, SetState.LIVE)


def renamed(mapping: ObjectMapping, old: str, new: str) -> ObjectMapping:
    return replace(mapping, component_names=tuple(new if name == old else name for name in mapping.component_names))


async def test_what_is_in_the_way_is_told(stage: Stage) -> None:
    stage.book(start=BEGIN + 3 * HOUR)
    await stage.work()
    one = (await stage.store.setup()).integrations["doors"]
    elsewhere = replace(one.mappings[0], component_names=("No such door",))
    await edit(stage, mappings=(elsewhere, *one.mappings[1:]))
    (told,) = await rehearsed(stage)
    assert told.failure is not None
    assert told.failure.code == "component.missing"
    assert not told.changes_something


async def test_a_paused_integration_would_do_nothing_and_says_so(stage: Stage) -> None:
    stage.book(start=BEGIN + 3 * HOUR)
    await stage.work()
    await edit(stage, time_before=EARLIER)
    await stage.store.set_paused("doors", paused=True)
    (told,) = await rehearsed(stage)
    assert not told.changes_something
    assert told.reason == "integration.paused"
