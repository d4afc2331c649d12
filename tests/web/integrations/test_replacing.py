"""Replacing access of older rules by pages: what would be done is shown first, and how far it is while it goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from drempel.domain.access import SetState
from drempel.domain.components import Component
from drempel.domain.failures import Failure
from drempel.domain.rights import Role
from drempel.domain.window import AccessWindow
from drempel.engine.ports import BookingRecord, Change
from drempel.engine.replace_rehearsal import RehearsedAccess, RehearsedReplacement
from tests.contract.store_kit import HOUR, booking, finish, live_set
from tests.web.integrations.office import INTEGRATION, Clerk, Office
from tests.web.pages.browser import Markup
from tests.web.sign_in.house import Answer

PAGE = "/integrations/doors/replace"


async def old_access(office: Office, clerk: Clerk, *bookings: str) -> None:
    """Live access that was made for the main entrance and hall 1; today the main entrance alone is mapped."""
    await clerk.set_up()
    await clerk.map("81", "Main entrance")
    start = begins(office)
    for number, each in enumerate(bookings):
        one = live_set(1, start=start, authorization_id=f"id-{number}", display_name=f"Hall · dr-abcdefgh-club-{each}-1")
        await booking(office.store, each, start=start, change=Change(sets=[one]))


def begins(office: Office) -> datetime:
    return office.clock.now() + HOUR


def told(office: Office, number: str = "1363", **more: object) -> RehearsedReplacement:
    record = office_record(number)
    window = AccessWindow(valid_from=begins(office), valid_to=begins(office) + 2 * HOUR)
    access = RehearsedAccess(
        site_id="site-1",
        old_doors=("Main entrance", "Hall 1"),
        old_window=window,
        new_doors=("Main entrance",),
        new_window=replace(window, valid_from=window.valid_from - HOUR / 4),
        emails=1,
        sms=1,
        revoked=True,
    )
    return RehearsedReplacement(record=record, accesses=(replace(access, **more),))  # type: ignore[arg-type]


def office_record(number: str) -> BookingRecord:
    return BookingRecord(source="club", booking_id=number, object_id="81", object_name="Hall 1")


async def rehearse(office: Office, clerk: Clerk, *found: RehearsedReplacement) -> Markup:
    office.others.rehearsed = list(found)
    answer = await clerk.send(f"{PAGE}/rehearse")
    assert answer.header("location") == f"{PAGE}?begun=1"
    return await clerk.page(PAGE)


async def order(office: Office, clerk: Clerk) -> Answer:
    """As the button under the list does, which knows the rules that it was made by."""
    one = (await office.store.setup()).integrations["doors"]
    return await clerk.send(PAGE, rules=str(one.policy_version))


async def test_an_order_of_other_rules_than_those_of_today_marks_nothing(office: Office, clerk: Clerk) -> None:
    await old_access(office, clerk, "1363")
    present = (await office.store.setup()).integrations["doors"].policy_version
    for rules in ("", str(present - 1), "x"):
        assert (await clerk.send(PAGE, rules=rules)).header("location") == PAGE
        assert not any(one.issue_again for one in (await office.store.booking("club", "1363")).sets)
    await order(office, clerk)
    assert any(one.issue_again for one in (await office.store.booking("club", "1363")).sets)


async def test_where_everything_fits_the_page_says_so(clerk: Clerk) -> None:
    await clerk.set_up()
    page = await clerk.page(PAGE)
    assert "Every live access fits today" in page.text
    assert page.forms == []


async def test_a_door_that_only_got_another_name_is_nothing_to_replace(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    await clerk.save(await clerk.fill("/integrations/doors/details", **{**INTEGRATION, "time_before_minutes": "0"}))
    await clerk.map("81", "Main entrance", "Hall 1")
    start = begins(office)
    one = live_set(1, start=start, authorization_id="id-1", display_name="Hall · dr-abcdefgh-club-1363-1")
    ids = dict(zip(one.intent.component_names, one.intent.component_ids, strict=True))
    await booking(office.store, "1363", start=start, change=Change(sets=[one]))
    called = {"Main entrance": "Main entrance", "Hall 1": "Zaal 1"}
    office.others.doors = [Component(id=ids[old], display_name=new) for old, new in called.items()]
    version = str((await office.store.setup()).version)
    taken = await clerk.send("/integrations/doors/mapping/rename", site_id="site-1", old="Hall 1", new="Zaal 1", version=version)
    told = (await clerk.review(taken)).text
    assert "One live access is for the same doors, which only have another name" in told
    assert "differs from the new rules" not in told
    assert "old rules" not in told
    await clerk.send(taken.header("location"))
    page = await clerk.page(PAGE)
    assert "Every live access fits today" in page.text
    assert (await clerk.page("/")).text.count("Zaal 1") > 0
    assert "Hall 1" not in [lane["aria-label"] for lane in (await clerk.page("/")).of("section") if "aria-label" in lane]


async def test_a_change_counts_the_access_of_the_objects_that_it_is_about_and_no_other(office: Office, clerk: Clerk) -> None:
    await old_access(office, clerk, "1363", "1364")
    edit = "/integrations/doors/mapping/edit"
    other = (await clerk.review(await clerk.fill(edit, object="82", site_id="site-1", door="Hall 1"))).text
    assert "Bookings of object 82 will open: Hall 1" in other
    assert "live access" not in other
    same = await clerk.fill(edit, object="81", site_id="site-1", door="Hall 1")
    told = (await clerk.review(same)).text
    assert "2 live accesses were made under the present rules and will stay as they are" in told
    assert "2 live accesses differ from the new rules" in told
    rules = await clerk.fill("/integrations/doors/details", **{**INTEGRATION, "time_before_minutes": "30"})
    assert "2 live accesses differ from the new rules" in (await clerk.review(rules)).text


async def test_an_access_whose_door_got_another_name_is_not_told_of_where_another_object_changes(
    office: Office, clerk: Clerk
) -> None:
    await clerk.set_up()
    await clerk.save(await clerk.fill("/integrations/doors/details", **{**INTEGRATION, "time_before_minutes": "0"}))
    await clerk.map("81", "Main entrance", "Zaal 1")
    start = begins(office)
    one = live_set(1, start=start, authorization_id="id-1", display_name="Hall · dr-abcdefgh-club-1363-1")
    await booking(office.store, "1363", start=start, change=Change(sets=[one]))
    names = ("Main entrance", "Zaal 1")
    office.others.doors = [Component(id=i, display_name=n) for i, n in zip(one.intent.component_ids, names, strict=True)]
    made = await clerk.fill("/integrations/doors/mapping/edit", object="82", site_id="site-1", door="Zaal 1")
    assert "which only have another name" not in (await clerk.review(made)).text


async def test_the_first_page_counts_and_leads_to_the_rehearsal_alone(office: Office, clerk: Clerk) -> None:
    await old_access(office, clerk, "1363", "1364")
    page = await clerk.page(PAGE)
    assert "Replace 2 accesses that were made under older rules?" in page.text
    assert page.forms == [f"{PAGE}/rehearse"]


async def test_the_rehearsal_shows_booking_doors_window_and_messages_before_anything_is_changed(
    office: Office, clerk: Clerk
) -> None:
    await old_access(office, clerk, "1363")
    page = await rehearse(office, clerk, told(office))
    assert "One access would be created, one revoked." in page.text
    assert "Resivo would send visitors one e-mail and one SMS." in page.text
    assert "Main entrance, Hall 1 → Main entrance" in page.text
    assert "by e-mail and SMS" in page.text
    assert "/bookings/club/1363" in page.links
    assert page.forms == [PAGE, f"{PAGE}/rehearse"]
    (one,) = (await office.store.booking("club", "1363")).sets
    assert not one.issue_again


async def test_what_is_in_the_way_and_what_stays_is_told(office: Office, clerk: Clerk) -> None:
    await old_access(office, clerk, "1363")
    stuck = replace(
        told(office, new_window=None, revoked=False), failure=Failure("component.missing", {"name": "Hall 9", "site": "site-1"})
    )
    page = await rehearse(office, clerk, stuck)
    assert "At one booking something is in the way" in page.text
    assert "none so far" in page.text
    assert PAGE not in page.forms
    stays = replace(told(office, new_window=None, revoked=False), reason="integration.paused")
    page = await rehearse(office, clerk, stays)
    assert "none; it stays as it is" in page.text
    assert "The integration is paused: nothing runs for it." in page.text


async def test_a_long_rehearsal_shows_how_far_it_is_and_can_be_left(office: Office, clerk: Clerk) -> None:
    await old_access(office, clerk, "1363")
    office.others.may_go_on.clear()
    office.others.rehearsed = [told(office)]
    await clerk.send(f"{PAGE}/rehearse")
    page = await clerk.page(PAGE)
    assert "1 of 1 bookings looked at. Nothing is changed." in page.text
    assert page.of("progress") == [{"class": "bar-done", "max": "1", "value": "1", "aria-label": "Looked at"}]
    assert [meta.get("content") for meta in page.of("meta") if meta.get("http-equiv") == "refresh"] == [f"3; url={PAGE}"]
    assert "/integrations/doors/activity" in page.links
    assert page.forms == []
    office.others.may_go_on.set()


async def test_a_rehearsal_that_is_old_is_not_shown_any_more(office: Office, clerk: Clerk) -> None:
    await old_access(office, clerk, "1363")
    await rehearse(office, clerk, told(office))
    office.clock.advance(HOUR / 3)
    assert (await clerk.page(PAGE)).forms == [f"{PAGE}/rehearse"]


async def test_an_order_is_followed_until_the_last_is_replaced(office: Office, clerk: Clerk) -> None:
    await old_access(office, clerk, "1363", "1364")
    await rehearse(office, clerk, told(office), told(office, "1364"))
    assert (await order(office, clerk)).header("location") == f"{PAGE}?begun=1"
    page = await clerk.page(PAGE)
    assert "0 of 2 replaced. 2 are under way." in page.text
    assert [meta for meta in page.of("meta") if meta.get("http-equiv") == "refresh"]
    entries = [line[2:] for line in await office.trail() if line[1] == "setup.replace"]
    assert entries == [("doors", "", "2"), ("booking 1363 of club", "", "doors"), ("booking 1364 of club", "", "doors")]
    for claim in await office.store.claim(limit=10):
        (old,) = claim.sets
        assert old.issue_again
        if claim.record.booking_id == "1363":
            await finish(office.store, claim, Change(sets=[replace(old, state=SetState.REVOKED)]))
        else:
            await finish(office.store, claim, failure=Failure("resivo.busy", {"detail": "429"}))
    page = await clerk.page(PAGE)
    assert "1 of 2 replaced." in page.text
    assert "One did not succeed so far" in page.text
    assert "/bookings/club/1364" in page.links
    assert not [meta for meta in page.of("meta") if meta.get("http-equiv") == "refresh"]


async def test_what_still_waits_is_shown_also_after_a_restart(office: Office, clerk: Clerk) -> None:
    await old_access(office, clerk, "1363")
    await order(office, clerk)
    office.forget_errands()
    page = await clerk.page(PAGE)
    assert "0 of 1 replaced. One is under way." in page.text


async def test_another_process_than_the_one_that_looks_says_that_it_does_not_know(office: Office, clerk: Clerk) -> None:
    await old_access(office, clerk, "1363")
    await rehearse(office, clerk, told(office))
    begun, elsewhere = f"{PAGE}?begun=1", "runs in another process of Drempel"
    assert elsewhere not in (await clerk.page(begun)).text
    office.forget_errands()
    page = await clerk.page(begun)
    assert elsewhere in page.text
    assert f"{PAGE}/rehearse" in page.forms
    assert elsewhere not in (await clerk.page(PAGE)).text
    await order(office, clerk)
    office.forget_errands()
    page = await clerk.page(begun)
    assert elsewhere not in page.text
    assert "One is under way." in page.text


async def test_a_booking_that_is_at_work_all_the_time_stays_and_can_be_ordered_again(office: Office, clerk: Clerk) -> None:
    await old_access(office, clerk, "1363")
    await office.store.hint("club", "1363")
    await office.store.claim(limit=1)
    await order(office, clerk)
    page = await clerk.page(PAGE)
    assert "One booking was being worked on all the time and stayed as it is." in page.text
    assert f"{PAGE}/rehearse" in page.forms


async def test_reception_neither_sees_nor_orders_it(office: Office, clerk: Clerk) -> None:
    await old_access(office, clerk, "1363")
    reception = await office.clerk("Cleo", Role.RECEPTION)
    await reception.page(PAGE, status=403)
    assert (await reception.send(PAGE)).status == 403
    assert (await reception.send(f"{PAGE}/rehearse")).status == 403
    assert not (await office.store.booking("club", "1363")).sets[0].issue_again


async def test_resivo_is_asked_once_for_a_checklist_and_not_at_all_to_save(office: Office, clerk: Clerk) -> None:
    await old_access(office, clerk, "1363")
    made = await clerk.fill("/integrations/doors/details", **{**INTEGRATION, "time_before_minutes": "30"})
    assert "One live access differs from the new rules" in (await clerk.review(made)).text
    asked = len(office.others.asked)
    assert (await clerk.send(made.header("location"))).status == 303
    assert len(office.others.asked) == asked
    await clerk.page("/integrations/doors/checklist")
    assert len(office.others.asked) == asked + 1
