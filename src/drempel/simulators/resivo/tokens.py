"""Bearer tokens: opaque, of one credential, with an end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from drempel.simulators.resivo.identities import Identities
from drempel.simulators.resivo.records import Credential

__all__ = ["Tokens"]

SWEEP_ABOVE: Final = 1_000


class Tokens:
    """Those that were given out and have not ended."""

    def __init__(self, identities: Identities) -> None:
        self._identities = identities
        self._given: dict[str, tuple[Credential, datetime]] = {}

    def __len__(self) -> int:
        return len(self._given)

    def issue(self, credential: Credential, *, now: datetime, seconds: float) -> str:
        if len(self._given) > SWEEP_ABOVE:
            self._given = {text: given for text, given in self._given.items() if given[1] > now}
        text = f"sim.{self._identities.secret()}"
        self._given[text] = (credential, now + timedelta(seconds=seconds))
        return text

    def holder(self, text: str, now: datetime) -> Credential | None:
        """Whose token it is, while it lives."""
        given = self._given.get(text)
        return given[0] if given is not None and now < given[1] else None

    def end_all(self) -> None:
        """Every token that was given out is refused from now on."""
        self._given.clear()
