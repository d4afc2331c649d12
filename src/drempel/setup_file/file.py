"""The whole file: reads it, checks it against itself and against what is set up already."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from drempel.engine.setup import DesiredIntegration, DesiredSource, Setup
from drempel.engine.setup_plan import DesiredSetup
from drempel.setup_file.integrations import INTEGRATION_KEYS, read_integration
from drempel.setup_file.lines import KeyPath, line_of, lines_of
from drempel.setup_file.problems import Problem, Problems, SetupFileError, key_for_people
from drempel.setup_file.sources import SOURCE_KEYS, read_source
from drempel.setup_file.table import Place, Table

__all__ = ["check_setup_content", "read_setup_file", "read_setup_text"]

FILE_BYTES_MAX: Final = 4 * 1024 * 1024
TOP_KEYS: Final = ("sources", "integrations")
TOML_LINE: Final = re.compile(r" \(at line (\d+), column \d+\)$")


def read_setup_file(path: Path, *, environ: Mapping[str, str], present: Setup, prune: bool = False) -> DesiredSetup:
    """What the file wants. Raises `SetupFileError` with every problem at once.

    `present` is what is set up already: an integration may follow a source that stands only there, unless `prune` removes it.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise _file_error(path, f"cannot be read ({error.strerror}).") from error
    if len(raw) > FILE_BYTES_MAX:
        raise _file_error(path, f"is longer than {FILE_BYTES_MAX} bytes; that is no set-up file.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _file_error(path, "is not written in UTF-8.", line=raw.count(b"\n", 0, error.start) + 1) from error
    return read_setup_text(text, file=str(path), folder=path.parent, environ=environ, present=present, prune=prune)


def read_setup_text(
    text: str, *, file: str, folder: Path, environ: Mapping[str, str], present: Setup, prune: bool = False
) -> DesiredSetup:
    """The same for a text; `folder` is what relative paths in it start from."""
    try:
        content: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = TOML_LINE.search(str(error))
        line = int(found[1]) if found else max(1, text.count("\n"))
        raise _file_error(Path(file), f"is not TOML: {TOML_LINE.sub('', str(error))}.", line=line) from error
    wanted, wrong = check_setup_content(content, folder=folder, environ=environ, present=present, prune=prune)
    if wrong:
        lines = lines_of(text)
        found_problems = [Problem(line=line_of(lines, path), key=key_for_people(path), reason=reason) for path, reason in wrong]
        raise SetupFileError(file, sorted(found_problems, key=lambda problem: problem.line))
    return wanted


def check_setup_content(
    content: Mapping[str, Any], *, folder: Path, environ: Mapping[str, str], present: Setup, prune: bool = False
) -> tuple[DesiredSetup, list[tuple[KeyPath, str]]]:
    """The same for content that is read already: what it wants, with stand-ins where something is wrong, and what is wrong, each at its key."""
    problems = Problems()
    top = Table(content, path=(), keys=TOP_KEYS, problems=problems, place=Place(folder=folder, environ=environ))
    source_tables = top.tables("sources", keys=SOURCE_KEYS)
    integration_tables = top.tables("integrations", keys=INTEGRATION_KEYS)
    sources = [read_source(table) for table in source_tables]
    integrations = [read_integration(table) for table in integration_tables]
    _refuse_equal_names(source_tables, [source.name for source in sources])
    _refuse_equal_names(integration_tables, [integration.name for integration in integrations])
    _refuse_unknown_sources(integration_tables, integrations, sources=sources, present=present, prune=prune)
    _refuse_shared_fields(integration_tables, integrations, present=present, prune=prune)
    _refuse_shared_doors(integration_tables, integrations, present=present, prune=prune)
    return DesiredSetup(sources=tuple(sources), integrations=tuple(integrations)), list(problems.found)


def _file_error(path: Path, reason: str, *, line: int = 1) -> SetupFileError:
    return SetupFileError(str(path), [Problem(line=line, key="file", reason=reason)])


def _refuse_equal_names(tables: Sequence[Table], names: Sequence[str]) -> None:
    for index, (table, name) in enumerate(zip(tables, names, strict=True)):
        if name and name in names[:index]:
            table.wrong("name", f"{name!r} is the name of an earlier table too. Give each a name of its own.")


def _refuse_unknown_sources(
    tables: Sequence[Table],
    integrations: Sequence[DesiredIntegration],
    *,
    sources: Sequence[DesiredSource],
    present: Setup,
    prune: bool,
) -> None:
    known = {source.name for source in sources} | (set() if prune else set(present.sources))
    for table, integration in zip(tables, integrations, strict=True):
        if integration.source and integration.source not in known:
            near = get_close_matches(integration.source, sorted(known), n=1)
            hint = f"Did you mean {near[0]}?" if near else "Add a [[sources]] table of that name."
            table.wrong("source", f"{integration.source!r} is no source of this file or of what is set up already. {hint}")


def _refuse_shared_doors(
    tables: Sequence[Table], integrations: Sequence[DesiredIntegration], *, present: Setup, prune: bool
) -> None:
    """Two integrations that map one object of one source at one site would each issue: two live accesses for one booking."""
    named = {integration.name for integration in integrations}
    taken: dict[tuple[str, str, str], str] = {}
    if not prune:
        for other in present.integrations.values():
            if other.name not in named:
                taken |= {(other.source, mapping.object_id, mapping.site_id): other.name for mapping in other.mappings}
    for table, integration in zip(tables, integrations, strict=True):
        for mapping in integration.mappings:
            owner = taken.setdefault((integration.source, mapping.object_id, mapping.site_id), integration.name)
            if owner != integration.name:
                table.wrong(
                    "mappings",
                    f"object {mapping.object_id!r} has doors at site {mapping.site_id!r} by integration {owner!r} of the same source already. "
                    "Map it in one of them.",
                )


def _refuse_shared_fields(
    tables: Sequence[Table], integrations: Sequence[DesiredIntegration], *, present: Setup, prune: bool
) -> None:
    """Two integrations that write the same booking field would take each other's ids for foreign ones."""
    named = {integration.name for integration in integrations}
    taken: dict[tuple[str, str], str] = {}
    if not prune:
        for other in present.integrations.values():
            if other.name not in named:
                taken[other.source, other.policy.authorization_field] = other.name
    for table, integration in zip(tables, integrations, strict=True):
        field = integration.policy.authorization_field
        owner = taken.setdefault((integration.source, field), integration.name)
        if field and owner != integration.name:
            table.wrong(
                "authorization_field", f"{field!r} is written by integration {owner!r} of the same source. Choose another field."
            )
