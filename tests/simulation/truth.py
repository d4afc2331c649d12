"""What each booking has a right to, at every moment, as somebody would say who sees all sides. Written from the design, with no code of the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

__all__ = ["OTHER_MAPPING", "SITES", "TRIGGER", "Right", "Rules", "Truth"]

TRIGGER: Final = frozenset({"20", "30"})
REVOKE: Final = frozenset({"70", "80"})
TIME_BEFORE: Final = timedelta(minutes=15)
SITES: Final = ("north", "south")
MAPPING: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "81": {"north": ("Main entrance", "Hall 1")},
    "82": {"north": ("Main entrance", "Hall 2")},
    "83": {"north": ("Main entrance", "Hall 1")},
    "84": {"north": ("Hall 2",), "south": ("Gate",)},
}
"""Object → site → names of doors. 81 and 83 open the same; 84 stands on two sites; every other object has no doors."""
OTHER_MAPPING: Final = {**MAPPING, "83": {"north": ("Main entrance", "Hall 2")}, "81": {"north": ("Hall 1",)}}
"""What an edit makes of it."""
MOBILES: Final = {"0031 6 1234 5678": "+31612345678", "+31687654321": "+31687654321", "+31612345678": "+31612345678"}
"""What becomes of the numbers that the world uses; any other gets no SMS, but for one that a default country completes."""
NATIONAL: Final = {"06 12345678": "+31612345678"}


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What is set up. An edit changes no access that is live; it holds for what is made afterwards."""

    time_before: timedelta = TIME_BEFORE
    mapping: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=lambda: MAPPING)
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class Right:
    """What a booking asks for at one site. `doors` None: a name is missing or stands twice."""

    kind: str
    """trigger, keep (neither trigger nor revoke), idle (the integration is not active: what is live stays), or none."""
    why: str = ""
    window: tuple[datetime, datetime] | None = None
    doors: frozenset[str] | None = None
    recipients: frozenset[str] = frozenset()
    facts: tuple[Any, ...] = ()
    """What of the booking itself matters: only a change of these takes access away, no edit of the set-up does."""

    def has_access(self, at: datetime) -> bool:
        """Whether anything may be live at that time."""
        return self.kind != "none" and self.window is not None and at < self.window[1]


@dataclass(kw_only=True)
class Truth:
    """The history of rights, by booking and site, and of the doors."""

    ireserve: Any
    resivo: Any
    site_ids: dict[str, str]
    default_country: str = ""
    rules: Rules = field(default_factory=Rules)
    hidden: dict[str, Any] = field(default_factory=dict)
    """Bookings that are there although the booking system does not show them."""
    rights: dict[tuple[str, str], list[tuple[datetime, Right]]] = field(default_factory=dict)
    ids_seen: list[tuple[datetime, frozenset[str]]] = field(default_factory=list)
    """Which component ids there were."""
    rules_seen: list[tuple[datetime, Rules]] = field(default_factory=list)
    """Which rules were set up."""
    fields: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)
    """What the booking field held."""
    visitors: dict[str, list[tuple[datetime, frozenset[str]]]] = field(default_factory=dict)
    """How the visitor of a booking could be reached, also while it asked for nothing."""
    told: set[str] = field(default_factory=set)
    """Bookings of which a hint was handed over since they last changed."""

    def note(self, now: datetime, bookings: list[str]) -> None:
        """Look at all sides now, and remember what changed."""
        components = list(self.resivo.state.components.values())
        if not self.rules_seen or self.rules_seen[-1][1] != self.rules:
            self.rules_seen.append((now, self.rules))
        ids = frozenset(c.id for c in components)
        if not self.ids_seen or self.ids_seen[-1][1] != ids:
            self.ids_seen.append((now, ids))
        for booking_id in bookings:
            booking = self._booking(booking_id)
            for site in SITES:
                right = self._right(booking, site, components)
                known = self.rights.setdefault((booking_id, site), [])
                if not known or known[-1][1] != right:
                    known.append((now, right))
                    self.told.discard(booking_id)
            _keep(self.fields.setdefault(booking_id, []), now, booking.fields.get(5, "") if booking is not None else "")
            if booking is not None:
                _keep(self.visitors.setdefault(booking_id, []), now, self.recipients(booking))

    def right(self, booking_id: str, site: str) -> Right:
        """What it asks for now."""
        return self.rights[booking_id, site][-1][1]

    def windows_since(self, booking_id: str, site: str, since: datetime) -> set[tuple[datetime, datetime]]:
        """The windows that an access made since then may have: those of the present facts, under every rule that held."""
        return self.windows_of([self.right(booking_id, site)], since)

    def windows_of(self, rights: Sequence[Right], since: datetime) -> set[tuple[datetime, datetime]]:
        """What an access may have that is decided with these facts, by rules that were read since then: an edit may come in between."""
        rules = list(_since(self.rules_seen, since))
        return {(r.facts[1] - rule.time_before, r.facts[2]) for r in rights if r.facts for rule in rules}

    def doors_of(self, rights: Sequence[Right], site: str, since: datetime) -> set[frozenset[str] | None]:
        """The same for the doors."""
        components = list(self.resivo.state.components.values())
        named = {rule.mapping.get(r.facts[0], {}).get(site) for r in rights if r.facts for rule in _since(self.rules_seen, since)}
        return {r.doors for r in rights} | {self._doors(names, site, components) for names in named if names is not None}

    def rights_since(self, booking_id: str, site: str, since: datetime) -> Iterator[Right]:
        """Every right that held at some moment since then."""
        return _since(self.rights.get((booking_id, site), []), since)

    def left_its_object(self, booking_id: str, site: str, at: datetime, *, brief: timedelta) -> datetime | None:
        """Since when it has had an object that it did not have at that time, nor a moment before; None if it still has that one."""
        history = self.rights.get((booking_id, site), [])
        untils = [moment for moment, _ in history[1:]]
        before = [
            r
            for (since, r), until in zip(history, [*untils, None], strict=True)
            if since <= at and (until is None or until >= at - brief)
        ]
        here = self.right(booking_id, site).facts[0]
        if any(r.facts and r.facts[0] == here for r in before):
            return None
        moved = history[-1][0]
        for since, r in reversed(history):
            if not r.facts or r.facts[0] != here:
                break
            moved = since
        return moved

    def recipients_since(self, booking_id: str, since: datetime) -> set[frozenset[str]]:
        return set(_since(self.visitors.get(booking_id, []), since))

    def fields_since(self, booking_id: str, since: datetime) -> set[str]:
        return set(_since(self.fields.get(booking_id, []), since))

    def vanished_since(self, ids: frozenset[str], since: datetime) -> bool:
        """Whether one of these doors was gone at some moment since then."""
        return any(not ids <= seen for seen in _since(self.ids_seen, since))

    def _booking(self, booking_id: str) -> Any:
        try:
            return self.ireserve.booking(booking_id)
        except KeyError:
            return self.hidden.get(booking_id)

    def _right(self, booking: Any, site: str, components: list[Any]) -> Right:
        if booking is None:
            return Right(kind="none", why="gone")
        if booking.status in REVOKE:
            return Right(kind="none", why="revoke")
        mapping = self.rules.mapping
        names = mapping.get(booking.object_id, {}).get(site)
        if names is None or not mapping[booking.object_id].keys() <= self.site_ids.keys():
            return Right(kind="none", why="unmapped")
        recipients = self.recipients(booking)
        kind = "trigger" if booking.status in TRIGGER else "keep"
        return Right(
            kind=kind if self.rules.active else "idle",
            window=(booking.start - self.rules.time_before, booking.end),
            doors=self._doors(names, site, components),
            recipients=recipients,
            facts=(booking.object_id, booking.start, booking.end, recipients),
        )

    def _doors(self, names: Sequence[str], site: str, components: list[Any]) -> frozenset[str] | None:
        here = [c for c in components if c.site_id == self.site_ids[site]]
        found = [[c.id for c in here if c.display_name.strip() == name] for name in names]
        return frozenset(ids[0] for ids in found) if all(len(ids) == 1 for ids in found) else None

    def recipients(self, booking: Any) -> frozenset[str]:
        """Whom Resivo would tell."""
        customer = self.ireserve.customer(booking.customer_id)
        mobile = MOBILES.get(customer.tel_mob, "")
        if not mobile and self.default_country == "NL":
            mobile = NATIONAL.get(customer.tel_mob, "")
        return frozenset(one for one in (customer.email, mobile) if one)


def _keep(history: list[tuple[datetime, Any]], now: datetime, value: Any) -> None:
    if not history or history[-1][1] != value:
        history.append((now, value))


def _since(history: list[tuple[datetime, Any]], since: datetime) -> Iterator[Any]:
    for index, (_, value) in enumerate(history):
        until = history[index + 1][0] if index + 1 < len(history) else None
        if until is None or until >= since:
            yield value
