"""What is set up: sources, integrations with every version of their policy, connections with every credential that a set may still need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.secrets import Keyring
from drempel.adapters.store.database import Database
from drempel.adapters.store.setup_rows import connection_of, integration_of, source_of
from drempel.adapters.store.setup_writing import SetupWriting
from drempel.adapters.store.tables import bookings, connections, integrations, meta, policies, sets, sources
from drempel.adapters.store.trail_rows import put_entries
from drempel.adapters.store.work import Work
from drempel.domain.access import SetState
from drempel.engine.records import Holdings, SetupMoved, StoredSecrets
from drempel.engine.setup import Setup, SetupWrite
from drempel.engine.trail import TrailEntry

__all__ = ["SETUP_VERSION", "Setups", "raise_setup_version"]

SETUP_VERSION: Final = "setup_version"
_VERSION: Final = select(meta.c.value).where(meta.c.name == SETUP_VERSION)
_HOLDING: Final = or_(
    sets.c.state.in_([SetState.LIVE.value, SetState.UNKNOWN.value, SetState.REVOKING.value]),
    and_(sets.c.state == SetState.INTENDED.value, sets.c.maybe_sent),
)


async def raise_setup_version(connection: AsyncConnection) -> None:
    """Within the transaction that changes the set-up. It also makes those who change it take turns."""
    value = (await connection.execute(select(meta.c.value).where(meta.c.name == SETUP_VERSION).with_for_update())).scalar_one()
    await connection.execute(update(meta).where(meta.c.name == SETUP_VERSION).values(value=str(int(value) + 1)))


class Setups:
    """The set-up tables."""

    def __init__(self, database: Database, *, keyring: Keyring, work: Work) -> None:
        self._database = database
        self._keyring = keyring
        self._work = work

    async def version(self) -> int:
        return int(await self._database.glance(lambda on: on.execute(_VERSION).scalar_one()))

    async def read(self) -> Setup:
        async with self._database.snapshot() as connection:
            return await _read(connection)

    async def secrets(self) -> StoredSecrets:
        """Decrypted. Raises `WrongSecretKey`."""
        async with self._database.snapshot() as connection:
            of_sources = (await connection.execute(select(sources.c.name, sources.c.password))).all()
            of_connections = (await connection.execute(select(connections.c.id, connections.c.client_secret))).all()
        return StoredSecrets(
            source_passwords={row.name: self._password(row) for row in of_sources},
            client_secrets={row.id: self._client_secret(row) for row in of_connections},
        )

    async def holdings(self) -> Holdings:
        async with self._database.snapshot() as connection:
            return await _holdings(connection)

    async def write(self, wanted: SetupWrite, entries: Sequence[TrailEntry], *, expected_version: int | None = None) -> None:
        """All or nothing. Raises `ValueError` for what would lose sight of a set, or names what is not there."""

        async def carry_out(connection: AsyncConnection) -> None:
            await raise_setup_version(connection)
            before = await _read(connection)
            # Those who change it take turns: ours is the one raise since that version, or somebody was there before.
            if expected_version is not None and before.version != expected_version + 1:
                raise SetupMoved
            held = await _holdings(connection)
            await SetupWriting(self._database, self._keyring, connection, before, held).carry_out(wanted)
            await put_entries(connection, self._database.time, *entries)

        await self._work.alone(carry_out, wakes=True)

    def _password(self, row: Any) -> str:
        return self._keyring.decrypt(row.password, table="sources", row=row.name, field="password")

    def _client_secret(self, row: Any) -> str:
        return self._keyring.decrypt(row.client_secret, table="connections", row=row.id, field="client_secret")


# ---------------------------------------------------------------------------------------------------------------------- reading


async def _read(connection: AsyncConnection) -> Setup:
    version = (await connection.execute(_VERSION)).scalar_one()
    of_connections = (await connection.execute(select(connections).order_by(connections.c.id))).all()
    with_policy = select(integrations, policies.c.policy, policies.c.mappings).join(
        policies, and_(policies.c.integration == integrations.c.name, policies.c.version == integrations.c.policy_version)
    )
    current = {row.integration: row.id for row in of_connections if row.current}
    return Setup(
        version=int(version),
        sources={row.name: source_of(row) for row in await connection.execute(select(sources).order_by(sources.c.name))},
        integrations={
            row.name: integration_of(row, current[row.name])
            for row in await connection.execute(with_policy.order_by(integrations.c.name))
        },
        connections={row.id: connection_of(row) for row in of_connections},
    )


async def _holdings(connection: AsyncConnection) -> Holdings:
    by_integration = select(sets.c.integration, func.count()).where(_HOLDING).group_by(sets.c.integration)
    by_source = (
        select(bookings.c.source, func.count())
        .join(sets, sets.c.booking_key == bookings.c.id)
        .where(_HOLDING)
        .group_by(bookings.c.source)
    )
    return Holdings(
        by_integration={row[0]: row[1] for row in await connection.execute(by_integration)},
        by_source={row[0]: row[1] for row in await connection.execute(by_source)},
    )
