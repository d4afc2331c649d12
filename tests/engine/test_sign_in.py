"""Signing in: what opens, what does not, what it costs to guess, and what ends a session."""

from __future__ import annotations

from datetime import timedelta

import pytest

from drempel.adapters.store import SqlStore
from drempel.domain.rights import Role
from drempel.engine.invitations import InviteRefused, anybody_can_administer
from drempel.engine.people import UnknownPerson
from drempel.engine.sign_in import Refused, SignedIn, TooManyAtOnce, TooSoon, form_token
from drempel.engine.trail import COMMAND_LINE
from tests.clock import ManualClock
from tests.engine.sign_in_desk import PASSWORD, Desk

HOUR = timedelta(hours=1)
NEW = "another horse battery"


@pytest.fixture
def desk(sqlite_store: SqlStore, clock: ManualClock) -> Desk:
    return Desk(sqlite_store, clock)


# ------------------------------------------------------------------------------------------------------------------- in and out


async def test_name_and_password_begin_a_session_whose_token_is_kept_nowhere(desk: Desk) -> None:
    await desk.person("Anna")
    begun = await desk.signed_in(" ANNA ")
    session = await desk.sign_in.session(begun.token)
    assert session is not None
    assert (session.person.name, session.browser) == ("Anna", "Firefox on Linux")
    assert await desk.store.sessions.session(begun.token) is None, "only its hash"
    assert begun.token not in repr(begun)
    assert begun.known_browser not in repr(begun)


@pytest.mark.parametrize(
    ("name", "password", "compared"),
    [
        ("Anna", "wrong horse battery", f"plain:{PASSWORD}"),
        ("nobody", PASSWORD, None),
        ("invited", PASSWORD, None),
        ("", PASSWORD, None),
    ],
)
async def test_all_that_is_wrong_is_refused_alike_at_the_same_cost(
    desk: Desk, name: str, password: str, compared: str | None
) -> None:
    await desk.person("Anna")
    await desk.invitations.invite("invited", Role.RECEPTION, actor=COMMAND_LINE)
    assert await desk.come(name, password) == Refused("sign_in.wrong")
    assert desk.passwords.compared == [compared]


async def test_each_sign_in_begins_a_fresh_session_and_ends_the_one_before(desk: Desk) -> None:
    await desk.person("Anna")
    first = await desk.signed_in("Anna")
    second = await desk.signed_in("Anna", leaving=first.token)
    assert second.token != first.token
    assert await desk.sign_in.session(first.token) is None
    await desk.signed_in("Anna", leaving="set beforehand by somebody else")
    assert await desk.sign_in.session("set beforehand by somebody else") is None
    assert await desk.sign_in.session(second.token) is not None, "of another browser"


async def test_signing_out_ends_it_on_the_server(desk: Desk) -> None:
    await desk.person("Anna")
    begun = await desk.signed_in("Anna")
    await desk.sign_in.sign_out(begun.token)
    await desk.sign_in.sign_out(begun.token)
    assert await desk.sign_in.session(begun.token) is None


@pytest.mark.parametrize("token", ["", "x", "x" * 200, "\ud800", "\u00e9"])
async def test_no_other_token_is_a_session(desk: Desk, token: str) -> None:
    assert await desk.sign_in.session(token) is None
    assert await desk.sign_in.whose_link(token) is None


async def test_a_session_ends_when_it_is_idle_and_a_page_that_refreshes_itself_keeps_none_alive(
    desk: Desk, clock: ManualClock
) -> None:
    await desk.person("Anna")
    used, watched = await desk.signed_in("Anna"), await desk.signed_in("Anna")
    for _ in range(3):
        clock.advance(5 * HOUR)
        await desk.sign_in.session(used.token)
        await desk.sign_in.session(watched.token, looked_at=False)
    assert await desk.sign_in.session(used.token) is not None
    assert await desk.sign_in.session(watched.token) is None


async def test_a_session_ends_after_seven_days_however_it_is_used(desk: Desk, clock: ManualClock) -> None:
    await desk.person("Anna")
    begun = await desk.signed_in("Anna")
    for _ in range(27):
        clock.advance(6 * HOUR)
        assert await desk.sign_in.session(begun.token) is not None
    clock.advance(6 * HOUR)
    assert await desk.sign_in.session(begun.token) is None


async def test_a_password_of_a_lower_cost_is_hashed_anew_when_it_is_next_typed(desk: Desk) -> None:
    await desk.person("Anna")
    desk.passwords.form = "dearer"
    other = await desk.signed_in("Anna")
    known = await desk.store.people.known("anna")
    assert known is not None
    assert known.password_hash == f"dearer:{PASSWORD}"
    await desk.signed_in("Anna")
    assert await desk.sign_in.session(other.token) is not None, "no session ended by that"


async def test_where_there_is_no_room_to_hash_it_anew_the_right_password_signs_in_all_the_same(desk: Desk) -> None:
    await desk.person("Anna")
    desk.passwords.form, desk.passwords.busy_to_hash = "dearer", True
    await desk.signed_in("Anna")
    desk.passwords.busy_to_hash = False
    await desk.signed_in("Anna")
    known = await desk.store.people.known("anna")
    assert known is not None
    assert known.password_hash == f"dearer:{PASSWORD}", "the next time"


def test_the_token_of_forms_hangs_on_the_session_and_does_not_tell_it() -> None:
    assert form_token("a") != form_token("b")
    assert len(form_token("a")) == 64


# ---------------------------------------------------------------------------------------------------------------------- guesses


async def test_guesses_of_a_name_are_slowed_from_however_many_addresses(desk: Desk, clock: ManualClock) -> None:
    await desk.person("Anna")
    answers = [await desk.come("Anna", "wrong horse battery", address=f"192.0.2.{number}") for number in range(7)]
    assert answers[:5] == [Refused("sign_in.wrong")] * 5
    assert answers[5:] == [TooSoon(clock.now() + timedelta(seconds=2))] * 2
    assert len(desk.passwords.compared) == 5, "who has to wait costs nothing"
    assert isinstance(await desk.come("Anna", address="198.51.100.1"), TooSoon), "also the right one"
    clock.advance(2)
    assert isinstance(await desk.come("Anna", address="198.51.100.1"), SignedIn)


async def test_a_name_that_nobody_has_is_slowed_alike(desk: Desk) -> None:
    await desk.person("Anna")
    for name in ("Anna", "nobody"):
        answers = [await desk.come(name, "wrong horse battery", address=name) for _ in range(6)]
        assert [type(answer) for answer in answers] == [Refused] * 5 + [TooSoon]


async def test_guesses_of_many_names_from_one_address_are_slowed(desk: Desk, clock: ManualClock) -> None:
    answers = [await desk.come(f"name {number}") for number in range(22)]
    assert [type(answer) for answer in answers] == [Refused] * 20 + [TooSoon] * 2
    assert isinstance(await desk.come("name 99", address="198.51.100.1"), Refused)
    for number in range(50):
        clock.advance(60)
        assert isinstance(await desk.come(f"other {number}"), Refused), "never longer than a minute"


async def test_a_right_sign_in_does_not_wash_wrong_ones_of_the_same_address_away(desk: Desk) -> None:
    await desk.person("Anna")
    wrong = 0
    for number in range(60):
        if isinstance(await desk.come(f"name {number}"), Refused):
            wrong += 1
        await desk.come("Anna")
    assert wrong == 20


async def test_many_who_sign_in_from_one_address_do_not_hinder_each_other(desk: Desk) -> None:
    await desk.person("Anna")
    for _ in range(50):
        await desk.signed_in("Anna")


async def test_nobody_can_keep_the_bearer_of_a_name_out(desk: Desk, clock: ManualClock) -> None:
    await desk.person("Anna")
    begun = await desk.signed_in("Anna")
    for _ in range(40):
        await desk.come("Anna", "wrong horse battery", address="203.0.113.9")
        clock.advance(30)
    assert isinstance(await desk.come("Anna"), TooSoon)
    assert isinstance(await desk.come("Anna", known_browser=begun.known_browser), SignedIn)
    forged = begun.known_browser[:-1] + ("0" if begun.known_browser[-1] != "0" else "1")
    for other in (forged, "x", "x.y", "\u00e9.\u00e9", begun.known_browser + " "):
        assert isinstance(await desk.come("Anna", known_browser=other), TooSoon)
    person = (await desk.store.people.people())[0]
    link = await desk.invitations.link_again(person.id, actor=COMMAND_LINE)
    assert isinstance(await desk.sign_in.use_link(link.token, NEW, browser="", leaving=""), SignedIn)
    await desk.signed_in("Anna", password=NEW)


async def test_a_known_browser_has_its_own_pauses_and_knows_its_own_name_alone(desk: Desk) -> None:
    await desk.person("Anna")
    await desk.person("Ben")
    known = (await desk.signed_in("Anna")).known_browser
    answers = [await desk.come("Anna", "wrong horse battery", known_browser=known) for _ in range(6)]
    assert [type(answer) for answer in answers] == [Refused] * 5 + [TooSoon]
    answers = [await desk.come("Ben", "wrong horse battery", known_browser=known) for _ in range(6)]
    assert [type(answer) for answer in answers] == [Refused] * 5 + [TooSoon]
    assert isinstance(await desk.come("Ben"), TooSoon), "for Ben it is a browser like any other"


async def test_a_try_that_could_not_be_checked_counts_for_nothing(desk: Desk) -> None:
    await desk.person("Anna")
    session = (await desk.signed_in("Anna")).session
    desk.passwords.busy = True
    for _ in range(30):
        with pytest.raises(TooManyAtOnce):
            await desk.come("Anna")
        with pytest.raises(TooManyAtOnce):
            await desk.sign_in.change_password(session, PASSWORD, NEW)
    desk.passwords.busy = False
    await desk.signed_in("Anna")
    assert isinstance(await desk.sign_in.change_password(session, PASSWORD, NEW), SignedIn)


async def test_a_flood_of_strangers_leaves_room_for_a_known_browser_a_link_and_a_session(desk: Desk) -> None:
    anna = await desk.person("Anna")
    await desk.person("Ben")
    known = (await desk.signed_in("Anna")).known_browser
    desk.passwords.crowded = True
    for name, mark in (("Anna", ""), ("Anna", known + "0"), ("Ben", known), ("nobody", known)):
        with pytest.raises(TooManyAtOnce):
            await desk.come(name, known_browser=mark)
    begun = await desk.signed_in("Anna", known_browser=known)
    assert isinstance(await desk.sign_in.change_password(begun.session, PASSWORD, NEW), SignedIn)
    link = await desk.invitations.link_again(anna.id, actor=COMMAND_LINE)
    assert isinstance(await desk.sign_in.use_link(link.token, PASSWORD, browser="", leaving=""), SignedIn)


@pytest.mark.parametrize("from_known", [False, True])
async def test_a_try_that_could_not_be_checked_does_not_wash_away_those_before_it(
    desk: Desk, clock: ManualClock, from_known: bool
) -> None:
    await desk.person("Anna")
    known = (await desk.signed_in("Anna")).known_browser if from_known else ""

    async def guess() -> object:
        clock.advance(0.01)
        return await desk.come("Anna", "wrong horse battery", known_browser=known)

    for _ in range(4):
        assert await guess() == Refused("sign_in.wrong")
    for _ in range(3):
        desk.passwords.busy = True
        with pytest.raises(TooManyAtOnce):
            await guess()
    desk.passwords.busy = False
    assert await guess() == Refused("sign_in.wrong")
    assert isinstance(await guess(), TooSoon)


# ---------------------------------------------------------------------------------------------------------------- one's account


async def test_a_new_password_ends_every_session_and_goes_on_in_a_fresh_one(desk: Desk) -> None:
    await desk.person("Anna")
    here, there = await desk.signed_in("Anna"), await desk.signed_in("Anna")
    changed = await desk.sign_in.change_password(here.session, PASSWORD, NEW)
    assert isinstance(changed, SignedIn)
    found = [await desk.sign_in.session(one.token) is not None for one in (here, there, changed)]
    assert found == [False, False, True]
    assert await desk.come("Anna") == Refused("sign_in.wrong")
    assert isinstance(await desk.come("Anna", NEW), SignedIn)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("wrong", NEW, "password.wrong"), (PASSWORD, "short", "password.short"), (PASSWORD, "x" * 257, "password.long")],
)
async def test_a_password_that_cannot_be_changed_changes_nothing(desk: Desk, old: str, new: str, code: str) -> None:
    await desk.person("Anna")
    begun = await desk.signed_in("Anna")
    assert await desk.sign_in.change_password(begun.session, old, new) == Refused(code)
    assert await desk.sign_in.session(begun.token) is not None
    assert isinstance(await desk.come("Anna"), SignedIn)


async def test_who_stole_a_session_cannot_guess_the_password_through_it(desk: Desk) -> None:
    await desk.person("Anna")
    begun = await desk.signed_in("Anna")
    answers = [await desk.sign_in.change_password(begun.session, f"guess {number}", NEW) for number in range(6)]
    assert [type(answer) for answer in answers] == [Refused] * 5 + [TooSoon]
    assert isinstance(await desk.come("Anna"), SignedIn), "and the bearer is not hindered by it"


async def test_sessions_are_ended_by_their_own_person(desk: Desk) -> None:
    await desk.person("Anna")
    await desk.person("Ben")
    anna, other, ben = [await desk.signed_in(name) for name in ("Anna", "Anna", "Ben")]
    assert not await desk.sign_in.end_session(ben.session, anna.session.id)
    assert len(await desk.sign_in.sessions_of(anna.session)) == 2
    assert await desk.sign_in.end_session(anna.session, other.session.id)
    assert await desk.sign_in.end_other_sessions(anna.session) == 0
    assert await desk.sign_in.session(ben.token) is not None


# --------------------------------------------------------------------------------------------------- one-time links, invitations


async def test_a_link_sets_a_password_once(desk: Desk) -> None:
    invited = await desk.invitations.invite("Anna", Role.MANAGER, actor=COMMAND_LINE)
    person = await desk.sign_in.whose_link(invited.token)
    assert person == invited.person
    assert await desk.sign_in.use_link(invited.token, "short", browser="", leaving="") == Refused("password.short")
    begun = await desk.sign_in.use_link(invited.token, PASSWORD, browser="", leaving="")
    assert isinstance(begun, SignedIn)
    assert (begun.session.person.role, await desk.sign_in.whose_link(invited.token)) == (Role.MANAGER, None)
    assert await desk.sign_in.use_link(invited.token, NEW, browser="", leaving="") == Refused("link.over")


async def test_who_changes_the_password_ends_the_link_that_was_made_before(desk: Desk) -> None:
    ben = await desk.person("Ben")
    begun = await desk.signed_in("Ben")
    link = await desk.invitations.link_again(ben.id, actor=COMMAND_LINE)
    assert isinstance(await desk.sign_in.change_password(begun.session, PASSWORD, NEW), SignedIn)
    assert await desk.sign_in.use_link(link.token, "of who found the link", browser="", leaving="") == Refused("link.over")
    assert isinstance(await desk.come("Ben", NEW), SignedIn)


async def test_a_link_lives_for_a_day(desk: Desk, clock: ManualClock) -> None:
    invited = await desk.invitations.invite("Anna", Role.MANAGER, actor=COMMAND_LINE)
    clock.advance(24 * HOUR)
    assert await desk.sign_in.use_link(invited.token, PASSWORD, browser="", leaving="") == Refused("link.over")


async def test_the_first_is_administrator_and_who_comes_after_is_at_the_reception(desk: Desk) -> None:
    roles = [(await desk.invitations.invite_or_link(name, None, actor=COMMAND_LINE)).person.role for name in ("A", "B", "b")]
    assert roles == [Role.ADMINISTRATOR, Role.RECEPTION, Role.RECEPTION]
    assert [person.name for person in await desk.store.people.people()] == ["A", "B"]
    with pytest.raises(InviteRefused, match="is here already, as reception"):
        await desk.invitations.invite_or_link("B", Role.MANAGER, actor=COMMAND_LINE)
    with pytest.raises(InviteRefused, match="Somebody is called B"):
        await desk.invitations.invite("B", Role.MANAGER, actor=COMMAND_LINE)
    with pytest.raises(InviteRefused, match="1 to 64 letters"):
        await desk.invitations.invite("<b>", Role.MANAGER, actor=COMMAND_LINE)
    with pytest.raises(UnknownPerson):
        await desk.invitations.link_again(99, actor=COMMAND_LINE)


async def test_the_first_administrator_is_offered_until_somebody_else_is_there(desk: Desk) -> None:
    first = await desk.invitations.first_administrator(actor=COMMAND_LINE)
    again = await desk.invitations.first_administrator(actor=COMMAND_LINE)
    assert first is not None
    assert again is not None
    assert (again.person, again.person.role) == (first.person, Role.ADMINISTRATOR)
    assert await desk.sign_in.whose_link(first.token) is None
    assert not anybody_can_administer(await desk.store.people.people())
    assert isinstance(await desk.sign_in.use_link(again.token, PASSWORD, browser="", leaving=""), SignedIn)
    assert anybody_can_administer(await desk.store.people.people())
    assert await desk.invitations.first_administrator(actor=COMMAND_LINE) is None


async def test_another_role_ends_all_sessions_and_ones_own_goes_on_afresh(desk: Desk) -> None:
    anna, _ = await desk.person("Anna"), await desk.person("Ben")
    begun = await desk.signed_in("Anna")
    await desk.invitations.change_role(anna.id, Role.MANAGER, actor=anna.actor)
    assert await desk.sign_in.session(begun.token) is None
    fresh = await desk.sign_in.renew(begun.session)
    assert fresh is not None
    assert (fresh.session.person.role, fresh.token != begun.token) == (Role.MANAGER, True)
    await desk.invitations.remove(anna.id, actor=COMMAND_LINE)
    assert await desk.sign_in.session(fresh.token) is None
    assert await desk.sign_in.renew(begun.session) is None
    assert await desk.come("Anna") == Refused("sign_in.wrong")
