"""Seeds of the world on SQLite, some on PostgreSQL, and scripts that hypothesis draws and shortens. A failure prints the command that replays it."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.databases import Place, empty_tables
from tests.simulation.actions import ACTIONS
from tests.simulation.run import play_script, play_seed
from tests.simulation.script import Script, shorter
from tests.simulation.stores import fast_folder

SEEDS = 120
SEEDS_EACH = 12
NUMBER = st.integers(0, (1 << 16) - 1)
SCRIPTS = st.builds(
    lambda weather, steps: Script(weather, tuple(steps)),
    NUMBER,
    st.lists(st.tuples(st.sampled_from(sorted(ACTIONS)), NUMBER), min_size=1, max_size=40),
)


def told(seed: int, broken: list[str]) -> str:
    return f"seed {seed}: {'; '.join(broken)}\nreplay: python -m tests.simulation.run --seed {seed} --shorten"


@pytest.mark.parametrize("first", range(0, SEEDS, SEEDS_EACH))
async def test_the_promise_holds_whatever_is_lost_repeated_reordered_or_killed(first: int, tmp_path: Path):
    for seed in range(first, first + SEEDS_EACH):
        outcome = await play_seed(seed, tmp_path)
        assert not outcome.broken, told(seed, outcome.broken)


@pytest.mark.parametrize("seed", range(2000, 2008))
async def test_on_postgresql_the_promise_holds_too(seed: int, tmp_path: Path, postgresql_tables: str):
    await empty_tables(postgresql_tables)

    async def open_postgresql(_path: Path, clock: Any) -> Any:
        return await Place(postgresql_tables).open(clock)

    outcome = await play_seed(seed, tmp_path, open_store=open_postgresql)
    assert not outcome.broken, told(seed, outcome.broken)


@given(SCRIPTS)
@settings(max_examples=30, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_no_script_breaks_the_promise_that_hypothesis_can_think_of(script: Script):
    with tempfile.TemporaryDirectory(dir=fast_folder()) as folder:
        outcome = asyncio.run(play_script(script, Path(folder)))
    assert not outcome.broken, f'{outcome.broken}\nreplay: python -m tests.simulation.run --script "{script}"'


def test_a_seed_gives_the_same_script_each_time_and_a_script_reads_as_it_is_written():
    script = Script.of_seed(4711)
    assert script == Script.of_seed(4711)
    assert Script.parse(str(script)) == script
    with pytest.raises(ValueError, match="A script is written as"):
        Script.parse("weather:1 dance:2")


async def test_a_failing_script_is_shortened_to_what_matters():
    script = Script(7, tuple(("pass", number) for number in range(40)))

    async def fails(candidate: Script) -> bool:
        return {("pass", 3), ("pass", 33)} <= set(candidate.steps)

    assert (await shorter(script, fails)).steps == (("pass", 3), ("pass", 33))
