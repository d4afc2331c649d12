"""What helps with each failure: one table beside `failures.CATALOGUE`, out of which the pages are drawn. Sentences without blanks, keys of their translation.

A failure without help here, or help without a failure, fails a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drempel.domain.failures import CATALOGUE
from drempel.domain.help.at_resivo import AT_RESIVO
from drempel.domain.help.booking_system import BOOKING_SYSTEM
from drempel.domain.help.doors import DOORS
from drempel.domain.help.shape import Help, HelpPage
from drempel.domain.help.situations import SITUATIONS

__all__ = ["HELP", "SITUATIONS", "Help", "HelpPage", "docs_page"]

_WRITTEN: Final = {**BOOKING_SYSTEM, **DOORS, **AT_RESIVO}
HELP: Final[Mapping[str, Help]] = {code: _WRITTEN[code] for code in CATALOGUE if code in _WRITTEN}
"""By failure code, in the order of the catalogue."""


def docs_page(code: str) -> str:
    """The page of the documentation about a failure, as the repository names it."""
    return f"docs/troubleshooting/{code}.md"
