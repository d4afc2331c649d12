"""Live access that our record does not know, on the list of what needs a person: from the audit that found it to what became of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from drempel.domain.access import SetState
from drempel.domain.rights import Role
from drempel.engine.auditor import Auditor
from drempel.engine.errands import Errands
from drempel.engine.last_audit import LastAudit
from drempel.engine.records import BookingBusy
from drempel.simulators.resivo.records import Authorization
from drempel.web.audit.pages import AuditPages, AuditServices
from tests.engine.stand_in import StandIn
from tests.simulation.stage import HOUR, Stage, a_stage
from tests.simulation.world import BEGIN, FOREIGN
from tests.web.pages.browser import HOSTILE, Browser, Markup


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with a_stage(tmp_path) as made:
        yield made


def plant(stage: Stage, booking: str, *, name: str = "", **changes: Any) -> str:
    """A live access of ours at Resivo, as a record that was lost would leave it."""
    doors = stage.world.component_ids
    values: dict[str, Any] = {
        "id": "planted-1",
        "site_id": stage.world.site_id,
        "type": "remote-access",
        "display_name": name or f"Hall 1 · dr-{stage.world.marker.current}-club-{booking}-1",
        "component_ids": [doors["Main entrance"], doors["Hall 1"]],
        "valid_from": BEGIN + HOUR - HOUR / 4,
        "valid_to": BEGIN + 3 * HOUR,
        "created_at": BEGIN,
    }
    made: str = stage.resivo.state.put_authorization(Authorization(**{**values, **changes})).id
    return made


def at_the_desk(stage: Stage, *, role: Role = Role.MANAGER, records: Any = None) -> Browser:
    errands = Errands(stage.crew.tools.clock, on_fault=_raise)
    auditor = Auditor(stage.crew.tools, records or stage.store)
    return Browser(stage.store, now=BEGIN, role=role, audits=AuditServices(auditor=auditor, errands=errands))


def _raise(fault: Exception) -> None:
    raise fault


_unused: Any = None


def badge(page: Markup) -> int:
    """What the head of a page counts."""
    found = re.search(r"Needs a person ?(\d*)", page.text)
    assert found is not None
    return int(found[1] or 0)


async def test_before_any_audit_the_list_says_that_nothing_was_compared(stage: Stage) -> None:
    page = await at_the_desk(stage, records=StandIn(setup=await stage.store.setup())).page("/needs")
    assert "Nothing was compared with Resivo yet." in page.text
    assert "/needs/look" in page.forms


async def test_the_daily_audit_of_the_sweep_puts_an_orphan_on_the_list(stage: Stage) -> None:
    booking = stage.book()
    plant(stage, booking, valid_to=BEGIN + 50 * HOUR)
    stage.world.advance(25 * HOUR)
    await stage.sweep()
    page = await at_the_desk(stage).page("/needs")
    assert "One access at Resivo needs a person" in page.text
    assert f"dr-{stage.world.marker.current}-club-{booking}-1" in page.text
    assert f"/bookings/club/{booking}" in page.links
    assert "/needs/orphans/planted-1/adopt" in page.links


async def test_a_look_of_a_person_finds_it_at_once_and_counts_what_is_foreign_apart(stage: Stage) -> None:
    plant(stage, stage.book())
    page = await at_the_desk(stage).press_and_follow("/needs/look")
    assert "Ordered: every site is compared with Resivo now." in page.text
    assert "Adopt it if its booking should have it" in page.text
    foreign = len(stage.resivo.authorizations(display_name_contains=FOREIGN))
    assert foreign
    assert "not ours and" in page.text
    assert FOREIGN not in page.text


async def test_the_head_of_every_page_counts_an_orphan_until_an_order_has_settled_it(stage: Stage) -> None:
    plant(stage, stage.book())
    desk = at_the_desk(stage)
    assert badge(await desk.page("/bookings")) == 0
    await desk.press("/needs/look")
    assert badge(await desk.page("/bookings")) == 1
    today = await desk.page("/today")
    assert "One access at Resivo needs a person" in today.text
    assert "/needs#orphans" in today.links
    await desk.press("/needs/orphans/planted-1/adopt")
    assert badge(await desk.page("/bookings")) == 0
    assert "at Resivo needs a person" not in (await desk.page("/today")).text


class CountsQuestions:
    """An auditor of whom one can tell how often he was asked for the last audit."""

    def __init__(self, stage: Stage) -> None:
        self._auditor = Auditor(stage.crew.tools, stage.store)
        self.asked = 0

    async def last(self) -> LastAudit:
        self.asked += 1
        return await self._auditor.last()


async def test_a_count_serves_many_pages_and_not_for_ever(stage: Stage) -> None:
    auditor: Any = CountsQuestions(stage)
    errands = Errands(stage.crew.tools.clock, on_fault=_raise)
    times = [BEGIN]
    pages = AuditPages(
        AuditServices(auditor=auditor, errands=errands), _unused, _unused, now=lambda: times[-1], site_names=_unused
    )
    for seconds, asked in ((0, 1), (29, 1), (30, 2), (59, 2), (-3600, 3)):
        times.append(BEGIN + timedelta(seconds=seconds))
        assert await pages.count() == 0
        assert auditor.asked == asked, seconds


async def test_an_adopted_orphan_is_the_access_of_its_booking_and_leaves_the_list(stage: Stage) -> None:
    booking = stage.book()
    plant(stage, booking)
    desk = at_the_desk(stage)
    await desk.press("/needs/look")
    asked = await desk.page("/needs/orphans/planted-1/adopt")
    assert "the visitor keeps the door link and gets no message" in asked.text
    answer = await desk.press("/needs/orphans/planted-1/adopt")
    assert answer.headers["location"] == f"/bookings/club/{booking}?done=adopted"
    assert "Nobody needs to do anything" in (await desk.page("/needs")).text
    await stage.work()
    (one,) = (await stage.view(booking)).sets
    assert (one.state, one.authorization_id) == (SetState.LIVE, "planted-1")
    assert stage.mails() == 0
    lines, _ = await stage.store.trail.page(limit=10, before=None)
    assert [line.entry.type for line in lines] == ["access.adopt"]


async def test_a_revoked_orphan_is_revoked_and_leaves_the_list(stage: Stage) -> None:
    booking = stage.book(status="70")
    plant(stage, booking)
    desk = at_the_desk(stage)
    await desk.press("/needs/look")
    assert "That cannot be undone" in (await desk.page("/needs/orphans/planted-1/revoke")).text
    answer = await desk.press("/needs/orphans/planted-1/revoke")
    assert answer.headers["location"] == f"/bookings/club/{booking}?done=orphan_revoked"
    await stage.work()
    assert stage.live(booking) == []
    assert "/needs/orphans/planted-1/revoke" not in (await desk.page("/needs")).links


async def test_what_is_over_leaves_the_list_without_another_audit(stage: Stage) -> None:
    plant(stage, stage.book())
    desk = at_the_desk(stage)
    await desk.press("/needs/look")
    stage.world.advance(4 * HOUR)
    assert "/needs/orphans/planted-1/adopt" not in (await desk.page("/needs")).links


async def test_an_access_without_doors_or_times_can_only_be_revoked(stage: Stage) -> None:
    plant(stage, stage.book(), component_ids=[])
    desk = at_the_desk(stage)
    page = await desk.press_and_follow("/needs/look")
    assert "/needs/orphans/planted-1/adopt" not in page.links
    assert "/needs/orphans/planted-1/revoke" in page.links


async def test_an_orphan_of_no_booking_has_no_button_and_its_name_does_no_harm(stage: Stage) -> None:
    plant(stage, "", name=f"{HOSTILE} · dr-{stage.world.marker.current}-elsewhere-1-1")
    page = await at_the_desk(stage).press_and_follow("/needs/look")
    assert "its name tells no booking" in page.text
    assert not [link for link in page.links if link and link.startswith("/needs/orphans/")]


async def test_a_site_that_cannot_be_read_is_named_with_its_remedy(stage: Stage) -> None:
    stage.resivo.faults.add(operation="list_authorizations", kind="status", status=403)
    desk = at_the_desk(stage)
    page = await desk.press_and_follow("/needs/look")
    assert "Site north could not be compared (" in page.text
    assert "None." not in page.text


async def test_a_site_that_could_not_be_compared_is_compared_by_the_sweep_as_soon_as_it_can(stage: Stage) -> None:
    await stage.sweep()
    stage.resivo.faults.add(operation="list_authorizations", kind="refuse", times=None)
    desk = at_the_desk(stage)
    page = await desk.press_and_follow("/needs/look")
    assert "could not be compared" in page.text
    assert "By the comparison before there was none." in page.text
    await stage.pass_time(60, sweep=True)
    stage.resivo.faults.clear()
    await stage.pass_time(900, sweep=True)
    page = await desk.page("/needs")
    assert "could not be compared" not in page.text
    assert "None." in page.text


async def test_a_booking_that_is_at_work_is_said_and_asked_again(stage: Stage) -> None:
    plant(stage, stage.book())
    desk = at_the_desk(stage)
    await desk.press("/needs/look")

    async def busy(*_: Any, **__: Any) -> None:
        raise BookingBusy

    desk.records.amend = busy
    answer = await desk.press("/needs/orphans/planted-1/adopt")
    assert answer.status == 409
    assert b"A worker is at this booking right now" in answer.body


async def test_reception_looks_and_sees_and_orders_nothing(stage: Stage) -> None:
    plant(stage, stage.book())
    desk = at_the_desk(stage, role=Role.RECEPTION)
    page = await desk.press_and_follow("/needs/look")
    assert "has a name of ours" in page.text
    assert "/needs/orphans/planted-1/adopt" not in page.links
    assert (await desk.press("/needs/orphans/planted-1/adopt")).status == 403
    assert (await desk.press("/needs/orphans/planted-1/revoke")).status == 403


async def test_an_address_of_no_orphan_says_so(stage: Stage) -> None:
    page = await at_the_desk(stage).page("/needs/orphans/planted-1/adopt", status=404)
    assert "This access is not on the list any more" in page.text
