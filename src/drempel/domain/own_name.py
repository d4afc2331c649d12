"""The names that we give, read back. Strictly from their end: what merely contains our marker is somebody else's.

    Hall 1 · dr-k3v9q2xa-club-1363-2
    readable  proof: marker, source, booking id, number

The readable part is the booking system's, and hostile: it may itself look like a proof. The proof holds no blank, so only the last one counts,
and it must reach to the end of the name. A person in the portal can type any name; one that is not wholly of our form is never touched
(design, promise 4). Source names and booking ids may hold hyphens, so where one ends and the other begins is known only beside the sources that
are set up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from drempel.domain.values import value

__all__ = ["OwnName", "is_named", "proof_of", "read_own_name"]

_OWN: Final = re.compile(r"(?:.* · )?dr-(?P<marker>[a-z0-9]+)-(?P<whose>[A-Za-z0-9_.:-]+)-(?P<number>[1-9][0-9]{0,17})")
_BOOKING_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@value(frozen=True, slots=True, kw_only=True)
class OwnName:
    """A name of our form. Whether it is ours is the marker's to say."""

    marker: str
    whose: str
    """Source and booking id with a hyphen between."""
    number: int

    def bookings(self, sources: Iterable[str]) -> list[tuple[str, str]]:
        """(source, booking id) for each of these sources whose name it may begin with; more than one only where names are unlucky."""
        return [
            (source, self.whose[len(source) + 1 :])
            for source in sorted(sources)
            if self.whose.startswith(f"{source}-") and _BOOKING_ID.fullmatch(self.whose[len(source) + 1 :])
        ]


def read_own_name(name: str) -> OwnName | None:
    """The parts of a name of our form; None for any other."""
    found = _OWN.fullmatch(name)
    if found is None or not name.isprintable():
        return None
    return OwnName(marker=found["marker"], whose=found["whose"], number=int(found["number"]))


def proof_of(name: str) -> str:
    """The part of a name of our form that proves that it is ours; any other name as it is."""
    own = read_own_name(name)
    return name if own is None else f"dr-{own.marker}-{own.whose}-{own.number}"


def is_named(shown: str, *, recorded: str) -> bool:
    """Whether what Resivo shows is the name in our record, of which an erased booking kept the proof alone."""
    return shown == recorded or proof_of(shown) == recorded
