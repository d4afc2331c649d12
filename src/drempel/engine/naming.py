"""Keeps what sites and doors are called, whoever has just been told, and asks for the names of sites where nobody else does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

from drempel.domain.components import Component
from drempel.engine.calls import site_target
from drempel.engine.last_names import names_of_doors
from drempel.engine.records import Records
from drempel.engine.run import Tools

__all__ = ["keep_names", "learn_site_name"]

SITES_MAX: Final = 1000
"""Of one answer."""


async def keep_names(
    records: Records, *, sites: Mapping[str, str] | None = None, doors: Mapping[str, Iterable[Component]] | None = None
) -> None:
    """Names of sites by id, and all doors of a site by its id. Written only where it is another than what is kept; an empty name is none."""
    known = await records.last_names()
    for site_id, name in islice((sites or {}).items(), SITES_MAX):
        if name and known.sites.get(site_id) != name:
            await records.keep_site_name(site_id, name)
    for site_id, components in islice((doors or {}).items(), SITES_MAX):
        called = names_of_doors(components)
        if known.by_site.get(site_id) != called:
            await records.keep_door_names(site_id, called)


async def learn_site_name(tools: Tools, records: Records, connection_id: int, site_id: str, integration: str) -> None:
    """One call, once a day, after an audit that went well: a set-up by file asks for no names. Raises `CallFailed`."""
    gateway = tools.outside.gateway(connection_id)
    # Optional: a credential that may not read sites opens doors all the same.
    name = await tools.calls.make(
        site_target(connection_id, site_id, integration=integration),
        "list_sites",
        lambda: gateway.site_name(site_id),
        optional=True,
    )
    await keep_names(records, sites={site_id: name})
