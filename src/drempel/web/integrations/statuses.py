"""The statuses that a form offers: those with which i-Reserve comes, those that bookings had, and those that the rules name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

__all__ = ["AT_FIRST", "REVOKED_AT_FIRST", "offered"]

AT_FIRST: Final = ("10", "11", "20", "30", "40", "70", "80", "90")
"""The codes of a fresh i-Reserve (its contract, section 4) that a booking of a customer can have; 98 and 99 only mark the planning board."""
REVOKED_AT_FIRST: Final = ("70", "80")
"""Cancelled and rejected: with neither chosen a cancellation would take nothing away."""


def offered(seen: Mapping[str, int], typed: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Each with the number of bookings that have it, in the order of their numbers."""
    ruled: Iterable[str] = [*(typed.get("trigger_statuses") or ()), *(typed.get("revoke_statuses") or ())]
    codes = {*AT_FIRST, *seen, *ruled}
    return [(code, seen.get(code, 0)) for code in sorted(codes, key=lambda code: (not code.isdecimal(), len(code), code))]
