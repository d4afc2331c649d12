"""The pages of the set-up over a real store, with other sides that say what a test tells them to."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode

from drempel.adapters.store import SqlStore
from drempel.domain.components import Component
from drempel.domain.failures import Failure
from drempel.domain.rights import Role
from drempel.engine.errands import Errands
from drempel.engine.levers import Levers
from drempel.engine.lint_findings import LintFinding
from drempel.engine.probing import DoorsSeen, HookRefused, ResivoProbe, SiteFound, SourceProbe
from drempel.engine.replace_rehearsal import RehearsedReplacement
from drempel.engine.setup import DesiredIntegration, DesiredSource
from drempel.web.audit.pages import AuditServices
from drempel.web.integrations.services import SetUpServices
from tests.clock import ManualClock
from tests.web.client import StandInAuditor
from tests.web.pages.browser import Markup
from tests.web.sign_in.house import Answer, Browser, House

SECRET = "a secret that no page shows"
SOURCE = {
    "name": "club",
    "base_url": "https://club.i-reserve.net",
    "username": "drempel",
    "password": SECRET,
    "time_zone": "Europe/Amsterdam",
    "poll_seconds": "300",
}
INTEGRATION = {
    "name": "doors",
    "source": "club",
    "site_owner_id": "owner-1",
    "client_id": "client-1",
    "client_secret": SECRET,
    "site_id": "site-1",
    "profile": "assumed-v8",
    "more_trigger": "20 30",
    "more_revoke": "70,80",
    "time_before_minutes": "15",
    "authorization_field": "custom5",
    "follow_changes": "any",
}
REFUSED = Failure("credential.refused", {"integration": "doors", "detail": "401"})


@dataclass
class Others:
    """A `Prober` whose answers a test sets."""

    doors: list[Component] = field(
        default_factory=lambda: [
            Component(id="c-1", display_name="Main entrance", online=True),
            Component(id="c-2", display_name="Hall 1", online=False),
        ]
    )
    failure: Failure | None = None
    lists_sites: bool = True
    """False, as of a profile without a list: only a site that is named is looked at."""
    findings: list[LintFinding] = field(default_factory=list)
    object_names_known: dict[str, str] = field(default_factory=dict)
    booked: dict[str, str] = field(default_factory=dict)
    asked: list[object] = field(default_factory=list)
    hooks: list[str] = field(default_factory=list)
    hook_refused: bool = False
    rehearsed: list[RehearsedReplacement] = field(default_factory=list)
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)
    """A rehearsal waits for it."""

    async def resivo(self, wanted: DesiredIntegration) -> ResivoProbe:
        self.asked.append(wanted)
        if self.failure is not None:
            return ResivoProbe(failure=self.failure)
        if not self.lists_sites and not wanted.site_id:
            return ResivoProbe(lists_sites=False)
        site = SiteFound(id="site-1", display_name="Sports hall", default_locale="nl")
        return ResivoProbe(sites=[site], doors={"site-1": DoorsSeen(components=self.doors)}, lists_sites=self.lists_sites)

    async def source(self, wanted: DesiredSource, *, statuses: Sequence[str]) -> SourceProbe:
        self.asked.append(wanted)
        return SourceProbe(failure=self.failure) if self.failure is not None else SourceProbe(bookings=7)

    async def object_names(self, wanted: DesiredSource, object_ids: Sequence[str]) -> Mapping[str, str]:
        return self.object_names_known

    async def objects_booked(self, wanted: DesiredSource) -> Mapping[str, str]:
        self.asked.append("objects")
        return self.booked

    async def register_hook(self, wanted: DesiredSource, address: str) -> Sequence[str]:
        if self.hook_refused:
            raise HookRefused("answered 401")
        self.hooks.append(address)
        return ["1", "2"]

    async def rehearse(self, integration: str, *, progress: Callable[[int, int | None], None]) -> list[RehearsedReplacement]:
        progress(len(self.rehearsed), len(self.rehearsed))
        await self.may_go_on.wait()
        return self.rehearsed

    async def lint(self, integration: str) -> Sequence[LintFinding]:
        self.asked.append("lint")
        return self.findings


def _raise(fault: Exception) -> None:
    raise fault


class Office(House):
    """A house with the pages of the set-up."""

    def __init__(self, store: SqlStore, clock: ManualClock) -> None:
        self.others = Others()
        self.others.may_go_on.set()
        self.errands = Errands(clock, on_fault=_raise)
        tokens = count(1)
        set_up = SetUpServices(
            records=store,
            levers=Levers(store),
            insight=store.insight,
            trail=store.trail,
            prober=self.others,
            replacements=self.others,
            errands=self.errands,
            clock=clock,
            public_url="http://drempel.test",
            draw_token=lambda: f"token-{next(tokens)}",
        )
        auditor: Any = StandInAuditor()
        super().__init__(store, clock, set_up=set_up, audits=AuditServices(auditor=auditor, errands=self.errands))

    def forget_errands(self) -> None:
        """As a restart does."""
        for key in ("replace:doors", *(f"rehearse:doors:{version}" for version in range(10))):
            self.errands.drop(key)

    async def clerk(self, name: str = "Anna", role: Role = Role.ADMINISTRATOR) -> Clerk:
        return Clerk(await self.browser_of(name, role))


class Clerk:
    """Somebody who fills in forms as a browser would: what is not changed is sent as it stands there."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    async def page(self, path: str, *, status: int = 200) -> Markup:
        answer = await self.browser.look(path)
        assert answer.status == status, self.browser.house.notes.facts
        return answer.page

    async def fill(self, path: str, **typed: str | Sequence[str]) -> Answer:
        """Send the form of this page that posts, with the fields changed."""
        shown = await self.page(path)
        action = next(
            str(form["action"])
            for form in shown.of("form")
            if form.get("method") == "post" and form.get("action") not in {"/language", "/sign-out"}
        )
        version = next((str(each["value"]) for each in shown.of("input") if each.get("name") == "version"), "")
        return await self.send(action, version=version, **typed)

    async def send(self, path: str, **typed: str | Sequence[str]) -> Answer:
        token = await self.browser.form_token()
        fields: list[tuple[str, str]] = [("form_token", token)]
        for key, value in typed.items():
            fields += [(key, value)] if isinstance(value, str) else [(key, each) for each in value]
        headers = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
        return await self.browser.ask("POST", path, headers=headers, body=urlencode(fields).encode())

    async def review(self, answer: Answer) -> Markup:
        """The page that shows the change."""
        assert answer.status == 303, re.sub(rb"\s+", b" ", answer.body)[-3000:]
        return await self.page(answer.header("location"))

    async def save(self, answer: Answer, **typed: str) -> Answer:
        """Look at the change, and save it."""
        await self.review(answer)
        return await self.send(answer.header("location"), **typed)

    async def set_up(self) -> None:
        """A source and an integration, through the pages."""
        assert (await self.save(await self.fill("/sources/new", **SOURCE))).status == 303
        assert (await self.save(await self.fill("/integrations/new", **INTEGRATION))).status == 303

    async def map(self, object_id: str = "81", *doors: str) -> Answer:
        return await self.save(
            await self.fill(
                "/integrations/doors/mapping/edit", object=object_id, site_id="site-1", door=doors or ("Main entrance",)
            )
        )
