"""Bookings as a person reads them on a terminal. What came from outside is stripped of characters that could steer the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from drempel.domain.access import BookingState
from drempel.domain.events import EVENT_TYPES
from drempel.domain.help import docs_page
from drempel.domain.retention import why_held
from drempel.engine.booking_object import booking_object, utc_text
from drempel.engine.levers import receipt_text
from drempel.engine.offline_doors import OfflineDoors
from drempel.engine.receipts import WAITS, Receipt
from drempel.engine.records import BookingView

__all__ = ["harmless", "list_lines", "list_table", "receipt_line", "why_lines"]

HISTORY_SHOWN: Final = 15
STATE_STYLES: Final = {
    BookingState.NEEDS_PERSON: "bold red",
    BookingState.REVOKING: "yellow",
    BookingState.PENDING: "yellow",
    BookingState.GRANTED: "green",
}
COLUMNS: Final = ("source", "booking", "state", "status", "object", "starts", "next try", "why")


_TimeText = Callable[[datetime | None], str]


def list_lines(view: BookingView) -> str:
    """One booking with tabs between, times in UTC."""
    return "\t".join(_cells(view, lambda at: "" if at is None else utc_text(at)))


def list_table(views: Sequence[BookingView]) -> None:
    """A table on standard output, times in UTC."""
    from rich.console import Console  # noqa: PLC0415  # only at a terminal
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in COLUMNS:
        table.add_column(column, no_wrap=column != "why", overflow="fold")
    for view in views:
        style = STATE_STYLES.get(view.record.state, "")
        cells = _cells(view, lambda at: "" if at is None else f"{at:%Y-%m-%d %H:%M}")
        table.add_row(
            *(Text(cell, style=style if column == "state" else "") for column, cell in zip(COLUMNS, cells, strict=True))
        )
    console = Console()
    console.print(table)
    console.print(
        f"{len(views)} booking{'' if len(views) == 1 else 's'}, times in UTC; `drempel why SOURCE BOOKING` explains one",
        style="dim",
    )


def _cells(view: BookingView, time: _TimeText) -> tuple[str, ...]:
    record = view.record
    why = record.failure.code if record.failure is not None else record.reason
    plain = (record.source, record.booking_id, record.state.value, record.status or "", record.object_id or "")
    return (*map(harmless, plain), time(record.start), time(record.next_at), harmless(why))


def why_lines(view: BookingView, *, looks: Sequence[OfflineDoors], time_zone: str) -> Iterator[str]:
    """One screen. Times in UTC; those of the booking also on the wall clock of its source."""
    record, shown = view.record, booking_object(view, looks=looks)
    zone = ZoneInfo(time_zone)
    yield f"Booking {harmless(record.booking_id)} of {record.source}: {record.state.value}"
    if record.reason:
        yield f"  reason    {harmless(record.reason)}"
    if record.status is not None:
        named = f" ({harmless(record.object_name)})" if record.object_name else ""
        yield f"  status    {harmless(record.status)}, object {harmless(record.object_id or '?')}{named}"
    if record.start is not None and record.end is not None:
        yield f"  booked    {_span(record.start, record.end)}  =  {_span(record.start.astimezone(zone), record.end.astimezone(zone))}"
    if shown["window"] is not None:
        yield f"  window    {shown['window']['valid_from']} to {shown['window']['valid_to']}"
    for one in shown["authorization_sets"]:
        yield from _access_lines(one)
    if shown["ready"] is not None:
        yield f"  ready     {_ready_text(shown['ready'])}"
    if record.failure is not None:
        yield f"  failure   {record.failure.code}: {harmless(record.failure.message)}"
        yield f"  to do     {harmless(record.failure.remedy)}"
        yield f"  help      {docs_page(record.failure.code)}"
    yield from _erasing_lines(view)
    yield f"  next try  {shown['next_attempt_at'] or 'none planned'}"
    if len(view.history) > HISTORY_SHOWN:
        yield f"  history   {len(view.history) - HISTORY_SHOWN} earlier; --json shows all"
    for event in view.history[-HISTORY_SHOWN:]:
        data = " ".join(f"{key}={harmless(value)}" for key, value in event.data.items())
        yield f"  {event.at:%Y-%m-%d %H:%M:%S}  {EVENT_TYPES[event.type]}  [{event.type}{' ' + data if data else ''}]"


def _access_lines(one: Mapping[str, Any]) -> Iterator[str]:
    exposed = f"  could open for {one['exposure_seconds']:g} s too long" if one["exposure_seconds"] else ""
    told = harmless(f"{one['id'] or 'no id yet'}  at site {one['site_id']}  {one['display_name']}")
    yield f"  access    {one['state']:<9} {told}{exposed}"
    for door in one["offline_doors"]:
        yield f"  offline   {harmless(door['name'])}: Resivo cannot reach it; so since {door['since']}, last seen {door['seen']}"


def _erasing_lines(view: BookingView) -> Iterator[str]:
    record = view.record
    if record.erase_ordered_at is not None:
        held = why_held(view.sets)
        waits = WAITS[held] if held is not None else "it is erased within a minute"
        yield f"  erasing   ordered {utc_text(record.erase_ordered_at)}; {waits}"
    if record.erased_at is not None:
        yield f"  erased    {utc_text(record.erased_at)}; what is left is what safety needs"


def receipt_line(receipt: Receipt) -> str:
    """One receipt with tabs between, times in UTC."""
    erased = "waits" if receipt.erased_at is None else f"erased {utc_text(receipt.erased_at)}"
    told = "" if receipt.erased_at is None else harmless(receipt_text(receipt))
    by = f"ordered {utc_text(receipt.ordered_at)} by {harmless(receipt.ordered_by)}"
    return "\t".join((str(receipt.number), receipt.source, harmless(receipt.booking_id), by, erased, told)).rstrip()


def _ready_text(ready: Mapping[str, Any]) -> str:
    differs = [
        f"{one['field']}{' (' + harmless(', '.join(one['names'])) + ')' if one['names'] else ''}" for one in ready["differs"]
    ]
    verdict: str = ready["verdict"].replace("_", " ")
    return ": ".join((verdict, ", ".join(differs))) if differs else verdict


def _span(start: datetime, end: datetime) -> str:
    last = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{start:%Y-%m-%d %H:%M} - {last} {start:%Z}"


def harmless(text: str) -> str:
    """Without tabs, line ends and escape sequences."""
    return "".join(character if character.isprintable() else "�" for character in text)
