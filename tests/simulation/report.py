"""The figures of docs/reliability.md: seeds, steps, faults by kind, deaths at every await, planted faults. One run writes them.

python -m tests.simulation.report --seeds 10000 --write-docs
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.simulation.actions import ACTIONS
from tests.simulation.mutants import FIRST, PLANTED, Hunt, hunt_all
from tests.simulation.paths import STORIES, WAYS, run_paths
from tests.simulation.run import Outcome, run_seeds

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- world: begin -->", "<!-- world: end -->"
PARTS = ("planted", "paths", "seeds")
"""In the order in which they are played."""
HEADINGS = {"seeds": "### Seeds", "planted": "### Planted faults", "paths": "### Every await"}
"""In the order in which they stand on the page."""
EACH = 500
CALLS = ("creates", "revokes", "field writes")


def main() -> int:
    parser = argparse.ArgumentParser(description="Play the world at length and write what came of it.")
    parser.add_argument("--parts", default=",".join(PARTS), type=_parts, help=f"some of {','.join(PARTS)} (default all)")
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--mutant-seeds", type=int, default=400, help="give a planted fault up after so many seeds")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--write-docs", action="store_true", help="put the figures into docs/reliability.md, and leave there what is not run"
    )
    options = parser.parse_args()
    play = {"planted": _play_planted, "paths": _play_paths, "seeds": _play_seeds}
    went_well = [play[part](options) for part in PARTS if part in options.parts]
    return 0 if all(went_well) else 1


def _parts(text: str) -> tuple[str, ...]:
    parts = tuple(text.split(","))
    if not set(parts) <= set(PARTS):
        raise argparse.ArgumentTypeError(f"{text!r}: name some of {', '.join(PARTS)}")
    return parts


def _play_planted(options: argparse.Namespace) -> bool:
    began = time.monotonic()
    hunts = hunt_all(PLANTED, first=FIRST, seeds=options.mutant_seeds, jobs=options.jobs)
    _tell("planted", _hunts(hunts, options.mutant_seeds), options, began)
    return all(one.caught for one in hunts)


def _play_paths(options: argparse.Namespace) -> bool:
    began = time.monotonic()
    counts, failures = run_paths(list(STORIES), WAYS, jobs=options.jobs)
    print("\n".join(failures))
    _tell("paths", _paths(counts, failures), options, began)
    return not failures


def _play_seeds(options: argparse.Namespace) -> bool:
    """Told after each five hundred seeds: an end before its time loses only what is missing."""
    began = time.monotonic()
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
            _tell("seeds", _world(options.first, done, played, failed), options, began)

    run_seeds(options.first, options.seeds, jobs=options.jobs, told=told)
    return not failed


def _tell(part: str, lines: list[str], options: argparse.Namespace, began: float) -> None:
    """Its heading, how it was measured and by which command, and what came of it."""
    how = {"seeds": f" --seeds {options.seeds} --first {options.first}", "planted": f" --mutant-seeds {options.mutant_seeds}"}
    command = f"python -m tests.simulation.report --parts {part}{how.get(part, '')} --write-docs"
    took = timedelta(seconds=round(time.monotonic() - began))
    measured = f"Measured {datetime.now(UTC):%Y-%m-%d} with Python {platform.python_version()}, in {took} on {options.jobs} cores, by `{command}`."
    text = "\n".join((HEADINGS[part], "", measured, "", *lines))
    if options.write_docs:
        _write(part, text)
    else:
        print(text)


def _world(first: int, done: int, played: Counter[str], failed: list[int]) -> list[str]:
    steps = sum(count for name, count in played.items() if name in ACTIONS)
    faults = {name: count for name, count in played.items() if name not in ACTIONS and name not in CALLS}
    by_kind: Counter[str] = Counter()
    for name, count in faults.items():
        by_kind[name.partition(": ")[2]] += count
    seen = ", ".join(f"{played[name]:,} {name}" for name in CALLS)
    return [
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
        (
            f"{sum(counts.values()):,} runs, {len(failures)} violations. A worker dies at the step, or stands there until its lease has ended and another has "
            "done its work; or its next commit fails, because the disk is full, or says that it failed and was written after all. The steps are counted by the "
            "run itself."
        ),
        "",
        "| story | dies at each of | stands at each of | commit fails after each of | written, and said to fail, after each of |",
        "|---|---:|---:|---:|---:|",
        *(f"| {story.replace('_', ' ')} | {' | '.join(str(counts[story, way]) for way in WAYS)} |" for story in STORIES),
    ]


def _hunts(hunts: list[Hunt], seeds: int) -> list[str]:
    caught = sum(one.caught for one in hunts)
    return [
        f"**{caught} of {len(hunts)} caught**, each by seeds from {FIRST} on, given up after {seeds}.",
        "",
        "| planted fault | caught by seed number | what the world said |",
        "|---|---:|---|",
        *(f"| {one.name} | {one.seeds if one.caught else 'not caught'} | {_short(one.how)} |" for one in hunts),
    ]


def _short(how: str) -> str:
    """The kind of violation: names of bookings differ from run to run."""
    return how.partition(":")[0] if how.startswith(("never", "fault", "a fault", "look first")) else how.replace("|", "/")[:80]


def _write(part: str, text: str) -> None:
    """Put one part in its place and leave the others as they are."""
    page = PAGE.read_text("utf-8")
    before, begin, rest = page.partition(BEGIN)
    there, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{PAGE} has not both {BEGIN} and {END}: put them where the figures belong.")
    kept = {one.partition("\n")[0]: one.strip() for one in re.split(r"(?m)^(?=### )", there) if one.startswith("### ")}
    kept[HEADINGS[part]] = text
    body = "\n\n".join(kept[heading] for heading in HEADINGS.values() if heading in kept)
    PAGE.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
