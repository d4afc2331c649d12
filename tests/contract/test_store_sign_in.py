"""People, sessions, one-time links, tries and the trail."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select

from drempel.adapters.store import SqlStore
from drempel.adapters.store.people_tables import tries
from drempel.domain.rights import Role
from drempel.domain.sign_in import Pace, name_key
from drempel.engine.people import LastAdministrator, Person, UnknownPerson
from drempel.engine.trail import COMMAND_LINE, Actor, ActorKind, TrailEntry, TrailFilter, person_actor
from tests.clock import ManualClock
from tests.contract.store_kit import HOUR
from tests.databases import Place

PACE = Pace(free=2, longest=timedelta(seconds=4))


def entry(what: str = "person.invite", about: str = "") -> TrailEntry:
    return TrailEntry(actor=COMMAND_LINE, type=what, about=about)


async def add(
    store: SqlStore, clock: ManualClock, name: str, role: Role = Role.ADMINISTRATOR, *, password: str | None = "hash"
) -> Person:
    person = await store.people.add_person(
        name=name, name_key=name_key(name), role=role, now=clock.now(), entry=entry(about=name)
    )
    assert person is not None
    if password is not None:
        assert await store.people.change_password(person.id, old_hash=None, new_hash=password, entry=None)
    return person


async def begin(store: SqlStore, clock: ManualClock, person: Person, token: str, *, password: str = "hash") -> int | None:
    session = await store.sessions.begin_session(
        person.id, password_hash=password, token_hash=token, browser="Firefox", now=clock.now()
    )
    return None if session is None else session.id


async def lines(store: SqlStore) -> list[tuple[str, str, str, str]]:
    page, _ = await store.trail.page(limit=100, before=None)
    return [(line.entry.type, line.entry.about, line.entry.before, line.entry.after) for line in reversed(page)]


# ----------------------------------------------------------------------------------------------------------------------- people


async def test_a_name_is_one_persons_however_it_is_written(store: SqlStore, clock: ManualClock) -> None:
    anna = await add(store, clock, "Anna", password=None)
    other = await store.people.add_person(
        name="ANNA", name_key=name_key("ANNA"), role=Role.RECEPTION, now=clock.now(), entry=entry()
    )
    assert other is None
    assert await store.people.people() == [anna]
    assert (anna.role, anna.has_password, anna.created_at, anna.signed_in_at) == (Role.ADMINISTRATOR, False, clock.now(), None)
    known = await store.people.known(name_key("aNNa"))
    assert known is not None
    assert (known.person, known.password_hash) == (anna, None)
    assert await store.people.known("nobody") is None
    assert await lines(store) == [("person.invite", "Anna", "", "")], "who was refused left nothing"


async def test_a_changed_role_ends_the_sessions_of_that_person_alone(store: SqlStore, clock: ManualClock) -> None:
    anna, ben = await add(store, clock, "Anna"), await add(store, clock, "Ben")
    await begin(store, clock, anna, "a")
    await begin(store, clock, ben, "b")
    before = await store.people.change_role(ben.id, Role.RECEPTION, actor=anna.actor)
    assert before.role is Role.ADMINISTRATOR
    assert await store.sessions.session("b") is None
    assert await store.sessions.session("a") is not None
    assert (await lines(store))[-1] == ("person.role", "Ben", "administrator", "reception")
    await store.people.change_role(ben.id, Role.RECEPTION, actor=anna.actor)
    assert len(await lines(store)) == 3, "nothing changed, nothing told"


async def test_a_removed_person_is_gone_with_sessions_and_link(store: SqlStore, clock: ManualClock) -> None:
    anna, ben = await add(store, clock, "Anna"), await add(store, clock, "Ben")
    await begin(store, clock, ben, "b")
    await store.people.put_link(ben.id, token_hash="l", valid_until=clock.now() + HOUR, entry=None)
    assert (await store.people.remove_person(ben.id, actor=anna.actor)).name == "Ben"
    assert await store.sessions.session("b") is None
    assert await store.people.link("l", now=clock.now()) is None
    assert await store.people.use_link("l", password_hash="new", now=clock.now()) is None
    with pytest.raises(UnknownPerson):
        await store.people.remove_person(ben.id, actor=anna.actor)
    with pytest.raises(UnknownPerson):
        await store.people.put_link(ben.id, token_hash="l", valid_until=clock.now() + HOUR, entry=None)
    again = await add(store, clock, "Ben")
    assert again.id > ben.id, "a number is never used again"


async def test_the_last_administrator_stays(store: SqlStore, clock: ManualClock) -> None:
    anna = await add(store, clock, "Anna")
    invited = await add(store, clock, "Ben", password=None)
    await add(store, clock, "Cor", Role.MANAGER)
    for order in (
        store.people.remove_person(anna.id, actor=COMMAND_LINE),
        store.people.change_role(anna.id, Role.MANAGER, actor=COMMAND_LINE),
    ):
        with pytest.raises(LastAdministrator):
            await order
    assert (await store.people.change_role(anna.id, Role.ADMINISTRATOR, actor=COMMAND_LINE)).id == anna.id
    await store.people.remove_person(invited.id, actor=COMMAND_LINE)
    assert [person.name for person in await store.people.people()] == ["Anna", "Cor"]


async def test_two_administrators_who_remove_each_other_at_once_do_not_both_succeed(place: Place, clock: ManualClock) -> None:
    one = await place.open(clock)
    other = await place.open(clock) if place.is_postgresql else one
    anna, ben = await add(one, clock, "Anna"), await add(one, clock, "Ben")
    results = await asyncio.gather(
        one.people.remove_person(ben.id, actor=anna.actor),
        other.people.remove_person(anna.id, actor=ben.actor),
        return_exceptions=True,
    )
    assert len(await one.people.people()) == 1
    assert [type(result) for result in results].count(LastAdministrator) == 1
    await one.close()
    if other is not one:
        await other.close()


async def test_a_password_is_changed_only_if_the_old_one_still_stands(store: SqlStore, clock: ManualClock) -> None:
    anna = await add(store, clock, "Anna")
    await begin(store, clock, anna, "a")
    change = store.people.change_password
    assert not await change(anna.id, old_hash="another", new_hash="new", entry=entry("person.password", "Anna"))
    assert not await change(anna.id, old_hash=None, new_hash="new", entry=entry("person.password", "Anna"))
    assert await store.sessions.session("a") is not None
    assert await change(anna.id, old_hash="hash", new_hash="new", entry=entry("person.password", "Anna"))
    assert await store.sessions.session("a") is None
    assert [line[0] for line in await lines(store)] == ["person.invite", "person.password"]


# -------------------------------------------------------------------------------------------------------------------- sessions


async def test_a_session_begins_only_with_the_password_that_was_verified(store: SqlStore, clock: ManualClock) -> None:
    anna = await add(store, clock, "Anna")
    assert await begin(store, clock, anna, "a", password="changed meanwhile") is None
    assert await begin(store, clock, anna, "a") is not None
    session = await store.sessions.session("a")
    assert session is not None
    assert (session.person.name, session.browser, session.started_at) == ("Anna", "Firefox", clock.now())
    assert session.person.signed_in_at == clock.now()
    assert await store.sessions.session("b") is None


async def test_sessions_are_listed_and_ended_by_their_owner_alone(store: SqlStore, clock: ManualClock) -> None:
    anna, ben = await add(store, clock, "Anna"), await add(store, clock, "Ben")
    first, second, third = [await begin(store, clock, anna, token) for token in "abc"]
    assert first is not None
    assert second is not None
    clock.advance(HOUR)
    await store.sessions.seen(second, now=clock.now())
    assert [session.id for session in await store.sessions.sessions_of(anna.id)] == [second, third, first]
    assert not await store.sessions.end_session(first, person_id=ben.id, entry=entry("person.sessions"))
    assert await store.sessions.end_session(first, person_id=anna.id, entry=None)
    assert not await store.sessions.end_session(first, person_id=anna.id, entry=None)
    assert await store.sessions.end_other_sessions(second, person_id=anna.id, entry=entry("person.sessions", "Anna")) == 1
    assert await store.sessions.end_other_sessions(second, person_id=anna.id, entry=entry("person.sessions", "Anna")) == 0
    assert [session.id for session in await store.sessions.sessions_of(anna.id)] == [second]
    assert [line[0] for line in await lines(store)].count("person.sessions") == 1


async def test_what_is_over_is_swept_away_when_another_session_begins(store: SqlStore, clock: ManualClock) -> None:
    anna = await add(store, clock, "Anna")
    await begin(store, clock, anna, "a")
    clock.advance(12 * HOUR)
    await begin(store, clock, anna, "b")
    assert await store.sessions.session("a") is None


# -------------------------------------------------------------------------------------------------------------- one-time links


async def test_a_link_works_once_and_sets_the_password(store: SqlStore, clock: ManualClock) -> None:
    anna = await add(store, clock, "Anna")
    await begin(store, clock, anna, "a")
    until = clock.now() + HOUR
    await store.people.put_link(anna.id, token_hash="old", valid_until=until, entry=None)
    await store.people.put_link(anna.id, token_hash="l", valid_until=until, entry=entry("person.link", "Anna"))
    assert await store.people.link("old", now=clock.now()) is None, "a new link takes the place of the old"
    for _ in range(2):
        found = await store.people.link("l", now=clock.now())
        assert found is not None, "looking changes nothing"
    used = await store.people.use_link("l", password_hash="new", now=clock.now())
    assert used is not None
    assert (used.name, used.has_password) == ("Anna", True)
    assert await store.sessions.session("a") is None
    assert await store.people.use_link("l", password_hash="newer", now=clock.now()) is None
    known = await store.people.known("anna")
    assert known is not None
    assert known.password_hash == "new"
    assert [line[0] for line in await lines(store)] == ["person.invite", "person.link", "person.password"]


async def test_a_new_password_ends_the_link_of_that_person_alone(store: SqlStore, clock: ManualClock) -> None:
    anna, ben = await add(store, clock, "Anna"), await add(store, clock, "Ben")
    for person, token in ((anna, "a"), (ben, "b")):
        await store.people.put_link(person.id, token_hash=token, valid_until=clock.now() + HOUR, entry=None)
    change = store.people.change_password
    assert not await change(anna.id, old_hash="another", new_hash="new", entry=entry("person.password", "Anna"))
    assert await change(anna.id, old_hash="hash", new_hash="dearer", entry=None)
    assert await store.people.link("a", now=clock.now()) is not None, "the password is what it was"
    assert await change(anna.id, old_hash="dearer", new_hash="new", entry=entry("person.password", "Anna"))
    assert await store.people.link("a", now=clock.now()) is None
    assert await store.people.use_link("a", password_hash="of who found the link", now=clock.now()) is None
    known = await store.people.known("anna")
    assert known is not None
    assert known.password_hash == "new"
    assert await store.people.link("b", now=clock.now()) is not None


async def test_of_a_link_and_a_new_password_that_come_at_once_one_wins(place: Place, clock: ManualClock) -> None:
    stores = [await place.open(clock) for _ in range(2 if place.is_postgresql else 1)]
    one, other = stores[0], stores[-1]
    for number in range(10):
        person = await add(one, clock, f"Person {number}")
        await one.people.put_link(person.id, token_hash=f"l{number}", valid_until=clock.now() + HOUR, entry=None)
        used, changed = await asyncio.gather(
            one.people.use_link(f"l{number}", password_hash="by link", now=clock.now()),
            other.people.change_password(person.id, old_hash="hash", new_hash="changed", entry=entry("person.password")),
        )
        assert (used is None) is changed
        known = await one.people.known(name_key(person.name))
        assert known is not None
        assert known.password_hash == ("changed" if changed else "by link")
        assert await one.people.link(f"l{number}", now=clock.now()) is None
    for store in stores:
        await store.close()


async def test_an_expired_link_does_not_work(store: SqlStore, clock: ManualClock) -> None:
    anna = await add(store, clock, "Anna", password=None)
    await store.people.put_link(anna.id, token_hash="l", valid_until=clock.now() + HOUR, entry=None)
    clock.advance(HOUR)
    assert await store.people.link("l", now=clock.now()) is None
    assert await store.people.use_link("l", password_hash="new", now=clock.now()) is None


async def test_of_many_who_use_a_link_at_once_one_wins(place: Place, clock: ManualClock) -> None:
    stores = [await place.open(clock) for _ in range(3 if place.is_postgresql else 1)]
    anna = await add(stores[0], clock, "Anna", password=None)
    await stores[0].people.put_link(anna.id, token_hash="l", valid_until=clock.now() + HOUR, entry=None)
    uses = [
        stores[number % len(stores)].people.use_link("l", password_hash=f"hash {number}", now=clock.now()) for number in range(6)
    ]
    won = [number for number, person in enumerate(await asyncio.gather(*uses)) if person is not None]
    assert len(won) == 1
    known = await stores[0].people.known("anna")
    assert known is not None
    assert known.password_hash == f"hash {won[0]}"
    for store in stores:
        await store.close()


# ----------------------------------------------------------------------------------------------------------------------- tries


async def test_pauses_grow_with_tries_and_end(store: SqlStore, clock: ManualClock) -> None:
    async def again() -> float | None:
        until = await store.sessions.begin_try({"n": PACE}, now=clock.now())
        return None if until is None else (until - clock.now()).total_seconds()

    assert [await again() for _ in range(4)] == [None, None, 2, 2]
    clock.advance(timedelta(seconds=2))
    assert [await again(), await again()] == [None, 4]
    clock.advance(timedelta(seconds=4))
    assert [await again(), await again()] == [None, 4], "the longest pause"
    set_back = clock.now() - HOUR
    assert await store.sessions.begin_try({"n": PACE}, now=set_back) is None, "a clock that was set back holds nobody"


async def test_a_try_that_has_to_wait_for_one_key_counts_for_none(store: SqlStore, clock: ManualClock) -> None:
    for _ in range(2):
        assert await store.sessions.begin_try({"n": PACE}, now=clock.now()) is None
    for _ in range(5):
        assert await store.sessions.begin_try({"n": PACE, "a": PACE}, now=clock.now()) is not None
    assert await store.sessions.begin_try({"a": PACE}, now=clock.now()) is None
    assert await store.sessions.begin_try({"a": PACE}, now=clock.now()) is None


async def test_a_try_that_succeeded_is_taken_back(store: SqlStore, clock: ManualClock) -> None:
    for _ in range(5):
        assert await store.sessions.begin_try({"n": PACE, "a": PACE}, now=clock.now()) is None
        await store.sessions.forgive_tries("n")
        await store.sessions.forgive_try("a", begun_at=clock.now())


async def test_a_try_that_is_taken_back_ends_its_own_pause_and_no_other(store: SqlStore, clock: ManualClock) -> None:
    async def tried_at() -> datetime:
        assert await store.sessions.begin_try({"n": PACE}, now=clock.now()) is None
        return clock.now()

    first = await tried_at()
    clock.advance(1)
    second = await tried_at()
    await store.sessions.forgive_try("n", begun_at=first)
    until = await store.sessions.begin_try({"n": PACE}, now=clock.now())
    assert until == second + timedelta(seconds=2), "the pause that the second began"
    await store.sessions.forgive_try("n", begun_at=second)
    assert [await store.sessions.begin_try({"n": PACE}, now=clock.now()) for _ in range(2)] == [None, None], "none is counted now"
    await store.sessions.forgive_try("nobody tried", begun_at=first)


async def test_many_tries_at_once_do_not_slip_by(place: Place, clock: ManualClock) -> None:
    stores = [await place.open(clock) for _ in range(3 if place.is_postgresql else 1)]
    keys = [{"n": PACE, "a": PACE}, {"a": PACE, "n": PACE}]
    begun = [stores[number % len(stores)].sessions.begin_try(keys[number % 2], now=clock.now()) for number in range(12)]
    assert [until is None for until in await asyncio.gather(*begun)].count(True) == 2
    for store in stores:
        await store.close()


async def test_who_has_to_wait_leaves_no_row(store: SqlStore, clock: ManualClock) -> None:
    async def rows() -> int:
        async with store._database.reading() as connection:  # a test looks behind the port
            return (await connection.execute(select(func.count()).select_from(tries))).scalar_one()

    async def come(number: int) -> datetime | None:
        return await store.sessions.begin_try({f"name {number}": PACE, "address": PACE}, now=clock.now())

    at_once = await asyncio.gather(*(come(number) for number in range(20)))
    assert (at_once.count(None), await rows()) == (2, 3), (
        "two names and the address, although all asked before anybody was counted"
    )
    assert [await come(number) is None for number in range(20, 40)] == [False] * 20
    assert await rows() == 3


async def test_who_has_to_wait_costs_no_transaction_of_those_who_write(store: SqlStore, clock: ManualClock) -> None:
    for _ in range(2):
        assert await store.sessions.begin_try({"n": PACE}, now=clock.now()) is None
    begun: list[object] = []
    event.listen(store._database.writer.sync_engine, "begin", begun.append)
    assert await store.sessions.begin_try({"n": PACE, "a": PACE}, now=clock.now()) is not None
    assert begun == []
    assert await store.sessions.begin_try({"a": PACE}, now=clock.now()) is None
    assert len(begun) == 1


async def test_old_tries_are_forgotten(store: SqlStore, clock: ManualClock) -> None:
    for _ in range(2):
        await store.sessions.begin_try({"n": PACE}, now=clock.now())
    clock.advance(24 * HOUR)
    for _ in range(2):
        assert await store.sessions.begin_try({"n": PACE}, now=clock.now()) is None


# ------------------------------------------------------------------------------------------------------------------------ trail


async def test_the_trail_is_read_newest_first_page_by_page(store: SqlStore, clock: ManualClock) -> None:
    for number in range(5):
        await store.trail.add(TrailEntry(actor=person_actor("Anna"), type="booking.retry", about=str(number)))
        clock.advance(HOUR)
    await store.trail.add()
    first, after = await store.trail.page(limit=3, before=None)
    assert [line.entry.about for line in first] == ["4", "3", "2"]
    assert first[0].at == clock.now() - HOUR
    second, end = await store.trail.page(limit=3, before=after)
    assert ([line.entry.about for line in second], end) == (["1", "0"], None)


async def test_the_trail_is_read_of_one_who_did_it_and_of_one_time(store: SqlStore, clock: ManualClock) -> None:
    begin, key = clock.now(), Actor(ActorKind.API_KEY, "Anna")
    for who in (person_actor("Anna"), key, person_actor("Ben"), person_actor("Anna")):
        await store.trail.add(TrailEntry(actor=who, type="booking.retry", about=clock.now().isoformat()))
        clock.advance(HOUR)

    async def found(**only: Any) -> list[int]:
        lines, _ = await store.trail.page(limit=10, before=None, only=TrailFilter(**only))
        return [round((line.at - begin) / HOUR) for line in lines]

    assert await found() == [3, 2, 1, 0]
    assert await found(actor=person_actor("Anna")) == [3, 0]
    assert await found(actor=key) == [1]
    assert await found(since=begin + HOUR, until=begin + 3 * HOUR) == [2, 1]
    assert await found(actor=person_actor("Ben"), until=begin + 2 * HOUR) == []
    assert await store.trail.actors() == [key, person_actor("Anna"), person_actor("Ben")]
