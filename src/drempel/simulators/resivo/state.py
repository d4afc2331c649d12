"""What the simulated Resivo knows, and what it does. No HTTP, no profile: only the rules of the contract, sections 9.3 to 9.10."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from drempel.simulators.resivo.identities import Identities
from drempel.simulators.resivo.records import (
    AUTHORIZATION_ACTIVE,
    AUTHORIZATION_REVOKED,
    PIN_ACCESS,
    REMOTE_ACCESS,
    Authorization,
    Component,
    Credential,
    Message,
    Opening,
    Recipient,
    Refused,
    Site,
    SiteOwner,
)

__all__ = ["ResivoState"]


@dataclass(slots=True)
class ResivoState:
    """The whole state. Every change goes through a method, so that the indexes stay true."""

    identities: Identities
    site_owners: dict[str, SiteOwner] = field(default_factory=dict)
    credentials: dict[str, Credential] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    components: dict[str, Component] = field(default_factory=dict)
    authorizations: dict[str, Authorization] = field(default_factory=dict)
    outbox: list[Message] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    _by_site: dict[str, dict[str, Authorization]] = field(default_factory=dict)
    _by_name: dict[tuple[str, str], dict[str, Authorization]] = field(default_factory=dict)
    _by_link: dict[str, tuple[Authorization, Recipient]] = field(default_factory=dict)

    # Set-up

    def take_over(self, other: ResivoState) -> None:
        """Become what the other is; whoever holds on to this object sees it."""
        for one in fields(self):
            setattr(self, one.name, getattr(other, one.name))

    def put_site_owner(self, site_owner: SiteOwner) -> SiteOwner:
        self.site_owners[site_owner.id] = site_owner
        return site_owner

    def put_credential(self, credential: Credential) -> Credential:
        if credential.site_owner_id not in self.site_owners:
            raise KeyError(credential.site_owner_id)
        self.credentials[credential.client_id] = credential
        return credential

    def put_site(self, site: Site) -> Site:
        if site.site_owner_id not in self.site_owners:
            raise KeyError(site.site_owner_id)
        self.sites[site.id] = site
        return site

    def put_component(self, component: Component) -> Component:
        if component.site_id not in self.sites:
            raise KeyError(component.site_id)
        self.components[component.id] = component
        return component

    def put_authorization(self, authorization: Authorization) -> Authorization:
        if authorization.site_id not in self.sites:
            raise KeyError(authorization.site_id)
        self.authorizations[authorization.id] = authorization
        self._by_site.setdefault(authorization.site_id, {})[authorization.id] = authorization
        self._by_name.setdefault((authorization.site_id, authorization.display_name), {})[authorization.id] = authorization
        for recipient in authorization.recipients:
            self._by_link[recipient.link_token] = (authorization, recipient)
        return authorization

    # Reading

    def components_of(self, site_id: str) -> list[Component]:
        return [component for component in self.components.values() if component.site_id == site_id]

    def authorizations_of(self, site_id: str, *, display_name: str | None = None) -> Iterator[Authorization]:
        """Oldest first."""
        if display_name is None:
            yield from self._by_site.get(site_id, {}).values()
        else:
            yield from self._by_name.get((site_id, display_name), {}).values()

    def behind_link(self, link_token: str) -> tuple[Authorization, Recipient]:
        """What a door link leads to. `KeyError` for a link that was never sent, or whose authorization was deleted."""
        return self._by_link[link_token]

    # What the API does

    def create_remote_access(
        self,
        site: Site,
        *,
        display_name: str,
        component_ids: Sequence[str],
        valid_from: datetime | None,
        valid_to: datetime | None,
        recipients: Iterable[Recipient],
        now: datetime,
    ) -> Authorization:
        """Create, and send each recipient a message with a door link. Offline doors are dropped silently."""
        authorization = self._create(
            site,
            REMOTE_ACCESS,
            display_name=display_name,
            component_ids=component_ids,
            valid_from=valid_from,
            valid_to=valid_to,
            recipients=list(recipients),
            credentials=0,
            now=now,
        )
        for recipient in authorization.recipients:
            self.outbox.append(
                Message(
                    recipient=recipient.address,
                    channel=recipient.channel,
                    locale=site.default_locale,
                    door_link=f"/open/{recipient.link_token}",
                    authorization_id=authorization.id,
                    at=now,
                )
            )
        return authorization

    def create_pin_access(
        self,
        site: Site,
        *,
        display_name: str,
        component_ids: Sequence[str],
        valid_from: datetime | None,
        valid_to: datetime | None,
        pins: int,
        now: datetime,
    ) -> Authorization:
        """Create; nobody is told, because the known body has no recipients. The PINs themselves are not kept."""
        return self._create(
            site,
            PIN_ACCESS,
            display_name=display_name,
            component_ids=component_ids,
            valid_from=valid_from,
            valid_to=valid_to,
            recipients=[],
            credentials=pins,
            now=now,
        )

    def revoke(self, authorization: Authorization) -> None:
        if authorization.status == AUTHORIZATION_REVOKED:
            raise Refused(400, "Authorization is already revoked")
        authorization.status = AUTHORIZATION_REVOKED

    def _create(
        self,
        site: Site,
        kind: str,
        *,
        display_name: str,
        component_ids: Sequence[str],
        valid_from: datetime | None,
        valid_to: datetime | None,
        recipients: list[Recipient],
        credentials: int,
        now: datetime,
    ) -> Authorization:
        chosen: list[str] = []
        for component_id in dict.fromkeys(component_ids):
            component = self.components.get(component_id)
            if component is None or component.site_id != site.id:
                raise Refused(400, f"Component {component_id} not found")
            if component.online:
                chosen.append(component_id)
        if valid_to is not None and valid_to <= (valid_from or now):
            raise Refused(400, "validTo must be after validFrom")
        if valid_to is not None and valid_to <= now:
            raise Refused(400, "validTo must not be in the past")
        return self.put_authorization(
            Authorization(
                id=self.identities.uuid(),
                site_id=site.id,
                type=kind,
                display_name=display_name,
                component_ids=chosen,
                valid_from=valid_from,
                valid_to=valid_to,
                status=AUTHORIZATION_ACTIVE,
                recipients=recipients,
                credentials=credentials or len(recipients),
                created_at=now,
            )
        )

    # What a portal user does

    def renew_component_id(self, component_id: str) -> Component:
        """The same door under a new id, as after a migration. Authorizations keep the old id, which opens nothing."""
        old = self.components[component_id]
        new = Component(id=self.identities.uuid(), site_id=old.site_id, display_name=old.display_name, online=old.online)
        self.components = {
            (new.id if identity == component_id else identity): (new if identity == component_id else component)
            for identity, component in self.components.items()
        }
        return new

    def rename_authorization(self, authorization: Authorization, display_name: str) -> None:
        self._forget_name(authorization)
        authorization.display_name = display_name
        self._by_name.setdefault((authorization.site_id, display_name), {})[authorization.id] = authorization

    def delete_authorization(self, authorization_id: str) -> None:
        authorization = self.authorizations.pop(authorization_id)
        del self._by_site[authorization.site_id][authorization_id]
        self._forget_name(authorization)
        for recipient in authorization.recipients:
            self._by_link.pop(recipient.link_token, None)

    def _forget_name(self, authorization: Authorization) -> None:
        self._by_name[authorization.site_id, authorization.display_name].pop(authorization.id)
