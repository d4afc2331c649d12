"""What an environment keeps. Records are frozen: a change puts a new one in the place of the old."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

__all__ = ["BookingRecord", "CustomerRecord", "HookRecord", "ObjectRecord", "Status"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A booking status: its code, its name, and a color of the palette."""

    code: str
    name: str
    color: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRecord:
    """Something that can be booked."""

    id: str
    name: str

    @property
    def short_name(self) -> str:
        """`HALL1` for `Hall 1`: what the key `object` holds."""
        return self.name.upper().replace(" ", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRecord:
    """Somebody who books. `tel_mob` is kept as it was typed in."""

    id: str
    lastname: str
    initials: str = ""
    email: str = ""
    tel_mob: str = ""

    @property
    def name(self) -> str:
        return f"{self.initials} {self.lastname}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRecord:
    """One booking. Times are UTC; the environment's zone is put on when it is shown."""

    id: str
    object_id: str
    start: datetime
    end: datetime
    status: str
    customer_id: str
    number: int = 1
    remarks: str = ""
    price: str = "12.50"
    external_id: str = ""
    fields: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRecord:
    """A webhook. `json` decides only the header of a delivery; its body is JSON either way."""

    id: str
    event: str
    target_url: str
    json: bool = True
    active: bool = True
    note: str = ""
