"""The booking systems and Resivo connections of today's set-up, ready to be called. Built anew when the set-up's version moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from drempel.adapters.ireserve_source import IReserveSource
from drempel.adapters.resivo_gateway import ResivoGateway
from drempel.engine.ports import Clock
from drempel.engine.records import StoredSecrets
from drempel.engine.setup import ConnectionSetup, Setup, SourceSetup
from drempel.ireserve import IReserveClient
from drempel.resivo import ResivoClient, profile_from_json
from drempel.transport import Transport

__all__ = ["OutsideWorld"]


class KeepsSetup(Protocol):
    """What is needed of the store."""

    async def setup_version(self) -> int: ...

    async def setup(self) -> Setup: ...


class KeepsSecrets(Protocol):
    """What is needed of its people's side."""

    async def stored_secrets(self) -> StoredSecrets: ...


class OutsideWorld:
    """Fills the port `Outside`. Clients live as long as what they were made from: a token survives a change that does not concern it.

    `like`: another world, whose clients are used as well where they were made from the same.
    """

    def __init__(
        self,
        *,
        store: KeepsSetup,
        records: KeepsSecrets,
        transport: Transport,
        clock: Clock,
        fingerprint: Callable[[str], str],
        like: OutsideWorld | None = None,
    ) -> None:
        self._store = store
        self._records = records
        self._transport = transport
        self._clock = clock
        self.fingerprint = fingerprint
        self._setup: Setup | None = None
        self._sources: dict[str, IReserveSource] = {}
        self._gateways: dict[int, ResivoGateway] = {}
        self._made_from: dict[object, object] = {}
        if like is not None:
            self._sources, self._gateways, self._made_from = like.clients()

    async def current(self) -> Setup:
        """Today's set-up."""
        version = await self._store.setup_version()
        if self._setup is None or self._setup.version != version:
            await self._rebuild()
        assert self._setup is not None
        return self._setup

    def clients(self) -> tuple[dict[str, IReserveSource], dict[int, ResivoGateway], dict[object, object]]:
        """Sources, gateways, and what each was made from."""
        return dict(self._sources), dict(self._gateways), dict(self._made_from)

    def source(self, name: str) -> IReserveSource:
        """Raises `KeyError` for a source that is not set up."""
        return self._sources[name]

    def gateway(self, connection_id: int) -> ResivoGateway:
        """Raises `KeyError` for a connection that is not set up."""
        return self._gateways[connection_id]

    async def _rebuild(self) -> None:
        setup = await self._store.setup()
        secrets = await self._records.stored_secrets()
        sources: dict[str, IReserveSource] = {}
        for source in setup.sources.values():
            fields = tuple(sorted({i.policy.authorization_field for i in setup.of_source(source.name)}))
            password = secrets.source_passwords[source.name]
            key = (source.base_url, source.username, password, source.time_zone, fields)
            kept = self._sources.get(source.name)
            unchanged = kept is not None and self._made_from.get(source.name) == key
            sources[source.name] = kept if kept is not None and unchanged else self._make_source(source, password, fields)
            self._made_from[source.name] = key
        gateways: dict[int, ResivoGateway] = {}
        for connection in setup.connections.values():
            secret = secrets.client_secrets[connection.id]
            known = self._gateways.get(connection.id)
            fresh = known is None or self._made_from.get(connection.id) != (connection.client_id, secret)
            gateways[connection.id] = self._make_gateway(connection, secret) if known is None or fresh else known
            self._made_from[connection.id] = (connection.client_id, secret)
        self._sources, self._gateways, self._setup = sources, gateways, setup

    def _make_source(self, source: SourceSetup, password: str, fields: tuple[str, ...]) -> IReserveSource:
        client = IReserveClient(
            transport=self._transport,
            base_url=source.base_url,
            username=source.username,
            password=password,
            time_zone=source.time_zone,
            now=self._clock.now,
        )
        return IReserveSource(client, name=source.name, fields=fields)

    def _make_gateway(self, connection: ConnectionSetup, client_secret: str) -> ResivoGateway:
        client = ResivoClient(
            transport=self._transport,
            profile=profile_from_json(connection.profile_json),
            base_url=connection.base_url,
            site_owner_id=connection.site_owner_id,
            client_id=connection.client_id,
            client_secret=client_secret,
            monotonic=self._clock.monotonic,
            now=self._clock.now,
        )
        return ResivoGateway(client)
