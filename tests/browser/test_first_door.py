"""From first start to an opened door, with nothing in hand but what the terminal and the two portals show."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.house import VISITOR, empty_house
from tests.browser.person import Person, a_person

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "zone"), [("nl", "Europe/Amsterdam"), ("de", "Europe/Berlin")])
def test_from_first_start_to_an_opened_door(browser: Browser, tmp_path: Path, language: str, zone: str) -> None:
    with empty_house(tmp_path) as house, a_person(browser, house, language) as person:
        sides = house.sides
        person.comes_in()
        person.follows("Set it up…")
        person.follows("Step 1: the booking system…")
        person.fills(name="club", base_url=sides.ireserve_url, username=sides.account, password=sides.account_password)
        person.presses("Test the account")
        person.reads("The booking system takes the account.")
        person.presses("Save")
        person.presses("Register it at i-Reserve")
        person.follows("Step 2: the integration…")
        seeded = sides.seeded
        person.fills(name="doors", site_owner_id=seeded.site_owner_id, client_id=seeded.client_id)
        person.fills(client_secret=seeded.client_secret)
        person.fills(more_trigger="20 30", more_revoke="70 80", authorization_field="custom05")
        # Only because this Resivo is a simulated one.
        person.opens_up("Rarely needed: address, profile, app")
        person.fills(base_url=sides.resivo_url)
        person.presses("Test the connection")
        person.reads("Resivo takes the credential.")
        person.presses("Save")
        person.follows("Map an object…")
        person.fills(object="81")
        for door in ("Main entrance", "Hall 1"):
            person.page.get_by_label(door).check()
        person.presses("Show what changes…")
        person.presses("Save")
        person.follows("Checklist")
        person.follows("Make it active…")
        person.presses("Go on…")
        person.presses("Activate now")

        booking = house.book(begins=timedelta(minutes=5))
        person.page.goto("/")
        row = person.page.get_by_role("row").filter(has_text=booking)
        expect(row).to_contain_text(person.says("Granted"))
        assert [each["recipient"] for each in house.sent(booking)] == [VISITOR, "+31612345678"]
        assert house.opens(house.door_link(booking), "Hall 1")
        assert not house.opens(house.door_link(booking), "Hall 2")
        _the_clocks_of_the_pages_are_those_of_the_source(person, zone)


def _the_clocks_of_the_pages_are_those_of_the_source(person: Person, zone: str) -> None:
    """Though there was none when the program began."""
    person.page.goto("/needs")
    expect(person.page.locator("footer")).to_contain_text(zone)
