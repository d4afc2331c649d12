"""`drempel api-key`: keys for REST. Only a hash is kept, so a key is shown once."""

from __future__ import annotations

import re
import secrets
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from drempel.cli.machine import OpenStore
from drempel.cli.running import WRONG_USE, CommandFailed, examples, with_store

if TYPE_CHECKING:
    from drempel.settings import Settings

__all__ = ["add_to"]

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
KEY_BYTES: Final = 32

KeyName = Annotated[str, typer.Argument(metavar="NAME", help="What the key is called here.", show_default=False)]


class Scope(StrEnum):
    READ = "read"
    WRITE = "write"


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(name="api-key", help="Keys for REST.", no_args_is_help=True, rich_markup_mode=None)
    group.command("add", epilog=examples("drempel api-key add dashboard --scope read"))(add)
    group.command("list")(list_keys)
    group.command("revoke", epilog=examples("drempel api-key revoke dashboard"))(revoke)
    app.add_typer(group)


def add(
    context: typer.Context,
    name: KeyName,
    scope: Annotated[Scope, typer.Option("--scope", help="`read` may look, `write` may order too.", show_default=False)],
) -> None:
    """Make a key and print it, once."""
    if NAME.fullmatch(name) is None:
        raise CommandFailed(
            "A name has 1 to 64 letters (A to Z), digits and any of _ . - and begins with a letter or digit.", code=WRONG_USE
        )

    async def work(opened: OpenStore, _settings: Settings) -> str:
        from drempel.engine.api_keys import KEY_PREFIX, key_hash  # noqa: PLC0415  # the command line starts fast
        from drempel.engine.records import ApiScope  # noqa: PLC0415
        from drempel.engine.trail import COMMAND_LINE, TrailEntry  # noqa: PLC0415

        key = KEY_PREFIX + secrets.token_urlsafe(KEY_BYTES)
        entry = TrailEntry(actor=COMMAND_LINE, type="api_key.add", about=name, after=scope.value)
        if not await opened.records.add_api_key(name, ApiScope(scope.value), key_hash(key), entries=(entry,)):
            raise CommandFailed(
                f"A key is called {name!r} already. Choose another name, or say `drempel api-key revoke {name}` first."
            )
        return key

    typer.echo(with_store(context, work))


def list_keys(context: typer.Context) -> None:
    """List the keys: name, scope, when it was made, when it was revoked. The keys themselves are not kept."""

    async def work(opened: OpenStore, _settings: Settings) -> None:
        for key in await opened.records.api_keys():
            revoked = "" if key.revoked_at is None else f"revoked {key.revoked_at:%Y-%m-%dT%H:%M:%SZ}"
            typer.echo(f"{key.name}\t{key.scope.value}\t{key.created_at:%Y-%m-%dT%H:%M:%SZ}\t{revoked}".rstrip())

    with_store(context, work)


def revoke(context: typer.Context, name: KeyName) -> None:
    """Revoke a key: it stops working at once."""

    async def work(opened: OpenStore, _settings: Settings) -> None:
        from drempel.engine.trail import COMMAND_LINE, TrailEntry  # noqa: PLC0415  # the command line starts fast

        entry = TrailEntry(actor=COMMAND_LINE, type="api_key.revoke", about=name)
        if not await opened.records.revoke_api_key(name, entries=(entry,)):
            raise CommandFailed(f"No key in use is called {name!r}. See `drempel api-key list`.")
        typer.echo(f"The key {name} is revoked.")

    with_store(context, work)
