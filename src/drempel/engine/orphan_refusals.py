"""Why an order about one access, named by its id, is refused: sentences with their remedy, by code; braces are filled from `params`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from drempel.engine.resolving import Refusal

__all__ = ["ON_PAGES", "ORPHAN_REFUSALS", "OrphanRefusal", "refusal"]

ORPHAN_REFUSALS: Final[Mapping[str, str]] = {
    "no_id": "That is no id of an access. Copy it from `drempel audit`: letters, digits and any of _ . : ~ - only.",
    "nowhere": (
        "No site that an integration uses shows an access {id}. Copy the id from `drempel audit` or the Resivo portal; "
        "where a profile can neither list nor read, only the portal can revoke it."
    ),
    "foreign": (
        "The access {id} is not one that Drempel made: its name is not of our form with a marker of ours. Drempel never touches it; "
        "if it must go, revoke it in the Resivo portal."
    ),
    "not_live": "The access {id} is not live any more: there is nothing to do.",
    "unreadable": (
        "Resivo says something of the access {id} that Drempel cannot read (its status, its doors or its times). Look at it in the "
        "Resivo portal, and compare the profile with what the API gives (docs/profiles.md)."
    ),
    "unsettled": (
        "The name of {id} is that of a create of booking {booking} of {source} whose outcome is not settled: Drempel looks for it by itself, "
        "and keeps or revokes what it finds. See `drempel why {source} {booking}`; a person's word is `drempel resolve`."
    ),
    "revoking": (
        "An access of booking {booking} of {source} with that name or id is being revoked right now. See `drempel why {source} {booking}`."
    ),
    "recorded": (
        "The access {id} is the recorded one of booking {booking} of {source}. To take it away say `drempel revoke {source} {booking}`."
    ),
    "one_too_many": (
        "Our record knows the name or id of {id} already, from booking {booking} of {source}, so it is one too many. "
        "`drempel audit --revoke {id}` takes it away."
    ),
    "known_meanwhile": "Our record knows the access {id} meanwhile. Say `drempel audit` to see how it stands.",
    "no_doors": (
        "Resivo shows no doors, or no beginning or no end, of the access {id}: it cannot be compared with a booking. "
        "`drempel audit --revoke {id}` takes it away."
    ),
    "several_bookings": (
        "The name of the access {id} tells more than one booking ({name}), so Drempel has no record to put it in. If it must go, revoke it in "
        "the Resivo portal."
    ),
    "no_booking": (
        "The name of the access {id} tells no booking of a source whose access is made at that site ({name}), so Drempel has no record to "
        "put it in. If it must go, revoke it in the Resivo portal."
    ),
}

ON_PAGES: Final[Mapping[str, str]] = {
    "no_id": "That is no id of an access. Go back to “Needs a person” and press the button there.",
    "nowhere": (
        "No site that an integration uses shows an access {id} any more. Press “Look now” on “Needs a person” to see how it stands; "
        "where a profile can neither list nor read, only the Resivo portal can revoke it."
    ),
    "unsettled": (
        "The name of {id} is that of a create of booking {booking} of {source} whose outcome is not settled: Drempel looks for it by itself, "
        "and keeps or revokes what it finds. Look at the page of that booking; where it needs your word, it has the button “Say what happened…”."
    ),
    "revoking": (
        "An access of booking {booking} of {source} with that name or id is being revoked right now. The page of that booking tells when it is done."
    ),
    "recorded": (
        "The access {id} is the recorded one of booking {booking} of {source}. To take it away press “Take access away…” on the page of that booking."
    ),
    "one_too_many": (
        "Our record knows the name or id of {id} already, from booking {booking} of {source}, so it is one too many. "
        "“Revoke…” on “Needs a person” takes it away."
    ),
    "known_meanwhile": "Our record knows the access {id} meanwhile. Press “Look now” on “Needs a person” to see how it stands.",
    "no_doors": (
        "Resivo shows no doors, or no beginning or no end, of the access {id}: it cannot be compared with a booking. "
        "“Revoke…” on “Needs a person” takes it away."
    ),
}
"""The same for who has the pages, where the sentence above names a command."""
_PAGE_TEXTS: Final = {ORPHAN_REFUSALS[code]: text for code, text in ON_PAGES.items()}


class OrphanRefusal(Refusal):
    """On pages it names their buttons."""

    __slots__ = ()

    def sentence_on_pages_in(self, translate: Callable[[str], str]) -> str:
        return self._filled(translate(_PAGE_TEXTS.get(self.text, self.text)))


def refusal(code: str, **params: str) -> Refusal:
    """The sentence of this code, filled in."""
    return OrphanRefusal(ORPHAN_REFUSALS[code], params)
