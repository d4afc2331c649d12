"""Resivo as the engine sees it: the client's answers and errors in the engine's words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, timedelta
from typing import Final

from drempel.domain.components import Component
from drempel.domain.decision import Want
from drempel.domain.failures import Failure
from drempel.domain.window import AccessWindow
from drempel.engine.ports import CallClass, CallFailed, Created, FoundSet, Life
from drempel.resivo import Authorization, FailureClass, Liveness, ResivoClient, ResivoError, RevokeRefused, Sent

__all__ = ["ResivoGateway"]

_CODES: Final = {
    CallClass.NOT_SENT: "resivo.unreachable",
    CallClass.CREDENTIAL_REFUSED: "credential.refused",
    CallClass.SITE_REFUSED: "site.refused",
    CallClass.DATA_REFUSED: "access.refused",
    CallClass.SETUP_REFUSED: "setup.refused",
    CallClass.NOT_FOUND: "setup.refused",
}
_LIFE: Final = {Liveness.LIVE: Life.LIVE, Liveness.NOT_LIVE: Life.NOT_LIVE, Liveness.UNKNOWN_WORD: Life.UNCLEAR}


class ResivoGateway:
    """One credential with its profile."""

    def __init__(self, client: ResivoClient) -> None:
        self.client = client

    @property
    def can_look(self) -> bool:
        return self.client.can_list

    @property
    def can_read(self) -> bool:
        return self.client.can_read

    def failure_of(self, error: ResivoError) -> CallFailed:
        """An error of the client in the engine's words, for what is asked of the client itself."""
        return _failed(error)

    async def components(self, site_id: str) -> Sequence[Component]:
        try:
            components = await self.client.list_components(site_id)
        except ResivoError as error:
            raise _failed(error) from error
        return [Component(id=c.id, display_name=c.display_name, online=c.online) for c in components]

    async def site_name(self, site_id: str) -> str:
        try:
            if not self.client.can_list_sites:
                return (await self.client.read_site(site_id)).display_name
            return next((site.display_name for site in await self.client.list_sites() if site.id == site_id), "")
        except ResivoError as error:
            raise _failed(error) from error

    async def create(self, *, display_name: str, want: Want, may_send: Callable[[], bool]) -> Created:
        try:
            created = await self.client.create_remote_access(
                want.intent.site_id,
                display_name=display_name,
                component_ids=want.intent.component_ids,
                valid_from=want.intent.window.valid_from,
                valid_to=want.intent.window.valid_to,
                emails=want.emails,
                phone_numbers=want.phone_numbers,
                may_send=may_send,
            )
        except ResivoError as error:
            raise _failed(error) from error
        ids = None if created.component_ids is None else frozenset(created.component_ids)
        return Created(authorization_id=created.id, component_ids=ids)

    async def look(self, site_id: str, display_name: str) -> Sequence[FoundSet]:
        try:
            return [_found(row) for row in await self.client.find_authorizations(site_id, display_name=display_name)]
        except ResivoError as error:
            raise _failed(error) from error

    async def all_sets(self, site_id: str, *, on_row: Callable[[], None] = lambda: None) -> Sequence[FoundSet]:
        found: list[FoundSet] = []
        try:
            async for row in self.client.list_authorizations(site_id):
                found.append(_found(row))
                on_row()
        except ResivoError as error:
            raise _failed(error) from error
        return found

    async def read(self, site_id: str, authorization_id: str) -> FoundSet:
        try:
            return _found(await self.client.read_authorization(site_id, authorization_id))
        except ResivoError as error:
            raise _failed(error) from error

    async def revoke(self, site_id: str, authorization_id: str) -> bool:
        try:
            return await self.client.revoke_authorization(site_id, authorization_id)
        except RevokeRefused as error:
            raise CallFailed(CallClass.DATA_REFUSED, Failure("access.refused", {"detail": error.detail})) from error
        except ResivoError as error:
            raise _failed(error) from error


def _found(row: Authorization) -> FoundSet:
    window = None
    if row.valid_from is not None and row.valid_to is not None and row.valid_from < row.valid_to:
        window = AccessWindow(valid_from=row.valid_from.astimezone(UTC), valid_to=row.valid_to.astimezone(UTC))
    return FoundSet(
        id=row.id,
        display_name=row.display_name,
        # A list that gives no type is taken at its word: only names that we made are looked for.
        is_remote_access=row.is_remote_access is not False,
        component_ids=frozenset(row.component_ids or ()),
        tells_doors=row.component_ids is not None,
        window=window,
        life=_LIFE[row.liveness],
        unreadable=bool(row.unreadable),
    )


def _failed(error: ResivoError) -> CallFailed:
    call_class = _class_of(error)
    detail = f"{error.operation} answered {error.status}" if error.status is not None else error.operation
    if error.detail:
        detail = f"{detail}: {error.detail}"
    if error.operation.startswith("create") and call_class is CallClass.DATA_REFUSED:
        detail = error.detail or detail
    retry_after = None if error.retry_after_seconds is None else timedelta(seconds=error.retry_after_seconds)
    return CallFailed(call_class, Failure(_code_of(error, call_class), {"detail": detail}), retry_after=retry_after)


def _code_of(error: ResivoError, call_class: CallClass) -> str:
    if call_class not in {CallClass.RETRY_LATER, CallClass.OUTCOME_UNKNOWN}:
        return _CODES[call_class]
    if call_class is CallClass.RETRY_LATER and (error.status == 429 or error.retry_after_seconds is not None):
        return "resivo.busy"
    # No answer, or that of a machine in between which has none: that says nothing of the profile.
    return "resivo.unreachable" if error.status is None or error.status >= 500 else "resivo.broken"


def _class_of(error: ResivoError) -> CallClass:
    if error.failure_class is FailureClass.CREDENTIAL_REFUSED:
        return CallClass.SITE_REFUSED if error.status == 403 and error.sent is Sent.YES else CallClass.CREDENTIAL_REFUSED
    return CallClass(error.failure_class.value)
