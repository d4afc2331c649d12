"""The figures for people: a line while it runs, a table at the end, histograms, and the block of a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.table import Table

from bench.figures import Machine
from bench.kills.scene import SETTINGS, Result
from bench.page import put_between

__all__ = ["PAGE", "SETTINGS_LINE", "block", "histograms", "line", "machine_line", "rank", "table", "write_page"]

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- kills: begin -->", "<!-- kills: end -->"
SETTINGS_LINE = "settings: " + ", ".join(f"{name.removeprefix('DREMPEL_')}={value}" for name, value in SETTINGS.items())
COLUMNS = ("scene", "kills", "changes", "lost", "doubled", "live", "foreign", "wait")
"""So few that a terminal of 80 columns shows them."""
NAME_WIDTH = 20
BARS_MAX = 40
STEP_SECONDS = 0.25
STEPS_MAX = 24


def rank(values: Sequence[float], share: float) -> float:
    """By nearest rank: each figure was really measured."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def machine_line(machine: Machine) -> str:
    return (
        f"{machine.at}, {machine.cores} cores, Python {machine.python}, {machine.system}, {machine.filesystem}, "
        f"load before the run {machine.load_before:.1f}"
    )


def line(result: Result) -> str:
    word = "kept" if not result.broken else "BROKEN"
    told = [f"{result.name} ({result.store}): {word}", f"{result.kills} kills" if result.kills else "", *result.facts]
    return "; ".join(part for part in told if part) + f" ({result.seconds:.0f} s)"


def _cells(result: Result) -> tuple[str, ...]:
    kills = f"{result.kills} ({result.terms} TERM)" if result.terms else str(result.kills or "-")
    longest = f"{max(result.waits):.1f} s" if result.waits else "-"
    counts = (result.lost + result.unsaid, result.doubled, result.left_live, result.foreign)
    return (result.name, kills, str(result.actions), *map(str, counts), longest)


def table(results: Sequence[Result]) -> Table:
    shown = Table(title="Kills and outages under load", title_justify="left", box=box.SIMPLE, padding=(0, 1, 0, 0))
    for number, name in enumerate(COLUMNS):
        shown.add_column(name, justify="right" if number else "left", min_width=None if number else NAME_WIDTH)
    for result in results:
        shown.add_row(*_cells(result), style="red" if result.broken else "")
    return shown


def histograms(results: Sequence[Result]) -> list[str]:
    """Take-over times, for each scene that has any: one bar for each quarter of a second."""
    return [text for result in results if (text := _histogram(result))]


def _histogram(result: Result) -> str:
    values = result.takeovers
    if not values:
        return ""
    steps = [0] * (min(STEPS_MAX, int(max(values) / STEP_SECONDS)) + 1)
    for value in values:
        steps[min(STEPS_MAX, int(value / STEP_SECONDS))] += 1
    scale = min(1.0, BARS_MAX / max(steps))
    lines = [f"{result.name}: {takeover_line(result)}"]
    first = next(number for number, count in enumerate(steps) if count)
    for number in range(first, len(steps)):
        bar = "█" * max(math.ceil(steps[number] * scale), 0)
        over = ">" if number == STEPS_MAX else " "
        lines.append(f" {over}{number * STEP_SECONDS:5.2f} s {bar} {steps[number] or ''}".rstrip())
    return "\n".join(lines)


def takeover_line(result: Result) -> str:
    values = result.takeovers
    p50, p95 = rank(values, 0.5), rank(values, 0.95)
    return f"taken over after p50 {p50:.2f} s, p95 {p95:.2f} s, at most {max(values):.2f} s ({len(values)} kills with bookings in hand)"


def block(results: Sequence[Result], machine: Machine, *, seed: int) -> str:
    """For the page."""
    kills = sum(result.kills for result in results)
    lines = [
        f"Measured {machine_line(machine)}; seed {seed}; {SETTINGS_LINE}.",
        "",
        f"{kills} kills, {sum(result.actions for result in results)} changes of {sum(result.bookings for result in results)} bookings: "
        + ("every promise was kept." if not any(result.broken for result in results) else "**not every promise was kept.**"),
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "| --- |" + " ---: |" * (len(COLUMNS) - 1),
        *("| " + " | ".join(_cells(result)) + " |" for result in results),
        "",
    ]
    lines += [f"- {result.name}: {takeover_line(result)}" for result in results if result.takeovers]
    lines += [f"- {result.name}: SIGTERM ended within {max(result.ends):.1f} s, with 0" for result in results if result.ends]
    lines += [f"- {result.name}: {'; '.join(result.facts)}" for result in results if result.facts]
    return "\n".join(lines)


def write_page(results: Sequence[Result], machine: Machine, *, seed: int, page: Path = PAGE) -> None:
    put_between(page, BEGIN, END, block(results, machine, seed=seed))
