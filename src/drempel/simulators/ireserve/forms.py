"""Forms of the panel: text of a browser in, values out, or a sentence that says what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Final, TypeVar

from starlette.datastructures import FormData
from starlette.requests import Request

from drempel.simulators.ireserve.state import State

__all__ = ["Form", "read_form"]

TEXT_LENGTH_MAX: Final = 200
SHOWN_AGAIN_MAX: Final = 2_000
FIELDS_MAX: Final = 30
YEARS: Final = (1971, 2998)
Moment = TypeVar("Moment", date, time)


async def read_form(request: Request) -> Form:
    return Form(await request.form(max_files=0, max_fields=FIELDS_MAX))


class Form:
    """One form that was sent in."""

    def __init__(self, data: FormData) -> None:
        self._data = data

    def text(self, name: str, *, label: str = "", length_max: int = TEXT_LENGTH_MAX) -> str:
        """What was typed, without spaces around it. With a `label` something must have been typed."""
        value = self._data.get(name)
        text = value.strip().encode(errors="replace").decode() if isinstance(value, str) else ""
        if len(text) > length_max:
            raise ValueError(f"{label or name}: at most {length_max} characters.")
        if label and not text:
            raise ValueError(f"{label} is missing.")
        return text

    def values(self) -> dict[str, str]:
        """Everything as it was typed, to show it again."""
        return {
            name: value.encode(errors="replace").decode()[:SHOWN_AGAIN_MAX]
            for name, value in self._data.items()
            if isinstance(value, str)
        }

    def number(self, name: str, *, label: str) -> int:
        text = self.text(name, label=label)
        if not (text.isascii() and text.isdigit() and len(text) <= 6):
            raise ValueError(f"{label} is a whole number.")
        return int(text)

    def times(self, state: State) -> tuple[datetime, datetime]:
        """Start and end, of a day and two times of day. An end that is not later than the start is on the next day."""
        day = _read(date.fromisoformat, self.text("day", label="Day"), "Day", "2026-08-26")
        start = _read(time.fromisoformat, self.text("from", label="From"), "From", "10:00")
        end = _read(time.fromisoformat, self.text("till", label="Till"), "Till", "12:00")
        if not YEARS[0] <= day.year <= YEARS[1]:
            raise ValueError(f"Day lies between {YEARS[0]} and {YEARS[1]}.")
        last_day = day if end > start else day + timedelta(days=1)
        return state.instant(_wall(day, start)), state.instant(_wall(last_day, end))


def _wall(day: date, at: time) -> datetime:
    return datetime.combine(day, at.replace(tzinfo=None, second=0, microsecond=0))


def _read(read: Callable[[str], Moment], text: str, label: str, example: str) -> Moment:
    try:
        return read(text)
    except ValueError:
        raise ValueError(f"{label} looks like {example}.") from None
