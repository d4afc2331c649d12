"""Sentences that can be said in other languages: an English template and what is filled into it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

__all__ = ["Sentence", "template"]


def template(text: str) -> str:
    """Marks a template that a `Sentence` is made of elsewhere, so that it is found for translation."""
    return text


class Sentence(str):  # noqa: SLOT000  # it carries its template
    """English text that remembers its template, so that a page can say it in the reader's language. Names and figures stay as they are."""

    template: str
    blanks: dict[str, str]

    def __new__(cls, template: str, **blanks: object) -> Self:
        filled = {name: value if isinstance(value, str) else str(value) for name, value in blanks.items()}
        made = super().__new__(cls, template.format(**filled))
        made.template, made.blanks = template, filled
        return made

    def in_language(self, said: Callable[[str], str]) -> str:
        """`said` translates a template. Sentences within the sentence are translated too."""
        blanks = {name: value.in_language(said) if isinstance(value, Sentence) else value for name, value in self.blanks.items()}
        return said(self.template).format(**blanks)
