"""The list of mapped objects: it says what is wrong with one, and counts nothing that Drempel cannot know."""

from __future__ import annotations

from drempel.domain.access import BookingState
from drempel.domain.components import Component
from drempel.domain.failures import Failure
from tests.contract.store_kit import HOUR, booking
from tests.web.integrations.office import Clerk, Office

LIST = "/integrations/doors/mapping"
UNHEARD = "No booking names it, and the booking system does not tell its name"


async def test_a_number_that_nobody_knows_is_told_where_it_is_mapped(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    await clerk.map("999")
    assert UNHEARD in (await clerk.page(LIST)).text
    office.others.object_names_known = {"999": "Sauna"}
    assert UNHEARD not in (await clerk.page(LIST)).text
    office.others.object_names_known = {}
    await booking(office.store, "1363", start=office.clock.now() + HOUR, object_id="999")
    assert UNHEARD not in (await clerk.page(LIST)).text


async def test_an_object_of_which_nothing_was_taken_in_has_no_count_of_bookings(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    await clerk.map("81")
    assert "to come" not in (await clerk.page(LIST)).text
    await booking(office.store, "1363", start=office.clock.now() + HOUR)
    assert "One booking to come" in (await clerk.page(LIST)).text


async def test_a_booking_leads_to_the_row_of_its_object_which_says_what_helps(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    for object_id, door in (("80", "Main entrance"), ("81", "Hall 1")):
        await clerk.map(object_id, door)
    codes = ("component.missing", "component.ambiguous", "component.none_online")
    for number, code in enumerate(codes):
        await booking(
            office.store,
            str(number),
            start=office.clock.now() + HOUR,
            state=BookingState.NEEDS_PERSON,
            failure=Failure(code, {"names": "Hall 1", "near": "Hall 01", "integration": "doors"}),
        )
        links = (await clerk.page(f"/bookings/club/{number}")).links
        assert f"{LIST}#object-81" in links
        assert LIST not in links
    office.others.doors = [Component(id="c-1", display_name="Main entrance"), Component(id="c-2", display_name="Hall 01")]
    page = await clerk.page(LIST)
    assert [each["id"] for each in page.of("li") if "id" in each] == ["object-80", "object-81"]
    edit = f"{LIST}/edit?object=81&site=site-1"
    for path in (LIST, edit):
        assert "Similar names: Hall 01." in (await clerk.page(path)).text
    both = "Give one of the two doors another name in the Resivo portal."
    assert both not in page.text
    office.others.doors = [Component(id=f"c-{number}", display_name="Hall 1") for number in (1, 2)]
    for path in (LIST, edit):
        assert (await clerk.page(path)).text.count(both) == 1
    office.others.doors.append(Component(id="c-3", display_name="Hall 1"))
    assert "Give each door a name of its own in the Resivo portal." in (await clerk.page(LIST)).text


async def test_the_checklist_names_object_and_door_and_leads_to_the_row(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    office.others.object_names_known = {"81": "Hall 1"}
    await clerk.map("81", "Main entrance", "Hall 1")
    path = "/integrations/doors/checklist"
    assert f"{LIST}#object-81" not in (await clerk.page(path)).links
    office.others.doors = [Component(id=f"c-{number}", display_name="Main entrance") for number in (1, 2)]
    page = await clerk.page(path)
    assert "Hall 1 (81) No door is called Hall 1. Several doors are called Main entrance." in page.text
    assert f"{LIST}#object-81" in page.links


async def test_what_is_no_failure_leads_to_its_help_as_well(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    await clerk.map("81", "Hall 1")
    await booking(office.store, "1363", start=office.clock.now() + HOUR, object_id="90")
    page = await clerk.page(LIST)
    assert {"/help/failures/door.offline", "/help/failures/object.unmapped"} <= set(page.links)
