"""Passwords: what fits, what it costs, and how many at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from drempel.adapters.passwords import Argon2Passwords, draw_token
from drempel.engine.sign_in import TooManyAtOnce

CHEAP = {"memory_kib": 8, "rounds": 1}


@pytest.fixture
def passwords() -> Iterator[Argon2Passwords]:
    made = Argon2Passwords(**CHEAP)
    yield made
    made.close()


@pytest.mark.parametrize("password", ["correct horse battery", "\u00e9" * 256, "\ud800" * 12, "\x00" * 12])
async def test_only_the_password_fits(passwords: Argon2Passwords, password: str) -> None:
    kept = await passwords.hash(password, vouched=False)
    assert password not in kept
    assert kept.startswith("$argon2id$")
    assert await passwords.hash(password, vouched=False) != kept, "salted"
    assert await passwords.fits(password, kept, vouched=False)
    assert not await passwords.fits(password + " ", kept, vouched=False)
    assert not await passwords.fits("", kept, vouched=False)


async def test_nobodys_password_never_fits_and_costs_a_verification(passwords: Argon2Passwords) -> None:
    assert not await passwords.fits("anything at all", None, vouched=False)
    assert passwords._nobody is not None
    assert passwords._nobody.startswith("$argon2id$v=19$m=8,t=1,p=1$")


@pytest.mark.parametrize("kept", ["", "plain text", "$argon2id$v=19$m=8,t=1,p=1$broken"])
async def test_what_is_no_hash_fits_nothing(passwords: Argon2Passwords, kept: str) -> None:
    assert not await passwords.fits(kept, kept, vouched=False)


async def test_a_hash_of_a_lower_cost_is_outdated(passwords: Argon2Passwords) -> None:
    dearer = Argon2Passwords(memory_kib=16, rounds=1)
    kept = await passwords.hash("correct horse battery", vouched=False)
    assert not passwords.is_outdated(kept)
    assert dearer.is_outdated(kept)
    assert await dearer.fits("correct horse battery", kept, vouched=False)
    dearer.close()


async def test_more_than_fit_into_the_line_are_sent_away_and_the_loop_goes_on() -> None:
    small = Argon2Passwords(**CHEAP, at_once=1, waiting_max=1)
    gate = threading.Event()
    held = [asyncio.create_task(small._aside(gate.wait, vouched=False)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyAtOnce):
        await small.hash("x", vouched=False)
    gate.set()
    assert await asyncio.gather(*held) == [True, True]
    while small._anybody.room < 2:
        await asyncio.sleep(0)
    assert await small.hash("x", vouched=False)
    small.close()


async def test_strangers_fill_their_own_line_and_not_that_of_whom_we_know() -> None:
    small = Argon2Passwords(**CHEAP, at_once=1, waiting_max=1)
    gate = threading.Event()
    strangers = [asyncio.create_task(small._aside(gate.wait, vouched=False)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyAtOnce):
        await small.hash("x", vouched=False)
    kept = await small.hash("correct horse battery", vouched=True)
    assert await small.fits("correct horse battery", kept, vouched=True)
    gate.set()
    await asyncio.gather(*strangers)
    small.close()


async def test_of_whom_we_know_as_many_are_let_in_as_both_lines_hold_and_they_have_an_end_too() -> None:
    small = Argon2Passwords(**CHEAP, at_once=1, waiting_max=1)
    gate = threading.Event()
    held = [asyncio.create_task(small._aside(gate.wait, vouched=True)) for _ in range(1 + 4 + 2)]
    await asyncio.sleep(0)
    for vouched in (True, False):
        with pytest.raises(TooManyAtOnce):
            await small.hash("x", vouched=vouched)
    gate.set()
    assert await asyncio.gather(*held) == [True] * 7
    small.close()


async def test_what_runs_when_the_program_ends_harms_nothing() -> None:
    small = Argon2Passwords(**CHEAP, at_once=1)
    gate = threading.Event()
    held = [asyncio.create_task(small._aside(gate.wait, vouched=False)) for _ in range(3)]
    await asyncio.sleep(0)
    small.close()
    gate.set()
    ended = await asyncio.gather(*held, return_exceptions=True)
    assert ended[0] is True
    assert all(isinstance(one, asyncio.CancelledError) for one in ended[1:])


def test_a_token_has_256_bits_and_fits_into_addresses() -> None:
    tokens = {draw_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}
