"""Sources by pages: tested before they are saved, the hook registered and rotated, the password never shown."""

from __future__ import annotations

from datetime import timedelta

import pytest

from drempel.domain.failures import Failure
from tests.web.integrations.office import INTEGRATION, SECRET, SOURCE, Clerk, Office


async def test_a_source_whose_account_is_refused_is_saved_only_if_one_says_so(office: Office, clerk: Clerk) -> None:
    office.others.failure = Failure("source.refused", {"source": "club", "detail": "401"})
    tested = await clerk.fill("/sources/new", **SOURCE)
    assert "The test failed." in (await clerk.review(tested)).text
    assert (await clerk.send(tested.header("location"))).status == 409
    assert (await office.store.setup()).sources == {}


async def test_an_empty_password_keeps_the_present_one_and_no_page_shows_it(office: Office, clerk: Clerk) -> None:
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    page = await clerk.page("/sources/club")
    assert SECRET not in str(page.elements)
    version = str((await office.store.setup()).version)
    changed = await clerk.send("/sources/club", **{**SOURCE, "password": "", "poll_seconds": "60", "version": version})
    assert "Poll seconds: 60 instead of 300" in (await clerk.review(changed)).text
    assert (await clerk.send(changed.header("location"))).status == 303
    assert (await office.store.stored_secrets()).source_passwords == {"club": SECRET}
    assert (await office.store.setup()).sources["club"].poll_seconds == 60


@pytest.mark.parametrize(
    "moved",
    [
        {"base_url": "https://evil.test"},
        {"base_url": "https://club.i-reserve.net:8443"},
        {"base_url": "http://club.i-reserve.net", "allow_insecure": "yes"},
        {"base_url": "https://club.i-reserve.net.evil.test"},
    ],
)
async def test_the_present_password_is_sent_to_no_other_address(office: Office, clerk: Clerk, moved: dict[str, str]) -> None:
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    version = str((await office.store.setup()).version)
    office.others.asked.clear()
    empty = {**SOURCE, "password": "", "version": version}
    refused = await clerk.send("/sources/club", **{**empty, **moved})
    assert refused.status == 400
    assert "Write the password" in refused.text
    assert office.others.asked == []
    assert (await clerk.send("/sources/club", **{**empty, **moved, "password": "typed anew"})).status == 303
    assert (await clerk.send("/sources/club", **{**empty, "base_url": "https://CLUB.i-reserve.net:443/api"})).status == 303


async def test_the_hook_is_registered_and_rotated_and_both_stand_in_the_trail(office: Office, clerk: Clerk) -> None:
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    assert (await clerk.send("/sources/club/hook/register")).header("location") == "/sources/club?done=registered"
    page = await clerk.page("/sources/club")
    assert "Registered at i-Reserve, for new and for changed bookings: Anna, " in page.text
    assert "Register it again" in page.text
    (before,) = await office.store.hook_tokens("club")
    assert office.others.hooks == [f"http://drempel.test/hooks/club/{before.token}"]
    assert "24 more hours" in (await clerk.page("/sources/club/hook/rotate")).text
    await clerk.send("/sources/club/hook/rotate")
    now = await office.store.hook_tokens("club")
    assert [each.valid_until is None for each in now] == [True, False]
    page = await clerk.page("/sources/club")
    assert now[0].token in page.text
    assert "is not registered at i-Reserve yet" in page.text
    assert "Register it at i-Reserve" in page.text
    kinds = [line[1] for line in await office.trail()]
    assert kinds[-2:] == ["hook.register", "hook.rotate"]
    assert all(before.token not in str(line) for line in await office.trail())
    done = await clerk.send("/sources/club/hook/rotate", at_once="yes")
    assert done.header("location") == "/sources/club?done=rotated_at_once"
    assert len(await office.store.hook_tokens("club")) == 1


async def test_the_list_says_of_a_source_that_it_does_not_answer_or_refuses_us(office: Office, clerk: Clerk) -> None:
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    assert "club does not answer" not in (await clerk.page("/sources")).text
    now = office.clock.now()
    await office.store.pause("silence:source:club", code="source.unreachable", detail="no answer", probe_at=now)
    await office.store.pause("source:club", code="source.refused", detail="answered 401", probe_at=now)
    await office.store.trip_brake("club")
    page = await clerk.page("/sources")
    assert "The booking system club does not answer Since Fri 20 Nov, 13:00 CET." in page.text
    assert "The booking system club refuses us" in page.text
    assert "The brake of club holds" in page.text


async def test_a_poll_is_told_with_what_it_counts_and_only_if_there_can_be_one(office: Office, clerk: Clerk) -> None:
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    # It falls due all the same; nothing is asked by it.
    assert await office.store.take_chore("poll:club", every=timedelta(seconds=300))
    for path in ("/sources", "/sources/club/activity"):
        assert "Last pollnone yet" in (await clerk.page(path)).text
    await clerk.save(await clerk.fill("/integrations/new", **INTEGRATION))
    await office.store.record_poll("club", rows={"1": "a", "2": "b"}, due=[], existing=[], complete=True, with_status=True)
    assert "Bookings in the last complete poll2 at a trigger status" in (await clerk.page("/sources/club")).text
    await office.store.record_poll("club", rows={"1": "a"}, due=[], existing=[], complete=True, with_status=False)
    assert "Bookings in the last complete poll1 whatever their status" in (await clerk.page("/sources/club")).text
    await office.store.set_paused("doors", paused=True)
    for path in ("/sources", "/sources/club", "/sources/club/activity"):
        assert "Last pollpaused" in (await clerk.page(path)).text


async def test_a_hook_that_is_refused_says_what_to_do(office: Office, clerk: Clerk) -> None:
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    office.others.hook_refused = True
    refused = await clerk.send("/sources/club/hook/register")
    assert refused.status == 409
    assert "did not take the hook (answered 401)" in refused.text


@pytest.mark.parametrize(
    ("language", "zone", "country"),
    [
        ("de-AT,de;q=0.9", "Europe/Berlin", "DE"),
        ("fr", "Europe/Paris", "FR"),
        ("nl", "Europe/Amsterdam", "NL"),
        ("en-GB", "Europe/Amsterdam", "NL"),
    ],
)
async def test_a_new_source_begins_in_the_time_zone_of_its_readers_and_its_integration_in_their_country(
    clerk: Clerk, language: str, zone: str, country: str
) -> None:
    headers = {"accept-language": language}
    form = (await clerk.browser.ask("GET", "/sources/new", headers=headers)).page
    assert next(each["value"] for each in form.of("input") if each.get("name") == "time_zone") == zone
    await clerk.save(await clerk.fill("/sources/new", **{**SOURCE, "time_zone": zone}))
    form = (await clerk.browser.ask("GET", "/integrations/new", headers=headers)).page
    assert country in [each["value"] for each in form.of("option") if "selected" in each]
