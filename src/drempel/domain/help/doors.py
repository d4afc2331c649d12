"""Failures of doors and their names, and of Drempel itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drempel.domain.help.shape import Help, HelpPage
from drempel.domain.help.shared import (
    GOES_AWAY,
    LEAVES_THE_LIST,
    LOOKS_AGAIN,
    ONLY_THE_MISFIT_GOES,
    RETRIES,
    STANDING_STAYS,
    TRY_NOW,
)

__all__ = ["DOORS"]

NEW_GET_NOTHING: Final = "Access that stands works. New and changed bookings of this object get no message."

DOORS: Final[Mapping[str, Help]] = {
    "component.missing": Help(
        title="A mapped door is not there any more",
        meaning="The mapping names a door that the site does not have under that name: it was renamed or removed in the Resivo portal, or the name is mistyped. The exact name counts, with case and blanks.",
        steps=(
            "Open the mapping of the integration: the name that no door has is marked, with similar names beside it.",
            "If the door was renamed, take the new name over there. If another door is meant, choose it.",
            "Or give the door its old name in the Resivo portal again.",
            "If the whole list of doors is another, the site is not the one that is meant: look at the site under “Authentication” of the integration.",
        ),
        meanwhile=(LOOKS_AGAIN, ONLY_THE_MISFIT_GOES),
        visitor=NEW_GET_NOTHING,
        over="The mapping marks no name any more, and the bookings of this object leave the list of what needs a person.",
        pages=(HelpPage.MAPPING, HelpPage.NEEDS),
    ),
    "component.ambiguous": Help(
        title="Two doors have the same name",
        meaning="Several doors of the site are called alike, so Drempel cannot tell which of them is mapped. It does not guess.",
        steps=(
            "Open the mapping of the integration: the name that several doors have is marked.",
            "Give one of the doors another name in the Resivo portal. Was one of them replaced, remove the old one.",
            "If the mapped door is the one that was renamed, take the new name over in the mapping.",
        ),
        meanwhile=(LOOKS_AGAIN, ONLY_THE_MISFIT_GOES),
        visitor=NEW_GET_NOTHING,
        over="The mapping marks no name any more, and the bookings of this object leave the list of what needs a person.",
        pages=(HelpPage.MAPPING, HelpPage.NEEDS),
    ),
    "component.none_online": Help(
        title="No mapped door is online",
        meaning="Only a door with a connection to the internet can be opened from far. At this moment all doors of this object are offline, so an access would open nothing.",
        steps=(
            "Open the mapping of the integration: it shows of each door whether it is online.",
            "Look in the Resivo portal since when, and at the door itself: power, network cable, gateway, router.",
            "If the booking starts soon, let the visitor in by hand. The front-desk pack tells who comes when.",
        ),
        meanwhile=(
            "Drempel looks each hour. From 24 hours before the start on it looks each minute, and the booking stands on the list of what needs a person too.",
            "As soon as one door is online, access is made for it; the others are added when they are back.",
        ),
        visitor="The visitor has no message yet. If the doors stay offline, nobody gets in by a door link.",
        over="The doors are shown as online in the mapping; within an hour the bookings have access, on the last day within some minutes.",
        pages=(HelpPage.MAPPING, HelpPage.BOOKINGS),
    ),
    "internal.error": Help(
        title="Drempel itself failed",
        meaning="Something happened that Drempel was not made for. It is a fault of ours, and concerns this booking alone.",
        steps=(
            "Note the time at which it happened; the history of the booking tells it.",
            "Ask whoever runs Drempel for the line of the log of that time, and report both. There are no names or addresses of visitors in it.",
            TRY_NOW,
        ),
        meanwhile=(RETRIES, STANDING_STAYS),
        visitor="Whoever has a door link gets in. Who has just booked may get the message later.",
        over=GOES_AWAY,
        pages=(HelpPage.BOOKINGS,),
    ),
    "setup.refused": Help(
        title="Resivo does not know the site or the address",
        meaning="Resivo answered that there is nothing at the address that was called: the site id is not right, the site was removed, or the profile does not fit this Resivo.",
        steps=(
            "Compare the site id under “Authentication” of the integration with the address of the site in the Resivo portal; the id stands in it.",
            "Press “Test the connection”: it lists the sites that the credential reaches. Choose the right one and save.",
            "If the site is right, the profile of the API is not: choose another one there, or ask dormakaba what has changed.",
        ),
        meanwhile=(LOOKS_AGAIN, STANDING_STAYS),
        visitor="Access that stands works. New bookings at this site get no message.",
        over=LEAVES_THE_LIST,
        pages=(HelpPage.CONNECTION, HelpPage.MAPPING),
    ),
}
"""By failure code."""
