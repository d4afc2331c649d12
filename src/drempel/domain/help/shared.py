"""Sentences that several failures share."""

from __future__ import annotations

from typing import Final

__all__ = [
    "DETAIL_TELLS",
    "GOES_AWAY",
    "LEAVES_THE_LIST",
    "LINK_WORKS",
    "LOOKS_AGAIN",
    "NOBODY_HEARS",
    "NOTICE_GOES",
    "NO_ACCESS_YET",
    "ONLY_THE_MISFIT_GOES",
    "PORTAL_NAME",
    "PROBES",
    "RETRIES",
    "STANDING_STAYS",
    "SUPPLIER",
    "TAKE_AWAY",
    "TRY_NOW",
]

# --- what to do
DETAIL_TELLS: Final = "Read what stands behind “Detail” or “Word for word”."
TRY_NOW: Final = "When it is put right, press “Try again now” on the page of the booking, or wait: Drempel finds out by itself."
TAKE_AWAY: Final = "Has somebody cancelled meanwhile? “Take access away” on the page of the booking works all the same."
PORTAL_NAME: Final = (
    "Open the page of the booking: each access stands there with its name, in which dr- and the number of the booking stand. "
    "Look for that name in the Resivo portal, under Access."
)
SUPPLIER: Final = "If it stays for an hour, show what stands behind “Detail” or “Word for word” to whoever supplies that system."

# --- what Drempel does
RETRIES: Final = "Drempel tries again by itself, after growing pauses of at most a quarter of an hour."
LOOKS_AGAIN: Final = "Drempel looks anew at each hint of the booking system, at each change of the set-up, and each hour."
PROBES: Final = (
    "All calls that it concerns wait. Once in a quarter of an hour one call tries whether it works again; then all go on."
)
STANDING_STAYS: Final = "Access that stands already stays, and ends at Resivo with the time of its booking."
NOBODY_HEARS: Final = (
    "A change or a cancellation in the booking system is not heard until this is over; then it is caught up with."
)
ONLY_THE_MISFIT_GOES: Final = "Access that stands and still fits stays. If the booking has changed since, the old access is taken away, because it opens the wrong door or hour."

# --- what the visitor notices
NO_ACCESS_YET: Final = "The visitor has no message and no door link yet."
LINK_WORKS: Final = "Nothing: the door link works as before."

# --- how it ends
LEAVES_THE_LIST: Final = "The booking leaves the list of what needs a person, and its page says how it stands now."
GOES_AWAY: Final = "The sentence is gone from the page of the booking after the next try that succeeds."
NOTICE_GOES: Final = "The notice is gone from “Today” and “Needs a person” after the next call that is answered; so is the sentence on the pages of bookings."
