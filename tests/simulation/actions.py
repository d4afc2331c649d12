"""What may happen in the world: each action draws its particulars and says what it did (None: it could do nothing)."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

from tests.simulation.at_the_club import book, change_status, change_visitor, delete, deliver, move, reschedule, spoil_field
from tests.simulation.at_the_portal import change_doors, darken_door, meddle, misname, mistake
from tests.simulation.at_work import (
    doze,
    fill_disk,
    hold,
    incident,
    kill,
    outlive,
    overtake,
    race,
    step,
    sweep,
    to_the_call,
    work,
)
from tests.simulation.listed_and_read import flicker, miss, mix_up, overlook, refuse_one
from tests.simulation.orders import again, erase, erase_watched, order, replace_differing
from tests.simulation.resting import check_in_between
from tests.simulation.scripted_faults import plant
from tests.simulation.upheavals import ahead, blind, change_secret, early, edit, outage, strange_word

__all__ = ["ACTIONS", "NEVER_LEFT_OUT", "WEIGHTS"]

Action = Callable[[Any, random.Random], Awaitable[str | None]]


async def pass_time(world: Any, draw: random.Random) -> str:
    by = timedelta(seconds=draw.choice([1, 5, 11, 11, 21, 31, 45, 70, 130, 700, 1900]))
    world.advance(by)
    if world.clock.now() != world.now:
        await world.crew().sweep.run_once()  # which looks at the clock each minute, and leaves a trace of it
    return f"{by.total_seconds():.0f} s pass"


async def jump(world: Any, draw: random.Random) -> str:
    """Our clock is set wrong; or right again."""
    if world.clock.now() != world.now:
        world.set_clock_right()
        return "our clock is set right"
    by = timedelta(seconds=draw.choice([120, -120, 5400, -5400, 10800, -10800]))
    world.jump(by)
    await world.crew().sweep.run_once()  # which looks at the clock each minute
    return f"our clock jumps by {by.total_seconds():.0f} s"


async def next_door(world: Any, draw: random.Random) -> str | None:
    """At the second club somebody books, cancels or confirms."""
    return await world.neighbour.go_about(world.store, draw) if world.neighbour is not None else None


async def quiet(world: Any, draw: random.Random) -> str | None:
    return "everything comes to rest" if await check_in_between(world) else None


async def end_tokens(world: Any, draw: random.Random) -> str:
    world.resivo.end_tokens()
    return "tokens end"


async def fault(world: Any, draw: random.Random) -> str:
    return plant(world, draw)


ACTIONS: Final[dict[str, Action]] = {
    "book": book,
    "status": change_status,
    "reschedule": reschedule,
    "move": move,
    "visitor": change_visitor,
    "delete": delete,
    "field": spoil_field,
    "deliver": deliver,
    "doors": change_doors,
    "portal": meddle,
    "fault": fault,
    "work": work,
    "step": step,
    "call": to_the_call,
    "race": race,
    "overtake": overtake,
    "outlive": outlive,
    "kill": kill,
    "sweep": sweep,
    "pass": pass_time,
    "jump": jump,
    "tokens": end_tokens,
    "order": order,
    "quiet": quiet,
    "edit": edit,
    "secret": change_secret,
    "blind": blind,
    "erase": erase,
    "doze": doze,
    "hold": hold,
    "incident": incident,
    "again": again,
    "replace": replace_differing,
    "outage": outage,
    "flicker": flicker,
    "miss": miss,
    "overlook": overlook,
    "word": strange_word,
    "mistake": mistake,
    "unreadable": refuse_one,
    "ahead": ahead,
    "erasing": erase_watched,
    "early": early,
    "full": fill_disk,
    "mixed": mix_up,
    "dark": darken_door,
    "misname": misname,
    "nextdoor": next_door,
}
WEIGHTS: Final[dict[str, int]] = {
    "book": 14,
    "status": 16,
    "reschedule": 7,
    "move": 5,
    "visitor": 4,
    "delete": 2,
    "field": 4,
    "deliver": 16,
    "doors": 6,
    "portal": 2,
    "fault": 16,
    "work": 26,
    "step": 10,
    "call": 12,
    "race": 10,
    "overtake": 9,
    "outlive": 8,
    "kill": 7,
    "sweep": 4,
    "pass": 16,
    "jump": 2,
    "tokens": 2,
    "order": 2,
    "quiet": 5,
    "edit": 5,
    "secret": 1,
    "blind": 2,
    "erase": 2,
    "doze": 5,
    "hold": 2,
    "incident": 14,
    "again": 3,
    "replace": 3,
    "outage": 2,
    "flicker": 2,
    "miss": 2,
    "overlook": 2,
    "word": 1,
    "mistake": 1,
    "unreadable": 1,
    "ahead": 1,
    "erasing": 1,
    "early": 4,
    "full": 3,
    "mixed": 1,
    "dark": 4,
    "misname": 3,
    "nextdoor": 3,
}
NEVER_LEFT_OUT: Final = frozenset({"book", "deliver", "work", "status", "pass"})
