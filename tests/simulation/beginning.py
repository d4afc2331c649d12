"""How a world begins: a Resivo with two sites, a set-up, and what somebody made by hand in the portal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from drempel.domain.mapping import ObjectMapping
from drempel.domain.policy import FollowChanges, Policy
from drempel.engine.setup import DesiredIntegration, DesiredSource, SetupWrite
from drempel.resivo import load_profile, profile_to_json
from drempel.simulators.clock import SimulatorClock
from drempel.simulators.ireserve import IReserveSimulator
from drempel.simulators.resivo import ResivoSimulator
from drempel.simulators.resivo.records import Authorization
from tests.simulation.neighbour import Neighbour
from tests.simulation.truth import Rules
from tests.simulation.weather import FOREIGN_NAMES, Weather

__all__ = ["DOORS", "FOREIGN", "FOREIGN_NAMES", "MadeResivo", "build_resivo", "set_up"]

DOORS: Final = {"north": ("Main entrance", "Hall 1", "Hall 2", "Storage"), "south": ("Gate", "Side door")}
FOREIGN: Final = FOREIGN_NAMES[0]


@dataclass(frozen=True, kw_only=True)
class MadeResivo:
    """A Resivo, and what one needs to know of it."""

    simulator: ResivoSimulator
    owner_id: str
    credential: Any
    site_ids: dict[str, str]
    component_ids: dict[str, str]
    """By name; no name stands at both sites."""


def build_resivo(weather: Weather, clock: SimulatorClock, seed: int) -> MadeResivo:
    """Two sites, their doors, and accesses of others."""
    resivo = ResivoSimulator(profile=load_profile(weather.profile), clock=clock, seed=seed)
    for name, value in weather.quirks.items():
        setattr(resivo.quirks, name, value)
    owner = resivo.add_site_owner()
    credential = resivo.add_credential(site_owner_id=owner.id)
    site_ids = {site: resivo.add_site(site, site_owner_id=owner.id).id for site in weather.sites}
    ids = {name: resivo.add_component(site_ids[site], name).id for site in weather.sites for name in DOORS[site]}
    for number, name in enumerate(weather.foreign):
        resivo.state.put_authorization(
            Authorization(
                id="by-hand" if number == 0 else f"by-hand-{number}",
                site_id=site_ids["north"],
                type="remote-access",
                display_name=name,
                component_ids=[ids["Hall 1"]],
                valid_from=None,
                valid_to=None,
                created_at=clock.now(),
            )
        )
    return MadeResivo(simulator=resivo, owner_id=owner.id, credential=credential, site_ids=site_ids, component_ids=ids)


def set_up(
    weather: Weather, made: MadeResivo, ireserve: IReserveSimulator, *, rules: Rules, neighbour: Neighbour | None = None
) -> SetupWrite:
    """What `drempel apply` would write. The secret is the one that Resivo knows now."""
    source = DesiredSource(
        name="club",
        kind="ireserve",
        base_url="http://ireserve",
        username="drempel",
        password=ireserve.accounts["drempel"],
        time_zone="Europe/Amsterdam",
        poll_seconds=weather.poll_seconds,
    )
    integration = DesiredIntegration(
        name="doors",
        kind="resivo",
        source="club",
        policy=Policy(
            trigger_statuses=frozenset({"20", "30"}),
            revoke_statuses=frozenset({"70", "80"}),
            time_before=rules.time_before,
            authorization_field="custom05",
            active=rules.active,
            follow_changes=FollowChanges(weather.follow),
            default_country=weather.default_country,
        ),
        profile_json=profile_to_json(load_profile(weather.profile)),
        base_url="http://resivo",
        site_owner_id=made.owner_id,
        client_id=made.credential.client_id,
        client_secret=made.credential.client_secret,
        site_id=made.site_ids["north"],
        mappings=tuple(
            ObjectMapping(object_id=object_id, site_id=made.site_ids[site], component_names=names)
            for object_id, sites in rules.mapping.items()
            for site, names in sites.items()
            if set(sites) <= set(made.site_ids)
        ),
    )
    if neighbour is None:
        return SetupWrite(sources=(source,), integrations=(integration,))
    other_source, other_integration = neighbour.desired()
    return SetupWrite(sources=(other_source, source), integrations=(other_integration, integration))
