"""The bare client: the calls of Drempel, in Drempel's order, and nothing else. No database, no lease, no look, no retry, no second thought.

It is the ceiling, not a rival: killed at the wrong moment it forgets a door or opens one twice. Booking ids come on standard input, one a line; the
program ends when that ends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from bench.running import stdin_lines, with_uvloop

DOORS_FRESH_SECONDS = 2.0
TIME_BEFORE = timedelta(minutes=15)
FIELD = "custom05"


class BareClient:
    """Reads a booking and its customer, resolves the doors, creates, writes the id back, reads the field and the access back."""

    def __init__(self, world: dict[str, Any], session: aiohttp.ClientSession) -> None:
        self._session = session
        self._account = aiohttp.BasicAuth(world["account"], world["password"])
        self._api = f"{world['ireserve']}/api/rest"
        self._resivo = world["resivo"]
        self._site = f"{world['resivo']}/v8/sites/{world['site_id']}"
        self._client = {"client_id": world["client_id"], "client_secret": world["client_secret"]}
        self._doors: dict[str, list[str]] = world["doors"]
        self._bearer: dict[str, str] = {}
        self._components: tuple[float, asyncio.Task[dict[str, str]]] | None = None

    async def sign_in(self) -> None:
        form = {"grant_type": "client_credentials", **self._client}
        async with self._session.post(f"{self._resivo}/oauth2/token", data=form) as answer:
            self._bearer = {"authorization": f"Bearer {(await answer.json())['access_token']}"}

    async def grant(self, booking_id: str) -> None:
        booking = await self._ireserve("GET", f"booking/{booking_id}")
        customer = await self._ireserve("GET", f"customer/{booking['customer_id']}?admin=1&raw=1")
        components = await self._components_now()
        create = {
            "displayName": f"{booking['object_desc']} · dr-bareness-club-{booking_id}-1",
            "componentIds": [components[name] for name in self._doors[str(booking["object_id"])]],
            "restrictions": {
                "validFrom": _instant(datetime.fromisoformat(booking["date_from"]) - TIME_BEFORE),
                "validTo": _instant(datetime.fromisoformat(booking["date_till"])),
            },
            "recipients": [{"email": booking["email"]}, {"phoneNumber": customer["tel_mob"].replace(" ", "")}],
        }
        async with self._session.post(f"{self._site}/authorizations/remote-access", json=create, headers=self._bearer) as answer:
            answer.raise_for_status()
            authorization_id = (await answer.json())["id"]
        await self._ireserve("POST", "hook/booking/", json={"id": booking_id, FIELD: authorization_id})
        stored = await self._ireserve("GET", f"booking/{booking_id}")
        assert stored[FIELD] == authorization_id
        async with self._session.get(f"{self._site}/authorizations/{authorization_id}", headers=self._bearer) as answer:
            answer.raise_for_status()
            shown = await answer.json()
        assert shown["componentIds"] == create["componentIds"]
        assert shown["status"] == "active"

    async def _ireserve(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        async with self._session.request(method, f"{self._api}/{path}", auth=self._account, **body) as answer:
            answer.raise_for_status()
            document: dict[str, Any] = await answer.json()
            return document

    async def _components_now(self) -> dict[str, str]:
        """Shared by the bookings in hand, for as long as Drempel shares it."""
        if self._components is None or time.monotonic() - self._components[0] > DOORS_FRESH_SECONDS:
            self._components = (time.monotonic(), asyncio.create_task(self._read_components()))
        return await self._components[1]

    async def _read_components(self) -> dict[str, str]:
        async with self._session.get(f"{self._site}/components?scope=all", headers=self._bearer) as answer:
            answer.raise_for_status()
            return {one["displayName"]: one["id"] for one in await answer.json()}


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


async def run(world: dict[str, Any], concurrency: int) -> None:
    queue: asyncio.Queue[str] = asyncio.Queue()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()) as session:
        client = BareClient(world, session)
        await client.sign_in()

        async def work() -> None:
            while True:
                await client.grant(await queue.get())

        async def listen() -> None:
            reader = await stdin_lines()
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            while line := await reader.readline():
                queue.put_nowait(line.decode().strip())

        tasks = [asyncio.create_task(work()) for _ in range(concurrency)]
        listening = asyncio.create_task(listen())
        try:
            done, _ = await asyncio.wait([listening, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--world", type=json.loads, required=True)
    parser.add_argument("--concurrency", type=int, required=True)
    options = parser.parse_args()
    with_uvloop(run(options.world, options.concurrency))


if __name__ == "__main__":
    main()
