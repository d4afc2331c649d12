"""`drempel doctor`: looks at everything that Drempel needs, and says what to do about what is not well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from drempel.cli.machine import Machine, OpenStore
from drempel.cli.running import PROBLEM, machine_of, run_async, settings_of

if TYPE_CHECKING:
    from drempel.cli.findings import Findings
    from drempel.settings import Settings

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    app.command("doctor")(doctor)


def doctor(context: typer.Context) -> None:
    """Check everything, with advice.

    Settings, database, schema, clock, booking systems, Resivo's credentials, sites and names, and the hook's address. Prints one line for each, `ok`, `warning` or `problem`, with advice. Changes nothing. Exit 1 if there is a problem.
    """
    from drempel.cli.findings import Findings  # noqa: PLC0415  # the command line starts fast
    from drempel.settings import SettingsError  # noqa: PLC0415

    machine, findings = machine_of(context), Findings()
    try:
        settings = settings_of(machine)
    except SettingsError as error:
        for sentence in error.sentences:
            findings.problem("settings", sentence)
        _print(findings)
        raise typer.Exit(PROBLEM) from error
    try:
        run_async(_examine(machine, settings, findings))
    finally:
        _print(findings)  # also when a check fails itself: what was found before it is told
    if findings.has_problem:
        raise typer.Exit(PROBLEM)


def _print(findings: Findings) -> None:
    from drempel.cli.showing import harmless  # noqa: PLC0415  # the command line starts fast

    for finding in findings.found:
        # Names of doors and objects are others' words.
        typer.echo(harmless(str(finding)))


async def _examine(machine: Machine, settings: Settings, findings: Findings) -> None:
    from drempel.cli.examining_here import examine_database, examine_settings  # noqa: PLC0415  # the command line starts fast
    from drempel.settings import Refused  # noqa: PLC0415

    examine_settings(settings, findings)
    try:
        async with machine.open_records(settings, any_schema=True) as opened:
            if await examine_database(opened, settings, findings):
                await _examine_outside(machine, settings, opened, findings)
    except Refused as refused:
        findings.problem("database", str(refused))


async def _examine_outside(machine: Machine, settings: Settings, opened: OpenStore, findings: Findings) -> None:
    from drempel.cli.examining_outside import examine_hook, examine_resivo, examine_source  # noqa: PLC0415  # heavy

    setup, secrets = await opened.records.setup(), await opened.records.stored_secrets()
    if not setup.sources:
        findings.warning("set-up", "nothing is set up yet. Write a set-up file and say `drempel apply FILE`.")
    async with machine.open_transport(settings) as transport:
        await examine_hook(settings, setup, transport, findings)
        for source in setup.sources.values():
            await examine_source(source, setup, secrets, transport, findings)
        for integration in setup.integrations.values():
            await examine_resivo(integration, setup, secrets, transport, findings)
