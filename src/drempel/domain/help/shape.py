"""What is told about one failure, beside its sentence and its remedy."""

from __future__ import annotations

from enum import StrEnum

from drempel.domain.values import value

__all__ = ["Help", "HelpPage"]


class HelpPage(StrEnum):
    """A page on which a failure is repaired."""

    NEEDS = "needs"
    BOOKINGS = "bookings"
    """The page of the booking itself, out of the list."""
    MAPPING = "mapping"
    DETAILS = "details"
    CONNECTION = "connection"
    """The credential, the site and the profile of an integration."""
    SOURCE = "source"


@value(frozen=True, slots=True, kw_only=True)
class Help:
    """Each text is one or more whole sentences for a facility manager, without blanks to fill in."""

    title: str
    """The failure in a few words, where no booking is at hand to fill its sentence."""
    meaning: str
    steps: tuple[str, ...]
    """What to look at and what to do, in this order, by pages alone."""
    meanwhile: tuple[str, ...]
    """What Drempel does by itself."""
    visitor: str
    """What the visitor notices."""
    over: str
    """How one sees that it is over."""
    pages: tuple[HelpPage, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """Every text, for the catalogues."""
        return (self.title, self.meaning, *self.steps, *self.meanwhile, self.visitor, self.over)
