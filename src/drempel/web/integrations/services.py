"""What the pages of the set-up stand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drempel.engine.errands import Errands
from drempel.engine.insight import Insight
from drempel.engine.levers import Levers
from drempel.engine.ports import Clock
from drempel.engine.probing import Prober
from drempel.engine.records import Records
from drempel.engine.replace_rehearsal import Replacements
from drempel.engine.trail import Trail

__all__ = ["SetUpServices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpServices:
    """Ports and callables; the composition root hands them in."""

    records: Records
    levers: Levers
    insight: Insight
    trail: Trail
    prober: Prober
    replacements: Replacements
    errands: Errands
    clock: Clock
    public_url: str
    """Stands in front of hook addresses."""
    draw_token: Callable[[], str]
    """Something that nobody can guess."""
