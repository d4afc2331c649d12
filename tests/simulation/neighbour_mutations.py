"""Faults that mix two clubs up which live in one database. Only a world with a neighbour can show them."""

from __future__ import annotations

from typing import Final

from tests.simulation.mutations import Mutation

__all__ = ["NEIGHBOUR_MUTATIONS"]

NEIGHBOUR_MUTATIONS: Final = (
    Mutation(
        name="every integration follows every source",
        file="engine/setup.py",
        old="(i for i in self.integrations.values() if i.source == source)",
        new="self.integrations.values()",
    ),
    Mutation(
        name="the times of every source are those of Amsterdam",
        file="adapters/outside.py",
        old="            time_zone=source.time_zone,\n",
        new='            time_zone="Europe/Amsterdam",\n',
    ),
    Mutation(
        name="a person's order finds its booking by the number alone",
        file="adapters/store/people.py",
        old="    return and_(bookings.c.source == source, bookings.c.booking_id == booking_id)\n",
        new="    return bookings.c.booking_id == booking_id\n",
    ),
    Mutation(
        name="an order to erase finds its booking by the number alone",
        file="adapters/store/erasures.py",
        old="            one = and_(bookings.c.source == source, bookings.c.booking_id == booking_id)\n",
        new="            one = bookings.c.booking_id == booking_id\n",
    ),
    Mutation(
        name="the brake weighs what is gone against the live access of all sources",
        file="adapters/store/pauses.py",
        old="        live = and_(bookings.c.source == source, bookings.c.live_from.is_not(None))\n",
        new="        live = bookings.c.live_from.is_not(None)\n",
    ),
    Mutation(
        name="a source that answers vouches for the others",
        file="engine/reading.py",
        old='        return monotonic - self._well_at.get(source, float("-inf")) <= SOURCE_WORKS.total_seconds()\n',
        new='        return monotonic - max(self._well_at.values(), default=float("-inf")) <= SOURCE_WORKS.total_seconds()\n',
    ),
    Mutation(
        name="a pause of one integration pauses all",
        file="adapters/store/people.py",
        old="                update(integrations).where(integrations.c.name == integration).values(paused_at=mark), params\n",
        new="                update(integrations).values(paused_at=mark), params\n",
    ),
    Mutation(
        name="a refused credential holds back all others",
        file="engine/targets.py",
        old='    return Target(credential=f"credential:{connection_id}", site=f"site:{connection_id}:{site_id}", names=names)\n',
        new='    return Target(credential="credential:1", site=f"site:{connection_id}:{site_id}", names=names)\n',
    ),
    Mutation(
        name="a refused source holds back all others",
        file="engine/targets.py",
        old='    return Target(credential=f"source:{source}", site=None, names={"source": source})\n',
        new='    return Target(credential="source:club", site=None, names={"source": source})\n',
    ),
    Mutation(
        name="the name of a set tells one source for all",
        file="domain/access.py",
        old='    proof = f"dr-{marker}-{source}-{booking_id}-{number}"\n',
        new='    proof = f"dr-{marker}-club-{booking_id}-{number}"\n',
    ),
    Mutation(
        name="the first credential that was read signs every call",
        file="adapters/outside.py",
        old="            secret = secrets.client_secrets[connection.id]\n",
        new="            secret = next(iter(secrets.client_secrets.values()))\n",
    ),
)
