"""Failures at Resivo: to reach it, to be let in, and what became of an access."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drempel.domain.help.shape import Help, HelpPage
from drempel.domain.help.shared import (
    DETAIL_TELLS,
    GOES_AWAY,
    LEAVES_THE_LIST,
    LOOKS_AGAIN,
    NO_ACCESS_YET,
    NOTICE_GOES,
    PORTAL_NAME,
    PROBES,
    RETRIES,
    STANDING_STAYS,
    SUPPLIER,
    TRY_NOW,
)

__all__ = ["AT_RESIVO"]

NOTHING_IS_REVOKED: Final = (
    "What should be taken away cannot be taken away as long as this lasts; it is done first when it is over."
)
STANDS_WITHOUT_US: Final = "Door links that were sent work, because Resivo opens the doors. New bookings get their message later."
NEVER_TWO: Final = (
    "No second access is made before it is known what became of the first, so the visitor never has two door links."
)
SAY_WHAT_YOU_SAW: Final = "Say only what you have seen: a second access is a second message and a second door link."
MAY_HAVE_LINK: Final = "The visitor may have a message and a door link already, or nothing yet."
STILL_OPENS: Final = "The door link may still open the doors, until the end of its time."

AT_RESIVO: Final[Mapping[str, Help]] = {
    "resivo.unreachable": Help(
        title="Resivo cannot be reached",
        meaning="No connection could be made, so nothing was sent. Nothing is wrong with the booking.",
        steps=(
            "Open the Resivo portal in your browser. If it is down for you too, wait: dormakaba knows.",
            "If it opens for you, press “Test the connection” under “Authentication” of the integration, and compare the address of Resivo there.",
            "Does only Drempel not get through, a firewall or a proxy is the likely cause: ask whoever runs your network.",
            "If access must go at once, revoke it in the Resivo portal.",
        ),
        meanwhile=(RETRIES, STANDING_STAYS, NOTHING_IS_REVOKED),
        visitor=STANDS_WITHOUT_US,
        over=NOTICE_GOES,
        pages=(HelpPage.CONNECTION, HelpPage.BOOKINGS),
    ),
    "resivo.busy": Help(
        title="Resivo asks us to wait",
        meaning="There were too many calls in a short time, or Resivo is being serviced. That is usual after many bookings at once.",
        steps=(
            "Wait: nothing is lost, and nothing has to be sent again.",
            "If it is like that each day at the same time, look whether another program uses the same credential.",
            "If it lasts for hours, ask dormakaba for the limit of your account.",
        ),
        meanwhile=(
            "Drempel slows down to the pace that Resivo allows. What must be taken away goes first, then what starts soonest.",
            STANDING_STAYS,
        ),
        visitor="Door links that were sent work. A message comes some minutes later than usual.",
        over=GOES_AWAY,
        pages=(HelpPage.BOOKINGS,),
    ),
    "resivo.broken": Help(
        title="Resivo gives an answer that cannot be used",
        meaning="Resivo told of an error of its own, its answer got lost on the way, or it was not in the form that the profile describes.",
        steps=(
            DETAIL_TELLS,
            "A number from 500 on is a fault at Resivo and goes by. If it says that a part is missing, the API of Resivo may have changed.",
            "Press “Test the connection” under “Authentication” of the integration: it reads sites and doors and tells what does not fit.",
            SUPPLIER,
        ),
        meanwhile=(RETRIES, STANDING_STAYS, NOTHING_IS_REVOKED),
        visitor=STANDS_WITHOUT_US,
        over=GOES_AWAY,
        pages=(HelpPage.CONNECTION, HelpPage.BOOKINGS),
    ),
    "credential.refused": Help(
        title="Resivo refuses the credential",
        meaning="Resivo does not accept the client id and client secret any more: the credential was renewed or removed in the portal, or it belongs to another Site Owner.",
        steps=(
            "Look in the Resivo portal, top right, under API, General, Getting started: is the Customer ID there the Site Owner ID of the integration?",
            "Look in the activity log of the portal whether somebody generated or removed credentials.",
            "Generate new credentials there. The secret is shown only once.",
            "Type client id and client secret under “Authentication” of the integration, press “Test the connection”, and save.",
            "If access must go meanwhile, revoke it in the Resivo portal.",
        ),
        meanwhile=(PROBES, STANDING_STAYS, NOTHING_IS_REVOKED),
        visitor="Door links that were sent work. Who has just booked gets no message until this is put right.",
        over="The card of the credential is gone from the list of what needs a person, and the bookings follow within minutes.",
        pages=(HelpPage.CONNECTION, HelpPage.NEEDS),
    ),
    "site.refused": Help(
        title="The credential may not use this site",
        meaning="Resivo knows the credential, but does not let it work at this site: its scope is another site, or the site moved to another Site Owner.",
        steps=(
            "Press “Test the connection” under “Authentication” of the integration: it lists the sites that the credential reaches.",
            "If the site is not among them, generate new credentials in the Resivo portal with the scope Customer, which is all sites.",
            "If it is, but with another id, choose it and save.",
            "Press “Try now” on the card in the list of what needs a person.",
        ),
        meanwhile=(PROBES, "Other sites go on as always.", STANDING_STAYS, NOTHING_IS_REVOKED),
        visitor="Door links that were sent work. New bookings at this site get no message until this is put right.",
        over="The card of the site is gone from the list of what needs a person, and the bookings follow within minutes.",
        pages=(HelpPage.CONNECTION, HelpPage.NEEDS),
    ),
    "access.refused": Help(
        title="Resivo refuses to make this access",
        meaning="Resivo looked at the request and said no, with a reason: behind the colon stands what it said. Other bookings are not concerned.",
        steps=(
            "Read what Resivo says. A word like recipient, e-mail or phone means the visitor; component or door means the mapping; valid means the time.",
            "The visitor: put the e-mail address or the mobile number right in i-Reserve.",
            "The doors: look in the mapping whether each mapped door is there and may be opened from far.",
            "The time: look in i-Reserve whether start and end are what is meant.",
            TRY_NOW,
        ),
        meanwhile=(
            LOOKS_AGAIN,
            "If the booking was changed and had access, the old access is taken away, because it fits no more.",
        ),
        visitor=NO_ACCESS_YET,
        over=LEAVES_THE_LIST,
        pages=(HelpPage.BOOKINGS, HelpPage.MAPPING),
    ),
    "access.outcome_unknown": Help(
        title="It is not known yet whether the access was made",
        meaning="The request went to Resivo and the answer got lost on the way. The access may be there or not.",
        steps=(
            "Wait: Drempel looks for the access by its name, first after some seconds.",
            "If it still stands there after an hour, look whether Resivo answers at all: the look itself may be failing.",
            "If the visitor stands before the door, look in the Resivo portal whether the access is there.",
        ),
        meanwhile=(
            "If the access is found, it is taken over. If it is not, it is made, and the name is looked for again after 1, 10 and 60 minutes.",
            NEVER_TWO,
        ),
        visitor=MAY_HAVE_LINK,
        over=GOES_AWAY,
        pages=(HelpPage.BOOKINGS,),
    ),
    "access.outcome_unknown_no_list": Help(
        title="Only you can see whether the access was made",
        meaning="The request went to Resivo, the answer got lost, and this Resivo offers no list in which Drempel could look. The access may be there or not.",
        steps=(
            PORTAL_NAME,
            "Wait a minute before you look: the request may still be under way.",
            "Press “Say what happened” on the page of the booking. If the access is there, copy its id from the portal; if it is not, say so.",
            SAY_WHAT_YOU_SAW,
        ),
        meanwhile=("Drempel waits for your word, however long it takes.", NEVER_TWO),
        visitor=MAY_HAVE_LINK,
        over=LEAVES_THE_LIST,
        pages=(HelpPage.NEEDS, HelpPage.BOOKINGS),
    ),
    "access.id_unknown": Help(
        title="Resivo knows no access under the id that was given",
        meaning="Somebody told Drempel an id for this booking, and Resivo has no access under it. It was mistyped or copied from elsewhere; whether the access was made is as unknown as before.",
        steps=(
            PORTAL_NAME,
            "If it is there, copy its id once more, whole.",
            "Press “Say what happened” on the page of the booking and give that id. If the access is not there, say so.",
            SAY_WHAT_YOU_SAW,
            "If the id was right, look at the site and the credential under “Authentication” of the integration: they may be those of another Site Owner.",
        ),
        meanwhile=(LOOKS_AGAIN, NEVER_TWO),
        visitor=MAY_HAVE_LINK,
        over=LEAVES_THE_LIST,
        pages=(HelpPage.NEEDS, HelpPage.BOOKINGS),
    ),
    "access.unclear": Help(
        title="The access has a status that Drempel does not know",
        meaning="Resivo shows the access with a word for its status that the profile does not list. Drempel cannot tell whether it opens doors, so it does nothing.",
        steps=(
            PORTAL_NAME,
            "Look there whether it is valid and opens doors.",
            "Press “Say what happened” or “Say that it is gone” on the page of the booking, whichever is there, and tell what you saw.",
            "Report the word: it belongs into the profile, so that nobody is asked again.",
        ),
        meanwhile=(LOOKS_AGAIN, NEVER_TWO),
        visitor=MAY_HAVE_LINK,
        over=LEAVES_THE_LIST,
        pages=(HelpPage.NEEDS, HelpPage.BOOKINGS),
    ),
    "access.ended_elsewhere": Help(
        title="Somebody ended the access in the Resivo portal",
        meaning="Drempel made the access, and it was revoked or deleted in the portal before its time was over. Somebody seems to have wanted that, so it is not made again unasked.",
        steps=(
            "Ask who works in the Resivo portal whether it was meant; the activity log of the portal tells who it was.",
            "If the visitor is to come in, press “Try again now” on the page of the booking: a new access is made and a new message goes out.",
            "If not, cancel the booking in i-Reserve, or leave it as it is: at its end it leaves the list.",
        ),
        meanwhile=(
            "Drempel makes no access for these doors and this time until somebody says so.",
            "If the booking changes, it is looked at anew.",
        ),
        visitor="The door link does not open anything any more, and nobody has told the visitor.",
        over=LEAVES_THE_LIST,
        pages=(HelpPage.NEEDS, HelpPage.BOOKINGS),
    ),
    "access.opens_more": Help(
        title="The access was widened twice",
        meaning="Twice Resivo showed more doors or more hours than the booking has, and twice Drempel took the access away. A third would go the same way.",
        steps=(
            PORTAL_NAME,
            "Find out who or what adds doors or hours: a person, a rule of the site, another program. The activity log of the portal tells.",
            "If the booking is to have more, change the booking or the mapping, not the access in the portal.",
            "When the cause is gone, press “Try again now” on the page of the booking: a new message goes out.",
        ),
        meanwhile=(
            "Drempel makes no access for these doors and this time until somebody says so.",
            "If the booking changes, it is looked at anew.",
        ),
        visitor="The visitor got two messages, and neither link opens anything any more.",
        over=LEAVES_THE_LIST,
        pages=(HelpPage.NEEDS, HelpPage.MAPPING),
    ),
    "authorization.not_found": Help(
        title="Resivo does not know the access that is to go",
        meaning="The access was to be taken away, and Resivo says that there is none with this id. That is no proof that it is gone: the credential may look at the wrong place.",
        steps=(
            PORTAL_NAME,
            "If it is there, revoke it in the portal.",
            "If it is not there, or is revoked, press “Say that it is gone” on the page of the booking.",
            "If many bookings have this, look at the site and the credential under “Authentication” of the integration: they may be those of another Site Owner.",
        ),
        meanwhile=(LOOKS_AGAIN, "It counts as not revoked until somebody has looked."),
        visitor=STILL_OPENS,
        over=LEAVES_THE_LIST,
        pages=(HelpPage.NEEDS, HelpPage.CONNECTION),
    ),
    "revoke.refused": Help(
        title="Resivo does not take the access away",
        meaning="The access must go, Resivo refused to revoke it, and it still opens doors. This is urgent.",
        steps=(
            PORTAL_NAME,
            "Revoke or delete it in the portal, now.",
            "Press “Try again now” on the page of the booking: Drempel looks, sees that it is gone, and goes on.",
            "If the portal refuses too, let the door be closed by its own means, and call dormakaba with what Resivo said.",
        ),
        meanwhile=(LOOKS_AGAIN, "At each look it reads the access first, and asks again to revoke it if it is still there."),
        visitor=STILL_OPENS,
        over=LEAVES_THE_LIST,
        pages=(HelpPage.NEEDS, HelpPage.BOOKINGS),
    ),
    "authorization.foreign": Help(
        title="This access was not made by Drempel",
        meaning="Somebody told Drempel an id for this booking, and Resivo shows it under a name that is not ours. What Drempel did not make is never touched.",
        steps=(
            PORTAL_NAME,
            "If it is there, it has another id than the one that was told.",
            "Press “Say what happened” on the page of the booking, if it is there, and tell the right id, or that it was not made.",
            "If the other access must go, revoke it in the portal: Drempel will not.",
        ),
        meanwhile=(LOOKS_AGAIN, NEVER_TWO),
        visitor=MAY_HAVE_LINK,
        over=LEAVES_THE_LIST,
        pages=(HelpPage.NEEDS, HelpPage.BOOKINGS),
    ),
}
"""By failure code."""
