"""Switches: how this Resivo differs from the one that the profile describes, until they are set back."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, PositiveInt

__all__ = ["Quirks"]


class Quirks(BaseModel):
    """All off by default. A value of the wrong kind is refused."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    token_lifetime_seconds: NonNegativeFloat = 3600.0
    """What `expires_in` says."""
    token_without_lifetime: bool = False
    """`expires_in` is missing in the answer; the token lives as long as ever."""
    token_ends_after_seconds: NonNegativeFloat | None = None
    """The token really ends then, whatever `expires_in` said."""

    list_missing: Literal[404, 405] | None = None
    list_ignores_display_name: bool = False
    list_page_size_cap: PositiveInt | None = None
    list_reversed: bool = False
    status_word: str | None = None
    """Answered in place of every authorization's status."""
    extra_keys: bool = False
    credentials_missing: bool = False
    online_missing: bool = False
    error_body: Literal["json", "oauth", "empty", "html"] = "json"
    """The shape of every refusal; `oauth` concerns the token endpoint alone."""
    paths_refused: Literal["prefixed", "unprefixed"] | None = None
    """Which form of a path answers 404: with a version in front, or without. The token path is served always."""
    calls_per_second: PositiveInt | None = None
    """More of them in one second of the simulator's clock are answered with 429 and Retry-After."""
