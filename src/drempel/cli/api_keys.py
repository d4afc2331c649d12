"""`drempel api-key`: keys for REST. Only a hash is kept, so a key is shown once."""

from __future__ import annotations

import secrets
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from drempel.cli.machine import OpenStore
from drempel.cli.running import WRONG_USE, CommandFailed, examples, with_store

if TYPE_CHECKING:
    from drempel.settings import Settings

__all__ = ["add_to"]

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

    async def work(opened: OpenStore, _settings: Settings) -> str:
        from drempel.engine.api_keys import ApiKeys, KeyRefused  # noqa: PLC0415  # the command line starts fast
        from drempel.engine.records import ApiScope  # noqa: PLC0415
        from drempel.engine.trail import COMMAND_LINE  # noqa: PLC0415

        keys = ApiKeys(opened.records, draw=lambda: secrets.token_urlsafe(KEY_BYTES))
        try:
            return await keys.add(name, ApiScope(scope.value), actor=COMMAND_LINE)
        except KeyRefused as refused:
            if refused.code == "name.odd":
                raise CommandFailed(
                    "A name has 1 to 64 letters (A to Z), digits and any of _ . - and begins with a letter or digit.",
                    code=WRONG_USE,
                ) from refused
            raise CommandFailed(
                f"A key is called {name!r} already. Choose another name, or say `drempel api-key revoke {name}` first."
            ) from refused

    typer.echo(with_store(context, work))


def list_keys(context: typer.Context) -> None:
    """List the keys: name, scope, when it was made, revoked and last used. The keys themselves are not kept."""

    async def work(opened: OpenStore, _settings: Settings) -> None:
        for key in await opened.records.api_keys():
            revoked = "" if key.revoked_at is None else f"revoked {key.revoked_at:%Y-%m-%dT%H:%M:%SZ}"
            used = "" if key.used_at is None else f"used {key.used_at:%Y-%m-%dT%H:%M:%SZ}"
            typer.echo(f"{key.name}\t{key.scope.value}\t{key.created_at:%Y-%m-%dT%H:%M:%SZ}\t{revoked}\t{used}".rstrip())

    with_store(context, work)


def revoke(context: typer.Context, name: KeyName) -> None:
    """Revoke a key: it stops working at once."""

    async def work(opened: OpenStore, _settings: Settings) -> None:
        from drempel.engine.api_keys import ApiKeys  # noqa: PLC0415  # the command line starts fast
        from drempel.engine.trail import COMMAND_LINE  # noqa: PLC0415

        keys = ApiKeys(opened.records, draw=lambda: secrets.token_urlsafe(KEY_BYTES))
        if not await keys.revoke(name, actor=COMMAND_LINE):
            raise CommandFailed(f"No key in use is called {name!r}. See `drempel api-key list`.")
        typer.echo(f"The key {name} is revoked.")

    with_store(context, work)
