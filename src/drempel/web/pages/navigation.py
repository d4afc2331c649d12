"""Where the header leads: only to pages that are there."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

__all__ = ["Entry", "entries"]


class Entry(NamedTuple):
    """One item. `name` is what a page calls itself (`here`); its word stands in `base.html`."""

    name: str
    path: str
    administrator_only: bool = False


EVERY: Final = (
    Entry("today", "/today"),
    Entry("bookings", "/bookings"),
    Entry("needs", "/needs"),
    Entry("integrations", "/integrations"),
    Entry("sources", "/sources"),
    Entry("setup", "/setup"),
    Entry("people", "/people", administrator_only=True),
)


def entries(addresses: Collection[str], *, is_administrator: bool) -> list[Entry]:
    """The items of this reader. The read-only set-up is left out where the pages are that change it."""
    return [
        entry
        for entry in EVERY
        if entry.path in addresses
        and (is_administrator or not entry.administrator_only)
        and not (entry.name == "setup" and "/integrations" in addresses)
    ]
