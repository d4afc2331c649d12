"""From an empty Drempel to an opened simulated door through the pages alone, in Dutch; then planted faults, found and repaired from the pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from drempel.engine.trail import COMMAND_LINE
from drempel.settings import Settings
from drempel.simulators.ireserve import IReserveSimulator
from drempel.simulators.ireserve import seed_demo as seed_ireserve
from drempel.simulators.ireserve.environment import ACCOUNT, ACCOUNT_PASSWORD
from drempel.simulators.resivo import ResivoSimulator, seed_demo
from drempel.simulators.server import SimulatorServer
from drempel.wiring.people import open_sign_in, pages_of
from drempel.wiring.programs import work_until
from drempel.wiring.services import open_services
from tests.web.client import Notes
from tests.web.integrations.office import Clerk
from tests.web.sign_in.house import Browser

PASSWORD = "een lang wachtwoord voor de proef"
SECONDS_MAX = 90.0


@dataclass
class Place:
    """What a browser of these tests needs of a house."""

    app: Any
    notes: Notes = field(default_factory=Notes)


class Dutch(Browser):
    """Wants Dutch."""

    async def ask(self, method: str, target: str, **more: Any) -> Any:
        return await super().ask(method, target, **{**more, "headers": {"accept-language": "nl", **(more.get("headers") or {})}})


@dataclass
class Scene:
    clerk: Clerk
    ireserve: IReserveSimulator
    resivo: ResivoSimulator
    ireserve_url: str
    resivo_url: str
    seeded: Any


@asynccontextmanager
async def empty(tmp_path: Path) -> AsyncIterator[Scene]:
    """`drempel serve` on nothing, its other sides, and somebody who opens the first link."""
    ireserve, resivo = IReserveSimulator(seed=1), ResivoSimulator(seed=None)
    seeded = seed_demo(resivo)
    seed_ireserve(ireserve)
    stop = asyncio.Event()
    settings = Settings(
        data_dir=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'drempel.sqlite'}",
        secret_key="k" * 40,
        public_url="http://127.0.0.1:1",
        call_timeout_seconds=5.0,
        lease_seconds=15.0,
        sweep_seconds=1.0,
    )
    async with (
        SimulatorServer(resivo.app, port=0) as resivo_server,
        SimulatorServer(ireserve.app, port=0) as ireserve_server,
        open_services(settings) as services,
        open_sign_in(services.opened) as sign_in,
    ):
        place: Any = Place(Starlette(routes=(await pages_of(services, sign_in)).routes))
        working = asyncio.create_task(work_until(services, stop))
        try:
            invitation = await sign_in.invitations.first_administrator(actor=COMMAND_LINE)
            assert invitation is not None
            browser = Dutch(place)
            assert (await browser.send(f"/link/{invitation.token}", password=PASSWORD, again=PASSWORD)).status == 303
            yield Scene(Clerk(browser), ireserve, resivo, ireserve_server.url, resivo_server.url, seeded)
        finally:
            stop.set()
            await asyncio.gather(working, return_exceptions=True)


async def seen(look: Callable[[], Any]) -> Any:
    async with asyncio.timeout(SECONDS_MAX):
        while not (found := look()):  # a person looks again and again
            await asyncio.sleep(0.05)
        return found


async def test_from_nothing_to_an_open_door_and_every_planted_fault_repaired(tmp_path: Path) -> None:
    async with empty(tmp_path) as scene:
        clerk, resivo, ireserve = scene.clerk, scene.resivo, scene.ireserve
        assert "Begin met het boekingssysteem" in (await clerk.page("/integrations")).text
        source = {"base_url": scene.ireserve_url, "username": ACCOUNT, "time_zone": "Europe/Amsterdam", "poll_seconds": "2"}
        # The wrong password is found before it is saved.
        wrong = await clerk.fill("/sources/new", name="club", password="wrong", **source)
        assert "De test is mislukt" in (await clerk.review(wrong)).text
        assert (
            await clerk.save(await clerk.fill("/sources/new", name="club", password=ACCOUNT_PASSWORD, **source))
        ).status == 303
        doors = {
            "name": "doors",
            "source": "club",
            "profile": "assumed-v8",
            "base_url": scene.resivo_url,
            "site_owner_id": scene.seeded.site_owner_id,
            "client_id": scene.seeded.client_id,
            "client_secret": scene.seeded.client_secret,
            "more_trigger": "20 30",
            "more_revoke": "70 80",
            "time_before_minutes": "15",
            "authorization_field": "custom05",
            "follow_changes": "any",
        }
        wrong = await clerk.fill("/integrations/new", **{**doors, "client_secret": "wrong"})
        assert "De test is mislukt" in (await clerk.review(wrong)).text
        made = await clerk.fill("/integrations/new", **doors)
        assert "Resivo accepteert de inloggegevens" in (await clerk.review(made)).text
        assert (await clerk.send(made.header("location"), site=scene.seeded.site_id)).status == 303
        chosen = await clerk.fill(
            "/integrations/doors/mapping/edit", object="81", site_id=scene.seeded.site_id, door=["Main entrance", "Hall 1"]
        )
        assert (await clerk.save(chosen)).status == 303
        assert (await clerk.save(await clerk.fill("/integrations/doors/active", active="yes"))).status == 303

        start = datetime.now(UTC) + timedelta(minutes=5)
        booking = ireserve.make_booking(
            "81", start, start + timedelta(hours=1), lastname="Lovelace", email="visitor@example.com", tel_mob="+31612345678"
        )
        ireserve.set_status(booking, "20")
        # Found by a poll: it may have been counted among those from before, and then a person says so.
        await asyncio.sleep(4)
        if not resivo.live(display_name_contains=f"club-{booking}-"):
            assert (await clerk.save(await clerk.fill("/integrations/doors/existing"))).status == 303
        await seen(lambda: resivo.live(display_name_contains=f"club-{booking}-"))
        (mail,) = (await seen(lambda: resivo.messages_to("visitor@example.com")))[:1]
        hall = next(each for each in resivo.state.components.values() if each.display_name == "Hall 1")
        assert resivo.open_door(mail.link_token, hall.id)

        # A renamed door shows with its new name, and one button takes it.
        resivo.rename_component(hall.id, "Sporthal")
        page = await clerk.page("/integrations/doors/mapping")
        assert "De deur heet nu Sporthal." in page.text
        version = next(str(each["value"]) for each in page.of("input") if each.get("name") == "version")
        taken = await clerk.send(
            "/integrations/doors/mapping/rename", version=version, site_id=scene.seeded.site_id, old="Hall 1", new="Sporthal"
        )
        assert (await clerk.save(taken)).status == 303
        page = await clerk.page("/integrations/doors/mapping")
        assert "Sporthal" in page.text
        assert "Geen deur heeft deze naam" not in page.text

        # Rules that changed: what is live differs, and is replaced with one new message.
        changed = await clerk.fill(
            "/integrations/doors/details", **{**doors, "time_before_minutes": "30", "default_country": "nl"}
        )
        assert "Eén geldige toegang wijkt af van de nieuwe regels" in (await clerk.review(changed)).text
        assert (await clerk.send(changed.header("location"))).status == 303
        (old,) = resivo.live(display_name_contains=f"club-{booking}-")
        assert (await clerk.fill("/integrations/doors/replace")).status == 303, "first: exactly what would be done"
        listed = await clerk.page("/integrations/doors/replace")
        rules = next(str(each["value"]) for each in listed.of("input") if each.get("name") == "rules")
        assert (await clerk.send("/integrations/doors/replace", rules=rules)).status == 303

        def replaced() -> bool:
            live = resivo.live(display_name_contains=f"club-{booking}-")
            return len(live) == 1 and live[0].id != old.id

        await seen(replaced)
        assert "1 van 1 vervangen" in (await clerk.page("/integrations/doors/replace")).text
        assert booking in (await clerk.page("/integrations/doors/activity")).text
