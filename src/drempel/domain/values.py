"""`value`: a dataclass that mypy holds frozen, and that is made as fast as one that is not.

A frozen dataclass sets each of its fields through `object.__setattr__`, which makes it three times as dear to make. Nearly all that a run handles
are values, and their making was a tenth of its processor time (docs/decisions/0035). Who writes to one is told by `make check`, not when it happens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:
    from collections.abc import Callable
    from dataclasses import dataclass

    def value(*, frozen: bool, **options: Any) -> Callable[[type], type]:
        """As `dataclass` with the same arguments: equal and hashed by its fields."""
        assert frozen, "a value is never changed"
        return dataclass(unsafe_hash=True, **options)


__all__ = ["value"]
