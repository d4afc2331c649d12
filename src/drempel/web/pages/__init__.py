"""The pages for people: what Drempel is doing, why, and the levers. Shown in `drempel demo` only, until there is sign-in."""

from drempel.web.pages.rendering import PageLink
from drempel.web.pages.routes import demo_pages

__all__ = ["PageLink", "demo_pages"]
