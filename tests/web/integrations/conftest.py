from __future__ import annotations

import pytest

from drempel.adapters.store import SqlStore
from tests.clock import ManualClock
from tests.web.integrations.office import Clerk, Office


@pytest.fixture
def office(sqlite_store: SqlStore, clock: ManualClock) -> Office:
    return Office(sqlite_store, clock)


@pytest.fixture
async def clerk(office: Office) -> Clerk:
    return await office.clerk()
