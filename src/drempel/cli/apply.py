"""`drempel apply`: the set-up file becomes the set-up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drempel.cli.machine import OpenStore
from drempel.cli.running import PROBLEM, CommandFailed, examples, machine_of, with_store

if TYPE_CHECKING:
    from drempel.settings import Settings

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    app.command(
        "apply",
        epilog=examples("drempel apply setup.toml --dry-run", "drempel apply setup.toml", "drempel apply setup.toml --prune"),
    )(apply)


def apply(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The set-up file, in TOML.", show_default=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would change, and change nothing.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Remove sources and integrations that are not in the file.")] = False,
    issue_existing: Annotated[
        bool,
        typer.Option(
            "--issue-existing", help="Bookings that stood at a trigger status before the integration began get access too."
        ),
    ] = False,
) -> None:
    """Create or change what stands in FILE.

    The rest is left alone. Prints what changes, one line each, never a secret. A second time there is nothing to change. Refuses, and changes nothing, if access
    that is live or unknown would lose its owner.
    """
    environ = machine_of(context).environ

    async def work(opened: OpenStore, _settings: Settings) -> None:
        from drempel.engine.setup_plan import SetupRefused, plan_setup  # noqa: PLC0415  # only this command
        from drempel.engine.trail import COMMAND_LINE, TrailEntry  # noqa: PLC0415
        from drempel.setup_file import read_setup_file  # noqa: PLC0415

        records = opened.records
        current = await records.setup()
        plan = plan_setup(
            current=current,
            secrets=await records.stored_secrets(),
            holdings=await records.holdings(),
            desired=read_setup_file(file, environ=environ, present=current, prune=prune),
            prune=prune,
            issue_existing=issue_existing,
        )
        if isinstance(plan, SetupRefused):
            raise CommandFailed(*plan.sentences, "Nothing was changed.", code=PROBLEM)
        if plan.changes_nothing:
            typer.echo("nothing to change")
            return
        if not dry_run:
            entries = [TrailEntry(actor=COMMAND_LINE, type="setup.change", about=line) for line in plan.lines]
            await records.write_setup(plan.write, entries=entries)
        for line in (*plan.lines, *plan.notes):
            typer.echo(line)
        if dry_run:
            typer.echo("Dry run: nothing was changed.", err=True)

    with_store(context, work)
