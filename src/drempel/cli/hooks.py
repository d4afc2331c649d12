"""`drempel hook-url` and `drempel hook-register`: where the booking system sends its hints."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import quote, urlsplit

import typer

from drempel.cli.machine import OpenStore
from drempel.cli.running import WRONG_USE, CommandFailed, examples, machine_of, with_store

if TYPE_CHECKING:
    from drempel.settings import Settings

__all__ = ["add_to"]

TOKEN_BYTES: Final = 24
OLD_WORKS: Final = timedelta(hours=24)
EVENTS: Final = ("booking_created", "booking_updated")
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

SourceName = Annotated[str, typer.Argument(metavar="SOURCE", help="The name of the source.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    app.command(
        "hook-url",
        epilog=examples("drempel hook-url club", "drempel hook-url club --rotate", "drempel hook-url club --rotate --at-once"),
    )(hook_url)
    app.command("hook-register", epilog=examples("drempel hook-register club"))(hook_register)


def hook_url(
    context: typer.Context,
    source: SourceName,
    rotate: Annotated[bool, typer.Option("--rotate", help="Draw a new address; the old one works for 24 more hours.")] = False,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="With --rotate: the old one ends now, because strangers know it.")
    ] = False,
) -> None:
    """The address for i-Reserve's webhook, one line. Whoever knows it can send hints: treat it as a password."""

    async def work(opened: OpenStore, settings: Settings) -> str:
        return await _address(opened, settings, source, rotate=rotate, old_works=timedelta(0) if at_once else OLD_WORKS)

    if at_once and not rotate:
        raise CommandFailed("--at-once goes with --rotate.", code=WRONG_USE)

    typer.echo(with_store(context, work))


def hook_register(context: typer.Context, source: SourceName) -> None:
    """Register the address through i-Reserve's API.

    For new and for changed bookings. The account of the source needs the right to create webhooks. Saying it twice registers twice: then each hint comes twice, which
    changes nothing.
    """
    machine = machine_of(context)

    async def work(opened: OpenStore, settings: Settings) -> None:
        from drempel.cli.outside import ireserve_client, what_went_wrong  # noqa: PLC0415  # heavy, and only here
        from drempel.engine.trail import COMMAND_LINE, TrailEntry  # noqa: PLC0415
        from drempel.ireserve import IReserveError  # noqa: PLC0415

        address = await _address(opened, settings, source, rotate=False)
        setup = (await opened.records.setup()).sources[source]
        if urlsplit(address).hostname in LOOPBACK and urlsplit(setup.base_url).hostname not in LOOPBACK:
            raise CommandFailed(
                f"DREMPEL_PUBLIC_URL is {settings.public_url}, which {setup.base_url} cannot reach. "
                "Set it to the address under which Drempel can be reached from there.",
                code=WRONG_USE,
            )
        password = (await opened.records.stored_secrets()).source_passwords[source]
        async with machine.open_transport(settings) as transport:
            client = ireserve_client(setup, password, transport)
            for event in EVENTS:
                try:
                    hook_id = await client.subscribe(event, address)
                except IReserveError as error:
                    raise CommandFailed(f"{event} could not be registered: {what_went_wrong(error)}") from error
                typer.echo(f"registered {event} as hook {hook_id}")
        await opened.trail.add(TrailEntry(actor=COMMAND_LINE, type="hook.register", about=source))

    with_store(context, work)


async def _address(opened: OpenStore, settings: Settings, source: str, *, rotate: bool, old_works: timedelta = OLD_WORKS) -> str:
    from drempel.engine.levers import UnknownSource  # noqa: PLC0415  # the command line starts fast
    from drempel.engine.trail import COMMAND_LINE, TrailEntry  # noqa: PLC0415

    try:
        tokens = await opened.records.hook_tokens(source)
    except KeyError as error:
        raise UnknownSource(source, sorted((await opened.records.setup()).sources)) from error
    token = tokens[0].token if tokens and tokens[0].valid_until is None else None
    if token is None or rotate:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        old_valid_until = await opened.store.now() + old_works
        entry = TrailEntry(actor=COMMAND_LINE, type="hook.rotate", about=source)
        await opened.records.rotate_hook_token(source, new_token=token, old_valid_until=old_valid_until, entries=(entry,))
    return f"{settings.public_url}/hooks/{quote(source, safe='')}/{token}"
