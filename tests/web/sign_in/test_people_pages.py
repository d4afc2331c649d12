"""People, roles, the account and the trail, as an administrator and as everybody sees them."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from drempel.domain.rights import Role
from drempel.domain.sign_in import name_key
from drempel.engine.trail import COMMAND_LINE, TRAIL_TYPES, TrailEntry, person_actor
from tests.engine.sign_in_desk import PASSWORD
from tests.web.pages.browser import HOSTILE
from tests.web.sign_in.house import Browser, House

NEW = "another horse battery"


async def number(house: House, name: str) -> int:
    return next(person.id for person in await house.store.people.people() if person.name == name)


async def test_an_invitation_shows_its_link_once_and_the_link_opens(house: House) -> None:
    anna = await house.browser_of("Anna")
    answer = await anna.press("/people/invite", name="Ben", role="manager")
    assert answer.status == 200
    (link,) = re.findall(rb"http://drempel\.test(/link/[^<]+)", answer.body)
    assert link not in (await anna.look("/people")).body
    ben = Browser(house)
    assert (await ben.send(link.decode(), password=PASSWORD, again=PASSWORD)).status == 303
    assert (await ben.look("/bookings/club/1/revoke")).status == 404
    assert (await ben.look("/people")).status == 403
    assert ("Anna", "person.invite", "Ben", "", "manager") in await house.trail()
    assert link.rpartition(b"/")[2].decode() not in repr(await house.trail())


@pytest.mark.parametrize(
    ("name", "role", "sentence"),
    [
        ("<script>alert(1)</script>", "manager", "1 to 64 letters"),
        ("x" * 65, "manager", "1 to 64 letters"),
        ("a\u202eb", "manager", "1 to 64 letters"),
        ("", "manager", "1 to 64 letters"),
        ("anna", "manager", "Somebody has this name already"),
        ("Ben", "root", "Choose one of the roles"),
        ("Ben", "", "Choose one of the roles"),
    ],
)
async def test_an_odd_invitation_is_refused_with_a_sentence(house: House, name: str, role: str, sentence: str) -> None:
    anna = await house.browser_of("Anna")
    answer = await anna.press("/people/invite", name=name, role=role)
    assert answer.status == 400
    assert sentence in answer.text
    assert b"<script>alert" not in answer.body
    assert len(await house.store.people.people()) == 1


async def test_the_roles_of_an_invitation_stand_there_with_all_that_they_may(house: House) -> None:
    page = (await (await house.browser_of("Anna")).look("/people")).page
    radios = [each for each in page.of("input") if each.get("type") == "radio" and each.get("name") == "role"]
    assert [each["value"] for each in radios] == [role.value for role in Role]
    assert ["checked" in each for each in radios] == [True, False, False]
    assert "choose doors and rules, release the brake and pause integrations" in page.text


async def test_a_name_that_got_in_some_other_way_stays_text_everywhere(house: House) -> None:
    anna = await house.browser_of("Anna")
    entry = TrailEntry(actor=COMMAND_LINE, type="person.invite", about=HOSTILE, before=HOSTILE, after=HOSTILE)
    person = await house.store.people.add_person(
        name=HOSTILE, name_key=name_key(HOSTILE), role=Role.RECEPTION, now=house.clock.now(), entry=entry
    )
    assert person is not None
    for path in ("/people", "/trail", f"/people/{person.id}/remove"):
        answer = await anna.look(path)
        assert "<script>alert(1)</script>" in answer.text, "read as text"
        assert b"<script>alert" not in answer.body
    assert b"<script>alert" not in (await anna.press(f"/people/{person.id}/link")).body


async def test_a_role_is_changed_with_from_and_to_in_the_trail(house: House) -> None:
    anna, ben = await house.browser_of("Anna"), await house.browser_of("Ben", Role.RECEPTION)
    answer = await anna.press(f"/people/{await number(house, 'Ben')}/role", role="manager")
    assert answer.header("location") == "/people?told=role"
    assert not await ben.is_in()
    assert (await house.trail())[-1] == ("Anna", "person.role", "Ben", "reception", "manager")


async def test_ones_own_new_role_holds_at_once_in_a_fresh_session(house: House) -> None:
    anna = await house.browser_of("Anna")
    await house.desk.person("Ben")
    before, old_token = anna.jar["drempel"], await anna.form_token()
    answer = await anna.press(f"/people/{await number(house, 'Anna')}/role", role="manager")
    assert (answer.status, answer.header("location")) == (303, "/")
    assert anna.jar["drempel"] != before
    assert await anna.is_in()
    assert (await anna.look("/people")).status == 403
    assert (await anna.send("/sign-out", form_token=old_token)).status == 403
    anna.jar["drempel"] = before
    assert not await anna.is_in()


async def test_the_last_administrator_can_neither_be_removed_nor_demoted(house: House) -> None:
    anna = await house.browser_of("Anna")
    await house.desk.invitations.invite("not come yet", Role.ADMINISTRATOR, actor=COMMAND_LINE)
    await house.browser_of("Ben", Role.MANAGER)
    own = await number(house, "Anna")
    for answer in (await anna.press(f"/people/{own}/remove"), await anna.press(f"/people/{own}/role", role="manager")):
        assert answer.status == 409
        assert "This is the last administrator" in answer.text
    assert await anna.is_in()


async def test_who_removes_himself_is_out(house: House) -> None:
    anna = await house.browser_of("Anna")
    await house.desk.person("Ben")
    own = await number(house, "Anna")
    assert "Remove Anna?" in (await anna.look(f"/people/{own}/remove")).text
    assert (await anna.press(f"/people/{own}/remove")).header("location") == "/sign-in"
    assert not await anna.is_in()


@pytest.mark.parametrize("which", ["99", "0", "-1", "x", "9" * 40, "\u0663"])
async def test_who_is_not_here_cannot_be_changed(house: House, which: str) -> None:
    anna = await house.browser_of("Anna")
    for order in ("role", "link", "remove"):
        assert (await anna.press(f"/people/{which}/{order}", role="manager")).status == 404
    assert (await anna.look(f"/people/{which}/remove")).status == 404
    assert (await anna.press(f"/account/sessions/{which}/end")).status == 303


async def test_a_new_link_is_for_a_forgotten_password(house: House) -> None:
    anna, ben = await house.browser_of("Anna"), await house.browser_of("Ben", Role.RECEPTION)
    answer = await anna.press(f"/people/{await number(house, 'Ben')}/link")
    (link,) = re.findall(r"http://drempel\.test(/link/[^<]+)", answer.body.decode())
    assert await ben.is_in(), "nothing ends before it is used"
    assert (await Browser(house).send(link, password=NEW, again=NEW)).status == 303
    assert not await ben.is_in()
    assert ("Anna", "person.link", "Ben", "", "") in await house.trail()


async def test_ones_own_password_and_sessions(house: House) -> None:
    anna = await house.browser_of("Anna")
    other = Browser(house)
    await other.sign_in("Anna")
    before = anna.jar["drempel"]
    wrong = await anna.press("/account/password", old="wrong", new=NEW, again=NEW)
    assert (wrong.status, "The old password is not right" in wrong.text) == (400, True)
    differs = await anna.press("/account/password", old=PASSWORD, new=NEW, again=NEW + "x")
    assert (differs.status, "differ" in differs.text) == (400, True)
    changed = await anna.press("/account/password", old=PASSWORD, new=NEW, again=NEW)
    assert changed.header("location") == "/account?told=password"
    assert anna.jar["drempel"] != before
    assert await anna.is_in()
    assert not await other.is_in()
    await other.sign_in("Anna", NEW)
    assert len((await anna.look("/account")).page.of("tr")) == 3
    await anna.press("/account/sessions/end-others")
    assert not await other.is_in()
    entries = [entry for entry in await house.trail() if entry[1] in {"person.password", "person.sessions"}]
    assert [entry[1] for entry in entries] == ["person.password", "person.password", "person.sessions"]
    assert PASSWORD not in repr(entries)
    assert NEW not in repr(entries)


async def test_nobody_ends_the_session_of_another(house: House) -> None:
    anna, ben = await house.browser_of("Anna"), await house.browser_of("Ben", Role.RECEPTION)
    for session in range(1, 9):
        await ben.press(f"/account/sessions/{session}/end")
        if not await ben.is_in():
            await ben.sign_in("Ben")
    assert await anna.is_in()


async def test_the_trail_is_paged_and_every_type_can_be_shown(house: House) -> None:
    anna = await house.browser_of("Anna")
    for kind in TRAIL_TYPES:
        await house.store.trail.add(TrailEntry(actor=COMMAND_LINE, type=kind, about="x", before="a", after="b"))
    page = (await anna.look("/trail")).text
    assert all(sentence in page for sentence in TRAIL_TYPES.values())
    await house.store.trail.add(*(TrailEntry(actor=COMMAND_LINE, type="booking.retry", about=f"n{n}") for n in range(120)))
    first = await anna.look("/trail")
    (older,) = [link for link in first.page.links if link and "before=" in link]
    assert "n119" in first.text
    assert "n5 " not in first.text
    second = await anna.look(older)
    assert "n5" in second.text
    for odd in ("x", "-1", "9" * 50, "%00", "\u0663"):
        assert (await anna.look(f"/trail?before={odd}")).status == 200


async def test_what_was_changed_is_told_in_the_language_of_the_reader(house: House) -> None:
    anna = await house.browser_of("Anna")
    line = "changed integration doors: default country none -> NL"
    await house.store.trail.add(
        TrailEntry(actor=COMMAND_LINE, type="setup.change", about=line),
        TrailEntry(actor=COMMAND_LINE, type="setup.tick", about="doors: rollback", before="open", after="done"),
    )
    page = (await anna.ask("GET", "/trail", headers={"accept-language": "nl"})).text
    assert "Integratie doors: standaardland geen → Nederland (NL)" in page
    assert "doors: Iedereen kent de weg terug" in page
    assert "default country" not in page


async def test_the_trail_shows_what_one_did_on_one_day_and_the_choice_stays_on_the_next_page(house: House) -> None:
    anna = await house.browser_of("Anna")
    today = house.clock.now().astimezone(ZoneInfo("Europe/Amsterdam")).date()
    for number in range(101):
        await house.store.trail.add(TrailEntry(actor=COMMAND_LINE, type="booking.retry", about=f"booking {number} of club"))
    await house.store.trail.add(TrailEntry(actor=person_actor("Anna"), type="booking.revoke", about="booking 7000 of club"))
    hers = await anna.look("/trail?who=person%3AAnna")
    assert "Booking 7000 of club" in hers.text
    assert "Booking 100 of club" not in hers.text
    theirs = await anna.look(f"/trail?who=command_line%3Acommand+line&day={today}")
    assert "Booking 7000 of club" not in theirs.text
    (older,) = [link for link in theirs.page.links if link and "before=" in link]
    assert older.startswith(f"/trail?who=command_line%3Acommand+line&day={today}&before=")
    assert "Booking 0 of club" in (await anna.look(older)).text
    another_day = await anna.look(f"/trail?day={today - timedelta(days=1)}")
    assert "Nothing in the trail fits this choice." in another_day.text
    for odd in ("who=nobody", "day=2026-02-30", "day=0001-01-01", "who=person%3A%00"):
        assert "Booking 7000 of club" in (await anna.look(f"/trail?{odd}")).text
