"""Where the processor time of `drempel` goes: looks 250 times a second of it, which hardly slows what is looked at.

cProfile does not serve here: it loses its way between greenlets and coroutines. SIGUSR2 begins; the end of the program writes one line for each stack
with how often it was seen, the format that flame graphs are made of (speedscope.app reads it).
"""

from __future__ import annotations

import gc
import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

SECONDS = 0.004

_seen: Counter[str] = Counter()
_names: dict[int, str] = {}
"""By the id of the code, which lives as long as the program: to work a name out at each look was 3 % of what was looked at."""


def main() -> None:
    out = Path(sys.argv[1])
    sys.argv = ["drempel", *sys.argv[2:]]
    gc.callbacks.append(garbage_collection)
    signal.signal(signal.SIGPROF, _look)
    signal.signal(signal.SIGUSR2, lambda *_: signal.setitimer(signal.ITIMER_PROF, SECONDS, SECONDS))
    from drempel.cli.main import run  # noqa: PLC0415  # the program that is looked at

    try:
        run()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        out.write_text("".join(f"{stack} {count}\n" for stack, count in _seen.items()), "utf-8")


def garbage_collection(_phase: str, _info: dict[str, int]) -> None:
    """A signal that comes during a collection is delivered in here, right after it: so collections have a line of their own."""
    for _ in range(3):
        pass


def _look(_number: int, frame: FrameType | None) -> None:
    stack: list[str] = []
    while frame is not None:
        code = frame.f_code
        name = _names.get(id(code))
        if name is None:
            name = _names[id(code)] = (
                f"{getattr(code, 'co_qualname', code.co_name)} ({'/'.join(Path(code.co_filename).parts[-2:])})"
            )
        stack.append(name)
        frame = frame.f_back
    _seen[";".join(reversed(stack))] += 1


def own_times(collapsed: Path, most: int) -> list[tuple[float, str]]:
    """The functions in which the time itself was spent, with their share, most first."""
    own: Counter[str] = Counter()
    for line in collapsed.read_text("utf-8").splitlines():
        stack, _, count = line.rpartition(" ")
        own[stack.rpartition(";")[2]] += int(count)
    return [(count / own.total(), name) for name, count in own.most_common(most)]


if __name__ == "__main__":
    main()
