"""`serve`, `worker`, `demo`, `simulate`: what runs until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from enum import StrEnum
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from drempel.cli.running import PROBLEM, WRONG_USE, CommandFailed, examples, machine_of, settings_of

if TYPE_CHECKING:
    from drempel.settings import Settings

__all__ = ["add_to"]

PORT_MAX = 65_535
CONCURRENCY_MAX = 1_000
SIMULATOR_PORTS = {"resivo": 8081, "ireserve": 8082}

Port = Annotated[int, typer.Option("--port", min=0, max=PORT_MAX, help="Where to listen; 0 takes a free port.")]
T = TypeVar("T")


class Simulator(StrEnum):
    RESIVO = "resivo"
    IRESERVE = "ireserve"


def add_to(app: typer.Typer) -> None:
    app.command("demo", epilog=examples("drempel demo", "drempel demo --once"))(demo)
    app.command("serve", epilog=examples("drempel serve", "drempel serve --host 0.0.0.0 --port 80", "drempel serve --no-worker"))(
        serve
    )
    app.command("worker", epilog=examples("drempel worker", "drempel worker --concurrency 16"))(worker)
    app.command(
        "simulate",
        epilog=examples(
            "drempel simulate resivo", "drempel simulate resivo --profile onegov-literal --port 9000", "drempel simulate ireserve"
        ),
    )(simulate)


def demo(
    context: typer.Context,
    port: Port = 8080,
    once: Annotated[bool, typer.Option("--once", help="The main job once, step by step, without a person; then end.")] = False,
) -> None:
    """The whole world on this machine, simulated.

    A simulated i-Reserve and Resivo as real HTTP servers, seeded objects and doors, and Drempel itself with web and worker. Prints the addresses of the pages; Ctrl-C ends it. With --once it makes a booking, confirms it, waits for the access, opens the door
    with the mailed link, cancels, and shows that the door stays shut: exit 0 only if every step was seen.
    """
    settings_of(machine_of(context))

    async def show() -> None:
        from drempel.demo import run_demo, run_demo_once  # noqa: PLC0415  # heavy, and only here

        if not once:
            await run_demo(port)
        elif not await run_demo_once():
            raise CommandFailed("Not every step was seen: the line that says so stands in the table above.", code=PROBLEM)

    _run_until_told(show)


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Port = 8080,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Web alone: hints are stored, workers elsewhere act.")] = False,
) -> None:
    """Web and worker in one process.

    The single-machine way. A second `serve` or `worker` on one SQLite file is refused. SIGTERM and Ctrl-C finish what is in hand and end with 0.
    """
    machine = machine_of(context)
    settings = _found_at(settings_of(machine), machine.environ, port)
    # A one-time link is for a person who looks, never for a file in which standard output is kept.
    say = typer.echo if machine.terminal() else None

    async def program() -> None:
        from drempel.wiring.programs import run_serve  # noqa: PLC0415  # heavy, and only here

        await run_serve(settings, host, port, worker=not no_worker, say=say)

    _run_until_told(program)


def _found_at(settings: Settings, environ: Mapping[str, str], port: int) -> Settings:
    """Told no public address, Drempel is found where it listens: the one-time link of the first start leads to it on any port."""
    told = environ.get("DREMPEL_PUBLIC_URL") or environ.get("DREMPEL_PUBLIC_URL_FILE")
    return settings if told or port == 0 else replace(settings, public_url=f"http://127.0.0.1:{port}")


def worker(
    context: typer.Context,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, max=CONCURRENCY_MAX, help="How many outside calls at once.")
    ] = 64,
) -> None:
    """Workers only, as many as wanted.

    On one PostgreSQL any number of processes and machines; on a SQLite file one.
    """
    settings = settings_of(machine_of(context))

    async def program() -> None:
        from drempel.wiring.programs import run_worker  # noqa: PLC0415  # heavy, and only here

        await run_worker(settings, concurrency)

    _run_until_told(program)


def simulate(
    context: typer.Context,
    kind: Annotated[Simulator, typer.Argument(metavar="resivo|ireserve", help="Which one.", show_default=False)],
    port: Annotated[
        int | None,
        typer.Option(
            "--port", min=0, max=PORT_MAX, help="Where to listen; 8081 for resivo, 8082 for ireserve.", show_default=False
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="F", help="Resivo only: a shipped profile or the path of one.", show_default=False),
    ] = None,
) -> None:
    """A simulator alone, with a page for people.

    A real HTTP server on 127.0.0.1; Ctrl-C ends it.
    """
    if profile is not None and kind is Simulator.IRESERVE:
        raise CommandFailed("--profile is for `drempel simulate resivo`: i-Reserve has no profiles.", code=WRONG_USE)
    settings_of(machine_of(context))

    async def program() -> None:
        from drempel.simulators.alone import simulate as run_simulator  # noqa: PLC0415  # heavy, and only here

        await run_simulator(kind.value, port=SIMULATOR_PORTS[kind.value] if port is None else port, profile=profile)

    _run_until_told(program)


def _run_until_told(program: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """SIGTERM ends cleanly with 0, and so does Ctrl-C, also before the program itself listens to them."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    try:
        import uvloop  # noqa: PLC0415  # not there on every platform
    except ImportError:
        loop_factory = None
    else:
        loop_factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(program())
