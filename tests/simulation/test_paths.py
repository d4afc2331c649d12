"""Death at every await of the create, replace, revoke and write-back paths; the other stories are in `python -m tests.simulation.paths`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulation.paths import STORIES, play_path, steps_of

EVERY_STEP = ("create", "replace_a_moved_booking", "revoke_a_cancelled_booking", "write_the_field_anew")
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("story", EVERY_STEP)
async def test_a_worker_may_die_at_any_await(story: str, part: int, tmp_path: Path):
    steps = len(await steps_of(story))
    for at in range(1 + part, steps + 1, PARTS):
        broken = await play_path(story, at, "dies", tmp_path)
        assert not broken, f"{broken}\nreplay: python -m tests.simulation.paths --story {story} --at {at} --way dies"


@pytest.mark.parametrize("story", STORIES)
async def test_a_worker_may_stand_still_until_another_has_done_its_work(story: str, tmp_path: Path):
    steps = len(await steps_of(story))
    for at in range(1, steps + 1, 9):
        broken = await play_path(story, at, "stands", tmp_path)
        assert not broken, f"{broken}\nreplay: python -m tests.simulation.paths --story {story} --at {at} --way stands"
