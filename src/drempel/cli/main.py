"""The entry: which commands there are, and how a failed one ends."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from drempel.cli import api_keys, apply, audit, bookings, doctor, hooks, levers, linting, people, planning, programs, upkeep
from drempel.cli.machine import Machine
from drempel.cli.running import PROBLEM, WRONG_USE

__all__ = ["command_line", "run"]

HELP = """Drempel turns bookings into open doors.

A booking system stays leading; when a booking reaches a trigger status, Drempel creates access at dormakaba Resivo for the mapped
doors, for exactly the booking's time, and takes it away when the booking ends or is cancelled.

\b
See everything at work on this machine:
    drempel demo

\b
First steps of your own:
    drempel apply setup.toml      what stands in the file is created or changed
    drempel doctor                checks everything, with advice
    drempel serve                 web and worker in one process
    drempel invite anna           a one-time link, to sign in to its pages
    drempel hook-url club         the address for i-Reserve's webhook

Settings come from the environment (DREMPEL_DATABASE_URL, DREMPEL_PUBLIC_URL, ...). Errors are sentences on standard error. Exit codes:
0 fine, 1 a problem was found, 2 wrong use or wrong settings.
"""


def _show_version(show: bool) -> None:
    if show:
        from drempel import __version__  # noqa: PLC0415  # only here

        typer.echo(__version__)
        raise typer.Exit


def command_line() -> typer.Typer:
    """All commands, in the order of their use."""
    app = typer.Typer(
        name="drempel",
        help=HELP,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
    )

    @app.callback()
    def whole(
        version: Annotated[
            bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
        ] = False,
    ) -> None:
        del version

    for group in (programs, apply, planning, linting, upkeep, doctor, hooks, bookings, levers, audit, people, api_keys):
        group.add_to(app)
    return app


def run(arguments: Sequence[str] | None = None, *, machine: Machine | None = None) -> None:
    """Run one command and leave with its exit code."""
    sys.exit(_exit_code(arguments, machine or Machine()))


def _exit_code(arguments: Sequence[str] | None, machine: Machine) -> int:
    try:
        answer = typer.main.get_command(command_line()).main(
            args=None if arguments is None else list(arguments), prog_name="drempel", standalone_mode=False, obj=machine
        )
    except (typer.Exit, SystemExit) as leaving:
        code = getattr(leaving, "exit_code", None) if isinstance(leaving, typer.Exit) else leaving.code
        return code if isinstance(code, int) else 0 if code is None else PROBLEM
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("Stopped.", err=True)
        return PROBLEM
    except BrokenPipeError:
        # Whoever read our output has gone; nothing is left to say.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001  # the last resort: a sentence, never a traceback
        return _ending(error, machine)
    return answer if isinstance(answer, int) else 0


def _ending(error: Exception, machine: Machine) -> int:
    wrong_use = getattr(error, "format_message", None)  # typer's own errors of use
    if callable(wrong_use):
        context = getattr(error, "ctx", None)
        name = context.command_path if context is not None else "drempel"
        no_arguments = type(error).__name__ == "NoArgsIsHelpError"
        sentence = str(wrong_use()).replace("Value error, ", "")
        typer.echo(sentence if no_arguments else f"{sentence}\nSee `{name} --help`.", err=True)
        return WRONG_USE
    from drempel.cli.endings import ending_of  # noqa: PLC0415  # only a failed command pays for it

    text, code = ending_of(error, machine.environ)
    typer.echo(text, err=True)
    return code
