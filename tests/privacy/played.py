"""A run with visitors and secrets that are like no others, through everything that can happen to them; and all that it wrote."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from sqlalchemy import text

from drempel.adapters.logs import configure_logging
from drempel.adapters.store.tables import metadata
from drempel.adapters.watcher import LoggingWatcher
from drempel.cli.showing import list_lines, receipt_line, why_lines
from drempel.engine.api_keys import key_hash
from drempel.engine.auditor import Auditor
from drempel.engine.levers import Levers
from drempel.engine.records import ApiScope
from drempel.engine.trail import COMMAND_LINE
from drempel.ireserve import booking_id_of
from drempel.web.app import create_app
from drempel.web.services import WebServices
from drempel.web.site import site_pages
from tests.databases import Place
from tests.simulation.stage import HOUR, Stage
from tests.simulation.world import BEGIN, World
from tests.web.client import Answer, Web
from tests.web.signed_in import COOKIE, signed_in_already

HALL = "Zonnebloemzaal"
EMAILS = ("Zoë.O'Quirke+hal@Vliegenvanger.example", "tweede.Wumpus@kwartelei.example", "laatste.Zwaluw@mosterdpot.example")
PHONES = ("+31 6 5839 2714", "0031-6-27 18 28 18", "(06) 31415926")
NAMES = ("Quirkenstein", "Wumpelaer", "Zwaluwvoort")
REMARK = "Rolstoel door achterdeur, bel Quirkenstein"
FIELD_TEXT = "bel mevrouw Zwaluwvoort 0612987345"
HOOK_TOKEN = "hook-vuurtoren-7h3-l1ghth0us3"
KEY = "drk_sleutelbos-9f8e7d6c5b4a"


@dataclass
class Played:
    """A world, what was logged of it, and the application on top."""

    stage: Stage
    store: Any
    place: Place
    log: io.StringIO
    app: Any
    problems: bytes = b""
    """What was answered to requests that were wrong."""

    ask = Web.ask

    async def secrets(self) -> dict[str, str]:
        """Everything that must stand nowhere, by what it is."""
        world, kept = self.stage.world, await self.store.stored_secrets()
        told = {f"e-mail {n}": email for n, email in enumerate(EMAILS)}
        told |= {f"half of e-mail {n}": email.partition("@")[0] for n, email in enumerate(EMAILS)}
        told |= {f"phone {n}": phone for n, phone in enumerate(PHONES)}
        told |= {f"digits of phone {n}": "".join(c for c in phone if c.isdigit())[-8:] for n, phone in enumerate(PHONES)}
        told |= {f"name {n}": name for n, name in enumerate(NAMES)}
        told |= {"remark": REMARK, "field text": FIELD_TEXT, "hook token": HOOK_TOKEN, "API key": KEY}
        told |= {"password": kept.source_passwords["club"], "client secret": kept.client_secrets[1]}
        told |= {f"door link {n}": m.link_token for n, m in enumerate(world.resivo.outbox) if m.link_token}
        told |= {f"token {n}": token for n, token in enumerate(world.resivo.tokens._given)}
        return told

    async def places(self) -> dict[str, bytes]:
        """Everything that was written, or is shown."""
        found = {"the log": self.log.getvalue().encode(), "answers to wrong requests": self.problems}
        found |= await self.tables()
        found |= self.files()
        found |= await self.shown()
        return found

    async def tables(self) -> dict[str, bytes]:
        """Every cell of every table."""
        found = {}
        async with self.store._database.reading() as connection:
            for table in metadata.sorted_tables:
                rows = await connection.execute(text(f"SELECT * FROM {table.name}"))
                found[f"table {table.name}"] = "\n".join("\t".join(map(str, row)) for row in rows).encode()
        return found

    def files(self) -> dict[str, bytes]:
        """SQLite: the file with its free pages, and its journal."""
        if self.place.is_postgresql:
            return {}
        path = Path(self.place.url.removeprefix("sqlite:///"))
        return {f"file {each.name}": each.read_bytes() for each in sorted(path.parent.glob(f"{path.name}*"))}

    async def shown(self) -> dict[str, bytes]:
        """What people and machines are shown."""
        shown: dict[str, str] = {}
        views, _ = await self.store.bookings(state=None, limit=500, after=None)
        for view in views:
            one = await self.store.booking("club", view.record.booking_id)
            shown[f"why {view.record.booking_id}"] = "\n".join(why_lines(one, looks=(), time_zone="Europe/Amsterdam"))
        shown["bookings"] = "\n".join(map(list_lines, views))
        shown["receipts"] = "\n".join(map(receipt_line, await self.store.receipts()))
        addresses = ["/metrics", "/", "/setup", "/api/v1/bookings", "/api/v1/receipts", "/api/v1/audit?foreign=true"]
        addresses += [f"/api/v1/bookings/club/{view.record.booking_id}" for view in views]
        addresses += [f"/bookings/club/{view.record.booking_id}" for view in views]
        for address in addresses:
            answer: Answer = await self.ask("GET", address, key=KEY, headers={"cookie": COOKIE})
            assert answer.status == 200, (address, answer.body[:300])
            shown[f"GET {address}"] = answer.body.decode() + json.dumps(answer.headers)
        return {name: content.encode() for name, content in shown.items()}


@asynccontextmanager
async def a_run(
    place: Place,
    *,
    log_format: str = "json",
    log_level: str = "info",
    watcher_of: Callable[[Any], Any] = lambda watcher: watcher,
    store_of: Callable[[Any], Any] = lambda store: store,
) -> AsyncIterator[Played]:
    """A world whose facts go to a log. `watcher_of` and `store_of` may put something else around ours, for example one that leaks."""
    log, registry = io.StringIO(), CollectorRegistry()
    configure_logging(log_format=log_format, log_level=log_level, stream=log)
    world = await World.begin(1, lambda _path, clock: place.open(clock), Path())
    inner = world.store
    world.store = store_of(inner)
    world.watcher = watcher_of(LoggingWatcher(registry))
    stage = Stage(world)
    stage.ireserve.add_object("81", HALL)
    await inner.rotate_hook_token("club", new_token=HOOK_TOKEN, old_valid_until=world.now)
    await inner.add_api_key("desk", ApiScope.WRITE, key_hash(KEY))
    site = site_pages(
        levers=Levers(inner), setup=inner.setup, sign_in=signed_in_already(), zone="Europe/Amsterdam", now=world.clock.now
    )
    services = WebServices(
        records=inner,
        auditor=Auditor(stage.crew.tools, inner),
        take_hint=inner.hint,
        booking_id_of=booking_id_of,
        readiness=_ready,
        registry=registry,
        clock=world.clock,
        watcher=world.watcher,
    )
    try:
        yield Played(stage, inner, place, log, create_app(services, pages=site.routes, problem_pages=site.problems))
    finally:
        await inner.close()


async def _ready() -> str | None:
    return None


async def play(run: Played) -> list[str]:
    """Create, replace, refusals that echo the address, lost answers, a foreign text in the field, revoke. The bookings, in this order."""
    stage, faults = run.stage, run.stage.resivo.faults
    made = [_book(stage, 0)]
    half, _, domain = EMAILS[0].partition("@")
    echo = f"no mailbox {EMAILS[0].upper()} (or {half!r}) at {domain}; phone {PHONES[0]}"
    faults.add(operation="create_remote_access", kind="status", status=400, message=echo)
    await stage.work()
    # Whoever is refused is the one whose address is echoed: of another's address no half could be known.
    for status, body in ((403, "html"), (500, "json"), (401, "json")):
        faults.add(operation="create_remote_access", kind="status", status=status, body=body, message=echo)
    await run.store.hint("club", made[0])
    await stage.pass_time(2 * HOUR)
    faults.clear()
    made += [_book(stage, n) for n in (1, 2)]
    await stage.work()
    for booking in made:
        await Levers(run.store).by(COMMAND_LINE).retry("club", booking)
    faults.add(operation="create_remote_access", kind="lost_after")
    await stage.pass_time(120)
    for n, booking in enumerate(made):
        customer = stage.ireserve.booking(booking).customer_id
        stage.ireserve.change_customer(customer, email=EMAILS[(n + 1) % 3], tel_mob=PHONES[(n + 1) % 3])
        await run.store.hint("club", booking)
    await stage.pass_time(120)
    stage.ireserve.set_field(made[2], 5, FIELD_TEXT)
    await run.store.hint("club", made[2])
    whole = f"{EMAILS[1]} ({EMAILS[2].upper()}) keeps it; phone {PHONES[1]}"
    faults.add(operation="revoke_authorization", kind="status", status=400, message=whole)
    stage.ireserve.set_status(made[1], "70")
    told = json.dumps({"id": made[1], "email": EMAILS[1]}).encode()
    assert (await run.ask("POST", f"/hooks/club/{HOOK_TOKEN}", body=told)).status == 202
    for method, address in (("POST", "/hooks/club/wrong"), ("GET", f"/api/v1/bookings/club/{PHONES[2]}"), ("GET", f"/{KEY}")):
        run.problems += (await run.ask(method, address, key=KEY)).body
    await stage.pass_time(180, sweep=True)
    return made


def _book(stage: Stage, n: int) -> str:
    start = BEGIN + (6 + n) * HOUR
    customer = stage.ireserve.add_customer(lastname=NAMES[n], email=EMAILS[n], tel_mob=PHONES[n])
    end = start + timedelta(hours=2)
    return str(stage.ireserve.make_booking("81", start, end, status="20", customer_id=customer, remarks=REMARK))
