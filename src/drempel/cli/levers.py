"""Orders of people: `retry`, `revoke`, `issue-again`, `erase` (and its `receipts`), `resolve`, `brake`, `pause`, `resume`. Each prints one line that
says what was ordered.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from drempel.cli.machine import OpenStore
from drempel.cli.running import WRONG_USE, CommandFailed, examples, with_store

if TYPE_CHECKING:
    from drempel.engine.levers import Levers
    from drempel.settings import Settings

__all__ = ["add_to"]

SourceName = Annotated[str, typer.Argument(metavar="SOURCE", help="The name of the source.", show_default=False)]
BookingId = Annotated[str, typer.Argument(metavar="BOOKING", help="The id of the booking there.", show_default=False)]
IntegrationName = Annotated[str, typer.Argument(metavar="INTEGRATION", help="The name of the integration.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    app.command("retry", epilog=examples("drempel retry club 1363"))(retry)
    app.command("revoke", epilog=examples("drempel revoke club 1363"))(revoke)
    app.command("issue-again", epilog=examples("drempel issue-again club 1363"))(issue_again)
    app.command(
        "resolve",
        epilog=examples(
            "drempel resolve club 1363 --created 6f9619ff-8b86-d011-b42d-00cf4fc964ff", "drempel resolve club 1363 --not-created"
        ),
    )(resolve)
    app.command("erase", epilog=examples("drempel erase club 1363"))(erase)
    app.command("receipts", epilog=examples("drempel receipts", "drempel receipts --json"))(receipts)
    brake = typer.Typer(
        name="brake",
        help="The blast-radius brake of a source.\n\nToo many of its bookings vanished at once, so a person decides.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    brake.command("show", epilog=examples("drempel brake show club"))(brake_show)
    brake.command("release", epilog=examples("drempel brake release club"))(brake_release)
    app.add_typer(brake)
    app.command("pause", epilog=examples("drempel pause doors"))(pause)
    app.command("resume", epilog=examples("drempel resume doors"))(resume)


def retry(context: typer.Context, source: SourceName, booking: BookingId) -> None:
    """Try again now.

    Never resolves an unknown outcome: that is looked for first, as always. At a paused credential or site it is the one probe.
    """
    _order(context, lambda levers: levers.retry(source, booking))


def revoke(context: typer.Context, source: SourceName, booking: BookingId) -> None:
    """Take access away now, whatever the status.

    None is created again until the status leaves the trigger statuses and comes back, or until `drempel retry`.
    """
    _order(context, lambda levers: levers.revoke(source, booking))


def erase(context: typer.Context, source: SourceName, booking: BookingId) -> None:
    """Erase what is kept of a booking; its access is taken away first.

    At once if nothing of it is live, else as soon as Resivo has confirmed that nothing is. What stays holds no personal data.
    """
    _order(context, lambda levers: levers.erase(source, booking))


def receipts(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """List what was erased by order, and what waits to be: when, by whom, and what was confirmed and removed."""

    async def work(opened: OpenStore, _settings: Settings) -> None:
        from drempel.cli.showing import receipt_line  # noqa: PLC0415  # the command line starts fast
        from drempel.engine.booking_object import receipt_object  # noqa: PLC0415

        kept = await opened.records.receipts()
        if as_json:
            typer.echo(json.dumps([receipt_object(one) for one in kept], ensure_ascii=False, indent=2))
            return
        for one in kept:
            typer.echo(receipt_line(one))

    with_store(context, work)


def issue_again(context: typer.Context, source: SourceName, booking: BookingId) -> None:
    """Issue access again: the visitor gets a new message with a new door link.

    The present access is revoked as soon as the new one is there; if that cannot be made, it stays.
    """
    _order(context, lambda levers: levers.issue_again(source, booking))


def resolve(
    context: typer.Context,
    source: SourceName,
    booking: BookingId,
    created: Annotated[
        str | None, typer.Option("--created", metavar="ID", help="It was created, under this id.", show_default=False)
    ] = None,
    not_created: Annotated[bool, typer.Option("--not-created", help="It is not there.")] = False,
) -> None:
    """Say what became of an unknown outcome.

    Look in the Resivo portal first: a wrong word can leave an access that nobody revokes.
    """
    if (created is None) == (not not_created):
        raise CommandFailed("Say either --created ID or --not-created.", code=WRONG_USE)

    def order(levers: Levers) -> Awaitable[str]:
        from drempel.engine.levers import Created, NotCreated  # noqa: PLC0415  # the command line starts fast

        return levers.resolve(source, booking, NotCreated() if created is None else Created(created))

    _order(context, order)


def brake_show(context: typer.Context, source: SourceName) -> None:
    """Show whether the brake of SOURCE holds."""

    async def order(levers: Levers) -> str:
        brake = await levers.brake(source)
        if brake.holds:
            return f"The brake of {source} holds since {brake.tripped_at:%Y-%m-%d %H:%M:%S} UTC: see `drempel bookings --state needs_person`."
        return f"The brake of {source} does not hold."

    _order(context, order)


def brake_release(context: typer.Context, source: SourceName) -> None:
    """Let access of vanished bookings be revoked again. Check first that the account of SOURCE still sees all bookings."""
    _order(context, lambda levers: levers.release_brake(source))


def pause(context: typer.Context, integration: IntegrationName) -> None:
    """The kill switch: nothing runs, hints are kept."""
    _order(context, lambda levers: levers.pause(integration))


def resume(context: typer.Context, integration: IntegrationName) -> None:
    """Let a paused integration go on."""
    _order(context, lambda levers: levers.resume(integration))


def _order(context: typer.Context, order: Callable[[Levers], Awaitable[str]]) -> None:
    async def work(opened: OpenStore, _settings: Settings) -> str:
        from drempel.cli.showing import harmless  # noqa: PLC0415
        from drempel.engine.levers import Levers  # noqa: PLC0415  # the command line starts fast
        from drempel.engine.trail import COMMAND_LINE  # noqa: PLC0415

        return harmless(await order(Levers(opened.records).by(COMMAND_LINE)))

    typer.echo(with_store(context, work))
