"""The stage of the scenes: a world at rest, in which a test does one thing after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.simulation.stage import Stage, a_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with a_stage(tmp_path) as made:
        yield made


@pytest.fixture
async def listless(tmp_path: Path) -> AsyncIterator[Stage]:
    async with a_stage(tmp_path, profile="onegov-literal") as made:
        yield made
