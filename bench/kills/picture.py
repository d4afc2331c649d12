"""Take-over times as a picture: one panel for each scene, one bar for each quarter of a second."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bench.kills.report import STEP_SECONDS, STEPS_MAX, takeover_line
from bench.kills.scene import Result
from bench.plot import label

__all__ = ["svg"]

WIDTH, PANEL, LEFT, BASE = 880, 150, 20, 110
COLOR = "#2f6fde"


def svg(results: Sequence[Result]) -> str:
    shown = [result for result in results if result.takeovers]
    height = 60 + PANEL * max(1, len(shown))
    title = "From a kill to the moment that somebody else has taken up the first booking that was in hand"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="28" font-size="15" font-weight="600" fill="#1b1f24">{escape(title)}</text>',
    ]
    for number, result in enumerate(shown):
        parts += _panel(result, 50 + number * PANEL)
    return "\n".join((*parts, "</svg>", ""))


def _panel(result: Result, top: int) -> list[str]:
    counts = [0] * (STEPS_MAX + 1)
    for value in result.takeovers:
        counts[min(STEPS_MAX, int(value / STEP_SECONDS))] += 1
    wide = (WIDTH - 2 * LEFT) / len(counts)
    parts = [label(LEFT, top + 14, f"{result.name}, {result.store}: {takeover_line(result)}")]
    for number, count in enumerate(counts):
        x = LEFT + number * wide
        if count:
            high = count / max(counts) * 70
            parts.append(
                f'<rect x="{x + 1:.1f}" y="{top + BASE - high:.1f}" width="{wide - 2:.1f}" height="{high:.1f}" fill="{COLOR}"/>'
            )
            parts.append(label(x + wide / 2, top + round(BASE - high) - 4, str(count), anchor="middle"))
        if number % 4 == 0:
            parts.append(label(x, top + BASE + 16, f"{number * STEP_SECONDS:g} s"))
    return parts
