"""The whole world on this machine: simulated i-Reserve and Resivo as real servers, and Drempel with web and worker between them."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from rich.console import Console
from rich.table import Table
from starlette.middleware.trustedhost import TrustedHostMiddleware

from drempel.domain.rights import Role
from drempel.engine.setup import Setup
from drempel.engine.setup_plan import SetupPlan, plan_setup
from drempel.engine.sign_in import SignedIn
from drempel.engine.trail import COMMAND_LINE, TrailEntry
from drempel.ireserve import IReserveClient
from drempel.settings import Settings
from drempel.setup_file import read_setup_file
from drempel.simulators.ireserve import IReserveSimulator
from drempel.simulators.ireserve import seed_demo as seed_ireserve
from drempel.simulators.ireserve.environment import ACCOUNT, ACCOUNT_PASSWORD
from drempel.simulators.resivo import ResivoSimulator
from drempel.simulators.resivo import seed_demo as seed_resivo
from drempel.simulators.server import SimulatorServer
from drempel.transport.over_http import HttpTransport
from drempel.web.pages.rendering import PageLink
from drempel.web.sign_in.routes import SignInServices
from drempel.wiring.listening import serve_app
from drempel.wiring.people import open_sign_in, pages_of
from drempel.wiring.programs import until_signal, web_app, work_until
from drempel.wiring.services import Services, open_services

__all__ = ["Demo", "demo_world", "run_demo", "run_demo_once"]

T = TypeVar("T")

CALL_TIMEOUT_SECONDS: Final = 5.0
STEP_SECONDS_MAX: Final = 20.0
LOOK_SECONDS: Final = 0.05
PASSWORD_BYTES: Final = 12
EVENTS: Final = ("booking_created", "booking_updated")
SETUP_FILE: Final = """\
[[sources]]
name = "club"
kind = "ireserve"
base_url = "{ireserve}"
username = "{account}"
password = "{password}"
time_zone = "Europe/Amsterdam"
poll_seconds = 15

[[integrations]]
name = "doors"
kind = "resivo"
source = "club"
active = true
profile = "assumed-v8"
base_url = "{resivo}"
site_owner_id = "{site_owner_id}"
client_id = "{client_id}"
client_secret = "{client_secret}"
site_id = "{site_id}"
trigger_statuses = ["20", "30"]
revoke_statuses = ["70", "80"]
time_before_minutes = 15
authorization_field = "custom05"
default_language = "nl"

[[integrations.mappings]]
object = "81"
components = ["Main entrance", "Hall 1"]

[[integrations.mappings]]
object = "82"
components = ["Main entrance", "Hall 2", "Storage"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A running world."""

    ireserve: IReserveSimulator
    resivo: ResivoSimulator
    ireserve_url: str
    resivo_url: str
    url: str
    services: Services
    bookings: list[str]
    """Seeded; the first starts within a quarter of an hour and is not yet confirmed: once it is, its doors open at once."""
    passwords: dict[str, str]
    """Of the three people, one of each role, by name: drawn at each start."""


@contextlib.asynccontextmanager
async def demo_world(*, port: int, simulator_ports: tuple[int, int], stop: asyncio.Event) -> AsyncIterator[Demo]:
    """Start everything, set it up by a set-up file as anybody would, register the webhooks; stop everything at the end."""
    ireserve, resivo = IReserveSimulator(seed=secrets.randbelow(1_000_000)), ResivoSimulator(seed=None)
    bookings = seed_ireserve(ireserve)
    seeded = seed_resivo(resivo)
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="drempel-demo-")))
        resivo_server = await stack.enter_async_context(SimulatorServer(resivo.app, port=simulator_ports[0]))
        ireserve_server = await stack.enter_async_context(SimulatorServer(ireserve.app, port=simulator_ports[1]))
        url = f"http://127.0.0.1:{port}"
        settings = Settings(
            data_dir=folder,
            database_url=f"sqlite:///{folder / 'drempel.sqlite'}",
            secret_key=secrets.token_urlsafe(32),
            public_url=url,
            call_timeout_seconds=CALL_TIMEOUT_SECONDS,
            lease_seconds=3 * CALL_TIMEOUT_SECONDS,
            sweep_seconds=15.0,
            gone_confirm_seconds=15.0,
        )
        services = await stack.enter_async_context(open_services(settings))
        sign_in = await stack.enter_async_context(open_sign_in(services.opened))
        text = SETUP_FILE.format(
            ireserve=ireserve_server.url,
            resivo=resivo_server.url,
            account=ACCOUNT,
            password=ACCOUNT_PASSWORD,
            site_owner_id=seeded.site_owner_id,
            client_id=seeded.client_id,
            client_secret=seeded.client_secret,
            site_id=seeded.site_id,
        )
        await _apply(services, folder / "setup.toml", text)
        demo = Demo(
            ireserve=ireserve,
            resivo=resivo,
            ireserve_url=ireserve_server.url,
            resivo_url=resivo_server.url,
            url=url,
            services=services,
            bookings=bookings,
            passwords=await _let_people_in(sign_in),
        )
        site = await pages_of(
            services,
            sign_in,
            links=[PageLink("i-Reserve", demo.ireserve_url), PageLink("Resivo", demo.resivo_url)],
        )
        # A name of somebody else's that leads to this machine must not reach a world in which everything is known.
        app = TrustedHostMiddleware(web_app(services, with_worker=True, site=site), allowed_hosts=["127.0.0.1", "localhost"])
        running = [
            asyncio.create_task(serve_app(app, host="127.0.0.1", port=port, stop=stop)),
            asyncio.create_task(work_until(services, stop)),
        ]
        transport = await stack.enter_async_context(HttpTransport(call_timeout_seconds=CALL_TIMEOUT_SECONDS))
        await ireserve.start_deliveries(transport)
        try:
            await _register_hooks(demo, transport)
            yield demo
        finally:
            stop.set()
            await ireserve.stop_deliveries()
            ended = await asyncio.gather(*running, return_exceptions=True)
        for result in ended:
            if isinstance(result, BaseException):
                raise result


async def _apply(services: Services, file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")  # noqa: ASYNC240  # a page of text, once
    records = services.opened.records
    current: Setup = await records.setup()
    plan = plan_setup(
        current=current,
        secrets=await records.stored_secrets(),
        holdings=await records.holdings(),
        desired=read_setup_file(file, environ={}, present=current),
        prune=False,
        issue_existing=False,
    )
    assert isinstance(plan, SetupPlan)
    await records.write_setup(plan.write)


async def _register_hooks(demo: Demo, transport: HttpTransport) -> None:
    """As `drempel hook-register` does."""
    token = secrets.token_urlsafe(24)
    records, clock = demo.services.opened.records, demo.services.opened.clock
    await records.rotate_hook_token("club", new_token=token, old_valid_until=clock.now())
    client = IReserveClient(
        transport=transport,
        base_url=demo.ireserve_url,
        username=ACCOUNT,
        password=ACCOUNT_PASSWORD,
        time_zone="Europe/Amsterdam",
        now=clock.now,
    )
    for event in EVENTS:
        await client.subscribe(event, f"{demo.url}/hooks/club/{token}")
    await demo.services.opened.trail.add(TrailEntry(actor=COMMAND_LINE, type="hook.register", about="club"))


async def _let_people_in(sign_in: SignInServices) -> dict[str, str]:
    """One of each role, called like it, by the way that everybody comes in."""
    passwords = {role.value: secrets.token_urlsafe(PASSWORD_BYTES) for role in reversed(Role)}
    for name, password in passwords.items():
        invitation = await sign_in.invitations.invite(name, Role(name), actor=COMMAND_LINE)
        came = await sign_in.sign_in.use_link(invitation.token, password, browser="", leaving="")
        assert isinstance(came, SignedIn)
        await sign_in.sign_in.sign_out(came.token)
    return passwords


# --------------------------------------------------------------------------------------------------------------------- programs


async def run_demo(port: int) -> None:
    """Everything with pages for people, until SIGTERM or SIGINT."""
    stop = until_signal()
    console = Console()
    async with demo_world(port=port, simulator_ports=(port + 1, port + 2), stop=stop) as demo:
        console.print("\n[bold]Drempel's world is up.[/bold] Nothing here leaves this machine, and nothing stays when it ends.\n")
        table = Table(show_header=False, box=None, padding=(0, 2))
        table.add_row("Drempel", demo.url, "what it does, and why")
        table.add_row("i-Reserve", demo.ireserve_url, "make a booking, change its status, cancel it")
        table.add_row("Resivo", demo.resivo_url, "doors, live access, the mails with their door links")
        console.print(table)
        people = Table(show_header=False, box=None, padding=(0, 2))
        for name, password in demo.passwords.items():
            people.add_row(name, password)
        console.print("\nSign in to Drempel as one of these; the passwords hold until it ends:\n")
        console.print(people)
        console.print(
            f"\nTry it: open booking {demo.bookings[0]} in i-Reserve, set its status to 20, "
            "then open the door with the link in the outbox of Resivo.\nCtrl-C ends it.\n"
        )
        await stop.wait()


async def run_demo_once() -> bool:
    """The main job without a person; prints each step with its time. Whether every step was seen."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    console = Console()
    table = Table(title="A booking opens a door")
    for name in ("step", "what was seen", "seconds"):
        table.add_column(name, justify="right" if name == "seconds" else "left")
    seen_all = True
    async with demo_world(port=_free_port(), simulator_ports=(0, 0), stop=stop) as demo:
        for name, step in _steps(demo):
            began = loop.time()
            seen = await step()
            table.add_row(name, seen or "[red]not seen[/red]", f"{loop.time() - began:.2f}")
            if seen is None:
                seen_all = False
                break
    console.print(table)
    return seen_all


def _steps(demo: Demo) -> list[tuple[str, Callable[[], Awaitable[str | None]]]]:
    """The main job, step by step. Each looks at the other sides, as a person would."""
    now = demo.services.opened.clock.now()
    start = now + timedelta(minutes=5)
    made: dict[str, str] = {}
    door = next(c for c in demo.resivo.state.components.values() if c.display_name == "Hall 1")
    shut = next(c for c in demo.resivo.state.components.values() if c.display_name == "Hall 2")

    async def book() -> str | None:
        made["booking"] = demo.ireserve.make_booking(
            "81", start, start + timedelta(hours=1), lastname="Lovelace", email="visitor@example.com", tel_mob="+31612345678"
        )
        return f"booking {made['booking']}, hall 1, {_time(start)} to {_time(start + timedelta(hours=1))} UTC, status 10"

    async def confirm() -> str | None:
        demo.ireserve.set_status(made["booking"], "20")
        return "status 20; i-Reserve sends its webhook"

    async def access() -> str | None:
        mine = f"club-{made['booking']}-"
        live = await _seen(lambda: demo.resivo.live(display_name_contains=mine))
        return f"one access, {_time(live[0].valid_from)} to {_time(live[0].valid_to)} UTC" if live and len(live) == 1 else None

    async def mailed() -> str | None:
        mails = await _seen(lambda: demo.resivo.messages_to("visitor@example.com"))
        made["link"] = (mails[0].link_token or "") if mails else ""
        return "Resivo mailed and texted one door link each" if mails and len(mails) == 1 else None

    async def noted() -> str | None:
        field = await _seen(lambda: demo.ireserve.booking(made["booking"]).fields.get(5))
        return "the id stands in booking field custom05" if field else None

    async def opens() -> str | None:
        opened = demo.resivo.open_door(made["link"], door.id)
        return "hall 1 opens; hall 2 stays shut" if opened and not demo.resivo.open_door(made["link"], shut.id) else None

    async def cancel() -> str | None:
        demo.ireserve.cancel_as_customer(made["booking"])
        return "status 70; i-Reserve sends its webhook"

    async def gone() -> str | None:
        mine = f"club-{made['booking']}-"
        revoked = await _seen(lambda: not demo.resivo.live(display_name_contains=mine))
        return "the access is revoked" if revoked else None

    async def stays_shut() -> str | None:
        return None if demo.resivo.open_door(made["link"], door.id) else "the same link opens nothing any more"

    return [
        ("a booking is made", book),
        ("it is confirmed", confirm),
        ("Drempel creates access", access),
        ("the visitor is told", mailed),
        ("the booking knows the access", noted),
        ("the door opens", opens),
        ("the visitor cancels", cancel),
        ("Drempel revokes", gone),
        ("the door stays shut", stays_shut),
    ]


async def _seen(look: Callable[[], T]) -> T | None:
    """What `look` shows as soon as it shows something; None if it never does."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(STEP_SECONDS_MAX):
            while not (found := look()):  # noqa: ASYNC110  # a person looks again and again
                await asyncio.sleep(LOOK_SECONDS)  # noqa: TID251
            return found
    return None


def _time(at: datetime | None) -> str:
    return f"{at:%H:%M}" if at is not None else "?"


def _free_port() -> int:
    import socket  # noqa: PLC0415

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
