"""An audit as a person reads it. What came from outside is stripped of characters that could steer the terminal."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from drempel.cli.showing import harmless
from drempel.engine.audit import NOTHING_TO_DO, Finding, Kind
from drempel.engine.audit_object import NO_LIST, remedy, whose
from drempel.engine.auditor import PlaceAudit
from drempel.engine.places import Place

__all__ = ["audit_lines", "progress_bar"]

LONG_LIST: Final = 100
"""Of fewer sets nobody needs to be told how far it is."""


def audit_lines(audits: Sequence[PlaceAudit], *, now: datetime) -> Iterator[str]:
    """Place by place: how many of each class, then what does not agree. `now` is the store's."""
    if not audits:
        yield "No integration has a site yet: say `drempel apply FILE`."
    for one in audits:
        yield f"{', '.join(one.place.integrations) or 'an integration that was removed'} at site {one.place.site_id}"
        if one.problem:
            yield f"  not compared: {harmless(one.problem)}"
            continue
        counts = Counter(finding.kind for finding in one.findings)
        width = len(f"{max(counts.values(), default=0):,}")
        for kind in Kind:
            if counts[kind] or kind is Kind.AGREES:
                yield f"  {kind.value:<15} {counts[kind]:>{width},}"
        if not one.listed:
            yield f"  {NO_LIST}"
        for finding in one.findings:
            if finding.kind not in NOTHING_TO_DO:
                yield from _finding(finding, one.sources, now)


def _finding(finding: Finding, sources: frozenset[str], now: datetime) -> Iterator[str]:
    row, known = finding.row, finding.at.set if finding.at is not None else None
    name = (row.display_name if row is not None else "") or (known.display_name if known is not None else "")
    identity = row.id if row is not None else known.authorization_id if known is not None else None
    yield ""
    yield f"  {finding.kind.value}  {harmless(identity or 'no id yet')}  {harmless(name)}"
    booking = whose(finding, sources)
    told = ["no booking can be told" if booking is None else f"booking {harmless(booking[1])} of {booking[0]}"]
    if known is not None:
        told.append(f"our record: {known.state.value}, number {known.number}")
    if finding.differs:
        told.append(", ".join(finding.differs))
    told.append(
        "age unknown" if finding.since is None else f"since {finding.since:%Y-%m-%d %H:%M} UTC ({_age(now - finding.since)})"
    )
    yield f"    {'; '.join(told)}"
    yield f"    {harmless(remedy(finding, sources))}"


def _age(age: timedelta) -> str:
    if age < timedelta(hours=1):
        return f"{max(0, int(age.total_seconds() // 60))} min"
    return f"{int(age.total_seconds() // 3600)} h" if age < timedelta(days=2) else f"{age.days} days"


@contextlib.contextmanager
def progress_bar(*, shown: bool) -> Iterator[Callable[[Place, int, int | None], None]]:
    """How far an audit is, on standard error; gone when it ends. Nothing is shown of short lists."""
    if not shown:
        yield lambda _place, _done, _of: None
        return
    from rich.console import Console  # noqa: PLC0415  # only at a terminal
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True, force_terminal=True), transient=True)
    tasks = {}

    def progress(place: Place, done: int, of: int | None) -> None:
        if max(done, of or 0) < LONG_LIST:
            return
        bar.start()
        key = (place, of is None)
        if key not in tasks:
            doing = "sets listed" if of is None else "sets read again"
            tasks[key] = bar.add_task(f"{', '.join(place.integrations)} at site {place.site_id}: {doing}", total=of)
        bar.update(tasks[key], completed=done)

    try:
        yield progress
    finally:
        if tasks:
            bar.stop()
