"""Where the header leads: only to pages that are there, and that the reader may see."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

from drempel.domain.rights import Right

__all__ = ["Entry", "entries"]


class Entry(NamedTuple):
    """One item. `name` is what a page calls itself (`here`); its word stands in `words.html`."""

    name: str
    path: str
    right: Right = Right.SEE


EVERY: Final = (
    Entry("today", "/today"),
    Entry("bookings", "/bookings"),
    Entry("needs", "/needs"),
    Entry("integrations", "/integrations", Right.MAPPING),
    Entry("sources", "/sources", Right.SECRETS),
    Entry("setup", "/setup"),
    Entry("people", "/people", Right.PEOPLE),
    Entry("trail", "/trail", Right.PEOPLE),
)


def entries(addresses: Collection[str], rights: Collection[Right]) -> list[Entry]:
    """The items of this reader. The read-only set-up is left out for who may open the pages that change it."""
    open_to_reader = [entry for entry in EVERY if entry.path in addresses and entry.right in rights]
    changes = any(entry.name == "integrations" for entry in open_to_reader)
    return [entry for entry in open_to_reader if not (entry.name == "setup" and changes)]
