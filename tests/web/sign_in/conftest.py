from __future__ import annotations

import pytest

from drempel.adapters.store import SqlStore
from tests.clock import ManualClock
from tests.web.sign_in.house import House


@pytest.fixture
def house(sqlite_store: SqlStore, clock: ManualClock) -> House:
    return House(sqlite_store, clock)
