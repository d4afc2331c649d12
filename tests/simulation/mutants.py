"""Proof that the world can fail: plants each fault of `mutations.py`, `more_mutations.py` and `neighbour_mutations.py` in a copy of Drempel, and lets the world look for it.

python -m tests.simulation.mutants                     # every planted fault
python -m tests.simulation.mutants --only "no fence"
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import drempel
from tests.simulation.more_mutations import MORE_MUTATIONS
from tests.simulation.mutations import MUTATIONS, Mutation
from tests.simulation.neighbour_mutations import NEIGHBOUR_MUTATIONS
from tests.simulation.stores import fast_folder

__all__ = ["PLANTED", "Hunt", "hunt", "plant"]

PLANTED = (*MUTATIONS, *MORE_MUTATIONS, *NEIGHBOUR_MUTATIONS)
SEEDS = 400
FIRST = 100_000
"""Seeds of their own, so that no fault is caught by a seed that was once looked at."""
SECONDS_EACH = 5
"""So long a seed may take, on a busy machine too."""
ROOT = Path(__file__).parents[2]
PACKAGE = Path(drempel.__file__).parent


@dataclass(frozen=True, kw_only=True)
class Hunt:
    """What became of one planted fault. `seeds` is how many were played until it was caught."""

    name: str
    caught: bool
    seeds: int
    how: str


def plant(mutation: Mutation, folder: Path) -> Path:
    """A copy of Drempel with this fault in it; the folder to import it from. Raises `ValueError` if the text is not there exactly once."""
    shutil.copytree(PACKAGE, folder / "drempel", ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "drempel" / mutation.file
    text = path.read_text("utf-8")
    if text.count(mutation.old) != 1:
        raise ValueError(f"{mutation.name}: its text stands {text.count(mutation.old)} times in {mutation.file}")
    path.write_text(text.replace(mutation.old, mutation.new), "utf-8")
    return folder


def hunt(mutation: Mutation, *, first: int, seeds: int) -> Hunt:
    """Play seeds until one of them fails."""
    with tempfile.TemporaryDirectory(dir=fast_folder()) as name:
        where = plant(mutation, Path(name))
        command = [
            sys.executable,
            "-m",
            "tests.simulation.run",
            "--first",
            str(first),
            "--seeds",
            str(seeds),
            "--jobs",
            "1",
            "--stop",
        ]
        environ = {**os.environ, "PYTHONPATH": f"{where}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            said = subprocess.run(
                command, env=environ, cwd=name, capture_output=True, text=True, check=False, timeout=60 + SECONDS_EACH * seeds
            )
        except subprocess.TimeoutExpired:
            # A fault may make a worker go round for ever.
            return Hunt(name=mutation.name, caught=True, seeds=seeds, how="it does not come to an end")
    found = re.search(r"^seed (\d+): (.*)$", said.stdout, re.MULTILINE)
    if found is None:
        return Hunt(name=mutation.name, caught=said.returncode not in {0, 1}, seeds=seeds, how=said.stderr.strip()[-200:])
    return Hunt(name=mutation.name, caught=True, seeds=int(found[1]) - first + 1, how=found[2])


def hunt_all(mutations: Iterable[Mutation], *, first: int, seeds: int, jobs: int) -> list[Hunt]:
    """All of them, several at a time; told as they come."""
    hunts: list[Hunt] = []
    with ThreadPoolExecutor(jobs) as pool:
        for done in pool.map(lambda one: hunt(one, first=first, seeds=seeds), mutations):
            hunts.append(done)
            word = f"caught by seed {done.seeds}" if done.caught else f"NOT CAUGHT by {done.seeds} seeds"
            print(f"{done.name}: {word}: {done.how}", flush=True)
    return hunts


def main() -> int:
    parser = argparse.ArgumentParser(description="Plant faults in a copy of Drempel; the world must catch each.")
    parser.add_argument("--only", help="only faults whose name has this in it")
    parser.add_argument("--first", type=int, default=FIRST)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="give a fault up after so many seeds")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    chosen = [one for one in PLANTED if options.only is None or options.only in one.name]
    hunts = hunt_all(chosen, first=options.first, seeds=options.seeds, jobs=options.jobs)
    caught = sum(one.caught for one in hunts)
    print(f"{caught} of {len(hunts)} planted faults were caught")
    return 0 if hunts and caught == len(hunts) else 1


if __name__ == "__main__":
    sys.exit(main())
