"""The list of mapped objects: it says what is wrong with one, and counts nothing that Drempel cannot know."""

from __future__ import annotations

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
