"""Asks Resivo what a site is called: a set-up by file asks for no names, and people know no site by its id."""

from __future__ import annotations

from drempel.engine.calls import site_target
from drempel.engine.records import Records
from drempel.engine.run import Tools

__all__ = ["learn_site_name"]


async def learn_site_name(tools: Tools, records: Records, connection_id: int, site_id: str, integration: str) -> None:
    """One call, once a day, after an audit that went well. Raises `CallFailed`."""
    gateway = tools.outside.gateway(connection_id)
    # Optional: a credential that may not read sites opens doors all the same.
    name = await tools.calls.make(
        site_target(connection_id, site_id, integration=integration),
        "list_sites",
        lambda: gateway.site_name(site_id),
        optional=True,
    )
    if name and (await records.last_names()).sites.get(site_id) != name:
        await records.keep_site_name(site_id, name)
