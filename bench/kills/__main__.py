"""`python -m bench.kills`: kills, then outages, then one table."""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.bounded import run_bounded
from bench.kills import picture, report
from bench.kills.plan import plan
from bench.kills.scene import Planned, Result, play
from bench.postgres import PostgreSQL
from bench.running import machine_of, working_folder

OUT = Path(__file__).parents[1] / "out"
STORES = ("sqlite", "postgresql")


def main() -> None:
    options = _options(sys.argv[1:])
    console = Console()
    results = run_bounded(_run(options, console), limit_seconds=options.limit_seconds, console=console)
    _write(results, options, console)
    raise SystemExit(any(result.broken for result in results))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.kills",
        description="Kills real processes under load and asks the simulators what was lost or doubled. docs/reliability.md explains.",
    )
    parser.add_argument("--kills", type=int, default=200, help="how many, over all scenes (default 200; 0 = outages alone)")
    parser.add_argument("--seed", type=int, default=2, help="of all that is random, as far as real processes allow (default 2)")
    parser.add_argument("--stores", default=",".join(STORES), help="sqlite,postgresql (default), or one of them")
    parser.add_argument("--per-second", type=float, default=5.0, help="what people do each second (default 5)")
    parser.add_argument("--only", default="", help="scenes whose name contains this")
    parser.add_argument("--no-outages", action="store_true", help="kills alone")
    parser.add_argument("--write-docs", action="store_true", help="put the figures into docs/reliability.md")
    parser.add_argument("--folder", type=Path, help="where the databases go: a disk, not memory (default the temporary folder)")
    parser.add_argument("--keep", action="store_true", help="keep databases and logs")
    parser.add_argument("--limit-seconds", type=float, default=2400.0, help="give up after so long (default 2400)")
    options = parser.parse_args(arguments)
    options.stores = tuple(options.stores.split(","))
    if not set(options.stores) <= set(STORES):
        parser.error(f"--stores: name {' or '.join(STORES)}, or both with a comma")
    if options.kills < 0:
        parser.error("--kills: 0 or more")
    return options


async def _run(options: argparse.Namespace, console: Console) -> list[Result]:
    place = working_folder(options.folder)
    folder = Path(tempfile.mkdtemp(prefix="drempel-kills-", dir=place))
    # PostgreSQL runs as an account of its own if we are root.
    folder.chmod(0o755)  # noqa: ASYNC240  # nothing else runs yet
    options.machine = machine_of(place)
    console.print(f"{report.machine_line(options.machine)}; {report.SETTINGS_LINE}", highlight=False)
    planned = [
        one
        for one in plan(options.kills, stores=options.stores, outages=not options.no_outages)
        if options.only.casefold() in one.name.casefold()
    ]
    try:
        async with contextlib.AsyncExitStack() as stack:
            postgres = None
            if any(one.store == "postgresql" for one in planned):
                postgres = await stack.enter_async_context(PostgreSQL.open(folder / "pg"))
            progress = stack.enter_context(_progress(console))
            return [await _one(one, folder, postgres, options, progress, console) for one in planned]
    finally:
        if options.keep:
            console.print(f"Kept: {folder}", highlight=False)
        else:
            shutil.rmtree(folder, ignore_errors=True)


async def _one(
    planned: Planned,
    folder: Path,
    postgres: PostgreSQL | None,
    options: argparse.Namespace,
    progress: Progress,
    console: Console,
) -> Result:
    task = progress.add_task(planned.name, total=planned.kills or None)
    result = await play(
        planned,
        folder=folder,
        postgres=postgres if planned.store == "postgresql" else None,
        seed=options.seed,
        per_second=options.per_second,
        advance=lambda count: progress.advance(task, count),
    )
    progress.remove_task(task)
    console.print(report.line(result), highlight=False)
    return result


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)


def _write(results: Sequence[Result], options: argparse.Namespace, console: Console) -> None:
    console.print(report.table(results))
    for text in report.histograms(results):
        console.print(text, highlight=False)
    for result in results:
        for sentence in result.broken:
            console.print(f"[red]{result.name}:[/red] ", end="")
            console.print(sentence, highlight=False, markup=False)
    OUT.mkdir(exist_ok=True)
    found = {
        "machine": asdict(options.machine),
        "seed": options.seed,
        "settings": report.SETTINGS_LINE,
        "scenes": [asdict(result) for result in results],
    }
    (OUT / "kills.json").write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    (OUT / "kills.svg").write_text(picture.svg(results), "utf-8")
    console.print("Written: bench/out/kills.json, bench/out/kills.svg")
    if options.write_docs:
        report.write_page(results, options.machine, seed=options.seed)
        console.print(f"Written: {report.PAGE.name}")


if __name__ == "__main__":
    main()
