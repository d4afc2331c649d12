"""What people order, and what only people may decide."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3

import pytest

from tests.processes.programs import eventually
from tests.processes.world import ANNEX_OBJECT, World

READS_SET_UP = re.compile(rb"executing [^\n]*'SELECT meta[^\n]*'setup_version'")
pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="session")]


async def test_access_that_a_person_revokes_stays_away_until_a_person_says_retry(club: World) -> None:
    visit = club.confirmed()
    await club.granted(visit)
    said = await club.say("revoke", "club", visit.id)
    assert visit.id in said.out
    await club.revoked(visit)
    club.ireserve.set_status(visit.id, "30")
    await club.read(visit, "30")
    assert len(club.sets(visit)) == 1
    assert visit.id in await club.order(f"/bookings/club/{visit.id}/retry")
    await club.granted(visit, messages=2)


async def test_a_cancelled_booking_that_comes_back_gets_a_new_set(club: World) -> None:
    visit = club.confirmed()
    await club.granted(visit)
    club.cancel(visit)
    await club.revoked(visit)
    club.confirm(visit)
    await club.granted(visit, messages=2)


async def test_nobody_gets_a_second_message_for_a_change_that_changes_nothing(club: World) -> None:
    visit = club.confirmed()
    await club.granted(visit)
    club.ireserve.set_status(visit.id, "30")
    club.ireserve.set_field(visit.id, 1, "a remark")
    await club.hint(*[visit] * 5)
    await club.read(visit, "30")
    await club.granted(visit)


async def test_another_address_moves_the_access_to_the_new_one(club: World) -> None:
    visit = club.confirmed()
    await club.granted(visit)
    club.ireserve.change_customer(club.ireserve.booking(visit.id).customer_id, email="somebody-else@visitors.example")
    club.keep_secret("somebody-else@visitors.example", "an e-mail address")
    await club.hint(visit)
    await eventually(lambda: len(club.sets(visit)) == 2 and len(club.live(visit)) == 1, saying=club.told)
    [one] = club.live(visit)
    assert {recipient.address for recipient in one.recipients} == {"somebody-else@visitors.example", visit.phone}


async def test_a_foreign_id_in_the_booking_field_asks_for_a_person_and_is_overwritten_only_by_his_word(club: World) -> None:
    visit = club.confirmed(fields={5: "written-by-hand"})
    seen = await club.until(visit, "needs_person", "field.foreign")
    assert f"drempel resolve club {visit.id} --not-created" in seen["failure"]["remedy"]
    assert (club.sets(visit), club.field(visit)) == ([], "written-by-hand")
    await club.say("resolve", "club", visit.id, "--not-created")
    await club.granted(visit)


async def test_an_id_of_ours_that_belongs_to_another_booking_is_overwritten(club: World) -> None:
    original = club.confirmed()
    await club.granted(original)
    copied = club.confirmed(fields={5: club.field(original)})
    await club.granted(original, copied)


async def test_a_booking_that_is_not_found_twice_loses_its_access(club: World) -> None:
    visit, other = club.confirmed(), club.confirmed()
    await club.granted(visit, other)
    club.ireserve.delete_booking(visit.id)
    await club.hint(visit)
    await eventually(lambda: club.live(visit) == [], saying=club.told)
    await club.until(visit, "revoked")
    history = await club.history(visit)
    assert (history["booking.not_found"], history["booking.gone"]) == (1, 1)
    assert club.messages(visit) == [1, 1]
    await club.granted(other)


async def test_when_six_of_six_vanish_a_person_decides(club: World) -> None:
    visits = [club.book(ANNEX_OBJECT, source="annex", status="20") for _ in range(6)]
    await club.hint(*visits)
    await club.granted(*visits)
    for visit in visits:
        club.ireserve.delete_booking(visit.id)
    await club.hint(*visits)
    for visit in visits:
        await club.until(visit, "needs_person", "brake.tripped")
    assert [len(club.live(visit)) for visit in visits] == [1] * 6
    assert (await club.ask("/sources/annex/brake"))["holds"]
    said = await club.say("brake", "release", "annex")
    assert len(said.lines) == 1
    for visit in visits:
        await club.until(visit, "revoked")
    assert [club.live(visit) for visit in visits] == [[]] * 6
    assert not (await club.ask("/sources/annex/brake"))["holds"]
    assert not (await club.ask("/sources/club/brake"))["holds"]


async def test_a_paused_integration_does_nothing_and_forgets_nothing(club: World) -> None:
    leaving = club.confirmed()
    await club.granted(leaving)
    said = await club.say("pause", "doors")
    assert "paused" in said.out
    coming = club.confirmed()
    club.cancel(leaving)
    for visit in (coming, leaving):
        await eventually(lambda visit=visit: club.ireserve.deliveries.of_booking(visit.id)[0].state == "delivered")
    # Somebody at another integration comes later and is served: so these two were passed over.
    sentinel = club.book(ANNEX_OBJECT, source="annex", status="20")
    await club.hint(sentinel)
    await club.granted(sentinel)
    assert club.sets(coming) == []
    assert len(club.live(leaving)) == 1
    assert "goes on" in await club.order("/integrations/doors/resume")
    await club.granted(coming)
    await club.revoked(leaving)


async def test_what_waited_is_not_decided_by_the_set_up_of_before(club: World) -> None:
    """A worker that stands at the writer's lock while the set-up changes under it claims what that change made due."""
    await club.order("/integrations/doors/pause")
    visit = club.confirmed()
    await eventually(lambda: club.ireserve.deliveries.of_booking(visit.id)[0].state == "delivered")
    assert club.serving is not None
    told = club.serving.err
    with contextlib.closing(sqlite3.connect(club.database, timeout=10, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        # What `drempel resume doors` writes, by a process that is slow to commit.
        database.execute("UPDATE meta SET value = value + 1 WHERE name = 'setup_version'")
        database.execute("UPDATE integrations SET paused_at = NULL WHERE name = 'doors'")
        database.execute("UPDATE bookings SET next_at = 1, version = version + 1 WHERE booking_id = ?", (visit.id,))
        before = told.stat().st_size
        # Both loops come round once a second. Worker and sweep read the set-up of before, if they read it first, and stand at the lock.
        with contextlib.suppress(AssertionError):
            await eventually(lambda: len(READS_SET_UP.findall(told.read_bytes()[before:])) >= 2, within=2.5)
        database.execute("COMMIT")
    await club.granted(visit)


async def test_an_inactive_integration_creates_nothing_and_still_revokes(club: World) -> None:
    leaving = club.confirmed()
    await club.granted(leaving)
    await club.say("apply", str(club.write_set_up(active=False)))
    coming = club.confirmed()
    club.cancel(leaving)
    await club.revoked(leaving)
    await club.read(coming, "20")
    await club.until(coming, "none")
    assert club.sets(coming) == []
    await club.say("apply", str(club.write_set_up(active=True)))
    await club.granted(coming)


async def test_a_person_sees_in_the_terminal_what_rest_says(club: World) -> None:
    visit = club.confirmed("99")
    granted = club.confirmed()
    await club.granted(granted)
    await club.read(visit, "20")
    as_json, words, lines = await asyncio.gather(
        club.say("why", "club", granted.id, "--json"),
        club.say("why", "club", granted.id),
        club.say("bookings", "--state", "granted"),
    )
    seen = await club.seen(granted)
    assert {**as_json.json, "next_attempt_at": None} == {**seen, "next_attempt_at": None}
    assert words.out.startswith(f"Booking {granted.id} of club: granted")
    assert granted.id in [line.split("\t")[1] for line in lines.lines]
    assert visit.id not in [line.split("\t")[1] for line in lines.lines]
