"""Between rows and what the engine speaks of. A test holds it to every field of both sides."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, cast

from sqlalchemy import Row

from drempel.adapters.store.times import EPOCH, MICROSECOND, from_microseconds, microseconds, microseconds_of
from drempel.domain.access import AuthorizationSet, BookingState, Facts, Intent, SetState
from drempel.domain.events import EVENT_TYPES, Event
from drempel.domain.failures import CATALOGUE, Failure, Next
from drempel.domain.verdict import Field, ReadBack, Verdict
from drempel.domain.window import AccessWindow
from drempel.engine.ports import BookingRecord, DoorsInUse

__all__ = [
    "LEVER_COLUMNS",
    "RECORD_COLUMNS",
    "SET_COLUMNS",
    "doors_of",
    "dump",
    "event_of",
    "event_values",
    "record_of",
    "record_values",
    "set_of",
    "set_values",
]

LEVER_COLUMNS: Final = (
    "hinted",
    "told_at",
    "withheld",
    "existing",
    "retry_ordered",
    "overwrite_value",
)
"""What hints and people write while a worker is at the booking: a worker writes these only if nobody else did meanwhile."""

_PLAIN_COLUMNS: Final = (
    "status",
    "object_id",
    "object_name",
    "reason",
    "facts_seen",
    "tries",
    "recheck_soon_at",
    "recheck_late_at",
    "reread_at",
    "gone_at",
    "gone_confirmed",
    "last_number",
    "field_written",
    "field_seen",
    "waiting_for",
    "not_ready",
    "warned",
    *LEVER_COLUMNS,
    "next_at",
)
RECORD_COLUMNS: Final = (
    "source",
    "booking_id",
    *_PLAIN_COLUMNS,
    "starts_at",
    "ends_at",
    "state",
    "failure_code",
    "failure_params",
    "failure_next",
)
SET_COLUMNS: Final = (
    "number",
    "integration",
    "connection_id",
    "policy_version",
    "display_name",
    "site_id",
    "valid_from",
    "valid_to",
    "intent",
    "state",
    "authorization_id",
    "maybe_sent",
    "revoked_at",
    "details",
    "doors",
)

_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def dump(value: object) -> str:
    """Compact JSON."""
    return _encode(value)


def record_values(record: BookingRecord) -> dict[str, Any]:
    """The columns of a record, apart from what names the booking."""
    failure = record.failure
    values: dict[str, Any] = {name: getattr(record, name) for name in _PLAIN_COLUMNS}
    values["starts_at"] = record.start
    values["ends_at"] = record.end
    values["state"] = record.state.value
    values["failure_code"] = failure.code if failure is not None else None
    values["failure_params"] = dump(dict(failure.params)) if failure is not None else None
    values["failure_next"] = failure.next_step.value if failure is not None and failure.next_step is not None else None
    return values


def record_of(row: Row[Any]) -> BookingRecord:
    """The record in a row that has `RECORD_COLUMNS`."""
    values = cast("Mapping[str, Any]", row._mapping)  # noqa: SLF001  # public in spite of its name
    return BookingRecord(
        source=values["source"],
        booking_id=values["booking_id"],
        start=values["starts_at"],
        end=values["ends_at"],
        state=BookingState(values["state"]),
        failure=_failure_of(values),
        **{name: values[name] for name in _PLAIN_COLUMNS},
    )


def _failure_of(values: Mapping[str, Any]) -> Failure | None:
    code = values["failure_code"]
    if code is None:
        return None
    if code not in CATALOGUE:
        # Written by another version of Drempel; the booking is decided anew at its next turn.
        return Failure("internal.error", {"detail": f"unknown failure {code}"})
    step = values["failure_next"]
    return Failure(code, json.loads(values["failure_params"]), Next(step) if step is not None else None)


def set_values(each: AuthorizationSet) -> dict[str, Any]:
    """The columns of a set, apart from the booking's key."""
    intent, facts = each.intent, each.facts
    return {
        "number": each.number,
        "integration": each.integration,
        "connection_id": each.connection_id,
        "policy_version": each.policy_version,
        "display_name": each.display_name,
        "site_id": intent.site_id,
        "valid_from": intent.window.valid_from,
        "valid_to": intent.window.valid_to,
        "intent": dump(
            {
                "component_ids": intent.component_ids,
                "component_names": intent.component_names,
                "recipients": intent.recipients,
                "maybe_dropped": sorted(intent.maybe_dropped),
                "adds_dropped": intent.adds_dropped,
            }
        ),
        "state": each.state.value,
        "authorization_id": each.authorization_id,
        "maybe_sent": each.maybe_sent,
        "revoked_at": each.revoked_at,
        "details": dump(
            {
                "facts": {
                    "object_id": facts.object_id,
                    "start": microseconds(facts.start),
                    "end": microseconds(facts.end),
                    "email": facts.email,
                    "mobile": facts.mobile,
                    "default_country": facts.default_country,
                },
                "look_at": microseconds_of(each.look_at),
                "looks": each.looks,
                "ever_unknown": each.ever_unknown,
                "watch_step": each.watch_step,
                "watch_at": microseconds_of(each.watch_at),
                "dropped_ids": sorted(each.dropped_ids),
                "revoke_reason": each.revoke_reason,
                "right_ended_at": microseconds_of(each.right_ended_at),
                "sent_at": microseconds_of(each.sent_at),
                "exposure": None if each.exposure is None else each.exposure // MICROSECOND,
                "read_back": None if each.read_back is None else _read_back_values(each.read_back),
                **({"issue_again": True} if each.issue_again else {}),
            }
        ),
        "doors": dump([intent.component_ids, intent.component_names, sorted(each.dropped_ids), intent.adds_dropped]),
    }


def _read_back_values(read: ReadBack) -> dict[str, Any]:
    return {
        "verdict": read.verdict.value,
        "fields": [field.value for field in read.fields],
        "missing_ids": sorted(read.missing_ids),
        "at": microseconds(read.at),
        "tries": read.tries,
        "again_at": microseconds_of(read.again_at),
    }


def _read_back_of(values: Mapping[str, Any] | None) -> ReadBack | None:
    if values is None:
        return None
    return ReadBack(
        verdict=Verdict(values["verdict"]),
        fields=tuple(Field(field) for field in values["fields"]),
        missing_ids=frozenset(values["missing_ids"]),
        at=EPOCH + values["at"] * MICROSECOND,
        tries=values["tries"],
        again_at=from_microseconds(values["again_at"]),
    )


def doors_of(doors: str) -> DoorsInUse:
    """What the column `doors` tells: derived from a set's intent and details, to be found without reading every set."""
    component_ids, component_names, dropped_ids, adds_dropped = json.loads(doors)
    return DoorsInUse(
        key=doors,
        component_ids=frozenset(component_ids),
        component_names=tuple(component_names),
        dropped_ids=frozenset(dropped_ids),
        adds_dropped=adds_dropped,
    )


def set_of(row: Row[Any]) -> AuthorizationSet:
    """The set in a row that has `SET_COLUMNS`."""
    intent: Mapping[str, Any] = json.loads(row.intent)
    details: Mapping[str, Any] = json.loads(row.details)
    facts: dict[str, Any] = details["facts"]
    return AuthorizationSet(
        number=row.number,
        integration=row.integration,
        connection_id=row.connection_id,
        policy_version=row.policy_version,
        display_name=row.display_name,
        intent=Intent(
            site_id=row.site_id,
            component_ids=tuple(intent["component_ids"]),
            component_names=tuple(intent["component_names"]),
            window=AccessWindow(valid_from=row.valid_from, valid_to=row.valid_to),
            recipients=intent["recipients"],
            maybe_dropped=frozenset(intent["maybe_dropped"]),
            adds_dropped=intent["adds_dropped"],
        ),
        facts=Facts(**{**facts, "start": from_microseconds(facts["start"]), "end": from_microseconds(facts["end"])}),
        state=SetState(row.state),
        authorization_id=row.authorization_id,
        maybe_sent=row.maybe_sent,
        look_at=from_microseconds(details["look_at"]),
        looks=details["looks"],
        ever_unknown=details["ever_unknown"],
        watch_step=details["watch_step"],
        watch_at=from_microseconds(details["watch_at"]),
        dropped_ids=frozenset(details["dropped_ids"]),
        revoke_reason=details["revoke_reason"],
        right_ended_at=from_microseconds(details["right_ended_at"]),
        revoked_at=row.revoked_at,
        # An older version of Drempel did not write these.
        sent_at=from_microseconds(details.get("sent_at")),
        exposure=None if details.get("exposure") is None else details["exposure"] * MICROSECOND,
        read_back=_read_back_of(details.get("read_back")),
        issue_again=details.get("issue_again", False),
    )


def event_values(event: Event) -> dict[str, Any]:
    """The columns of an event, apart from the booking's key."""
    return {"at": event.at, "type": event.type, "data": dump(dict(event.data))}


def event_of(row: Row[Any]) -> Event | None:
    """The event in a row; None for a type that only another version of Drempel knows."""
    return Event(at=row.at, type=row.type, data=json.loads(row.data)) if row.type in EVENT_TYPES else None
