"""The table of tortures, for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.table import Table

from bench.figures import Machine
from bench.kills.report import PAGE, machine_line
from bench.page import put_between
from bench.torture.rows import Scored

__all__ = ["block", "line", "table", "write_page"]

BEGIN, END = "<!-- torture: begin -->", "<!-- torture: end -->"
COUNTS = ("lost", "doubled", "orphaned", "late", "silent")


def _counts(scored: Scored) -> list[str]:
    return [str(getattr(scored.tally, name)) for name in COUNTS]


def _told(scored: Scored) -> str:
    return "; ".join((*scored.notes, *scored.broken))


def line(scored: Scored) -> str:
    found = ", ".join(f"{count} {name}" for name, count in zip(COUNTS, _counts(scored), strict=True) if count != "0")
    return f"{scored.subject}: {scored.row}: {found or 'all well'}" + (f" ({_told(scored)})" if _told(scored) else "")


def table(all_scored: Sequence[Scored]) -> Table:
    shown = Table(title="Of bookings whose hint was acknowledged", title_justify="left", box=box.SIMPLE)
    for name in ("", "told", *COUNTS):
        shown.add_column(name, justify="left" if not name else "right")
    last = ""
    for scored in all_scored:
        if scored.row != last:
            shown.add_row(scored.row, style="bold")
        last = scored.row
        style = "" if scored.kept else "red"
        shown.add_row(f"  {scored.subject}", str(scored.tally.acknowledged), *_counts(scored), style=style)
    return shown


def block(all_scored: Sequence[Scored], machine: Machine, versions: str) -> str:
    """For the page."""
    lines = [
        f"Measured {machine_line(machine)}; {versions}.",
        "",
        "| torture | subject | acknowledged | " + " | ".join(COUNTS) + " | beside |",
        "| --- | --- | ---: |" + " ---: |" * len(COUNTS) + " --- |",
    ]
    for scored in all_scored:
        cells = (f"{scored.row} (late after {scored.late_after:g} s)", scored.subject, str(scored.tally.acknowledged))
        lines.append("| " + " | ".join((*cells, *_counts(scored), _told(scored))) + " |")
    return "\n".join(lines)


def write_page(all_scored: Sequence[Scored], machine: Machine, versions: str, page: Path = PAGE) -> None:
    put_between(page, BEGIN, END, block(all_scored, machine, versions))
