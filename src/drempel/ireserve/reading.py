"""Answers of i-Reserve turned into models. Both shapes of a booking are read; what cannot be read is named, never guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from drempel.ireserve.errors import BookingUnreadable, Reason, Unreadable
from drempel.ireserve.json_values import NotJson, is_empty, parse_json, text_of, usable_id
from drempel.ireserve.models import BookedObject, Booking, BookingFields, Customer, FilterRow
from drempel.ireserve.times import TimeRefused, read_date_and_time, read_iso_time

__all__ = [
    "ReadingRules",
    "read_booking",
    "read_booking_fields",
    "read_customer",
    "read_filter_rows",
    "read_hook_id",
    "read_object",
]

BOOKING_WRAPPERS: Final = ("booking", "data", "reservation")
ROW_WRAPPERS: Final = ("data", "results")
ROW_ID_KEYS: Final = ("RES_ID_raw", "RES_ID", "res_id")
NAME_LENGTH_MAX: Final = 500
EMAIL_LENGTH_MAX: Final = 320
"""RFC 5321 allows 64 + 1 + 255; a longer text is no address, and half an address would be somebody else's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRules:
    """What an environment's administrator knows and its answers do not say."""

    zone: ZoneInfo
    status_codes_by_name: Mapping[str, str] = field(default_factory=dict)
    """For answers that name a status and give no code. Names are compared without regard to case."""
    object_ids_by_name: Mapping[str, str] = field(default_factory=dict)
    """The same for answers that name an object and give no id."""


def read_booking(body: bytes, *, booking_id: str, rules: ReadingRules) -> Booking:
    """The booking that was asked for, bare or wrapped, field-list or legacy shape. Raises `BookingUnreadable`."""
    answer = _booking_answer(body, booking_id=booking_id)
    status_code = _code_or_name(answer, code="status_code", names=("status",), known=rules.status_codes_by_name)
    try:
        start = _moment(answer, iso="date_from", date="fromdate", time="fromtime", zone=rules.zone)
        end = _moment(answer, iso="date_till", date="tilldate", time="tilltime", zone=rules.zone)
        if end <= start:
            raise BookingUnreadable(field="date_till", reason=Reason.ENDS_BEFORE_START)
        object_id = _code_or_name(answer, code="object_id", names=("object", "object_desc"), known=rules.object_ids_by_name)
    except BookingUnreadable as problem:
        problem.status_code = status_code
        raise
    return Booking(
        id=booking_id,
        object_id=object_id,
        object_name=_name(answer, "object_desc") or _name(answer, "object"),
        status_code=status_code,
        status_name=_name(answer, "status"),
        start=start,
        end=end,
        customer_id=_optional_id(answer.get("customer_id")),
        customer_name=_name(answer, "customer"),
        email=_email(answer),
        fields=BookingFields(answer),
    )


def read_booking_fields(body: bytes, *, booking_id: str) -> BookingFields:
    """Only the booking fields, for reading back: whatever else of the booking cannot be read does not matter here."""
    return BookingFields(_booking_answer(body, booking_id=booking_id))


CUSTOMER_KEYS: Final = frozenset({"customer_id", "id", "email", "tel_mob", "tel_mob_raw", "lastname", "initials"})


def read_customer(body: bytes, *, customer_id: str) -> Customer:
    """The customer that was asked for. Which keys come depends on the environment: a missing one is empty. An answer with none of them is about
    something else, and says nothing of how a visitor can be reached.
    """
    answer = _object(body, wrappers=("customer", "data"), keys=("customer_id", "id"), operation="read_customer")
    if not CUSTOMER_KEYS & answer.keys():
        raise Unreadable("read_customer", field="customer_id", reason=Reason.MISSING)
    for key in ("customer_id", "id"):
        if not is_empty(answer.get(key)):
            if usable_id(answer[key]) != customer_id:
                raise Unreadable("read_customer", field=key, reason=Reason.OTHER_ID)
            break
    return Customer(
        id=customer_id,
        email=_email(answer),
        initials=_name(answer, "initials"),
        lastname=_name(answer, "lastname"),
        tel_mob=_name(answer, "tel_mob_raw") or _name(answer, "tel_mob"),
    )


def read_object(body: bytes, *, object_id: str) -> BookedObject:
    """The object that was asked for."""
    answer = _object(body, wrappers=("object", "data"), keys=("id",), operation="read_object")
    if usable_id(answer.get("id")) != object_id:
        raise Unreadable("read_object", field="id", reason=Reason.OTHER_ID)
    return BookedObject(id=object_id, name=_name(answer, "desc") or _name(answer, "long_desc"))


def read_filter_rows(body: bytes, *, columns: Sequence[str]) -> list[FilterRow | None]:
    """One entry per row of the page; None for a row whose booking id cannot be read."""
    document = _parsed(body, operation="filter_bookings")
    if isinstance(document, Mapping):
        document = next((document[key] for key in ROW_WRAPPERS if key in document), None)
    if not isinstance(document, list):
        raise Unreadable("filter_bookings", field="answer", reason=Reason.NOT_ROWS)
    return [_filter_row(row, columns=columns) for row in document]


def read_hook_id(body: bytes) -> str | None:
    """The id of a hook that was just registered: `id`, else the last step of `Location`. None if neither can be read."""
    try:
        document = parse_json(body)
    except NotJson:
        return None
    if not isinstance(document, Mapping):
        return None
    location = document.get("Location")
    tail = location.rstrip("/").rpartition("/")[2] if isinstance(location, str) else None
    return usable_id(document.get("id")) or usable_id(tail)


def _booking_answer(body: bytes, *, booking_id: str) -> Mapping[str, Any]:
    try:
        answer = _object(body, wrappers=BOOKING_WRAPPERS, keys=("id", "booking_id"), operation="read_booking")
    except Unreadable as problem:
        raise BookingUnreadable(field=problem.field, reason=problem.reason) from None
    found = answer.get("booking_id") if is_empty(answer.get("id")) else answer["id"]
    if is_empty(found):
        raise BookingUnreadable(field="id", reason=Reason.MISSING)
    if (found_id := usable_id(found)) is None:
        raise BookingUnreadable(field="id", reason=Reason.NOT_AN_ID)
    if found_id != booking_id:
        raise BookingUnreadable(field="id", reason=Reason.OTHER_ID)
    return answer


def _object(body: bytes, *, wrappers: Sequence[str], keys: Sequence[str], operation: str) -> Mapping[str, Any]:
    """The object in the answer: at the top if it carries one of its id keys there, else inside a known wrapper."""
    document = _parsed(body, operation=operation)
    # What JSON calls an object is a dict here: asked for by that name, it is known at once.
    if isinstance(document, dict):
        for key in keys:
            if key in document:
                return document
        for wrapper in wrappers:
            if isinstance(document.get(wrapper), dict):
                inner: Mapping[str, Any] = document[wrapper]
                return inner
        return document
    raise Unreadable(operation, field="answer", reason=Reason.NOT_AN_OBJECT)


def _parsed(body: bytes, *, operation: str) -> Any:
    try:
        return parse_json(body)
    except NotJson:
        raise Unreadable(operation, field="answer", reason=Reason.NOT_JSON) from None


def _code_or_name(answer: Mapping[str, Any], *, code: str, names: Sequence[str], known: Mapping[str, str]) -> str:
    """The code or id under `code`; else the one that is configured for a name that the answer gives."""
    if not is_empty(answer.get(code)):
        value = answer[code]
        found = usable_id(value.strip() if isinstance(value, str) else value)
        if found is None:
            raise BookingUnreadable(field=code, reason=Reason.NOT_AN_ID)
        return found
    given = [name.casefold() for key in names if (name := _name(answer, key))]
    codes = {name.strip().casefold(): known_code for name, known_code in known.items()}
    for name in given:
        if name in codes:
            return codes[name]
    raise BookingUnreadable(field=code, reason=Reason.NAME_NOT_CONFIGURED if given and known else Reason.MISSING)


def _moment(answer: Mapping[str, Any], *, iso: str, date: str, time: str, zone: ZoneInfo) -> datetime:
    """An ISO time where one came; only where none came, a date and a time of day beside each other."""
    try:
        if not is_empty(answer.get(iso)):
            return read_iso_time(_time_text(answer, iso), zone=zone)
        iso = date
        for key in (date, time):
            if is_empty(answer.get(key)):
                raise BookingUnreadable(field=key, reason=Reason.MISSING)
        return read_date_and_time(_time_text(answer, date), _time_text(answer, time), zone=zone)
    except TimeRefused as refused:
        raise BookingUnreadable(field=iso, reason=refused.reason) from None


def _time_text(answer: Mapping[str, Any], key: str) -> str:
    value = answer[key]
    if not isinstance(value, str):
        raise BookingUnreadable(field=key, reason=Reason.NOT_A_TIME)
    return value


def _optional_id(value: object) -> str | None:
    """None also for 0, which i-Reserve writes where nothing is linked."""
    found = usable_id(value)
    return None if found == "0" else found


def _name(answer: Mapping[str, Any], key: str) -> str:
    return (text_of(answer.get(key)) or "")[:NAME_LENGTH_MAX]


def _email(answer: Mapping[str, Any]) -> str:
    value = answer.get("email")
    email = (text_of(value) or "") if isinstance(value, str) else ""
    return email if len(email) <= EMAIL_LENGTH_MAX else ""


def _filter_row(row: object, *, columns: Sequence[str]) -> FilterRow | None:
    if not isinstance(row, Mapping):
        return None
    booking_id = next((found for key in ROW_ID_KEYS if (found := usable_id(row.get(key))) is not None), None)
    if booking_id is None:
        return None
    return FilterRow(booking_id=booking_id, values=tuple(_column(row, name) for name in columns))


def _column(row: Mapping[str, Any], name: str) -> str:
    raw = row.get(f"{name}_raw")
    return text_of(row.get(name) if raw is None else raw) or ""
