"""A club that books at i-Reserve and opens its doors by Resivo: both simulated over real HTTP in this process, Drempel in processes of its own.

What a test asks first is the truth of the other sides: which sets are live, who got which message, what the booking field holds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from drempel.cli.machine import Machine
from drempel.engine.api_keys import key_hash
from drempel.engine.records import ApiScope
from drempel.engine.setup_plan import SetupRefused, plan_setup
from drempel.resivo import Profile, load_profile
from drempel.settings import read_settings
from drempel.setup_file import read_setup_file
from drempel.simulators.faults import FaultList
from drempel.simulators.ireserve import ACCOUNT, ACCOUNT_PASSWORD, IReserveSimulator
from drempel.simulators.resivo import Authorization, Credential, ResivoSimulator
from drempel.simulators.server import SimulatorServer
from drempel.transport import Request, Response, TransportError
from drempel.transport.over_http import HttpTransport
from tests.processes.programs import PATIENCE_SECONDS, Program, Programs, Said, eventually, free_port

SHORT_TIMES = {
    "DREMPEL_CALL_TIMEOUT_SECONDS": "1",
    "DREMPEL_LEASE_SECONDS": "3",
    "DREMPEL_RETRY_FIRST_SECONDS": "0.1",
    "DREMPEL_RETRY_MAX_SECONDS": "1",
    "DREMPEL_SWEEP_SECONDS": "1",
    "DREMPEL_GONE_CONFIRM_SECONDS": "1",
}
SECRET_KEY = "the-first-key-of-this-test-world"
API_KEY = "drk_the-key-with-which-this-test-asks-and-orders"
TRIES = (0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.0, 5.0, 8.0, 12.0, 16.0, 20.0)
BEFORE = timedelta(minutes=15)
FIELD = 5
CONFIRMED, PAID, CANCELLED = "20", "30", "70"

SOUTH, NORTH = "site-south", "site-north"
DOORS = {
    SOUTH: ("Main entrance", "Hall 1", "Hall 2", "Court 1", "Court 2", "Court 3", "Court 4"),
    NORTH: ("North gate",),
}
OBJECTS: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "81": ("Hall 1", {SOUTH: ("Main entrance", "Hall 1")}),
    "82": ("Hall 2", {SOUTH: ("Main entrance", "Hall 2")}),
    "83": ("Whole park", {SOUTH: ("Main entrance",), NORTH: ("North gate",)}),
    "84": ("Court 1", {SOUTH: ("Court 1",)}),
    "85": ("Court 2", {SOUTH: ("Court 2",)}),
    "86": ("Court 3", {SOUTH: ("Court 3",)}),
    "87": ("Court 4", {SOUTH: ("Court 4",)}),
    "88": ("North field", {NORTH: ("North gate",)}),
}
ANNEX_OBJECT = "91"
"""Mapped for the source `annex` alone, which is the same booking system under a second name."""

LATER = ("next_at", "look_at", "watch_at")
"""What Drempel keeps as moments of its own plans, in columns or in JSON."""
_numbers = count(1)


@dataclass(frozen=True)
class Visit:
    """A booking and whom it lets in."""

    id: str
    email: str
    phone: str
    source: str = "club"

    @property
    def recipients(self) -> tuple[str, str]:
        return self.email, self.phone


@dataclass(frozen=True)
class SetUp:
    """What the set-up file says."""

    profile: str = "assumed-v8"
    active: bool = True
    poll_seconds: int = 0
    client_secret: str = ""

    def text(self, world: World) -> str:
        source = f"""\
kind = "ireserve"
base_url = "{world.ireserve_server.url}"
username = "{ACCOUNT}"
password = {{ env = "IRESERVE_PASSWORD" }}
time_zone = "Europe/Amsterdam"
"""
        integration = f"""\
kind = "resivo"
profile = "{self.profile}"
base_url = "{world.resivo_server.url}"
site_owner_id = "{world.credential.site_owner_id}"
client_id = "{world.credential.client_id}"
client_secret = "{self.client_secret or world.credential.client_secret}"
site_id = "{SOUTH}"
trigger_statuses = ["20", "30"]
revoke_statuses = ["70", "80"]
time_before_minutes = 15
authorization_field = "custom05"
"""
        mappings = "".join(
            f'[[integrations.mappings]]\nobject = "{object_id}"\ncomponents = {json.dumps(list(names))}\nsite_id = "{site}"\n'
            for object_id, (_, places) in OBJECTS.items()
            for site, names in places.items()
        )
        return f"""\
[[sources]]
name = "club"
poll_seconds = {self.poll_seconds}
{source}
[[sources]]
name = "annex"
poll_seconds = 0
{source}
[[integrations]]
name = "doors"
source = "club"
active = {json.dumps(self.active)}
{integration}
{mappings}
[[integrations]]
name = "annex-doors"
source = "annex"
{integration}
[[integrations.mappings]]
object = "{ANNEX_OBJECT}"
components = ["Main entrance"]
"""


@dataclass
class World:
    """Both other sides, the processes, and the questions that tests ask."""

    folder: Path
    resivo: ResivoSimulator
    ireserve: IReserveSimulator
    resivo_server: SimulatorServer
    ireserve_server: SimulatorServer
    transport: HttpTransport
    credential: Credential
    port: int
    programs: Programs
    set_up: SetUp = field(default_factory=SetUp)
    hook_tokens: dict[str, str] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)
    serving: Program | None = None
    api_key: str = API_KEY

    # ------------------------------------------------------------------------------------------------------ beginning and end

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        folder: Path,
        *,
        profile: Profile | None = None,
        profile_name: str = "assumed-v8",
        poll_seconds: int = 0,
        environ: Mapping[str, str] | None = None,
        prepared: bool = True,
    ) -> AsyncIterator[World]:
        """Both simulators serve; Drempel is set up unless the test does it, and does not run yet. Afterwards all output is searched."""
        resivo = ResivoSimulator(profile=profile or load_profile("assumed-v8"), seed=None)
        ireserve = IReserveSimulator()
        ireserve.switches.try_seconds = TRIES
        owner = resivo.add_site_owner()
        for site, doors in DOORS.items():
            resivo.add_site(site, site_owner_id=owner.id, site_id=site)
            for door in doors:
                resivo.add_component(site, door, component_id=f"{site}.{door.lower().replace(' ', '-')}")
        for object_id, (name, _) in OBJECTS.items():
            ireserve.add_object(object_id, name)
        ireserve.add_object(ANNEX_OBJECT, "Annex")
        ireserve.add_object("99", "Attic")
        port = free_port()
        settings = {
            "DREMPEL_DATA_DIR": str(folder / "data"),
            "DREMPEL_SECRET_KEY": SECRET_KEY,
            "DREMPEL_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "DREMPEL_LOG_LEVEL": "info",
            "IRESERVE_PASSWORD": ACCOUNT_PASSWORD,
            **SHORT_TIMES,
            **(environ or {}),
        }
        async with (
            SimulatorServer(resivo.app) as resivo_server,
            SimulatorServer(ireserve.app) as ireserve_server,
            HttpTransport(call_timeout_seconds=20) as transport,
        ):
            world = cls(
                folder=folder,
                resivo=resivo,
                ireserve=ireserve,
                resivo_server=resivo_server,
                ireserve_server=ireserve_server,
                transport=transport,
                credential=resivo.add_credential(site_owner_id=owner.id),
                port=port,
                programs=Programs(folder / "programs", settings),
                set_up=SetUp(profile=profile_name, poll_seconds=poll_seconds),
            )
            world.keep_secret(SECRET_KEY, "the secret key")
            world.keep_secret(API_KEY, "an API key")
            world.keep_secret(ACCOUNT_PASSWORD, "the password at i-Reserve")
            try:
                if prepared:
                    await world.prepare()
                await ireserve.start_deliveries(transport)
                yield world
                world.check_output()
            finally:
                resivo.faults.clear()
                ireserve.faults.clear()
                await ireserve.stop_deliveries()
                await world.programs.kill_what_is_left()

    async def prepare(self) -> None:
        """Like `drempel apply`, `api-key add` and the webhook by hand, in this process: each process costs two seconds."""
        file = self.write_set_up()
        environ = self.programs.environ
        async with Machine().open_records(read_settings(environ, terminal=False)) as opened:
            records = opened.records
            current = await records.setup()
            plan = plan_setup(
                current=current,
                secrets=await records.stored_secrets(),
                holdings=await records.holdings(),
                desired=read_setup_file(file, environ=environ, present=current, prune=False),
                prune=False,
                issue_existing=False,
            )
            assert not isinstance(plan, SetupRefused)
            await records.write_setup(plan.write)
            await records.add_api_key("tests", ApiScope.WRITE, key_hash(self.api_key))
            for source in ("club", "annex"):
                self.hook_tokens[source] = (await records.hook_tokens(source))[0].token
                self.keep_secret(self.hook_tokens[source], "a hook's address")
        for event in ("booking_created", "booking_updated"):
            self.ireserve.add_hook(event, self.hook("club"))

    def write_set_up(self, **changes: Any) -> Path:
        """The set-up file, as it is to be from now on."""
        self.set_up = replace(self.set_up, **changes)
        file = self.folder / "setup.toml"
        self.folder.mkdir(parents=True, exist_ok=True)
        file.write_text(self.set_up.text(self), "utf-8")
        return file

    def keep_secret(self, text: str, what: str) -> None:
        """It must not be in any output from now on."""
        self.secrets[text] = what

    def check_output(self) -> None:
        """Nothing secret stands in the output of any process, and none told of a fault of its own."""
        known = {
            self.credential.client_secret: "the client secret",
            **dict.fromkeys(self.resivo.tokens._given, "a token"),
            **{r.link_token: "a door link" for one in self.resivo.authorizations() for r in one.recipients},
            **{visit.email: "an e-mail address" for visit in self.visits},
            **{visit.phone.removeprefix("+316"): "a phone number" for visit in self.visits},
            **self.secrets,
        }
        broken = self.programs.told(known)
        assert not broken, "\n".join(broken)

    # ------------------------------------------------------------------------------------------------------ Drempel

    @property
    def database(self) -> Path:
        """Where the records are, unless they are on PostgreSQL."""
        return self.folder / "data" / "drempel.sqlite"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, *options: str, environ: Mapping[str, str] | None = None) -> Program:
        """Start `drempel serve`, and return when it is ready."""
        program = await self.programs.start("serve", "--port", str(self.port), *options, environ=environ)
        self.serving = program

        async def ready() -> bool:
            if not program.runs:
                raise RuntimeError(f"serve has ended with {program.process.returncode}:\n{program.tail()}")
            try:
                return (await self.call("GET", "/readyz")).status == 200
            except TransportError as error:
                raise AssertionError(type(error).__name__) from error

        await eventually(ready, saying=program.tail)
        return program

    async def say(self, *arguments: str, **how: Any) -> Said:
        return await self.programs.say(*arguments, **how)

    async def call(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Response:
        """An HTTP request to the running Drempel."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"} | ({} if key is None else {"authorization": f"Bearer {key}"})
        return await self.transport.send(Request(method=method, url=f"{self.url}{path}", headers=headers, body=content))

    async def call_as_person(self, method: str, path: str, body: Any = None) -> Response:
        """A REST request with the key of these tests, scope `write`."""
        return await self.call(method, f"/api/v1{path}", body, key=self.api_key)

    async def ask(self, path: str) -> Any:
        answer = await self.call_as_person("GET", path)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    async def order(self, path: str, body: Any = None) -> str:
        """A lever of REST; the line that says what was ordered."""
        answer = await self.call_as_person("POST", path, body)
        assert answer.status == 202, answer.body
        line: str = json.loads(answer.body)["ordered"]
        return line

    def hook(self, source: str) -> str:
        return f"{self.url}/hooks/{source}/{self.hook_tokens[source]}"

    async def hint(self, *visits: Visit) -> None:
        """Post a hint for each, all at once, as i-Reserve would. Each must be accepted."""
        answers = await asyncio.gather(
            *(
                self.call(
                    "POST", f"/hooks/{visit.source}/{self.hook_tokens[visit.source]}", {"id": visit.id, "status_code": "20"}
                )
                for visit in visits
            )
        )
        assert [answer.status for answer in answers] == [202] * len(visits)

    async def make_older(self, age: timedelta) -> None:
        """As if the machine had stood still so long: what Drempel (on SQLite) means to do later is due so much sooner."""
        microseconds = age // timedelta(microseconds=1)
        with contextlib.closing(sqlite3.connect(self.database, timeout=10)) as database, database:
            for table in ("bookings", "sets"):
                for _, column, *_ in database.execute(f"PRAGMA table_info({table})").fetchall():
                    if column in LATER:
                        database.execute(f"UPDATE {table} SET {column} = {column} - ?", (microseconds,))
            for row, details in database.execute("SELECT rowid, details FROM sets").fetchall():
                known = json.loads(details)
                changed = known | {name: known[name] - microseconds for name in LATER if known.get(name) is not None}
                database.execute("UPDATE sets SET details = ? WHERE rowid = ?", (json.dumps(changed), row))

    async def take_key(self, name: str) -> None:
        """Make an API key by its command, and use it from now on."""
        program = await self.programs.start("api-key", "add", name, "--scope", "write")
        assert await program.ended() == 0, program.tail()
        self.api_key = program.out.read_text("utf-8").strip()
        self.keep_secret(self.api_key, "an API key")
        program.may_show = (self.api_key,)

    # ------------------------------------------------------------------------------------------------------ what people do

    def now(self, **later: float) -> datetime:
        return datetime.now(UTC).replace(microsecond=0) + timedelta(**later)

    def book(
        self,
        object_id: str = "81",
        *,
        source: str = "club",
        status: str = "10",
        starts_in: timedelta = timedelta(hours=3),
        **options: Any,
    ) -> Visit:
        """A booking of somebody new, who has an e-mail address and a mobile number."""
        number = next(_numbers)
        local = f"{4_000_000 + number}"
        visit_email, phone = f"visitor-{number}@visitors.example", f"+3161{local}"
        start = self.now() + starts_in
        booking_id = self.ireserve.make_booking(
            object_id,
            start,
            start + timedelta(hours=2),
            lastname=f"Visitor{number}",
            email=visit_email,
            tel_mob=f"0031 61{local}",
            status=status,
            **options,
        )
        visit = Visit(booking_id, visit_email, phone, source)
        self.visits.append(visit)
        return visit

    def confirm(self, visit: Visit) -> None:
        self.ireserve.set_status(visit.id, CONFIRMED)

    def cancel(self, visit: Visit) -> None:
        self.ireserve.set_status(visit.id, CANCELLED)

    def reschedule(self, visit: Visit, by: timedelta = timedelta(days=1)) -> None:
        booking = self.ireserve.booking(visit.id)
        self.ireserve.reschedule_as_admin(visit.id, booking.start + by, booking.end + by)

    def confirmed(self, object_id: str = "81", **options: Any) -> Visit:
        visit = self.book(object_id, **options)
        self.confirm(visit)
        return visit

    # ------------------------------------------------------------------------------------------------------ the truth outside

    def sets(self, visit: Visit) -> list[Authorization]:
        """Every set that was ever made for this visit, oldest first."""
        return [one for one in self.resivo.authorizations() if f"-{visit.source}-{visit.id}-" in one.display_name]

    def live(self, visit: Visit) -> list[Authorization]:
        now = self.resivo.clock.now()
        return [one for one in self.sets(visit) if one.live(now)]

    def messages(self, visit: Visit) -> list[int]:
        """How many messages the e-mail address and the mobile number got."""
        sent = Counter(message.recipient for message in self.resivo.outbox)
        return [sent[address] for address in visit.recipients]

    def field(self, visit: Visit) -> str:
        return self.ireserve.booking(visit.id).fields.get(FIELD, "")

    # ------------------------------------------------------------------------------------------------------ what Drempel says

    async def seen(self, visit: Visit) -> dict[str, Any]:
        found: dict[str, Any] = await self.ask(f"/bookings/{visit.source}/{visit.id}")
        return found

    async def history(self, visit: Visit) -> Counter[str]:
        return Counter(event["type"] for event in (await self.seen(visit))["history"])

    async def until(
        self, visit: Visit, state: str, code: str | None = None, *, within: float = PATIENCE_SECONDS
    ) -> dict[str, Any]:
        """Wait until Drempel says this state, and this failure."""

        async def said() -> dict[str, Any]:
            answer = await self.call_as_person("GET", f"/bookings/{visit.source}/{visit.id}")
            assert answer.status == 200, "the booking is not known yet"
            seen: dict[str, Any] = json.loads(answer.body)
            failure = seen["failure"] and seen["failure"]["code"]
            assert (seen["state"], failure) == (state, code), f"{seen['state']}, {failure}"
            return seen

        return await eventually(said, within=within, saying=self.told)

    async def read(self, visit: Visit, status: str) -> dict[str, Any]:
        """Wait until Drempel has read this status and done what follows from it."""

        async def said() -> dict[str, Any]:
            seen = await self.seen(visit)
            assert seen["status"] == status, seen["status"]
            return seen

        return await eventually(said, saying=self.told)

    async def granted(self, *visits: Visit, messages: int = 1, sites: int = 1) -> None:
        """Each has what it should have and nothing else: at the doors, in the mailbox, in the booking field, and in Drempel's words."""
        for visit in visits:
            await eventually(lambda visit=visit: self._field_is_right(visit), saying=self.told)
            await self.until(visit, "granted")
            assert len(self.live(visit)) == sites, visit
            assert self.messages(visit) == [messages * sites] * 2, visit
            assert self.field(visit) == " ".join(one.id for one in self._in_mapping_order(visit)), visit
            for one in self.live(visit):
                self._check_right(visit, one)

    async def revoked(self, *visits: Visit, messages: int = 1) -> None:
        """Each opens nothing, got no further message, and its booking field is empty again."""
        for visit in visits:
            await self.until(visit, "revoked")
            await eventually(lambda visit=visit: self.field(visit) == "", saying=self.told)
            assert self.live(visit) == [], visit
            assert self.messages(visit) == [messages] * 2, visit

    def _field_is_right(self, visit: Visit) -> bool:
        held, live = self.field(visit), self.live(visit)
        assert sorted(held.split()) == sorted(one.id for one in live), f"{visit}: the field holds {held!r}, live are {live}"
        return bool(live)

    def _in_mapping_order(self, visit: Visit) -> list[Authorization]:
        return sorted(self.live(visit), key=lambda one: [SOUTH, NORTH].index(one.site_id))

    def _check_right(self, visit: Visit, one: Authorization) -> None:
        booking = self.ireserve.booking(visit.id)
        assert (one.valid_from, one.valid_to) == (booking.start - BEFORE, booking.end)
        places = OBJECTS[booking.object_id][1] if booking.object_id in OBJECTS else {SOUTH: ("Main entrance",)}
        names = [self.resivo.state.components[component_id].display_name for component_id in one.component_ids]
        assert sorted(names) == sorted(places[one.site_id])
        for door in one.component_ids:
            assert self.resivo.may_open(visit.email, door, booking.start - BEFORE)
            assert not self.resivo.may_open(visit.email, door, booking.start - BEFORE - timedelta(seconds=1))
            assert not self.resivo.may_open(visit.phone, door, booking.end)

    def told(self) -> str:
        """The last words of the serving process."""
        return self.serving.tail() if self.serving is not None else ""

    # ------------------------------------------------------------------------------------------------------ faults

    async def doors_read(self) -> None:
        """Return when Drempel has read today's doors of the southern site: it uses a reading for two seconds. The sweep comes each second."""
        log = self.resivo.calls.of
        began = self.resivo.clock.now()
        await eventually(lambda: any(SOUTH in call.path and call.at > began for call in log("list_components")), saying=self.told)

    def resivo_fault(self, operation: str, kind: str, **options: Any) -> str:
        return self.resivo.faults.add(operation=operation, kind=kind, id=f"resivo-{next(_numbers)}", **options)

    def ireserve_fault(self, operation: str, kind: str, **options: Any) -> str:
        return self.ireserve.faults.add(operation=operation, kind=kind, id=f"ireserve-{next(_numbers)}", **options)

    async def held(self, fault: str) -> None:
        """Return when a call stands at this fault."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._faults_of(fault).wait_until_held(fault)

    def release(self, fault: str) -> None:
        """Let the call that stands at this fault go on."""
        self._faults_of(fault).release(fault)

    def _faults_of(self, fault: str) -> FaultList:
        return self.resivo.faults if fault.startswith("resivo") else self.ireserve.faults

    async def taken(self, fault: str) -> None:
        """Return when a call has met this fault."""
        waiting = self._faults_of(fault)
        await eventually(lambda: not any(one["id"] == fault for one in waiting.as_json()), saying=self.told)
