from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from drempel.engine.api_keys import key_hash
from drempel.engine.records import ApiScope, HookToken
from drempel.engine.setup import Setup
from drempel.transport import Request, Response
from tests.cli.saying import Desk
from tests.engine.stand_in import CLUB, NOW


def test_a_key_is_printed_alone_and_once_and_only_its_hash_is_kept(desk: Desk) -> None:
    said = desk.say("api-key", "add", "dashboard", "--scope", "read")
    (key,) = said.lines
    assert (said.code, said.err) == (0, "")
    assert key.startswith("drk_")
    assert len(key) > 40
    kept, kept_hash = desk.records.keys["dashboard"]
    assert (kept.scope, kept_hash) == (ApiScope.READ, key_hash(key))
    assert key not in desk.say("api-key", "list").out


def test_a_name_is_in_use_once(desk: Desk) -> None:
    desk.say("api-key", "add", "x", "--scope", "write")
    said = desk.say("api-key", "add", "x", "--scope", "write")
    assert (said.code, said.out) == (1, "")


def test_keys_are_listed_and_revoked(desk: Desk) -> None:
    desk.say("api-key", "add", "x", "--scope", "write")
    assert desk.say("api-key", "list").out == "x\twrite\t2026-03-14T08:00:00Z\n"
    assert desk.say("api-key", "revoke", "x").code == 0
    assert desk.say("api-key", "revoke", "x").code == 1


def test_the_hooks_address_is_one_line(desk: Desk) -> None:
    desk.records.tokens["club"] = [HookToken(token="t0ken")]
    desk.environ = {"DREMPEL_PUBLIC_URL": "https://drempel.example.com/"}
    assert desk.say("hook-url", "club").out == "https://drempel.example.com/hooks/club/t0ken\n"


def test_a_rotated_address_is_new_and_the_old_one_works_for_a_day(desk: Desk) -> None:
    desk.records.tokens["club"] = [HookToken(token="t0ken")]
    address = desk.say("hook-url", "club", "--rotate").out.strip()
    new, old = desk.records.tokens["club"]
    assert address.endswith(new.token)
    assert len(new.token) >= 32
    assert (old.token, old.valid_until) == ("t0ken", NOW + timedelta(hours=24))
    assert desk.say("hook-url", "club").out.strip() == address


def test_an_address_that_strangers_know_ends_at_once(desk: Desk) -> None:
    desk.records.tokens["club"] = [HookToken(token="t0ken")]
    desk.say("hook-url", "club", "--rotate", "--at-once")
    assert desk.records.tokens["club"][1].valid_until == NOW
    assert desk.say("hook-url", "club", "--at-once").code == 2


def test_a_source_without_a_token_gets_one(desk: Desk) -> None:
    assert desk.say("hook-url", "club").out == desk.say("hook-url", "club").out != ""


class IReserve:
    """Takes registrations."""

    def __init__(self, status: int = 200) -> None:
        self.asked: list[tuple[str, object]] = []
        self.status = status

    async def send(self, request: Request) -> Response:
        self.asked.append((request.url, json.loads(request.body)))
        return Response(status=self.status, headers={}, body=json.dumps({"id": str(len(self.asked))}).encode())


@pytest.fixture
def reachable(desk: Desk) -> Desk:
    desk.environ = {"DREMPEL_PUBLIC_URL": "https://drempel.example.com"}
    desk.records.current = Setup(version=1, sources={"club": CLUB})
    desk.records.secrets = replace(desk.records.secrets, source_passwords={"club": "pw"})
    desk.records.tokens["club"] = [HookToken(token="t0ken")]
    return desk


def test_registering_asks_for_new_and_changed_bookings(reachable: Desk) -> None:
    reachable.transport = IReserve()
    said = reachable.say("hook-register", "club")
    assert said.lines == ["registered booking_created as hook 1", "registered booking_updated as hook 2"]
    urls, bodies = zip(*reachable.transport.asked, strict=True)
    assert [url.rsplit("/", 1)[1] for url in urls] == ["booking_created", "booking_updated"]
    assert bodies[0] == {"target_url": "https://drempel.example.com/hooks/club/t0ken"}
    assert [(entry.type, entry.about) for entry in reachable.trail.entries] == [("hook.register", "club")]


@pytest.mark.parametrize(
    ("status", "says"), [(401, "refuses the account"), (412, "refuses the request"), (503, "may have been done")]
)
def test_a_registration_that_fails_is_1_with_a_sentence(reachable: Desk, status: int, says: str) -> None:
    reachable.transport = IReserve(status)
    said = reachable.say("hook-register", "club")
    assert said.code == 1
    assert says in said.err
    assert reachable.trail.entries == []


def test_an_address_that_i_reserve_cannot_reach_is_not_registered(reachable: Desk) -> None:
    reachable.environ = {}
    said = reachable.say("hook-register", "club")
    assert said.code == 2
    assert "DREMPEL_PUBLIC_URL" in said.err


def test_upkeep_says_what_it_did(desk: Desk) -> None:
    assert desk.say("migrate").out == "The schema was current already.\n"
    desk.store.state = "older"
    assert desk.say("migrate").out == "The schema is current now.\n"
    desk.store.state = "newer"
    assert desk.say("migrate").code == 1
    desk.store.state = "current"
    assert desk.say("rotate-key").out == "3 secrets encrypted anew; all are under the first key now.\n"
