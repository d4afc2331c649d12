"""Needs a person: each with its reason, its remedy and the button that does it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from drempel.domain.access import BookingState, SetState
from drempel.domain.failures import CATALOGUE, Failure
from drempel.domain.phone import NoSms
from drempel.domain.rights import Role
from drempel.engine.brake import trips
from drempel.engine.ports import GoneCount, Pause
from drempel.engine.records import BookingView, Brake
from drempel.engine.setup import Setup
from tests.engine.stand_in import CLUB, NOW, a_set, a_view
from tests.web.pages.browser import HOSTILE, TO, Browser, Counting
from tests.web.pages.test_setup_page import CONNECTION, DOORS

SETUP = Setup(version=1, sources={"club": CLUB}, integrations={"doors": DOORS}, connections={1: CONNECTION})


def needy(booking_id: str, code: str = "component.missing", **params: str) -> BookingView:
    return a_view(booking_id, state=BookingState.NEEDS_PERSON, failure=Failure(code, params), object_name="Hall 2")


def replace_record(view: BookingView, **record: object) -> BookingView:
    return replace(view, record=replace(view.record, **record))


def paused(key: str, code: str) -> Pause:
    return Pause(key=key, code=code, detail="answered 401", since=NOW, probe_at=NOW + timedelta(minutes=15))


async def test_nobody_needed_is_a_page_too() -> None:
    page = await Browser(Counting()).page("/needs")
    assert "Nobody needs to do anything" in page.text


async def test_each_booking_has_its_sentence_its_remedy_and_its_button() -> None:
    failure = Failure("component.missing", {"names": "Hall Two", "near": "Hall 2"})
    page = await Browser(
        Counting(a_view("1", state=BookingState.GRANTED), a_view("2", state=BookingState.NEEDS_PERSON, failure=failure))
    ).page("/needs")
    assert "One booking needs a person" in page.text
    assert failure.message in page.text
    assert failure.remedy in page.text
    assert page.forms == ["/bookings/club/2/retry"]


@pytest.mark.parametrize(
    ("country", "sentence"),
    [("NE", "The default country is Niger (NE)"), ("", "No default country is set for numbers without country code.")],
)
async def test_a_number_that_cannot_be_used_tells_by_which_country_it_was_read(country: str, sentence: str) -> None:
    doors = replace(DOORS, policy=replace(DOORS.policy, default_country=country))
    setup = replace(SETUP, integrations={"doors": doors})
    view = needy("1", "visitor.unreachable", reason=NoSms.NOT_VALID.value, integration="doors")
    page = await Browser(Counting(view, setup=setup)).page("/needs")
    assert sentence in page.text
    # Without pages of the set-up there is no button for it, and no sentence that speaks of one.
    assert "Set the default country" not in page.text
    assert "Or set" not in page.text


async def test_every_failure_can_stand_there() -> None:
    views = [needy(str(number), code, detail=HOSTILE, names=HOSTILE) for number, code in enumerate(CATALOGUE)]
    page = await Browser(Counting(*views)).page("/needs")
    assert f"{len(CATALOGUE)} bookings need a person" in page.text
    assert page.of("img") == []


async def test_pages_follow_each_other() -> None:
    browser = Browser(Counting(*[needy(f"{number:03}") for number in range(40)]))
    first = await browser.page("/needs")
    assert len(first.forms) == 30
    assert "/needs?after=30" in first.links
    assert len((await browser.page("/needs?after=30")).forms) == 10
    assert "This address leads nowhere" in (await browser.page("/needs?after=nonsense", status=400)).text


async def test_a_button_that_leads_to_a_page_is_there_only_with_the_page() -> None:
    page = await Browser(Counting(needy("1"), setup=SETUP)).page("/needs")
    assert "/integrations/doors/mapping" not in page.links


async def test_an_access_that_is_live_can_be_issued_again_on_the_page_of_its_booking_only() -> None:
    view = a_view("1", sets=[a_set(state=SetState.LIVE)], state=BookingState.NEEDS_PERSON, failure=Failure("internal.error"))
    browser = Browser(Counting(view))
    assert "/bookings/club/1/issue-again" not in (await browser.page("/needs")).links
    assert "/bookings/club/1/issue-again" in (await browser.page("/bookings/club/1")).links


async def test_a_brake_that_holds_is_shown_once_with_its_button_and_who_waits_for_it() -> None:
    records = Counting(needy("1", "brake.tripped", source="club"), needy("2", "brake.tripped", source="club"), needy("3"))
    records.brake_list = [Brake(source="club", tripped_at=NOW, released_at=None)]
    page = await Browser(records).page("/needs")
    assert "The brake of club holds" in page.text
    assert page.links.count("/brakes/club/release") == 1
    assert "2 bookings wait for it: Hall 2 (1) Hall 2 (2)" in page.text
    assert page.forms == ["/bookings/club/3/retry"]


async def test_the_card_of_the_brake_says_what_it_is_about_and_lists_its_bookings_by_time() -> None:
    def begins(number: int, hours: int) -> BookingView:
        view = needy(str(number), "brake.tripped", source="club")
        start = NOW + timedelta(hours=hours)
        return replace(view, record=replace(view.record, start=start, end=start + timedelta(hours=1)))

    records = Counting(begins(1, 5), begins(2, 1), begins(3, 3))
    records.brake_list = [Brake(source="club", tripped_at=NOW, released_at=None)]
    page = await Browser(records).page("/needs")
    assert "The doors still open for these visitors." in page.text
    assert f"Hall 2 (2) Booked Sat 14 Mar, 10:00 {TO} 11:00 CET Hall 2 (3) Booked Sat 14 Mar, 12:00 {TO} 13:00 CET" in page.text
    assert page.text.index("Hall 2 (3)") < page.text.index("Hall 2 (1)")
    page = await Browser(records).page("/brakes/club/release")
    assert page.text.index("(2)") < page.text.index("(3)") < page.text.index("(1)")


@pytest.mark.parametrize(("live", "gone"), [(3, 3), (5, 5), (6, 6), (25, 6), (30, 7), (100, 21)])
async def test_the_card_of_the_brake_says_how_many_are_too_many(live: int, gone: int) -> None:
    records = Counting()
    records.brake_list = [Brake(source="club", tripped_at=NOW, released_at=None)]
    page = await Browser(records).page("/needs")
    assert "Too many are more than five and more than a fifth of all bookings with access there" in page.text
    assert "where only three to five have access, all of them" in page.text
    assert trips(GoneCount(live=live, gone=gone))
    assert not trips(GoneCount(live=live, gone=gone - 1))


async def test_who_refuses_us_is_told_once_and_each_booking_with_a_reason_of_its_own_by_itself() -> None:
    records = Counting(
        needy("1", "credential.refused", integration="doors"),
        needy("2", "credential.refused", integration="another"),
        needy("3", "source.refused", source="club"),
        setup=SETUP,
    )
    records.pause_list = [paused("credential:1", "credential.refused"), paused("source:club", "source.refused")]
    page = await Browser(records).page("/needs")
    assert page.text.count("One booking waits for it:") == 2
    assert page.forms == ["/pauses/probe", "/pauses/probe", "/bookings/club/2/retry"]


async def test_who_does_not_answer_is_told_once_with_since_when_and_what_works_meanwhile() -> None:
    records = Counting(setup=SETUP)
    records.pause_list = [
        paused("silence:source:club", "source.unreachable"),
        paused("silence:credential:1", "resivo.unreachable"),
    ]
    page = await Browser(records).page("/needs")
    assert page.text.count("The booking system club does not answer") == 1
    assert "Since Sat 14 Mar, 09:00 CET" in page.text
    assert "every access that is there opens its doors as before" in page.text
    assert "Resivo does not answer integration doors" in page.text
    assert "Detail: answered 401" in page.text
    assert "Nobody needs to do anything" not in page.text
    assert page.forms == []


async def test_after_an_order_the_card_says_that_it_is_given_and_the_head_agrees_with_the_list() -> None:
    class DoneMeanwhile(Counting):
        async def count_in(self, state: BookingState) -> int:
            return 0

    browser = Browser(DoneMeanwhile(replace_record(needy("1"), retry_ordered=True)))
    page = await browser.page("/needs?done=retry")
    assert "Ordered: Drempel tries again now. The card goes when it is done." in page.text
    assert "One booking needs a person" in page.text
    assert "This card goes when it is done, or says again what is in the way." in page.text
    assert "Nobody needs to do anything" not in page.text


async def test_after_the_release_no_card_says_that_the_brake_holds() -> None:
    page = await Browser(Counting(needy("1", "brake.tripped", source="club"))).page("/needs?done=release")
    assert "The brake is released: Drempel revokes this access now if the booking is gone." in page.text
    assert "until a person says so" not in page.text
    assert "/brakes/club/release" not in page.links


async def test_who_may_not_do_what_helps_is_told_who_may() -> None:
    records = Counting(needy("1", "component.missing", names="Gate"), needy("2", "internal.error"))
    page = await Browser(records, role=Role.RECEPTION).page("/needs")
    assert page.text.count("Doors are chosen by a manager or an administrator.") == 1
    records.brake_list = [Brake(source="club", tripped_at=NOW, released_at=None)]
    page = await Browser(records, role=Role.RECEPTION).page("/needs")
    assert page.text.count("The brake is released by a manager or an administrator.") == 1
    assert page.text.count("a manager or an administrator") == 2
    assert "a manager or an administrator" not in (await Browser(records, role=Role.MANAGER).page("/needs")).text


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        ({"code": "visitor.unreachable", "reason": NoSms.NO_COUNTRY_CODE}, "The default country is changed by a manager"),
        ({"code": "visitor.unreachable", "reason": NoSms.NOT_VALID}, "The default country is changed by a manager"),
        ({"code": "component.none_online", "names": "Gate"}, "A manager or an administrator can see which doors these are."),
        ({"code": "field.foreign"}, "A manager or an administrator answers the question that is open here."),
    ],
)
async def test_whose_it_is_names_the_thing_that_the_buttons_do_not(failure: dict[str, str], told: str) -> None:
    records = Counting(needy("1", **failure))
    page = await Browser(records, role=Role.RECEPTION).page("/needs")
    assert page.text.count("Try again now") == 1
    assert told in page.text
    assert told not in (await Browser(records, role=Role.MANAGER).page("/needs")).text


async def test_how_long_it_has_been_so_is_told_at_each_booking() -> None:
    page = await Browser(Counting(needy("1", since=NOW.isoformat()))).page("/needs")
    assert "Since Sat 14 Mar, 09:00 CET." in page.text


@pytest.mark.parametrize(
    ("key", "code", "shown"),
    [
        ("source:club", "source.refused", "The booking system club refuses us"),
        ("credential:1", "credential.refused", "Resivo refuses integration doors"),
        ("credential:99", "credential.refused", "Resivo refuses integration 99"),
        ("site:1:site-1", "site.refused", "Resivo refuses integration doors at a site"),
    ],
)
async def test_a_pause_says_who_refuses_us_and_can_be_tried_now(key: str, code: str, shown: str) -> None:
    records = Counting(setup=SETUP)
    records.pause_list = [paused(key, code)]
    browser = Browser(records)
    page = await browser.page("/needs")
    assert shown in page.text
    assert page.forms == ["/pauses/probe"]
    after = await browser.press_and_follow("/pauses/probe", key=key)
    assert "Ordered: Drempel tries once more now." in after.text
    assert records.orders == [("probe", "", key)]


@pytest.mark.parametrize("key", ["throttle:credential:1", "chore:x", "site", "credential:1"])
async def test_what_goes_by_itself_is_not_shown(key: str) -> None:
    records = Counting()
    records.pause_list = [paused(key, "resivo.busy")]
    assert (await Browser(records).page("/needs")).forms == []


async def test_a_paused_integration_says_what_will_happen_and_can_go_on() -> None:
    records = Counting(setup=replace(SETUP, integrations={"doors": replace(DOORS, paused=True)}))
    records.paused.add("doors")
    browser = Browser(records)
    page = await browser.page("/needs")
    assert "Integration doors is paused" in page.text
    assert "visitors may get messages" in page.text
    assert page.forms == ["/needs/resume"]
    assert records.paused == {"doors"}
    assert "the integration goes on" in (await browser.press_and_follow("/needs/resume", integration="doors")).text
    assert records.paused == set()
    assert (await browser.press("/needs/resume", integration="<b>")).status == 303


async def test_the_count_stands_in_the_header_of_every_page() -> None:
    page = await Browser(Counting(needy("1"), needy("2"))).page("/setup")
    assert "Needs a person 2" in page.text


async def test_an_integration_that_is_not_active_is_not_passed_over_in_silence() -> None:
    inactive = replace(DOORS, policy=replace(DOORS.policy, active=False))
    page = await Browser(Counting(setup=replace(SETUP, integrations={"doors": inactive}))).page("/needs")
    assert "Integration doors is not active: nothing is created." in page.text
    assert "Nobody needs to do anything" not in page.text
    assert "Every booking that should have access has it" not in page.text


async def test_the_title_counts_what_the_heading_counts() -> None:
    records = Counting(needy("1", "credential.refused", integration="doors"), setup=SETUP)
    records.pause_list = [paused("credential:1", "credential.refused")]
    page = await Browser(records).page("/needs")
    assert page.text.startswith("(1) Needs a person")
    assert "One booking needs a person" in page.text
    alone = Counting(setup=SETUP)
    alone.pause_list = records.pause_list
    assert (await Browser(alone).page("/needs")).text.startswith("Needs a person")


def late(
    booking_id: str, code: str = "resivo.unreachable", *, not_ready: str = "resivo.unreachable", **params: str
) -> BookingView:
    failure = Failure(code, {"integration": "doors", **params})
    start = NOW + timedelta(minutes=int(booking_id) - 3702)
    return a_view(
        booking_id,
        state=BookingState.PENDING,
        failure=failure,
        not_ready=not_ready,
        object_name="Hall 1",
        start=start,
        end=start + timedelta(hours=1),
    )


async def test_who_waits_while_resivo_does_not_answer_stands_on_its_card_and_in_the_red_number() -> None:
    records = Counting(late("3712"), late("3702"), late("3999", not_ready=""), setup=SETUP)
    records.pause_list = [paused("silence:credential:1", "resivo.unreachable")]
    page = await Browser(records).page("/needs")
    told = "Drempel tries by itself. These visitors have no door link yet; let them in by hand:"
    assert f"{told} Hall 1 (3702) Booked Sat 14 Mar, 09:00 {TO} 10:00 CET Hall 1 (3712)" in page.text
    assert "One booking waits for it: Hall 1 (3999)" in page.text
    assert "Nothing to do at first" not in page.text
    assert "Needs a person 2" in page.text, "the red number"
    assert "2 visitors have no door link yet: let them in by hand" in page.text
    assert "(2) Needs a person" in page.text


async def test_who_waits_for_something_that_no_card_tells_has_a_card_too() -> None:
    page = await Browser(Counting(late("3702", "resivo.busy"), setup=SETUP)).page("/needs")
    assert "One visitor has no door link yet: let them in by hand" in page.text
    assert "Hall 1 (3702)" in page.text
    assert "Nobody needs to do anything" not in page.text


async def test_who_has_an_access_is_not_let_in_by_hand() -> None:
    waiting = replace(late("3702"), sets=(a_set(),))
    assert "Nobody needs to do anything" in (await Browser(Counting(waiting, setup=SETUP)).page("/needs")).text


async def test_a_booking_system_that_does_not_answer_has_its_own_bookings_on_its_card() -> None:
    records = Counting(late("3702", "source.unreachable", source="club"), late("3703"), setup=SETUP)
    records.pause_list = [paused("silence:source:club", "source.unreachable")]
    page = await Browser(records).page("/needs")
    card = page.text.partition("The booking system club does not answer Since")[2]
    assert "(3702)" in card
    assert "(3703)" not in card
    assert "(3703)" in page.text


async def test_a_pause_counts_in_the_red_number() -> None:
    setup = replace(SETUP, integrations={"doors": replace(DOORS, paused=True, paused_at=NOW)})
    page = await Browser(Counting(setup=setup)).page("/needs")
    assert "Needs a person 1" in page.text
    assert "(1) Needs a person" in page.text


async def test_the_heading_names_who_does_not_answer_or_refuses_us() -> None:
    records = Counting(setup=SETUP)
    records.pause_list = [paused("silence:credential:1", "resivo.unreachable")]
    page = await Browser(records).page("/needs")
    assert page.text.count("Resivo does not answer") == 2
    records.pause_list = [paused("credential:1", "credential.refused")]
    page = await Browser(records).page("/needs")
    assert page.text.count("Resivo refuses integration doors") == 2
    assert "The other side" not in page.text
