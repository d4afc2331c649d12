"""`drempel audit`: what Resivo shows, beside what our record says; and the two orders that follow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from drempel.cli.machine import OpenStore
from drempel.cli.running import PROBLEM, WRONG_USE, CommandFailed, examples, machine_of, with_store

if TYPE_CHECKING:
    from drempel.settings import Settings

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    app.command(
        "audit",
        epilog=examples(
            "drempel audit",
            "drempel audit --json",
            "drempel audit --adopt 6f9619ff-8b86-d011-b42d-00cf4fc964ff",
            "drempel audit --revoke 6f9619ff-8b86-d011-b42d-00cf4fc964ff",
        ),
    )(audit)


def audit(
    context: typer.Context,
    as_json: Annotated[
        bool, typer.Option("--json", help="The object that REST gives, with ids and names of foreign access.")
    ] = False,
    adopt: Annotated[
        str | None, typer.Option("--adopt", metavar="ID", help="Take this orphan into our record.", show_default=False)
    ] = None,
    revoke: Annotated[
        str | None, typer.Option("--revoke", metavar="ID", help="Have this access revoked.", show_default=False)
    ] = None,
) -> None:
    """Compare every live access at Resivo with our record, both ways.

    Prints for each integration and site how many there are of each class, then what does not agree, with what to do about it. What Drempel did not create is counted apart and never touched. Exit 1 if something needs a person.
    """
    if (adopt is not None) + (revoke is not None) + as_json > 1:
        raise CommandFailed("Say one of --json, --adopt ID and --revoke ID.", code=WRONG_USE)
    machine = machine_of(context)

    async def work(opened: OpenStore, settings: Settings) -> bool:
        from drempel.cli.showing_audit import audit_lines, progress_bar  # noqa: PLC0415  # the command line starts fast
        from drempel.engine.audit_object import audit_object  # noqa: PLC0415

        async with machine.open_transport(settings) as transport:
            auditor = machine.auditor_of(opened, transport)
            if adopt is not None or revoke is not None:
                from drempel.engine.trail import COMMAND_LINE  # noqa: PLC0415  # the command line starts fast

                orphans = auditor.orphans.by(COMMAND_LINE)
                typer.echo(await (orphans.adopt(adopt) if adopt is not None else orphans.revoke(str(revoke))))
                return False
            with progress_bar(shown=machine.watched()) as progress:
                found = await auditor.audit(progress=progress)
        if as_json:
            typer.echo(json.dumps(audit_object(found, with_foreign=True), ensure_ascii=False, indent=2))
        else:
            for line in audit_lines(found, now=await opened.store.now()):
                typer.echo(line)
        return any(one.needs_person for one in found)

    if with_store(context, work):
        raise typer.Exit(PROBLEM)
