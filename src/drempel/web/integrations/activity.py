"""What happened lately, newest first, at an integration or at a source: hints, creates, revokes, failures, orders and edits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.events import EVENT_TYPES
from drempel.engine.insight import Activity, ActivityCursor, ActivityKind
from drempel.engine.trail import TRAIL_TYPES
from drempel.web.integrations.frame import Frame
from drempel.web.integrations.services import SetUpServices
from drempel.web.pages.troubles import troubles

__all__ = ["ActivityTab", "activity_context"]

LINES: Final = 50
HINTS: Final = 8
CURSOR: Final = re.compile(r"(\d{1,19})-(\d{1,19})", re.ASCII)
NUMBER_MAX: Final = 2**63 - 1


class ActivityTab:
    """A page of it at a time, with the pauses that hold."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    async def show(self, request: Request) -> Response:
        setup, one = await self._frame.integration(request)
        services = self._frame.services
        known = await troubles(services.levers, setup)
        of_resivo, of_source = known.of_integration(one.name), known.of_source(one.source)
        return await self._frame.page(
            request,
            "integrations/activity.html",
            setup,
            one,
            tab="activity",
            held=[*of_resivo.pauses, *of_source.pauses],
            outages=[*of_resivo.outages, *of_source.outages],
            followed=True,
            paused=setup.is_paused(one.source),
            **await activity_context(request, services, Activity(one.source, one.name)),
        )


async def activity_context(request: Request, services: SetUpServices, of: Activity) -> Mapping[str, Any]:
    """What the list of activity shows, by the address."""
    asked = request.query_params.get("kind", "")
    kind = ActivityKind(asked) if asked in set(ActivityKind) else ActivityKind.ALL
    before = _cursor(request.query_params.get("before", ""))
    insight = services.insight
    lines, older = await insight.activity(of, limit=LINES, before=before, kind=kind)
    kept = {} if kind is ActivityKind.ALL else {"kind": kind.value}
    return {
        "lines": lines,
        "kind": kind.value,
        "kinds": [each.value for each in ActivityKind],
        "newest": urlencode(kept),
        "older": "" if older is None else urlencode({**kept, "before": f"{older.event_id}-{older.trail_id}"}),
        "later": before is not None,
        "hints": await insight.hints(of.source, limit=HINTS) if before is None else [],
        "signs": await insight.signs(of.source),
        "source_name": of.source,
        "event_types": EVENT_TYPES,
        "trail_types": TRAIL_TYPES,
        "names": {
            "site": await services.levers.site_names(),
            "object": await services.object_names(of.source),
        },
    }


def _cursor(text: str) -> ActivityCursor | None:
    found = CURSOR.fullmatch(text)
    if found is None:
        return None
    event_id, trail_id = int(found[1]), int(found[2])
    return ActivityCursor(event_id, trail_id) if max(event_id, trail_id) <= NUMBER_MAX else None
