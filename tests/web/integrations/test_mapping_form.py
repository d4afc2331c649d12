"""The form of one object's doors: what can be chosen is offered, and what was typed stays through a search, another site, and the way back."""

from __future__ import annotations

from drempel.domain.components import Component
from tests.contract.store_kit import HOUR, booking
from tests.web.integrations.office import INTEGRATION, Clerk, Office
from tests.web.pages.browser import Markup

FORM = "/integrations/doors/mapping/edit"


def ticked(page: Markup) -> list[str | None]:
    return [each["value"] for each in page.of("input") if each.get("name") == "door" and "checked" in each]


def value(page: Markup, name: str) -> str | None:
    return next(each["value"] for each in page.of("input") if each.get("name") == name)


def offered(page: Markup) -> list[str | None]:
    """Objects in the list, without the line that asks to choose."""
    return [each["value"] for each in page.of("option") if each["value"] and str(each["value"]).isdecimal()]


async def test_objects_are_offered_before_any_booking_was_taken_in(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    office.others.booked = {"81": "Hall 1", "90": "Sauna"}
    page = await clerk.page(FORM)
    assert offered(page) == ["81", "90"]
    assert "Hall 1 (81)" in page.text
    await clerk.page(FORM)
    assert office.others.asked.count("objects") == 1, "not at each look"
    made = await clerk.fill(FORM, known="81", object="", site_id="site-1", door="Main entrance")
    assert "No booking had object" not in (await clerk.review(made)).text


async def test_the_first_booking_that_is_taken_in_does_not_shrink_the_list_of_objects(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    office.others.booked = {"81": "Hall", "90": "Sauna"}
    await booking(office.store, "1363", start=office.clock.now() + HOUR, object_name="Hall 1")
    await booking(office.store, "1364", start=office.clock.now() + HOUR, object_id="82", object_name="")
    for _ in range(2):
        page = await clerk.page(FORM)
        assert sorted(filter(None, offered(page))) == ["81", "82", "90"]
        assert "Hall 1 (81)" in page.text, "as bookings said it last"
    assert office.others.asked.count("objects") == 1
    made = await clerk.fill(FORM, known="90", object="", site_id="site-1", door="Main entrance")
    assert "No booking had object" not in (await clerk.review(made)).text


async def test_the_form_of_a_mapped_object_has_no_list_so_nobody_is_asked_for_it(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    await booking(office.store, "1363", start=office.clock.now() + HOUR, object_name="Hall 1")
    await clerk.map("81")
    office.others.asked.clear()
    await clerk.page(f"{FORM}?object=81&site=site-1")
    assert "objects" not in office.others.asked


async def test_a_number_that_nobody_knows_is_told_before_it_is_saved(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    made = await clerk.fill(FORM, object="999", site_id="site-1", door="Main entrance")
    assert "No booking had object 999 so far" in (await clerk.review(made)).text
    assert (await clerk.send(made.header("location"))).status == 303
    office.others.object_names_known = {"82": "Hall 2"}
    named = await clerk.fill(FORM, object="82", site_id="site-1", door="Main entrance")
    assert "No booking had object" not in (await clerk.review(named)).text


async def test_a_search_keeps_the_number_and_the_ticks(clerk: Clerk) -> None:
    await clerk.set_up()
    answer = await clerk.fill(FORM, object="999", site_id="site-1", door="Hall 1", q="main", find="yes")
    assert answer.status == 200
    assert (value(answer.page, "object"), value(answer.page, "q")) == ("999", "main")
    assert ticked(answer.page) == ["Hall 1"]
    assert "Main entrance" in answer.page.text


async def test_the_way_back_from_the_review_finds_the_form_as_it_was(clerk: Clerk) -> None:
    await clerk.set_up()
    made = await clerk.fill(FORM, object="999", site_id="site-1", door="Hall 1")
    back = next(link for link in (await clerk.review(made)).links if link.startswith(f"{FORM}?draft="))
    page = await clerk.page(back)
    assert value(page, "object") == "999"
    assert ticked(page) == ["Hall 1"]


async def test_another_site_shows_its_doors_before_anything_is_mapped(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    office.others.doors = [Component(id="c-1", display_name="Main entrance")]
    answer = await clerk.fill(FORM, object="81", site_id="site-2", site="site-1", door="Back door")
    assert answer.status == 200
    assert (value(answer.page, "object"), value(answer.page, "site_id")) == ("81", "site-1")
    assert ticked(answer.page) == []


async def test_the_way_back_to_the_details_finds_what_was_typed(clerk: Clerk) -> None:
    await clerk.set_up()
    made = await clerk.fill("/integrations/doors/details", **{**INTEGRATION, "time_before_minutes": "45"})
    back = next(link for link in (await clerk.review(made)).links if "?draft=" in link)
    assert value(await clerk.page(back), "time_before_minutes") == "45"


async def test_who_comes_back_to_a_secret_is_told_to_type_it_again(clerk: Clerk) -> None:
    await clerk.set_up()
    path = "/integrations/doors/authentication"
    for secret, told in (("", False), ("whispered", True)):
        made = await clerk.fill(path, **{**INTEGRATION, "client_id": "other", "client_secret": secret})
        page = await clerk.page(next(link for link in (await clerk.review(made)).links if "?draft=" in link))
        assert value(page, "client_id") == "other"
        assert ("Type it again" in page.text) is told
    assert "Type it again" not in (await clerk.page(path)).text


async def test_an_object_of_the_list_and_another_number_are_refused_as_both_were_meant(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    office.others.booked = {"81": "Hall 1", "90": "Sauna"}
    await clerk.map("82")
    for number in ("999", "90", "82"):
        answer = await clerk.fill(FORM, known="81", object=number, site_id="site-1", door="Hall 1")
        assert answer.status == 400
        assert "An object is chosen in the list, and another number is typed." in answer.text
        assert value(answer.page, "object") == number
        assert [each["value"] for each in answer.page.of("option") if "selected" in each and each["value"] != "en"] == ["81"]
        assert ticked(answer.page) == ["Hall 1"]
    same = await clerk.fill(FORM, known="81", object="81", site_id="site-1", door="Hall 1")
    assert "Bookings of" in (await clerk.review(same)).text


async def test_doors_that_are_offline_are_told_before_they_are_mapped(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    office.others.doors.append(Component(id="c-3", display_name="Hall 2"))
    form = {"object": "81", "site_id": "site-1"}
    alone = (await clerk.review(await clerk.fill(FORM, **form, door="Hall 1"))).text
    assert "Offline now: Hall 1. A booking gets no access as long as none of its doors is online." in alone
    one_of_two = (await clerk.review(await clerk.fill(FORM, **form, door=["Hall 1", "Main entrance"]))).text
    assert "Offline now: Hall 1. An offline door cannot be opened with a door link." in one_of_two
    not_known = (await clerk.review(await clerk.fill(FORM, **form, door=["Hall 2", "Main entrance"]))).text
    assert "Offline now" not in not_known


async def test_who_chose_no_object_is_asked_to_choose_one(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    number = "Write the id of the object as the booking system has it"
    assert number in (await clerk.fill(FORM, object="", site_id="site-1", door="Hall 1")).text, "there is no list"
    office.others.booked = {"81": "Hall 1"}
    office.errands.drop("objects:club")
    for doors in ((), ("Hall 1",)):
        answer = await clerk.fill(FORM, known="", object="", site_id="site-1", door=doors)
        assert answer.status == 400
        assert "Choose an object." in answer.text
        assert number not in answer.text
        assert ("Choose at least one door." in answer.text) is (not doors)
    assert number in (await clerk.fill(FORM, known="", object="8 1", site_id="site-1", door="Hall 1")).text
