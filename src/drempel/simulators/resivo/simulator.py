"""The simulator as a whole: the ASGI application, and what a test in the same process does by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from drempel.resivo.profile import Profile
from drempel.resivo.profile_loading import load_profile
from drempel.resivo.profile_names import OperationName
from drempel.simulators.calls import CallLog
from drempel.simulators.clock import SimulatorClock
from drempel.simulators.faults import FaultList
from drempel.simulators.playing import LateWork
from drempel.simulators.resivo.app import ResivoApp
from drempel.simulators.resivo.identities import Identities
from drempel.simulators.resivo.oracle import may_open, why_shut
from drempel.simulators.resivo.quirks import Quirks
from drempel.simulators.resivo.records import Authorization, Component, Credential, Message, Opening, Site, SiteOwner
from drempel.simulators.resivo.snapshot import read_snapshot
from drempel.simulators.resivo.state import ResivoState
from drempel.simulators.resivo.tokens import Tokens

__all__ = ["ResivoSimulator"]


class ResivoSimulator:
    """Serves one profile. `seed` fixes all ids; None makes ids that were never seen before.

    `faults` is the script, `quirks` are the switches, `calls` is the log, `clock` its time. Late work is done whenever the
    state is looked at.
    """

    def __init__(
        self,
        *,
        profile: Profile | None = None,
        clock: SimulatorClock | None = None,
        latency_ms: float = 0,
        seed: int | None = 0,
    ) -> None:
        self.profile = profile or load_profile("assumed-v8")
        self.clock = clock or SimulatorClock()
        self.latency_ms = latency_ms
        self.faults = FaultList(name.value for name in OperationName)
        self.quirks = Quirks()
        self.calls = CallLog()
        self.late = LateWork()
        self.identities = Identities(seed)
        self.tokens = Tokens(self.identities)
        self._state = ResivoState(self.identities)
        self.app = ResivoApp(self, self._state)

    @property
    def state(self) -> ResivoState:
        """The state as it is at the clock's time."""
        self.catch_up()
        return self._state

    def catch_up(self) -> None:
        self.late.catch_up(self.clock.now())

    def put_state(self, value: dict[str, Any]) -> None:
        """Replace everything by a snapshot, of which `GET /_sim/state` shows the shape. Tokens end, late work is forgotten."""
        self._state.take_over(read_snapshot(value, self.identities))
        self.identities.renew(json.dumps(value, sort_keys=True, default=str))
        self.late.clear()
        self.tokens.end_all()

    # Set-up

    def add_site_owner(self, display_name: str = "Site Owner", *, site_owner_id: str | None = None) -> SiteOwner:
        return self.state.put_site_owner(SiteOwner(id=site_owner_id or self.identities.uuid(), display_name=display_name))

    def add_credential(
        self,
        *,
        site_owner_id: str | None = None,
        site_id: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
    ) -> Credential:
        """Scope Customer; with `site_id` scope Site. Without a Site Owner it is the first one's."""
        return self.state.put_credential(
            Credential(
                client_id=client_id or self.identities.uuid(),
                client_secret=client_secret or self.identities.secret(),
                site_owner_id=site_owner_id or self._first_site_owner().id,
                site_id=site_id,
            )
        )

    def add_site(
        self,
        display_name: str = "Sportpark Zuid",
        *,
        site_owner_id: str | None = None,
        site_id: str | None = None,
        default_locale: str = "nl",
        time_zone: str = "Europe/Amsterdam",
        pin_digits_min: Literal[6, 8] = 8,
    ) -> Site:
        return self.state.put_site(
            Site(
                id=site_id or self.identities.uuid(),
                site_owner_id=site_owner_id or self._first_site_owner().id,
                display_name=display_name,
                default_locale=default_locale,
                time_zone=time_zone,
                pin_digits_min=pin_digits_min,
            )
        )

    def add_component(
        self, site_id: str, display_name: str, *, online: bool = True, component_id: str | None = None
    ) -> Component:
        """A name may be given twice: Resivo does not refuse it either."""
        identity = component_id or self.identities.uuid()
        return self.state.put_component(Component(id=identity, site_id=site_id, display_name=display_name, online=online))

    def _first_site_owner(self) -> SiteOwner:
        return next(iter(self.state.site_owners.values()), None) or self.add_site_owner()

    # What a portal user does

    def rename_component(self, component_id: str, display_name: str) -> None:
        self.state.components[component_id].display_name = display_name

    def remove_component(self, component_id: str) -> None:
        del self.state.components[component_id]

    def renew_component_id(self, component_id: str) -> Component:
        """The same door under a new id, which is returned."""
        return self.state.renew_component_id(component_id)

    def set_online(self, component_id: str, online: bool) -> None:  # noqa: FBT001  # reads as the sentence that it is
        self.state.components[component_id].online = online

    def portal_revoke(self, authorization_id: str) -> None:
        self.state.revoke(self.state.authorizations[authorization_id])

    def portal_delete(self, authorization_id: str) -> None:
        self.state.delete_authorization(authorization_id)

    def portal_change(
        self,
        authorization_id: str,
        *,
        display_name: str | None = None,
        component_ids: Sequence[str] | None = None,
        valid_from: datetime | None = None,
        valid_to: datetime | None = None,
        status: str | None = None,
    ) -> Authorization:
        """Change what is given; `status` may be a word that nobody knows."""
        authorization = self.state.authorizations[authorization_id]
        if display_name is not None:
            self.state.rename_authorization(authorization, display_name)
        if component_ids is not None:
            authorization.component_ids = list(component_ids)
        if valid_from is not None:
            authorization.valid_from = valid_from
        if valid_to is not None:
            authorization.valid_to = valid_to
        if status is not None:
            authorization.status = status
        return authorization

    # What a test asks

    def authorizations(self, display_name_contains: str | None = None) -> list[Authorization]:
        """Every authorization that was not deleted, oldest first."""
        found = self.state.authorizations.values()
        return [one for one in found if display_name_contains is None or display_name_contains in one.display_name]

    def live(self, display_name_contains: str | None = None) -> list[Authorization]:
        """Those that are active and not past their end, also when they have not begun."""
        now = self.clock.now()
        return [one for one in self.authorizations(display_name_contains) if one.live(now)]

    @property
    def outbox(self) -> list[Message]:
        return self.state.outbox

    def messages_to(self, recipient: str) -> list[Message]:
        return [message for message in self.outbox if message.recipient == recipient]

    def may_open(self, recipient: str, component_id: str, at: datetime | None = None) -> bool:
        """The oracle: does any access of this recipient open this door, at this time or now?"""
        return may_open(self.state, recipient, component_id, at or self.clock.now())

    def press(self, link_token: str, component_id: str) -> Opening:
        """Press a button on the landing page. `KeyError` for an unknown link."""
        state = self.state
        authorization, _ = state.behind_link(link_token)
        now = self.clock.now()
        reason = why_shut(state, authorization, component_id, now)
        opening = Opening(authorization_id=authorization.id, component_id=component_id, at=now, opened=not reason, reason=reason)
        state.openings.append(opening)
        return opening

    def open_door(self, link_token: str, component_id: str) -> bool:
        """Whether the door opens; an unknown link opens nothing."""
        try:
            return self.press(link_token, component_id).opened
        except KeyError:
            return False

    def end_tokens(self) -> None:
        """Every token that was given out is refused from now on."""
        self.tokens.end_all()

    def advance(self, by: timedelta) -> None:
        """Move the clock, and do the late work that it reaches."""
        self.clock.advance(by)
        self.catch_up()
