"""Bookings that stood at a trigger status before an integration began: who would get access is told before anybody says so."""

from __future__ import annotations

from datetime import timedelta

from drempel.domain.access import BookingState
from drempel.engine.ports import BookingRecord, Change
from tests.web.integrations.office import INTEGRATION, Clerk, Office


async def from_before(office: Office, booking: str, **fields: object) -> None:
    await office.store.hint("club", booking)
    begin = office.clock.now() + timedelta(days=1)
    kept = {
        "state": BookingState.NONE,
        "existing": " doors ",
        "status": "20",
        "object_id": "81",
        "start": begin,
        "end": begin + timedelta(hours=1),
        **fields,
    }

    def change(record: BookingRecord, *_: object) -> Change:
        for name, value in kept.items():
            setattr(record, name, value)
        return Change()

    await office.store.amend("club", booking, change)


async def test_only_who_would_get_access_is_counted_and_the_others_stand_apart_with_the_reason(
    office: Office, clerk: Clerk
) -> None:
    await clerk.set_up()
    await clerk.map()
    await from_before(office, "1", object_name="Hall 1")
    await from_before(office, "2", object_id="99")
    await from_before(office, "3", status="70")
    await from_before(office, "4", object_id=None)
    await from_before(office, "5", withheld=True)
    await from_before(office, "6", end=office.clock.now() - timedelta(hours=1))
    page = await clerk.page("/integrations/doors/existing")
    assert "5 bookings from before" in page.text
    assert "one visitor gets access" in page.text
    assert "4 get nothing all the same, as things are:" in page.text
    for reason in ("no door is mapped to its object", "no trigger status any more", "not read yet", "a person took access away"):
        assert reason in page.text
    assert "/bookings/club/6" not in page.links


async def test_where_nobody_would_get_access_the_mapping_comes_first(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    await from_before(office, "1")
    page = await clerk.page("/integrations/doors/existing")
    assert "gets access" not in page.text
    assert "/integrations/doors/mapping" in page.links


async def test_what_another_integration_of_the_source_opens_is_not_told_as_a_gap_of_this_one(
    office: Office, clerk: Clerk
) -> None:
    await clerk.set_up()
    await clerk.map("81")
    await clerk.save(await clerk.fill("/integrations/new", **{**INTEGRATION, "name": "annex", "authorization_field": "custom6"}))
    mapped = await clerk.fill("/integrations/annex/mapping/edit", object="90", site_id="site-1", door="Hall 1")
    await clerk.save(mapped)
    await from_before(office, "1", existing=" annex ", object_name="Hall 1")
    await from_before(office, "2", existing=" annex ", object_id="90", object_name="Sauna")
    await from_before(office, "3", existing=" annex ", object_id="99", object_name="Bowls")
    told = "2 bookings stood at a trigger status before"
    assert told in (await clerk.page("/integrations/annex/checklist")).text
    assert told not in (await clerk.page("/integrations/doors/checklist")).text
    page = await clerk.page("/integrations/annex/existing")
    assert "2 bookings from before" in page.text
    assert "/bookings/club/1" not in page.links
    unmapped = (await clerk.page("/integrations/annex/mapping")).text.split("Booked, but without doors")[1]
    assert "Bowls" in unmapped
    assert "Hall 1" not in unmapped
    await clerk.save(await clerk.fill("/integrations/doors/mapping/edit", object="81", site_id="site-1", remove="yes"))
    assert "3 bookings stood" in (await clerk.page("/integrations/annex/checklist")).text
    assert "Hall 1" in (await clerk.page("/integrations/annex/mapping")).text.split("Booked, but without doors")[1]


async def test_the_list_of_what_needs_a_person_names_them_and_leads_to_the_decision(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    await clerk.map()
    await from_before(office, "1")
    page = await clerk.page("/needs")
    assert "One booking was confirmed before Drempel began, and has no access. Decide about them…" in page.text
    assert "/integrations/doors/existing" in page.links
    assert "Every booking that should have access has it" not in page.text
