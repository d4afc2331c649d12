"""A person's word on what Drempel cannot know: whether an access was made. Pure.

What may be said depends on what stands open, in this order:

- `authorization.not_found`, `revoke.refused`, `authorization.foreign`: a revoke came to no end. `--not-created`: it is gone.
- `field.foreign`: the booking field holds a text of somebody else. `--not-created`: it may be overwritten.
- an unsettled create (also `access.id_unknown`, where the id that was given led nowhere). `--created ID`: that is it, once a read of that id shows our
  name. `--not-created`: it is not there, and may be created again.
- `access.unclear` at a revoke: `--not-created`: it is gone.

A name of which a person said something stays watched: a late twin is found and revoked (design, section 2, step 6).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import Final

from drempel.domain.access import AuthorizationSet, SetState
from drempel.domain.events import Event
from drempel.domain.values import value
from drempel.engine.ports import BookingRecord, Change

__all__ = ["GONE_SAYS_A_PERSON", "ON_PAGES", "REFUSALS", "Created", "NotCreated", "PersonSays", "Refusal", "resolve_by_person"]

GONE_SAYS_A_PERSON: Final = frozenset({"authorization.not_found", "authorization.foreign", "revoke.refused"})
"""What stops a revoke for good, until a person has looked in the portal."""
AUTHORIZATION_ID: Final = re.compile(r"[A-Za-z0-9_.:~-]{1,128}")


@value(frozen=True, slots=True)
class Created:
    """It was made, and this is its id at Resivo."""

    authorization_id: str


@value(frozen=True, slots=True)
class NotCreated:
    """It is not there."""


PersonSays = Created | NotCreated


REFUSALS: Final[Mapping[str, str]] = {
    "nothing_open": (
        "Nothing about booking {booking} of {source} waits for your word: no outcome is unknown. "
        "See `drempel why {source} {booking}`; to try again say `drempel retry`, to take access away `drempel revoke`."
    ),
    "id_known": (
        "Drempel knows the id already and is about to revoke that access. If it still opens doors, revoke it in the Resivo portal; "
        "then say --not-created."
    ),
    "cannot_adopt": (
        "Adopting an access of which only the id is known is not possible yet: its doors and window would have to be read first. "
        "Empty the booking field, or say --not-created to let Drempel overwrite it."
    ),
    "field_unread": "What the booking field holds has not been read yet. Say `drempel retry`, then this again.",
    "under_way": "The request that creates {name} may still be under way until {time} UTC. Look and say it then.",
    "no_id": "That is no id of an access. Copy it from the Resivo portal: letters, digits and any of _ . : ~ - only.",
    "several_unknown": (
        "More than one outcome is unknown ({names}), so Drempel cannot tell which of them has that id. Wait until it has looked."
    ),
    "id_of_another": "The id {id} belongs to another access of this booking. Look for the one named {name}.",
}
"""Why a word is not taken: sentences with their remedy, by code; braces are filled from `params`."""

ON_PAGES: Final[Mapping[str, str]] = {
    "nothing_open": "Nothing about booking {booking} of {source} waits for your word: no outcome is unknown.",
    "id_known": (
        "Drempel knows the id already and is about to revoke that access. If it still opens doors, revoke it in the Resivo portal; "
        "then say that it is gone."
    ),
    "cannot_adopt": (
        "Adopting an access of which only the id is known is not possible yet: its doors and window would have to be read first. "
        "Empty the booking field, or let it be overwritten."
    ),
    "field_unread": "What the booking field holds has not been read yet. Press “Try again now” at the booking, then say this again.",
}
"""The same for who has the pages, where the sentence above names a command."""
_PAGE_TEXTS: Final = {REFUSALS[code]: text for code, text in ON_PAGES.items()}


@value(frozen=True, slots=True)
class Refusal:
    """The word does not fit what stands open: a sentence with its remedy; braces are filled from `params` if there are any."""

    text: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return self._filled(self.text)

    def sentence_on_pages_in(self, translate: Callable[[str], str]) -> str:
        """For who has pages and their buttons, in another language."""
        return self._filled(translate(_PAGE_TEXTS.get(self.text, self.text)))

    def _filled(self, text: str) -> str:
        return text.format_map(self.params) if self.params else text


def resolve_by_person(
    record: BookingRecord, sets: Sequence[AuthorizationSet], says: PersonSays, *, now: datetime
) -> Change | Refusal:
    """What the word changes. Alters `record` in place only if it is not refused."""
    code = record.failure.code if record.failure is not None else ""
    revoking = [one for one in sets if one.state is SetState.REVOKING]
    unsettled = _meant([one for one in sets if one.unsettled], record)
    if code in GONE_SAYS_A_PERSON and revoking:
        return _gone(_meant(revoking, record), says, now)
    if code == "field.foreign":
        return _overwrite(record, says, now)
    if unsettled:
        return _settle(unsettled, sets, says, now)
    if code == "access.unclear" and revoking:
        return _gone(_meant(revoking, record), says, now)
    return Refusal(REFUSALS["nothing_open"], {"booking": record.booking_id, "source": record.source})


def _meant(candidates: list[AuthorizationSet], record: BookingRecord) -> list[AuthorizationSet]:
    """The sets that the shown failure names; all of them if it names none."""
    params = record.failure.params if record.failure is not None else {}
    shown = {params[key] for key in ("name", "id") if key in params}
    named = [one for one in candidates if one.display_name in shown or one.authorization_id in shown]
    return named or candidates


def _gone(revoking: list[AuthorizationSet], says: PersonSays, now: datetime) -> Change | Refusal:
    if isinstance(says, Created):
        return Refusal(REFUSALS["id_known"])
    return Change(
        sets=[noted.noted() if (noted := one.revoked(now=now)).changed_elsewhere else noted for one in revoking],
        events=[_event(now, "gone", one) for one in revoking],
    )


def _overwrite(record: BookingRecord, says: PersonSays, now: datetime) -> Change | Refusal:
    if isinstance(says, Created):
        return Refusal(REFUSALS["cannot_adopt"])
    if not record.field_seen:
        return Refusal(REFUSALS["field_unread"])
    record.overwrite_value = record.field_seen
    return Change(events=[Event(at=now, type="person.resolved", data={"answer": "overwrite_field"})])


def _settle(
    unsettled: list[AuthorizationSet], sets: Sequence[AuthorizationSet], says: PersonSays, now: datetime
) -> Change | Refusal:
    if isinstance(says, Created):
        return _settle_as_created(unsettled, sets, says.authorization_id, now)
    for one in unsettled:
        if one.state is SetState.INTENDED and one.look_at is not None and one.look_at > now:
            # Nobody has noted that the answer was lost: the request may still be under way, and the word be too early.
            return Refusal(REFUSALS["under_way"], {"name": one.display_name, "time": f"{one.look_at:%H:%M:%S}"})
    return Change(
        sets=[replace(one.not_done(), ever_unknown=True).watched(now) for one in unsettled],
        events=[_event(now, "not_created", one) for one in unsettled],
    )


def _settle_as_created(
    unsettled: list[AuthorizationSet], sets: Sequence[AuthorizationSet], authorization_id: str, now: datetime
) -> Change | Refusal:
    if AUTHORIZATION_ID.fullmatch(authorization_id) is None:
        return Refusal(REFUSALS["no_id"])
    if len(unsettled) > 1:
        return Refusal(REFUSALS["several_unknown"], {"names": ", ".join(one.display_name for one in unsettled)})
    # The id that was given of this one before may be given again: it is read once more.
    if any(one.authorization_id == authorization_id for one in sets if one.number != unsettled[0].number):
        return Refusal(REFUSALS["id_of_another"], {"id": authorization_id, "name": unsettled[0].display_name})
    named = unsettled[0].named_by_person(authorization_id)
    return Change(sets=[named], events=[_event(now, "created", named)])


def _event(now: datetime, answer: str, one: AuthorizationSet) -> Event:
    data = {"answer": answer, "name": one.display_name}
    if one.authorization_id is not None:
        data["id"] = one.authorization_id
    return Event(at=now, type="person.resolved", data=data)
