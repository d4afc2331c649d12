"""Signing in, put together: the people of the store, argon2, the clock and chance."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence

from drempel.adapters.passwords import Argon2Passwords, draw_token
from drempel.engine.api_keys import ApiKeys
from drempel.engine.invitations import Invitations, anybody_can_administer, link_of
from drempel.engine.levers import Levers
from drempel.engine.ports import Watcher
from drempel.engine.sign_in import SignIn, SignInDesk
from drempel.engine.trail import COMMAND_LINE
from drempel.web.audit.pages import AuditServices
from drempel.web.integrations.services import SetUpServices
from drempel.web.pages.rendering import PageLink
from drempel.web.sign_in.routes import SignInServices
from drempel.web.site import Site, site_pages
from drempel.wiring.planning import StoredReplacements
from drempel.wiring.probing import OutsideProber
from drempel.wiring.records import Opened
from drempel.wiring.services import Services, limits_of

__all__ = ["invitations_of", "open_sign_in", "pages_of", "welcome"]

ZONE_WITHOUT_SOURCES = "UTC"


@contextlib.asynccontextmanager
async def open_sign_in(opened: Opened) -> AsyncIterator[SignInServices]:
    """Everything that the pages of signing in stand on; its threads end with it."""
    passwords = Argon2Passwords()
    try:
        yield SignInServices(
            sign_in=SignIn(
                SignInDesk(
                    people=opened.people,
                    sessions=opened.store.sessions,
                    passwords=passwords,
                    clock=opened.clock,
                    draw_token=draw_token,
                    fingerprint=opened.keyring.fingerprint,
                )
            ),
            invitations=invitations_of(opened),
            people=opened.people,
            trail=opened.trail,
            clock=opened.clock,
            public_url=opened.settings.public_url,
            proxies=opened.settings.trusted_proxies,
        )
    finally:
        passwords.close()


def invitations_of(opened: Opened) -> Invitations:
    return Invitations(opened.people, clock=opened.clock, draw_token=draw_token)


async def welcome(sign_in: SignInServices, *, say: Callable[[str], None] | None, watcher: Watcher) -> None:
    """If nobody can sign in as administrator yet: a one-time link for the person at the terminal, and never one for a log."""
    if anybody_can_administer(await sign_in.people.people()):
        return
    invitation = None if say is None else await sign_in.invitations.first_administrator(actor=COMMAND_LINE)
    if say is None or invitation is None:
        watcher.warn(
            "people.nobody", advice="nobody can sign in as administrator yet: say `drempel invite NAME --role administrator`"
        )
        return
    say(f"Nobody can sign in yet. Open this link once, within 24 hours, to become the administrator {invitation.person.name}:")
    say(link_of(sign_in.public_url, invitation))


async def pages_of(services: Services, sign_in: SignInServices, *, links: Sequence[PageLink] = ()) -> Site:
    """The pages, in the time zone of the first source; of a Drempel that is not set up yet, in UTC."""
    opened, clock = services.opened, services.opened.clock
    sources = (await opened.records.setup()).sources
    zone = sources[min(sources)].time_zone if sources else ZONE_WITHOUT_SOURCES
    return site_pages(
        levers=Levers(opened.records),
        setup=opened.records.setup,
        sign_in=sign_in,
        zone=zone,
        now=opened.clock.now,
        links=links,
        retention=limits_of(opened.settings).retention,
        audits=AuditServices(auditor=services.auditor, errands=services.errands),
        api_keys=ApiKeys(opened.records, draw=draw_token),
        set_up=SetUpServices(
            records=opened.records,
            levers=Levers(opened.records),
            insight=opened.store.insight,
            trail=opened.trail,
            prober=OutsideProber(
                store=opened.store, transport=services.transport, clock=clock, limits=limits_of(opened.settings)
            ),
            replacements=StoredReplacements(
                store=opened.store, transport=services.transport, clock=clock, limits=limits_of(opened.settings)
            ),
            errands=services.errands,
            clock=clock,
            public_url=opened.settings.public_url,
            draw_token=draw_token,
        ),
    )
