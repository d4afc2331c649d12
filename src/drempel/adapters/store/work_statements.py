"""The statements of claim, lease and fence, built once for each database in use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Executable,
    Select,
    Update,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
    tuple_,
    update,
)

from drempel.adapters.store.database import Database
from drempel.adapters.store.rows import LEVER_COLUMNS, RECORD_COLUMNS, SET_COLUMNS
from drempel.adapters.store.tables import bookings, events, integrations, pauses, poll_rows, sets
from drempel.adapters.store.times import span
from drempel.domain.access import BookingState, SetState
from drempel.engine.limits import STARTS_SOON

__all__ = ["OLD_ROW", "WorkStatements", "due_again", "due_fresh", "order_of_claims", "padded", "parts"]

OLD_ROW: Final = "!"
"""In place of the hash of what a poll showed, once the booking was read otherwise: no row is equal to it."""
Key = TypeVar("Key", int, str)
KEYS_AT_ONCE: Final = 1024

_IMMUTABLE_OF_SETS: Final = frozenset({"number", "policy_version", "display_name", "site_id", "valid_from", "valid_to", "intent"})
_RECORD_WRITTEN: Final = tuple(name for name in RECORD_COLUMNS if name not in {"source", "booking_id"})


def padded(keys: Iterable[Key]) -> list[Key]:
    """At least one key, in order, the last repeated up to a power of two: few lengths, few statements for a database to prepare."""
    ordered = sorted(set(keys))
    length = 1 << (len(ordered) - 1).bit_length()
    return ordered + [ordered[-1]] * (length - len(ordered))


def parts(values: Collection[Key]) -> Iterator[list[Key]]:
    """In order, so many at once: both databases limit the parameters of a statement."""
    ordered = sorted(values)
    for start in range(0, len(ordered), KEYS_AT_ONCE):
        yield ordered[start : start + KEYS_AT_ONCE]


def _to(name: str) -> Any:
    """A parameter for a column: named apart, because an UPDATE keeps the columns' own names for itself."""
    return bindparam(f"to_{name}", type_=bookings.c[name].type)


class WorkStatements:
    """Statements on the work table. Those with `now` in them are executed with `Database.time.params()`."""

    def __init__(self, database: Database, *, lease: timedelta) -> None:
        now = database.time.sql
        is_mine = and_(bookings.c.id == bindparam("key"), bookings.c.token == bindparam("fence"))
        self.claim = _claim(now, lease)
        of_source = bookings.c.source == bindparam("of_source")
        self.claim_known = _claim(now, lease, and_(of_source, bookings.c.status.is_not(None)))
        self.claim_unread = _claim(now, lease, and_(of_source, bookings.c.status.is_(None)), longest_due=True)
        self.claim_longest_due = _claim(now, lease, of_source, longest_due=True)
        self.claim_others = _claim(now, lease, bookings.c.source.not_in(bindparam("but_sources", expanding=True)))
        # A pause that somebody waits for does not end before his waiting is committed, or it has ended already.
        self.hold_pauses: Select[Any] = (
            select(pauses.c.key)
            .where(pauses.c.key.in_(bindparam("names", expanding=True)))
            .order_by(pauses.c.key)
            .with_for_update(read=True, key_share=True)
        )
        self.sets_of: Select[Any] = (
            select(sets.c.booking_key, *(sets.c[name] for name in SET_COLUMNS))
            .where(sets.c.booking_key.in_(bindparam("keys", expanding=True)))
            .order_by(sets.c.booking_key, sets.c.number)
        )
        self._locked = select(bookings.c.id, bookings.c.token, bookings.c.version, bookings.c.leased_until)
        if not database.time.is_handed_in:
            self._locked = self._locked.add_columns(now.label("now"))
        self.keys_of: Select[Any] = select(bookings.c.id).where(
            bookings.c.source == bindparam("of_source"), bookings.c.booking_id.in_(bindparam("names", expanding=True))
        )
        self.hint = _make_due(database, hinted=True)
        self.wake = _make_due(database, hinted=False)
        self.put_set: Executable = _put_set(database)
        self.drop_set = delete(sets).where(sets.c.booking_key == bindparam("key"), sets.c.number == bindparam("dropped"))
        self.add_event = insert(events)
        this = select(bookings.c.source, bookings.c.booking_id).where(bookings.c.id == bindparam("key"))
        of_this = tuple_(poll_rows.c.source, poll_rows.c.booking_id).in_(this)
        # Of an erased one only that it is there is kept.
        self.note_old_row = (
            update(poll_rows)
            .where(of_this, poll_rows.c.row_hash != literal_column("''"))
            .values(row_hash=literal_column(f"'{OLD_ROW}'"))
        )
        self.note_sets = update(bookings).where(bookings.c.id == bindparam("key")).values(**_live_window())
        self.note_commit = update(bookings).where(is_mine).values(last_number=_to("last_number"), **_live_window())
        self.note_commit_renewed = self.note_commit.values(leased_until=_to("leased_until"))
        self.renew = update(bookings).where(is_mine).values(leased_until=_to("leased_until"))
        self.release = update(bookings).where(is_mine).values(leased_until=null(), next_at=_to("next_at"))
        done = {"leased_until": null(), "done_at": _to("done_at"), **_live_window()}
        self.complete = update(bookings).where(is_mine).values(**done, **{name: _to(name) for name in _RECORD_WRITTEN})
        self.complete_moved = (
            update(bookings)
            .where(is_mine)
            .values(**done, **{name: _to(name) for name in _RECORD_WRITTEN if name not in LEVER_COLUMNS})
        )

    def lock(self, keys: Sequence[BindParameter[Any]]) -> Select[Any]:
        """In order of their keys, everywhere: so two who lock several never wait for each other in a circle."""
        return self._locked.where(bookings.c.id.in_(keys)).order_by(bookings.c.id).with_for_update()


def _claim(
    now: ColumnElement[Any], lease: timedelta, of_sources: ColumnElement[bool] | None = None, *, longest_due: bool = False
) -> Update:
    # Worked out once for all rows. The index, below, is compared with the plain expression: only of that the planner knows how much it leaves.
    moment = select(now).scalar_subquery()
    live_now = and_(bookings.c.hinted, bookings.c.live_from <= moment, bookings.c.live_to > moment)
    starts_soon = and_(bookings.c.starts_at <= moment + span(STARTS_SOON), bookings.c.ends_at > moment)
    # A revoke that was begun and not confirmed, by the booking's own times: its sets are not live any more by name.
    ends_now = and_(bookings.c.state == literal_column(f"'{BookingState.REVOKING.value}'"), starts_soon)
    # Written out, not as parameters: asyncpg takes an untyped parameter inside CASE for text.
    first, second, third = (literal_column(str(rank), BigInteger) for rank in range(3))
    urgency = case((or_(live_now, ends_now), first), (or_(bookings.c.status.is_(None), starts_soon), second), else_=third)
    # A booking that was never read may start at any moment: it stands where it became due.
    begins = func.coalesce(bookings.c.starts_at, bookings.c.next_at)
    all_paused = (
        select(integrations.c.source)
        .group_by(integrations.c.source)
        .having(func.count() == func.count(integrations.c.paused_at))
        .scalar_subquery()
    )
    # MATERIALIZED, so that no plan runs the pick twice and locks twice as many rows.
    pick = (
        select(bookings.c.id)
        .where(
            bookings.c.next_at <= now,
            or_(
                bookings.c.leased_until.is_(None),
                bookings.c.leased_until <= moment,
                # No lease is that long: it was written by a clock that has been set back since.
                bookings.c.leased_until > moment + span(2 * lease),
            ),
            not_(bookings.c.source.in_(all_paused)),
            *(() if of_sources is None else (of_sources,)),
        )
        .order_by(*(() if longest_due else (urgency, begins)), bookings.c.next_at, bookings.c.id)
        .limit(bindparam("claims_max", type_=BigInteger))
        .with_for_update(of=bookings, skip_locked=True)
        .cte("pick")
        .prefix_with("MATERIALIZED")
    )
    return (
        update(bookings)
        .where(bookings.c.id == pick.c.id)
        .values(leased_until=now + span(lease), token=bookings.c.token + literal_column("1", BigInteger))
        .returning(
            bookings.c.id,
            bookings.c.token,
            bookings.c.version,
            now.label("now"),
            # Bare columns only: SQLite 3.40 answers `IS NULL` wrongly in RETURNING, and knows no columns of the pick there.
            bookings.c.live_from,
            bookings.c.live_to,
            *(bookings.c[name] for name in RECORD_COLUMNS),
        )
    )


def order_of_claims(row: Any) -> tuple[int, datetime, datetime, int]:
    """Sorts claimed rows as the statement picked them: RETURNING promises no order."""
    starts_soon = row.starts_at is not None and row.starts_at <= row.now + STARTS_SOON and row.ends_at > row.now
    live_now = row.hinted and row.live_from is not None and row.live_from <= row.now < row.live_to
    if live_now or (row.state == BookingState.REVOKING and starts_soon):
        urgency = 0
    elif row.status is None or starts_soon:
        urgency = 1
    else:
        urgency = 2
    return urgency, row.starts_at or row.next_at, row.next_at, row.id


def _live_window() -> dict[str, Any]:
    """What the order of claims needs to know of the sets, kept beside the booking with each write of a set."""
    # In FILTER, not in WHERE: there PostgreSQL might read a whole index of live sets for each row, as long as it knows nothing of the table.
    is_live = sets.c.state == literal_column(f"'{SetState.LIVE.value}'")
    of_this = sets.c.booking_key == bookings.c.id
    return {
        "live_from": select(func.min(sets.c.valid_from).filter(is_live)).where(of_this).scalar_subquery(),
        "live_to": select(func.max(sets.c.valid_to).filter(is_live)).where(of_this).scalar_subquery(),
    }


def due_fresh(now: ColumnElement[Any], *, hinted: bool, times: ColumnElement[Any]) -> dict[str, Any]:
    """What the row of a booking that becomes due begins with, apart from its name. `times`: how often it was told of at once."""
    fresh = {"next_at": now, "version": times}
    return fresh | {"hinted": true(), "told_at": now, "hinted_at": now} if hinted else fresh


def due_again(now: ColumnElement[Any], *, hinted: bool, times: ColumnElement[Any]) -> dict[str, Any]:
    """What is written into a row that is there already: a worker who is at it will not be the last to look."""
    again = {"next_at": now, "version": bookings.c.version + times}
    if not hinted:
        return again
    return again | {"hinted": true(), "told_at": func.coalesce(bookings.c.told_at, now), "hinted_at": now}


def _make_due(database: Database, *, hinted: bool) -> Executable:
    now, once = database.time.sql, literal_column("1", BigInteger)
    fresh = {"source": bindparam("of_source"), "booking_id": bindparam("of_booking"), **due_fresh(now, hinted=hinted, times=once)}
    put = database.insert(bookings).values(**fresh)
    return put.on_conflict_do_update(index_elements=["source", "booking_id"], set_=due_again(now, hinted=hinted, times=once))


def _put_set(database: Database) -> Executable:
    put = database.insert(sets)
    changed = {name: put.excluded[name] for name in SET_COLUMNS if name not in _IMMUTABLE_OF_SETS}
    return put.on_conflict_do_update(index_elements=["booking_key", "number"], set_=changed)
