"""What can be seen on this machine: settings, key file, database, schema, clock, levers that stand."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from drempel.adapters.clock import SystemClock
from drempel.adapters.secret_key_file import key_file_warning
from drempel.cli.findings import Findings
from drempel.cli.machine import OpenStore
from drempel.domain.access import BookingState
from drempel.engine.invitations import anybody_can_administer
from drempel.settings import Settings

__all__ = ["examine_database", "examine_settings"]

CLOCKS_APART_MAX: Final = timedelta(seconds=5)


def examine_settings(settings: Settings, findings: Findings) -> None:
    """Settings that are right and yet look like a mistake."""
    for warning in settings.warnings:
        findings.warning("settings", warning)
    open_key = key_file_warning(settings.data_dir) if settings.secret_key is None else None
    if open_key is not None:
        findings.warning("settings", open_key)
    if not settings.warnings:
        findings.ok("settings", "every value can be used.")


async def examine_database(opened: OpenStore, settings: Settings, findings: Findings) -> bool:
    """Whether the database is fit for the checks that follow."""
    state = await opened.store.schema_state()
    kind = "PostgreSQL" if settings.on_postgresql else f"SQLite, {settings.sqlite_path}"
    findings.ok("database", f"answers ({kind}), and the key opens its secrets.")
    match state:
        case "current":
            findings.ok("schema", "is current.")
        case "older":
            findings.problem("schema", "is older than this program. Stop all workers, make a backup, then say `drempel migrate`.")
            return False
        case _:
            findings.problem("schema", "was made by a later version of Drempel. Install that version or a newer one.")
            return False
    apart = abs(await opened.store.now() - SystemClock().now())
    if apart > CLOCKS_APART_MAX:
        findings.problem(
            "clock", f"this machine and the database differ by {apart.total_seconds():.0f} s. Set both by a time server (NTP)."
        )
    else:
        findings.ok("clock", "this machine and the database agree.")
    await _examine_levers(opened, findings)
    await _examine_people(opened, findings)
    return True


async def _examine_people(opened: OpenStore, findings: Findings) -> None:
    if anybody_can_administer(await opened.people.people()):
        findings.ok("people", "an administrator can sign in.")
    else:
        findings.warning("people", "nobody can sign in as administrator yet: say `drempel invite NAME --role administrator`.")


async def _examine_levers(opened: OpenStore, findings: Findings) -> None:
    waiting = (await opened.records.count_by_state()).get(BookingState.NEEDS_PERSON, 0)
    if waiting:
        findings.warning(
            "bookings", f"{waiting} need{'s' if waiting == 1 else ''} a person: see `drempel bookings --state needs_person`."
        )
    for brake in await opened.records.brakes():
        if brake.holds:
            findings.warning(
                "brake", f"that of {brake.source} holds. Look why bookings vanished; then `drempel brake release {brake.source}`."
            )
    for pause in (await opened.store.pauses()).values():
        if pause.code:
            findings.warning(
                "pause", f"{pause.key} waits since {pause.since:%Y-%m-%d %H:%M} UTC because of {pause.code} ({pause.detail})."
            )
