from __future__ import annotations

import pytest

from drempel.web.pages.said import ANSWERED, SAID, in_words, is_ours


def shouted(text: str) -> str:
    """A language in which every sentence of ours is in capitals."""
    return text.upper().replace("{STATUS}", "{status}") if text == ANSWERED or text in SAID.values() else text


@pytest.mark.parametrize(
    ("text", "told", "ours"),
    [
        ("no answer", "NO ANSWER", True),
        ("answered 401", "ANSWERED 401", True),
        (
            "create_remote_access: no usable answer; the access may exist",
            "create_remote_access: NO USABLE ANSWER; THE ACCESS MAY EXIST",
            True,
        ),
        ("token answered 500: no usable answer", "token ANSWERED 500: NO USABLE ANSWER", True),
        ("token answered 400: Bad scope: x", "token ANSWERED 400: Bad scope: x", False),
        ("Door is broken", "Door is broken", False),
        ("Door: no answer", "Door: no answer", False),
        ("", "", False),
    ],
)
def test_our_own_words_are_translated_and_those_of_the_other_side_stay(text: str, told: str, *, ours: bool) -> None:
    assert in_words(text, shouted) == told
    assert is_ours(text) is ours
