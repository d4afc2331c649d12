"""Somebody who has the pages and nothing else. What is on them is named in English here, and looked for in the person's language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from playwright.sync_api import Browser, Locator, Page, expect

from drempel.domain.failures import CATALOGUE
from drempel.web.pages.language import speech
from tests.browser.house import House

__all__ = ["Person", "a_person"]

PASSWORD: Final = "een lang wachtwoord voor de proef"
COMMAND: Final = re.compile(r"\bdrempel [a-z-]+\b|--[a-z]")
"""What is typed at a terminal. The product's own name begins with a capital."""
CODE: Final = re.compile("|".join(re.escape(code) for code in CATALOGUE))

SEEN: Final = """main => { const copy = main.cloneNode(true);
    copy.querySelectorAll(".unseen").forEach((each) => each.remove()); return copy.innerText; }"""
"""Without what is there to be read out."""


class Person:
    """In front of one window."""

    def __init__(self, page: Page, house: House, language: str) -> None:
        self.page = page
        self.main = page.locator("main")
        self._house = house
        self._speech = speech(language)

    def says(self, english: str, **filled: str) -> str:
        """The sentence as it stands on this person's pages."""
        text = self._speech.gettext(english)
        if text == english:
            text = self._speech.ngettext(english, english, 1)
        assert text != english or english in {"Details", "Status"}, f"not translated: {english}"
        return (text % filled if filled else text).strip()

    # --- looking

    def reads(self, english: str, **filled: str) -> None:
        expect(self.main).to_contain_text(self.says(english, **filled))

    def no_longer_reads(self, english: str, **filled: str) -> None:
        """Without a reload: the page shows by itself what has changed."""
        expect(self.main).not_to_contain_text(self.says(english, **filled))

    def card(self, text: str) -> Locator:
        """Of the list *needs a person*."""
        return self.main.locator(".card").filter(has_text=text)

    def finds_plain_words(self) -> None:
        """Nothing here is a command or a code."""
        text = self.main.evaluate(SEEN)
        assert COMMAND.search(text) is None, text
        assert CODE.search(text) is None, text

    # --- doing

    def comes_in(self) -> None:
        """By the one-time link of the terminal."""
        self.page.goto(self._house.link)
        self.fills(password=PASSWORD, again=PASSWORD)
        self.main.locator("form button").click()
        expect(self.page.locator("nav.you")).to_be_visible()

    def goes_to_needs(self) -> None:
        """From the first page, by what it shows."""
        self.page.goto("/")
        self.page.locator("#lead .needs-note").first.click()
        expect(self.page.locator("nav.pages [aria-current]")).to_contain_text(self.says("Needs a person"))
        self.finds_plain_words()

    def finds_needy(self, booking: str) -> None:
        """On the list *needs a person*, come to from the first page."""
        self.page.goto("/")
        self.reads("One booking needs a person")
        self.goes_to_needs()
        expect(self.card(booking)).to_be_visible()

    def follows(self, english: str) -> None:
        self.main.get_by_role("link", name=self.says(english)).first.click()

    def presses(self, english: str) -> None:
        self.main.get_by_role("button", name=self.says(english)).first.click()

    def opens_up(self, english: str) -> None:
        self.main.locator("summary").filter(has_text=self.says(english)).click()

    def fills(self, **fields: str) -> None:
        for name, value in fields.items():
            self.main.locator(f"input[name='{name}']:not([type=hidden])").fill(value)

    def chooses(self, **fields: str) -> None:
        for name, value in fields.items():
            self.main.locator(f"select[name='{name}']").select_option(value)

    def saves(self) -> None:
        """On the page that shows what changes."""
        self.presses("Save")
        expect(self.main.locator(".flash")).to_be_visible()


@contextmanager
def a_person(browser: Browser, house: House, language: str, **options: Any) -> Iterator[Person]:
    """Whatever the browser refuses or reports as an error fails the test."""
    complaints: list[str] = []
    context = browser.new_context(
        base_url=house.url, **{"locale": language, "viewport": {"width": 1280, "height": 900}, **options}
    )
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield Person(page, house, language)
    finally:
        context.close()
    assert complaints == []
