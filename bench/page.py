"""The block of figures in docs/speed.md, between two comments. Everything else on that page is written by people."""

from __future__ import annotations

from pathlib import Path

from bench.figures import Run
from bench.processes import BenchFailed
from bench.table import markdown

__all__ = ["PAGE", "block", "put_between", "write"]

PAGE = Path(__file__).parents[1] / "docs" / "speed.md"
BEGIN = "<!-- figures: written by `python -m bench --write-docs` -->"
END = "<!-- figures: end -->"


def write(run: Run, page: Path = PAGE) -> None:
    """Put this run's figures in the place of those that stand there."""
    put_between(page, BEGIN, END, block(run))


def put_between(page: Path, first: str, last: str, figures: str) -> None:
    """Put figures in the place of what stands between two comments of a page."""
    text = page.read_text("utf-8")
    before, begin, rest = text.partition(first)
    _, end, after = rest.partition(last)
    if not (begin and end):
        raise BenchFailed(f"{page} has not both comments {first} and {last}: put them where the figures belong.")
    page.write_text(f"{before}{first}\n\n{figures}\n\n{last}{after}", "utf-8")


def block(run: Run) -> str:
    machine = run.machine
    repeats = len(run.bare.throughput)
    lines = [
        f"Measured {machine.at} on {machine.cores} cores, Python {machine.python}, {machine.system}, {machine.filesystem} "
        f"(a flush of 4 KiB takes {machine.flush_ms:.1f} ms there); load of the machine before the run {machine.load_before:.1f}. "
        f"Resivo answers in {run.resivo_ms:g} ms, i-Reserve in {run.ireserve_ms:g} ms; {run.bookings} bookings, "
        f"{_times(repeats)}" + ("; write-backs come back as hints." if run.echo else "."),
        "",
        markdown(run),
    ]
    verdicts = _verdicts(run)
    if verdicts:
        lines += ["", "Beside the budget of the design:", "", *verdicts]
    return "\n".join(lines)


def _times(repeats: int) -> str:
    return "once" if repeats == 1 else f"{repeats} times (median; slowest and fastest in brackets)"


def _verdicts(run: Run) -> list[str]:
    lines = []
    for of in run.contenders[1:]:
        told = [_told(f"{run.ratio(of):.2f} of the bare client", run.ratio(of) >= 0.8, "0.8 or more")]
        if of.hints is not None:
            p99 = of.hints.to_accepted.p99
            told.append(_told(f"hint to 202 p99 {p99:.1f} ms", p99 <= 25, "25 ms or less"))
        if of.latency is not None:
            times = of.latency.event_to_set.p50 / run.calls_ms
            told.append(_told(f"event to set p50 {times:.1f} times the calls", times <= 3, "3 or less"))
        if of.peak_mib is not None:
            told.append(_told(f"peak {of.peak_mib:.0f} MiB", of.peak_mib <= 150, "150 or less"))
        lines.append(f"- {of.name}: " + "; ".join(told))
    return lines


def _told(measured: str, kept: bool, budget: str) -> str:  # noqa: FBT001
    return f"{measured} ({'kept' if kept else 'missed'}: {budget})"
