"""300 seeds of the world on SQLite, some on PostgreSQL, some with other profiles. A failing seed prints the command that replays it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.databases import Place, empty_tables
from tests.simulation.run import play_seed

SEEDS = 300
SEEDS_EACH = 15


def told(seed: int, broken: list[str], variant: str = "") -> str:
    return f"seed {seed}: {'; '.join(broken)}\nreplay: python -m tests.simulation.run --seed {seed}{variant}"


@pytest.mark.parametrize("first", range(0, SEEDS, SEEDS_EACH))
async def test_the_promise_holds_whatever_is_lost_repeated_reordered_or_killed(first: int, tmp_path: Path):
    for seed in range(first, first + SEEDS_EACH):
        broken, _ = await play_seed(seed, tmp_path)
        assert not broken, told(seed, broken)


@pytest.mark.parametrize("seed", range(1000, 1010))
async def test_with_follow_changes_trigger_the_promise_holds_too(seed: int, tmp_path: Path):
    broken, _ = await play_seed(seed, tmp_path, follow="trigger")
    assert not broken, told(seed, broken, " --follow trigger")


@pytest.mark.parametrize("seed", range(2000, 2008))
async def test_on_postgresql_the_promise_holds_too(seed: int, tmp_path: Path, postgresql_tables: str):
    await empty_tables(postgresql_tables)

    async def open_postgresql(_path: Path, clock: Any) -> Any:
        return await Place(postgresql_tables).open(clock)

    broken, _ = await play_seed(seed, tmp_path, open_store=open_postgresql)
    assert not broken, told(seed, broken)
