"""Changes that were shown and are not saved yet. They live in this process alone, for a quarter of an hour: a secret that was typed stands in no page.

A draft that is gone (another process, a restart, too late) is told as such; nothing was changed then.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from drempel.domain.rights import Right
from drempel.engine.probing import ResivoProbe, SourceProbe
from drempel.engine.setup import Setup
from drempel.web.pages.ahead import Names

__all__ = ["Draft", "Drafts"]

DRAFTS_MAX: Final = 100
KEPT_SECONDS: Final = 900.0
SETUPS_MAX: Final = 50


@dataclass(slots=True, kw_only=True)
class Draft:
    """One change of one integration or one source."""

    person_id: int
    right: Right
    """What its saving asks for."""
    version: int
    """Of the set-up that the form showed."""
    content: Mapping[str, Any] = field(repr=False)
    """As the set-up file would say it, secrets and all."""
    profile_json: str | None = None
    """A profile of its own, which no file of ours has."""
    back: str
    """The page of the form."""
    then: str
    """Where to go when it is saved."""
    probe: ResivoProbe | SourceProbe | None = None
    names: Names = field(default_factory=dict)
    """Of what the change is about, where its page knows them."""
    typed: Mapping[str, Any] | None = None
    """What stood in the form, where the content alone does not tell it."""
    unseen_object: str = ""
    """It is mapped though no booking had it so far and the booking system does not name it."""
    offline_doors: tuple[str, ...] = ()
    """Of those that were chosen."""
    is_source: bool = False
    issue_existing: bool = False
    turns: Literal["", "on", "off"] = ""
    """The integration, and nothing else of it."""

    @property
    def test_failed(self) -> bool:
        return self.probe is not None and not self.probe.went_well

    @property
    def name(self) -> str:
        return str(self.content["name"])


class Drafts:
    """By an unguessable token; and the set-ups that forms were filled from, to say what changed meanwhile."""

    def __init__(self, *, monotonic: Callable[[], float], draw_token: Callable[[], str]) -> None:
        self._monotonic = monotonic
        self._draw_token = draw_token
        self._drafts: OrderedDict[str, tuple[float, Draft]] = OrderedDict()
        self._setups: OrderedDict[int, Setup] = OrderedDict()

    def put(self, draft: Draft) -> str:
        token = self._draw_token()
        self._drafts[token] = (self._monotonic(), draft)
        while len(self._drafts) > DRAFTS_MAX:
            self._drafts.popitem(last=False)
        return token

    def of(self, token: str, *, person_id: int) -> Draft | None:
        """The draft, for who made it and for nobody else."""
        made_at, draft = self._drafts.get(token, (float("-inf"), None))
        if draft is None or draft.person_id != person_id or self._monotonic() - made_at > KEPT_SECONDS:
            return None
        return draft

    def drop(self, token: str) -> None:
        self._drafts.pop(token, None)

    def remember(self, setup: Setup) -> None:
        self._setups[setup.version] = setup
        self._setups.move_to_end(setup.version)
        while len(self._setups) > SETUPS_MAX:
            self._setups.popitem(last=False)

    def setup_of(self, version: int) -> Setup | None:
        return self._setups.get(version)
