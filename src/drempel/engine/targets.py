"""What an outside call goes to: the keys of what holds it back, and of what its refusal pauses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["SILENCE", "Target", "credential_target", "site_target", "source_target"]

SILENCE: Final = "silence"
"""What a key begins with under which stands since when nothing answers."""


class Target:
    """What a call goes to: the keys of the pauses that hold it back, and the key that each refusal pauses."""

    def __init__(self, *, credential: str, site: str | None, names: Mapping[str, str]) -> None:
        self.credential = credential
        self.site = site
        self.throttle = f"throttle:{credential}"
        self.silence = f"{SILENCE}:{credential}"
        """Under this key stands since when nothing answers. It holds nothing back."""
        self.names = dict(names)

    @property
    def keys(self) -> tuple[str, ...]:
        """The pauses that hold this call back."""
        # The throttle first: it is a line to stand in, the others are pauses.
        return (self.throttle, self.credential, self.site) if self.site else (self.throttle, self.credential)

    @property
    def ended_by_saving(self) -> tuple[str, ...]:
        """What saved settings end."""
        return (*self.keys, self.silence)


def source_target(source: str) -> Target:
    """Calls to a booking system."""
    return Target(credential=f"source:{source}", site=None, names={"source": source})


def credential_target(connection_id: int, *, integration: str) -> Target:
    """Calls to Resivo that belong to no site."""
    return Target(credential=f"credential:{connection_id}", site=None, names={"integration": integration})


def site_target(connection_id: int, site_id: str, *, integration: str) -> Target:
    """Calls to one site at Resivo."""
    names = {"integration": integration, "site": site_id}
    return Target(credential=f"credential:{connection_id}", site=f"site:{connection_id}:{site_id}", names=names)
