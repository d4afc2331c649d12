"""One atomic change of the set-up."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, delete, false, func, insert, not_, null, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.secrets import Keyring
from drempel.adapters.store.database import Database
from drempel.adapters.store.due import due_where
from drempel.adapters.store.hook_rows import new_hook_token, put_hook_token
from drempel.adapters.store.rows import dump
from drempel.adapters.store.setup_rows import mappings_values, policy_values
from drempel.adapters.store.tables import bookings, connections, integrations, pauses, policies, sources
from drempel.domain.access import BookingState
from drempel.engine.calls import credential_target, site_target, source_target
from drempel.engine.records import Holdings
from drempel.engine.setup import ConnectionSetup, DesiredIntegration, DesiredSource, IntegrationSetup, Setup, SetupWrite

__all__ = ["SetupWriting"]


class SetupWriting:
    """Carries out one `SetupWrite` within the transaction of `connection`."""

    def __init__(self, database: Database, keyring: Keyring, connection: AsyncConnection, before: Setup, held: Holdings) -> None:
        self._time = database.time
        self._keyring = keyring
        self._connection = connection
        self._before = before
        self._held = held
        self._touched: set[str] = set()
        """Sources whose needy bookings are decided anew."""
        self._changed: set[str] = set()
        """Sources of integrations with a new policy or mapping: what had no access may get some now."""

    async def carry_out(self, wanted: SetupWrite) -> None:
        """Raises `ValueError` for what would lose sight of a set, and for names that are not there."""
        for source in wanted.sources:
            await self._put_source(source)
        for name in wanted.removed_integrations:
            await self._remove_integration(name)
        for integration in wanted.integrations:
            await self._put_integration(integration)
        for name in wanted.removed_sources:
            await self._remove_source(name)
        for name in wanted.issue_existing:
            await self._issue_existing(name)
        await self._wake(await self._end_pauses(wanted))

    # --- sources

    async def _put_source(self, wanted: DesiredSource) -> None:
        values: dict[str, Any] = {
            "kind": wanted.kind,
            "base_url": wanted.base_url,
            "username": wanted.username,
            "time_zone": wanted.time_zone,
            "poll_seconds": wanted.poll_seconds,
            "allow_insecure": wanted.allow_insecure,
        }
        self._touched.add(wanted.name)
        place = {"table": "sources", "row": wanted.name, "field": "password"}
        before = self._before.sources.get(wanted.name)
        if before is None:
            password = self._keyring.encrypt(wanted.password, **place)
            await self._connection.execute(insert(sources).values(name=wanted.name, password=password, **values))
            await put_hook_token(self._connection, self._keyring, wanted.name, new_hook_token())
            return
        stored = (await self._connection.execute(select(sources.c.password).where(sources.c.name == wanted.name))).scalar_one()
        if self._keyring.decrypt(stored, **place) != wanted.password:
            values["password"] = self._keyring.encrypt(wanted.password, **place)
        if before.base_url != wanted.base_url:
            # Perhaps another system: it is asked anew whether it takes the status criterion.
            values["poll_without_status"] = False
        await self._connection.execute(update(sources).where(sources.c.name == wanted.name).values(**values))

    async def _remove_source(self, name: str) -> None:
        if name not in self._before.sources:
            raise ValueError(f"There is no source {name}.")
        if self._held.by_source.get(name):
            raise ValueError(f"Source {name} still has {self._held.by_source[name]} live or unknown sets. Revoke them first.")
        left = (await self._connection.execute(select(integrations.c.name).where(integrations.c.source == name))).scalars().all()
        if left:
            raise ValueError(f"Source {name} is used by integration {left[0]}. Remove that as well.")
        await self._connection.execute(delete(bookings).where(bookings.c.source == name))
        await self._connection.execute(delete(sources).where(sources.c.name == name))
        self._touched.discard(name)

    # --- integrations

    async def _put_integration(self, wanted: DesiredIntegration) -> None:
        before = self._before.integrations.get(wanted.name)
        self._touched.add(wanted.source)
        values: dict[str, Any] = {
            "kind": wanted.kind,
            "source": wanted.source,
            "site_id": wanted.site_id,
            "target_mobile_app_id": wanted.target_mobile_app_id,
            "allow_insecure": wanted.allow_insecure,
        }
        if before is None:
            await self._connection.execute(insert(integrations).values(name=wanted.name, policy_version=1, **values))
            await self._put_policy(wanted, 1)
            await self._put_connection(wanted)
            await self._mark_known(wanted)
            return
        if before.source != wanted.source:
            self._refuse_if_held(wanted.name, "follow another source")
            values["first_poll_done"] = False
            self._touched.add(before.source)
        if (before.policy, before.mappings) != (wanted.policy, wanted.mappings):
            values["policy_version"] = before.policy_version + 1
            await self._put_policy(wanted, before.policy_version + 1)
            self._changed.add(wanted.source)
        await self._connection.execute(update(integrations).where(integrations.c.name == wanted.name).values(**values))
        await self._put_connection(wanted, before)

    async def _put_policy(self, wanted: DesiredIntegration, version: int) -> None:
        row = {
            "integration": wanted.name,
            "version": version,
            "policy": dump(policy_values(wanted.policy)),
            "mappings": dump(mappings_values(wanted.mappings)),
            "since": await self._time.read(self._connection),
        }
        await self._connection.execute(insert(policies).values(row))

    async def _put_connection(self, wanted: DesiredIntegration, before: IntegrationSetup | None = None) -> None:
        """Sets keep the connection that they were made with: another address, account or profile makes a new one beside it."""
        of_it = [each for each in self._before.connections.values() if before is not None and each.integration == wanted.name]
        for each in of_it:
            if _credential_of(each) == (wanted.base_url, wanted.site_owner_id, wanted.client_id):
                await self._renew_secret(each, wanted.client_secret)
        if before is not None:
            current = self._before.connections[before.connection_id]
            same = (wanted.base_url, wanted.site_owner_id, wanted.client_id, wanted.profile_json)
            if (*_credential_of(current), current.profile_json) == same:
                return
            await self._connection.execute(update(connections).where(connections.c.id == current.id).values(current=false()))
        values = {
            "integration": wanted.name,
            "base_url": wanted.base_url,
            "site_owner_id": wanted.site_owner_id,
            "client_id": wanted.client_id,
            "profile": wanted.profile_json,
            "client_secret": "",
            "secret_version": 1,
            "current": True,
        }
        key = (await self._connection.execute(insert(connections).values(values).returning(connections.c.id))).scalar_one()
        await self._seal_secret(key, wanted.client_secret)

    async def _renew_secret(self, known: ConnectionSetup, secret: str) -> None:
        """One credential may be in use with several profiles; a new secret is for all of them."""
        stored = (
            await self._connection.execute(select(connections.c.client_secret).where(connections.c.id == known.id))
        ).scalar_one()
        if self._keyring.decrypt(stored, table="connections", row=known.id, field="client_secret") != secret:
            await self._seal_secret(known.id, secret, secret_version=known.secret_version + 1)

    async def _seal_secret(self, key: int, secret: str, **also: Any) -> None:
        sealed = self._keyring.encrypt(secret, table="connections", row=key, field="client_secret")
        await self._connection.execute(update(connections).where(connections.c.id == key).values(client_secret=sealed, **also))

    async def _remove_integration(self, name: str) -> None:
        if name not in self._before.integrations:
            raise ValueError(f"There is no integration {name}.")
        self._refuse_if_held(name, "be removed")
        self._touched.add(self._before.integrations[name].source)
        await self._connection.execute(delete(integrations).where(integrations.c.name == name))

    def _refuse_if_held(self, name: str, what: str) -> None:
        count = self._held.by_integration.get(name)
        if count:
            raise ValueError(f"Integration {name} cannot {what}: it has {count} live or unknown sets. Revoke them first.")

    # --- what follows

    async def _issue_existing(self, name: str) -> None:
        changed = await self._connection.execute(
            update(integrations).where(integrations.c.name == name).values(issue_existing=true()).returning(integrations.c.source)
        )
        source = changed.scalar_one_or_none()
        if source is None:
            raise ValueError(f"There is no integration {name}.")
        mark = f" {name} "
        marked = and_(bookings.c.source == source, bookings.c.existing.contains(mark, autoescape=True))
        without = func.replace(bookings.c.existing, mark, "")
        await self._connection.execute(due_where(marked, self._time.sql, existing=without), self._time.params())

    async def _mark_known(self, wanted: DesiredIntegration) -> None:
        """A further integration of a source that is polled: what is known of it already is not news, and gets nothing until somebody says so."""
        polled = select(sources.c.name).where(sources.c.name == wanted.source, sources.c.poll_seconds > 0)
        known = update(bookings).where(bookings.c.source.in_(polled), not_(bookings.c.hinted))
        await self._connection.execute(known.values(existing=bookings.c.existing + f" {wanted.name} "))

    async def _end_pauses(self, wanted: SetupWrite) -> list[str]:
        """End the pauses of what was saved or removed; their keys."""
        named = {each.name for each in wanted.integrations} | set(wanted.removed_integrations)
        sources = [*(each.name for each in wanted.sources), *wanted.removed_sources]
        # Whether somebody silent is silent still shows at the next call; of a connection that was replaced there may be none.
        ended: list[ColumnElement[bool]] = [pauses.c.key.in_(target.ended_by_saving) for target in map(source_target, sources)]
        for each in self._before.connections.values():
            if each.integration in named:
                ended.append(pauses.c.key.in_(credential_target(each.id, integration=each.integration).ended_by_saving))
                any_site = site_target(each.id, "", integration=each.integration).site
                ended.append(pauses.c.key.startswith(any_site, autoescape=True))
        if not ended:
            return []
        return list((await self._connection.execute(delete(pauses).where(or_(*ended)).returning(pauses.c.key))).scalars())

    async def _wake(self, ended: list[str]) -> None:
        """Due: the needy of what was touched, who waited for an ended pause, who may get access under a changed policy."""
        needy = bookings.c.state == BookingState.NEEDS_PERSON.value
        # A worker who is at a booking right now may still be deciding by what was set up before.
        at_work = bookings.c.leased_until.is_not(None)
        nothing_yet = and_(
            bookings.c.live_from.is_(None),
            bookings.c.state.in_([BookingState.NONE.value, BookingState.REVOKED.value, BookingState.ENDED.value]),
            or_(bookings.c.ends_at.is_(None), bookings.c.ends_at > self._time.sql),
            bookings.c.existing == "",
        )
        who = [
            and_(bookings.c.source.in_(sorted(self._touched)), or_(needy, at_work)),
            and_(bookings.c.source.in_(sorted(self._changed)), nothing_yet),
        ]
        if ended:
            who.append(bookings.c.waiting_for.in_(ended))
        statement = due_where(or_(*who), self._time.sql, waiting_for=null())
        await self._connection.execute(statement, self._time.params())


def _credential_of(connection: ConnectionSetup) -> tuple[str | None, str, str]:
    return connection.base_url, connection.site_owner_id, connection.client_id
