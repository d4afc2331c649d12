"""The world that a newcomer meets: one Site Owner, one credential, one site with some doors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from drempel.simulators.resivo.simulator import ResivoSimulator

__all__ = ["Demo", "seed_demo"]

SITE_OWNER_ID: Final = "5d0f0f5e-6c1c-4a5b-8f0a-2b7f5f1d0a01"
SITE_ID: Final = "b6f0c9d2-2f0e-4c77-8a0b-5a5a0f1d7e01"
CLIENT_ID: Final = "demo-client"
CLIENT_SECRET: Final = "demo-secret-for-the-simulator"  # noqa: S105  # opens nothing but this simulator
DOORS: Final = (
    ("0f5c1a52-6d6b-4a55-9d83-0b1f6e0e7c11", "Main entrance", True),
    ("0f5c1a52-6d6b-4a55-9d83-0b1f6e0e7c12", "Hall 1", True),
    ("0f5c1a52-6d6b-4a55-9d83-0b1f6e0e7c13", "Hall 2", True),
    ("0f5c1a52-6d6b-4a55-9d83-0b1f6e0e7c14", "Changing room", True),
    ("0f5c1a52-6d6b-4a55-9d83-0b1f6e0e7c15", "Storage", False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What the other side of the demo needs to know. `components`: display name to id."""

    site_owner_id: str
    site_id: str
    client_id: str
    client_secret: str
    components: dict[str, str]


def seed_demo(sim: ResivoSimulator) -> Demo:
    """Fill a simulator with the demo's organization. The ids are the same each time."""
    sim.add_site_owner("Sportbedrijf Zuid", site_owner_id=SITE_OWNER_ID)
    sim.add_credential(site_owner_id=SITE_OWNER_ID, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    sim.add_site("Sportpark Zuid", site_owner_id=SITE_OWNER_ID, site_id=SITE_ID)
    for component_id, display_name, online in DOORS:
        sim.add_component(SITE_ID, display_name, online=online, component_id=component_id)
    return Demo(
        site_owner_id=SITE_OWNER_ID,
        site_id=SITE_ID,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        components={display_name: component_id for component_id, display_name, _ in DOORS},
    )
