"""What went wrong, and what should happen next. One code serves screen, docs, metric and test.

`CATALOGUE` is the one list: a `Failure` with a code outside it cannot be made. Messages are sentences for a facility manager, remedies say
what to do (on pages by buttons); their braces are filled from `params`, which never hold secrets or visitor data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Final

from drempel.domain.values import value

__all__ = ["CATALOGUE", "Advice", "Failure", "Next"]


class Next(StrEnum):
    """What should happen now."""

    RETRY = "retry"
    """Again by itself, after a pause."""
    LOOK_FIRST = "look_first"
    """The outcome of a create is unknown: look for it before anything is created again."""
    ASK_A_PERSON = "ask_a_person"
    """Stands on the list *needs a person*; decided anew at each hint, each change of settings, and hourly."""
    GIVE_UP = "give_up"
    """Shown, not repeated; nothing is lost by it."""


@value(frozen=True, slots=True)
class Advice:
    """The default next step, the sentence and the remedy of one failure code."""

    next: Next
    message: str
    remedy: str
    on_pages: str = ""
    """The remedy for who has the pages and their buttons; empty: `remedy` says it as well there."""

    @property
    def remedy_on_pages(self) -> str:
        return self.on_pages or self.remedy


@value(frozen=True, slots=True)
class Failure:
    """One thing that went wrong. `params` fill the sentence; never secrets, e-mail addresses or phone numbers."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    next_step: Next | None = None

    def __post_init__(self) -> None:
        assert self.code in CATALOGUE, f"unknown failure code {self.code}"

    @property
    def next(self) -> Next:
        """What should happen now; the catalogue's answer unless this failure says otherwise."""
        return self.next_step or CATALOGUE[self.code].next

    @property
    def message(self) -> str:
        """The sentence, filled in."""
        return self.message_in(str)

    @property
    def remedy(self) -> str:
        """What to do about it, filled in."""
        return self.remedy_in(str)

    def message_in(self, translate: Callable[[str], str]) -> str:
        """The sentence in another language; `translate` is given it, and each text that fills it."""
        return self._told(CATALOGUE[self.code].message, translate)

    def remedy_in(self, translate: Callable[[str], str]) -> str:
        """What to do about it, in another language."""
        return self._told(CATALOGUE[self.code].remedy, translate)

    @property
    def since(self) -> datetime | None:
        """When this began, if that was noted."""
        text = self.params.get("since")
        return datetime.fromisoformat(text) if text else None

    # --- on pages

    def plain_message_in(self, translate: Callable[[str], str]) -> str:
        """The sentence without the words of the other side: they are for who can use them, and stand apart (`quoted`)."""
        return self._told(CATALOGUE[self.code].message, lambda text: translate(text).replace(QUOTE, ""))

    def remedy_on_pages_in(self, translate: Callable[[str], str]) -> str:
        """What to do about it by pages and buttons, in another language."""
        return self._told(CATALOGUE[self.code].remedy_on_pages, translate)

    @property
    def quoted(self) -> str:
        """What the other side answered, word for word, where the plain sentence leaves it out."""
        return self.params.get("detail", "") if QUOTE in CATALOGUE[self.code].message else ""

    def _told(self, text: str, translate: Callable[[str], str]) -> str:
        return _fill(translate(text), {key: translate(value) for key, value in self.params.items()})


QUOTE: Final = " ({detail})"


class _Blanks(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def _fill(text: str, params: Mapping[str, str]) -> str:
    return text.format_map(_Blanks(params))


CATALOGUE: Final[Mapping[str, Advice]] = {
    # --- the booking system
    "source.unreachable": Advice(
        Next.RETRY,
        "The booking system {source} did not answer ({detail}).",
        "Nothing to do at first: Drempel tries again by itself. If it lasts, check that {source} is up and that its base_url is right.",
        "Nothing to do at first: Drempel tries again by itself. If it lasts, check that {source} is up, and its address on its page under “Sources”.",
    ),
    "source.refused": Advice(
        Next.ASK_A_PERSON,
        "The booking system {source} refuses our account ({detail}).",
        "Check the user name, the password and the rights of the account in {source}, then run `drempel apply` with the right password.",
        "Check the user name, the password and the rights of the account in {source}. Then type the right password under “Sources”, test it and save it.",
    ),
    "source.broken": Advice(
        Next.RETRY,
        "The booking system {source} gave an answer that cannot be used ({detail}).",
        "Drempel tries again by itself. If it lasts, show the detail to the supplier of {source}.",
    ),
    "booking.unreadable": Advice(
        Next.ASK_A_PERSON,
        "The booking cannot be read: {field} is not usable ({reason}).",
        "Correct the booking in the booking system, or tell its supplier that {field} is not given in a form that is clear.",
    ),
    "booking.time_unclear": Advice(
        Next.ASK_A_PERSON,
        "The time in {field} does not exist or exists twice in that night ({reason}); Drempel does not guess.",
        "Give the booking another start or end time, at least an hour away from the change of the clock.",
    ),
    # --- names and doors
    "component.missing": Advice(
        Next.ASK_A_PERSON,
        "No door at the site is called {names}.",
        "Rename the door in the Resivo portal or choose the right name in the mapping. Similar names: {near}.",
    ),
    "component.ambiguous": Advice(
        Next.ASK_A_PERSON,
        "More than one door at the site is called {names}.",
        "Give each door a name of its own in the Resivo portal.",
    ),
    "component.none_online": Advice(
        Next.RETRY,
        "None of the mapped doors is online: {names}.",
        "See in the Resivo portal why the doors are offline, and let the visitor in yourself meanwhile. Drempel looks again by itself: every hour, "
        "and each minute in the last 24 hours before the start.",
    ),
    # --- the visitor
    "visitor.unreachable": Advice(
        Next.ASK_A_PERSON,
        "The visitor has no usable e-mail address and no usable mobile number ({reason}), so no door link could reach anybody.",
        "Add an e-mail address or a mobile number with country code to the customer in the booking system.",
    ),
    # --- the booking field
    "field.foreign": Advice(
        Next.ASK_A_PERSON,
        "The booking field {field} holds a text that is not an id of ours.",
        "Empty the field in the booking system, or say `drempel resolve {source} {booking} --not-created` to let Drempel overwrite it.",
        "Empty the field in the booking system, or press “Let it be overwritten”.",
    ),
    "writeback.cut": Advice(
        Next.GIVE_UP,
        "The booking field {field} did not keep the id as it was written.",
        "Make the field longer in the booking system (36 characters for each site). Access is not affected.",
    ),
    "writeback.failed": Advice(
        Next.RETRY,
        "The id could not be written to the booking field {field} ({detail}).",
        "Nothing to do at first: Drempel tries again by itself. Access is not affected.",
    ),
    # --- Resivo
    "resivo.unreachable": Advice(
        Next.RETRY,
        "Resivo could not be reached ({detail}).",
        "Nothing to do at first: Drempel tries again by itself. If it lasts, check the network and the base_url.",
        "Nothing to do at first: Drempel tries again by itself. If it lasts, check the network, and the address under “Authentication” of the integration.",
    ),
    "resivo.busy": Advice(
        Next.RETRY,
        "Resivo asks us to wait ({detail}).",
        "Nothing to do: Drempel goes on when the pause is over.",
    ),
    "resivo.broken": Advice(
        Next.RETRY,
        "Resivo gave an answer that cannot be used ({detail}).",
        "Drempel tries again by itself. If it lasts, the profile may not fit this version of Resivo.",
    ),
    "credential.refused": Advice(
        Next.ASK_A_PERSON,
        "Resivo refuses the credential of integration {integration} ({detail}).",
        "Make a new credential in the Resivo portal (API, Generate new credentials) and run `drempel apply` with it.",
        "Make a new credential in the Resivo portal (API, Generate new credentials). Then type it under “Authentication” of the integration, test it and save it.",
    ),
    "site.refused": Advice(
        Next.ASK_A_PERSON,
        "The credential of integration {integration} may not use site {site} ({detail}).",
        "Check the site id and the scope of the credential in the Resivo portal; then `drempel apply`, or `drempel retry` to probe once.",
        "Check the Site ID and the scope of the credential in the Resivo portal. Then put it right under “Authentication” of the integration, or let Drempel try once more.",
    ),
    "setup.refused": Advice(
        Next.ASK_A_PERSON,
        "Resivo does not know what we asked for at site {site} ({detail}).",
        "Check the site id and the profile of integration {integration}.",
        "Check the Site ID and the profile under “Authentication” of integration {integration}.",
    ),
    "access.refused": Advice(
        Next.ASK_A_PERSON,
        "Resivo refused the access: {detail}",
        "Correct what Resivo names, in the booking or in the mapping; then `drempel retry {source} {booking}`.",
        "Correct what Resivo names, in the booking or in the mapping. Then press “Try again now”.",
    ),
    "access.outcome_unknown": Advice(
        Next.LOOK_FIRST,
        "The answer to the create was lost; Drempel looks whether the access was made before it does anything else.",
        "Nothing to do: Drempel looks by itself.",
    ),
    "access.outcome_unknown_no_list": Advice(
        Next.ASK_A_PERSON,
        "The answer to the create was lost, and this Resivo offers no list in which Drempel could look.",
        "Look in the Resivo portal for an access named {name}; then `drempel resolve {source} {booking} --created ID` or `--not-created`.",
        "Look in the Resivo portal for an access named {name}. Then press “Say what happened” and give the answer.",
    ),
    "access.id_unknown": Advice(
        Next.ASK_A_PERSON,
        "Resivo knows no access under the id {id} that was given, so it is still unknown whether the access was made.",
        "Copy the id of the access named {name} once more from the Resivo portal; then `drempel resolve {source} {booking} --created ID`, "
        "or `--not-created` if it is not there.",
        "Copy the id of the access named {name} once more from the Resivo portal. Then press “Say what happened” and give that id, "
        "or say that the access is not there.",
    ),
    "access.unclear": Advice(
        Next.ASK_A_PERSON,
        "Resivo shows the access {name} with a status that Drempel does not know.",
        "Look at the access in the Resivo portal; then `drempel resolve {source} {booking} --created ID` or `--not-created`.",
        "Look at the access in the Resivo portal. Then press “Say what happened” and give the answer.",
    ),
    "access.ended_elsewhere": Advice(
        Next.ASK_A_PERSON,
        "The access was made, but somebody revoked or removed it in the Resivo portal.",
        "If the visitor should come in, say `drempel retry {source} {booking}`: a new message goes out.",
        "If the visitor should come in, press “Try again now”: a new message goes out.",
    ),
    "access.opens_more": Advice(
        Next.ASK_A_PERSON,
        "Twice Resivo showed the access with more doors or hours than were asked for, so it was revoked twice.",
        "Find out in the Resivo portal who or what widens it; then `drempel retry {source} {booking}`: a new message goes out.",
        "Find out in the Resivo portal who or what widens it. Then press “Try again now”: a new message goes out.",
    ),
    "authorization.not_found": Advice(
        Next.ASK_A_PERSON,
        "Resivo no longer knows the access {id}, so Drempel cannot tell whether it is gone.",
        "Look in the Resivo portal. If it is gone, say `drempel resolve {source} {booking} --not-created`.",
        "Look in the Resivo portal. If it is gone, press “Say that it is gone”.",
    ),
    "revoke.refused": Advice(
        Next.ASK_A_PERSON,
        "Resivo refused to revoke the access {id}, and it still opens doors: {detail}",
        "Revoke the access in the Resivo portal, now.",
        "Revoke the access in the Resivo portal, now. Then press “Say that it is gone”.",
    ),
    "authorization.foreign": Advice(
        Next.ASK_A_PERSON,
        "The id {id} belongs to an access that Drempel did not make; it is not touched.",
        "Look in the Resivo portal which id was meant; then `drempel resolve {source} {booking} --not-created` and, if need be, revoke there.",
        "Look in the Resivo portal which id was meant, and revoke the access there if need be. Then answer by the first button below.",
    ),
    # --- levers
    "brake.tripped": Advice(
        Next.ASK_A_PERSON,
        "Too many bookings of {source} vanished within an hour; Drempel does not revoke because of that until a person says so.",
        "Check that the account still sees all bookings. If they are really gone, say `drempel brake release {source}`.",
        "Check that the account still sees all bookings. If they are really gone, press “Release the brake”.",
    ),
    "internal.error": Advice(
        Next.RETRY,
        "Drempel itself failed here ({detail}).",
        "Drempel tries again by itself. Please report it with the log line of that time.",
    ),
}
"""Every failure code of the product, in the order of the documentation."""
