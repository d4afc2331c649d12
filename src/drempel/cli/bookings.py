"""`drempel bookings` and `drempel why`: what stands where, and why."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from drempel.cli.machine import OpenStore
from drempel.cli.running import examples, machine_of, with_store

if TYPE_CHECKING:
    from drempel.settings import Settings

__all__ = ["State", "add_to"]


class State(StrEnum):
    """The states of a booking, worst first. A test holds them to the domain's, which is not imported here so that `--help` is fast."""

    NEEDS_PERSON = "needs_person"
    REVOKING = "revoking"
    PENDING = "pending"
    GRANTED = "granted"
    ENDED = "ended"
    REVOKED = "revoked"
    NONE = "none"


def add_to(app: typer.Typer) -> None:
    app.command(
        "bookings", epilog=examples("drempel bookings", "drempel bookings --state needs_person", "drempel bookings --json")
    )(bookings)
    app.command("why", epilog=examples("drempel why club 1363", "drempel why club 1363 --json"))(why)


def bookings(
    context: typer.Context,
    state: Annotated[State | None, typer.Option("--state", help="Only bookings in this state.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array of the objects that REST gives.")] = False,
) -> None:
    """List bookings and their access. At a terminal a table, else one line each with tabs between."""
    machine = machine_of(context)

    async def work(opened: OpenStore, _settings: Settings) -> None:
        from drempel.cli.showing import list_lines, list_table  # noqa: PLC0415  # the command line starts fast
        from drempel.domain.access import BookingState  # noqa: PLC0415
        from drempel.engine.booking_object import booking_object  # noqa: PLC0415
        from drempel.engine.levers import Levers  # noqa: PLC0415

        levers = Levers(opened.records)
        found = levers.all_pages(state=None if state is None else BookingState(state.value))
        if as_json:
            # Written as it is read: a long list never stands in memory as a whole.
            begin = "["
            looks = await levers.offline_doors()
            async for view in found:
                typer.echo(begin + json.dumps(booking_object(view, looks=looks), ensure_ascii=False), nl=False)
                begin = ",\n"
            typer.echo("[]" if begin == "[" else "]")
        elif machine.terminal():
            list_table([view async for view in found])
        else:
            async for view in found:
                typer.echo(list_lines(view))

    with_store(context, work)


def why(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The name of the source.", show_default=False)],
    booking: Annotated[str, typer.Argument(metavar="BOOKING", help="The id of the booking there.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="The object that REST gives.")] = False,
) -> None:
    """Explain one booking in one screen.

    Its state and access, what failed and what to do about it, and what happened.
    """

    async def work(opened: OpenStore, _settings: Settings) -> None:
        from drempel.cli.showing import why_lines  # noqa: PLC0415  # the command line starts fast
        from drempel.engine.booking_object import booking_object  # noqa: PLC0415
        from drempel.engine.levers import Levers  # noqa: PLC0415

        levers = Levers(opened.records)
        view, looks = await levers.why(source, booking), await levers.offline_doors()
        if as_json:
            typer.echo(json.dumps(booking_object(view, looks=looks), ensure_ascii=False, indent=2))
            return
        setup = await opened.records.setup()
        for line in why_lines(view, looks=looks, time_zone=setup.sources[source].time_zone):
            typer.echo(line)

    with_store(context, work)
