"""An environment to try things out in: halls, a theatre, some people, and bookings around now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from drempel.simulators.ireserve.environment import Environment

__all__ = ["DEMO_OBJECTS", "seed_demo"]

DEMO_OBJECTS: Final = {
    "81": "Hall 1",
    "82": "Hall 2",
    "83": "Tennis court 3",
    "90": "Theater De Brug",
}
_CUSTOMERS: Final = (
    ("A", "Lovelace", "ada@example.com", "+31 6 12345678"),
    ("G", "Hopper", "grace@example.com", "0031 6 2345 6789"),
    ("K", "Johnson", "katherine@example.com", "06 34567890"),
    ("A", "Jacobs", "aletta@example.com", ""),
)
_BOOKINGS: Final = (
    # object, customer, days from today, hour, hours long, status
    ("81", 0, 1, 10, 2, "10"),
    ("82", 1, 1, 14, 2, "20"),
    ("90", 2, 2, 19, 4, "30"),
    ("83", 3, 3, 9, 1, "10"),
    ("81", 1, 5, 20, 2, "40"),
    ("82", 0, 6, 11, 1, "70"),
    ("81", 2, -2, 10, 2, "90"),
)
MINUTES: Final = 15


def seed_demo(sim: Environment) -> list[str]:
    """Fill an empty environment. The ids of its bookings are answered; the first starts within a quarter of an hour, not yet confirmed."""
    for object_id, name in DEMO_OBJECTS.items():
        sim.add_object(object_id, name)
    customers = [
        sim.add_customer(initials=initials, lastname=lastname, email=email, tel_mob=tel_mob)
        for initials, lastname, email, tel_mob in _CUSTOMERS
    ]
    # So soon that its doors open at once with the usual time before: whoever tries it out does not have to wait.
    soon = _next_quarter(sim.clock.now())
    made = [sim.make_booking("81", soon, soon + timedelta(hours=1), customer_id=customers[0])]
    for object_id, customer, days, hour, hours, status in _BOOKINGS:
        start = _at(sim, days=days, hour=hour)
        made.append(
            sim.make_booking(object_id, start, start + timedelta(hours=hours), customer_id=customers[customer], status=status)
        )
    return made


def _next_quarter(at: datetime) -> datetime:
    """The next full quarter of an hour; at one, the one after it."""
    past = timedelta(minutes=at.minute % MINUTES, seconds=at.second, microseconds=at.microsecond)
    return at + timedelta(minutes=MINUTES) - past


def _at(sim: Environment, *, days: int, hour: int) -> datetime:
    """That hour of that day, as the environment's clocks show it; none of the hours used lies near a change of the clocks."""
    day = sim.state.today(sim.clock.now()) + timedelta(days=days)
    return sim.state.instant(datetime(day.year, day.month, day.day, hour))  # noqa: DTZ001  `instant` puts the zone on
