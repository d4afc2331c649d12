"""The page of a booking calls doors, sites and the object by their names, and keeps the ids at hand."""

from __future__ import annotations

from drempel.domain.access import BookingState
from drempel.domain.failures import Failure
from drempel.web.pages.names import BookingNames, Named
from tests.engine.stand_in import a_set, a_view
from tests.web.pages.browser import Browser, Counting
from tests.web.pages.test_booking import told


async def test_the_history_names_doors_and_object_and_has_the_ids_as_titles() -> None:
    history = [
        told("booking.read", status="20", object_id="81"),
        told("access.doors_dropped", 1, number="1", component_ids="c1 c9"),
    ]
    view = a_view("1363", sets=[a_set()], history=history, object_id="81", object_name="Hall 1")
    page = await Browser(Counting(view)).page("/bookings/club/1363")
    assert "DoorsMain entrance, c9" in page.text
    assert "ObjectHall 1" in page.text
    assert {"c1", "81"} <= {each.get("title") for each in page.of("bdi")}


async def test_the_history_says_causes_in_words() -> None:
    history = [
        told("booking.not_ready", cause="window"),
        told("booking.not_ready", 1, cause="site.refused"),
        told("booking.erased", 2, cause="order"),
    ]
    page = await Browser(Counting(a_view("1363", history=history))).page("/bookings/club/1363")
    assert "Causeits window is another" in page.text
    assert "Causea person's order" in page.text
    assert "/help/failures/site.refused" in {each.get("href") for each in page.of("a")}


def test_a_site_is_named_as_resivo_last_told_it_and_by_its_id_before() -> None:
    of = BookingNames(a_view(), {"site-1": "Sports park"})
    assert of.site("site-1") == Named("site-1", "Sports park")
    assert of.site("site-2") == Named("site-2", "")
    assert of.failure(Failure("site.refused", {"site": "site-1"})).params["site"] == "Sports park"
    assert of.failure(Failure("site.refused", {"site": "site-9"})).params["site"] == "site-9"


async def test_the_page_of_a_booking_calls_its_site_by_the_name_that_is_kept() -> None:
    history = [told("access.intended", number="1", site_id="site-1")]
    records = Counting(a_view("1363", sets=[a_set()], history=history))
    assert "Sitesite-1" in (await Browser(records).page("/bookings/club/1363")).text
    await records.keep_site_name("site-1", "Sports park")
    assert "SiteSports park" in (await Browser(records).page("/bookings/club/1363")).text


def test_a_door_is_named_as_when_its_set_was_made() -> None:
    renamed = a_set(2)
    of = BookingNames(a_view(sets=[a_set(1), renamed]), {})
    assert of.doors(told("access.doors_dropped", number="1", component_ids="c1")) == [("c1", "Main entrance")]
    assert of.doors(told("access.doors_dropped", number="7", component_ids="c1 c2")) == [("c1", "Main entrance"), ("c2", "")]
    assert of.doors(told("access.kept", number="1")) == []


def test_an_object_of_another_time_has_only_its_id() -> None:
    of = BookingNames(a_view(object_id="81", object_name="Hall 1", state=BookingState.PENDING), {})
    assert of.object("81") == ("81", "Hall 1")
    assert of.object("82") == ("82", "")
