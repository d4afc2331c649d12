"""Whose tries are counted: who is connected, or whom a proxy that we trust has seen."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from starlette.requests import Request

from drempel.adapters.store import SqlStore
from drempel.web.sign_in.caller import Callers
from tests.clock import ManualClock
from tests.engine.sign_in_desk import PASSWORD
from tests.web.sign_in.house import OURS, Browser, House

PROXIES = [ip_network("10.0.0.7"), ip_network("10.1.0.0/24"), ip_network("2001:db8:1::/48")]


def seen(connected: str | None, *forwarded: str) -> list[str]:
    headers = [(b"x-forwarded-for", each.encode("latin-1")) for each in forwarded]
    client = None if connected is None else (connected, 1)
    return list(Callers(PROXIES).paces_of(Request({"type": "http", "headers": headers, "client": client})))


@pytest.mark.parametrize(
    ("connected", "forwarded", "caller"),
    [
        ("192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
        ("10.0.0.7", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.7", ["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        ("10.0.0.7", ["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
        ("10.0.0.7", ["198.51.100.1, 203.0.113.9, 10.1.0.3"], "203.0.113.9"),
        ("10.0.0.7", ["10.1.0.3, 10.1.0.4"], "10.1.0.3"),
        ("::ffff:10.0.0.7", ["::ffff:203.0.113.9"], "203.0.113.9"),
        ("2001:db8:1::5", ["2001:db8:2:3:4:5:6:7"], "2001:db8:2:3::/64 2001:db8:2::/48"),
        ("10.0.0.7", ["203.0.113.9:4711"], "203.0.113.9"),
        ("10.0.0.7", ["[2001:db8:2:3::1]:4711"], "2001:db8:2:3::/64 2001:db8:2::/48"),
        ("10.0.0.7", ["[2001:db8:2:3::1]"], "2001:db8:2:3::/64 2001:db8:2::/48"),
        ("10.0.0.7", [], "10.0.0.7"),
        ("10.0.0.7", [""], "10.0.0.7"),
        ("10.0.0.7", ["203.0.113.9, unknown"], "10.0.0.7"),
        ("10.0.0.7", ["203.0.113.9, \u00e9, 10.1.0.3"], "10.1.0.3"),
        ("10.0.0.8", ["203.0.113.9"], "10.0.0.8"),
        (None, ["203.0.113.9"], "?"),
        ("a socket", ["203.0.113.9"], "?"),
    ],
)
def test_only_a_trusted_proxy_says_who_asks(connected: str | None, forwarded: list[str], caller: str) -> None:
    assert seen(connected, *forwarded) == caller.split()


async def test_who_has_a_whole_network_of_ipv6_is_slowed_over_all_of_it_and_nobody_beside_it(house: House) -> None:
    await house.desk.person("Anna")
    for number in range(201):
        # Another first half each time: by these alone everybody here is somebody new.
        answer = await Browser(house, address=f"2001:db8:2:{number:x}::1").sign_in(f"name {number}", "x" * 12)
        assert answer.status == (401 if number < 200 else 429)
    assert (await Browser(house, address="2001:db8:2:ffff::1").sign_in("Anna")).status == 429
    assert (await Browser(house, address="2001:db8:3::1").sign_in("Anna")).status == 303


async def test_behind_a_trusted_proxy_an_attacker_slows_nobody_else(sqlite_store: SqlStore, clock: ManualClock) -> None:
    house = House(sqlite_store, clock, proxies=PROXIES)
    await house.desk.person("Anna")
    for number in range(25):
        # What the attacker writes stands in front of what the proxy has seen.
        headers = {**OURS, "x-forwarded-for": f"10.9.9.{number}, 203.0.113.9"}
        tried = await Browser(house, address="10.0.0.7").send("/sign-in", headers, name=f"n{number}", password="x" * 12)
    assert tried.status == 429
    other = {**OURS, "x-forwarded-for": "203.0.113.10"}
    answer = await Browser(house, address="10.0.0.7").send("/sign-in", other, name="Anna", password=PASSWORD)
    assert answer.status == 303
