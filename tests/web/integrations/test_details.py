"""The rules of an integration, as a newcomer fills them in: what is preset, what is warned of, and where a mistake is told."""

from __future__ import annotations

import pytest

from tests.contract.store_kit import HOUR, booking
from tests.web.integrations.office import INTEGRATION, SOURCE, Clerk, Office
from tests.web.pages.browser import Markup

WITHOUT = {**INTEGRATION, "more_revoke": ""}
WARNING = "no status revokes access. Even after a cancellation the doors open until the booking ends."


def chosen(page: Markup, meaning: str) -> list[str]:
    """The statuses with this meaning."""
    ticked = [each for each in page.of("input") if each.get("type") == "radio" and "checked" in each]
    return [str(each["name"]).removeprefix("status:") for each in ticked if each.get("value") == meaning]


async def test_a_new_integration_revokes_at_cancelled_and_rejected_unless_somebody_says_otherwise(clerk: Clerk) -> None:
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    page = await clerk.page("/integrations/new")
    assert chosen(page, "revoke") == ["70", "80"]
    assert chosen(page, "trigger") == []
    await clerk.save(await clerk.fill("/integrations/new", **WITHOUT))
    assert chosen(await clerk.page("/integrations/doors/details"), "revoke") == []


async def test_rules_that_never_revoke_are_warned_of_before_they_are_saved(clerk: Clerk) -> None:
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    assert WARNING not in (await clerk.review(await clerk.fill("/integrations/new", **INTEGRATION))).text
    made = await clerk.fill("/integrations/new", **WITHOUT)
    assert WARNING in (await clerk.review(made)).text
    await clerk.send(made.header("location"))
    assert WARNING in (await clerk.review(await clerk.fill("/integrations/doors/active", active="yes"))).text
    mapped = await clerk.fill("/integrations/doors/mapping/edit", object="81", site_id="site-1", door="Hall 1")
    assert WARNING not in (await clerk.review(mapped)).text
    details = "/integrations/doors/details"
    assert WARNING not in (await clerk.review(await clerk.fill(details, **INTEGRATION))).text
    assert WARNING in (await clerk.review(await clerk.fill(details, **{**WITHOUT, "time_before_minutes": "30"}))).text


@pytest.mark.parametrize(("typed", "told"), [(WITHOUT, True), (INTEGRATION, False)])
async def test_the_checklist_names_what_is_missing_of_the_details(clerk: Clerk, typed: dict[str, str], told: bool) -> None:
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    await clerk.save(await clerk.fill("/integrations/new", **typed))
    page = await clerk.page("/integrations/doors/checklist")
    sentence = "No status revokes access: a cancellation takes nothing away. Fill in the tab Details."
    assert (sentence in page.text) is told


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"more_trigger": ""}, "Choose “Creates” in the table for at least one status."),
        ({"status:20": "revoke"}, "A status can create or revoke, not both."),
    ],
)
async def test_what_is_wrong_with_the_statuses_stands_above_their_table(clerk: Clerk, typed: dict[str, str], told: str) -> None:
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    text = (await clerk.fill("/integrations/new", **{**INTEGRATION, **typed})).text
    assert text.index("What does each status mean?") < text.index(told) < text.index("Access is created at a trigger status")
    assert text.count(told) == 1


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("NL", "DE", "without country code are read as numbers of Germany (DE); one that cannot be a mobile number"),
        ("NL", "", "From now on numbers without country code get no SMS."),
        ("NL", "NL", ""),
    ],
)
async def test_what_follows_from_another_default_country_is_told_before_it_is_saved(
    clerk: Clerk, before: str, after: str, told: str
) -> None:
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    typed = {**INTEGRATION, "default_country": before}
    made = await clerk.fill("/integrations/new", **typed)
    assert "From now on numbers" not in (await clerk.review(made)).text, "the rules of a new one say it"
    await clerk.send(made.header("location"))
    changed = await clerk.fill("/integrations/doors/details", **{**typed, "default_country": after, "time_before_minutes": "30"})
    text = (await clerk.review(changed)).text
    assert told in text
    assert ("stands under “Needs a person”. Live access stays as it is." in text) is bool(told)


async def test_bookings_are_counted_by_status_once_drempel_has_taken_in_some(office: Office, clerk: Clerk) -> None:
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    assert "Known bookings" not in (await clerk.page("/integrations/new")).text
    await booking(office.store, "1363", start=office.clock.now() + HOUR)
    page = await clerk.page("/integrations/new")
    assert "Known bookings" in page.text
    assert "20 OPEN 1" in page.text


@pytest.mark.parametrize(
    ("typed", "is_open"),
    [
        ({}, False),
        ({"base_url": "https://resivo.test"}, True),
        ({"target_mobile_app_id": "7"}, True),
        ({"profile": "onegov-literal"}, True),
        ({"base_url": "http://127.0.0.1:8081", "allow_insecure": "yes"}, True),
    ],
)
async def test_what_is_rarely_needed_stays_open_where_it_holds_something(
    clerk: Clerk, typed: dict[str, str], is_open: bool
) -> None:
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    wrong = await clerk.fill("/integrations/new", **{**INTEGRATION, "authorization_field": "field 5", **typed})
    assert wrong.status == 400
    assert ["open" in each for each in wrong.page.of("details") if each.get("class") == "more-fields"] == [is_open]
    await clerk.save(await clerk.fill("/integrations/new", **{**INTEGRATION, **typed}))
    page = await clerk.page("/integrations/doors/authentication")
    assert ["open" in each for each in page.of("details") if each.get("class") == "more-fields"] == [is_open]


async def test_a_new_integration_has_no_site_that_could_be_left_as_it_is(clerk: Clerk) -> None:
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    new = await clerk.review(await clerk.fill("/integrations/new", **{**INTEGRATION, "site_id": ""}))
    assert "none: each mapping names its own site" in new.text
    assert "leave it as it is" not in new.text
    await clerk.save(await clerk.fill("/integrations/new", **INTEGRATION))
    edited = {**INTEGRATION, "client_secret": "", "client_id": "other"}
    assert "leave it as it is" in (await clerk.review(await clerk.fill("/integrations/doors/authentication", **edited))).text


async def test_a_booking_field_that_another_integration_has_is_told_with_its_owner_and_one_that_is_free(clerk: Clerk) -> None:
    await clerk.set_up()
    more = {**INTEGRATION, "name": "gates", "authorization_field": "custom05"}
    told = "custom05 belongs to integration doors already. Take another one, for example custom04."
    refused = await clerk.fill("/integrations/new", **more)
    assert refused.status == 400
    assert told in refused.text
    assert "Write the booking field as" not in refused.text
    assert (
        "Write the booking field as custom05."
        in (await clerk.fill("/integrations/new", **{**more, "authorization_field": "x"})).text
    )
    await clerk.save(await clerk.fill("/integrations/new", **{**more, "authorization_field": "custom4"}))
    taken = await clerk.fill("/integrations/gates/details", **more)
    assert taken.status == 400
    assert "Take another one, for example custom04." in taken.text, "its own is free"
    assert "already" not in (await clerk.page("/integrations/gates/details")).text
