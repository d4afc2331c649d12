"""Keyword builders, short, without chance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from drempel.domain.access import AuthorizationSet, Facts, Intent, SetState, facts_of
from drempel.domain.booking import Booking, Visitor
from drempel.domain.components import Component, Resolution, resolve_components
from drempel.domain.decision import Presence, Situation
from drempel.domain.mapping import ObjectMapping
from drempel.domain.policy import FollowChanges, Policy
from drempel.domain.window import access_window

NOW = datetime(2026, 3, 14, 8, 0, tzinfo=UTC)
START = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
END = datetime(2026, 3, 14, 11, 0, tzinfo=UTC)
MAIN, HALL, STORAGE = "c-main", "c-hall", "c-storage"
SITE = "site-1"


def fingerprint(text: str) -> str:
    """Stands for the keyed hash."""
    return f"#{text}"


def make_policy(**changes: object) -> Policy:
    values: dict[str, object] = {
        "trigger_statuses": frozenset({"20", "30"}),
        "revoke_statuses": frozenset({"70", "80"}),
        "time_before": timedelta(minutes=15),
        "authorization_field": "custom05",
        "default_language": "nl",
        "follow_changes": FollowChanges.ANY,
    }
    return Policy(**{**values, **changes})  # type: ignore[arg-type]


def make_booking(**changes: object) -> Booking:
    values: dict[str, object] = {
        "source": "club",
        "booking_id": "3691",
        "status": "20",
        "object_id": "81",
        "object_name": "Hall 1",
        "start": START,
        "end": END,
        "customer_id": "123",
        "email": "ada@example.com",
    }
    return Booking(**{**values, **changes})  # type: ignore[arg-type]


def make_visitor(email: str = "ada@example.com", mobile: str | None = "+31612345678") -> Visitor:
    return Visitor(email=email, mobile=mobile)


def make_components(*, storage_online: bool | None = False) -> list[Component]:
    return [
        Component(id=MAIN, display_name="Main entrance", online=True),
        Component(id=HALL, display_name="Hall 1", online=True),
        Component(id=STORAGE, display_name="Storage", online=storage_online),
    ]


def make_mapping(*names: str) -> ObjectMapping:
    return ObjectMapping(object_id="81", site_id=SITE, component_names=names or ("Main entrance", "Hall 1"))


def make_facts(booking: Booking | None = None, visitor: Visitor | None = None, *, default_country: str = "") -> Facts:
    return facts_of(
        booking or make_booking(), visitor or make_visitor(), default_country=default_country, fingerprint=fingerprint
    )


def make_intent(**changes: object) -> Intent:
    values: dict[str, object] = {
        "site_id": SITE,
        "component_ids": (MAIN, HALL),
        "component_names": ("Main entrance", "Hall 1"),
        "window": access_window(start=START, end=END, time_before=timedelta(minutes=15)),
        "recipients": fingerprint("ada@example.com\n+31612345678"),
    }
    return Intent(**{**values, **changes})  # type: ignore[arg-type]


def make_set(number: int = 1, *, state: SetState = SetState.LIVE, **changes: object) -> AuthorizationSet:
    values: dict[str, object] = {
        "number": number,
        "integration": "doors",
        "connection_id": 1,
        "policy_version": 1,
        "display_name": f"Hall 1 · dr-abcdefgh-club-3691-{number}",
        "intent": make_intent(),
        "facts": make_facts(),
        "state": state,
        "authorization_id": f"id-{number}" if state is not SetState.INTENDED else None,
    }
    return AuthorizationSet(**{**values, **changes})  # type: ignore[arg-type]


def make_situation(*sets: AuthorizationSet, components: list[Component] | None = None, **changes: object) -> Situation:
    """A confirmed booking of hall 1, an hour before its start, with the doors read."""
    doors = make_components() if components is None else components
    mapping = changes.get("mapping", make_mapping())
    resolution: Resolution | None = None
    if isinstance(mapping, ObjectMapping):
        resolution = resolve_components(mapping.component_names, doors)
    values: dict[str, object] = {
        "now": NOW,
        "presence": Presence.READ,
        "policy": make_policy(),
        "sets": sets,
        "booking": make_booking(),
        "visitor": make_visitor(),
        "mapping": mapping,
        "resolution": resolution,
        "live_component_ids": frozenset(c.id for c in doors),
        "online_component_ids": frozenset(c.id for c in doors if c.online is not False),
        "fingerprint": fingerprint,
    }
    return Situation(**{**values, **changes})  # type: ignore[arg-type]
