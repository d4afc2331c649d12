"""Each fault is planted in the simulators, found from the first page, and repaired by the pages alone; at the end the visitor's link tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.house import House, empty_house, eventually, set_up
from tests.browser.person import Person, a_person

pytestmark = pytest.mark.browser
WITHOUT_LIST = "onegov-literal"
MEANWHILE = (
    "Meanwhile every access that is there opens its doors as before, and ends on time. New bookings, changes and cancellations come "
    "through as soon as it answers."
)
IN_TWO_LANGUAGES = pytest.mark.parametrize("language", ["nl", "de"])


@contextmanager
def scene(browser: Browser, folder: Path, language: str, *, profile: str = "assumed-v8") -> Iterator[tuple[House, Person]]:
    """A house that works, and its administrator in front of the pages."""
    with empty_house(folder, profile=profile) as house, a_person(browser, house, language) as person:
        set_up(house, profile=profile)
        person.comes_in()
        yield house, person


def granted(house: House, booking: str) -> str:
    """The door link that its visitor was sent."""
    eventually(lambda: house.sent(booking), f"booking {booking} has access")
    return house.door_link(booking)


ADVICE = "The access is in order, but a door that is offline may not open. See to its power and network, or let the visitor in yourself."


@IN_TWO_LANGUAGES
def test_a_wrong_secret_is_put_right_where_resivo_refuses_it(browser: Browser, tmp_path: Path, language: str) -> None:
    with scene(browser, tmp_path, language) as (house, person):
        house.change_secret("the-new-secret")
        booking, other = house.book(), house.book(begins=timedelta(hours=2))
        person.page.goto("/")
        person.reads("Resivo refuses integration %(name)s", name="doors")
        person.goes_to_needs()
        expect(person.main.locator(".card")).to_have_count(1)
        for each in (booking, other):
            expect(person.card("doors")).to_contain_text(each)
        person.follows("To the credential…")
        person.fills(client_secret="still-wrong")
        person.presses("Test the connection")
        person.reads("The test failed.")
        person.follows("Go back")
        person.fills(client_secret="the-new-secret")
        person.presses("Test the connection")
        person.reads("Resivo takes the credential.")
        person.saves()
        person.page.goto("/needs")
        person.reads("Nobody needs to do anything")
        assert house.opens(granted(house, booking), "Hall 1")


@IN_TWO_LANGUAGES
def test_a_renamed_door_is_taken_by_its_new_name(browser: Browser, tmp_path: Path, language: str) -> None:
    with scene(browser, tmp_path, language) as (house, person):
        granted(house, house.book(begins=timedelta(hours=2)))
        house.change_door("Hall 1", display_name="Sporthal")
        booking = house.book()
        person.finds_needy(booking)
        expect(person.card(booking)).to_contain_text("Hall 1")
        person.follows("Choose the door…")
        person.reads("The door is now called %(name)s.", name="Sporthal")
        person.presses("Take the new name…")
        person.saves()
        person.no_longer_reads("No door has this name")
        person.page.goto("/needs")
        person.reads("Nobody needs to do anything")
        assert house.opens(granted(house, booking), "Sporthal")


@IN_TWO_LANGUAGES
def test_a_number_without_country_is_understood_once_the_country_is_set(browser: Browser, tmp_path: Path, language: str) -> None:
    with scene(browser, tmp_path, language) as (house, person):
        booking = house.book(email="", tel_mob="06 12345678")
        person.finds_needy(booking)
        person.reads("the mobile number has no country code")
        person.follows("Set the default country…")
        person.chooses(default_country="NL")
        person.presses("Show what changes…")
        person.saves()
        person.page.goto("/needs")
        person.reads("Nobody needs to do anything")
        link = granted(house, booking)
        assert [each["recipient"] for each in house.sent(booking)] == ["+31612345678"]
        assert house.opens(link, "Hall 1")


@IN_TWO_LANGUAGES
def test_a_booking_system_that_is_down_is_told_once_with_what_works_meanwhile(
    browser: Browser, tmp_path: Path, language: str
) -> None:
    with scene(browser, tmp_path, language) as (house, person):
        link = granted(house, house.book())
        house.ireserve.plant("*", "refuse", times=None)
        waiting = [house.book(begins=timedelta(hours=hours)) for hours in (1, 2, 3)]
        person.page.goto("/")
        person.reads("The booking system %(name)s does not answer", name="club")
        person.goes_to_needs()
        expect(person.main.locator(".card")).to_have_count(1)
        person.reads("Since %(time)s", time="")
        person.reads("Drempel tries again and again by itself")
        person.reads(MEANWHILE)
        assert house.opens(link, "Hall 1")
        house.ireserve.mend()
        # The page is still open: it tells by itself that all is well again.
        person.reads("Nobody needs to do anything")
        for booking in waiting:
            granted(house, booking)


@IN_TWO_LANGUAGES
def test_doors_that_are_all_offline_are_named_and_open_when_they_are_back(
    browser: Browser, tmp_path: Path, language: str
) -> None:
    with scene(browser, tmp_path, language) as (house, person):
        for door in ("Main entrance", "Hall 1"):
            house.change_door(door, online=False)
        booking = house.book()
        person.finds_needy(booking)
        for told in ("Main entrance", "Hall 1", person.says("Since %(time)s.", time="").rstrip(".")):
            expect(person.card(booking)).to_contain_text(told)
        person.follows("See which doors…")
        expect(person.main.locator(".doors .is-revoking")).to_have_count(2)
        for door in ("Main entrance", "Hall 1"):
            house.change_door(door, online=True)
        person.page.goto("/needs")
        person.reads("Nobody needs to do anything")
        assert house.opens(granted(house, booking), "Hall 1")


@IN_TWO_LANGUAGES
def test_one_offline_door_is_told_and_added_by_itself(browser: Browser, tmp_path: Path, language: str) -> None:
    with scene(browser, tmp_path, language) as (house, person):
        house.change_door("Hall 1", online=False)
        booking = house.book()
        link = granted(house, booking)
        assert house.opens(link, "Main entrance")
        assert not house.opens(link, "Hall 1")
        person.page.goto("/")
        person.page.locator("#lead .needs-note").filter(has_text="Hall 1").click()
        person.reads("It does not open %(doors)s: that door was offline when the access was made.", doors="Hall 1")
        person.reads("Drempel adds it by itself as soon as it is online; the visitor then gets one new message.")
        house.change_door("Hall 1", online=True)
        person.no_longer_reads("It does not open %(doors)s: that door was offline when the access was made.", doors="Hall 1")
        eventually(lambda: len(house.live(booking)) == 1, "the old access is gone")
        assert house.opens(house.door_link(booking), "Hall 1")


@IN_TWO_LANGUAGES
def test_a_door_that_goes_offline_after_access_was_given_is_told_until_it_is_back(
    browser: Browser, tmp_path: Path, language: str
) -> None:
    with scene(browser, tmp_path, language) as (house, person):
        booking = house.book()
        granted(house, booking)
        house.change_door("Hall 1", online=False)
        person.page.goto("/")
        person.page.locator("#lead .needs-note").filter(has_text="Hall 1").click()
        person.reads(ADVICE)
        expect(person.main.locator("#why .setcard")).to_contain_text(person.says("Offline when last looked"))
        house.change_door("Hall 1", online=True)
        person.no_longer_reads(ADVICE)
        person.reads("The access fits the booking; there is nothing to do.")
        assert len(house.sets(booking)) == 1


@IN_TWO_LANGUAGES
def test_the_brake_is_released_by_a_person_who_knows_what_will_happen(browser: Browser, tmp_path: Path, language: str) -> None:
    with scene(browser, tmp_path, language) as (house, person):
        bookings = [house.book(begins=timedelta(minutes=5 + number)) for number in range(4)]
        links = [granted(house, booking) for booking in bookings]
        for booking in bookings:
            house.ireserve.ask(f"bookings/{booking}/delete", "POST", {})
        person.page.goto("/")
        person.reads("The brake of %(source)s holds", source="club")
        person.goes_to_needs()
        expect(person.main.locator(".card")).to_have_count(1)
        for booking in bookings:
            expect(person.card("club")).to_contain_text(booking)
        assert house.opens(links[0], "Hall 1")
        person.follows("Release the brake…")
        for booking in bookings:
            expect(person.main).to_contain_text(f"({booking})")
        person.presses("Release the brake")
        person.reads(
            "Ordered: the brake is released. Access of bookings that are gone is revoked now; each card goes when that is done."
        )
        expect(person.main.locator(".card")).to_have_count(0)
        for booking, link in zip(bookings, links, strict=True):
            eventually(lambda booking=booking: not house.live(booking), f"booking {booking} has no access")
            assert not house.opens(link, "Hall 1")


@IN_TWO_LANGUAGES
@pytest.mark.parametrize("was_made", [True, False])
def test_an_outcome_that_no_list_tells_is_told_by_a_person(
    browser: Browser, tmp_path: Path, language: str, was_made: bool
) -> None:
    with scene(browser, tmp_path, language, profile=WITHOUT_LIST) as (house, person):
        house.resivo.plant("create_remote_access", "lost_after" if was_made else "lost_before")
        booking = house.book()
        person.finds_needy(booking)
        person.follows("Say what happened…")
        person.reads("How to find out")
        person.finds_plain_words()
        name = person.main.locator(".names strong").inner_text()
        in_the_portal = [each["id"] for each in house.sets(booking) if each["display_name"] == name]
        assert len(in_the_portal) == was_made
        if was_made:
            person.main.locator("#answer-created").check()
            person.fills(authorization_id=in_the_portal[0])
        else:
            person.main.locator("#answer-not-created").check()
        person.presses("Say so")
        expect(person.main.locator("#lead .pill")).to_have_text(re.compile(person.says("Granted")))
        person.page.goto("/needs")
        person.reads("Nobody needs to do anything")
        assert len(house.sets(booking)) == 1
        assert house.opens(granted(house, booking), "Hall 1")
