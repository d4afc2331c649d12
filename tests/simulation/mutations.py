"""Faults to be planted in Drempel, one at a time: the world must catch each of them. A text of a file, and what takes its place.

Where a text no longer stands in its file exactly once, `test_mutants.py` says so: then the fault is to be planted anew, not dropped.
Not among them, because it harms nobody: a revoke that is asked for before that is committed. What died in between is decided anew, and revoked again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["MUTATIONS", "Mutation"]


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One planted fault. `file` is below `src/drempel`."""

    name: str
    file: str
    old: str
    new: str


def _planted(name: str, file: str, old: str, new: str) -> Mutation:
    return Mutation(name=name, file=file, old=old, new=new)


ACT, SETTLE, CONVERGE = "engine/act.py", "engine/settle.py", "engine/converge.py"
RECONCILE, READING, SWEEP, WORKER = "engine/reconcile.py", "engine/reading.py", "engine/sweep.py", "engine/worker.py"
DECISION, ACCESS = "domain/decision.py", "domain/access.py"
SHARED = "adapters/store/shared_transaction.py"
WRITEBACK, DOORS, CALLS = "engine/writeback.py", "engine/doors.py", "engine/calls.py"

MUTATIONS: Final = (
    # --- the fence, the lease, the claim
    _planted("no fence", SHARED, "if row is None or row.token != lease.token or not row.leased:", "if row is None:"),
    _planted(
        "a hint that comes while a booking is at work is lost", SHARED, "moved = row.version != lease.version or", "moved ="
    ),
    _planted(
        "the token does not rise",
        "adapters/store/work_statements.py",
        'token=bookings.c.token + literal_column("1", BigInteger)',
        "token=bookings.c.token",
    ),
    # A running lease that is claimed again breaks nothing: the fence and the look first hold. It is no fault that a promise would notice.
    _planted(
        "a dead worker's booking is never taken over",
        "adapters/store/work_statements.py",
        "                bookings.c.leased_until <= moment,\n",
        "",
    ),
    # --- the create
    _planted(
        "the intent is not committed before the create",
        ACT,
        "    await run.save(renew=True)\n    return intended",
        "    return intended",
    ),
    _planted(
        "the create is sent though the lease may end before its answer",
        ACT,
        "return run.tools.clock.monotonic() <= sendable_until",
        "return True",
    ),
    _planted(
        "an unknown outcome counts as not done",
        "engine/ports.py",
        "return self.call_class is not CallClass.OUTCOME_UNKNOWN",
        "return True",
    ),
    _planted(
        "no look first after a crash",
        ACCESS,
        "return self.state is SetState.UNKNOWN or (self.state is SetState.INTENDED and self.maybe_sent)",
        "return self.state is SetState.UNKNOWN",
    ),
    _planted(
        "looks at once after a lost answer",
        ACT,
        "run.put(intended.outcome_lost(look_at=run.now + run.tools.limits.call_timeout))",
        "run.put(intended.outcome_lost(look_at=run.now))",
    ),
    # Looking as soon as the lease of a dead worker has ended breaks nothing either: what it could still send was sent one call time-out before.
    _planted("looks once only", "engine/limits.py", "LOOKS_NEEDED: Final = 2", "LOOKS_NEEDED: Final = 1"),
    _planted(
        "the second look follows at once",
        SETTLE,
        "unknown.not_found(look_at=run.now + run.tools.limits.call_timeout)",
        "unknown.not_found(look_at=run.now)",
    ),
    _planted(
        "no watch for late twins",
        ACCESS,
        "        return replace(self, watch_step=0, watch_at=next_watch(0, now, self.intent.window))",
        "        return self",
    ),
    _planted(
        "watches once only",
        ACCESS,
        "        step = self.watch_step + 1\n",
        "        return replace(self, watch_at=None)\n        step = self.watch_step + 1\n",
    ),
    # A row that differs and is adopted all the same is read back at once, and goes then.
    # A second row that a look leaves live is found by the watch a minute later: nothing that a promise would notice.
    _planted(
        "the same name serves another want",
        ACT,
        "        record.last_number += 1\n",
        "        record.last_number = max(record.last_number, 1)\n",
    ),
    _planted(
        "an unsent intent is sent with what was wanted before",
        ACT,
        "(s for s in here if s.unsent and s.intent.same_as(want.intent) and s.connection_id",
        "(s for s in here if s.unsent and s.connection_id",
    ),
    _planted("creates beside an unknown outcome", DECISION, "    if any(s.unsettled for s in at.sets):\n", "    if False:\n"),
    # --- reading and deciding
    _planted(
        "decides by what it knows, without reading",
        READING,
        '        booking = await run.tools.calls.make(target, "read_booking", lambda: source.read_booking(record.booking_id))',
        '        kept = run.tools.doors.__dict__.setdefault("kept", {})\n        booking = kept.get(record.booking_id) or await run.tools.calls.make(target, "read_booking", lambda: source.read_booking(record.booking_id))\n        kept[record.booking_id] = booking',
    ),
    _planted(
        "names of doors are kept for an hour",
        DOORS,
        "(self.sent_at > since and now - self.sent_at <= DOORS_FRESH_SECONDS)",
        "now - self.sent_at <= 3600",
    ),
    _planted(
        "replaces before the successor is there: revoke first",
        DECISION,
        "    return ReplaceAccess(stale, want) if stale is not None else CreateAccess(want)",
        '    return RevokeAccess(stale, "access.superseded") if stale is not None else CreateAccess(want)',
    ),
    _planted(
        "a replaced set is left live",
        DECISION,
        '        if other is not fitting:\n            return RevokeAccess(other, "access.superseded")',
        '        if False:\n            return RevokeAccess(other, "access.superseded")',
    ),
    _planted(
        "replaces at every reading",
        DECISION,
        "        if candidate.facts.same_as(today):",
        "        if False:",
    ),
    _planted(
        "a moved booking keeps its old access",
        ACCESS,
        '            ("time", self.start != now.start or self.end != now.end),\n',
        "",
    ),
    _planted(
        "a changed visitor is not told",
        ACCESS,
        "_differ(self.email, now.email) or _differ(self.mobile, now.mobile)",
        "_differ(self.mobile, now.mobile)",
    ),
    _planted(
        "a revoke status takes nothing away",
        DECISION,
        '            if at.policy.meaning(at.booking.status) is StatusMeaning.REVOKE:\n                return "status.revoke"',
        '            if False:\n                return "status.revoke"',
    ),
    _planted(
        "a booking that cannot be read loses its access",
        DECISION,
        '            return "status.revoke" if refused else None',
        '            return "status.revoke"',
    ),
    _planted("one 404 is enough", READING, "    if run.now < confirm_at:\n", "    if False:\n"),
    _planted(
        "a vanished booking keeps its access",
        DECISION,
        '        case Presence.GONE | Presence.BRAKED:\n            return "booking.gone"',
        "        case Presence.GONE | Presence.BRAKED:\n            return None",
    ),
    _planted(
        "no second reading after a hint that changed nothing",
        RECONCILE,
        "    if record.hinted and reading.unchanged:\n",
        "    if False:\n",
    ),
    _planted(
        "the window begins at the booking's start", DECISION, "time_before=at.policy.time_before)", "time_before=timedelta())"
    ),
    _planted(
        "creates at any status",
        DECISION,
        '    if at.policy.meaning(booking.status) is not StatusMeaning.TRIGGER and not is_owed:\n        return LeaveAlone("status.neither_trigger_nor_revoke")\n    if not at.policy.active',
        "    if not at.policy.active",
    ),
    _planted(
        "a person's word that takes access away is forgotten",
        DECISION,
        '    if at.withheld:\n        return "booking.withheld"\n',
        "",
    ),
    _planted(
        "looks are counted from the beginning of the work, not from the claim",
        "engine/run.py",
        "self.tools.clock.monotonic() - lease.told_monotonic)",
        "self.tools.clock.monotonic() - self.began_monotonic)",
    ),
    # --- the set-up, and who was there before
    _planted(
        "an edit of the rules takes live access away",
        DECISION,
        "    if not (vanished or returned or fitting.issue_again) or",
        "    edited = fitting.intent.window.valid_from != booking.start - at.policy.time_before\n"
        "    if not (vanished or returned or edited) or",
    ),
    _planted(
        "an integration that is not active creates all the same",
        DECISION,
        '    if not at.policy.active:\n        return LeaveAlone("integration.inactive")\n',
        "",
    ),
    _planted("what stood there before gets access at once", SWEEP, "existing = due if first else []", "existing: list[str] = []"),
    _planted(
        "no brake for a source that shows nothing",
        "engine/brake.py",
        "    if count.live in SMALL_SOURCE and count.gone >= count.live:\n        return True\n",
        "",
    ),
    _planted(
        "a refused credential is never tried again",
        CALLS,
        "if wait <= timedelta() or pause.since > now or wait > longest:",
        "if pause.since > now:",
    ),
    # --- revokes
    _planted(
        "a revoke counts as done when it was asked for",
        ACT,
        "    await revoke_found(run, going, going.authorization_id, asked_before=resumed)\n",
        "    try:\n        await revoke_found(run, going, going.authorization_id, asked_before=resumed)\n    except Stopped:\n        pass\n",
    ),
    _planted(
        "a revoke whose answer was lost is not asked again",
        ACT,
        "        refused_again = asked_before and error.call_class is CallClass.DATA_REFUSED\n",
        "        if error.call_class is CallClass.OUTCOME_UNKNOWN:\n            return\n        refused_again = asked_before and error.call_class is CallClass.DATA_REFUSED\n",
    ),
    _planted(
        "a revoke that failed is not tried again",
        RECONCILE,
        "    again = any(o.failure is not None and o.failure.next in {Next.RETRY, Next.LOOK_FIRST} for o in outcomes)\n",
        '    again = False\n    moments = [] if any(s.state == "revoking" for s in run.sets.values()) else moments\n',
    ),
    _planted(
        "unknown creates of a cancelled booking are forgotten",
        CONVERGE,
        "            if candidate.unsettled:\n                await settle(run, candidate)",
        '            if candidate.unsettled and run.claim.record.status not in {"70", "80"}:\n                await settle(run, candidate)',
    ),
    _planted(
        "what a portal user changed is left so",
        "domain/comparison.py",
        "        return self.life is Life.NOT_LIVE or self.opens_more\n",
        "        return self.life is Life.NOT_LIVE\n",
    ),
    # --- the booking field, the slow loop, levers
    _planted(
        "a text of somebody else in the field is overwritten",
        WRITEBACK,
        "            record.field_seen = seen\n            return True\n",
        "            record.field_seen = seen\n            return False\n",
    ),
    _planted(
        "the field is not cleared after a revoke",
        WRITEBACK,
        "    if not wanted and not _holds_ours(run, integration, current):\n",
        "    if not wanted:\n",
    ),
    _planted("no poll", SWEEP, 'await self._guarded("poll", partial(self._poll, setup, source))', "pass"),
    _planted(
        "the poll's missing rows say nothing",
        SWEEP,
        "            missing = sorted(await store.live_bookings(source.name) - rows.keys())",
        "            missing = []",
    ),
    # The kill switch is heard twice, at the claim and after it: one of them alone is not missed.
    _planted(
        "vanished doors are not noticed",
        DECISION,
        "    vanished = frozenset(fitting.intent.component_ids) - at.live_component_ids",
        "    vanished: frozenset[str] = frozenset()",
    ),
    _planted(
        "addresses stand in the log",
        RECONCILE,
        '    run.tools.watcher.note("booking.failure"',
        '    run.tools.watcher.note("seen", who=str(reading.visitor))\n        run.tools.watcher.note("booking.failure"',
    ),
    # --- erasing
    _planted(
        "erases what is live",
        "domain/retention.py",
        "    if SetState.LIVE in states:\n        return Keeps.LIVE\n",
        "    sets = ()\n    states = set()\n",
    ),
    _planted(
        "an erased booking forgets that it was withheld",
        "adapters/store/erasures.py",
        'record.withheld = record.withheld or cause == "order"',
        "record.withheld = False",
    ),
    _planted(
        "an order to erase is forgotten",
        "engine/retention.py",
        "        await self._erase_ordered()\n",
        "",
    ),
    _planted(
        "a status that leaves lifts what waits to be erased",
        RECONCILE,
        "record.erase_ordered_at is None and not any(",
        "not any(",
    ),
    # --- what others might break
    _planted(
        "the time before is given after the end as well",
        "domain/window.py",
        "valid_to=end.astimezone(UTC))",
        "valid_to=end.astimezone(UTC) + time_before)",
    ),
    _planted(
        "the default country is not heard",
        DECISION,
        "_recipients(visitor, at.policy.default_country)",
        '_recipients(visitor, "")',
    ),
    _planted("00 is not taken for +", "domain/phone.py", '        text = "+" + text[2:]\n', "        pass\n"),
    _planted(
        "a foreign text in the field does not stop a create",
        DECISION,
        '    return Failure("field.foreign", {"field": at.policy.authorization_field}) if at.field_foreign else None',
        "    return None",
    ),
    _planted(
        "a 404 counts though nothing else of the source works",
        READING,
        "    if not unknown and not await _source_works(run, source, vitality):\n",
        "    if False:\n",
    ),
    _planted(
        "who needs a person is never decided anew",
        RECONCILE,
        "            return run.now + min(NEEDS_PERSON_AGAIN, held or NEEDS_PERSON_AGAIN)\n",
        "            return None\n",
    ),
    _planted(
        "gives up after the third try",
        RECONCILE,
        "            return run.now + _pause(run, outcome.cause)\n",
        "            return run.now + _pause(run, outcome.cause) if run.claim.record.tries < 3 else None\n",
    ),
    _planted(
        "live access is not read again",
        SWEEP,
        "            if await tools.store.wake_rereads(per_source=most):",
        "            if False:",
    ),
    _planted(
        "a site that the object has left is forgotten",
        RECONCILE,
        "    return tuple(dict.fromkeys((*mapped, *held)))",
        "    return tuple(mapped) or tuple(dict.fromkeys(held))",
    ),
    _planted(
        "a moved window fits",
        ACCESS,
        "            and self.window == other.window\n            and self.recipients == other.recipients\n",
        "            and self.recipients == other.recipients\n",
    ),
    _planted("other doors fit", ACCESS, "            and set(self.component_ids) == set(other.component_ids)\n", ""),
    _planted(
        "the field is written at every reading",
        WRITEBACK,
        "    if wanted is None or wanted == current:\n",
        "    if wanted is None:\n",
    ),
    _planted(
        "a clock that was ahead is believed",
        RECONCILE,
        "        _correct_times(run)\n        expire(run)\n",
        "        expire(run)\n",
    ),
    _planted(
        "reads the first page only",
        "resivo/client.py",
        "for page in range(operation.page_first, operation.page_first + PAGES_MAX):",
        "for page in range(operation.page_first, operation.page_first + 1):",
    ),
    _planted(
        "what was confirmed as gone once stays so",
        READING,
        "    record.gone_at = None\n    record.gone_confirmed = False\n",
        "",
    ),
    _planted(
        "of two doors of one name the first is taken",
        "domain/components.py",
        "    if ambiguous:\n",
        "    if False:\n",
    ),
    _planted(
        "a successor that somebody ended in the portal is made again",
        DECISION,
        "    spoiled = _spoiled_elsewhere(at, want)\n",
        "    spoiled = None if _live(at) else _spoiled_elsewhere(at, want)\n",
    ),
    _planted(
        "what was taken back before the next poll is not news to it",
        READING,
        "        run.pending.row_is_old = not (is_new and asks)\n",
        "",
    ),
    _planted(
        "an id is written with a lease that has ended",
        WRITEBACK,
        "    if run.lease.ends_monotonic <= run.tools.clock.monotonic():\n",
        "    if False:\n",
    ),
    _planted(
        "what a clock that was ahead ended is revoked when its right was in doubt",
        "domain/setback.py",
        "    state = SetState.REVOKING if one.revoke_reason else SetState.LIVE\n",
        "    state = SetState.LIVE if one.right_ended_at is None else SetState.REVOKING\n",
    ),
    _planted(
        "a probe that a clock put off for hours is waited for",
        "adapters/store/pauses.py",
        "            set_back = or_(pauses.c.since > now + span(SET_BACK), pauses.c.probe_at > next_probe_at + SET_BACK)\n",
        "            set_back = pauses.c.since > now + span(SET_BACK)\n",
    ),
    _planted(
        "a pace that a clock slowed for hours is kept",
        "adapters/store/paces.py",
        "max(row.since, row.slowed_at) > await",
        "row.since > await",
    ),
    _planted(
        "a successor is made at any status although changes wait for a trigger",
        DECISION,
        "    return at.policy.active and (meaning is StatusMeaning.TRIGGER or at.policy.follow_changes is FollowChanges.ANY)",
        "    return at.policy.active",
    ),
    _planted(
        "the order to issue again is forgotten",
        DECISION,
        "    if not (vanished or returned or fitting.issue_again) or",
        "    if not (vanished or returned) or",
    ),
    _planted(
        "issues again and again what was to be issued again once",
        ACT,
        "            intent=want.intent,\n            facts=want.facts,\n        )",
        "            intent=want.intent,\n            facts=want.facts,\n            issue_again=any(s.issue_again for s in here),\n        )",
    ),
    _planted(
        "a booking that was not found once is forgotten",
        SWEEP,
        '            return self._may_ask(f"listed:{source}:{booking_id}", LISTED_AGAIN, bound=False)\n',
        "            return False\n",
    ),
    _planted(
        "a pause that is over is kept",
        CALLS,
        "            if await self._store.unpause(key):",
        "            if False:",
    ),
    _planted(
        "the watch revokes what is recorded and keeps the twin",
        SETTLE,
        "        kept = watched.authorization_id if watched.state is SetState.LIVE else None\n",
        "        kept = None\n",
    ),
    _planted(
        "time that an edit adds is taken from the booking's end",
        "domain/window.py",
        "valid_from=start.astimezone(UTC) - time_before",
        "valid_from=start.astimezone(UTC) - 2 * time_before",
    ),
    _planted(
        "a booking says what its first site says",
        "engine/reconcile.py",
        "    told = [o.reason for o in outcomes if o.state is state] +",
        "    told = [o.reason for o in outcomes] +",
    ),
    _planted(
        "a connection whose commit failed is used again",
        "adapters/store/group_commit.py",
        "        await connection.invalidate()\n",
        "",
    ),
    _planted(
        "where nothing is polled everything answered 404 is believed after half an hour",
        "engine/reading.py",
        "    return UNBELIEVED_TRIES if known is not None and known.poll_seconds else UNBELIEVED_TRIES_UNPOLLED\n",
        "    return UNBELIEVED_TRIES\n",
    ),
)
