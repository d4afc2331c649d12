"""Stands between Drempel and both other sides, and judges each request by what was true when it was made. Shares no code with the engine."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs

from drempel.transport import NeverSent
from tests.simulation.asked_to_wait import AskedToWait
from tests.simulation.look_first import LookFirst
from tests.simulation.neighbour import Neighbour
from tests.simulation.owed import Owed
from tests.simulation.truth import SITES, Truth

__all__ = ["Asked", "Witness"]

BRIEF: Final = timedelta(seconds=21)
"""A decision is never acted on later than this after its reading: the lease, less the time of the call."""
LATE: Final = timedelta(seconds=20)
"""What Resivo does later than two looks after a request may leave a twin, to be found afterwards."""
OVERTAKEN: Final = timedelta(minutes=5)
"""Nobody stands in the middle of a booking for longer than this."""
NOWHERE: Final = ("", "")
GONE_CONFIRM: Final = timedelta(minutes=10)
NAME: Final = re.compile(r"-club-(?P<booking>[0-9]+)-(?P<number>[0-9]+)$")
CREATE: Final = re.compile(r"/(?P<site>[^/]+)/authorizations/remote-access$")
READ: Final = re.compile(r"/booking/(?P<id>[0-9]+)$")
REVOKE: Final = re.compile(r"/authorizations/(?P<id>[^/]+)/revoke$")


@dataclass(kw_only=True)
class Asked:
    """One create that was asked for."""

    name: str
    booking_id: str
    site: str
    window: tuple[datetime, datetime]
    doors: frozenset[str]
    recipients: frozenset[str]
    at: datetime
    sent_at: datetime | None = None

    @property
    def content(self) -> tuple[Any, ...]:
        return (self.booking_id, self.site, self.window, self.doors, self.recipients)


class Witness:
    """Sees every request twice: when the engine makes it (`asking`), and when it leaves (`sending`)."""

    def __init__(self, truth: Truth, *, world: Any) -> None:
        self._truth = truth
        self._world = world
        self.broken: list[str] = []
        self.creates: list[Asked] = []
        self.counts: dict[str, int] = {}
        self.last_read: str | None = None
        """The booking that was read last: somebody has it in hand."""
        self.reads: Counter[str] = Counter()
        """How often each booking was read."""
        self._found: dict[str, bool] = {}
        self._not_found: dict[str, list[datetime]] = {}
        """When the booking system said that it had no such booking, since it last showed it."""
        self.once_missing: set[str] = set()
        """Bookings of which the booking system ever said that it had none such."""
        self.owed = Owed(world)
        self._again: dict[tuple[str, str], int] = {}
        """How many successors of access that is right a person has ordered, by booking and site."""
        self._successors: dict[str, tuple[str, str]] = {}
        """Names of sets that were made because of such an order."""

        self._look_first = LookFirst()

    def asking(self, transport: Any, waits: AskedToWait) -> Any:
        """The way out of one process."""

        def asked(request: Any) -> None:
            if Neighbour.is_asked(request.url):
                return
            if wrong := waits.asks(request):
                self.broken.append(wrong)
            self._asked(request)

        def answered(request: Any, response: Any) -> None:
            if Neighbour.is_asked(request.url):
                return
            waits.answered(request, response)
            self._answered(request, response)

        return _Seen(transport, asked, answered, self._never_sent)

    def sending(self, transport: Any) -> Any:
        def sent(request: Any) -> None:
            if seconds := self._world.weather.call_seconds:
                self._world.advance(timedelta(seconds=seconds))
            self._sent(request)

        return _Seen(transport, sent, lambda *_: None, lambda _: None)

    def note_ordered_again(self, booking_id: str) -> None:
        """A person has ordered that access be issued again: one more message for each site where something is live."""
        for site in SITES:
            if self.live_rows(booking_id, site):
                self._again[booking_id, site] = self._again.get((booking_id, site), 0) + 1

    # ------------------------------------------------------------------------------------------------------------- requests

    def _asked(self, request: Any) -> None:
        path = request.url.partition("?")[0]
        self._world.note_truth()
        if request.method == "POST" and (created := CREATE.search(path)):
            self._create(created["site"], json.loads(request.body))
        elif request.method == "GET" and (read := READ.search(path)):
            self.last_read = read["id"]
            self.reads[read["id"]] += 1
        elif revoked := REVOKE.search(path):
            self._revoke(revoked["id"])
        elif request.method in {"POST", "PUT"} and path.endswith("/hook/booking/"):
            self._write(json.loads(request.body))

    def _answered(self, request: Any, response: Any) -> None:
        path, _, query = request.url.partition("?")
        if request.method == "POST" and CREATE.search(path):
            self._look_first.create_answered(json.loads(request.body)["displayName"], response.status, response.body)
        elif request.method == "GET" and path.endswith("/authorizations") and response.status == 200:
            named = parse_qs(query).get("displayName", [""])[0]
            self._look_first.looked(named, self._world.now, _names_in(response.body))
        read = READ.search(request.url.partition("?")[0])
        if request.method != "GET" or read is None:
            return
        self._found[read["id"]] = response.status != 404
        if response.status == 404 and not self._world.source_is_out:
            self._not_found.setdefault(read["id"], []).append(self._world.now)
            self.once_missing.add(read["id"])
        elif response.status == 200:
            self._not_found.pop(read["id"], None)

    def _never_sent(self, request: Any) -> None:
        if not Neighbour.is_asked(request.url) and request.method == "POST" and CREATE.search(request.url.partition("?")[0]):
            self._look_first.create_never_sent(json.loads(request.body)["displayName"])

    def knows_nothing_of(self, row: Any) -> bool:
        """Whether the answer to its create was lost and nobody has found it yet."""
        return self._look_first.is_open(row.display_name)

    def note_settled(self, booking_id: str) -> None:
        """A person has looked in the portal and said what became of its creates."""
        self._look_first.settled_by_person(booking_id)

    def first_not_found(self, booking_id: str) -> datetime | None:
        """Since when the booking system has said that there is no such booking."""
        return next(iter(self._not_found.get(booking_id, ())), None)

    def was_found(self, booking_id: str) -> bool:
        """Whether the last reading of it was answered otherwise than with 404, be it that everything was."""
        return self._found.get(booking_id, True)

    def _seemed_gone(self, booking_id: str) -> bool:
        """Whether the booking system said twice, and long enough apart, that there is no such booking."""
        said = self._not_found.get(booking_id, [])
        return len(said) > 1 and (self._world.jumped or said[-1] - said[0] >= GONE_CONFIRM)

    def _sent(self, request: Any) -> None:
        if request.method != "POST" or not CREATE.search(request.url.partition("?")[0]):
            return
        name = json.loads(request.body)["displayName"]
        asked = [one for one in self.creates if one.name == name]
        waiting = [one for one in asked if one.sent_at is None]
        if waiting:
            waiting[-1].sent_at = self._world.now
            # One that was overtaken says nothing of when the newest was sent.
            if waiting[-1] is asked[-1]:
                self._look_first.create_sent(name, self._world.now)
            self._counted("creates")

    def _create(self, site_id: str, body: dict[str, Any]) -> None:
        now = self._world.now
        sites = {identity: site for site, identity in self._truth.site_ids.items()}
        named = NAME.search(body["displayName"])
        if named is None:
            self.broken.append(f"a create with the name {body['displayName']!r}, of which nobody can tell whose it is")
            return
        one = Asked(
            name=body["displayName"],
            booking_id=named["booking"],
            site=sites.get(site_id, site_id),
            window=(_instant(body["restrictions"]["validFrom"]), _instant(body["restrictions"]["validTo"])),
            doors=frozenset(body["componentIds"]),
            recipients=frozenset(value for recipient in body["recipients"] for value in recipient.values()),
            at=now,
        )
        for other in self.creates:
            if other.name == one.name and other.content != one.content:
                self.broken.append(f"look first: {one.name} is asked for twice with different content")
        unknown = self._look_first.create_asked(one.name, (one.booking_id, one.site), now)
        if unknown is not None and self._world.weather.can_look and not self._world.jumped:
            self.broken.append(unknown)
        self._is_due(one)
        self._may_run("a create")
        others = [row for row in self.live_rows(one.booking_id, one.site) if not self.is_exempt(row.display_name)]
        ordered = self._was_ordered(one, others)
        for row in others:
            gives_the_same = self.content_of(row) == one.content and not self._lost_doors_to(one, row)
            if gives_the_same and not (ordered and row.display_name != one.name):
                self.broken.append(f"never chatty: {one.name} is asked for while {row.display_name} is live and gives the same")
            elif not ordered and self._is_needless(one, row):
                self.broken.append(
                    f"never chatty: {one.name} takes the place of {row.display_name}, of whose booking nothing has changed"
                )
        self._gives_what_was_ended(one)
        self.creates.append(one)

    def _lost_doors_to(self, one: Asked, row: Any) -> bool:
        """Other doors were asked for then, of which Resivo left some out: what it gives fits by chance, and what answers tell of doors is not believed."""
        before = self.asked_for(row)
        return before is not None and before.doors != one.doors

    def _gives_what_was_ended(self, one: Asked) -> None:
        """What somebody ended in the portal comes again only if a person says so, or if the booking asks for something else meanwhile."""
        for row in self.rows(one.booking_id, one.site):
            before = self.asked_for(row)
            ordered = one.name in self._successors or self._again.get((one.booking_id, one.site), 0)
            if ordered or row.id not in self._world.portal_ended or before is None or before.content != one.content:
                continue
            if set(row.component_ids) < one.doors:
                continue  # a door that is back is added by what is recorded; that the old one was ended, the daily audit would have told
            facts = {right.facts for right in self._truth.rights_since(one.booking_id, one.site, before.at - BRIEF)}
            if len(facts) == 1 and not self._may_have_been_taken(one.booking_id) and not self.is_exempt(row.display_name):
                self.broken.append(f"never chatty: {one.name} gives what somebody ended in the portal with {row.display_name}")

    def _may_have_been_taken(self, booking_id: str) -> bool:
        world = self._world
        return booking_id in world.once_taken | world.may_vanish or self._seemed_gone(booking_id)

    def _is_needless(self, one: Asked, row: Any) -> bool:
        """Whether what is live was made for the very facts that its booking has had ever since, and still opens what it was asked for."""
        before = self.asked_for(row)
        if before is None or before.name == one.name or self._may_have_gone(before, row) or self._world.customers_unreadable:
            return False
        rights = list(self._truth.rights_since(one.booking_id, one.site, before.at - BRIEF))
        whole = frozenset(row.component_ids) == before.doors and not self._truth.vanished_since(before.doors, before.at - BRIEF)
        return whole and len({right.facts for right in rights}) == 1 and all(right.kind != "none" for right in rights)

    def _may_have_gone(self, one: Asked, row: Any) -> bool:
        taken = one.booking_id in self._world.once_taken or row.id in self._world.touched_sets
        return taken or self._seemed_gone(one.booking_id) or one.booking_id in self._world.may_vanish

    def _was_ordered(self, one: Asked, others: list[Any]) -> bool:
        """Whether a person ordered this successor of what is live already."""
        place = (one.booking_id, one.site)
        if one.name not in self._successors:
            if all(row.display_name == one.name for row in others):
                return False
            # What was asked for and never came to be leaves its order to the next, which may have another name after an edit.
            there = {row.display_name for row in self.rows(*place)}
            lost = [name for name, at in self._successors.items() if at == place and name not in there]
            if lost:
                self._successors[lost[0]] = NOWHERE
            elif self._again.get(place, 0):
                self._again[place] -= 1
            else:
                return False
            self._successors[one.name] = place
        return True

    def _may_run(self, what: str) -> None:
        paused_at = self._world.paused_at
        if paused_at is not None and self._world.now - paused_at > timedelta(minutes=1):
            self.broken.append(f"{what} while the integration is paused")

    def _is_due(self, one: Asked) -> None:
        """Each part of a create must have been true a moment ago."""
        since = one.at - BRIEF
        rights = list(self._truth.rights_since(one.booking_id, one.site, since))
        told = f"never too long: {one.name} is asked for"
        if one.window not in self._truth.windows_of(rights, since):
            self.broken.append(f"{told} with a window that its booking does not have")
        # Of a booking that was deleted a moment ago nobody noted which doors it would have had since.
        is_gone = bool(rights) and rights[-1].why == "gone"
        if not is_gone and one.doors not in self._truth.doors_of(rights, one.site, since):
            self.broken.append(f"{told} for doors that its booking does not have")
        visitors = self._truth.recipients_since(one.booking_id, since)
        if one.recipients not in visitors and not any(self._is_partly(one, visitor) for visitor in visitors):
            self.broken.append(f"{told} for somebody else")
        # What somebody ended in the portal counts as live until the audit has seen it.
        replaces = any(r.live(one.at) or r.id in self._world.touched_sets for r in self.rows(one.booking_id, one.site))
        replaces = replaces or any(
            (other.booking_id, other.site) == (one.booking_id, one.site) and other.name in self._world.deleted_names
            for other in self.creates
        )
        ours = {row.id for row in self._world.resivo.state.authorizations.values()} | self._world.deleted_sets
        held = self._truth.fields_since(one.booking_id, since)
        if one.booking_id not in self._world.may_overwrite and held and not any(self._is_ours(text, ours) for text in held):
            self.broken.append(
                f"never foreign: {one.name} is asked for, and the field of its booking holds a text of somebody else"
            )
        if one.booking_id in self._world.existing:
            self.broken.append(f"never chatty: {one.name} is asked for, whose booking stood there before Drempel began")
        replaces = replaces or self.owed.is_owed(one.booking_id, one.site)
        may = {"trigger", "keep"} if self._world.weather.follow == "any" and replaces else {"trigger"}
        if not any(right.kind in may and right.has_access(self._world.slowest(since)) for right in rights):
            self.broken.append(f"{told} though its booking gives no right to it")

    def _is_partly(self, one: Asked, visitor: frozenset[str]) -> bool:
        """A customer who could not be read is told by e-mail alone."""
        return bool(one.recipients) and one.recipients < visitor and self._world.customers_unreadable

    def _revoke(self, authorization_id: str) -> None:
        self._counted("revokes")
        if not self._world.in_hand_at_pause:
            self._may_run("a revoke")
        row = self._world.resivo.state.authorizations.get(authorization_id)
        asked = [one for one in self.creates if row is not None and one.name == row.display_name]
        if not asked:
            if authorization_id not in self._world.deleted_sets:
                self.broken.append(f"never foreign: a revoke of {authorization_id}, which Drempel did not make")
            return
        one = asked[0]
        if row.live(self._world.now):
            # Whether there was a right to some is asked by who needs to know.
            self.owed.note_taken(one.booking_id, one.site, row)
        # To end once more what has ended takes nothing away: whoever was overtaken may do so.
        if row.live(self._world.now) and not self._is_over_for(one, row):
            self.broken.append(f"never too short: {one.name} is revoked though its booking had a right to it all the time")

    def _is_over_for(self, one: Asked, row: Any) -> bool:
        """Whether there ever was a reason to take this set away."""
        if one.booking_id in self._world.once_taken or row.id in self._world.touched_sets or self._seemed_gone(one.booking_id):
            return True
        if len([r for r in self.rows(one.booking_id, one.site) if r.live(self._world.now)]) > 1:
            return True  # one of two
        if not row.component_ids:
            return True  # its doors were offline when it was made: it opens nothing
        if self.is_exempt(row.display_name):
            return True  # it came so late that it may have been given up
        if self._truth.vanished_since(one.doors, one.at - BRIEF) or one.booking_id in self._world.may_vanish:
            return True
        rights = list(self._truth.rights_since(one.booking_id, one.site, one.at - BRIEF))
        if any(right.kind == "none" for right in rights) or len({right.facts for right in rights}) > 1:
            return True
        # What was asked for by a reading of before: the successor of that is right.
        told = [right for right in rights if right.recipients == one.recipients]
        if one.window not in self._truth.windows_of(told, one.at - BRIEF):
            return True
        return row.expired(self._world.now)

    def _write(self, body: dict[str, Any]) -> None:
        self._counted("field writes")
        booking_id = str(body["id"])
        keys = set(body) - {"id"}
        if len(keys) != 1 or not re.fullmatch(r"custom0?5", next(iter(keys))):
            self.broken.append(f"never foreign: a write to {sorted(keys)} of booking {booking_id}")
            return
        ours = {row.id for row in self._world.resivo.state.authorizations.values()} | self._world.deleted_sets
        held = self._truth.fields_since(booking_id, self._world.now - BRIEF)
        # Whoever was overtaken in the middle may write once more what another has written meanwhile.
        long_held = self._truth.fields_since(booking_id, self._world.now - OVERTAKEN)
        if long_held == {str(body[next(iter(keys))])} and not self._world.weather.switches.get("field_length"):
            self.broken.append(f"never chatty: the field of {booking_id} is written with what it holds already")
        if not any(self._is_ours(text, ours) for text in held) and booking_id not in self._world.may_overwrite:
            self.broken.append(f"never foreign: the field of {booking_id} is overwritten, which held a text of somebody else")

    @staticmethod
    def _is_ours(text: str, ours: set[str]) -> bool:
        return all(any(identity.startswith(token) for identity in ours) for token in text.split())

    # ----------------------------------------------------------------------------------------------------------- what there is

    def rows(self, booking_id: str, site: str) -> list[Any]:
        """Every set at Resivo that was made for this booking at this site, of whatever state."""
        names = {one.name for one in self.creates if one.booking_id == booking_id and one.site == site}
        return [row for row in self._world.resivo.state.authorizations.values() if row.display_name in names]

    def live_rows(self, booking_id: str, site: str) -> list[Any]:
        return [row for row in self.rows(booking_id, site) if row.live(self._world.now)]

    def live(self, booking_id: str) -> list[Any]:
        """At whatever site, in the order of the sites."""
        return [row for site in SITES for row in self.live_rows(booking_id, site)]

    def content_of(self, row: Any) -> tuple[Any, ...] | None:
        """What a row gives: as it was asked for, less the doors that Resivo left out; None if somebody changed it since."""
        asked = self.asked_for(row)
        if asked is None or row.id in self._world.touched_sets:
            return None
        return (*asked.content[:3], frozenset(row.component_ids), asked.recipients)

    def asked_for(self, row: Any) -> Asked | None:
        """The create that a row comes from."""
        return next((one for one in self.creates if one.name == row.display_name), None)

    def is_exempt(self, name: str) -> bool:
        """Whether Resivo did one of the creates of this name so late that nobody could know: such a twin is found afterwards."""
        asked = [one for one in self.creates if one.name == name]
        if any(one.sent_at is not None and one.sent_at - one.at > LATE / 2 for one in asked):
            return True
        lates = self._world.late_seconds
        for row in self._world.resivo.state.authorizations.values():
            if row.display_name == name and any(
                one.sent_at is not None
                # While our clock jumps, a pause may be over before its time.
                and (row.created_at - one.sent_at) >= (timedelta(seconds=1) if self._world.jumped else LATE)
                and (row.created_at - one.sent_at).total_seconds() in lates
                for one in asked
            ):
                return True
        return False

    def at_each_step(self) -> list[str]:
        """What must hold even in the middle of everything."""
        broken, self.broken = self.broken, []
        seen: dict[tuple[Any, ...], str] = {}
        for row in self._world.resivo.state.authorizations.values():
            content = self.content_of(row)
            if content is None or not row.live(self._world.now):
                continue
            ordered = row.display_name in self._successors or seen.get(content) in self._successors
            other = next((one for one in self.creates if one.name == seen.get(content)), None)
            by_chance = other is not None and self._lost_doors_to(other, row)
            exempt = ordered or by_chance or self.is_exempt(row.display_name)
            if content in seen and not (exempt or self.is_exempt(seen[content])):
                broken.append(f"never two: {row.display_name} and {seen[content]} are live and give the same")
            seen[content] = row.display_name
        return broken

    def sites(self) -> tuple[str, ...]:
        return SITES

    def _counted(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1


class _Seen:
    def __init__(self, inner: Any, look: Any, hear: Any, miss: Any) -> None:
        self._inner = inner
        self._look = look
        self._hear = hear
        self._miss = miss

    async def send(self, request: Any) -> Any:
        self._look(request)
        try:
            response = await self._inner.send(request)
        except NeverSent:
            self._miss(request)
            raise
        self._hear(request, response)
        return response


def _names_in(body: bytes) -> set[str]:
    try:
        rows = json.loads(body)
    except ValueError:
        return set()
    rows = rows if isinstance(rows, list) else next((value for value in rows.values() if isinstance(value, list)), [])
    return {str(row.get("displayName", "")) for row in rows if isinstance(row, dict)}


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
