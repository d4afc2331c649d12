"""Cards of what needs a person, where the pages of the set-up are at hand: text and button agree, and they say what those pages know."""

from __future__ import annotations

from drempel.domain.access import BookingState
from drempel.domain.components import Component
from drempel.domain.failures import Failure
from drempel.domain.phone import NoSms
from drempel.domain.rights import Role
from drempel.engine.ports import Change
from tests.contract.store_kit import HOUR, booking, live_set
from tests.web.integrations.office import INTEGRATION, Clerk, Office


async def waits(office: Office, booking_id: str, code: str, **params: str) -> None:
    start = office.clock.now() + HOUR
    failure = Failure(code, {"integration": "doors", **params})
    await booking(office.store, booking_id, start=start, state=BookingState.NEEDS_PERSON, failure=failure)


async def renamed(office: Office, clerk: Clerk) -> None:
    """Hall 1 is called Zaal 1 now; live access knows its id, and a new booking waits."""
    await clerk.set_up()
    office.others.doors = [Component(id="c1", display_name="Main entrance"), Component(id="c2", display_name="Hall 1")]
    await clerk.map("81", "Main entrance", "Hall 1")
    start = office.clock.now() + HOUR
    one = live_set(1, start=start, display_name="Hall · dr-abcdefgh-club-1363-1")
    await booking(office.store, "1363", start=start, change=Change(sets=[one]))
    await waits(office, "1364", "component.missing", names="Hall 1", near="Hall 2, Zaal 1")
    names = {"c1": "Main entrance", "c2": "Zaal 1", "c3": "Hall 2"}
    office.others.doors = [Component(id=key, display_name=name) for key, name in names.items()]


async def test_a_door_that_was_renamed_is_told_with_its_new_name_and_without_look_alikes(office: Office, clerk: Clerk) -> None:
    await renamed(office, clerk)
    for path in ("/needs", "/bookings/club/1364"):
        page = await clerk.page(path)
        assert "Hall 1 is called Zaal 1 now: it is the same door." in page.text
        assert "Hall 2" not in page.text
        assert "/integrations/doors/mapping#object-81" in page.links


async def test_resivo_is_asked_for_it_once_a_minute_at_most(office: Office, clerk: Clerk) -> None:
    await renamed(office, clerk)
    await clerk.page("/needs")
    asked = len(office.others.asked)
    await clerk.page("/needs")
    assert len(office.others.asked) == asked
    office.clock.advance(HOUR / 60)
    await clerk.page("/needs")
    assert len(office.others.asked) == asked + 1


async def test_where_resivo_does_not_answer_the_look_alikes_are_told(office: Office, clerk: Clerk) -> None:
    await renamed(office, clerk)
    office.others.failure = Failure("resivo.unreachable", {"detail": "timeout"})
    assert "Similar names: Hall 2, Zaal 1" in (await clerk.page("/needs")).text


async def test_a_wrong_default_country_is_named_beside_the_button_that_leads_to_it(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    await clerk.save(await clerk.fill("/integrations/doors/details", **{**INTEGRATION, "default_country": "NE"}))
    await waits(office, "1363", "visitor.unreachable", reason=NoSms.NOT_VALID.value)
    page = await clerk.page("/needs")
    assert "it is Niger (NE)" in page.text
    assert "/integrations/doors/details#default_country" in page.links
    reception = await office.clerk("Cleo", Role.RECEPTION)
    page = await reception.page("/needs")
    assert "The default country is Niger (NE)" in page.text
    assert "Or set" not in page.text


async def test_the_country_of_the_source_is_proposed_and_can_be_taken_away(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    page = await clerk.page("/integrations/new")
    assert [each["value"] for each in page.of("option") if "selected" in each and len(each["value"]) == 2] == ["NL"]
    await clerk.save(await clerk.fill("/integrations/new", **{**INTEGRATION, "name": "more", "authorization_field": "custom6"}))
    assert (await office.store.setup()).integrations["more"].policy.default_country == ""


async def test_a_booking_of_an_object_without_doors_leads_to_their_choice(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    start = office.clock.now() + HOUR
    await booking(office.store, "1363", start=start, object_id="82", state=BookingState.NONE, reason="object.unmapped")
    page = await clerk.page("/bookings/club/1363")
    assert "Choose doors…" in page.text
    assert "/integrations/doors/mapping/edit?object=82" in page.links
    reception = await office.clerk("Cleo", Role.RECEPTION)
    page = await reception.page("/bookings/club/1363")
    assert "Doors are chosen by a manager or an administrator." in page.text
    assert "Choose doors…" not in page.text


async def test_the_page_of_a_booking_leads_to_what_is_refused(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    await waits(office, "1363", "credential.refused")
    await waits(office, "1364", "source.refused", source="club")
    assert "/integrations/doors/authentication" in (await clerk.page("/bookings/club/1363")).links
    assert "/sources/club#account-title" in (await clerk.page("/bookings/club/1364")).links
    manager = await office.clerk("Mia", Role.MANAGER)
    page = await manager.page("/bookings/club/1363")
    assert "The credential is put right by an administrator." in page.text
    assert "/integrations/doors/authentication" not in page.links
