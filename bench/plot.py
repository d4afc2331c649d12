"""The figures as bars, in SVG written by hand: no library, no script, readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from bench.figures import Figures, Run

__all__ = ["label", "svg"]

WIDTH, PANEL_WIDTH, GAP = 880, 400, 40
BAR, PAIR, TITLE, LABEL = 16, 22, 44, 118
COLORS = {0: "#8a8f98", 1: "#2f6fde", 2: "#1d9a6c"}
Value = Callable[[Figures], float | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """One quantity: a strong bar for each contender, and perhaps a faint one behind it."""

    title: str
    unit: str
    strong: Value
    faint: Value | None = None
    limit: Callable[[Run], float] | None = None
    """Where the design's budget lies."""


PANELS = (
    Panel(
        "bookings per second, all at once",
        "/s",
        lambda of: of.per_second,
        limit=lambda run: 0.8 * run.bare.per_second,
    ),
    Panel(
        "event to set: p50 (budget), p99",
        " ms",
        lambda of: of.latency.event_to_set.p50 if of.latency else None,
        lambda of: of.latency.event_to_set.p99 if of.latency else None,
        lambda run: 3 * run.calls_ms,
    ),
    Panel(
        "hint to 202: p50, p99 (budget)",
        " ms",
        lambda of: of.hints.to_accepted.p50 if of.hints else None,
        lambda of: of.hints.to_accepted.p99 if of.hints else None,
        lambda _: 25.0,
    ),
    Panel("memory: end, peak (budget)", " MiB", lambda of: of.end_mib, lambda of: of.peak_mib, lambda _: 150.0),
)


def svg(run: Run) -> str:
    """A picture of one run. The dashed line in each panel is the design's budget."""
    panel_height = TITLE + len(run.contenders) * 2 * PAIR + 10
    height = 70 + 2 * panel_height
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12" role="img">',
        f"<title>{escape(_heading(run))}</title>",
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#ffffff"/>',
        f'<text x="20" y="28" font-size="15" font-weight="600" fill="#1b1f24">{escape(_heading(run))}</text>',
        f'<text x="20" y="48" fill="#59636e">{escape(_place(run))}</text>',
    ]
    for number, panel in enumerate(PANELS):
        x, y = 20 + number % 2 * (PANEL_WIDTH + GAP), 60 + number // 2 * panel_height
        parts += _panel(run, panel, x, y)
    return "\n".join((*parts, "</svg>", ""))


def _panel(run: Run, panel: Panel, x: int, y: int) -> list[str]:
    limit = panel.limit(run) if panel.limit is not None else 0.0
    values = [(panel.strong(of), panel.faint(of) if panel.faint is not None else None) for of in run.contenders]
    most = max([limit, *(value for pair in values for value in pair if value is not None)]) or 1.0
    scale = (PANEL_WIDTH - LABEL - 70) / most
    parts = [f'<text x="{x}" y="{y + 24}" font-weight="600" fill="#1b1f24">{escape(panel.title)}</text>']
    bars: list[str] = []
    at = y + TITLE
    for number, (of, (strong, faint)) in enumerate(zip(run.contenders, values, strict=True)):
        parts.append(label(x + LABEL - 8, at + 13, _short(of), anchor="end"))
        if strong is None:
            parts.append(label(x + LABEL, at + 13, "does not apply"))
            at += PAIR
        for value, opacity in ((strong, 1.0), (faint, 0.45)):
            if value is not None:
                long = max(1.0, value * scale)
                color = COLORS[number % len(COLORS)]
                bars.append(
                    f'<rect x="{x + LABEL}" y="{at}" width="{long:.1f}" height="{BAR}" rx="2" fill="{color}" opacity="{opacity}"/>'
                )
                parts.append(label(x + LABEL + long + 5, at + 13, f"{_number(value)}{panel.unit}"))
                at += PAIR
    if limit:
        line = x + LABEL + limit * scale
        dashes = 'stroke="#c0392b" stroke-dasharray="4 3"'
        bars.append(f'<line x1="{line:.1f}" x2="{line:.1f}" y1="{y + TITLE - 6}" y2="{at}" {dashes}/>')
    return [*bars, *parts]


def label(x: float, y: float, text: str, *, anchor: str = "start") -> str:
    """With a white edge: it may lie on a line."""
    look = f'text-anchor="{anchor}" fill="#1b1f24" stroke="#ffffff" stroke-width="3" paint-order="stroke"'
    return f'<text x="{x:.1f}" y="{y}" {look}>{escape(text)}</text>'


def _heading(run: Run) -> str:
    return f"Drempel beside a bare client: Resivo answers in {run.resivo_ms:g} ms, i-Reserve in {run.ireserve_ms:g} ms"


def _place(run: Run) -> str:
    machine = run.machine
    return f"{machine.cores} cores, Python {machine.python}, {machine.system}; dashed: the budget of the design"


def _short(of: Figures) -> str:
    return of.name.removeprefix("Drempel, ")


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"
