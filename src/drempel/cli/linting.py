"""`drempel lint`: the mapping against the doors and the bookings of today, with the line to write instead."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from drempel.cli.machine import Machine, OpenStore
from drempel.cli.running import PROBLEM, examples, machine_of, with_store

if TYPE_CHECKING:
    from drempel.adapters.store import SqlStore
    from drempel.engine.lint_findings import Evidence, LintFinding
    from drempel.engine.records import Records
    from drempel.engine.setup import SetupWrite
    from drempel.settings import Settings

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    app.command("lint", epilog=examples("drempel lint", "drempel lint setup.toml", "drempel lint setup.toml --strict --json"))(
        lint
    )


def lint(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A set-up file; else what is set up.", show_default=False)
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 on warnings too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The same as one JSON object.")] = False,
) -> None:
    """Check the mapping against today's doors and bookings.

    Finds names that no door has (with the new name of a renamed door), names that several have, doors that are offline, sites out of reach, and objects
    with bookings but without doors. Each with its line of FILE and the line to write instead. Changes nothing. Exit 1 if there is an error.
    """
    machine = machine_of(context)

    async def work(opened: OpenStore, settings: Settings) -> bool:
        from drempel.engine.lint import lint as judge  # noqa: PLC0415  # the command line starts fast
        from drempel.engine.lint_findings import LintLevel  # noqa: PLC0415

        write, names, line = await _subject(machine, opened.records, file)
        evidence = await _evidence(machine, opened, settings, write, names)
        found = judge(evidence)
        if as_json:
            typer.echo(json.dumps(_object(found, evidence, file, line), ensure_ascii=False, indent=2))
        else:
            for text in _lines(found, evidence, file, line):
                typer.echo(text)
        return any(strict or one.level is LintLevel.ERROR for one in found)

    if with_store(context, work):
        raise typer.Exit(PROBLEM)


async def _subject(
    machine: Machine, records: Records, file: Path | None
) -> tuple[SetupWrite, Sequence[str], Callable[[LintFinding], int | None]]:
    """The write that makes the set-up to judge, the integrations that are judged, and where in the file a finding stands."""
    from drempel.engine.records import Holdings  # noqa: PLC0415  # the command line starts fast
    from drempel.engine.setup import SetupWrite  # noqa: PLC0415
    from drempel.engine.setup_plan import SetupRefused, plan_setup  # noqa: PLC0415
    from drempel.setup_file import KeyPath, line_of, lines_of, read_setup_file  # noqa: PLC0415

    current = await records.setup()
    if file is None:
        return SetupWrite(), tuple(current.integrations), lambda _: None
    desired = read_setup_file(file, environ=machine.environ, present=current)
    names = [integration.name for integration in desired.integrations]
    lines = lines_of(_text_of(file))

    def line(finding: LintFinding) -> int:
        path: KeyPath = ("integrations", names.index(finding.integration))
        if finding.mapping is not None:
            path = (*path, "mappings", finding.mapping)
        if finding.key:
            path = (*path, finding.key)
        return line_of(lines, path if finding.element is None else (*path, finding.element))

    # Nothing is going to be written, so nothing can lose its owner: who holds what does not matter here.
    planned = plan_setup(
        current=current,
        secrets=await records.stored_secrets(),
        holdings=Holdings(),
        desired=desired,
        prune=False,
        issue_existing=False,
    )
    assert not isinstance(planned, SetupRefused)
    return planned.write, names, line


def _text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8-sig")


async def _evidence(machine: Machine, opened: OpenStore, settings: Settings, write: SetupWrite, names: Sequence[str]) -> Evidence:
    from drempel.adapters.clock import SystemClock  # noqa: PLC0415  # the command line starts fast
    from drempel.wiring.planning import make_linter  # noqa: PLC0415
    from drempel.wiring.services import limits_of  # noqa: PLC0415

    async with machine.open_transport(settings) as transport:
        linter = await make_linter(
            store=cast("SqlStore", opened.store),
            write=write,
            transport=transport,
            clock=SystemClock(),
            limits=limits_of(settings),
        )
        return await linter.gather(names)


def _lines(
    found: Sequence[LintFinding], evidence: Evidence, file: Path | None, line: Callable[[LintFinding], int | None]
) -> list[str]:
    from drempel.cli.showing import harmless  # noqa: PLC0415  # the command line starts fast

    told: list[str] = []
    for one in found:
        where = f"{file}, line {line(one)}: " if file is not None else ""
        told.append(f"{where}{one.level.value} {one.code}: integration {one.integration}: {harmless(one.message)}")
        told.append(f"  {harmless(one.remedy)}")
        told += [f"    {harmless(text)}" for text in one.toml.splitlines()]
    errors = sum(one.level.value == "error" for one in found)
    mappings = [mapping for name in evidence.integrations for mapping in evidence.setup.integrations[name].mappings]
    names = len({(mapping.site_id, name) for mapping in mappings for name in mapping.component_names})
    looked = f"{len(mappings)} mapping{'' if len(mappings) == 1 else 's'}, {names} name{'' if names == 1 else 's'}"
    warnings = len(found) - errors
    said = f"{errors} error{'' if errors == 1 else 's'}, {warnings} warning{'' if warnings == 1 else 's'}"
    return [*told, f"{looked}: {said}"]


def _object(
    found: Sequence[LintFinding], evidence: Evidence, file: Path | None, line: Callable[[LintFinding], int | None]
) -> dict[str, Any]:
    def shown(one: LintFinding) -> dict[str, Any]:
        mapping = None if one.mapping is None else evidence.setup.integrations[one.integration].mappings[one.mapping]
        return {
            "level": one.level.value,
            "code": one.code,
            "integration": one.integration,
            "object": None if mapping is None else mapping.object_id,
            "site_id": None if mapping is None else mapping.site_id,
            "file": None if file is None else str(file),
            "line": line(one),
            "message": one.message,
            "remedy": one.remedy,
            "toml": one.toml,
        }

    errors = sum(one.level.value == "error" for one in found)
    return {"errors": errors, "warnings": len(found) - errors, "findings": [shown(one) for one in found]}
