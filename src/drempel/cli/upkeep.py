"""`drempel migrate` and `drempel rotate-key`: looking after the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from drempel.cli.machine import OpenStore
from drempel.cli.running import CommandFailed, examples, with_store

if TYPE_CHECKING:
    from drempel.settings import Settings

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    app.command("migrate")(migrate)
    app.command(
        "rotate-key",
        epilog=examples(
            "DREMPEL_SECRET_KEY=NEW,OLD    put the new key in front, start everything again",
            "drempel rotate-key",
            "DREMPEL_SECRET_KEY=NEW        take the old key away",
        ),
    )(rotate_key)


def migrate(context: typer.Context) -> None:
    """Bring the database's schema up to date.

    An empty database gets its schema by itself, and `serve` migrates a SQLite file. On PostgreSQL this command alone does it: stop all
    workers, make a backup, say it once.
    """

    async def work(opened: OpenStore, _settings: Settings) -> None:
        before = await opened.store.schema_state()
        after = await opened.store.migrate() if before in {"empty", "older"} else before
        if after != "current":
            raise CommandFailed("The database was made by a later version of Drempel. Install that version or a newer one.")
        typer.echo("The schema was current already." if before == "current" else "The schema is current now.")

    with_store(context, work, any_schema=True)


def rotate_key(context: typer.Context) -> None:
    """Encrypt all stored secrets anew.

    They are encrypted under the first key of SECRET_KEY afterwards; the others are no longer needed.
    """

    async def work(opened: OpenStore, _settings: Settings) -> None:
        from drempel.engine.trail import COMMAND_LINE, TrailEntry  # noqa: PLC0415  # the command line starts fast

        count = await opened.store.rotate_secrets()
        if count:
            await opened.trail.add(TrailEntry(actor=COMMAND_LINE, type="secrets.rotate", about=str(count)))
        typer.echo(f"{count} secret{'' if count == 1 else 's'} encrypted anew; all are under the first key now.")

    with_store(context, work)
