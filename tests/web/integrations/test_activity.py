"""The tab *Activity* of an integration and of its source: hints, what became of bookings, and who changed what."""

from __future__ import annotations

from datetime import timedelta

from drempel.domain.access import BookingState
from drempel.domain.events import Event
from drempel.domain.rights import Role
from drempel.engine.ports import Change
from tests.web.integrations.office import Clerk, Office

CREATED = "Resivo created the access and tells the visitor"


async def happen(office: Office, booking: str, *types: str) -> None:
    await office.store.hint("club", booking)

    def change(*_: object) -> Change:
        return Change(events=[Event(at=office.clock.now(), type=name) for name in types])

    await office.store.amend("club", booking, change)


async def test_an_integration_shows_hints_events_and_edits_with_who_made_them(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    await clerk.map()
    await happen(office, "1363", "access.created", "failure")
    page = await clerk.page("/integrations/doors/activity")
    assert CREATED in page.text
    assert "Anna changed the set-up" in page.text
    assert "Integration doors: bookings of object 81 open: Main entrance (site Sports hall)" in page.text
    assert "/bookings/club/1363" in page.links
    assert "Last hint" in page.text
    assert "for one booking so far" in page.text
    failures = await clerk.page("/integrations/doors/activity?kind=failures")
    assert CREATED not in failures.text
    assert "Something went wrong" in failures.text


async def test_a_source_shows_what_was_changed_of_itself(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    await clerk.send("/sources/club/hook/rotate")
    await happen(office, "1363", "access.created")
    page = await clerk.page("/sources/club/activity")
    assert "Anna drew a new hook address" in page.text
    assert CREATED in page.text
    assert "Created integration doors" not in page.text
    assert "/sources/club/activity" in (await clerk.page("/sources/club")).links


async def test_older_things_are_on_further_pages_and_odd_addresses_do_no_harm(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    for number in range(60):
        office.clock.advance(timedelta(minutes=1))
        await happen(office, str(number), "person.retry")
    page = await clerk.page("/integrations/doors/activity?kind=orders")
    assert "Booking 59" in page.text
    (older,) = [link for link in page.links if link and "before=" in link]
    assert older.startswith("/integrations/doors/activity?kind=orders&before=")
    further = await clerk.page(older)
    assert "Booking 9" in further.text
    assert "Booking 59" not in further.text
    for odd in ("before=x", "before=-1", f"before={'9' * 19}-1", "kind=nothing", "before=1-2-3"):
        assert "What happened" in (await clerk.page(f"/integrations/doors/activity?{odd}")).text


async def test_the_page_of_sources_tells_the_last_hint_exactly(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    assert "none yet" in (await clerk.page("/sources")).text
    await office.store.hint("club", "1363")
    for claim in await office.store.claim(limit=1):
        claim.record.hinted, claim.record.state = False, BookingState.NONE
        await office.store.complete(claim.lease, claim.record, Change())
    assert "for one booking so far" in (await clerk.page("/sources")).text


async def test_a_manager_sees_the_activity_of_an_integration_and_not_that_of_a_source(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    manager = await office.clerk("Ben", Role.MANAGER)
    await manager.page("/integrations/doors/activity")
    await manager.page("/sources/club/activity", status=403)
