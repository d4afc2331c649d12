"""What every test with a world wants."""

from __future__ import annotations

import pytest

from tests.simulation.stores import settle_memory


@pytest.fixture(scope="session", autouse=True)
def _settled_memory() -> None:
    settle_memory()
