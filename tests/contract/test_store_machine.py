"""The work item against a model: workers of two processes claim, crash, expire, come late, renew; hints and levers come in between."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from drempel.adapters.store import SqlStore
from drempel.domain.events import Event
from drempel.engine.ports import Change, Claim, LeaseLost
from drempel.engine.records import BookingBusy
from tests.clock import ManualClock
from tests.conftest import NOON
from tests.contract.store_kit import SETUP
from tests.databases import LEASE, Place, empty_tables

NAMES = ("a", "b", "c")
EXAMPLES = {"sqlite": 20, "postgresql": 8}
STEPS = 25


@dataclass
class Known:
    """What the model knows of one booking."""

    next_at: datetime | None = None
    leased_until: datetime | None = None
    token: int = 0
    version: int = 0
    hinted: bool = False
    withheld: bool = False
    status: str | None = None
    events: int = 0


class Machine(RuleBasedStateMachine):
    """Runs the same steps on the store and on the model."""

    claims = Bundle("claims")
    names = st.sampled_from(NAMES)
    seconds = st.sampled_from([0, 1, 10, 29, 30, 31, 100])

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = ManualClock(NOON)
        self.known: dict[str, Known] = {}
        self.place = place

    @initialize()
    def open(self) -> None:
        async def open_both() -> list[SqlStore]:
            if self.place.is_postgresql:
                await empty_tables(self.place.url)
            stores = [await self.place.open(self.clock), await self.place.open(self.clock)]
            await stores[0].write_setup(SETUP)
            return stores

        self.stores = self.runner.run(open_both())

    # --- what happens

    @rule(name=names, by=st.integers(0, 1), times=st.integers(1, 3))
    def hint(self, name: str, by: int, times: int) -> None:
        async def hint() -> None:
            await asyncio.gather(*(self.stores[by].hint("club", name) for _ in range(times)))

        self.runner.run(hint())
        known = self.known.setdefault(name, Known())
        known.version += times
        known.next_at, known.hinted = self.clock.now(), True

    @rule(name=names)
    def order_revoke(self, name: str) -> None:
        if name in self.known:
            self.runner.run(self.stores[0].order_revoke("club", name))
            known = self.known[name]
            known.version += 1
            known.events += 1
            known.next_at, known.withheld = self.clock.now(), True

    @rule(name=names)
    def amend(self, name: str) -> None:
        if name not in self.known:
            return
        known = self.known[name]
        busy = known.leased_until is not None and known.leased_until > self.clock.now()
        try:
            self.runner.run(self.stores[0].amend("club", name, lambda *_: Change()))
        except BookingBusy:
            assert busy
        else:
            assert not busy
            known.token += 1
            known.version += 1
            known.leased_until, known.next_at = None, self.clock.now()

    @rule(seconds=seconds)
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(target=claims, limit=st.integers(1, 5), by=st.integers(0, 1))
    def claim(self, limit: int, by: int) -> object:
        claimed = self.runner.run(self.stores[by].claim(limit=limit))
        now = self.clock.now()
        due = {
            name
            for name, known in self.known.items()
            if known.next_at is not None and known.next_at <= now and (known.leased_until is None or known.leased_until <= now)
        }
        taken = [claim.record.booking_id for claim in claimed]
        assert len(taken) == len(set(taken)) == min(limit, len(due))
        assert set(taken) <= due
        for claim in claimed:
            known = self.known[claim.record.booking_id]
            known.token += 1
            known.leased_until = now + LEASE
            assert (claim.lease.token, claim.lease.version) == (known.token, known.version)
            assert (claim.record.hinted, claim.record.withheld) == (known.hinted, known.withheld)
            assert claim.lease.ends_monotonic == self.clock.monotonic() + LEASE.total_seconds()
        return multiple(*((by, claim) for claim in claimed))

    @rule(held=claims)
    def renew(self, held: tuple[int, Claim]) -> None:
        by, claim = held
        if self._answers(self.stores[by].renew(claim.lease), claim):
            self.known[claim.record.booking_id].leased_until = self.clock.now() + LEASE

    @rule(held=claims, renew=st.booleans())
    def commit(self, held: tuple[int, Claim], renew: bool) -> None:
        by, claim = held
        told = Change(events=[Event(at=self.clock.now(), type="booking.read")])
        if self._answers(self.stores[by].commit(claim.lease, claim.record, told, renew=renew), claim):
            known = self.known[claim.record.booking_id]
            known.events += 1
            if renew:
                known.leased_until = self.clock.now() + LEASE

    @rule(held=claims, after=st.one_of(st.none(), seconds), status=st.sampled_from(["20", "70"]), hinting=st.booleans())
    def complete(self, held: tuple[int, Claim], after: int | None, status: str, hinting: bool) -> None:
        by, claim = held
        name, record, now = claim.record.booking_id, claim.record, self.clock.now()
        known = self.known[name]
        record.status, record.hinted, record.withheld = status, False, False
        record.next_at = None if after is None else now + timedelta(seconds=after)
        told = Change(events=[Event(at=now, type="booking.read")])

        async def complete_while_hinted() -> None:
            hint = self.stores[1 - by].hint("club", name) if hinting else asyncio.sleep(0)
            completing, _ = await asyncio.gather(
                self.stores[by].complete(claim.lease, record, told), hint, return_exceptions=True
            )
            if isinstance(completing, BaseException):
                raise completing

        if self._answers(complete_while_hinted(), claim):
            moved = known.version != claim.lease.version
            known.leased_until, known.status = None, status
            known.events += 1
            known.next_at = now if moved else record.next_at
            if not moved:
                known.hinted = known.withheld = False
        if hinting:
            # Whichever came first: the booking is due, and knows of the hint.
            known.version += 1
            known.next_at, known.hinted = now, True
            if known.leased_until is None:
                # Levers stay as the order of the two left them.
                known.withheld = self.runner.run(self.stores[0].booking("club", name)).record.withheld

    @rule(held=consumes(claims), after=seconds)
    def release(self, held: tuple[int, Claim], after: int) -> None:
        by, claim = held
        known = self.known[claim.record.booking_id]
        until = self.clock.now() + timedelta(seconds=after)
        held_still = self._holds(claim)
        self.runner.run(self.stores[by].release(claim.lease, next_at=until))
        if held_still:
            known.leased_until = None
            known.next_at = until if known.version == claim.lease.version else self.clock.now()

    @rule(held=consumes(claims))
    def crash(self, held: tuple[int, Claim]) -> None:
        """Nobody will speak for this claim again; its lease ends by itself."""

    # --- what must hold

    def _holds(self, claim: Claim) -> bool:
        known = self.known[claim.record.booking_id]
        return known.token == claim.lease.token and known.leased_until is not None

    def _answers(self, doing: object, claim: Claim) -> bool:
        holds = self._holds(claim)
        try:
            self.runner.run(doing)  # type: ignore[arg-type]
        except LeaseLost:
            assert not holds
            return False
        assert holds
        return True

    @invariant()
    def what_is_kept_is_what_was_written(self) -> None:
        views, _ = self.runner.run(self.stores[1].bookings(state=None, limit=10, after=None))
        assert {view.record.booking_id for view in views} == set(self.known)
        for record in (view.record for view in views):
            known = self.known[record.booking_id]
            assert (record.hinted, record.withheld, record.status) == (known.hinted, known.withheld, known.status)
            assert record.next_at == known.next_at

    def teardown(self) -> None:
        for name, known in self.known.items():
            assert len(self.runner.run(self.stores[1].booking("club", name)).history) == known.events
        for store in getattr(self, "stores", []):
            self.runner.run(store.close())
        self.runner.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_work_item_keeps_to_its_model(kind: str, request: pytest.FixtureRequest) -> None:
    tables: Path | str = request.getfixturevalue(f"{kind}_tables")
    folder = Path(tempfile.mkdtemp())

    def machine() -> Machine:
        if isinstance(tables, str):
            return Machine(Place(tables))
        shutil.copy(tables, folder / "drempel.db")
        for rest in ("drempel.db-wal", "drempel.db-shm"):
            (folder / rest).unlink(missing_ok=True)
        return Machine(Place(f"sqlite:///{folder / 'drempel.db'}"))

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES[kind],
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    shutil.rmtree(folder)
