"""The figures as tables, one column for each contender: for the terminal, and for the page."""

from __future__ import annotations

from collections.abc import Callable

from rich.table import Table

from bench.figures import Figures, Run, Spread

__all__ = ["MEASURES", "markdown", "rows", "terminal"]

NONE = "-"


def _rate(_: Run, of: Figures) -> str:
    slowest, fastest = of.per_second_range
    spread = f" ({slowest:.0f} to {fastest:.0f})" if len(of.throughput) > 1 else ""
    return f"{of.per_second:.0f}{spread}"


def _of_event(part: Callable[[Spread], float]) -> Callable[[Run, Figures], str]:
    return lambda _, of: NONE if of.latency is None else f"{part(of.latency.event_to_set):.1f} ms"


def _of_hint(part: Callable[[Spread], float]) -> Callable[[Run, Figures], str]:
    return lambda _, of: NONE if of.hints is None else f"{part(of.hints.to_accepted):.1f} ms"


MEASURES: tuple[tuple[str, Callable[[Run, Figures], str]], ...] = (
    ("bookings per second", _rate),
    ("beside the bare client", lambda run, of: f"{run.ratio(of):.2f}"),
    ("event to set, p50", _of_event(lambda spread: spread.p50)),
    ("event to set, p99", _of_event(lambda spread: spread.p99)),
    ("hint to 202, p50", _of_hint(lambda spread: spread.p50)),
    ("hint to 202, p99", _of_hint(lambda spread: spread.p99)),
    ("memory, peak", lambda _, of: NONE if of.peak_mib is None else f"{of.peak_mib:.0f} MiB"),
    ("memory, end", lambda _, of: NONE if of.end_mib is None else f"{of.end_mib:.0f} MiB"),
    ("CPU per booking", lambda _, of: NONE if of.cpu_ms_per_booking is None else f"{of.cpu_ms_per_booking:.1f} ms"),
)


def rows(run: Run) -> list[tuple[str, ...]]:
    """One for each measure, with a value for each contender."""
    return [(name, *(value(run, of) for of in run.contenders)) for name, value in MEASURES]


def terminal(run: Run) -> Table:
    """For people at a terminal of 80 columns."""
    table = Table(title=f"Resivo answers in {run.resivo_ms:g} ms, i-Reserve in {run.ireserve_ms:g} ms", title_justify="left")
    table.add_column("")
    for of in run.contenders:
        table.add_column(of.name, justify="right")
    for row in rows(run):
        table.add_row(*row)
    return table


def markdown(run: Run) -> str:
    """For the page."""
    lines = [("", *(of.name for of in run.contenders)), ("---", *("---:" for _ in run.contenders)), *rows(run)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
