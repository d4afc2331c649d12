"""Bookings from before an integration: counted and listed by the same rule, without those that are another integration's affair."""

from __future__ import annotations

from drempel.adapters.store import SqlStore
from tests.clock import ManualClock
from tests.contract.store_kit import HOUR, SETUP, booking


async def test_bookings_of_objects_elsewhere_are_neither_counted_nor_listed(store: SqlStore, clock: ManualClock) -> None:
    await store.write_setup(SETUP)
    for booking_id, object_id in (("1", "81"), ("2", "82"), ("3", None)):
        await booking(store, booking_id, start=clock.now() + HOUR, object_id=object_id, existing=" doors ")
    for elsewhere, expected in ((), ["1", "2", "3"]), (("81",), ["2", "3"]), (("81", "82"), ["3"]):
        found = await store.insight.from_before("doors", limit=9, elsewhere=elsewhere)
        assert sorted(view.record.booking_id for view in found) == expected
        assert (await store.insight.figures("doors", elsewhere=elsewhere)).existing == len(expected)
