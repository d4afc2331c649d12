"""`python -m bench.torture`: each torture for Drempel, and for Node-RED where it is installed."""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

import drempel as product
from bench.bounded import run_bounded
from bench.kills.report import PAGE, machine_line
from bench.processes import BenchFailed
from bench.running import machine_of, working_folder
from bench.torture import report
from bench.torture.rows import ROWS, Scored, score
from bench.torture.subjects import Opening, drempel, node_red

OUT = Path(__file__).parents[1] / "out"
DREMPEL, NODE_RED = "Drempel", "Node-RED"


def main() -> None:
    options = _options(sys.argv[1:])
    console = Console()
    scored = run_bounded(_run(options, console), limit_seconds=options.limit_seconds, console=console)
    console.print(report.table(scored))
    OUT.mkdir(exist_ok=True)
    found = {
        "machine": asdict(options.machine),
        "versions": options.versions,
        "rows": [{**asdict(one), "kept": one.kept} for one in scored],
    }
    (OUT / "torture.json").write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    console.print("Written: bench/out/torture.json")
    if options.write_docs:
        report.write_page(scored, options.machine, options.versions)
        console.print(f"Written: {PAGE.name}")
    raise SystemExit(any(not one.kept for one in scored if one.subject == DREMPEL))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.torture",
        description="What becomes of acknowledged bookings when things go wrong. docs/reliability.md explains. Installs nothing.",
    )
    parser.add_argument("--node-red", metavar="PATH", default=shutil.which("node-red"), help="its program (default: on PATH)")
    parser.add_argument("--without-node-red", action="store_true", help="Drempel alone")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--write-docs", action="store_true", help="put the table into docs/reliability.md")
    parser.add_argument("--folder", type=Path, help="where the databases go: a disk, not memory (default the temporary folder)")
    parser.add_argument("--keep", action="store_true", help="keep databases and logs")
    parser.add_argument("--limit-seconds", type=float, default=1500.0, help="give up after so long (default 1500)")
    options = parser.parse_args(arguments)
    if options.without_node_red:
        options.node_red = None
    elif options.node_red is not None and shutil.which(options.node_red) is None:
        parser.error(f"--node-red: there is no program {options.node_red}")
    return options


async def _run(options: argparse.Namespace, console: Console) -> list[Scored]:
    place = working_folder(options.folder)
    options.machine = machine_of(place)
    options.versions = f"Drempel {product.__version__}"
    subjects: list[tuple[str, Opening]] = [(DREMPEL, drempel)]
    if options.node_red is not None:
        options.versions += f", Node-RED {await _version(options.node_red)}"
        subjects.append((NODE_RED, node_red(options.node_red)))
    else:
        console.print("Node-RED is not there: Drempel alone. Name it with --node-red.")
    console.print(f"{machine_line(options.machine)}; {options.versions}", highlight=False)
    folder = Path(tempfile.mkdtemp(prefix="drempel-torture-", dir=place))
    all_scored = []
    try:
        for row in (row for row in ROWS if options.only.casefold() in row.name.casefold()):
            for name, opening in subjects:
                with console.status(f"{row.name}: {name}"):
                    scored = await score(row, name, opening, folder)
                console.print(report.line(scored), highlight=False)
                all_scored.append(scored)
    finally:
        if options.keep:
            console.print(f"Kept: {folder}", highlight=False)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return all_scored


async def _version(program: str) -> str:
    """What it says of itself: `Node-RED v…` is the first thing that `--help` names."""
    process = await asyncio.create_subprocess_exec(
        program, "--help", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await process.communicate()
    words = out.decode("utf-8", "replace").split()
    if "v" not in {word[:1] for word in words}:
        raise BenchFailed(f"{program} does not say that it is Node-RED.")
    return next(word for word in words if word.startswith("v")).removeprefix("v")


if __name__ == "__main__":
    main()
