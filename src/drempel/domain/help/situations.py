"""What keeps a door shut though nothing failed: told as a failure is, by codes that are none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drempel.domain.help.shape import Help, HelpPage
from drempel.domain.help.shared import NO_ACCESS_YET, STANDING_STAYS

__all__ = ["SITUATIONS"]

SITUATIONS: Final[Mapping[str, Help]] = {
    "door.offline": Help(
        title="A door went offline after access was given",
        meaning="The access is in order, but when Drempel looked last, Resivo showed one of its doors as offline. Such a door cannot be opened with a door link.",
        steps=(
            "Look at “Today” or at the page of the booking: there stand the door, since when it is offline, and when Drempel looked last.",
            "See to its power and network: plug, network cable, gateway, router.",
            "Let visitors in yourself meanwhile. The front-desk pack tells who comes when.",
        ),
        meanwhile=(
            "Drempel looks about once a minute at the doors of access that stands. It decides nothing by it: the access stays as it is.",
        ),
        visitor="The door link opens the other doors, and not the one that is offline.",
        over="The notice is gone from “Today” and from the page of the booking once Resivo shows the door as online.",
        pages=(HelpPage.BOOKINGS, HelpPage.MAPPING),
    ),
    "object.unmapped": Help(
        title="No door is mapped to the object of a booking",
        meaning="No integration has doors for the object that was booked, so the booking opens nothing. That may be as it should: not everything that can be booked has a lock.",
        steps=(
            "See on the page of the booking which object it is.",
            "Press “Choose doors” there, or “Map an object” under “Mapping” of the integration, and choose the doors of that object.",
            "Look at what would change, and save.",
            "If the object is to have no door, leave it as it is: nobody is asked about it.",
        ),
        meanwhile=("Once the object has doors, its bookings are looked at anew, and get access if their status asks for it.",),
        visitor=NO_ACCESS_YET,
        over="The page of the booking says that access stands.",
        pages=(HelpPage.MAPPING, HelpPage.BOOKINGS),
    ),
    "integration.paused": Help(
        title="An integration is paused",
        meaning="Somebody paused it: for its bookings nothing is created and nothing is revoked until somebody lets it go on.",
        steps=(
            "Look under “Activity” of the integration who paused it and when, and ask why.",
            "If access must go meanwhile, revoke it in the Resivo portal.",
            "When the reason is gone, press “Let it go on” on its card under “Needs a person”.",
        ),
        meanwhile=(
            "What the booking system tells of meanwhile is kept, and so are orders of people: all of it is done when it goes on.",
            STANDING_STAYS,
        ),
        visitor="Door links that were sent work, also after a cancellation. Who has just booked gets the message when it goes on.",
        over="Its card is gone from the list of what needs a person.",
        pages=(HelpPage.NEEDS,),
    ),
}
