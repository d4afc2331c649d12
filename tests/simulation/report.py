"""The figures of docs/reliability.md: seeds, steps, faults by kind, deaths at every await, planted faults. One run writes them.

python -m tests.simulation.report --seeds 10000 --write-docs
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.simulation.actions import ACTIONS
from tests.simulation.mutants import FIRST, Hunt, hunt_all
from tests.simulation.mutations import MUTATIONS
from tests.simulation.paths import STORIES, WAYS, run_paths
from tests.simulation.run import Outcome, run_seeds

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- world: begin -->", "<!-- world: end -->"
PARTS = ("seeds", "planted", "paths")
"""As they stand on the page. Played are the seeds last."""
EACH = 500
CALLS = ("creates", "revokes", "field writes")


def main() -> int:
    parser = argparse.ArgumentParser(description="Play the world at length and write what came of it.")
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--mutant-seeds", type=int, default=400, help="give a planted fault up after so many seeds")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--write-docs", action="store_true", help="put the figures into docs/reliability.md")
    options = parser.parse_args()
    began = time.monotonic()
    parts: dict[str, list[str]] = {}

    def write() -> None:
        """After each part, and in the longest after each five hundred seeds: an end before its time loses only what is missing."""
        took = timedelta(seconds=round(time.monotonic() - began))
        told_by = (
            f"Measured {datetime.now(UTC):%Y-%m-%d} with Python {platform.python_version()}, in {took} on {options.jobs} cores, by "
            f"`python -m tests.simulation.report --seeds {options.seeds} --first {options.first} --mutant-seeds {options.mutant_seeds} --write-docs`."
        )
        text = "\n".join((told_by, *(line for name in PARTS if name in parts for line in ("", *parts[name]))))
        if options.write_docs:
            _write(text)
        else:
            print(text)

    hunts = hunt_all(MUTATIONS, first=FIRST, seeds=options.mutant_seeds, jobs=options.jobs)
    parts["planted"] = _hunts(hunts, options.mutant_seeds)
    write()
    counts, failures = run_paths(list(STORIES), WAYS, jobs=options.jobs)
    print("\n".join(failures))
    parts["paths"] = _paths(counts, failures)
    write()
    played: Counter[str] = Counter()
    failed: list[int] = []

    def told(done: int, seed: int, outcome: Outcome) -> None:
        nonlocal played
        played += outcome.played
        if outcome.broken:
            failed.append(seed)
            print(f"seed {seed}: {outcome.broken[0]}", flush=True)
        if done % EACH == 0 or done == options.seeds:
            print(f"{done} of {options.seeds} seeds, {timedelta(seconds=round(time.monotonic() - began))}", flush=True)
            parts["seeds"] = _world(options.first, done, played, failed)
            write()

    run_seeds(options.first, options.seeds, jobs=options.jobs, told=told)
    return 1 if failed or failures or not all(one.caught for one in hunts) else 0


def _world(first: int, done: int, played: Counter[str], failed: list[int]) -> list[str]:
    steps = sum(count for name, count in played.items() if name in ACTIONS)
    faults = {name: count for name, count in played.items() if name not in ACTIONS and name not in CALLS}
    by_kind: Counter[str] = Counter()
    for name, count in faults.items():
        by_kind[name.partition(": ")[2]] += count
    seen = ", ".join(f"{played[name]:,} {name}" for name in CALLS)
    return [
        "### Seeds",
        "",
        f"From seed {first} on: **{done:,} seeds, {steps:,} steps, {sum(faults.values()):,} faults, {len(failed)} violations**. "
        f"Drempel made {seen} in them, and each was judged when it was made."
        + (f" Failed: {', '.join(map(str, sorted(failed)))}." if failed else ""),
        "",
        "| what happened | times |",
        "|---|---:|",
        *(f"| {name} | {played[name]:,} |" for name in sorted(ACTIONS, key=lambda name: -played[name])),
        "",
        "| fault | calls that were to meet it |",
        "|---|---:|",
        *(f"| {kind} | {count:,} |" for kind, count in sorted(by_kind.items())),
    ]


def _paths(counts: dict[tuple[str, str], int], failures: list[str]) -> list[str]:
    return [
        "### Every await",
        "",
        (
            f"{sum(counts.values()):,} runs, {len(failures)} violations. A worker dies at the step, or stands there until its lease has ended and another has "
            "done its work. The steps are counted by the run itself."
        ),
        "",
        "| story | dies at each of | stands at each of |",
        "|---|---:|---:|",
        *(f"| {story.replace('_', ' ')} | {counts[story, 'dies']} | {counts[story, 'stands']} |" for story in STORIES),
    ]


def _hunts(hunts: list[Hunt], seeds: int) -> list[str]:
    caught = sum(one.caught for one in hunts)
    return [
        "### Planted faults",
        "",
        f"**{caught} of {len(hunts)} caught**, each by seeds from {FIRST} on, given up after {seeds}.",
        "",
        "| planted fault | caught by seed number | what the world said |",
        "|---|---:|---|",
        *(f"| {one.name} | {one.seeds if one.caught else 'not caught'} | {_short(one.how)} |" for one in hunts),
    ]


def _short(how: str) -> str:
    """The kind of violation: names of bookings differ from run to run."""
    return how.partition(":")[0] if how.startswith(("never", "fault", "a fault", "look first")) else how.replace("|", "/")[:80]


def _write(text: str) -> None:
    page = PAGE.read_text("utf-8")
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{PAGE} has not both {BEGIN} and {END}: put them where the figures belong.")
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
