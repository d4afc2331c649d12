"""What can be seen from here of the others: the hook's address, booking systems, Resivo."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from drempel.cli.findings import Findings
from drempel.cli.outside import ireserve_client, resivo_client, what_went_wrong
from drempel.domain.components import Ambiguous, Component, Missing, Resolved, resolve_components
from drempel.engine.records import StoredSecrets
from drempel.engine.setup import IntegrationSetup, Setup, SourceSetup
from drempel.ireserve import IReserveError, NotFound, search
from drempel.resivo import ResivoClient, ResivoError
from drempel.settings import Settings
from drempel.transport import Request, Transport, TransportError

__all__ = ["examine_hook", "examine_resivo", "examine_source"]

OBJECTS_LOOKED_AT: Final = 20
NAMES_SHOWN: Final = 5
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


async def examine_hook(settings: Settings, setup: Setup, transport: Transport, findings: Findings) -> None:
    """Whether something answers at PUBLIC_URL, and whether the booking systems can have it."""
    elsewhere = [source.name for source in setup.sources.values() if urlsplit(source.base_url).hostname not in LOOPBACK]
    parts = urlsplit(settings.public_url)
    if elsewhere and parts.hostname in LOOPBACK:
        findings.warning(
            "hook",
            f"DREMPEL_PUBLIC_URL is {settings.public_url}, which {', '.join(elsewhere)} cannot reach: without hints Drempel learns of "
            "changes only by polling. Set it to the address under which Drempel can be reached.",
        )
    elif parts.scheme == "http" and parts.hostname not in LOOPBACK:
        findings.warning(
            "hook",
            "DREMPEL_PUBLIC_URL begins with http://: the token in the hook's address can be read on the way. Use https://.",
        )
    try:
        answer = await transport.send(Request(method="GET", url=f"{settings.public_url}/healthz"))
    except TransportError as error:
        findings.warning(
            "hook", f"nothing answers at {settings.public_url} ({error}). Start `drempel serve`, or correct DREMPEL_PUBLIC_URL."
        )
        return
    if answer.status == 200 and b"alive" in answer.body:
        findings.ok("hook", f"Drempel answers at {settings.public_url}.")
    else:
        findings.warning(
            "hook",
            f"at {settings.public_url} answers something else than Drempel (status {answer.status}). Correct DREMPEL_PUBLIC_URL.",
        )


async def examine_source(
    source: SourceSetup, setup: Setup, secrets: StoredSecrets, transport: Transport, findings: Findings
) -> None:
    """Account, time zone, and whether the mapped objects exist."""
    subject = f"source {source.name}"
    try:
        ZoneInfo(source.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        findings.problem(
            subject,
            f"its time zone {source.time_zone} is not known on this machine. Install tzdata, or correct it and `drempel apply`.",
        )
        return
    client = ireserve_client(source, secrets.source_passwords.get(source.name, ""), transport)
    try:
        await client.filter_bookings(search=search.bookings([0]), pages_max=1)
    except IReserveError as error:
        findings.problem(subject, f"{source.base_url}: {what_went_wrong(error)}")
        return
    findings.ok(subject, f"{source.base_url} takes the account; time zone {source.time_zone}.")
    objects = {mapping.object_id for integration in setup.of_source(source.name) for mapping in integration.mappings}
    for object_id in sorted(objects)[:OBJECTS_LOOKED_AT]:
        try:
            await client.read_object(object_id)
        except NotFound:
            findings.warning(subject, f"it knows no object {object_id}, which is mapped. Correct the mapping.")
        except IReserveError as error:
            findings.warning(subject, f"object {object_id} cannot be read: {what_went_wrong(error)}")
    if not source.poll_seconds:
        findings.warning(subject, "polling is off: what no hint tells is found late, or not at all.")


async def examine_resivo(
    integration: IntegrationSetup, setup: Setup, secrets: StoredSecrets, transport: Transport, findings: Findings
) -> None:
    """Credential, sites, and every mapped name."""
    subject = f"integration {integration.name}"
    if integration.paused:
        findings.warning(subject, f"is paused: nothing runs. `drempel resume {integration.name}` lets it go on.")
    if not integration.policy.active:
        findings.warning(subject, "is not active: no access is created.")
    if not integration.mappings:
        findings.warning(subject, "maps no object: no access is created.")
    secret = secrets.client_secrets.get(integration.connection_id, "")
    client = resivo_client(setup.connections[integration.connection_id], secret, transport)
    sites = dict.fromkeys(mapping.site_id for mapping in integration.mappings)
    if integration.site_id is not None:
        sites.setdefault(integration.site_id)
    try:
        known = {site.id for site in await client.list_sites()} if client.can_list_sites else None
        if known is None:
            for site_id in sites:
                await client.read_site(site_id)
    except ResivoError as error:
        findings.problem(subject, f"Resivo: {what_went_wrong(error)}")
        return
    findings.ok(subject, "Resivo takes the credential.")
    for site_id in sites:
        if known is not None and site_id not in known:
            findings.problem(
                subject, f"the credential does not reach site {site_id}. Check the site id and the scope of the credential."
            )
        else:
            await _examine_names(client, integration, site_id, subject, findings)


async def _examine_names(
    client: ResivoClient, integration: IntegrationSetup, site_id: str, subject: str, findings: Findings
) -> None:
    """Every mapped name of one site has exactly one door, and it is online."""
    try:
        listed = await client.list_components(site_id)
    except ResivoError as error:
        findings.problem(subject, f"the doors of site {site_id} cannot be read: {what_went_wrong(error)}")
        return
    components = [Component(id=one.id, display_name=one.display_name, online=one.online) for one in listed]
    mapped = [mapping for mapping in integration.mappings if mapping.site_id == site_id]
    offline: dict[str, None] = {}
    clean = True
    for mapping in mapped:
        match resolve_components(mapping.component_names, components):
            case Missing(names, near):
                clean = False
                hint = (
                    f"Similar names: {', '.join(near)}." if near else f"Doors there: {_some(c.display_name for c in components)}."
                )
                findings.problem(
                    subject, f"object {mapping.object_id}: no door at site {site_id} is called {', '.join(names)}. {hint}"
                )
            case Ambiguous(names):
                clean = False
                findings.problem(
                    subject,
                    f"object {mapping.object_id}: more than one door at site {site_id} is called {', '.join(names)}. Rename them.",
                )
            case Resolved() as resolved:
                names_by_id = dict(zip(resolved.component_ids, resolved.names, strict=True))
                offline.update(dict.fromkeys(names_by_id[one] for one in resolved.component_ids if one in resolved.offline_ids))
    if offline:
        findings.warning(subject, f"at site {site_id} these doors are offline: {_some(offline)}. See why in the Resivo portal.")
    if clean:
        findings.ok(
            subject, f"site {site_id}: every mapped name has its door ({len(mapped)} object{'' if len(mapped) == 1 else 's'})."
        )


def _some(names: Iterable[str]) -> str:
    every = list(names)
    return (
        ", ".join(every[:NAMES_SHOWN]) + (f" and {len(every) - NAMES_SHOWN} more" if len(every) > NAMES_SHOWN else "") or "none"
    )
