"""Failures at the booking system: to reach it, to read a booking, to write its field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drempel.domain.help.shape import Help, HelpPage
from drempel.domain.help.shared import (
    DETAIL_TELLS,
    GOES_AWAY,
    LEAVES_THE_LIST,
    LINK_WORKS,
    LOOKS_AGAIN,
    NO_ACCESS_YET,
    NOBODY_HEARS,
    NOTICE_GOES,
    PROBES,
    RETRIES,
    STANDING_STAYS,
    SUPPLIER,
    TAKE_AWAY,
    TRY_NOW,
)

__all__ = ["BOOKING_SYSTEM"]

BOOKING_SYSTEM: Final[Mapping[str, Help]] = {
    "source.unreachable": Help(
        title="The booking system does not answer",
        meaning="The connection was refused, took too long or broke off, or the booking system told of an error of its own or asked us to wait. So Drempel does not know how the booking stands now.",
        steps=(
            "Open i-Reserve in your browser. If it is down for you too, wait, or call its supplier.",
            "If it opens for you, look at the page of the source: its address must be the one in your browser. Press “Test the account” there.",
            "Does only Drempel not get through, a firewall or a proxy between the two is the likely cause: ask whoever runs your network.",
            TAKE_AWAY,
        ),
        meanwhile=(RETRIES, STANDING_STAYS, NOBODY_HEARS),
        visitor="Whoever has a door link gets in. Who has just booked gets the message later.",
        over=NOTICE_GOES,
        pages=(HelpPage.SOURCE, HelpPage.BOOKINGS),
    ),
    "source.refused": Help(
        title="The booking system refuses our account",
        meaning="It answers, and does not let us in: the user name or password is not right any more, or the account has lost a right.",
        steps=(
            DETAIL_TELLS,
            "Sign in to i-Reserve with the name of that account. If that fails, its password was changed or the account was locked.",
            "If it works, look at its rights in i-Reserve: it must read and change bookings, and read customers.",
            "Type the right password on the page of the source, press “Test the account”, look at what it found, and save.",
            TAKE_AWAY,
        ),
        meanwhile=(PROBES, STANDING_STAYS, NOBODY_HEARS),
        visitor="Whoever has a door link gets in. Who has just booked gets no message until this is put right.",
        over="The card of the booking system is gone from the list of what needs a person, and the bookings follow within minutes.",
        pages=(HelpPage.SOURCE, HelpPage.NEEDS),
    ),
    "source.broken": Help(
        title="The booking system gives an answer that cannot be used",
        meaning="It answers, but not as its API should: it leads to another page, refuses without a reason, or finds none of the bookings that were asked for.",
        steps=(
            DETAIL_TELLS,
            "404 for every booking means that the account no longer sees the bookings: look at its rights in i-Reserve, and at the address of the source.",
            "Look whether i-Reserve was updated today, or stands behind a page of maintenance.",
            SUPPLIER,
        ),
        meanwhile=(
            RETRIES,
            STANDING_STAYS,
            "Nothing is taken away because of it: an answer that cannot be used is no cancellation.",
        ),
        visitor="Whoever has a door link gets in. Who has just booked gets the message later.",
        over=GOES_AWAY,
        pages=(HelpPage.SOURCE, HelpPage.BOOKINGS),
    ),
    "booking.unreadable": Help(
        title="The booking cannot be read",
        meaning="The booking came, but a part of it that Drempel needs is missing or is no value of its kind. The sentence names the field and what is wrong with it.",
        steps=(
            "Open the booking in i-Reserve and look at what the sentence names: object, start, end, status.",
            "If it is empty or wrong there, put it right and save the booking.",
            "If it looks right there, other bookings will have the same: then the form in which i-Reserve gives it has changed. Show the sentence to its supplier.",
            TRY_NOW,
        ),
        meanwhile=(
            LOOKS_AGAIN,
            "If the status can be read and is a revoke status, access is taken away all the same.",
            STANDING_STAYS,
        ),
        visitor="Access that stands works. A new or changed booking gets no message.",
        over=LEAVES_THE_LIST,
        pages=(HelpPage.BOOKINGS, HelpPage.SOURCE),
    ),
    "booking.time_unclear": Help(
        title="The booking begins or ends while the clock is changed",
        meaning="In one night of the year an hour is missing, in another it comes twice. The booking has a time in it, and the booking system does not say which is meant. Drempel does not guess.",
        steps=(
            "Look in i-Reserve which night the booking is in, and when it begins and ends.",
            "Look at the time zone on the page of the source: with a wrong one an ordinary night can look like this.",
            "Move the start or the end in i-Reserve to a time outside of the hour that is missing or doubled.",
        ),
        meanwhile=(LOOKS_AGAIN, STANDING_STAYS),
        visitor=NO_ACCESS_YET,
        over=LEAVES_THE_LIST,
        pages=(HelpPage.BOOKINGS, HelpPage.SOURCE),
    ),
    "visitor.unreachable": Help(
        title="Nobody could be told of the access",
        meaning="Resivo tells the visitor by e-mail or SMS. The booking has no e-mail address, and no mobile number that a message could be sent to, so an access would help nobody.",
        steps=(
            "Open the customer of the booking in i-Reserve and look at the e-mail address and the mobile number.",
            "Add an e-mail address, or write the mobile number with its country code, as in +31 6. A landline gets no SMS.",
            "If many numbers lack the country code, set the default country in the details of the integration.",
            "If the customer could not be read, the account may not see customers: look at its rights in i-Reserve.",
            TRY_NOW,
        ),
        meanwhile=(
            LOOKS_AGAIN,
            "If the address was taken out of a booking that has access already, that access is taken away: it was sent to somebody who is not its visitor any more.",
        ),
        visitor=NO_ACCESS_YET,
        over=LEAVES_THE_LIST,
        pages=(HelpPage.BOOKINGS, HelpPage.DETAILS),
    ),
    "field.foreign": Help(
        title="The booking field is in use by something else",
        meaning="The field in which Drempel keeps the id of the access holds a text that Drempel did not write. It is never overwritten unasked, and without it no access is made.",
        steps=(
            "Open the booking in i-Reserve and read the field. Does somebody write notes in it, or does another integration use it?",
            "If the text may go, empty the field, or press “Let it be overwritten” on the page of the booking.",
            "If many bookings have this, choose another booking field in the details of the integration: one that nothing else uses.",
        ),
        meanwhile=(LOOKS_AGAIN, "Nothing is written into the field and nothing is created."),
        visitor=NO_ACCESS_YET,
        over=LEAVES_THE_LIST,
        pages=(HelpPage.BOOKINGS, HelpPage.DETAILS),
    ),
    "writeback.cut": Help(
        title="The booking field did not keep the id",
        meaning="Drempel wrote the id of the access into the booking field, and read back something else: the field is too short, or i-Reserve changes what is written.",
        steps=(
            "Look in i-Reserve how long the field may be, under Forms, Booking forms: an id has 36 characters, and each further site needs 37 more.",
            "Make it longer, or choose another field in the details of the integration.",
            "The next access of the booking is written whole. The present one works as it is.",
        ),
        meanwhile=(
            "Drempel does not write it again until there is another id to write.",
            "Its own record leads; the field is a copy for people.",
        ),
        visitor=LINK_WORKS,
        over="The next booking with access shows the whole id in its field, and no such sentence on its page.",
        pages=(HelpPage.DETAILS, HelpPage.BOOKINGS),
    ),
    "writeback.failed": Help(
        title="The id could not be written into the booking field",
        meaning="The access is there, but i-Reserve refused the write or its answer got lost.",
        steps=(
            DETAIL_TELLS,
            "If it says 401 or 403, the account may read bookings and not change them: look at its rights in i-Reserve.",
            "If it says 412, look in the details of the integration whether that booking field exists in i-Reserve.",
            "Anything else goes by when i-Reserve answers again.",
        ),
        meanwhile=(RETRIES, "Access is made, kept and taken away as always."),
        visitor=LINK_WORKS,
        over="The id stands in the field in i-Reserve, and the sentence is gone from the page of the booking.",
        pages=(HelpPage.DETAILS, HelpPage.SOURCE),
    ),
    "brake.tripped": Help(
        title="The brake holds: too many bookings vanished at once",
        meaning="Within an hour the booking system stopped showing many bookings that have access. That may be a cleared list, or a booking system that fails. Until a person says so, no access is taken away because of it.",
        steps=(
            "Look in i-Reserve for some of the bookings that are on the list. Are they really gone?",
            "If they are there, the account does not see them any more: look at its rights, and at the address of the source. Do not release the brake.",
            "If they are really gone, press “Release the brake”: access of bookings that are gone is then taken away.",
            TAKE_AWAY,
        ),
        meanwhile=(
            "A booking that comes to a revoke status loses its access as always; only bookings that vanished keep theirs.",
            STANDING_STAYS,
        ),
        visitor="Whoever has a door link gets in, also for a booking that is really gone.",
        over="The card of the brake is gone from the list of what needs a person.",
        pages=(HelpPage.NEEDS, HelpPage.SOURCE),
    ),
}
"""By failure code."""
