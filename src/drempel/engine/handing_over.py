"""Access whose doors another integration of the same source maps now goes over to that one.

Each integration is decided for itself, so the new one would see an object without access and create: the same doors twice, and a second message. An
edit of the mapping takes nothing away and gives nothing twice (design section 2, *Policy or mapping edited*), so what is there is its access now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from drempel.domain.access import AuthorizationSet
from drempel.domain.booking import Booking
from drempel.engine.run import Run
from drempel.engine.setup import IntegrationSetup, Setup

__all__ = ["hand_over"]


def hand_over(run: Run, booking: Booking) -> None:
    """Give each set that its integration has no mapping for any more to the one that has, if there is one."""
    following = run.setup.of_source(booking.source)
    if len(following) < 2 and not any(s.integration not in run.setup.integrations for s in run.sets.values()):
        return
    for one in [s for s in run.sets.values() if s.may_open]:
        own = run.setup.integrations.get(one.integration)
        if own is not None and one.intent.site_id in run.setup.sites_of(own, booking.object_id):
            continue
        heir = _heir(run.setup, one, following, booking.object_id)
        if heir is not None:
            # Its own connection may be removed with the integration, and this one leads to the same doors.
            run.put(replace(one, integration=heir.name, connection_id=heir.connection_id))
            run.note("access.handed_over", number=str(one.number), integration=heir.name)


def _heir(setup: Setup, one: AuthorizationSet, following: Iterable[IntegrationSetup], object_id: str) -> IntegrationSetup | None:
    """The integration that would create at this site today; the set-up has one at most."""
    made_with = setup.connections.get(one.connection_id)
    for each in following:
        present = setup.connections[each.connection_id]
        same = made_with is None or (made_with.base_url, made_with.site_owner_id) == (present.base_url, present.site_owner_id)
        if each.name != one.integration and same and one.intent.site_id in setup.sites_of(each, object_id):
            return each
    return None
