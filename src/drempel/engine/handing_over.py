"""Access whose doors another integration of the same source maps now goes over to that one.

Each integration is decided for itself, so the new one would see an object without access and create: the same doors twice, and a second message. An
edit of the mapping takes nothing away and gives nothing twice (design section 2, *Policy or mapping edited*), so what is there is its access now.
"""

from __future__ import annotations

from dataclasses import replace

from drempel.domain.access import AuthorizationSet
from drempel.domain.booking import Booking
from drempel.engine.run import Run
from drempel.engine.setup import IntegrationSetup, Setup

__all__ = ["hand_over"]


def hand_over(run: Run, booking: Booking) -> None:
    """Give each set that its integration has no mapping for any more to the one that has, if there is one."""
    for one in [s for s in run.sets.values() if s.may_open]:
        own = run.setup.integrations.get(one.integration)
        if own is not None and one.intent.site_id in run.setup.sites_of(own, booking.object_id):
            continue
        heir = _heir(run.setup, one, booking)
        if heir is not None:
            # Its own connection may be removed with the integration, and this one leads to the same doors.
            run.put(replace(one, integration=heir.name, connection_id=heir.connection_id))
            run.note("access.handed_over", number=str(one.number), integration=heir.name)


def _heir(setup: Setup, one: AuthorizationSet, booking: Booking) -> IntegrationSetup | None:
    """The other integration that would create at this site today, by the same Site Owner; the set-up has one at most."""
    made_with = setup.connections.get(one.connection_id)
    for each in setup.of_source(booking.source):
        if each.name == one.integration or one.intent.site_id not in setup.sites_of(each, booking.object_id):
            continue
        present = setup.connections[each.connection_id]
        if made_with is None or made_with.leads_to == present.leads_to:
            return each
    return None
