"""Reads both sides of one place and has them compared. Used by the daily audit and by `drempel audit`; it only reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from drempel.domain.access import Marker, SetState
from drempel.engine.audit import Finding, classify
from drempel.engine.calls import Calls
from drempel.engine.places import Place
from drempel.engine.ports import CallClass, CallFailed, FoundSet, Gateway, Outside, SetAt, Store

__all__ = ["Comparing", "compare_place", "what_went_wrong"]

OnProgress = Callable[[int, int | None], None]
"""How many are done, of how many if that is known."""


class Comparing(Protocol):
    """What a comparison reads with."""

    @property
    def store(self) -> Store: ...

    @property
    def outside(self) -> Outside: ...

    @property
    def calls(self) -> Calls: ...


async def compare_place(
    tools: Comparing, place: Place, marker: Marker, *, progress: OnProgress = lambda _done, _of: None
) -> list[Finding]:
    """What both sides say of every set at this place. Raises `CallFailed`.

    Without a list only what our record has is compared, read one by one: orphans and twins cannot be seen.
    """
    gateway, store = tools.outside.gateway(place.connection_ids[0]), tools.store
    # Our record first: what is created in between is then at Resivo only, and its name is known by the next reading of the record. What was
    # revoked in between is not live in the second reading, and so not expected at Resivo.
    began = await store.now()
    before = {(at.source, at.booking_id, at.set.number) for at in await _recorded(store, place)}
    rows = list(await _listed(tools, gateway, place, progress)) if gateway.can_look else []
    recorded = [at for at in await _recorded(store, place) if (at.source, at.booking_id, at.set.number) in before]
    now = await store.now()
    shown = {row.id for row in rows}
    unseen = [
        at.set.authorization_id
        for at in recorded
        if at.set.state is SetState.LIVE
        and at.set.authorization_id is not None
        and at.set.authorization_id not in shown
        and not at.set.intent.window.is_over(now)
    ]
    for done, authorization_id in enumerate(unseen, start=1):
        row = await _read(tools, gateway, place, authorization_id)
        if row is not None and row.id not in shown:
            shown.add(row.id)
            rows.append(row)
        progress(done, len(unseen))
    by_id = await store.sets_with_ids([row.id for row in rows])
    by_name = await store.sets_named([row.display_name for row in rows if marker.owns(row.display_name)])
    return classify(
        rows,
        recorded=recorded,
        by_id={key: at for key, at in by_id.items() if at.set.intent.site_id == place.site_id},
        by_name={key: at for key, at in by_name.items() if at.set.intent.site_id == place.site_id},
        marker=marker,
        began=began,
        now=now,
    )


async def _recorded(store: Store, place: Place) -> list[SetAt]:
    return [at for connection_id in place.connection_ids for at in await store.live_sets(connection_id, place.site_id)]


async def _listed(tools: Comparing, gateway: Gateway, place: Place, progress: OnProgress) -> Sequence[FoundSet]:
    seen = 0

    def count() -> None:
        nonlocal seen
        seen += 1
        progress(seen, None)

    return await tools.calls.make(place.target, "audit", lambda: gateway.all_sets(place.site_id, on_row=count))


async def _read(tools: Comparing, gateway: Gateway, place: Place, authorization_id: str) -> FoundSet | None:
    """A set that the list does not show, read by its id; None if Resivo does not know it."""
    if not gateway.can_read:
        return None
    try:
        return await tools.calls.make(place.target, "read_authorization", lambda: gateway.read(place.site_id, authorization_id))
    except CallFailed as error:
        if error.call_class is CallClass.NOT_FOUND:
            return None
        raise


def what_went_wrong(error: CallFailed) -> str:
    """A call that failed, as a sentence with its remedy."""
    return f"{error.failure.message} {error.failure.remedy}"
