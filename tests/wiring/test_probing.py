"""What a probe asks the booking system beyond a plain call."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from drempel.web.integrations.content import checked, integration_content, source_content
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


async def test_a_profile_without_a_list_asks_nothing_where_no_site_is_named_and_says_so(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        world = stage.world
        prober = OutsideProber(store=stage.store, transport=world.transport, clock=world.clock, limits=LIMITS)
        setup, secrets = await stage.store.setup(), await stage.store.stored_secrets()
        content, own = integration_content(setup, secrets, next(iter(setup.integrations.values())))
        content = {**content, "profile": "onegov-literal", "site_id": "", "mappings": []}
        wanted, _ = checked(content, is_source=False, present=setup)
        literal = await prober.resivo(wanted.integrations[0])
        wanted, _ = checked({**content, "profile": "assumed-v8"}, is_source=False, present=setup)
        with_list = await prober.resivo(wanted.integrations[0])
    assert own is None
    assert (literal.asked_nothing, literal.went_well) == (True, False)
    assert (with_list.asked_nothing, with_list.went_well) == (False, True)
