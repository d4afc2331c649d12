"""What a probe asks the booking system beyond a plain call."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from drempel.web.integrations.content import checked, source_content
from drempel.wiring.probing import OutsideProber
from tests.simulation.stage import Stage, a_stage
from tests.simulation.world import LIMITS


async def test_objects_that_are_booked_are_told_with_their_ids_and_one_booking_of_each_is_read(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        found = await objects_booked(stage)
    assert set(found) == {"81", "82"}
    assert all(found.values())


async def objects_booked(stage: Stage) -> Mapping[str, str]:
    for object_id in ("81", "81", "82"):
        stage.book(object_id=object_id)
    world = stage.world
    prober = OutsideProber(store=stage.store, transport=world.transport, clock=world.clock, limits=LIMITS)
    setup = await stage.store.setup()
    content = source_content(await stage.store.stored_secrets(), setup.sources["club"])
    wanted, _ = checked(content, is_source=True, present=setup)
    return await prober.objects_booked(wanted.sources[0])
