"""All pages for people, behind sign-in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

from starlette.routing import Route

from drempel.engine.api_keys import ApiKeys
from drempel.engine.levers import Levers
from drempel.engine.limits import Limits
from drempel.engine.setup import Setup
from drempel.web.audit.pages import AuditPages, AuditServices
from drempel.web.audit.routes import audit_routes
from drempel.web.integrations.desk import Desk
from drempel.web.integrations.drafts import Drafts
from drempel.web.integrations.renames import Renames
from drempel.web.integrations.routes import integration_routes
from drempel.web.integrations.services import SetUpServices
from drempel.web.keys.routes import key_routes
from drempel.web.pages.assets import Assets
from drempel.web.pages.problem_pages import ProblemPages
from drempel.web.pages.rendering import PageLink, Renderer
from drempel.web.pages.routes import booking_pages
from drempel.web.pages.waiting import beside
from drempel.web.sign_in.cookies import Cookies
from drempel.web.sign_in.guard import Guard
from drempel.web.sign_in.routes import SignInServices, sign_in_routes
from drempel.web.sources.routes import source_routes

__all__ = ["Site", "site_pages"]

DEFAULTS: Final = Limits()


class Site(NamedTuple):
    """All that people see."""

    routes: list[Route]
    problems: ProblemPages
    """For where there is no route."""


def site_pages(
    *,
    levers: Levers,
    setup: Callable[[], Awaitable[Setup]],
    sign_in: SignInServices,
    zone: str,
    now: Callable[[], datetime],
    links: Sequence[PageLink] = (),
    set_up: SetUpServices | None = None,
    audits: AuditServices | None = None,
    api_keys: ApiKeys | None = None,
    retention: timedelta | None = DEFAULTS.retention,
) -> Site:
    """The pages, for the application. Without `set_up` the set-up is only looked at; without `audits` no orphan is shown;
    without `api_keys` keys are the command line's alone.
    """
    assets = Assets()

    async def zone_of_now() -> str:
        sources = (await setup()).sources
        return sources[min(sources)].time_zone if sources else zone

    async def orphans() -> int:
        return 0 if audit is None else await audit.count()

    renderer = Renderer(
        zone=zone,
        links=links,
        now=now,
        assets=assets,
        needy=levers.count_needy,
        orphans=orphans,
        beside=partial(beside, levers, setup),
        zone_of_now=zone_of_now,
    )
    cookies = Cookies(sign_in.public_url)
    guard = Guard(sign_in.sign_in, cookies, renderer.page)
    audit = None if audits is None else AuditPages(audits, setup, renderer, now=now, site_names=levers.site_names)
    desk = None if set_up is None else Desk(set_up, Drafts(monotonic=set_up.clock.monotonic, draw_token=set_up.draw_token))
    served = [
        *booking_pages(
            levers=levers,
            setup=setup,
            guard=guard,
            renderer=renderer,
            zone=zone,
            now=now,
            audit=audit,
            site_names=levers.site_names,
            retention=retention,
            object_names=None if set_up is None else set_up.object_names,
            from_before=None if set_up is None else set_up.from_before,
            renamed=None if set_up is None or desk is None else Renames(set_up, desk).of,
        ),
        *([] if audit is None else audit_routes(audit, guard=guard)),
        *sign_in_routes(sign_in, guard=guard, cookies=cookies, renderer=renderer, site_names=levers.site_names),
        *([] if api_keys is None else key_routes(api_keys, guard=guard, renderer=renderer)),
        assets.route(),
    ]
    if set_up is not None and desk is not None:
        served += integration_routes(set_up, desk=desk, guard=guard, renderer=renderer)
        served += source_routes(set_up, desk=desk, guard=guard, renderer=renderer)
    renderer.lead_to({route.path for route in served})
    return Site(served, ProblemPages(guard, renderer))
