"""What differs from one world to the next: profile, season, shapes of answers, habits of both other sides. Drawn once, at the beginning."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

__all__ = ["COPIED", "FAIR", "FOREIGN_NAMES", "Weather", "draw_weather", "is_foreign"]

FOREIGN_NAMES: Final = ("portal made this by hand", "Hall 1 · dr-zzzzzzzz-club-1001-1", "dr- Cleaning club", "Hall 1")
"""What others made at Resivo; some of it looks like ours. None of it is ever to be touched."""
COPIED: Final = " (copy)"
"""What somebody writes behind the name of an access that he copied in the portal: that one is his."""
SPRING: Final = datetime(2026, 3, 28, 9, 0, tzinfo=UTC)
"""The night after, the clocks of Amsterdam go forward."""
AUTUMN: Final = datetime(2026, 10, 24, 9, 0, tzinfo=UTC)
"""The night after, they go back."""
PLAIN: Final = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Weather:
    """One draw. `quirks` and `switches` are those of the simulators."""

    begin: datetime = SPRING
    profile: str = "assumed-v8"
    follow: str = "any"
    default_country: str = ""
    sites: tuple[str, ...] = ("north",)
    foreign: tuple[str, ...] = FOREIGN_NAMES[:1]
    poll_seconds: int = 300
    """0: nothing is polled, and what no hint told of is found only where access is live."""
    existing: int = 0
    """How many bookings stand at a trigger status before anything begins."""
    crews: int = 1
    skew_seconds: tuple[float, ...] = (0.0,)
    """How far each crew's own clock is off. The store's clock counts, so it must not matter."""
    own_crew: bool = False
    """Whether those who come to rest are processes that have been there all the time."""
    neighbour: bool = False
    """Whether a second club lives in the same database."""
    call_seconds: float = 0.0
    """So long each call is under way before it is done. Calls that are out at once take their time one after the other here, so it is short."""
    quirks: dict[str, Any] = field(default_factory=dict)
    switches: dict[str, Any] = field(default_factory=dict)

    @property
    def can_look(self) -> bool:
        """Whether a lost answer can be looked for."""
        return self.profile != "onegov-literal"


FAIR: Final = Weather()


def is_foreign(name: str) -> bool:
    """Whether an access of this name was made by somebody else."""
    return name in FOREIGN_NAMES or name.endswith(COPIED)


def draw_weather(number: int) -> Weather:
    """The weather of this number."""
    draw = random.Random(f"weather:{number}")
    crews = draw.choice((1, 2, 2, 3))
    return Weather(
        begin=draw.choice((SPRING, AUTUMN, PLAIN)),
        profile=draw.choices(("assumed-v8", "onegov-literal"), (6, 1))[0],
        follow=draw.choice(("any", "any", "trigger")),
        default_country=draw.choice(("", "", "NL")),
        sites=("north", "south"),
        foreign=FOREIGN_NAMES,
        poll_seconds=draw.choice((300, 300, 300, 300, 300, 0)),
        existing=draw.choice((0, 0, 1, 2)),
        crews=crews,
        skew_seconds=tuple(draw.choice((0.0, 0.0, 120.0, -120.0)) for _ in range(crews)),
        quirks=_some(
            draw,
            {
                "list_ignores_display_name": True,
                "list_page_size_cap": 2,
                "list_reversed": True,
                "extra_keys": True,
                "credentials_missing": True,
                "token_without_lifetime": True,
                "token_lifetime_seconds": 40.0,
                "token_ends_after_seconds": 20.0,
                "error_body": draw.choice(("oauth", "empty", "html")),
            },
        ),
        switches={"api_write_fires": draw.random() < 0.6, "event_first": draw.random() < 0.3}
        | _some(
            draw,
            {
                "padded": False,
                "wrapped": True,
                "numbers": draw.choice(("strings", "numbers")),
                "offsets": draw.choice(("colon", "utc", "none")),
                "field_length": 20,
                "filter_status": False,
                "hook_json": False,
                "admin_change_fires": False,
            },
        ),
        own_crew=draw.random() < 0.5,
        neighbour=draw.random() < 0.3,
        call_seconds=draw.choice((0.0, 0.0, 0.0, 0.1, 0.3)),
    )


def _some(draw: random.Random, choices: dict[str, Any]) -> dict[str, Any]:
    """None of them, mostly; else two or three."""
    if draw.random() < 0.4:
        return {}
    return dict(draw.sample(sorted(choices.items(), key=lambda item: item[0]), draw.choice((1, 2, 3))))
