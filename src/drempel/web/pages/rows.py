"""A booking as the templates show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drempel.domain.access import AuthorizationSet
from drempel.domain.window import AccessWindow
from drempel.engine.booking_object import booking_object
from drempel.engine.ports import BookingRecord
from drempel.engine.records import BookingView
from drempel.web.pages.offers import Button, Question, buttons, open_question

__all__ = ["BookingRow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRow:
    """What is kept, with the window that REST shows too, and the buttons."""

    record: BookingRecord
    window: AccessWindow | None
    sets: tuple[AuthorizationSet, ...]
    """Newest first."""
    buttons: tuple[Button, ...]
    question: Question | None

    @classmethod
    def of(cls, view: BookingView) -> BookingRow:
        return cls(
            record=view.record,
            window=_window(booking_object(view)["window"]),
            sets=tuple(sorted(view.sets, key=lambda one: one.number, reverse=True)),
            buttons=buttons(view),
            question=open_question(view),
        )


def _window(of_object: dict[str, Any] | None) -> AccessWindow | None:
    if of_object is None:
        return None
    begin, end = (datetime.fromisoformat(of_object[key]) for key in ("valid_from", "valid_to"))
    return AccessWindow(valid_from=begin, valid_to=end)
