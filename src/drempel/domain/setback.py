"""What is left of a time in which our clock was ahead: moments that cannot be, and sets that were taken for over too early. Pure.

Nothing here changes anything as long as the clock only goes forward.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from drempel.domain.access import WATCH_AFTER, AuthorizationSet, SetState, next_watch

__all__ = ["corrected", "earlier"]

WATCH_STEP_MAX: Final = timedelta(days=1)


def earlier(moment: datetime | None, latest: datetime) -> datetime | None:
    """The moment, or the latest that it can be."""
    return None if moment is None else min(moment, latest)


def corrected(one: AuthorizationSet, now: datetime, *, look_within: timedelta) -> AuthorizationSet:
    """The set as a clock that was never ahead would have left it. `look_within`: the longest time for which a look is ever put off."""
    if one.state is SetState.ENDED and not one.intent.window.is_over(now):
        return _revived(one, now)
    watch_within = WATCH_AFTER[one.watch_step] if one.watch_step < len(WATCH_AFTER) else WATCH_STEP_MAX
    look_at = earlier(one.look_at, now + look_within)
    watch_at = earlier(one.watch_at, now + watch_within)
    if (look_at, watch_at) == (one.look_at, one.watch_at):
        return one
    return replace(one, look_at=look_at, watch_at=watch_at)


def _revived(one: AuthorizationSet, now: datetime) -> AuthorizationSet:
    """Its window is not over after all: it stands where it stood, as far as that is known."""
    if one.authorization_id is None:
        return replace(one, state=SetState.UNKNOWN, maybe_sent=True, look_at=now, looks=0, ever_unknown=True)
    # That the right to it had ended, as far as anybody told, is asked anew; that it was to be revoked is not.
    state = SetState.REVOKING if one.revoke_reason else SetState.LIVE
    watch_at = next_watch(0, now, one.intent.window) if one.ever_unknown else None
    return replace(one, state=state, watch_step=0, watch_at=watch_at)
