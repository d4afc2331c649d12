"""The block of figures in docs/scale.md, between two comments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.processes import BenchFailed

if TYPE_CHECKING:
    from bench.scale import Scale

__all__ = ["PAGE", "block", "write"]

PAGE = Path(__file__).parents[1] / "docs" / "scale.md"
BEGIN = "<!-- scale: begin, written by `python -m bench.scale --write-docs` -->"
END = "<!-- scale: end -->"
LINE_CHARACTERS = 150
BUSY_LOAD = 0.5
NOISE = ("InitPlan", "Result  (", "Index Searches", "Storage: Memory")
KIB, MIB = 1024, 1024 * 1024


def write(run: Scale, page: Path = PAGE) -> None:
    """Put this run's figures in the place of those that stand there."""
    text = page.read_text("utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise BenchFailed(f"{page} has not both comments {BEGIN} and {END}: put them where the figures belong.")
    page.write_text(f"{before}{BEGIN}\n\n{block(run)}\n\n{END}{after}", "utf-8")


def block(run: Scale, *, plan: bool = True) -> str:
    machine = run.machine
    busy = machine.load_before > BUSY_LOAD
    lines = [
        (
            f"Measured {machine.at} on {machine.cores} cores (simulators, load, database and workers share them), Python {machine.python}, "
            f"{machine.system}, {machine.filesystem}; load of the machine before the run {machine.load_before:.1f}."
        ),
        *(
            [
                "",
                "The machine was not quiet: latencies are those of a busy machine, only beside each other do they say something.",
            ]
            if busy
            else []
        ),
        "",
        "| `drempel worker` processes | bookings/s | CPU per booking: workers | web | PostgreSQL | accesses made by each | made twice | WAL per booking |",
        "| ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: |",
        *(
            f"| {of.workers} | {of.per_second:.0f} | {of.workers_cpu_ms:.1f} ms | {of.web_cpu_ms:.1f} ms | {of.database_cpu_ms:.1f} ms "
            f"| {', '.join(map(str, of.made))} of {of.bookings} | 0 | {of.wal_bytes / KIB:.1f} KiB |"
            for of in run.workers
        ),
        "",
        "| bookings that wait | claim that finds nothing, p50 / p99 | hint to 202, p50 / p99 | CPU of an idle worker in a minute | database |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(
            f"| {of.store}, {of.waiting:,} | {of.claim.p50:.1f} / {of.claim.p99:.1f} ms | {of.hint.p50:.1f} / {of.hint.p99:.1f} ms "
            f"| {of.idle_cpu_seconds:.2f} s | {of.bytes / MIB:,.0f} MiB |"
            for of in run.waiting
        ),
        "",
        "Bytes on disk for a booking with its access and its whole history, indexes included: "
        + ", ".join(f"{store} {size / KIB:.1f} KiB" for store, size in run.bytes_per_booking.items())
        + ". Beyond the first hundred thousand the waiting bookings have no history here, which no claim looks at.",
    ]
    if plan:
        most = max(of.waiting for of in run.waiting)
        shown = [line[:LINE_CHARACTERS] for line in run.plan if not any(word in line for word in NOISE)]
        lines += [
            "",
            (
                f"The claim's plan on PostgreSQL with {most:,} bookings waiting and 10,000 of them due at once "
                f"({run.claim_of_due_ms:.0f} ms; lines of constants left out, long ones cut):"
            ),
            "",
            "```",
            *shown,
            "```",
        ]
    return "\n".join(lines)
