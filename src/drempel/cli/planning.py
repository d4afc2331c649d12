"""`drempel plan`: which calls a changed set-up file would cause, before it is applied."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer

from drempel.cli.machine import Machine, OpenStore
from drempel.cli.running import PROBLEM, CommandFailed, examples, machine_of, with_store

if TYPE_CHECKING:
    from drempel.adapters.store import SqlStore
    from drempel.engine.planner import Planner
    from drempel.engine.setup_plan import SetupPlan
    from drempel.settings import Settings

__all__ = ["add_to"]

DAYS_DEFAULT: Final = 14
DAYS_MAX: Final = 400


def add_to(app: typer.Typer) -> None:
    app.command(
        "plan", epilog=examples("drempel plan setup.toml", "drempel plan setup.toml --days 60", "drempel plan setup.toml --json")
    )(plan)


def plan(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The changed set-up file, in TOML.", show_default=False)],
    days: Annotated[int, typer.Option("--days", min=1, max=DAYS_MAX, help="Bookings of so many days from now.")] = DAYS_DEFAULT,
    prune: Annotated[bool, typer.Option("--prune", help="As `drempel apply --prune` would.")] = False,
    issue_existing: Annotated[bool, typer.Option("--issue-existing", help="As `drempel apply --issue-existing` would.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The same as one JSON object.")] = False,
) -> None:
    """Show which calls FILE would cause, and change nothing.

    Rehearses every booking of the next days under today's set-up and under FILE, and prints where the calls differ: - today's, + those of FILE. The
    summary says which messages visitors would get. Reads from the booking system and from Resivo; writes nothing, anywhere. Exit 1 if a booking would need
    a person or could not be rehearsed.
    """
    machine = machine_of(context)

    async def work(opened: OpenStore, settings: Settings) -> bool:
        planned = await _planned_setup(machine, opened, file, prune=prune, issue_existing=issue_existing)
        async with _planner(machine, opened, settings, planned) as planner:
            with _bar() as progress:
                made = await planner.plan(days=days, progress=progress)
        from drempel.cli.plan_showing import plan_lines, plan_object  # noqa: PLC0415  # the command line starts fast

        if as_json:
            typer.echo(json.dumps(plan_object(made, planned, planner), ensure_ascii=False, indent=2))
        else:
            for line in plan_lines(made, planned, planner):
                typer.echo(line)
        return made.found_a_problem

    if with_store(context, work):
        raise typer.Exit(PROBLEM)


async def _planned_setup(machine: Machine, opened: OpenStore, file: Path, *, prune: bool, issue_existing: bool) -> SetupPlan:
    from drempel.engine.setup_plan import SetupRefused, plan_setup  # noqa: PLC0415  # only this command
    from drempel.setup_file import read_setup_file  # noqa: PLC0415

    records = opened.records
    current = await records.setup()
    planned = plan_setup(
        current=current,
        secrets=await records.stored_secrets(),
        holdings=await records.holdings(),
        desired=read_setup_file(file, environ=machine.environ, present=current, prune=prune),
        prune=prune,
        issue_existing=issue_existing,
    )
    if isinstance(planned, SetupRefused):
        raise CommandFailed(*planned.sentences, "`drempel apply` would change nothing.", code=PROBLEM)
    return planned


@contextlib.asynccontextmanager
async def _planner(machine: Machine, opened: OpenStore, settings: Settings, planned: SetupPlan) -> AsyncIterator[Planner]:
    from drempel.adapters.clock import SystemClock  # noqa: PLC0415  # the command line starts fast
    from drempel.wiring.planning import make_planner  # noqa: PLC0415
    from drempel.wiring.services import limits_of  # noqa: PLC0415

    async with machine.open_transport(settings) as transport:
        yield await make_planner(
            store=cast("SqlStore", opened.store),
            write=planned.write,
            transport=transport,
            clock=SystemClock(),
            limits=limits_of(settings),
        )


@contextlib.contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, if a person is looking."""
    if not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    from rich.console import Console  # noqa: PLC0415  # only at a terminal
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("rehearsing", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
