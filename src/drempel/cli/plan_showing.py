"""A plan as a person reads it, and as data. How many recipients there are is told, never who."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from drempel.cli.showing import harmless
from drempel.engine.booking_object import utc_text
from drempel.engine.plan import ByKind, Messages, Outcome, Plan, PlannedBooking
from drempel.engine.planner import Planner
from drempel.engine.rehearsal import CreateCall, RehearsedCall, RevokeCall, WriteFieldCall
from drempel.engine.setup_plan import SetupPlan

__all__ = ["plan_lines", "plan_object"]

NAMED_MAX: Final = 100
"""Bookings that need a person or wait, named one by one; more are counted."""


def plan_lines(plan: Plan, setup: SetupPlan, planner: Planner) -> Iterator[str]:
    """What the file changes, what is called because of it, what stands in the way, and the summary."""
    yield from setup.lines or ("nothing to change: what the file says is set up already",)
    yield from setup.notes
    for one in plan.differing:
        zone = _zone(planner, one)
        yield ""
        yield _booking_line(one, zone)
        ways = {call.through for call in (*one.dropped, *one.added) if not isinstance(call, WriteFieldCall)}
        for sign, calls in (("-", one.dropped), ("+", one.added)):
            for call in calls:
                yield from _call_lines(sign, call, zone, several_ways=len(ways) > 1)
    yield from _obstacles(plan)
    yield ""
    yield from _summary(plan)


def _zone(planner: Planner, one: PlannedBooking) -> ZoneInfo:
    """The wall clock of the booking's source, as it will be."""
    sources = {**planner.today.setup.sources, **planner.changed.setup.sources}
    return ZoneInfo(sources[one.record.source].time_zone)


def _booking_line(one: PlannedBooking, zone: ZoneInfo) -> str:
    record = one.record
    when = "" if record.start is None or record.end is None else f"  {_wall(record.start, zone)} to {_wall(record.end, zone)}"
    named = f" ({harmless(record.object_name)})" if record.object_name else ""
    what = (
        ""
        if record.object_id is None
        else f"  object {harmless(record.object_id)}{named}, status {harmless(record.status or '?')}"
    )
    return f"{record.source} {harmless(record.booking_id)}{when}{what}"


def _way(call: CreateCall | RevokeCall, *, several_ways: bool) -> str:
    through = call.through
    account = (
        f", account {harmless(through.client_id)} at {through.base_url or 'the address of the profile'}" if several_ways else ""
    )
    return f"({through.integration}, site {call.site_id}{account})"


def _call_lines(sign: str, call: RehearsedCall, zone: ZoneInfo, *, several_ways: bool) -> Iterator[str]:
    match call:
        case CreateCall():
            doors = ", ".join(f"{harmless(name)} ({component_id})" for name, component_id in call.doors)
            window = call.window
            yield f"  {sign} create  {harmless(call.display_name)}  {_way(call, several_ways=several_ways)}"
            yield f"  {sign}         doors  {doors}"
            yield f"  {sign}         from {_wall(window.valid_from, zone)} to {_wall(window.valid_to, zone)} ({zone.key})"
            yield f"  {sign}         UTC  {utc_text(window.valid_from)} to {utc_text(window.valid_to)}"
            yield f"  {sign}         to   {_kinds(ByKind(emails=len(call.emails), sms=len(call.phone_numbers)))}"
        case RevokeCall():
            yield f"  {sign} revoke  {call.authorization_id}  {_way(call, several_ways=several_ways)}"
        case WriteFieldCall():
            yield f'  {sign} write   {call.field} = "{harmless(call.value)}"'


def _obstacles(plan: Plan) -> Iterator[str]:
    for problem in plan.problems:
        yield ""
        yield f"problem: {harmless(problem.sentence)}"
        yield f"         {harmless(problem.remedy)}"
    for pause in plan.pauses:
        yield ""
        yield f"paused: {pause.key} since {utc_text(pause.since)} because of {pause.code}; what goes through it is not rehearsed"
    for title, some in (("needs a person", plan.needing_person), ("waits, so that its calls cannot be told yet", plan.waiting)):
        for one in some[:NAMED_MAX]:
            failure = one.changed.failure
            assert failure is not None
            also = "; today as well" if _same_failure(one) else ""
            yield ""
            yield f"{title}: {one.record.source} {harmless(one.record.booking_id)}  {failure.code}{also}"
            yield f"  {harmless(failure.message)}"
            yield f"  {harmless(failure.remedy)}"
        if len(some) > NAMED_MAX:
            yield f"{title}: {len(some) - NAMED_MAX} more"


def _same_failure(one: PlannedBooking) -> bool:
    today, changed = one.today.failure, one.changed.failure
    return today is not None and changed is not None and today.code == changed.code


def _summary(plan: Plan) -> Iterator[str]:
    differing, count = len(plan.differing), len(plan.bookings)
    yield f"{_many(count, 'booking')} of the next {_many(plan.days, 'day')}: {differing} differ, {count - differing} unchanged"
    for calls, verb in ((plan.added, "more than today"), (plan.dropped, "fewer than today")):
        creates, revokes, writes = (_count(calls, kind) for kind in (CreateCall, RevokeCall, WriteFieldCall))
        yield f"  {verb}: {_many(creates, 'create')}, {_many(revokes, 'revoke')}, {_many(writes, 'field write')}"
    if plan.existing:
        yield (
            f"  {_many(plan.existing, 'booking')} from before the integration began: no access by itself; `--issue-existing`, `drempel retry` or a "
            "change of the booking gives it"
        )
    waiting = f", {len(plan.waiting)} wait" if plan.waiting else ""
    yield f"  {len(plan.needing_person)} would need a person{waiting}"
    yield _answer(plan)


def _answer(plan: Plan) -> str:
    """Will visitors get a message because of this edit?"""
    messages = plan.messages
    if not any((count.emails, count.sms) != (0, 0) for count in (messages.more, messages.fewer, messages.altered)):
        return "No visitor gets a message, misses one or gets another one because of this file."
    again = f" ({messages.again} of them to visitors who have access already)" if messages.again else ""
    return (
        f"Messages to visitors because of this file: {_kinds(messages.more)} more{again}; {_kinds(messages.fewer)} fewer; "
        f"{_kinds(messages.altered)} that go out anyway say something else."
    )


def _count(calls: Sequence[RehearsedCall], kind: type[RehearsedCall]) -> int:
    return sum(isinstance(call, kind) for call in calls)


def _kinds(count: ByKind) -> str:
    return f"{_many(count.emails, 'e-mail')}, {count.sms} SMS"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _wall(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}"


# --------------------------------------------------------------------------------------------------------------------- as data


def plan_object(plan: Plan, setup: SetupPlan, planner: Planner) -> dict[str, Any]:
    """The same as data, in the shape that docs/commands.md shows."""
    return {
        "days": plan.days,
        "changes": list(setup.lines),
        "notes": list(setup.notes),
        "bookings": [_booking_object(one, _zone(planner, one)) for one in plan.differing],
        "needs_person": [_failure_object(one) for one in plan.needing_person],
        "waiting": [_failure_object(one) for one in plan.waiting],
        "problems": [{"source": p.source, "message": p.sentence, "remedy": p.remedy} for p in plan.problems],
        "pauses": [{"key": p.key, "code": p.code, "since": utc_text(p.since)} for p in plan.pauses],
        "summary": {
            "bookings": len(plan.bookings),
            "differing": len(plan.differing),
            "unchanged": len(plan.bookings) - len(plan.differing),
            "existing": plan.existing,
            "more": _totals(plan.added),
            "fewer": _totals(plan.dropped),
            "messages": _messages_object(plan.messages),
        },
    }


def _totals(calls: Sequence[RehearsedCall]) -> dict[str, int]:
    return {
        "creates": _count(calls, CreateCall),
        "revokes": _count(calls, RevokeCall),
        "field_writes": _count(calls, WriteFieldCall),
    }


def _messages_object(messages: Messages) -> dict[str, Any]:
    kinds = {"more": messages.more, "fewer": messages.fewer, "altered": messages.altered}
    return {
        **{name: {"emails": count.emails, "sms": count.sms} for name, count in kinds.items()},
        "to_visitors_with_access": messages.again,
    }


def _booking_object(one: PlannedBooking, zone: ZoneInfo) -> dict[str, Any]:
    record = one.record
    return {
        "source": record.source,
        "booking_id": record.booking_id,
        "status": record.status,
        "object": record.object_id,
        "start": None if record.start is None else utc_text(record.start),
        "end": None if record.end is None else utc_text(record.end),
        "time_zone": zone.key,
        "had_access": one.had_access,
        "today": _outcome_object(one.today, zone),
        "changed": _outcome_object(one.changed, zone),
    }


def _outcome_object(outcome: Outcome, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "state": outcome.state.value,
        "reason": outcome.reason,
        "failure": None if outcome.failure is None else outcome.failure.code,
        "calls": [_call_object(call, zone) for call in outcome.calls],
    }


def _call_object(call: RehearsedCall, zone: ZoneInfo) -> dict[str, Any]:
    match call:
        case CreateCall():
            return {
                "call": "create",
                "integration": call.through.integration,
                "client_id": call.through.client_id,
                "site_id": call.site_id,
                "display_name": call.display_name,
                "doors": [{"name": name, "id": component_id} for name, component_id in call.doors],
                "valid_from": utc_text(call.window.valid_from),
                "valid_to": utc_text(call.window.valid_to),
                "local_from": _wall(call.window.valid_from, zone),
                "local_to": _wall(call.window.valid_to, zone),
                "emails": len(call.emails),
                "sms": len(call.phone_numbers),
            }
        case RevokeCall():
            return {
                "call": "revoke",
                "integration": call.through.integration,
                "client_id": call.through.client_id,
                "site_id": call.site_id,
                "authorization_id": call.authorization_id,
            }
        case WriteFieldCall():
            return {"call": "write_field", "field": call.field, "value": call.value}


def _failure_object(one: PlannedBooking) -> dict[str, Any]:
    failure = one.changed.failure
    assert failure is not None
    return {
        "source": one.record.source,
        "booking_id": one.record.booking_id,
        "code": failure.code,
        "message": failure.message,
        "remedy": failure.remedy,
        "today_as_well": _same_failure(one),
    }
